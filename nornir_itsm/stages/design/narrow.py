"""Taking a part of what a firewall rule permits: one side of it becomes less, all else stays as it is.

Whether the rest is exactly what shall be left is decided by the algebra, not by how the members look.
"""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import summarize_address_range

from nornir_itsm.model.firewall import AddressBook, FirewallFacts, SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.intent import AddressSet
from nornir_itsm.model.plan import Finding, Question
from nornir_itsm.space.dimensions import (
    DESTINATION,
    SERVICE,
    SOURCE,
    address_at,
    addresses,
    full,
    is_name,
)
from nornir_itsm.space.dimensions import services as service_span
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.objects import own_books, services
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.rulebase import policy_packets, service_entries

MOST = 16
"""So many literals may stand for what is left of a book or prefix; a rule with more is not readable."""

Narrowed = tuple[SecurityPolicy, list[Wanted]]
"""A rule with one side less, and the objects that it needs."""


def narrowed(case: Case, rule: SecurityPolicy, gone: Packets) -> Narrowed | None:
    """Return the rule without *gone*; None where less of one side alone does not come to that."""
    firewall = case.firewall()
    matched = policy_packets(rule, firewall)
    left, taken = matched - gone, matched & gone
    for less, made in _candidates(case, rule, taken):
        objects = [one for one in made if not isinstance(one, (Question, Finding))]
        then = after(objects, case.facts).firewall(case.hop("firewall").point)
        if policy_packets(less, then).same_as(left):
            return less, made
    return None


def _candidates(case: Case, rule: SecurityPolicy, taken: Packets) -> Iterator[Narrowed]:
    if found := _less(case, rule.source, _side(taken, SOURCE)):
        yield replace(rule, source=found[0]), found[1]
    if found := _less(case, rule.destination, _side(taken, DESTINATION)):
        yield replace(rule, destination=found[0]), found[1]
    if less := _less_services(case, rule.services, _side(taken, SERVICE)):
        yield replace(rule, services=less[0]), less[1]


def _side(packets: Packets, side: str) -> Ranges:
    return Ranges.of(span for box in packets for span in box.get(side, full(side)))


def _less(case: Case, selector: Selector, gone: Ranges) -> tuple[Selector, list[Wanted]] | None:
    """Return one side of a rule without some addresses.

    A book that was made for this order's kind and that only one rule names loses them; any other that has
    some of them is spelled out in the rule, and stays as it is.
    """
    books: list[str] = []
    literals = [piece for member in selector.literals for piece in _pieces(member, gone)]
    made: list[Wanted] = []
    for book in selector.books:
        held = case.firewall().addresses.get(book)
        if held is None or not held.complete or not held.members:
            return None
        left = [piece for member in held.members for piece in _pieces(member, gone)]
        if left == list(held.members):
            books.append(book)
        elif left and book in own_books(case) and _users(case.firewall(), book) == 1:
            books.append(book)
            made += _members(case, held, left)
        else:
            literals += left
    if not (books or literals) or len(literals) > len(selector.literals) + MOST:
        return None
    return Selector(tuple(books), tuple(dict.fromkeys(literals))), made


def _users(firewall: FirewallFacts, book: str) -> int:
    return sum(book in (*rule.source.books, *rule.destination.books) for rule in firewall.rules)


def _members(case: Case, held: AddressBook, left: list[str]) -> Iterator[Wanted]:
    """Yield the members that a book gains, then those it loses: it is never empty."""
    point = case.hop("firewall").point
    if added := tuple(piece for piece in left if piece not in held.members):
        yield AddressSet(point, held.name, added)
    yield AddressSet(point, held.name, tuple(m for m in held.members if m not in left), state="absent")


def _pieces(member: str, gone: Ranges) -> Iterator[str]:
    """Yield what is left of one member: itself, prefixes or ranges. Of a name all is left or nothing."""
    whole = addresses(member)
    left = whole - gone
    if left == whole:
        yield member
        return
    for low, high in left:
        if is_name(low):
            continue
        first, last = address_at(low), address_at(high)
        nets = list(summarize_address_range(first, last))
        yield str(nets[0]) if len(nets) == 1 else f"{first}-{last}"


def _less_services(
    case: Case, names: tuple[str, ...], gone: Ranges
) -> tuple[tuple[str, ...], list[Wanted]] | None:
    """Return the services without some ports: for what is left of one, objects are chosen or made."""
    kept: list[str] = []
    entries: list[ServiceEntry] = []
    for name in names:
        held = service_entries(name, case.firewall())
        if held is None:
            return None
        if any(service_span(e.protocol, e.low, e.high) & gone for e in held):
            entries += (left for entry in held for left in _less_entry(entry, gone))
        else:
            kept.append(name)
    chosen, made = services(case, tuple(dict.fromkeys(entries))) if entries else ((), [])
    found = tuple(dict.fromkeys((*kept, *chosen)))
    return (found, made) if found else None


def _less_entry(entry: ServiceEntry, gone: Ranges) -> Iterator[ServiceEntry]:
    if entry.protocol is None:
        return
    base = service_span(entry.protocol, 0, 0).low
    for low, high in service_span(entry.protocol, entry.low, entry.high) - gone:
        yield replace(entry, low=low - base, high=high - base)
