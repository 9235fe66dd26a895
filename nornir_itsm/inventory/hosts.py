"""Rows become Nornir hosts, with the groups and connection options that follow from them."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.inventory.labels import Header
from nornir_itsm.inventory.recognise import Recognition
from nornir_itsm.inventory.report import Report
from nornir_itsm.inventory.rows import Row, Shared
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.references import WRITE, cell_reference, is_reference

if TYPE_CHECKING:
    from nornir.core.inventory import ConnectionOptions, Group, Inventory

SSH_PORT = 22
_NOT_NETMIKO = frozenset({"server_bmc", "windows", "aliyun"})
_STRICT = {"ssh_strict": True, "system_host_keys": True}
_NUMBER = ("port",)
_NAMED = ("hostname", "port", "username", "password", "platform")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """The sheet that a row stands in."""

    path: Path
    sheet: str
    header: Header
    report: Report

    @property
    def where(self) -> str:
        """The sheet in words."""
        return f"{self.path}, sheet {self.sheet}"

    def place(self, number: int) -> str:
        """A row in words."""
        return f"sheet {self.sheet} row {number}"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What rows have in common; ``missing`` is what a list that is kept by hand must not lack."""

    recognition: Recognition
    port: int
    groups: tuple["Group", ...]
    missing: tuple[str, ...]


class HostMaker:
    """Fills an inventory that has its groups and defaults; ``problems`` are places and what is wrong."""

    def __init__(self, inventory: "Inventory", networks: Sequence[tuple[Network, str]]) -> None:
        """*networks* are prefixes with the group of their devices, the longest first."""
        self._inventory = inventory
        self._networks = networks
        self.problems: list[tuple[str, str]] = []
        self._undefined: dict[str, None] = {}
        self._defines = bool(inventory.groups)
        self._addresses: dict[tuple[str, int], str] = {}
        self._kinds: dict[tuple[Shared, tuple[str, ...], Recognition], _Kind] = {}
        self._shared: list[tuple[Report, str]] = []

    def add(self, origin: Origin, row: Row, *, strict: bool) -> None:
        """Make the host of a row."""
        from nornir.core.inventory import Host, ParentGroups

        key = row.shared, self._groups(row), row.recognition
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = self._kind(*key)
        self._inventory.hosts[row.name] = Host(
            name=row.name,
            hostname=row.address,
            port=kind.port,
            username=row.shared.cells.get("username"),
            password=_secret(origin, row, "password"),
            platform=kind.recognition.platform,
            groups=ParentGroups(kind.groups),
            data=row.data,
            connection_options=_options(origin, row, kind.recognition.platform),
            defaults=self._inventory.defaults,
        )
        if strict and kind.missing:
            self.problems += ((origin.where, f"row {row.number}: {problem}") for problem in kind.missing)
        origin.report.loaded += 1
        origin.report.recognised[kind.recognition] += 1
        self._remember(origin, row, kind.port)

    def _kind(self, shared: Shared, names: tuple[str, ...], told: Recognition) -> "_Kind":
        """Work out what all rows have in common that share so much."""
        from nornir.core.inventory import Host, ParentGroups

        cells = shared.cells
        groups = tuple(self._group(name) for name in names)
        inherits = Host("", groups=ParentGroups(groups), defaults=self._inventory.defaults)
        recognition = self._recognised(told, groups)
        platform = PLATFORMS.get(recognition.platform)
        usual = platform.port if platform else SSH_PORT
        port = int(cells["port"]) if "port" in cells else inherits.port or usual
        missing = [
            f"{key} is blank, and neither group nor defaults give one"
            for key in ("username", "password")
            if key not in cells and getattr(inherits, key) is None
        ]
        if not recognition.by:
            missing.insert(0, "platform is blank, and no line of the recognition table fits")
        return _Kind(recognition, port, groups, tuple(missing))

    def _recognised(self, told: Recognition, groups: tuple["Group", ...]) -> Recognition:
        """Its own column wins, then its groups, then what its template or name tell, then the defaults."""
        from nornir.core.inventory import Host, ParentGroups

        if told.by == "column":
            return told
        if platform := Host("", groups=ParentGroups(groups)).platform:
            return Recognition(platform, "group")
        if not told.by and self._inventory.defaults.platform:
            return Recognition(self._inventory.defaults.platform, "defaults")
        return told

    def told(self, report: Report) -> Report:
        """Return the report with what was noticed beside."""
        report.notes += (note for of, note in self._shared if of is report)
        if self._defines:
            report.notes += (f"group {name} is not defined" for name in self._undefined)
        return report

    def _groups(self, row: Row) -> tuple[str, ...]:
        if not self._networks:
            return row.shared.groups
        try:
            address = ipaddress.ip_address(row.address)
        except ValueError:
            return row.shared.groups
        found = next((group for network, group in self._networks if address in network), None)
        return (
            row.shared.groups if found is None or found in row.shared.groups else (*row.shared.groups, found)
        )

    def _group(self, name: str) -> Any:
        from nornir.core.inventory import Group

        groups = self._inventory.groups
        if name not in groups:
            groups[name] = Group(name, defaults=self._inventory.defaults)
            self._undefined[name] = None
        return groups[name]

    def _remember(self, origin: Origin, row: Row, port: int) -> None:
        other = self._addresses.setdefault((row.address, port), row.name)
        if other != row.name:
            note = f"{origin.place(row.number)}: {row.address} is the address of {other} and of {row.name}"
            self._shared.append((origin.report, note))
        if row.name == row.address:
            self._shared.append(
                (origin.report, f"{origin.place(row.number)}: {row.name} is named by its address")
            )


def _secret(origin: Origin, row: Row, key: str) -> str | None:
    """Return a reference: that of the cell, or one to the cell itself where it holds the password."""
    text = row.shared.cells.get(key)
    if text is None or is_reference(text):
        return text
    column = origin.header.fields[key] + 1
    return cell_reference(origin.path, origin.sheet, row.number, column)


def _options(origin: Origin, row: Row, name: str) -> dict[str, "ConnectionOptions"]:
    """Return Nornir's connection options; a relative CA file counts from the workbook's folder."""
    from nornir.core.inventory import ConnectionOptions

    cells = row.shared.cells
    platform = PLATFORMS.get(name)
    made: dict[str, ConnectionOptions] = {}
    if platform and platform.rest:
        extras = {"device": row.name}
        if "ca" in cells:
            extras["ca"] = str(origin.path.resolve().parent / cells["ca"])
        made["itsm-rest"] = ConnectionOptions(extras=extras)
    elif name not in _NOT_NETMIKO:
        driver = platform.cli.device_type if platform and platform.cli else name
        made["netmiko"] = ConnectionOptions(platform=driver, extras=dict(_STRICT))
    if "write_username" in cells or "write_password" in cells:
        password = _secret(origin, row, "write_password")
        made[WRITE] = ConnectionOptions(username=cells.get("write_username"), password=password)
    for (connection, key), text in row.options.items():
        _set(made.setdefault(connection, ConnectionOptions(extras={})), key, text)
    return made


def _set(options: "ConnectionOptions", key: str, text: str) -> None:
    """Take the cell of a column ``netmiko.conn_timeout``: a number or truth value where it looks like one."""
    value: Any = {"true": True, "false": False}.get(text.casefold(), text)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if key in _NAMED:
        setattr(options, key, value if key in _NUMBER else text)
    else:
        options.extras = {**(options.extras or {}), key: value}
