"""A firewall and an ADC, packet by packet, from their facts: written without the code under test.

Three outcomes: True, False, and None where facts cannot tell.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from nornir_itsm.model.adc import AdcFacts, AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector
from nornir_itsm.model.order import DAYS, Period

Maybe = bool | None


@dataclass(frozen=True)
class Sent:
    """One packet as people write it; *minute* is of the week."""

    source: str
    destination: str
    protocol: int
    port: int
    source_port: int = 1500
    minute: int = 600
    zones: tuple[str, str] = ("trust", "untrust")
    link: str = "CT"


def either(parts: Iterable[Maybe]) -> Maybe:
    listed = list(parts)
    return True if True in listed else None if None in listed else False


def both(parts: Iterable[Maybe]) -> Maybe:
    listed = list(parts)
    return False if False in listed else None if None in listed else True


@lru_cache(maxsize=1 << 16)
def in_member(address: str, member: str) -> bool:
    low, dash, high = member.partition("-")
    one = ip_address(address)
    if dash:
        first, last = ip_address(low), ip_address(high)
        return one.version == first.version and int(first) <= int(one) <= int(last)
    return one in ip_network(member, strict=False)


def matches(rule: SecurityPolicy, facts: FirewallFacts, sent: Sent) -> Maybe:
    """Tell whether a firewall rule matches a packet."""
    if rule.enabled is False:
        return False
    return both(
        [
            _selected(rule.source, facts, sent.source),
            _selected(rule.destination, facts, sent.destination),
            either(_served(name, facts, sent) for name in rule.services) if rule.services else True,
            not rule.source_zones or sent.zones[0] in rule.source_zones,
            not rule.destination_zones or sent.zones[1] in rule.destination_zones,
            either(_timed(name, facts, sent.minute) for name in rule.schedules) if rule.schedules else True,
            rule.enabled,
            None if rule.unread else True,
        ]
    )


def _selected(selector: Selector, facts: FirewallFacts, address: str) -> Maybe:
    if not selector.books and not selector.literals:
        return True
    parts: list[Maybe] = [in_member(address, member) for member in selector.literals]
    for name in selector.books:
        book = facts.addresses.get(name)
        members = book.members if book else ()
        parts += [in_member(address, member) for member in members]
        parts.append(False if book and book.complete and members else None)
    return either(parts)


def _served(name: str, facts: FirewallFacts, sent: Sent, depth: int = 10) -> Maybe:
    if depth == 0:
        return None
    if name in facts.services:
        entries = facts.services[name].entries
        return (
            either(
                e.protocol is None
                or (
                    e.protocol == sent.protocol
                    and e.low <= sent.port <= e.high
                    and e.source_low <= sent.source_port <= e.source_high
                )
                for e in entries
            )
            if entries
            else None
        )
    members = facts.groups[name].members if name in facts.groups else ()
    known = [_served(member, facts, sent, depth - 1) for member in members]
    return None if None in known or not known else either(known)


def _timed(name: str, facts: FirewallFacts, minute: int) -> Maybe:
    book = facts.schedules.get(name)
    if book is None or not book.complete or not book.periods:
        return None
    return any(in_period(period, minute) for period in book.periods)


def in_period(period: Period, minute: int) -> bool:
    day, now = DAYS[minute // 1440], minute % 1440
    start, end = (int(text[:2]) * 60 + int(text[3:]) for text in (period.start, period.end))
    return day in period.days and start <= now < (1440 if period.end == "23:59" else end)


def covers(match: AddressMatch, facts: AdcFacts, address: str) -> Maybe:
    """Tell whether an ADC address field covers an address."""
    if match.kind == "ALL":
        return True
    if match.kind == "IP-ADDRESS":
        return in_member(address, match.value)
    if match.kind == "CUSTOM-ADDRESS-GROUP" and match.value in facts.groups:
        group = facts.groups[match.value]
        return any(in_member(address, member) for member in (*group.members, *group.members_ipv6))
    return None


def _protocols(word: str, protocol: int) -> Maybe:
    numbers = {"TCP": {6}, "UDP": {17}, "TCP_UDP": {6, 17}, "ICMP": {1}, "ALL": set(range(256))}
    return protocol in numbers[word] if word in numbers else None


def _span(text: str) -> tuple[int, int]:
    if text in ("0", "ALL"):
        return 0, 65535
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def _inside(text: str, port: int) -> bool:
    low, high = _span(text)
    return low <= port <= high


def published(facts: AdcFacts, sent: Sent) -> tuple[str, str, int] | None:
    """Return name, target and port of the first destination translation that matches; no doubts allowed."""
    for nat in facts.dnat:
        found = _translated(nat, facts, sent)
        if found is not None:
            return nat.name, nat.target.value, found
    return None


def _translated(nat: DnatRule, facts: AdcFacts, sent: Sent) -> int | None:
    base = (
        nat.enabled
        and covers(nat.source, facts, sent.source)
        and covers(nat.destination, facts, sent.destination)
        and (not nat.links or "ALL" in nat.links or sent.link in nat.links)
        and _inside(nat.source_port, sent.source_port)
        and _protocols(nat.protocol, sent.protocol)
    )
    if not base:
        return None
    if not nat.ports or sent.protocol == 1:
        return sent.port
    for i, text in enumerate(nat.ports):
        low, high = _span(text)
        if low <= sent.port <= high:
            if nat.target_ports in ((), ("0",)):
                return sent.port
            to_low, to_high = _span(nat.target_ports[min(i, len(nat.target_ports) - 1)])
            return to_low + sent.port - low if to_high - to_low == high - low else to_low
    return None


def routed(facts: AdcFacts, sent: Sent) -> bool:
    """Tell whether the first route that matches leads over the packet's link."""
    for route in facts.routes:
        ports = sent.protocol == 1 or _inside(route.destination_ports, sent.port)
        ports = ports and _inside(route.source_ports, sent.source_port)
        if route.enabled and ports and _common(route, facts, sent):
            return not route.links or "ALL" in route.links or sent.link in route.links
    return False


def hidden(facts: AdcFacts, sent: Sent) -> tuple[str, str] | None:
    """Return name and new source of the first source translation that matches."""
    for nat in facts.snat:
        links = not nat.outbound_links or "ALL" in nat.outbound_links or sent.link in nat.outbound_links
        ports = sent.protocol == 1 or _inside(nat.destination_port, sent.port)
        ports = ports and _inside(nat.source_port, sent.source_port)
        if nat.enabled and links and ports and _common(nat, facts, sent):
            return nat.name, nat.translated.value
    return None


def _common(rule: RouteRule | SnatRule, facts: AdcFacts, sent: Sent) -> Maybe:
    return (
        ({"ALL", "inside", "LAN-KIND"} & set(rule.inbound_links) or not rule.inbound_links)
        and covers(rule.source, facts, sent.source)
        and covers(rule.destination, facts, sent.destination)
        and _protocols(rule.protocol, sent.protocol)
    )
