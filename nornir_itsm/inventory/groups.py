"""Groups, their defaults, and the prefixes whose devices belong to them."""

import ipaddress
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.hosts import Network
from nornir_itsm.inventory.labels import HEADER_WITHIN, plain
from nornir_itsm.inventory.workbook import Sheet
from nornir_itsm.references import WRITE

GROUP_SHEETS = frozenset({"groups", "group", "组", "分组", "设备组"})
"""Titles of a sheet that defines groups; its row ``defaults`` or ``默认`` holds for every device."""
_DEFAULTS = frozenset({"defaults", "default", "默认"})
_LABELS = {
    **dict.fromkeys(("name", "group", "groups", "名称", "组", "组名"), "name"),
    **dict.fromkeys(("parents", "上级组"), "groups"),
    **dict.fromkeys(("platform", "平台"), "platform"),
    **dict.fromkeys(("port", "sshport", "ssh端口"), "port"),
    **dict.fromkeys(("username", "用户名"), "username"),
    **dict.fromkeys(("password", "密码"), "password"),
    **dict.fromkeys(("writeusername", "写用户名"), "write_username"),
    **dict.fromkeys(("writepassword", "写密码"), "write_password"),
}


def defined(sheet: Sheet, where: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the groups and the defaults of such a sheet, in the shape of Nornir's YAML files."""
    numbered = enumerate(sheet.rows, start=1)
    for _, texts in islice(numbered, HEADER_WITHIN):
        columns = [_LABELS.get(plain(text), text) for text in texts]
        if "name" in columns:
            break
    else:
        raise ConfigError(where, "no header row with a column name", f"columns: {', '.join(sorted(_LABELS))}")
    groups: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for number, texts in numbered:
        cells = {column: text for column, text in zip(columns, texts, strict=False) if column and text}
        if not cells:
            continue
        name = cells.pop("name", "")
        if not name or name in groups:
            problem = f"row {number}: {f'{name} stands above already' if name else 'name is blank'}"
            raise ConfigError(where, problem, "one row for each group")
        made = _element(cells, f"{where}, row {number}")
        if name.casefold() in _DEFAULTS:
            defaults = made
        else:
            groups[name] = made
    return groups, defaults


def _element(cells: dict[str, str], where: str) -> dict[str, Any]:
    write = {key: cells.pop(f"write_{key}") for key in ("username", "password") if f"write_{key}" in cells}
    made: dict[str, Any] = {
        key: cells.pop(key) for key in ("platform", "username", "password") if key in cells
    }
    if port := cells.pop("port", ""):
        if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
            raise ConfigError(where, f"{port!r:.80} is no port", "")
        made["port"] = int(port)
    if parents := cells.pop("groups", ""):
        made["groups"] = [name.strip() for name in re.split("[,，;；]", parents) if name.strip()]
    if write:
        made["connection_options"] = {WRITE: write}
    if cells:
        made["data"] = cells
    return made


def once(what: str, some: Mapping[str, Any], more: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Join definitions; what both have must be the same. Raises ConfigError."""
    twice = sorted(name for name in some.keys() & more.keys() if some[name] != more[name])
    if twice:
        raise ConfigError(where, f"{what} {', '.join(twice)} is defined twice, and differently", "keep one")
    return {**some, **more}


def networks_of(option: Mapping[str, str], where: str) -> list[tuple[Network, str]]:
    """Return prefixes and their groups, the longest prefix first."""
    found = []
    for prefix, group in option.items():
        try:
            found.append((ipaddress.ip_network(prefix), str(group)))
        except ValueError as error:
            raise ConfigError(f"{where} networks", str(error), "write 10.99.10.0/24: group") from None
    return sorted(found, key=lambda one: -one[0].prefixlen)
