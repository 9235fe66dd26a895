"""Facts of a point -> first-match rules over packets. What nobody can evaluate is an unknown predicate."""

from collections.abc import Iterable, Iterator, Mapping

from nornir_itsm.model.facts import (
    AdcFacts,
    AddressMatch,
    DnatRule,
    FirewallFacts,
    SecurityPolicy,
    Selector,
    ServiceBook,
    ServiceEntry,
    SnatRule,
)
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    LINK,
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
from nornir_itsm.space.rules import Rule, Translation

TRUE = Ranges.span(1)
_PROTOCOLS: dict[str, tuple[int | None, ...]] = {
    "TCP": (6,),
    "UDP": (17,),
    "TCP_UDP": (6, 17),
    "ICMP": (1,),
    "ICMPV6": (58,),
    "ALL": (None,),
}


def firewall_rules(facts: FirewallFacts) -> tuple[Rule, ...]:
    """Return the rules of a firewall that are not disabled, in the order in which they match."""
    return tuple(
        Rule(rule.name or f"id {rule.id}", policy_packets(rule, facts), passes=rule.action == "permit")
        for rule in facts.rules
        if rule.enabled is not False
    )


def policy_packets(rule: SecurityPolicy, facts: FirewallFacts) -> Packets:
    """Return what one rule matches; a part that nobody can evaluate is bound to an unknown predicate."""
    match = Packets(({},))
    for side in (
        _addresses(SOURCE, rule.source, facts),
        _addresses(DESTINATION, rule.destination, facts),
        _services(rule.services, facts),
        _zones(IN_ZONE, rule.source_zones),
        _zones(OUT_ZONE, rule.destination_zones),
        _times(rule.schedules, facts),
    ):
        match = match & side
    if rule.enabled is None:
        match = match & _unknown(f"规则 {rule.name} 的启用状态")
    for line in rule.unread:
        match = match & _unknown(f"规则 {rule.name}：{line}")
    return match


def _unknown(predicate: str) -> Packets:
    return Packets(({UNKNOWN + predicate: TRUE},))


def _addresses(side: str, selector: Selector, facts: FirewallFacts) -> Packets:
    members = list(selector.literals)
    doubtful: list[str] = []
    for name in selector.books:
        book = facts.addresses.get(name)
        if book is None or not book.complete:
            doubtful.append(f"地址对象 {name} 的完整内容")
        if book is not None:
            members += book.members
    if not members and not doubtful:
        return EVERYTHING
    known = Ranges.of(span for member in members for span in address_ranges(member))
    parts: list[Box] = [{side: known}] if known else []
    names = sorted(m for m in members if is_name(addresses(m).low))
    # An address is never covered by a name: whether it resolves to this one, nobody here can tell.
    doubtful += [f"域名 {'、'.join(names)} 的解析结果"] if names else []
    parts += [{UNKNOWN + doubt: TRUE} for doubt in doubtful]
    return Packets.of(*parts)


def address_ranges(member: str) -> Ranges:
    """Read an address member; ``any`` is every address and name."""
    return addresses(member)


def _services(names: Iterable[str], facts: FirewallFacts) -> Packets:
    boxes: list[Box] = []
    listed = list(names)
    if not listed:
        return EVERYTHING
    for name in listed:
        found = service_entries(name, facts)
        if found is None:
            boxes.append({UNKNOWN + f"服务 {name} 的内容": TRUE})
        else:
            boxes += [entry_box(entry) for entry in found]
    return Packets.of(*boxes)


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
    return tuple(found)


def entry_box(entry: ServiceEntry) -> Box:
    """Return what one line of a service matches."""
    box = {SERVICE: services(entry.protocol, entry.low, entry.high)}
    if (entry.source_low, entry.source_high) != (0, 65535):
        box[SOURCE_PORT] = Ranges.span(entry.source_low, entry.source_high)
    return box


def _zones(side: str, zones: Iterable[str]) -> Packets:
    listed = list(zones)
    return Packets(({side: Ranges.of(span for z in listed for span in symbol(z))},)) if listed else EVERYTHING


def _times(names: Iterable[str], facts: FirewallFacts) -> Packets:
    boxes: list[Box] = []
    listed = list(names)
    for name in listed:
        book = facts.schedules.get(name)
        if book is None or not book.complete:
            boxes.append({UNKNOWN + f"时间表 {name} 的内容": TRUE})
        else:
            boxes.append({TIME: weekly(book.periods)})
    return Packets.of(*boxes) if listed else EVERYTHING


def weekly(periods: Iterable[Period]) -> Ranges:
    """Return the minutes of the week of some periods; none at all means always.

    An end of 23:59 counts as 24:00, since several devices cannot write the latter.
    """
    spans = []
    for period in periods:
        start, end = _minute(period.start), _minute(period.end)
        end = 1440 if end == 1439 else end
        spans += [(DAYS.index(d) * 1440 + start, DAYS.index(d) * 1440 + end - 1) for d in period.days]
    return Ranges.of(spans) if spans else full(TIME)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def dnat_rules(facts: AdcFacts) -> tuple[Rule, ...]:
    """Return the destination translations of an ADC, one per port pair, in the order in which they match."""
    return tuple(rule for nat in facts.dnat if nat.enabled for rule in _dnat(nat, facts))


def dnat_packets(nat: DnatRule, facts: AdcFacts) -> Packets:
    """Return what one destination translation matches."""
    return Packets.of(*(box for rule in _dnat(nat, facts) for box in rule.match))


def _dnat(nat: DnatRule, facts: AdcFacts) -> Iterator[Rule]:
    base = (
        _family(nat.family)
        & match_addresses(SOURCE, nat.source, facts)
        & match_addresses(DESTINATION, nat.destination, facts)
        & _links(nat.links)
        & _source_port(nat.source_port)
    )
    if nat.target.kind != "IP-ADDRESS":
        base = base & _unknown(f"{nat.name} 的转换目标 {nat.target.kind}")
        target = None
    else:
        target = addresses(nat.target.value).low
    if not nat.ports and nat.target_ports not in ((), ("0",)):
        base = base & _unknown(f"{nat.name} 的目标端口 {'、'.join(nat.target_ports)}")
    for protocol in _PROTOCOLS.get(nat.protocol, ()):
        for low, high, shift in _port_pairs(nat):
            match = base & Packets(({SERVICE: services(protocol, low, high)},))
            yield Rule(nat.name, match, translation=Translation(destination=target, shift=shift))
    if nat.protocol not in _PROTOCOLS:
        yield Rule(nat.name, base & _unknown(f"{nat.name} 的协议 {nat.protocol}"), passes=True)


def _port_pairs(nat: DnatRule) -> Iterator[tuple[int, int, int]]:
    """Yield (low, high, shift); a range that maps to one port is cut into single ports."""
    if not nat.ports or nat.protocol in ("ICMP", "ICMPV6"):
        yield 0, 65535, 0
        return
    keep = nat.target_ports in ((), ("0",))
    for i, text in enumerate(nat.ports):
        low, high = port_span(text)
        if keep:
            yield low, high, 0
            continue
        to_low, to_high = port_span(nat.target_ports[min(i, len(nat.target_ports) - 1)])
        if to_high - to_low == high - low:
            yield low, high, to_low - low
        else:
            yield from ((port, port, to_low - port) for port in range(low, high + 1))


def port_span(text: str) -> tuple[int, int]:
    """Read ``443``, ``8000-8010``, or ``0``/``any``/``ALL`` for every port."""
    if text in ("0", "any", "ALL", ""):
        return 0, 65535
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def snat_rules(facts: AdcFacts) -> tuple[Rule, ...]:
    """Return the source translations of an ADC for packets that leave over an outer link."""
    return tuple(_snat(nat, facts) for nat in facts.snat if nat.enabled)


def _snat(nat: SnatRule, facts: AdcFacts) -> Rule:
    match = (
        _family(nat.family)
        & match_addresses(SOURCE, nat.source, facts)
        & match_addresses(DESTINATION, nat.destination, facts)
        & _links(nat.outbound_links)
        & _source_port(nat.source_port)
        & _nat_service(nat.protocol, nat.destination_port, nat.name)
    )
    if nat.translated.kind == "IP-ADDRESS":
        return Rule(nat.name, match, translation=Translation(source=addresses(nat.translated.value).low))
    return Rule(nat.name, match & _unknown(f"{nat.name} 的转换地址 {nat.translated.kind}"))


def route_rules(facts: AdcFacts) -> tuple[Rule, ...]:
    """Return the policy routes of an ADC: a packet passes over the links of the first route it matches."""
    rules: list[Rule] = []
    for route in (r for r in facts.routes if r.enabled):
        match = (
            _family(route.family)
            & match_addresses(SOURCE, route.source, facts)
            & match_addresses(DESTINATION, route.destination, facts)
            & _nat_service(route.protocol, route.destination_ports, route.name)
        )
        if route.time_plan not in ("", "NONE"):
            match = match & _unknown(f"{route.name} 的时间计划 {route.time_plan}")
        rules += [Rule(route.name, match & _links(route.links)), Rule(route.name, match, passes=False)]
    return tuple(rules)


def _nat_service(protocol: str, ports: str, name: str) -> Packets:
    low, high = port_span(ports)
    if protocol not in _PROTOCOLS:
        return _unknown(f"{name} 的协议 {protocol}")
    return Packets.of(*({SERVICE: services(p, low, high)} for p in _PROTOCOLS[protocol]))


def _family(family: str) -> Packets:
    line = V6 if family == "IPV6" else V4
    return Packets(({SOURCE: line, DESTINATION: line},))


def _source_port(text: str) -> Packets:
    low, high = port_span(text)
    return EVERYTHING if (low, high) == (0, 65535) else Packets(({SOURCE_PORT: Ranges.span(low, high)},))


def _links(links: Iterable[str]) -> Packets:
    listed = list(links)
    if not listed or "ALL" in listed:
        return EVERYTHING
    return Packets(({LINK: Ranges.of(span for link in listed for span in symbol(link))},))


def match_addresses(side: str, match: AddressMatch, facts: AdcFacts) -> Packets:
    """Return the packets whose side an ADC address field covers."""
    match match.kind:
        case "ALL":
            return EVERYTHING
        case "IP-ADDRESS":
            return Packets(({side: addresses(match.value)},))
        case "CUSTOM-ADDRESS-GROUP" if match.value in facts.groups:
            return Packets.of({side: group_ranges(match.value, facts)})
        case _:
            return _unknown(f"{match.kind} {match.value}")


def group_ranges(name: str, facts: AdcFacts) -> Ranges:
    """Return the addresses of an ADC group."""
    group = facts.groups[name]
    return Ranges.of(span for m in (*group.members, *group.members_ipv6) for span in addresses(m))


def single(address: str) -> int:
    """Return the place of one address (``10.0.0.1`` or ``10.0.0.1/32``) on the line."""
    ranges = addresses(address)
    if ranges.size != 1:
        raise ValueError(f"{address!r} is not one address")
    return ranges.low


def link_of(address: int, links: Mapping[str, Ranges]) -> str | None:
    """Return the link whose prefixes hold a public address."""
    return next((link for link, prefixes in links.items() if address in prefixes), None)
