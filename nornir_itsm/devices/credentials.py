"""Accounts of devices. References are resolved when a connection is opened and never kept."""

from typing import TYPE_CHECKING

from nornir_itsm.errors import ConfigError
from nornir_itsm.references import WRITE, is_reference, resolve

if TYPE_CHECKING:
    from nornir.core.inventory import Host

__all__ = ["account", "resolve", "resolve_username"]


def account(host: "Host", connection: str, *, write: bool) -> tuple[str | None, str | None]:
    """Return user name and password of a host as the inventory has them, not resolved.

    For writing they are those of the connection options ``itsm-write``, where a host, its groups or the
    defaults have them; else, and for reading, those of *connection*.
    """
    usual = host.get_connection_parameters(connection)
    if write:
        own = host.get_connection_parameters(WRITE)  # falls back to the host's own account
        if (own.username, own.password) != (host.username, host.password):
            return own.username, own.password
    return usual.username, usual.password


def resolve_username(text: str | None, device: str) -> str:
    """Return a user name that stands in the inventory, or is referred to there."""
    if not text:
        raise ConfigError(device, "no user name", "fill the column username")
    return resolve(text, device) if is_reference(text) else text
