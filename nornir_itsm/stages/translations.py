"""Translations and routes of an ADC -> first-match rules over packets."""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from nornir_itsm.model.adc import AdcFacts, AdcGroup, AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.space.dimensions import (
    DESTINATION,
    LINK,
    NAMES,
    SERVICE,
    SOURCE,
    SOURCE_PORT,
    V4,
    V6,
    addresses,
    services,
    symbol,
)
from nornir_itsm.space.packets import EVERYTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, Translation
from nornir_itsm.stages.rulebase import SIDES, covered, port_span, unknown

_PROTOCOLS: dict[str, tuple[int | None, ...]] = {
    "TCP": (6,),
    "UDP": (17,),
    "TCP_UDP": (6, 17),
    "ICMP": (1,),
    "ICMPV6": (58,),
    "ALL": (None,),
}


def dnat_rules(facts: AdcFacts) -> tuple[Rule, ...]:
    """Return the destination translations of an ADC, one per port pair, in the order in which they match."""
    return tuple(rule for nat in facts.dnat if nat.enabled for rule in _dnat(nat, facts))


def dnat_packets(nat: DnatRule, facts: AdcFacts) -> Packets:
    """Return what one destination translation matches."""
    return Packets.of(*(box for rule in _dnat(nat, facts) for box in rule.match))


def _dnat(nat: DnatRule, facts: AdcFacts) -> tuple[Rule, ...]:
    return _dnat_of(nat, *(facts.groups.get(match.value) for match in (nat.source, nat.destination)))


@lru_cache(maxsize=1 << 12)
def _dnat_of(nat: DnatRule, sources: AdcGroup | None, destinations: AdcGroup | None) -> tuple[Rule, ...]:
    base = (
        _family(nat.family)
        & match_addresses(SOURCE, nat.source, sources)
        & match_addresses(DESTINATION, nat.destination, destinations)
        & _links(nat.links)
        & _source_port(nat.source_port)
    )
    target = _one_address(nat.target)
    if target is None:
        base = base & unknown(f"{nat.name} 的转换目标 {nat.target.kind} {nat.target.value}")
    if nat.protocol not in _PROTOCOLS or (nat.protocol == "ALL" and nat.ports):
        base = base & unknown(f"{nat.name} 的协议 {nat.protocol} 与端口 {'、'.join(nat.ports)}")
        return (Rule(nat.name, base, translation=Translation(destination=target)),)
    return tuple(
        Rule(
            nat.name,
            base & Packets(({SERVICE: services(protocol, low, high)},)),
            translation=Translation(destination=target, shift=shift),
        )
        for protocol in _PROTOCOLS[nat.protocol]
        for low, high, shift in port_pairs(nat)
    )


def _one_address(to: AddressMatch) -> int | None:
    """Return the address of a translation, None where it is not exactly one."""
    found = addresses(to.value) if to.kind == "IP-ADDRESS" else Ranges()
    return found.low if found.size == 1 else None


def port_pairs(nat: DnatRule) -> Iterator[tuple[int, int, int]]:
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


def snat_rules(facts: AdcFacts, inside: Collection[str] = ()) -> tuple[Rule, ...]:
    """Return the source translations of an ADC for packets that come in on an inside link and leave."""
    return tuple(
        _snat(nat, facts) for nat in facts.snat if nat.enabled and _from_inside(nat.inbound_links, inside)
    )


def _snat(nat: SnatRule, facts: AdcFacts) -> Rule:
    return _snat_of(nat, *(facts.groups.get(match.value) for match in (nat.source, nat.destination)))


@lru_cache(maxsize=1 << 12)
def _snat_of(nat: SnatRule, sources: AdcGroup | None, destinations: AdcGroup | None) -> Rule:
    match = (
        _family(nat.family)
        & match_addresses(SOURCE, nat.source, sources)
        & match_addresses(DESTINATION, nat.destination, destinations, f"{nat.name} 的目的地址")
        & _links(nat.outbound_links)
        & _source_port(nat.source_port)
        & _nat_service(nat.protocol, nat.destination_port, nat.name)
    )
    to = _one_address(nat.translated)
    if to is not None:
        return Rule(nat.name, match, translation=Translation(source=to))
    doubt = f"{nat.name} 的转换地址 {nat.translated.kind} {nat.translated.value}".rstrip()
    return Rule(nat.name, match & unknown(doubt))


def route_rules(facts: AdcFacts, inside: Collection[str] = ()) -> tuple[Rule, ...]:
    """Return the policy routes of an ADC for packets that come in on an inside link.

    A packet passes over the links of the first route it matches.
    """
    used = (r for r in facts.routes if r.enabled and _from_inside(r.inbound_links, inside))
    return tuple(rule for route in used for rule in _route(route, facts))


def _route(route: RouteRule, facts: AdcFacts) -> tuple[Rule, ...]:
    return _route_of(route, *(facts.groups.get(match.value) for match in (route.source, route.destination)))


@lru_cache(maxsize=1 << 12)
def _route_of(route: RouteRule, sources: AdcGroup | None, destinations: AdcGroup | None) -> tuple[Rule, ...]:
    match = (
        _family(route.family)
        & match_addresses(SOURCE, route.source, sources)
        & match_addresses(DESTINATION, route.destination, destinations, f"{route.name} 的目的地址")
        & _source_port(route.source_ports)
        & _nat_service(route.protocol, route.destination_ports, route.name)
    )
    if route.time_plan not in ("", "NONE"):
        match = match & unknown(f"{route.name} 的时间计划 {route.time_plan}")
    return Rule(route.name, match & _links(route.links)), Rule(route.name, match, passes=False)


def _from_inside(links: Collection[str], inside: Collection[str]) -> bool:
    """Tell whether inbound links (names, ALL, LAN-KIND, WAN-KIND) take in one that leads inside."""
    return not (links and inside) or bool({"ALL", "LAN-KIND", *inside} & set(links))


def _nat_service(protocol: str, ports: str, name: str) -> Packets:
    low, high = (0, 65535) if protocol in ("ICMP", "ICMPV6") else port_span(ports)
    if protocol not in _PROTOCOLS or (protocol == "ALL" and (low, high) != (0, 65535)):
        return unknown(f"{name} 的协议 {protocol} 与端口 {ports}")
    return Packets.of(*({SERVICE: services(p, low, high)} for p in _PROTOCOLS[protocol]))


def _family(family: str) -> Packets:
    """Return the packets of a family. A name is taken for IPv4 (assumed: what forms name is reached so)."""
    if family == "IPV6":
        return Packets(({SOURCE: V6, DESTINATION: V6},))
    return Packets(({SOURCE: V4, DESTINATION: V4 | NAMES},))


def _source_port(text: str) -> Packets:
    low, high = port_span(text)
    return EVERYTHING if (low, high) == (0, 65535) else Packets(({SOURCE_PORT: Ranges.span(low, high)},))


def _links(links: Iterable[str]) -> Packets:
    listed = list(links)
    if not listed or "ALL" in listed:
        return EVERYTHING
    return Packets(({LINK: Ranges.of(span for link in listed for span in symbol(link))},))


def match_addresses(side: str, match: AddressMatch, group: AdcGroup | None, narrow: str = "") -> Packets:
    """Return the packets whose side an ADC address field covers; *group* is the one that it names.

    *narrow* as in ``rulebase.covered``.
    """
    match match.kind:
        case "ALL":
            return EVERYTHING
        case "IP-ADDRESS":
            known = addresses(match.value)
        case "CUSTOM-ADDRESS-GROUP" if group is not None:
            known = _members(group)
        case _:
            return unknown(f"{SIDES[side]} {match.kind} {match.value}")
    return Packets.of(*covered(side, known, narrow))


def group_ranges(name: str, facts: AdcFacts) -> Ranges:
    """Return the addresses of an ADC group."""
    return _members(facts.groups[name])


@lru_cache(maxsize=1 << 12)
def _members(group: AdcGroup) -> Ranges:
    return Ranges.of(span for m in (*group.members, *group.members_ipv6) for span in addresses(m))
