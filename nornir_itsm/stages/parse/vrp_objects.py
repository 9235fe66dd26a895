"""Address sets, service sets and time ranges of a USG, line by line."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, ip_network

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import AddressBook, ScheduleBook, ServiceBook, ServiceEntry, ServiceGroup
from nornir_itsm.stages.parse import vrp_predefined as predefined
from nornir_itsm.stages.parse import weekly
from nornir_itsm.stages.parse.members import network, span
from nornir_itsm.stages.parse.stoneos_objects import address_books, icmp_entry, port_entry, service
from nornir_itsm.stages.parse.vrp_blocks import WHERE, Line, words

_SET = re.compile(r'ip (address|service)-set ("[^"]+"|\S+)(?: type (object|group)(?: \d+)?)?(?P<rest> .*)?')
_TIMES = re.compile(r'time-range ("[^"]+"|\S+)(?P<rest> .*)?')
_MEMBER = re.compile(r"(?:address|service) (?:\d+ )?(?P<said>.*)")
_NOTE = re.compile(r" desc(?:r(?:iption)?)? .*")
_PORTS = r"(?P<{}>\d{{1,5}}(?: to \d{{1,5}})?(?: \d{{1,5}}(?: to \d{{1,5}})?)*)"
_WITH_PORTS = re.compile(
    rf"protocol (?P<word>tcp|udp|sctp)(?: source-port {_PORTS.format('source')})?"
    rf"(?: destination-port {_PORTS.format('target')})?",
    re.ASCII,
)
_ICMP = re.compile(
    r"protocol (?P<word>icmp|icmpv6)(?: icmp(?:v?6)?-type (?P<type>\d{1,3})(?: (?P<code>\d{1,3}))?)?",
    re.ASCII,
)
_PLAIN = re.compile(r"protocol (\d{1,3})", re.ASCII)
_PERIOD = re.compile(r"period-range (\S+) to (\S+) (.+)")
_CLOCK = re.compile(r"(\d{1,2}:\d{2})(?::(\d{2}))?", re.ASCII)
_SETS = {"working-day": "weekdays", "off-day": "weekend", "daily": "daily"}
_MOST = 256
"""So many networks a mask with gaps may stand for; more are not listed, and the object is undecidable."""


class Objects:
    """The objects of one virtual system; a line that nobody understood makes its object undecidable."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Read them from the lines of its configuration. Raises SourceError for one that is there twice."""
        self._members: dict[str, list[str | None]] = {}
        self._nested: dict[str, list[str]] = {}
        self.services: dict[str, ServiceBook] = dict(predefined.SERVICES)
        self.groups: dict[str, ServiceGroup] = {}
        self._served: set[str] = set()
        self.schedules: dict[str, ScheduleBook] = {}
        for line in lines:
            if found := _SET.fullmatch(line.text):
                read = self._address_set if found[1] == "address" else self._service_set
                read(_own(found[2]), found[3], line, whole=not found["rest"])
            elif found := _TIMES.fullmatch(line.text):
                self._time_range(_own(found[1]), line, whole=not found["rest"])

    @property
    def addresses(self) -> Mapping[str, AddressBook]:
        """The address sets, each with the members of the sets that it names."""
        return predefined.ADDRESSES | address_books(self._members, self._nested, {})

    def literal(self, said: str) -> str | None:
        """Return the name of a service that a rule says itself (``protocol tcp destination-port 443``).

        The service becomes one of the books, under its own words; None where they are not understood.
        """
        entries = tuple(_entries(said))
        if None in entries or self.services.get(said, _literal(said, entries)) != _literal(said, entries):
            return None
        self.services[said] = _literal(said, entries)
        return said

    def _address_set(self, name: str, _kind: str, line: Line, *, whole: bool) -> None:
        _once(name, self._members, line)
        members: list[str | None] = [] if whole else [None]
        nested: list[str] = []
        for said in _said(line):
            listed = words(said)
            if listed[:1] == ("address-set",) and len(listed) == 2:
                nested.append(listed[1])
            else:
                members += address(said) or [None]
        self._members[name], self._nested[name] = members, nested

    def _service_set(self, name: str, kind: str, line: Line, *, whole: bool) -> None:
        _once(name, self._served, line)
        self._served.add(name)
        if kind == "group":
            listed = [words(said) for said in _said(line)]
            named = [one[1] for one in listed if len(one) == 2 and one[0] == "service-set"]
            complete = whole and len(named) == len(listed)
            self.groups[name] = ServiceGroup(name, tuple(dict.fromkeys(named)) if complete else ())
        else:
            entries = [entry for said in _said(line) for entry in _entries(said)]
            self.services[name] = service(name, entries if whole else [None])

    def _time_range(self, name: str, line: Line, *, whole: bool) -> None:
        """Read a time range; ``absolute-range`` is no weekly period and leaves it undecidable."""
        _once(name, self.schedules, line)
        found = [_period(one.text) for one in line.below if not one.text.startswith("description ")]
        pieces = [piece for some in found if some for piece in some]
        complete = whole and bool(found) and None not in found
        self.schedules[name] = ScheduleBook(name, weekly.periods(pieces), complete=complete)


def _own(word: str) -> str:
    name = word.strip('"')
    if name in predefined.ADDRESSES:
        raise SourceError(WHERE, f"an object is called {name}, the word for everything here", "rename it")
    return name


def _once(name: str, held: Container[str], line: Line) -> None:
    if name in held:
        raise SourceError(WHERE, f"{line.text[:80]!r} is there twice", "take it again")


def _said(line: Line) -> Iterator[str]:
    """Yield the members of a set without number and note; a line that is no member as it is."""
    for one in line.below:
        if not one.text.startswith("description "):
            found = _MEMBER.fullmatch(one.text)
            yield _NOTE.sub("", found["said"]) if found and not one.below else one.text


def address(said: str) -> list[str | None] | None:
    """Read ``10.1.1.0 mask 24``, ``10.1.1.0 24``, ``10.1.1.0 0.0.0.255``, ``10.1.1.5 0``, ``range A B``.

    A dotted word without ``mask`` is a wildcard: bits that are 1 do not count. None where it cannot be
    told from a mask, or is neither.
    """
    match said.split():
        case ["range", low, high]:
            return [span(f"{low}-{high}")]
        case [one, "mask", mask]:
            return [network(f"{one}/{mask}")]
        case ["0.0.0.0", "0"]:
            return None  # the host by wildcard, or everything by length
        case [one, "0"] if ":" not in one:
            return [network(one)]
        case [one, length] if length.isdigit():
            return [network(f"{one}/{length}")]
        case [one, wildcard] if ":" not in one:
            return [*_masked(one, wildcard)]
        case [one] if "/" in one:
            return [network(one)]
        case _:
            return None


def _masked(one: str, wildcard: str) -> Iterator[str | None]:
    """Yield the networks of an address with a wildcard, which may have gaps."""
    try:
        base, free = int(IPv4Address(one)), int(IPv4Address(wildcard))
    except ValueError:
        yield None
        return
    tail = (~free & (free + 1)).bit_length() - 1
    gaps = [bit for bit in range(tail, 32) if free >> bit & 1]
    if free >> 31 and (~free & 0xFFFFFFFF) & ((~free & 0xFFFFFFFF) + 1) == 0:
        yield None  # it reads as a mask, too
    elif 1 << len(gaps) > _MOST:
        yield None
    else:
        for chosen in range(1 << len(gaps)):
            picked = sum(1 << bit for at, bit in enumerate(gaps) if chosen >> at & 1)
            yield str(ip_network(((base & ~free & 0xFFFFFFFF) | picked, 32 - tail)))


def _entries(said: str) -> Iterator[ServiceEntry | None]:
    """Yield the lines of a service: every pair of its source and destination ports is one."""
    if found := _WITH_PORTS.fullmatch(said):
        number = predefined.PROTOCOLS[found["word"]]
        for source in _spans(found["source"]):
            yield from (port_entry(number, target, source) for target in _spans(found["target"]))
    elif found := _ICMP.fullmatch(said):
        codes = (int(found["code"]),) * 2 if found["code"] else (0, 255)
        kind = found["type"] or "any"
        yield icmp_entry(predefined.PROTOCOLS[found["word"]], kind, codes)
    elif (found := _PLAIN.fullmatch(said)) and int(found[1]) < 256:
        yield ServiceEntry(int(found[1]))
    else:
        yield None


def _spans(text: str | None) -> Iterator[tuple[int, int]]:
    for low, high in re.findall(r"(\d+)(?: to (\d+))?", text or "0 to 65535"):
        yield int(low), int(high or low)


def _literal(said: str, entries: tuple[ServiceEntry | None, ...]) -> ServiceBook:
    read = tuple(sorted({entry for entry in entries if entry is not None}, key=str))
    return ServiceBook(said, read, predefined=True)


def _period(text: str) -> tuple[weekly.Piece, ...] | None:
    found = _PERIOD.fullmatch(text)
    if not found:
        return None
    start, end = _minute(found[1]), _minute(found[2], up=True)
    on = weekly.days(_SETS.get(word.lower(), word) for word in found[3].split())
    # Assumed: a range that would cross midnight is refused by the device, so it is never printed.
    return weekly.daily(on, start, end) if start and end and on and start < end else None


def _minute(text: str, *, up: bool = False) -> str | None:
    """Read ``HH:MM:SS`` to the minute; the last second of one, as an end, is the next one."""
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    clock = found[1].rjust(5, "0")
    if up and found[2] == "59" and (at := weekly.minute(clock)) is not None:
        return f"{(at + 1) // 60:02d}:{(at + 1) % 60:02d}"
    return clock if found[2] in (None, "00") else None
