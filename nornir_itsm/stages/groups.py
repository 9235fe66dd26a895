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
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _State:
    """One state of a region in one direction: its rules, a section for addresses that are treated alike."""

    facts: GroupFacts
    direction: Direction
    rules: Rules
    lengths: Mapping[tuple[str, ...], int]
    """The groups of each section, in order, with how many rules it has."""


_made: deque[_State] = deque(maxlen=_REMEMBERED)
_alike: deque[tuple[GroupFacts, Mapping[tuple[str, ...], Ranges]]] = deque(maxlen=_REMEMBERED)
"""What was worked out of late: a plan asks for the same state many times."""


def group_list(point: str, facts: GroupFacts, direction: Direction) -> RuleList:
    """Return what all interfaces together do to packets that come in (``ingress``) or go out (``egress``)."""
    kept = [state for state in tuple(_made) if state.direction == direction]
    state = next((one for one in kept if one.facts is facts), None)
    if state is None:
        like = next((one for one in reversed(kept) if _alike_but_rules(one.facts, facts)), None)
        state = _changed(like, facts) if like else _new(facts, direction)
        _made.append(state)
    return RuleList(point, state.rules, Rule(NO_INTERFACE, EVERYTHING))


def _alike_but_rules(one: GroupFacts, other: GroupFacts) -> bool:
    return one.memberships is other.memberships and one.groups.keys() == other.groups.keys()


def _new(facts: GroupFacts, direction: Direction) -> _State:
    sections = {
        groups: tuple(_section(groups, hosts, facts, direction)) for groups, hosts in alike(facts).items()
    }
    lengths = {groups: len(rules) for groups, rules in sections.items()}
    return _State(facts, direction, Rules(rule for rules in sections.values() for rule in rules), lengths)


def _changed(before: _State, facts: GroupFacts) -> _State:
    """Return the state after *before*: sections whose groups say the same are taken from it."""
    differing = {id for id, group in facts.groups.items() if before.facts.groups[id] is not group}
    rules, lengths, start = before.rules, dict(before.lengths), 0
    for groups, hosts in alike(facts).items():
        if differing.intersection(groups):
            made = tuple(_section(groups, hosts, facts, before.direction))
            rules = rules.spliced(start, start + lengths[groups], made)
            lengths[groups] = len(made)
        start += lengths[groups]
    return _State(facts, before.direction, rules, lengths)


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


def _section(
    groups: tuple[str, ...], hosts: Ranges, facts: GroupFacts, direction: Direction
) -> Iterator[Rule]:
    """Yield what holds for addresses that are in the same groups."""
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
