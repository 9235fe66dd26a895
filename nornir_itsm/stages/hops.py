"""A path of the site with the facts of its points -> the rule lists that a packet meets, in order.

The ADC stands outside the edge firewall: on the way out it comes last and translates sources, on the way
in it comes first and translates destinations. The cloud translates private addresses to EIPs at the
tenant's end. Security groups see private addresses: they are the first thing on the way out of the cloud,
the last on the way in.
"""

from collections.abc import Iterator

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.cloud import CloudFacts
from nornir_itsm.model.cloud_network import GroupFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.topology import Hop, Path, Site
from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    LINK,
    OUT_ZONE,
    SOURCE,
    addresses,
    full,
    symbol,
)
from nornir_itsm.space.packets import EVERYTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Rules, Translation
from nornir_itsm.stages.compiled import firewall_rules
from nornir_itsm.stages.firewall_nat import server_rules, source_rules
from nornir_itsm.stages.groups import Direction, group_list
from nornir_itsm.stages.rulebase import single, unknown
from nornir_itsm.stages.stateless import more_lists, other_family
from nornir_itsm.stages.translations import dnat_rules, route_rules, snat_rules

CLOUD = "云"
GROUPS = "security_group"
"""The role of points at which security groups filter."""
WITHIN = "同一安全区域内"
UNCHANGED = "不转换"
"""What a firewall does with the packets that none of its own translations match."""
ARRIVING = "从外部只有公网地址可达：内部地址不会被路由到 {}"
"""Assumed where a firewall publishes."""
NO_ROUTE, UNTRANSLATED, UNPUBLISHED = "无匹配的智能路由", "不转换源地址", "无匹配的目的地址转换"
"""What an ADC, or a firewall that translates, does with the packets that none of its routes, source or
destination translations match."""


def outbound(path: Path, site: Site) -> bool:
    """Tell whether the tenant is at the beginning of the path."""
    return path.source == site.cloud


def outside(path: Path, site: Site, arriving: bool) -> tuple[bool, ...]:
    """Tell of each hop whether it sees the tenant's public addresses: it stands outside of the translation.

    A firewall that translates itself filters inside of it; on the way in outside where it is *arriving*.
    """
    there = site.translating(path)
    if there is None:
        return (False,) * len(path.hops)
    at, out = path.hops.index(there), outbound(path, site)
    return tuple(place > at if out else place < at + arriving for place in range(len(path.hops)))


def rule_lists(path: Path, site: Site, facts: Facts) -> tuple[RuleList, ...]:
    """Return what a packet meets from end to end."""
    out = outbound(path, site)
    hops = [hop for hop in path.hops if site.points[hop.point].role != GROUPS]
    last = hops[-1] if hops else None
    lists = tuple(one for hop in hops for one in _at(hop, facts, site, out=out, last=hop is last))
    if path.pool:
        cloud = cloud_list(path, site, facts.cloud, out=out)
        lists = (cloud, *lists) if out else (*lists, cloud)
    filters = list(_filters(path, site, facts))
    leaving = (one for way, one in filters if way == "egress")
    arriving = (one for way, one in filters if way == "ingress")
    return (*leaving, *lists, *arriving)


def _filters(path: Path, site: Site, facts: Facts) -> Iterator[tuple[Direction, RuleList]]:
    for point, way in group_ends(path, site):
        held = facts.points[point]
        if isinstance(held, GroupFacts) and held.known:
            yield way, group_list(point, held, way)


def group_ends(path: Path, site: Site) -> tuple[tuple[str, Direction], ...]:
    """Return the points of security groups on a path, each with the direction that counts there."""
    points = dict.fromkeys(hop.point for hop in path.hops if site.points[hop.point].role == GROUPS)
    ends: tuple[tuple[str, Direction], ...] = ((path.source, "egress"), (path.destination, "ingress"))
    return tuple((point, way) for point in points for zone, way in ends if zone == site.cloud)


def _at(hop: Hop, facts: Facts, site: Site, *, out: bool, last: bool) -> Iterator[RuleList]:
    match facts.points[hop.point]:
        case FirewallFacts() as firewall:
            made = any(h.translates and h.point == hop.point for path in site.paths for h in path.hops)
            arrived = RuleList(hop.point, server_rules(firewall), _arrived(hop, out=out), zones(hop))
            published = (arrived,) if firewall.servers or made else ()
            yield from () if firewall.filters_first else published
            yield firewall_list(hop, firewall, site)
            yield from more_lists(hop.point, firewall)
            yield from published if firewall.filters_first else ()
            if firewall.servers or firewall.translations or made:
                rules = source_rules(firewall, last=last)
                rest = UNTRANSLATED if hop.translates and out else UNCHANGED
                yield RuleList(hop.point, rules, Rule(rest, EVERYTHING), zones(hop))
        case AdcFacts() as adc if out:
            inside = site.points[hop.point].inside_links
            nothing = Rule(NO_ROUTE, EVERYTHING, passes=False)
            yield RuleList(hop.point, route_rules(adc, inside), nothing)
            yield RuleList(hop.point, snat_rules(adc, inside), Rule(UNTRANSLATED, EVERYTHING))
        case AdcFacts() as adc:
            nothing = Rule(UNPUBLISHED, EVERYTHING, passes=False)
            yield RuleList(hop.point, dnat_rules(adc), nothing, arriving(site))


def _arrived(hop: Hop, *, out: bool) -> Rule:
    """Return what becomes of destinations that nobody translates.

    Assumed of a hop that publishes: what arrives there from outside is for public addresses only, since
    nobody routes inside ones to it; the proof says so.
    """
    if hop.translates and not out:
        return Rule(UNPUBLISHED, EVERYTHING, passes=False)
    return Rule(UNCHANGED, EVERYTHING)


def firewall_list(hop: Hop, facts: FirewallFacts, site: Site) -> RuleList:
    """Return a firewall's rules as the traffic of this hop meets them."""
    same = hop.source_zone and hop.source_zone == hop.destination_zone
    permits = (facts.default or site.points[hop.point].implicit) == "permit"
    implicit = Rule(f"隐含{'允许' if permits else '拒绝'}", EVERYTHING, passes=permits)
    rules = firewall_rules(facts)
    if same and not facts.filters_within:
        by_itself = Rule(WITHIN, unknown(f"{hop.point} 对同一安全区域内的流量不查安全策略"))
        rules = Rules((by_itself, *rules))
    if facts.answers is not None:
        rules = Rules((other_family(hop.point), *rules))
    return RuleList(hop.point, rules, implicit, zones(hop))


def zones(hop: Hop) -> Packets:
    """Return what a hop says of its packets' zones; a side without a zone is any."""
    sides = ((IN_ZONE, hop.source_zone), (OUT_ZONE, hop.destination_zone))
    return Packets(({side: symbol(zone) for side, zone in sides if zone},))


def isp_ranges(site: Site) -> dict[str, Ranges]:
    """Return link -> the public addresses that arrive on it."""
    return {isp.link: Ranges.of(s for p in isp.prefixes for s in addresses(p)) for isp in site.isps}


def arriving(site: Site) -> Packets:
    """Return what the site assumes of arrivals: a public address comes in on its ISP's link."""
    by_link = isp_ranges(site)
    known = Ranges.of(span for ranges in by_link.values() for span in ranges)
    boxes = [{DESTINATION: ranges, LINK: symbol(link)} for link, ranges in by_link.items()]
    return Packets.of(*boxes, {DESTINATION: full(DESTINATION) - known})


def pool_ranges(path: Path, site: Site, cloud: CloudFacts) -> Ranges:
    """Return the EIPs that serve this path: by the site's pools and by the cloud's own attribute."""
    configured = (p for pool in site.pools if pool.isp == path.pool for p in pool.prefixes)
    known = (eip.address for eip in cloud.eips.values() if eip.pool == path.pool)
    return Ranges.of(span for text in (*configured, *known) for span in addresses(text))


def cloud_list(path: Path, site: Site, cloud: CloudFacts, *, out: bool) -> RuleList:
    """Return the cloud's one-to-one translation at the tenant's end.

    An EIP that is bound to no single host (a NAT gateway's, a load balancer's own) stands for itself.
    """
    pool = pool_ranges(path, site, cloud)
    bound = Ranges.of((single(b.eip), single(b.eip)) for b in cloud.bindings)
    side = SOURCE if out else DESTINATION
    rules: list[Rule] = []
    for binding in cloud.bindings:
        private, eip = single(binding.private), single(binding.eip)
        if eip not in pool:
            continue
        match = Packets(({side: Ranges.span(private if out else eip)},))
        to = Translation(source=eip) if out else Translation(destination=private)
        rules.append(Rule(f"{binding.private} = EIP {binding.eip}", match, translation=to))
    rules.append(Rule("EIP 本身", Packets.of({side: pool - bound})))
    # Behind a translation other targets can be reached; without one only the pool is on the path.
    elsewhere = not out and site.translating(path) is not None
    nothing = Rule(f"没有 {path.pool} 池的 EIP" if out else "不是云内 EIP", EVERYTHING, passes=elsewhere)
    return RuleList(CLOUD, tuple(rules), nothing)
