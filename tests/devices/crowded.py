"""Connections to devices of the lab's crowd, as tests want them."""

from pathlib import Path
from typing import Any

from nornir.core import Nornir
from nornir.core.inventory import (
    ConnectionOptions,
    Defaults,
    Group,
    Groups,
    Host,
    Hosts,
    Inventory,
    ParentGroups,
)
from nornir.core.plugins.connections import ConnectionPluginRegister
from nornir.core.plugins.runners import RunnerPlugin

from nornir_itsm.devices.itsm_netmiko import CONNECTION, NetmikoConnection
from nornir_itsm.lab.crowd import Crowd, Device

PASSWORD = "示例-secret"


def trusted(crowd: Crowd, folder: Path) -> dict[str, Any]:
    """Extras that trust the crowd's host key and no other."""
    known = folder / "known_hosts"
    known.write_text(crowd.known_host, encoding="utf-8")
    return {"alt_host_keys": True, "alt_key_file": str(known)}


def connected(crowd: Crowd, device: Device, extras: dict[str, Any], password: str = PASSWORD) -> Any:
    """Open the connection plugin on one device and return netmiko's connection."""
    plugin = NetmikoConnection()
    plugin.open("127.0.0.1", device.name, password, crowd.port, device.vendor, extras)
    return plugin.connection


def nornir_of(
    crowd: Crowd, extras: dict[str, Any], runner: RunnerPlugin | None = None, **groups: Any
) -> Nornir:
    """Return a Nornir of all devices of a crowd; *groups*: name -> device names."""
    ConnectionPluginRegister.auto_register()
    made = Groups({name: Group(name) for name in groups})
    (Path(extras["alt_key_file"]).parent / "password").write_text(PASSWORD, encoding="utf-8")
    secret = f"file:{Path(extras['alt_key_file']).parent / 'password'}"

    def host(device: Device) -> Host:
        mine = ParentGroups(made[name] for name, members in groups.items() if device.name in members)
        options = {CONNECTION: ConnectionOptions(extras=extras)}
        return Host(
            device.name, hostname="127.0.0.1", port=crowd.port, username=device.name, password=secret,
            platform=device.vendor, groups=mine, connection_options=options,
        )  # fmt: skip

    hosts = Hosts({device.name: host(device) for device in crowd.devices.values()})
    return Nornir(Inventory(hosts, made, Defaults()), runner=runner)
