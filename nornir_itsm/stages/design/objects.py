"""Choosing firewall objects by content, never by name; making new ones where none has it."""

from collections.abc import Iterator

from nornir_itsm.model.firewall import FirewallFacts, Selector, ServiceBook, ServiceEntry
from nornir_itsm.model.intent import AddressSet, ServiceSet
from nornir_itsm.model.plan import Finding
from nornir_itsm.space.dimensions import is_name
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.naming import alternatives, name, service_name
from nornir_itsm.stages.parse.stoneos_predefined import TCP, UDP
from nornir_itsm.stages.reserved import content, holding
from nornir_itsm.stages.rulebase import covering

ANY_BOOK, ANY_BOOK_V6 = "Any", "IPv6-any"


def selector(case: Case, members: tuple[str, ...], kind: str) -> tuple[Selector, list[Wanted]]:
    """Choose how a rule names these addresses: any, one literal, an equal book, or a new book.

    *kind* is the naming pattern of a new book for several; a single network has its own.
    """
    firewall, point = case.firewall(), case.hop("firewall").point
    if "any" in members:
        return Selector(books=(ANY_BOOK_V6 if case.resolved.v6 else ANY_BOOK,)), []
    # Assumed: the lines of a rule itself take IPv4 only, so IPv6 goes by books.
    plain = case.point("firewall").plain_addresses
    if (plain or (len(members) == 1 and covering(members).size == 1)) and not case.resolved.v6:
        return Selector(literals=members), []
    kind = kind if len(members) > 1 else "network_book"
    same = sorted(
        book.name for book in firewall.addresses.values() if _holds_exactly(firewall, book.name, members)
    )
    if same:
        short = {case.resolved.customer, case.resolved.system}
        best = min(same, key=lambda n: (not any(s in n for s in short), n))
        return Selector(books=(best,)), [AddressSet(point, best, members, reuse=True)]
    made = name(
        case.site,
        kind,
        case.taken("firewall", "AddressSet", firewall.addresses, holding(members)),
        customer=case.resolved.customer,
        system=case.resolved.system,
        ips="_".join(members) if kind == "network_book" else "",
    )
    return Selector(books=(made,)), [AddressSet(point, made, members, whole=True)]


def _holds_exactly(firewall: FirewallFacts, book: str, members: tuple[str, ...]) -> bool:
    found = firewall.addresses[book]
    if not found.complete or not found.members:
        return False
    mine, theirs = covering(members), covering(found.members)
    return mine == theirs and not any(is_name(low) for low, _ in mine)


def own_books(case: Case) -> set[str]:
    """Return the names of books that bear the site's patterns for an order like this one."""
    fields = {"customer": case.resolved.customer, "system": case.resolved.system}
    kinds = ("whitelist_book", "destination_book")
    return {book for kind in kinds for book in alternatives(case.site, kind, **fields)}


def services(case: Case, entries: tuple[ServiceEntry, ...]) -> tuple[tuple[str, ...], list[Wanted]]:
    """Choose service objects by content, one for each contiguous range; make those that are missing."""
    firewall, point = case.firewall(), case.hop("firewall").point
    whole = _equal(case, firewall, entries) if len(entries) > 1 else None
    if whole:
        return (whole,), [ServiceSet(point, whole, entries, reuse=True)]
    chosen: list[str] = []
    wanted: list[Wanted] = []
    for entry in entries:
        found = _equal(case, firewall, (entry,))
        wanted += _misnamed(case, firewall, entry)
        if found:
            wanted.append(ServiceSet(point, found, (entry,), reuse=True))
        else:
            there = {*firewall.services, *firewall.groups, *chosen}
            taken = case.taken("firewall", "ServiceSet", there, content((entry,)))
            found = service_name(case.site, entry, taken)
            wanted.append(ServiceSet(point, found, (entry,)))
            wanted += _beside(firewall, point, found, entry)
        chosen.append(found)
    return tuple(chosen), wanted


def _equal(case: Case, firewall: FirewallFacts, entries: tuple[ServiceEntry, ...]) -> str | None:
    seen = _seen(firewall) if all(entry.protocol in (TCP, UDP) for entry in entries) else None
    same = [book for book in firewall.services.values() if book.entries and set(book.entries) == set(entries)]
    same = [book for book in same if seen is None or book.name in seen]
    plain = case.site.plain_services

    def rank(book: ServiceBook) -> tuple[bool, bool, str]:
        named = len(entries) == 1 and book.name == service_name(case.site, entries[0], ())
        return book.predefined == plain, not named, book.name

    return min(same, key=rank).name if same else None


def _seen(firewall: FirewallFacts) -> set[str] | None:
    """Return the services that a firewall shows by using them, where its book was not read; else None.

    What is not seen could be made anew, of TCP and UDP; other services only the device itself has.
    """
    if "servicebook" not in firewall.unlisted:
        return None
    return {name for rule in firewall.rules for name in rule.services}


def _beside(firewall: FirewallFacts, point: str, made: str, entry: ServiceEntry) -> Iterator[Wanted]:
    """Say why a predefined service that has more than asked is not used, and what nobody could look up."""
    for book in firewall.services.values():
        if book.predefined and len(book.entries) > 1 and entry in book.entries:
            yield Finding(point, book.name, f"预定义服务的内容多于申请，未采用；按内容新建 {made}")
    if "servicebook" in firewall.unlisted:
        yield Finding(point, made, "服务簿未采集：执行前核对该名称是否已存在，内容一致则沿用")


def _misnamed(case: Case, firewall: FirewallFacts, entry: ServiceEntry) -> Iterator[Finding]:
    liar = firewall.services.get(service_name(case.site, entry, ()))
    if liar is not None and set(liar.entries) != {entry}:
        yield Finding(case.hop("firewall").point, liar.name, "名称与内容不符，未采用")
