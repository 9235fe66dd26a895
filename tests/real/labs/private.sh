#!/bin/sh
# Run a command where whatever it starts, mounts, routes and registers is gone when it ends: namespaces of
# its own for processes, mounts and network, and a copy of /etc. Needs root.
exec unshare --mount --net --uts --pid --fork --kill-child --mount-proc sh -euc '
  copy=$(mktemp -d); mount -t tmpfs tmpfs "$copy"; cp -a /etc/. "$copy"; mount --bind "$copy" /etc
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir /run/sshd /run/netns /run/frr
  if id frr >/dev/null 2>&1; then chown frr:frr /run/frr; fi
  ip link set lo up
  exec "$@"' sh "$@"
