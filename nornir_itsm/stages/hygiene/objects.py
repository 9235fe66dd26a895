"""Objects that lie about themselves, are cut off, say the same as others, or that nobody needs."""

import re
from collections.abc import Hashable, Iterator, Mapping

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.firewall import AddressBook, FirewallFacts, ServiceBook
from nornir_itsm.model.topology import Point, Site
from nornir_itsm.space.dimensions import addresses, services
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.firewall_nat import words_of
from nornir_itsm.stages.hygiene.flaw import Flaw
from nornir_itsm.stages.hygiene.lists import AdcRule, some
from nornir_itsm.stages.naming import alternatives
from nornir_itsm.stages.rulebase import covering, port_span
from nornir_itsm.stages.translations import group_ranges
from nornir_itsm.stages.words import address_words, service_words

_SPAN = r"[0-9]{1,5}(?:(?:-|~|_to_)[0-9]{1,5})?"
_SERVICE = re.compile(rf"(TCP|UDP|TCP[&_]UDP|UDP[&_]TCP)[-_ ]?({_SPAN}(?:[和,、&]{_SPAN})*)", re.IGNORECASE)
_NETWORK = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?(?![0-9./]|[-~][0-9])")
_NUMBERS = {"TCP": 6, "UDP": 17}


def firewall_objects(point: Point, facts: FirewallFacts, site: Site) -> Iterator[Flaw]:
    """Yield what is wrong with a firewall's own books, services, groups and schedules."""
    books = [book for book in facts.addresses.values() if not book.predefined]
    own = [service for service in facts.services.values() if not service.predefined]
    for book in books:
        yield from _book(point, book)
    for service in own:
        yield from _service(point, service)
    for group in facts.groups.values():
        if not group.members and not group.predefined:
            yield Flaw("empty", point.name, group.name, "服务组没有可识别的成员：引用它的规则不可判定")
    for schedule in facts.schedules.values():
        if not schedule.complete:
            yield Flaw("truncated", point.name, schedule.name, "时间表不能读成每周时段：引用它的规则不可判定")
    yield from _equal(point, {b.name: covering(b.members) for b in books if b.complete and b.members})
    yield from _equal(point, {s.name: frozenset(s.entries) for s in own if s.entries})
    yield from _unreferenced(point, facts, site)


def _book(point: Point, book: AddressBook) -> Iterator[Flaw]:
    if not book.members:
        yield Flaw("empty", point.name, book.name, "地址对象没有可识别的成员：引用它的规则不可判定")
    elif not book.complete:
        yield Flaw("truncated", point.name, book.name, "成员被截断或不能识别：引用它的规则不可判定")
    elif said := _NETWORK.match(book.name):
        named, held = _read(said[0]), covering(book.members)
        if named is not None and named != held:
            words = f"名称写的是 {address_words(named)}，内容是 {address_words(held)}"
            yield Flaw("misnamed", point.name, book.name, words)


def _read(text: str) -> Ranges | None:
    try:
        return addresses(text)
    except ValueError:
        return None


def _service(point: Point, service: ServiceBook) -> Iterator[Flaw]:
    if not service.entries:
        yield Flaw("empty", point.name, service.name, "服务没有可识别的内容：引用它的规则不可判定")
    elif said := _SERVICE.fullmatch(service.name):
        ports = said[2].lower().replace("_to_", "-").replace("~", "-")
        spans = [port_span(text) for text in re.split("[和,、&]", ports)]
        numbers = [_NUMBERS[word] for word in re.split("[&_]", said[1].upper())]
        named = Ranges.of(s for number in numbers for span in spans for s in services(number, *span))
        held = Ranges.of(s for e in service.entries for s in services(e.protocol, e.low, e.high))
        if all(low <= high <= 65535 for low, high in spans) and named != held:
            words = f"名称写的是 {service_words(named)}，内容是 {service_words(held)}"
            yield Flaw("misnamed", point.name, service.name, words)


def _equal(point: Point, contents: Mapping[str, Hashable]) -> Iterator[Flaw]:
    """Yield objects with the same content, all of them in one finding."""
    names: dict[Hashable, list[str]] = {}
    for name, content in contents.items():
        names.setdefault(content, []).append(name)
    for same in names.values():
        if len(same) > 1:
            yield Flaw("duplicate", point.name, "、".join(sorted(same)), f"{len(same)} 个对象内容相同")


def _unreferenced(point: Point, facts: FirewallFacts, site: Site) -> Iterator[Flaw]:
    """Yield own objects that no rule and no group names, so far as is known.

    Bandwidth policies are not collected: books that bear their pattern are left out, and so is what stands
    in a line that nobody understood. A book may stand in another one, whose members then hold all of its.
    """
    rules = (*facts.rules, *(nat.match for nat in facts.translations))
    sides = [side for rule in rules for side in (rule.source, rule.destination)]
    translating = words_of(facts)
    used = {name for side in sides for name in side.books} | translating
    bandwidth = {n for c in site.customers for n in alternatives(site, "iqos_book", customer=c.name)}
    unread = "\n".join(facts.unread)
    for book in facts.addresses.values():
        if book.predefined or book.name in used | bandwidth or _stands_in(book.name, unread):
            continue
        holders = [n for n in sorted(used) if n in facts.addresses and _within(book, facts.addresses[n])]
        nested = f"（除非嵌套在 {some(holders)} 中）" if holders else ""
        yield Flaw("unreferenced", point.name, book.name, f"没有策略引用{nested}")
    named = {name for rule in rules for name in rule.services} | translating
    named |= {member for group in facts.groups.values() for member in group.members}
    times = {name for rule in rules for name in rule.schedules} | translating
    own = [s.name for s in facts.services.values() if not s.predefined]
    own += [g.name for g in facts.groups.values() if not g.predefined]
    unused = [*(n for n in own if n not in named), *(n for n in facts.schedules if n not in times)]
    for name in unused:
        if not _stands_in(name, unread):
            yield Flaw("unreferenced", point.name, name, "没有策略或服务组引用")


def _stands_in(name: str, text: str) -> bool:
    return bool(text) and name in text


def _within(book: AddressBook, other: AddressBook) -> bool:
    return bool(book.members) and set(book.members) <= set(other.members)


def adc_objects(point: Point, facts: AdcFacts) -> Iterator[Flaw]:
    """Yield address groups of an ADC that are empty, say the same as others, or that no rule names."""
    filled = {n: group_ranges(n, facts) for n, g in facts.groups.items() if g.members or g.members_ipv6}
    for name in facts.groups.keys() - filled.keys():
        yield Flaw("empty", point.name, name, "用户地址集没有成员")
    yield from _equal(point, filled)
    rules: tuple[AdcRule, ...] = (*facts.dnat, *facts.snat, *facts.routes)
    used = {match.value for rule in rules for match in (rule.source, rule.destination)}
    used |= {nat.translated.value for nat in facts.snat} | {nat.target.value for nat in facts.dnat}
    for name in facts.groups:
        if name not in used:
            yield Flaw("unreferenced", point.name, name, "没有地址转换或智能路由引用")
