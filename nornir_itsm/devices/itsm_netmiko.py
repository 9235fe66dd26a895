"""Nornir connection plugin ``itsm-netmiko``: netmiko's drivers on libssh2, or on paramiko."""

from typing import TYPE_CHECKING, Any

from nornir_itsm.devices.credentials import resolve, resolve_username
from nornir_itsm.errors import ConfigError

if TYPE_CHECKING:
    from netmiko import BaseConnection
    from nornir.core.configuration import Config

CONNECTION = "itsm-netmiko"
_GENERIC = {
    "ios": "cisco_ios",
    "nxos": "cisco_nxos",
    "nxos_ssh": "cisco_nxos",
    "eos": "arista_eos",
    "junos": "juniper_junos",
    "iosxr": "cisco_xr",
}
"""Platform names that other Nornir plugins use -> netmiko's."""


class NetmikoConnection:
    """``connection`` is a netmiko connection: tasks of nornir-netmiko's kind work on it as they are.

    Extras are netmiko's keywords, and ``transport`` (``auto``, ``libssh2``, ``paramiko``), ``until`` and
    ``prompt``.
    Unlike netmiko, unknown host keys are refused unless ``ssh_strict`` is False, and the user's own
    known_hosts is read where no file is named. A user name or password may be a reference, env:NAME or
    file:/path.
    """

    connection: "BaseConnection"

    def open(  # noqa: PLR0913, PLR0917 - Nornir's signature
        self,
        hostname: str | None,
        username: str | None,
        password: str | None,
        port: int | None,
        platform: str | None,
        extras: dict[str, Any] | None = None,
        configuration: "Config | None" = None,
    ) -> None:
        """Connect and log in. Raises netmiko's exceptions, ConfigError."""
        from nornir_itsm.devices.drivers import driver

        device = str(hostname)
        config_file = configuration.ssh.config_file if configuration and configuration.ssh else None
        options: dict[str, Any] = {
            "host": hostname,
            "username": _resolved(username, device, name=True),
            "password": _resolved(password, device),
            "port": port,
            "device_type": _GENERIC.get(platform or "", platform or ""),
            "ssh_strict": True,
            "ssh_config_file": config_file,
            **(extras or {}),
        }
        if not options.get("alt_host_keys"):
            options.setdefault("system_host_keys", True)
        if options.get("global_cmd_verify") is False:
            hint = "leave global_cmd_verify out"
            raise ConfigError(device, "without echoes a command cannot be told from its answer", hint)
        try:
            kind = driver(options["device_type"])
        except (KeyError, ValueError):
            problem = f"netmiko has no driver {options['device_type']!r}"
            raise ConfigError(device, problem, "give the platform netmiko's name") from None
        self.connection = kind(**options)

    def close(self) -> None:
        """Close the connection."""
        self.connection.disconnect()


def _resolved(text: str | None, device: str, *, name: bool = False) -> str | None:
    if not text or not text.startswith(("env:", "file:")):
        return text
    return resolve_username(text, device) if name else resolve(text, device)
