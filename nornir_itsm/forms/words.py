"""Cells that hold one word: zone, protocol, operation; and dates."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches

from nornir_itsm.forms.reading import Note, Reading, is_any, is_blank, is_na, plain, shorten, unreadable
from nornir_itsm.model.order import Action, Protocol

_ADD = {"新增", "增加", "添加", "开通", "新建", "add"}
_DELETE = {"删除", "取消", "停用", "关闭", "回收", "下线", "delete"}
_PROTOCOLS: dict[str, Protocol] = {"tcp": "tcp", "udp": "udp", "icmp": "icmp", "ping": "icmp", "ip": "any"}
_APPLICATIONS = {
    "http": "TCP", "https": "TCP", "ssh": "TCP", "ftp": "TCP", "smtp": "TCP", "rdp": "TCP", "telnet": "TCP",
    "dns": "UDP", "ntp": "UDP", "snmp": "UDP", "syslog": "UDP", "tftp": "UDP",
}  # fmt: skip
_USUALLY_UDP = {
    53: "DNS",
    67: "DHCP",
    69: "TFTP",
    123: "NTP",
    161: "SNMP",
    500: "IKE",
    514: "syslog",
    1812: "RADIUS",
}
_USUALLY_TCP = {
    21: "FTP", 22: "SSH", 23: "Telnet", 25: "SMTP", 80: "HTTP", 110: "POP3", 143: "IMAP", 445: "SMB",
    1433: "SQL Server", 1521: "Oracle", 3306: "MySQL", 3389: "RDP", 5432: "PostgreSQL", 6379: "Redis",
}  # fmt: skip
_DAY = r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([01][0-9])([0-3][0-9]))"
_DATE = re.compile(rf"{_DAY}(?:[T ][0-9].*)?")
_DAYS = re.compile(rf"(?:自|从)?{_DAY}\s*(?:至|到|-|~)\s*{_DAY}止?")
_UNTIL = re.compile(r"(?:至|到|截至|截止到?)?(.+?)(?:止|为止|到期)?")
_FOREVER = {"长期", "永久", "长期有效"}


def zone_key(raw: object) -> str:
    """Return how a zone is spelled without blanks, width and case."""
    return re.sub(r"\s+", "", plain(raw)).casefold()


def read_zone(raw: object, zones: Mapping[str, str]) -> Reading[str]:
    """Return the canonical zone; *zones* maps :func:`zone_key` of every spelling to it."""
    key = zone_key(raw)
    if is_blank(key) or is_na(key):
        return Reading("", "blank")
    if key in zones:
        return Reading(zones[key])
    near = get_close_matches(key[:40], zones, n=1)
    known = "、".join(sorted(set(zones.values())))
    return Reading(
        "", "bad", (Note("error", "不认识的归属", f"可用：{known}", zones[near[0]] if near else None),)
    )


def read_action(raw: object) -> Reading[Action | None]:
    """Return ``add`` or ``delete``."""
    word = re.sub(r"\s+", "", plain(raw)).casefold()
    if is_blank(word) or is_na(word):
        return Reading(None, "blank", (Note("question", "没有填写操作", "填写 新增 或 删除", "新增"),))
    if word in _ADD:
        return Reading("add")
    if word in _DELETE:
        return Reading("delete")
    return Reading(None, "bad", (Note("error", "操作只能是 新增 或 删除", "变更请拆成一行删除、一行新增"),))


def read_protocol(raw: object) -> Reading[Protocol | None]:
    """Return the transport protocol; None where it is not said."""
    word = plain(raw).casefold()
    if note := unreadable(raw):
        return Reading(None, "bad", (note,))
    if is_blank(word) or is_na(word):
        return Reading(None, "blank", (Note("question", "没有填写协议", "填写 TCP、UDP 或 ICMP", "TCP"),))
    protocol: Protocol | None = "any" if is_any(word) else _protocol(word)
    return Reading(protocol) if protocol else Reading(None, "bad", (_unknown_protocol(word),))


def _protocol(word: str) -> Protocol | None:
    parts = {part for part in re.split(r"[\s/&+,;、|和及]+", word) if part}
    found = {_PROTOCOLS.get(part) for part in parts}
    if found == {"tcp", "udp"}:
        return "tcp+udp"
    return found.pop() if len(found) == 1 else None


def _unknown_protocol(word: str) -> Note:
    if guess := _APPLICATIONS.get(word):
        return Note("question", f"{shorten(word)} 是应用，不是传输协议", "填写 TCP 或 UDP", guess)
    number = word.replace("-", "").isdigit()
    return Note("error", "不认识的协议", "端口写在端口列" if number else "填写 TCP、UDP、TCP/UDP 或 ICMP")


def unusual(protocol: Protocol | None, ports: tuple[str, ...]) -> Iterator[Note]:
    """Yield a warning for single ports that are mostly used over the other protocol."""
    table, other = {"tcp": (_USUALLY_UDP, "UDP"), "udp": (_USUALLY_TCP, "TCP")}.get(protocol or "", ({}, ""))
    for port in ports:
        if port.isdigit() and (name := table.get(int(port))):
            yield Note("warning", f"端口 {port} 通常是 {name}（{other}）", "请确认协议")


def read_date(raw: object) -> Reading[str | None]:
    """Return a day as ISO 8601; None where none is said."""
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return Reading(raw.isoformat())
    text = plain(raw)
    if is_blank(text) or is_na(text) or text in _FOREVER:
        return Reading(None, "blank")
    day = _day(match.groups()) if (match := _DATE.fullmatch(text)) else None
    if day:
        return Reading(day)
    return Reading(None, "bad", (Note("question", "不是日期", "写成 2026-11-22，长期则留空"),))


def _day(parts: tuple[str, ...]) -> str | None:
    """Return the day of a match of ``_DAY`` as ISO 8601; None where the calendar has no such day."""
    try:
        return date(*(int(part) for part in parts if part)).isoformat()
    except ValueError:
        return None


def read_validity(raw: object) -> Reading[tuple[str | None, str | None] | None]:
    """Return the first and last day of a validity; the cell may hold a last day alone, or both."""
    text = plain(raw)
    if match := _DAYS.fullmatch(text):
        first, last = _day(match.groups()[:5]), _day(match.groups()[5:])
        if first and last and first <= last:
            return Reading((first, last))
        note = Note("question", "有效期的起止日期不对", "写成 2026-11-22至2026-12-31")
        return Reading(None, "bad", (note,))
    inner = _UNTIL.fullmatch(text)
    reading = read_date(inner[1] if inner and isinstance(raw, str) else raw)
    return Reading((None, reading.value), reading.kind, reading.notes)
