#!/bin/sh
# Install what the tests of this folder need, where it may: Debian or Ubuntu, root. Does only what is missing.
# Prints why it cannot, and ends with 1 then. No service is started: the tests start their own.
set -eu
cannot() { echo "$1"; exit 1; }
[ "$(uname -s)" = Linux ] || cannot "network namespaces are Linux'"
[ "$(id -u)" = 0 ] || cannot "only root may make network namespaces and users"
missing=
lacks() { command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || missing="$missing $2"; }
lacks ip iproute2; lacks nft nftables; lacks ping iputils-ping; lacks setcap libcap2-bin; lacks sysctl procps
lacks /usr/sbin/sshd openssh-server; lacks vtysh frr; lacks /usr/lib/frr/ospfd frr; lacks useradd passwd
if [ -n "$missing" ]; then
  command -v apt-get >/dev/null 2>&1 || cannot "not installed, and there is no apt-get:$missing"
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' > $policy; chmod 755 $policy
  fi
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  { apt-get -q update && apt-get -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing; } \
    > "$log" 2>&1 < /dev/null || cannot "apt-get cannot install$missing: $(tail -n 3 "$log" | tr '\n' ' ')"
fi
"$(dirname "$0")/labs/private.sh" true || cannot "this machine does not let root make namespaces"
