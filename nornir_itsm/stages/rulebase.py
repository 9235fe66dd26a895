"""Facts of a point -> first-match rules over packets. What nobody can evaluate is an unknown predicate."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector, ServiceBook, ServiceEntry
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    NAMES,
    OUT_ZONE,
    SERVICE,
    SOURCE,
    SOURCE_PORT,
    TIME,
    UNKNOWN,
    V4,
    V6,
    addresses,
    full,
    is_name,
    services,
    symbol,
)
from nornir_itsm.space.packets import EVERYTHING, Box, Packets
from nornir_itsm.space.ranges import Ranges

TRUE = Ranges.span(1)
_BOTH = V4 | V6
SIDES = {SOURCE: "源", DESTINATION: "目的"}
"""A predicate about an address names the side: a packet's source may be in a book and its destination not."""


def label(rule: SecurityPolicy) -> str:
    """Return what a rule is called, also one without a name."""
    return rule.name or f"id {rule.id}"


def policy_packets(rule: SecurityPolicy, facts: FirewallFacts) -> Packets:
    """Return what one rule matches; a part that nobody can evaluate is bound to an unknown predicate."""
    sides = (
        _addresses(SOURCE, rule.source, facts),
        _addresses(DESTINATION, rule.destination, facts, "" if rule.action == "permit" else label(rule)),
        _services(rule.services, facts),
        _zones(IN_ZONE, rule.source_zones),
        _zones(OUT_ZONE, rule.destination_zones),
        _times(rule.schedules, facts),
    )
    # No two sides speak of the same dimension, so that a box of each makes a box of all.
    joined = (dict(pair for box in boxes for pair in box.items()) for boxes in product(*sides))
    match = Packets(tuple(map(_of_one_family, joined)))
    if rule.enabled is None:
        match = match & unknown(f"规则 {label(rule)} 的启用状态")
    for line in rule.unread:
        match = match & unknown(f"规则 {label(rule)}：{line}")
    return match


def _of_one_family(box: Box) -> Box:
    """Return a box without packets whose ends are of two families: a side that says nothing means either."""
    for side, other in ((SOURCE, DESTINATION), (DESTINATION, SOURCE)):
        wide, narrow = box.get(side), box.get(other)
        # Both families are one span at the beginning of the line: dearer questions are for few rules.
        if wide and narrow and wide.spans[0][1] >= _BOTH.spans[0][1] and wide >= _BOTH:
            if narrow <= V4:
                return {**box, side: wide - V6}
            if narrow <= V6:
                return {**box, side: wide - V4}
    return box


def unknown(predicate: str) -> Packets:
    """Return the packets for which a predicate holds that nobody can evaluate."""
    return Packets(({UNKNOWN + predicate: TRUE},))


def _addresses(side: str, selector: Selector, facts: FirewallFacts, denier: str = "") -> Packets:
    """Return what one side of a rule matches; *denier* is the rule's label where it blocks."""
    members = list(selector.literals)
    doubtful: list[str] = []
    for name in selector.books:
        book = facts.addresses.get(name)
        if book is None or not book.complete or not book.members:
            doubtful.append(f"{SIDES[side]}地址对象 {name} 的完整内容")
        if book is not None:
            members += book.members
    if not members and not doubtful:
        return EVERYTHING
    known = covering(members)
    if known.meets(NAMES):
        doubtful += sorted({resolution(side, m) for m in members if is_name(addresses(m).low)})
    parts = [*covered(side, known, f"规则 {denier} 的目的地址" if denier else "")]
    if len(parts) == 1 and not doubtful:
        return Packets((parts[0],))
    return Packets.of(*parts, *({UNKNOWN + doubt: TRUE} for doubt in doubtful))


def covering(members: Iterable[str]) -> Ranges:
    """Return the addresses and names of some members."""
    return _covering(tuple(members))


@lru_cache(maxsize=1 << 14)
def _covering(members: tuple[str, ...]) -> Ranges:
    return Ranges.of(span for member in members for span in addresses(member))


def resolution(side: str, name: str) -> str:
    """Return the predicate that an address is one that a name resolves to: nobody here can tell."""
    return f"{SIDES[side]}域名 {name} 的解析结果"


def covered(side: str, known: Ranges, narrow: str = "") -> Iterator[Box]:
    """Yield what these addresses match; a destination that is a name lies among them where they are all.

    Else nobody can tell. It counts, as the predicate about *narrow*, where a match would block or translate
    the name; a permit is asked about the addresses themselves.
    """
    if side == DESTINATION and known >= V4:
        yield {side: known | NAMES}
        return
    if known:
        yield {side: known}
    if side == DESTINATION and narrow and (rest := NAMES - known):
        yield {side: rest, UNKNOWN + f"{narrow}含域名的解析结果": TRUE}


def as_matched(asked: Packets, destinations: Iterable[str]) -> Packets:
    """Return a request with all that rules for it match: with any also names, with a name its addresses."""
    found = asked
    for text in destinations:
        if text == "any":
            found = found | Packets.of(*({**b, DESTINATION: b.get(DESTINATION, V4) | NAMES} for b in asked))
        elif is_name(addresses(text).low):
            resolved = {UNKNOWN + resolution(DESTINATION, text): TRUE}
            for_it = asked.within(**{DESTINATION: addresses(text)})
            found = found | for_it.without(DESTINATION).within(**resolved)
    return found


def _services(names: Iterable[str], facts: FirewallFacts) -> Packets:
    listed = list(names)
    if not listed:
        return EVERYTHING
    entries: list[ServiceEntry] = []
    unknown_boxes: list[Box] = []
    for name in listed:
        found = service_entries(name, facts)
        if found is None:
            unknown_boxes.append({UNKNOWN + f"服务 {name} 的内容": TRUE})
        else:
            entries += found
    return Packets.of(*_entry_boxes(entries), *unknown_boxes)


def _entry_boxes(entries: Iterable[ServiceEntry]) -> Iterator[Box]:
    """Yield what lines of a service match: one box for all that take any source port."""
    plain: list[tuple[int, int]] = []
    for entry in entries:
        if (entry.source_low, entry.source_high) == (0, 65535):
            plain += services(entry.protocol, entry.low, entry.high)
        else:
            yield entry_box(entry)
    if plain:
        yield {SERVICE: Ranges.of(plain)}


def service_entries(name: str, facts: FirewallFacts, depth: int = 8) -> tuple[ServiceEntry, ...] | None:
    """Return the entries of a service or group of them; None where a part of it is not known."""
    book: ServiceBook | None = facts.services.get(name)
    if book is not None:
        return book.entries or None
    group = facts.groups.get(name)
    if group is None or depth == 0:
        return None
    found: list[ServiceEntry] = []
    for member in group.members:
        entries = service_entries(member, facts, depth - 1)
        if entries is None:
            return None
        found += entries
    return tuple(found) or None


def entry_box(entry: ServiceEntry) -> Box:
    """Return what one line of a service matches."""
    box = {SERVICE: services(entry.protocol, entry.low, entry.high)}
    if (entry.source_low, entry.source_high) != (0, 65535):
        box[SOURCE_PORT] = Ranges.span(entry.source_low, entry.source_high)
    return box


@lru_cache(maxsize=1 << 10)
def _zones(side: str, zones: tuple[str, ...]) -> Packets:
    return Packets(({side: Ranges.of(span for z in zones for span in symbol(z))},)) if zones else EVERYTHING


def _times(names: Iterable[str], facts: FirewallFacts) -> Packets:
    boxes: list[Box] = []
    listed = list(names)
    for name in listed:
        book = facts.schedules.get(name)
        if book is None or not book.complete or not book.periods:
            boxes.append({UNKNOWN + f"时间表 {name} 的内容": TRUE})
        else:
            boxes.append({TIME: weekly(book.periods)})
    return Packets.of(*boxes) if listed else EVERYTHING


def weekly(periods: Iterable[Period]) -> Ranges:
    """Return the minutes of the week of some periods; none at all means always.

    An end of 23:59 counts as 24:00, since several devices cannot write the latter.
    """
    listed = list(periods)
    spans = []
    for period in listed:
        start, end = _minute(period.start), _minute(period.end)
        end = 1440 if end == 1439 else end
        spans += [(DAYS.index(d) * 1440 + start, DAYS.index(d) * 1440 + end - 1) for d in period.days]
    return Ranges.of(spans) if listed else full(TIME)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def port_span(text: str) -> tuple[int, int]:
    """Read ``443``, ``8000-8010``, or ``0``/``any``/``ALL`` for every port."""
    if text in ("0", "any", "ALL", ""):
        return 0, 65535
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def single(address: str) -> int:
    """Return the place of one address (``10.0.0.1`` or ``10.0.0.1/32``) on the line."""
    ranges = addresses(address)
    if ranges.size != 1:
        raise ValueError(f"{address!r} is not one address")
    return ranges.low
