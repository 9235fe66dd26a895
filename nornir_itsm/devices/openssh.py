"""What OpenSSH's own configuration says of the way to a host."""

from functools import lru_cache
from pathlib import Path

from paramiko import SSHConfig  # type: ignore[import-untyped]

_WAYS = ("proxycommand", "proxyjump", "port", "user")
"""What netmiko takes from OpenSSH's configuration, beside another host name."""


def has_another_way(config: str | None, host: str) -> bool:
    """Say whether OpenSSH's configuration leads to *host* by another way than straight."""
    path = Path(config).expanduser() if config else None
    if path is None or not path.is_file():
        return False
    found = _openssh(path, path.stat().st_mtime_ns).lookup(host)
    return found.get("hostname", host) != host or any(word in found for word in _WAYS)


@lru_cache(maxsize=8)
def _openssh(path: Path, changed: int) -> SSHConfig:  # noqa: ARG001 - read again when it has changed
    return SSHConfig.from_path(str(path))
