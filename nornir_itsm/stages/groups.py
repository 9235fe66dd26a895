"""Security groups (安全组) as first-match rules over packets: what the interface of a tenant's host does.

Source: the vendor's pages on basic and advanced groups, rules, and ModifySecurityGroupPolicy. All rules of
all groups of an interface count together: the smaller priority wins, at the same one a drop does. Inner
accept comes before any rule, both ways. Else a basic group lets nothing in and everything out, an advanced
one nothing either way. They are stateful, so the way back needs no rule.
Assumed: port 0 is nobody's, so ``1/65535`` is every port; an address without an interface of its own (a load
balancer, a gateway) is in no group, and what it spreads to is not followed.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from nornir_itsm.model.cloud_network import GroupFacts, GroupRule, SecurityGroup
from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, SOURCE_PORT, UNKNOWN, addresses
from nornir_itsm.space.dimensions import services as service_span
from nornir_itsm.space.packets import EVERYTHING, NOTHING, Box, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Rules
from nornir_itsm.stages.parse.cloud_groups import ANY_PORT, turn
from nornir_itsm.stages.rulebase import TRUE, covered, unknown

Direction = Literal["ingress", "egress"]
PROTOCOLS: Mapping[str, int | None] = {
    "ALL": None,
    "TCP": 6,
    "UDP": 17,
    "ICMP": 1,
    "ICMPV6": 58,
    "GRE": 47,
}
DEFAULT = "默认"
NO_INTERFACE = "没有网卡的地址：不经安全组"
_WORDS = {"ingress": "入方向", "egress": "出方向"}
DIRECTIONS: tuple[Direction, ...] = ("egress", "ingress")
"""As a packet between two hosts meets them."""
_REMEMBERED = 8

_made: deque[tuple[GroupFacts, str, Rules]] = deque(maxlen=_REMEMBERED)
_alike: deque[tuple[GroupFacts, Mapping[tuple[str, ...], Ranges]]] = deque(maxlen=_REMEMBERED)
"""What was worked out of late: a plan asks for the same state many times."""


def group_list(point: str, facts: GroupFacts, direction: Direction) -> RuleList:
    """Return what all interfaces together do to packets that come in (``ingress``) or go out (``egress``)."""
    kept = next((rules for held, way, rules in tuple(_made) if held is facts and way == direction), None)
    if kept is None:
        kept = Rules(_rules(facts, direction))
        _made.append((facts, direction, kept))
    return RuleList(point, kept, Rule(NO_INTERFACE, EVERYTHING))


def label(group: str, rule: GroupRule) -> str:
    """Return what a rule is called: in a proof, and where a site names those that it protects."""
    return f"{group} {rule.name}"


def alike(facts: GroupFacts) -> Mapping[tuple[str, ...], Ranges]:
    """Return the addresses by the groups that they are in: these are treated alike."""
    kept = next((known for held, known in tuple(_alike) if held is facts), None)
    if kept is not None:
        return kept
    spans: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for private, groups in facts.memberships.items():
        spans.setdefault(groups, []).extend(addresses(private))
    made = {groups: Ranges.of(held) for groups, held in sorted(spans.items())}
    _alike.append((facts, made))
    return made


def members(facts: GroupFacts, group: str) -> Ranges:
    """Return the addresses in a group."""
    return Ranges.of(span for groups, held in alike(facts).items() if group in groups for span in held)


def neighbours(facts: GroupFacts) -> Packets:
    """Return the packets between hosts of one VPC, as far as their groups tell which that is."""
    within: dict[str, list[tuple[int, int]]] = {}
    for group in facts.groups.values():
        within.setdefault(group.vpc, []).extend(members(facts, group.id))
    sides = (Ranges.of(spans) for spans in within.values())
    return Packets.of(*({SOURCE: hosts, DESTINATION: hosts} for hosts in sides if hosts))


def rule_packets(rule: GroupRule, facts: GroupFacts, hosts: Ranges, name: str = "") -> Packets:
    """Return what a rule matches for these *hosts* of its group; what nobody can evaluate is unknown."""
    far, near = _sides(rule.direction)
    box: dict[str, Ranges] = {near: hosts & addresses(rule.own) if rule.own else hosts}
    protocol = PROTOCOLS.get(rule.protocol, -1)
    if protocol != -1:
        box[SERVICE] = service_span(protocol, *ports(rule.ports))
    if rule.source_ports != ANY_PORT:
        box[SOURCE_PORT] = Ranges.span(*ports(rule.source_ports))
    if not box[near]:
        return NOTHING
    peers = _peers(rule, facts, far, name)
    made = Packets(tuple({**box, **peer} for peer in peers))
    return made if protocol != -1 else made & unknown(f"安全组协议 {rule.protocol}")


def ports(text: str) -> tuple[int, int]:
    """Read ``80/80``; ``-1/-1`` is every port, and so is ``1/65535``."""
    low, _, high = text.partition("/")
    first, last = int(low), int(high or low)
    return (0, 65535) if first < 0 or (first, last) == (1, 65535) else (first, last)


def _sides(direction: str) -> tuple[str, str]:
    """Return the dimensions of the peer and of the group's own side."""
    return (SOURCE, DESTINATION) if direction == "ingress" else (DESTINATION, SOURCE)


def _peers(rule: GroupRule, facts: GroupFacts, far: str, name: str) -> Iterator[Box]:
    known = rule.peer_kind == "cidr" and rule.peer
    if known:
        yield from covered(far, addresses(rule.peer), f"安全组规则 {name}" if rule.policy == "drop" else "")
    elif rule.peer_kind == "group" and rule.peer in facts.groups:
        if held := members(facts, rule.peer):
            yield {far: held}
    else:
        yield {UNKNOWN + f"安全组规则的对端 {rule.peer or '（空）'}": TRUE}


def _rules(facts: GroupFacts, direction: str) -> Iterator[Rule]:
    for groups, hosts in alike(facts).items():
        _, near = _sides(direction)
        here = Packets(({near: hosts},))
        held = [facts.groups[id] for id in groups if id in facts.groups]
        sure = len(held) == len(groups) > 0
        if not sure:
            lacking = "、".join(id for id in groups if id not in facts.groups) or "几个网络中同一地址的网卡"
            yield Rule(f"{lacking} 未知", here & unknown(f"{lacking} 的安全组规则"))
        yield from _inner(held, facts, direction, hosts)
        listed = [(group, rule) for group in held for rule in group.rules if rule.direction == direction]
        for group, rule in sorted(listed, key=lambda pair: (turn(pair[1]), pair[0].id)):
            name = label(group.id, rule)
            yield Rule(name, rule_packets(rule, facts, hosts, name), passes=rule.policy == "accept")
        lets_out = sure and direction == "egress" and not any(group.enterprise for group in held)
        name = f"{'、'.join(groups)} {_WORDS[direction]}{DEFAULT}{'允许' if lets_out else '拒绝'}"
        yield Rule(name, here, passes=lets_out)


def _inner(held: Iterable[SecurityGroup], facts: GroupFacts, direction: str, hosts: Ranges) -> Iterator[Rule]:
    far, near = _sides(direction)
    for group in held:
        if group.inner is False:
            continue
        match = Packets(({near: hosts, far: members(facts, group.id)},))
        sure = group.inner is True
        name = f"{group.id} 组内互通"
        yield Rule(name, match if sure else match & unknown(f"安全组 {group.id} 是否组内互通"))
