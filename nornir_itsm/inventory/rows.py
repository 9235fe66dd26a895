"""A row of a device list: checked, with every problem in words that do not repeat what may be a secret."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from nornir_itsm.inventory.labels import Header
from nornir_itsm.inventory.recognise import Recogniser, Recognition
from nornir_itsm.references import is_reference

ENABLED = frozenset({"启用", "已启用", "在用", "enabled", "enable", "active", "是", "yes", "true", "1"})

_NAME = re.compile(r"\w[\w.-]{0,63}")
_MONITORED = re.compile(r"\w(?:[\w.#+()（） -]{0,62}[\w.)）])?")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}", re.ASCII)
_DNS = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+")


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


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What many rows say alike: everything but name, address, data and options. It is looked at once.

    ``recognition`` is None where the name has to tell.
    """

    cells: Mapping[str, str]
    status: str
    groups: tuple[str, ...]
    recognition: Recognition | None
    problems: tuple[str, ...]


@dataclass(slots=True)
class Row:
    """A row as it was read. ``problems`` speak of it; a row with a ``status`` is not enabled and has none."""

    number: int
    name: str
    address: str
    shared: Shared
    recognition: Recognition
    problems: list[str]
    data: dict[str, str]
    options: dict[tuple[str, str], str]

    @property
    def status(self) -> str:
        """Why this row is not enabled, or nothing."""
        return self.shared.status


def rows(header: Header, texts: Iterator[tuple[int, list[str]]], rules: Rules) -> Iterator[Row]:
    """Yield the rows below a header that hold anything."""
    name_at, address_at = header.fields["name"], header.fields["address"]
    data, options = list(header.data.items()), list(header.options.items())
    width, share = max(header.known) + 1, _Sharing(header, rules)
    for number, row in texts:
        if not any(row):
            continue
        if len(row) < width:
            row = row + [""] * (width - len(row))  # noqa: PLW2901
        name, address, shared = row[name_at], row[address_at], share(row)
        if shared.status:
            yield Row(number, name, address, shared, _NOBODY, [], {}, {})
            continue
        problems = _name_problem(name, rules) + _address_problem(address, rules)
        problems += shared.problems
        if len(row) > len(header.labelled) and not rules.skip and (stray := header.stray(row)):
            problems.append(f"column {stray} holds a value below no label")
        told = shared.recognition or rules.recogniser.recognise("", name)
        said = {label: text for label, at in data if (text := row[at])}
        chosen = {key: text for key, at in options if (text := row[at])}
        yield Row(number, name, address, shared, told, problems, said, chosen)


_NOBODY = Recognition("")


class _Sharing:
    """Finds what a row shares with others, or looks at it."""

    def __init__(self, header: Header, rules: Rules) -> None:
        alone = ("name", "address")
        self._fields = [(key, at) for key, at in header.fields.items() if key not in alone]
        places = [at for _, at in self._fields]
        # One place twice: of a single one itemgetter gives no tuple.
        self._pick = itemgetter(*(places or [0]), *(places or [0])[:1])
        self._rules = rules
        self._has_status = "status" in header.fields
        self._known: dict[tuple[str, ...], Shared] = {}

    def __call__(self, row: list[str]) -> Shared:
        key = self._pick(row) if self._fields else ()
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look(
                {field: text for field, at in self._fields if (text := row[at])}
            )
        return found

    def _look(self, cells: Mapping[str, str]) -> Shared:
        status = self._status(cells)
        groups = _groups(cells.get("groups", ""))
        told = self._recognition(cells)
        return Shared(cells, status, groups, told, () if status else tuple(self._problems(cells, groups)))

    def _status(self, cells: Mapping[str, str]) -> str:
        status = cells.get("status", "")
        if not self._has_status or status.casefold() in self._rules.enabled:
            return ""
        return f"status is {status!r:.40}, not enabled" if status else "status is blank"

    def _recognition(self, cells: Mapping[str, str]) -> Recognition | None:
        if platform := cells.get("platform"):
            return Recognition(platform, "column")
        template = cells.get("template", "")
        told = self._rules.recogniser.recognise(template, "") if template else _NOBODY
        return told if told.by else None

    def _problems(self, cells: Mapping[str, str], groups: tuple[str, ...]) -> Iterator[str]:
        yield from (f"{group!r:.80} cannot be a group name" for group in groups if not _NAME.fullmatch(group))
        platforms = self._rules.recogniser.platforms
        if (platform := cells.get("platform")) and platform not in platforms:
            yield f"unknown platform {platform!r:.80}, one of {', '.join(sorted(platforms))}"
        if (port := cells.get("port")) and not _is_port(port):
            yield f"{port!r:.80} is no port"
        for key in ("password", "write_password"):
            if key in cells and not (self._rules.plain_passwords or is_reference(cells[key])):
                yield WRITTEN_OUT


WRITTEN_OUT = "the password is written out: write env:NAME or file:/path instead, and change that password"
_NAMES = {
    False: "letters, digits, . _ -, up to 64",
    True: "letters, digits, blanks, . _ - # + ( ), up to 64",
}


def _name_problem(text: str, rules: Rules) -> list[str]:
    if not text:
        return ["name is blank"]
    if (_MONITORED if rules.skip else _NAME).fullmatch(text):
        return []
    return [f"{text!r:.80} cannot be a device name ({_NAMES[rules.skip]})"]


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
    return text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) < 65536


def _groups(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in re.split("[,，;；]", text) if name.strip()))
