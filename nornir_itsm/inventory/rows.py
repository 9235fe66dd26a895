"""A row of a device list: checked, with every problem in words that do not repeat what may be a secret."""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from nornir_itsm.inventory.labels import Header
from nornir_itsm.inventory.recognise import Recogniser, Recognition
from nornir_itsm.references import is_reference

ENABLED = frozenset({"启用", "已启用", "在用", "enabled", "enable", "active", "是", "yes", "true", "1"})

_NAME = re.compile(r"\w[\w.-]{0,63}")
_MONITORED = re.compile(r"\w(?:[\w.#+()（） -]{0,62}[\w.)）])?")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)
_DNS = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")
_ACCOUNT = ("username", "password", "write_username", "write_password")


@dataclass(frozen=True, slots=True)
class Rules:
    """How strict a list is read. What people keep for this tool is: a wrong row stops everything.

    An export of a monitoring system (``skip``) lists what is watched, and holds much that is no device: its
    rows are left out one by one, names may hold blanks, and only addresses count.
    """

    skip: bool = False
    enabled: frozenset[str] = ENABLED
    plain_passwords: bool = False
    recogniser: Recogniser = field(default_factory=Recogniser)


@dataclass(slots=True)
class Row:
    """A row as it was read. ``problems`` speak of it; a row that is not ``enabled`` has none."""

    number: int
    name: str
    address: str
    cells: Mapping[str, str]
    groups: tuple[str, ...]
    recognition: Recognition
    problems: list[str]
    status: str = ""
    data: dict[str, str] = field(default_factory=dict)
    options: dict[tuple[str, str], str] = field(default_factory=dict)


def rows(header: Header, texts: Iterator[tuple[int, list[str]]], rules: Rules) -> Iterator[Row]:
    """Yield the rows below a header that hold anything. ``status`` says why one is not enabled."""
    fields, data, options = (
        list(header.fields.items()),
        list(header.data.items()),
        list(header.options.items()),
    )
    last = max(header.known)
    check = _checks(header, rules)
    for number, row in texts:
        if not any(row):
            continue
        if len(row) <= last:
            row = row + [""] * (last + 1 - len(row))  # noqa: PLW2901
        cells = {key: text for key, at in fields if (text := row[at])}
        made = Row(number, cells.get("name", ""), cells.get("address", ""), cells, (), Recognition(""), [])
        made.status = _status(header, cells, rules)
        if not made.status:
            made.data = {label: text for label, at in data if (text := row[at])}
            made.options = {key: text for key, at in options if (text := row[at])}
            check(made, row)
        yield made


def _status(header: Header, cells: Mapping[str, str], rules: Rules) -> str:
    if "status" not in header.fields:
        return ""
    status = cells.get("status", "")
    if status.casefold() in rules.enabled:
        return ""
    return f"status is {status!r:.40}, not enabled" if status else "status is blank"


def _checks(header: Header, rules: Rules) -> Callable[[Row, list[str]], None]:
    """Return what fills and checks a row; what is the same in many rows is looked at once."""
    groups = lru_cache(4096)(_groups)
    platforms = rules.recogniser.platforms
    good_secret = lru_cache(4096)(lambda text: rules.plain_passwords or is_reference(text))
    names = _MONITORED if rules.skip else _NAME

    def check(row: Row, texts: list[str]) -> None:
        cells, problems = row.cells, row.problems
        if not row.name:
            problems.append("name is blank")
        elif not names.fullmatch(row.name):
            problems.append(f"{row.name!r:.80} cannot be a device name ({_NAMES[rules.skip]})")
        problems += _address_problem(row.address, rules)
        row.groups = groups(cells["groups"]) if "groups" in cells else ()
        problems += (f"{g!r:.80} cannot be a group name" for g in row.groups if not _NAME.fullmatch(g))
        if platform := cells.get("platform"):
            row.recognition = Recognition(platform, "column")
            if platform not in platforms:
                problems.append(f"unknown platform {platform!r:.80}, one of {', '.join(sorted(platforms))}")
        else:
            row.recognition = rules.recogniser.recognise(cells.get("template", ""), row.name)
        port = cells.get("port")
        if port and not _is_port(port):
            problems.append(f"{port!r:.80} is no port")
        for key in ("password", "write_password"):
            if key in cells and not good_secret(cells[key]):
                problems.append(WRITTEN_OUT)
        if not rules.skip and (stray := header.stray(texts)):
            problems.append(f"column {stray} holds a value below no label")

    return check


WRITTEN_OUT = "the password is written out: write env:NAME or file:/path instead, and change that password"
_NAMES = {
    False: "letters, digits, . _ -, up to 64",
    True: "letters, digits, blanks, . _ - # + ( ), up to 64",
}


def _address_problem(text: str, rules: Rules) -> list[str]:
    if not text:
        return ["hostname is blank"]
    if _IPV4.fullmatch(text):
        number = int(text[: text.index(".")])
        if (number == 127 and rules.skip) or number == 0 or number >= 224:
            return [f"{text} is no address of a device"]
        return []
    return [] if _is_address(text, names=not rules.skip) else [f"{text!r:.80} is no address"]


def _is_address(text: str, *, names: bool) -> bool:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        # Four numbers that are no address are a typing error, not a name.
        return names and bool(_DNS.fullmatch(text)) and not re.fullmatch(r"[0-9.]+", text)
    return not (found.is_unspecified or found.is_multicast or (found.is_loopback and not names))


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536


def _groups(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in re.split("[,，;；]", text) if name.strip()))
