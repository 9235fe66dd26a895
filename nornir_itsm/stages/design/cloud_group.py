"""Letting a flow through the security groups at the tenants' ends: only what is missing, and nobody else.

A rule of a group holds for all its members. Where a site lets rules name the host's own address
(``plain_addresses`` of the point), only the hosts asked for are opened; else the proof names the others.
"""

from collections.abc import Iterator
from ipaddress import ip_network, summarize_address_range

from nornir_itsm.model.cloud_network import GroupFacts, GroupRule, SecurityGroup
from nornir_itsm.model.firewall import ServiceEntry
from nornir_itsm.model.intent import CloudRule, Reuse
from nornir_itsm.model.plan import Finding
from nornir_itsm.space.dimensions import DESTINATION, SOURCE, TIME, address_at, addresses, is_name
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.groups import (
    Direction,
    alike,
    group_list,
    label,
    members,
    rule_packets,
)
from nornir_itsm.stages.hops import group_ends
from nornir_itsm.stages.parse.cloud_groups import ANY_PORT
from nornir_itsm.stages.requested import target_services

QUOTA = 200
"""Rules of a group, both ways together, that the public cloud allows by default."""
LONGEST = 512
"""Characters of a description. Source: API page of AuthorizeSecurityGroup."""
_WORDS = {None: "ALL", 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPV6"}
_SIDES = {"ingress": (SOURCE, DESTINATION), "egress": (DESTINATION, SOURCE)}


def permit_in_groups(case: Case) -> Iterator[Wanted]:
    """Yield what lets the demand through the security groups of its path; nothing where there are none."""
    for point, direction in group_ends(case.resolved.path, case.site):
        held = case.facts.security_groups(point)
        if held.known:
            yield from _permit(case, point, held, direction)
        else:
            yield Finding(point, "安全组", "未采集：两端的安全组是否放行须人工核对")


def _permit(case: Case, point: str, held: GroupFacts, direction: Direction) -> Iterator[Wanted]:
    wanted, rules = case.resolved.at_hosts, group_list(point, held, direction)
    missing = wanted - rules.passing(wanted).must()
    yield from _without_interface(case, point, held)
    if not missing:
        passed = (rule for rule, share in rules.shares(wanted) if share)
        yield from (Reuse(point, "CloudRule", rule.label, "已放行") for rule in passed)
        return
    _, near = _SIDES[direction]
    for groups, hosts in alike(held).items():
        part = missing.within(**{near: hosts})
        if not part:
            continue
        there = [held.groups[id] for id in groups if id in held.groups]
        if len(there) < len(groups) or not groups:
            text = "的安全组无法确定（同一地址属于几块网卡，或安全组不在采集结果中），请人工处理"
            yield case.question("group", f"{_said(hosts & _side(part, near))} {text}")
            continue
        yield from _rules(case, point, held, (direction, part, there))


def _rules(
    case: Case, point: str, held: GroupFacts, at: tuple[Direction, Packets, list[SecurityGroup]]
) -> Iterator[Wanted]:
    """Yield the rules for hosts that are in the same groups."""
    direction, part, groups = at
    far, near = _SIDES[direction]
    ours = _side(part, near)
    chosen = min(groups, key=lambda g: ((members(held, g.id) - ours).size, len(g.rules), g.id))
    if any(is_name(low) for low, _ in _side(part, far)) and not _side(part, far) >= addresses("0.0.0.0/0"):
        yield case.question("group", f"安全组 {chosen.id} 的规则不能写域名，请给出地址或人工处理")
        return
    priority = _priority(case, point, held, at)
    if priority < 1:
        text = f"安全组 {chosen.id} 的拒绝规则使放行规则没有可用的优先级：请先调整它们的优先级"
        yield case.question("group", text)
        return
    made = [
        rule
        for entry in target_services(case.resolved.demand)
        for peer in _peers(case, direction)
        for own in _own(case, point, members(held, chosen.id), ours)
        for rule in (_rule(case, entry, (direction, peer, own), priority),)
        if rule_packets(rule, held, ours) & part
    ]
    yield from (CloudRule(point, chosen.id, rule) for rule in made)
    if (many := len(chosen.rules) + len(made)) > QUOTA:
        yield Finding(point, chosen.id, f"将有 {many} 条规则，超过默认配额 {QUOTA}：执行前确认配额")


def _rule(case: Case, entry: ServiceEntry, ends: tuple[Direction, str, str], priority: int) -> GroupRule:
    direction, peer, own = ends
    ported = entry.protocol in (6, 17)
    low, high = max(entry.low, 1), max(entry.high, 1)
    description = f"{case.resolved.customer}-{case.resolved.system}"[:LONGEST]
    return GroupRule(
        direction,
        "accept",
        "ICMPV6" if entry.protocol == 1 and case.resolved.v6 else _WORDS[entry.protocol],
        f"{low}/{high}" if ported else ANY_PORT,
        peer,
        priority,
        own=own,
        description="".join(c for c in description if c.isprintable()),
    )


def _priority(
    case: Case, point: str, held: GroupFacts, at: tuple[Direction, Packets, list[SecurityGroup]]
) -> int:
    """Return the priority of a new rule: before what refuses everything, never before another refusal.

    Refusals of something in particular keep their effect, as on a firewall: what they hold is a shortfall.
    0 where there is no such place.
    """
    direction, part, groups = at
    hosts = _side(part, _SIDES[direction][1])
    least, most = 1, 100
    for group in groups:
        for rule in (r for r in group.rules if r.direction == direction and r.policy == "drop"):
            if _everything(rule) and label(group.id, rule) not in case.site.points[point].protected:
                most = min(most, rule.priority - 1)
            elif rule_packets(rule, held, hosts) & part:
                least = max(least, rule.priority)
    return least if least <= most else 0


def _everything(rule: GroupRule) -> bool:
    return rule.protocol == "ALL" and rule.peer in ("0.0.0.0/0", "::/0") and not rule.own


def _peers(case: Case, direction: Direction) -> tuple[str, ...]:
    """Return the other side as prefixes: a rule takes no ranges."""
    demand = case.resolved.demand
    texts = demand.sources if direction == "ingress" else demand.destinations
    if "any" in texts or not texts:
        return ("::/0",) if case.resolved.v6 else ("0.0.0.0/0",)
    spans = Ranges.of(span for text in texts for span in addresses(text))
    nets = (net for low, high in spans for net in summarize_address_range(address_at(low), address_at(high)))
    return tuple(map(str, nets))


def _own(case: Case, point: str, inside: Ranges, ours: Ranges) -> tuple[str, ...]:
    """Return what a rule says of the group's own side: nothing where all in the group are meant."""
    if not inside - ours or not case.site.points[point].plain_addresses:
        return ("",)
    hosts = (net for low, high in ours for net in summarize_address_range(address_at(low), address_at(high)))
    return tuple(str(ip_network(net)) for net in hosts)


def _without_interface(case: Case, point: str, held: GroupFacts) -> Iterator[Wanted]:
    """Name hosts of the demand that have no interface: a load balancer's servers have groups of their own."""
    for text in case.resolved.inside:
        host, _, length = text.partition("/")
        if length in ("32", "128") and host not in held.memberships:
            yield Finding(
                point, host, "没有采集到它的网卡：安全组不在它这里过滤（负载均衡须核对后端服务器的安全组）"
            )


def close_in_groups(case: Case) -> Iterator[Wanted]:
    """Yield the removal of rules that let nothing through but what is to be closed; others are named."""
    for point, direction in group_ends(case.resolved.path, case.site):
        held = case.facts.security_groups(point)
        if held.known:
            yield from _close(case, point, held, direction)
        else:
            yield Finding(point, "安全组", "未采集：是否仍放行须人工核对")


def _close(case: Case, point: str, held: GroupFacts, direction: Direction) -> Iterator[Wanted]:
    wanted = case.resolved.at_hosts
    always = wanted.without(TIME)
    own = {label(g.id, rule): (g, rule) for g in held.groups.values() for rule in g.rules}
    found = (rule.label for rule, share in group_list(point, held, direction).shares(wanted) if share)
    for name in dict.fromkeys(one for one in found if one in own):
        group, rule = own[name]
        if rule.policy != "accept":
            continue
        if rule_packets(rule, held, members(held, group.id)) <= always:
            yield CloudRule(point, group.id, rule, state="absent")
        else:
            yield Finding(point, name, "还服务于其他流量，予以保留")


def _side(packets: Packets, side: str) -> Ranges:
    return Ranges.of(span for box in packets for span in box.get(side, addresses("any")))


def _said(hosts: Ranges) -> str:
    return "、".join(str(address_at(low)) for low, _ in hosts.spans[:4])
