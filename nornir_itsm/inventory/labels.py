"""Column labels: which field a header cell means. Whole labels only, never a part of one."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nornir_itsm.errors import ConfigError

_SYNONYMS = {
    "name": "name 名称 设备名 设备名称 主机名 主机名称 device devicename",
    "display": "显示名称 displayname",
    "hostname": "hostname",
    "address": "ip ip地址 主机ip 主机ip地址 地址 服务器地址 管理地址 管理ip 管理ip地址 ipaddress 接口1ip",
    "port": "port ssh端口 sshport 管理端口 管理口端口",
    "platform": "platform 平台 devicetype",
    "template": "关联模板 template",
    "status": "状态 启用状态 status",
    "username": "username 用户名 登录用户",
    "password": "password 密码",
    "write_username": "writeusername 写用户名 变更用户名",
    "write_password": "writepassword 写密码 变更密码",
    "ca": "ca ca证书",
    "groups": "groups group 组",
}
_FIELDS = {label: field for field, labels in _SYNONYMS.items() for label in labels.split()}
FIELDS = frozenset(_SYNONYMS)

# An export of the monitoring system is known by the first; of its other columns only these go on.
EXPORT_MARK = "接口1ip"
EXPORT_DATA = frozenset({"主机id", "显示名称", "主机组", "关联模板", "可用性", "维护状态"})

_SECRET = re.compile(
    r"宏_|\{\$|password|passwd|secret|communit|token|密码|口令|团体|密钥|私钥|凭证|passphrase|apikey|privatekey|^描述$|^description$"
)
"""Labels of columns that never leave the parser: macros and descriptions hold communities and passwords."""

CONNECTIONS = ("netmiko", "itsm-rest", "itsm-aliyun-api")
HEADER_WITHIN = 10
"""The header is one of so many first rows."""


def plain(label: str) -> str:
    """Return a label as it is compared: NFKC, without case, blanks, stars, and ``_`` or ``-`` in words."""
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", label)).strip("*").casefold()
    return re.sub(r"(?<=[a-z])[_-](?=[a-z])", "", folded) if folded.isascii() else folded


def is_secret(label: str) -> bool:
    """Say whether the values below this label may be secrets."""
    return bool(_SECRET.search(plain(label)))


@dataclass(frozen=True, slots=True)
class Header:
    """Where the fields of a sheet stand (columns from 0) and what becomes of its other columns.

    ``options``: ``netmiko.conn_timeout`` and the like. ``withheld``: labels of columns that are not read.
    """

    row: int
    fields: Mapping[str, int]
    data: Mapping[str, int]
    options: Mapping[tuple[str, str], int]
    withheld: tuple[str, ...]
    labelled: frozenset[int]
    export: bool

    @property
    def known(self) -> frozenset[int]:
        """Columns that are read."""
        return frozenset((*self.fields.values(), *self.data.values(), *self.options.values()))

    def stray(self, texts: Sequence[str]) -> str:
        """Return the number of a column with a value and no label, or nothing."""
        if len(self.labelled) >= len(texts):
            return ""
        return next((str(at + 1) for at, text in enumerate(texts) if text and at not in self.labelled), "")


def header(rows: Sequence[Sequence[str]], where: str, wanted: frozenset[str] | None) -> Header | None:
    """Find the header among the first rows of a sheet: the first that names devices and their addresses.

    *wanted* are the labels that become host data, None for the usual ones. Returns None where there is no
    header. Raises ConfigError where a field has two columns.
    """
    for number, texts in enumerate(rows[:HEADER_WITHIN], start=1):
        labels = {at: text for at, text in enumerate(texts) if text}
        found = _fields(labels)
        if "address" in found.values() and "name" in found.values():
            _refuse_twice(found.values(), f"{where}, row {number}")
            return _header(number, labels, found, wanted)
    return None


def _fields(labels: Mapping[int, str]) -> dict[int, str]:
    """Return column -> field. ``hostname`` is the address, as in Nornir, unless another column is."""
    found = {at: _FIELDS[key] for at, label in labels.items() if (key := plain(label)) in _FIELDS}
    fields = set(found.values())
    means = {"display": "display" if {"name", "hostname"} & fields else "name"}
    if "address" not in fields:
        means["hostname"] = "address"
    else:
        means["hostname"] = "" if "name" in fields else "name"
    return {at: field for at, old in found.items() if (field := means.get(old, old))}


def _refuse_twice(fields: Iterable[str], where: str) -> None:
    seen = list(fields)
    twice = sorted({field for field in seen if seen.count(field) > 1})
    if twice:
        raise ConfigError(where, f"two columns for {', '.join(twice)}", "rename or remove one of them")


def _header(
    row: int, labels: Mapping[int, str], found: Mapping[int, str], wanted: frozenset[str] | None
) -> Header:
    export = any(plain(label) == EXPORT_MARK for label in labels.values())
    fields = {field: at for at, field in found.items()}
    data: dict[str, int] = {}
    options: dict[tuple[str, str], int] = {}
    withheld: list[str] = []
    usual = EXPORT_DATA if export else None
    chosen = wanted if wanted is not None else usual
    for at, label in labels.items():
        connection, dot, key = label.partition(".")
        if connection in CONNECTIONS and dot and key:
            options[connection, key] = at
        elif at in found and found[at] not in ("display", "template"):
            continue
        elif is_secret(label) or (chosen is not None and plain(label) not in chosen):
            withheld.append(label)
        elif label not in data:
            data[label] = at
    return Header(row, fields, data, options, tuple(withheld), frozenset(labels), export)
