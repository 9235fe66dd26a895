"""Nornir inventory plugin ``itsm-excel``: one workbook row per device."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.platforms import PLATFORMS, Platform

if TYPE_CHECKING:
    from nornir.core.inventory import Group, Host, Inventory

_LABELS = {
    "name": ("name", "名称", "设备名", "设备名称"),
    "hostname": ("hostname", "地址", "管理地址"),
    "port": ("port", "端口", "SSH端口"),
    "platform": ("platform", "平台"),
    "username": ("username", "用户名"),
    "password": ("password", "密码"),
    "ca": ("ca", "CA证书"),
    "groups": ("groups", "group", "组"),
}
_FIELDS = {spelling.casefold(): field for field, spellings in _LABELS.items() for spelling in spellings}
_NEEDED = ("name", "hostname", "platform", "username", "password")
_NAME = re.compile(r"\w[\w.-]{0,63}")
_DNS = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")
_MOST_ROWS = 20_000
_HEADER_WITHIN = 10

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Cells

    def __getitem__(self, field: str) -> str:
        return self.cells.get(field, "")


class ExcelInventory:
    """Devices from the first sheet of a workbook; the header row is found by its labels.

    A password is a reference that is resolved when a connection is opened, never the password itself.
    Columns that are not ours become host data under their label.
    """

    def __init__(self, path: str) -> None:
        """Take the workbook at *path*; it is read by load()."""
        self._path = Path(path).expanduser()

    def load(self) -> "Inventory":
        """Read the workbook. Raises ConfigError that names the sheet and every row that is wrong."""
        from nornir.core.inventory import Defaults, Group, Groups, Hosts, Inventory

        sheet, rows = _read(self._path)
        where = f"{self._path}, sheet {sheet}"
        problems = [f"row {row.number}: {problem}" for row in rows for problem in _problems(row)]
        problems += _duplicates(rows)
        if problems:
            hint = "nothing was loaded: correct the rows and run again"
            raise ConfigError(where, "; ".join(problems[:20]), hint)
        groups = Groups({name: Group(name) for row in rows for name in _groups(row)})
        hosts = Hosts({row["name"]: _host(row, groups, self._path.resolve().parent) for row in rows})
        return Inventory(hosts, groups, Defaults())


def management_addresses(inventory: Mapping[str, Any]) -> dict[str, str]:
    """Return device -> where people log in to it, by the inventory of a Nornir configuration.

    Empty where that is no device list of ours, or one that cannot be read: documents go on without it.
    """
    path = (inventory.get("options") or {}).get("path")
    if inventory.get("plugin") != "itsm-excel" or not path:
        return {}
    try:
        hosts = ExcelInventory(path).load().hosts
    except ConfigError:
        return {}
    return {name: host.hostname or "" for name, host in hosts.items()}


def _read(path: Path) -> tuple[str, list[_Row]]:
    """Return the first sheet's name and its device rows."""
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # a broken workbook raises whatever its broken part raises
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not an Excel workbook"
        raise ConfigError(str(path), f"cannot be read: {reason}", "save the device list as .xlsx") from None
    try:
        sheet = book.worksheets[0]
        if hasattr(sheet, "reset_dimensions"):
            sheet.reset_dimensions()  # some programs write a wrong size into the file
        grid = enumerate(sheet.iter_rows(values_only=True), start=1)
        return sheet.title, list(_rows(grid, f"{path}, sheet {sheet.title}"))
    except ConfigError:
        raise
    except Exception:
        raise ConfigError(str(path), "the first sheet cannot be read", "save it again as .xlsx") from None
    finally:
        book.close()


def _rows(grid: Iterator[tuple[int, tuple[Any, ...]]], where: str) -> Iterator[_Row]:
    columns = _header(grid, where)
    for number, values in grid:
        if number > _MOST_ROWS:
            raise ConfigError(where, f"more than {_MOST_ROWS} rows", "is this the device list?")
        texts = [_text(value) for value in values]
        cells = {label: texts[at] for at, label in columns.items() if at < len(texts) and texts[at]}
        if cells:
            yield _Row(number, cells)


def _header(grid: Iterator[tuple[int, tuple[Any, ...]]], where: str) -> dict[int, str]:
    """Return column -> field or label, from the first row that names devices and addresses."""
    for number, values in grid:
        labels = {at: text for at, value in enumerate(values) if (text := _text(value))}
        columns = {at: _FIELDS.get(label.casefold(), label) for at, label in labels.items()}
        found = list(columns.values())
        if "name" in found and "hostname" in found:
            missing = [field for field in _NEEDED if field not in found]
            twice = sorted({label for label in found if found.count(label) > 1})
            if missing or twice:
                problem = f"no column {', '.join(missing)}" if missing else f"two columns {', '.join(twice)}"
                raise ConfigError(where, f"row {number}: {problem}", f"columns: {', '.join(_LABELS)}")
            return columns
        if number >= _HEADER_WITHIN:
            break
    problem = f"no header row with name and hostname within the first {_HEADER_WITHIN} rows"
    raise ConfigError(where, problem, f"columns: {', '.join(_LABELS)}")


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _problems(row: _Row) -> Iterator[str]:
    """Yield what is wrong with one row, without repeating what may be a secret."""
    for field in _NEEDED:
        if not row[field]:
            yield f"{field} is blank"
    if row["name"] and not _NAME.fullmatch(row["name"]):
        yield f"{row['name']!r:.80} cannot be a device name (letters, digits, . _ -, up to 64)"
    if row["hostname"] and not _is_address(row["hostname"]):
        yield f"{row['hostname']!r:.80} is no address"
    if row["platform"] and row["platform"] not in PLATFORMS:
        yield f"unknown platform {row['platform']!r:.80}, one of {', '.join(PLATFORMS)}"
    if row["port"] and not (row["port"].isascii() and row["port"].isdigit() and 0 < int(row["port"]) < 65536):
        yield f"{row['port']!r:.80} is no port"
    if row["password"] and not _REFERENCE.fullmatch(row["password"]):
        yield "the password is written out: write env:NAME or file:/path instead, and change that password"
    for group in _groups(row):
        if not _NAME.fullmatch(group):
            yield f"{group!r:.80} cannot be a group name"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        # Four numbers that are no address are a typing error, not a name.
        return bool(_DNS.fullmatch(text)) and not re.fullmatch(r"[0-9.]+", text)
    return True


def _duplicates(rows: list[_Row]) -> list[str]:
    problems: list[str] = []
    seen: dict[str, int] = {}
    for row in rows:
        name = row["name"].casefold()
        if name and name in seen:
            problems.append(f"row {row.number}: {row['name']} stands in row {seen[name]} already")
        seen.setdefault(name, row.number)
    return problems


def _groups(row: _Row) -> list[str]:
    return [name.strip() for name in re.split("[,，;；]", row["groups"]) if name.strip()]


def _host(row: _Row, groups: Mapping[str, "Group"], folder: Path) -> "Host":
    from nornir.core.inventory import Host, ParentGroups

    platform = PLATFORMS[row["platform"]]
    port = int(row["port"] or platform.port)
    data = {label: text for label, text in row.cells.items() if label not in _LABELS}
    return Host(
        name=row["name"],
        hostname=row["hostname"],
        port=port,
        username=row["username"],
        password=row["password"],
        platform=platform.name,
        groups=ParentGroups(groups[name] for name in _groups(row)),
        data=data,
        connection_options=_options(row, platform, port, folder),
    )


def _options(row: _Row, platform: Platform, port: int, folder: Path) -> dict[str, Any]:
    """Return Nornir's connection options; a relative CA file counts from the workbook's folder."""
    from nornir.core.inventory import ConnectionOptions

    if platform.cli:
        strict = {"ssh_strict": True, "system_host_keys": True}
        return {"netmiko": ConnectionOptions(port=port, platform=platform.cli.device_type, extras=strict)}
    extras = {"device": row["name"]} | ({"ca": str(folder / row["ca"])} if row["ca"] else {})
    return {"itsm-rest": ConnectionOptions(port=port, extras=extras)}
