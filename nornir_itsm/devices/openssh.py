"""What OpenSSH's own configuration says of the way to a host."""

import os
import stat
from functools import lru_cache

from paramiko import SSHConfig  # type: ignore[import-untyped]

_WAYS = ("proxycommand", "proxyjump", "port", "user")
"""What netmiko takes from OpenSSH's configuration, beside another host name."""


def has_another_way(config: str | None, host: str) -> bool:
    """Say whether OpenSSH's configuration leads to *host* by another way than straight."""
    path = os.path.expanduser(config) if config else ""
    try:
        seen = os.stat(path)  # with every host: Path would cost more than the rest
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(seen.st_mode):
        return False
    found = _openssh(path, seen.st_mtime_ns).lookup(host)
    return found.get("hostname", host) != host or any(word in found for word in _WAYS)


@lru_cache(maxsize=8)
def _openssh(path: str, changed: int) -> SSHConfig:  # noqa: ARG001 - read again when it has changed
    return SSHConfig.from_path(path)
