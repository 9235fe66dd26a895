"""Object groups and time ranges of a SecPath firewall, line by line (H3C object group and ACL commands)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from nornir_itsm.errors import SourceError
from nornir_itsm.model.firewall import AddressBook, ScheduleBook, ServiceBook, ServiceEntry, ServiceGroup
from nornir_itsm.stages.parse import weekly
from nornir_itsm.stages.parse.members import address, name, network, span
from nornir_itsm.stages.parse.stoneos_objects import address_books, icmp_entry, port_entry, service
from nornir_itsm.stages.parse.vrp_blocks import WHERE, Line, words

PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1}
ANY, ANY_V6 = "Any", "IPv6-any"
"""What a side without a condition is called here. ``security-policy ip`` is about IPv4 alone."""
ADDRESSES = {
    book: AddressBook(book, members, predefined=True)
    for book, members in ((ANY, ("0.0.0.0/0",)), (ANY_V6, ("::/0",)))
}
SERVICES = {
    word: ServiceBook(word, (entry,), predefined=True)
    for word, entry in (
        (ANY, ServiceEntry(None)),
        *((w, ServiceEntry(6, p, p)) for w, p in (("http", 80), ("https", 443), ("ssh", 22), ("telnet", 23))),
    )
}
"""What every firewall has and never prints: the default groups whose content is beyond doubt (assumed)."""
_GROUP = re.compile(r'object-group (?P<kind>\S+(?: address)?) (?P<name>"[^"]+"|\S+)')
_MEMBER = re.compile(r"(?:\d+ )?(?:network|service) (?P<said>.+)")
_NOTE = re.compile(r"(?:object )?\d+ description .*|description .*")
_ENDS = r"(?P<{0}>eq|lt|gt|range) (?P<{0}_low>\d{{1,5}})(?: (?P<{0}_high>\d{{1,5}}))?"
_WITH_PORTS = re.compile(
    rf"(?P<word>tcp|udp)(?: source {_ENDS.format('source')})?(?: destination {_ENDS.format('target')})?",
    re.ASCII,
)
_ICMP = re.compile(r"icmp(?: (?P<type>\d{1,3}) (?P<code>\d{1,3}))?", re.ASCII)
_TIMES = re.compile(r'time-range (?P<name>"[^"]+"|\S+) (?P<said>.+)')
_PERIOD = re.compile(r"(\d{1,2}:\d{2}) to (\d{1,2}:\d{2}) (.+)", re.ASCII)
_SETS = {"working-day": "weekdays", "off-day": "weekend", "daily": "daily"}


class Objects:
    """The objects of a firewall; a line that nobody understood makes its object undecidable."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Read them. Raises SourceError for one that is there twice."""
        self._members: dict[str, list[str | None]] = {}
        self._nested: dict[str, list[str]] = {}
        self.services: dict[str, ServiceBook] = dict(SERVICES)
        self.groups: dict[str, ServiceGroup] = {}
        self._seen: set[str] = set()
        periods: dict[str, list[tuple[weekly.Piece, ...] | None]] = {}
        for line in lines:
            if found := _GROUP.fullmatch(line.text):
                self._group(found["kind"], found["name"].strip('"'), line)
            elif found := _TIMES.fullmatch(line.text):
                periods.setdefault(found["name"].strip('"'), []).append(_period(found["said"]))
        self.schedules = {n: _schedule(n, listed) for n, listed in periods.items()}

    @property
    def addresses(self) -> Mapping[str, AddressBook]:
        """The address groups, each with the members of the groups that it names."""
        return ADDRESSES | address_books(self._members, self._nested, {})

    def literal(self, said: str) -> str | None:
        """Return the name of a service that a rule says itself (``tcp destination eq 9000``).

        The service becomes one of the books, under the line's own words; None where they are not understood.
        """
        entries = tuple(_entries(said))
        if None in entries:
            return None
        own = f"service-port {said}"
        self.services[own] = ServiceBook(own, tuple(e for e in entries if e is not None), predefined=True)
        return own

    def _group(self, kind: str, own: str, line: Line) -> None:
        if kind not in ("ip address", "service"):
            return
        if own.casefold() in self._seen or own in ADDRESSES:
            raise SourceError(WHERE, f"{line.text[:80]!r} is there twice or is a word of ours", "rename it")
        self._seen.add(own.casefold())
        said = [_member(one) for one in line.below if not _NOTE.fullmatch(one.text)]
        nested = [words(one)[1] for one in said if re.fullmatch(r'group-object ("[^"]+"|\S+)', one)]
        plain = [one for one in said if not one.startswith("group-object ")]
        if kind == "ip address":
            self._members[own] = [_address(one) for one in plain]
            self._nested[own] = nested
        elif nested and not plain:
            self.groups[own] = ServiceGroup(own, tuple(dict.fromkeys(nested)))
        else:
            # One that holds ports and other groups has no words here: undecidable.
            entries = [entry for one in plain for entry in _entries(one)]
            self.services[own] = service(own, [*entries, *(None for _ in nested)])


def _member(line: Line) -> str:
    found = _MEMBER.fullmatch(line.text)
    return found["said"] if found and not line.below else f"? {line.text}"


def _address(said: str) -> str | None:
    match said.split():
        case ["host", "address", one]:
            return network(one) if address(one) else None
        case ["host", "name", one]:
            return name(one)
        case ["subnet", one, mask]:
            return network(f"{one}/{mask}")
        case ["range", low, high]:
            return span(f"{low}-{high}")
        case _:
            return None


def side_literal(kind: str, said: str) -> str | None:
    """Read what a rule says of an end itself: *kind* is ``host``, ``subnet`` or ``range``."""
    return _address(f"host address {said}" if kind == "host" else f"{kind} {said}")


def _entries(said: str) -> Iterator[ServiceEntry | None]:
    if found := _WITH_PORTS.fullmatch(said):
        ends = (_ends(found, "target"), _ends(found, "source"))
        known = ends[0] and ends[1]
        yield (
            port_entry(PROTOCOLS[found["word"]], ends[0], ends[1]) if known and ends[0] and ends[1] else None
        )
    elif found := _ICMP.fullmatch(said):
        codes = (int(found["code"]),) * 2 if found["code"] else (0, 255)
        yield icmp_entry(1, found["type"] or "any", codes)
    elif re.fullmatch(r"\d{1,3}", said, re.ASCII) and int(said) < 256:
        yield ServiceEntry(int(said))
    else:
        yield None


def _ends(found: re.Match[str], side: str) -> tuple[int, int] | None:
    word = found[side]
    if word is None:
        return 0, 65535
    low, high = int(found[f"{side}_low"]), found[f"{side}_high"]
    if (word == "range") != (high is not None):
        return None
    return {"eq": (low, low), "lt": (0, low - 1), "gt": (low + 1, 65535)}.get(word) or (low, int(high))


def _period(said: str) -> tuple[weekly.Piece, ...] | None:
    """Read a weekly statement; one with dates (``from ... to ...``) is none and leaves it undecidable."""
    found = _PERIOD.fullmatch(said)
    if not found:
        return None
    on = weekly.days(_SETS.get(word.lower(), word) for word in found[3].split())
    start, end = (found[at].rjust(5, "0") for at in (1, 2))
    return weekly.daily(on, start, end) if on and start < end else None


def _schedule(own: str, listed: Sequence[tuple[weekly.Piece, ...] | None]) -> ScheduleBook:
    pieces = [piece for some in listed if some for piece in some]
    return ScheduleBook(own, weekly.periods(pieces), complete=None not in listed)
