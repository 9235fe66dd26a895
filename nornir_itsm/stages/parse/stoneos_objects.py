"""What the two notations of a StoneOS configuration have in common once their words are read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    ScheduleBook,
    SecurityPolicy,
    ServiceBook,
    ServiceEntry,
    ServiceGroup,
)
from nornir_itsm.stages.parse import stoneos_predefined as predefined
from nornir_itsm.stages.parse.members import ordered

LOGS = {"session-start": "start", "session-end": "end", "policy-deny": "deny"}
_ORDER = {predefined.TCP: 0, predefined.UDP: 1, predefined.ICMP: 3, predefined.ICMPV6: 4}


def reference(name: str) -> str:
    """Return the name that a rule refers to; ``any`` in every spelling is the predefined Any."""
    return "Any" if name.lower() == "any" else name


def zones(names: Iterable[str]) -> tuple[str, ...]:
    """Return zones; ``Any`` among them, or none at all, is any zone."""
    found = tuple(dict.fromkeys(names))
    return () if any(name.lower() == "any" for name in found) else found


def port_entry(protocol: int, target: tuple[int, int], source: tuple[int, int]) -> ServiceEntry | None:
    """Return a line of a service with ports; None where they are not ports."""
    for low, high in (target, source):
        if not 0 <= low <= high <= 65535:
            return None
    return ServiceEntry(protocol, *target, *source) if 0 <= protocol <= 255 else None


def icmp_entry(protocol: int, kind: str, codes: tuple[int, int]) -> ServiceEntry | None:
    """Return an ICMP line: *kind* is a type number or ``any``, *codes* the first and last code.

    With type ``any`` the codes 0 to 15 stand for every code (assumed: so the predefined ICMP has it).
    """
    low, high = codes
    if not 0 <= low <= high <= 255:
        return None
    if kind.lower() == "any":
        return ServiceEntry(protocol) if low == 0 and high >= 15 else None
    if not (kind.isascii() and kind.isdigit()) or len(kind) > 3 or int(kind) > 255:
        return None
    return ServiceEntry(protocol, int(kind) * 256 + low, int(kind) * 256 + high)


def protocol_entry(number: int) -> ServiceEntry | None:
    """Return a line for a whole protocol; 0 is every protocol (so the predefined Any has it)."""
    if number == 0:
        return predefined.ANY
    return ServiceEntry(number) if 0 < number <= 255 else None


def service(name: str, entries: Iterable[ServiceEntry | None], *, fixed: bool = False) -> ServiceBook:
    """Return a service. One line that cannot be read leaves it without entries, which means undecidable.

    A part of a service must not pass for the whole: it would be reused by content.
    """
    listed = list(entries)
    read = [entry for entry in dict.fromkeys(listed) if entry is not None]
    whole = None not in listed
    return ServiceBook(name, tuple(sorted(read, key=_place)) if whole else (), predefined=fixed)


def _place(entry: ServiceEntry) -> int:
    """TCP, UDP, other protocols, ICMP: text and REST keep some of them apart; within a kind order is kept."""
    return -1 if entry.protocol is None else _ORDER.get(entry.protocol, 2)


def address_book(name: str, members: Iterable[str | None], *, fixed: bool) -> AddressBook:
    """Return an address book; None stands for a member that cannot be read or was cut off.

    A book without members is incomplete too: an export may lack their key, a configuration their second
    block, and nobody documents what a rule with an empty book matches.
    """
    listed = list(members)
    read = ordered(member for member in listed if member is not None)
    return AddressBook(name, read, complete=bool(read) and None not in listed, predefined=fixed)


def address_books(
    members: Mapping[str, Sequence[str | None]],
    nested: Mapping[str, Sequence[str]],
    fixed: Mapping[str, AddressBook] = predefined.ADDRESSES,
) -> dict[str, AddressBook]:
    """Return the books, each with the members of the books that it names (*nested*) beside its own.

    A book that names one that does not exist, or one without any content, is incomplete. *fixed*: those
    that the device has by itself.
    """
    known = {name: book.members for name, book in fixed.items()} | dict(members)

    def content(name: str) -> Iterator[str | None]:
        seen, waiting = {name}, [name]
        while waiting:
            book = waiting.pop(0)
            below = nested.get(book, ())
            yield from known.get(book, ()) or ([] if below else [None])
            new = [child for child in dict.fromkeys(below) if child not in seen]
            seen.update(new)
            waiting += new

    found = {name: address_book(name, content(name), fixed=name in fixed) for name in members}
    for name, below in nested.items():
        if below and None not in members[name]:
            own = ordered(member for member in members[name] if member is not None)
            found[name] = replace(found[name], nested=tuple(dict.fromkeys(below)), own=own)
    return found


def without_gaps(rule: SecurityPolicy) -> SecurityPolicy:
    """Return the rule, undecidable where a side is missing.

    Without source, destination or service a rule matches anything in some releases and is incomplete in
    others (inferred from the manual's two wordings).
    """
    missing = [
        f"no {side}"
        for side, there in (
            ("source", rule.source.books or rule.source.literals),
            ("destination", rule.destination.books or rule.destination.literals),
            ("service", rule.services),
        )
        if not there
    ]
    return replace(rule, unread=(*rule.unread, *missing)) if missing else rule


def assembled(
    rules: Iterable[SecurityPolicy],
    addresses: Mapping[str, AddressBook],
    services: Mapping[str, ServiceBook],
    groups: Mapping[str, ServiceGroup],
    schedules: Mapping[str, ScheduleBook],
) -> FirewallFacts:
    """Return the facts with the predefined objects that the device did not mention."""
    return FirewallFacts(
        tuple(map(without_gaps, rules)),
        predefined.ADDRESSES | dict(addresses),
        predefined.SERVICES | dict(services),
        predefined.GROUPS | dict(groups),
        dict(schedules),
        numbered=True,
        filters_first=True,
    )
