"""Object groups and time ranges of an IOS configuration (command reference of IOS 15).

A group of networks takes masks, an access list takes wildcards. What is not understood makes its object
incomplete, and the rules that name it undecidable. Assumed: a period ends as its last minute begins, but
23:59 is midnight, which IOS cannot write.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from nornir_itsm.model.firewall import AddressBook, ScheduleBook, ServiceBook, ServiceEntry, ServiceGroup
from nornir_itsm.stages.ios_words import ICMP_NAMES, PORT_NAMES, service_entries
from nornir_itsm.stages.parse import weekly
from nornir_itsm.stages.parse.members import network, span
from nornir_itsm.stages.parse.nested import rebuilt

_NESTED = "group-object "
_NOTE = re.compile(r"description( .*)?")
_ONE_SPAN = re.compile(r"periodic (\w+) (\d+:\d+) to (\w+) (\d+:\d+)")
_DAILY = re.compile(r"periodic ((?:\w+ )+)(\d+:\d+) to (\d+:\d+)")


def address_books(groups: Mapping[str, Sequence[str]]) -> dict[str, AddressBook]:
    """Return the books of ``object-group network`` blocks, each with the members of those that it names."""
    books = {name: _book(name, lines) for name, lines in groups.items()}
    for name in groups:
        books = dict(rebuilt(books, name))
    return books


def _book(name: str, lines: Sequence[str]) -> AddressBook:
    said = [line for line in lines if not _NOTE.fullmatch(line)]
    nested = tuple(line.removeprefix(_NESTED).strip() for line in said if line.startswith(_NESTED))
    found = [_member(line) for line in said if not line.startswith(_NESTED)]
    own = tuple(member for member in found if member)
    if nested and None not in found:
        return AddressBook(name, own, nested=nested, own=own)
    return AddressBook(name, own, complete=None not in found and not nested and bool(own))


def _member(line: str) -> str | None:
    match line.split():
        case ["any"]:
            return "0.0.0.0/0"
        case ["host", one]:
            found = network(one)
        case ["range", low, high]:
            found = span(f"{low}-{high}")
        case [base, mask]:
            found = network(f"{base} {mask}")
        case _:
            return None
    return found if found and ":" not in found else None


def service_books(
    groups: Mapping[str, Sequence[str]],
) -> tuple[dict[str, ServiceBook], dict[str, ServiceGroup]]:
    """Return services and groups of services of ``object-group service`` blocks."""
    books: dict[str, ServiceBook] = {}
    unions: dict[str, ServiceGroup] = {}
    for name, lines in groups.items():
        said = [line for line in lines if not _NOTE.fullmatch(line)]
        if said and all(line.startswith(_NESTED) for line in said):
            unions[name] = ServiceGroup(name, tuple(line.removeprefix(_NESTED).strip() for line in said))
        else:
            found = [_entries(line) for line in said]
            whole = () if () in found else tuple(sorted((e for some in found for e in some), key=str))
            books[name] = ServiceBook(name, whole)
    return books, unions


def _entries(line: str) -> tuple[ServiceEntry, ...]:
    """Return what a line of a service group is: ``tcp source gt 1023 eq 80``; nothing if not read."""
    word, _, rest = line.partition(" ")
    if word == "tcp-udp":
        both = (_entries(f"{one} {rest}".strip()) for one in ("tcp", "udp"))
        first, second = both
        return (*first, *second) if first and second else ()
    numbers: Mapping[str, object] = {**PORT_NAMES.get(word, {})} if word != "icmp" else ICMP_NAMES
    said = [str(numbers.get(part, part)) for part in rest.split()]
    if said and said[0].isdecimal() and word in PORT_NAMES:
        said = ["eq", *said]  # the word may be left out (inferred)
    if said[:1] == ["source"]:
        said[0] = "from"
    return service_entries(" ".join([word, *said]))


def schedules(ranges: Mapping[str, Sequence[str]]) -> dict[str, ScheduleBook]:
    """Return the schedules of ``time-range`` blocks; one with an absolute end is incomplete."""
    return {name: _schedule(name, lines) for name, lines in ranges.items()}


def _schedule(name: str, lines: Iterable[str]) -> ScheduleBook:
    found = [_pieces(line) for line in lines]
    pieces = [piece for some in found for piece in some or ()]
    return ScheduleBook(name, weekly.periods(pieces), complete=None not in found and bool(pieces))


def _pieces(line: str) -> tuple[weekly.Piece, ...] | None:
    if said := _ONE_SPAN.fullmatch(line):
        first, last = weekly.days([said[1]]), weekly.days([said[3]])
        if first and last and len(first) == len(last) == 1:
            return weekly.span(first[0], said[2], last[0], said[4])
        return None
    if said := _DAILY.fullmatch(line):
        on = weekly.days(said[1].split())
        # Assumed: an end before its beginning is refused by IOS within one day; here it is not decided.
        minutes = weekly.minute(said[2]), weekly.minute(said[3])
        if on and None not in minutes and minutes[0] < minutes[1]:  # type: ignore[operator]
            return weekly.daily(on, said[2], said[3])
    return None
