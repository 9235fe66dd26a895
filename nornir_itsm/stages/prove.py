"""What a change opens, closes and treats differently, end to end, over two states of the rule bases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nornir_itsm.model.cloud_network import GroupFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.plan import Proof, Scope
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.model.topology import Hop, Path, Site
from nornir_itsm.space.dimensions import (
    ADDRESSES,
    DESTINATION,
    IN_ZONE,
    LINK,
    OUT_ZONE,
    SOURCE,
    TIME,
    addresses,
)
from nornir_itsm.space.packets import NOTHING, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Outcome, passing
from nornir_itsm.stages.beside import Effect, residue, treatment
from nornir_itsm.stages.follow import Followed, follow, opened_and_closed
from nornir_itsm.stages.groups import DIRECTIONS, group_list, neighbours
from nornir_itsm.stages.held import unseen
from nornir_itsm.stages.hops import ARRIVING, firewall_list, group_ends, outbound, rule_lists, zones
from nornir_itsm.stages.requested import Resolved
from nornir_itsm.stages.rulebase import as_matched, single
from nornir_itsm.stages.words import flows, packet


def not_covered(facts: Facts, path: Path | None = None) -> tuple[str, ...]:
    """Return what no proof covers, whether it was collected or not; security groups only off its *path*."""
    said = facts.cloud.network.collected
    groups = "已采集，未纳入证明" if "security_group_rules" in said else "未采集"
    entries = "已采集，只用来查出网的 EIP" if "snat_entries" in said else "未采集"
    held = [facts.points[hop.point] for hop in path.hops] if path else []
    guarded = any(isinstance(one, GroupFacts) and one.known for one in held)
    return (
        "路由与非对称路径",
        *(() if guarded else (f"云安全组（{groups}）",)),
        f"NAT 网关条目（{entries}）",
        "IPS/AV 的判决",
        "删除后仍存活的既有会话",
    )


_Key = tuple[str, str]
"""The zones of a path."""

PROTECTED = "（受保护）"


@dataclass(frozen=True, slots=True)
class _States:
    """Both states of the site, and every path that the change can touch, followed through them."""

    site: Site
    before: Facts
    after: Facts
    demands: Sequence[Resolved]
    followed: Mapping[_Key, Followed]
    beside: Mapping[_Key, tuple[list[Effect], list[Effect]]] = field(default_factory=dict)
    """Residue and treatment of every followed path."""
    beyond: Mapping[_Key, tuple[Packets, Packets]] = field(default_factory=dict)
    """What newly passes and what newly stops on a path though none of its demands asked."""


def prove(demands: Sequence[Resolved], site: Site, before: Facts, after: Facts) -> tuple[Proof, ...]:
    """Prove every demand of an order; the union of its demands is what may open and what may close."""
    followed = {
        _key(path): follow(
            rule_lists(path, site, before),
            rule_lists(path, site, after),
            union(_asked(d, site) for d in demands if d.path == path),
        )
        for path in _paths(demands, site, before, after)
    }
    states = _States(site, before, after, demands, followed)
    beside = {_key(path): _beside(path, states) for path in site.paths if _key(path) in followed}
    beyond = {_key(path): _beyond(path, states) for path in site.paths if _key(path) in followed}
    states = replace(states, beside=beside, beyond=beyond)
    elsewhere = _elsewhere(states)
    return tuple(_proof(one, states, elsewhere) for one in demands)


def _paths(demands: Sequence[Resolved], site: Site, before: Facts, after: Facts) -> list[Path]:
    """Return the demands' paths and every other path of the site that crosses a changed point."""
    changed = {name for name, facts in before.points.items() if after.points[name] != facts}
    own = [d.path for d in demands]

    def touched(path: Path) -> bool:
        points = {hop.point for hop in path.hops}
        return bool(points & changed) and points <= before.points.keys() and not path.manual

    return [p for p in site.paths if p in own or touched(p)]


def _asked(demand: Resolved, site: Site) -> Packets:
    """Return the request over every link, so that a flow that would leave by a wrong one is seen."""
    if outbound(demand.path, site):
        return demand.requested
    return union(e.packets for e in demand.expected)


def _elsewhere(states: _States) -> tuple[Packets, Packets]:
    """Return what a changed firewall newly passes or stops between zones that no followed path uses."""
    opened = closed = NOTHING
    for name, facts in states.before.points.items():
        later = states.after.points[name]
        if isinstance(facts, GroupFacts) and isinstance(later, GroupFacts) and later != facts:
            more, less = _within_networks(name, facts, later, states)
            opened, closed = opened | more, closed | less
        if not isinstance(facts, FirewallFacts) or not isinstance(later, FirewallFacts) or later == facts:
            continue
        hops = [h for path in states.site.paths if _key(path) in states.followed for h in path.hops]
        known = union(zones(h) for h in hops if h.point == name)
        old, new = (firewall_list(Hop(name), state, states.site) for state in (facts, later))
        more, less = opened_and_closed(old, new, known)
        opened, closed = opened | more, closed | less
    return opened, closed


def _within_networks(name: str, old: GroupFacts, new: GroupFacts, states: _States) -> tuple[Packets, Packets]:
    """Return what security groups newly pass or stop between hosts of one VPC: nothing else is between them.

    A request that names any source means its own hosts and ports for these neighbours too.
    """
    both = [[group_list(name, held, way) for way in DIRECTIONS] for held in (old, new)]
    moved = follow(both[0], both[1], NOTHING)
    near = neighbours(new)
    adds, deletes = (
        union(d.at_hosts.without(TIME) for d in states.demands if d.demand.action == action)
        for action in ("add", "delete")
    )
    return ((moved.opened & near) - adds).may(), ((moved.closed & near) - deletes).may()


def _key(path: Path) -> _Key:
    return path.source, path.destination


def _beyond(path: Path, states: _States) -> tuple[Packets, Packets]:
    both = states.followed[_key(path)]
    opened = both.opened - _wanted(states, path, "add")
    return opened.may(), (both.closed - _wanted(states, path, "delete")).may()


def _proof(one: Resolved, states: _States, elsewhere: tuple[Packets, Packets]) -> Proof:
    both = states.followed[_key(one.path)].within(as_matched(one.requested, one.demand.destinations))
    adding = one.demand.action == "add"
    keys = [_key(path) for path in (one.path, *_strangers(states))]
    excess = union((elsewhere[0], *(states.beyond[key][0] for key in keys)))
    wrong = union((elsewhere[1], *(states.beyond[key][1] for key in keys)))
    own = excess & one.allowed
    beyond = excess - union(d.allowed for d in states.demands if d.path == one.path)
    excess = beyond | own
    short = _shortfall(one, both.after, states.site) if adding else _kept(one, both)
    already = _as_asked(one, both.before) if adding else one.requested - _plain(passing(both.before).may())
    beside = [states.beside[key] for key in keys]
    residue = [effect for effects, _ in beside for effect in effects]
    residue += [] if adding or short.unguarded else _left_over(one, states)
    treatment = [effect for _, effects in beside for effect in effects]
    foreign = union(effect.foreign for effect in (*residue, *treatment))
    return Proof(
        demand=one.demand.id,
        exact=not (excess or wrong or short.unguarded or foreign),
        action=one.demand.action,
        already=flows(already & one.requested) if _rule_bases(one, states) else (),
        opened=flows(both.opened.may() & one.requested) if adding else (),
        closed=() if adding else flows(both.closed.may() & one.requested),
        excess=(*flows(beyond), *flows(own)),
        allowed=flows(own),
        wrongly_closed=flows(wrong),
        shortfall=short.reasons,
        protected=tuple(text for text in short.reasons if text.endswith(PROTECTED)),
        residue=tuple(text for effect in residue for text in effect.said()),
        treatment=tuple(text for effect in treatment for text in effect.said()),
        undecidable=_undecidable(one, both),
        counterexample=next(filter(None, map(packet, (excess, wrong, short.unguarded, foreign))), None),
        scope=_scope(one, states),
    )


def _left_over(one: Resolved, states: _States) -> Iterator[Effect]:
    """Yield what a filter would still let through of a delete, though nothing leads to it any more."""
    held = states.after.points
    several = sum(isinstance(held[hop.point], FirewallFacts) for hop in one.path.hops) > 1
    for hop in one.path.hops:
        facts = held[hop.point]
        if isinstance(facts, FirewallFacts):
            rules = firewall_list(hop, facts, states.site)
            still = rules.passing(one.seen_at(hop).packets & zones(hop)).may()
            words = f"{hop.point} 单独仍放行 ", f"，路径上已没有{'放行或' if several else ''}转换通向它"
            yield Effect(still.without(IN_ZONE, OUT_ZONE), NOTHING, *words)


def _strangers(states: _States) -> list[Path]:
    """Return the followed paths that no demand uses."""
    own = {_key(d.path) for d in states.demands}
    return [p for p in states.site.paths if _key(p) in states.followed and _key(p) not in own]


def _beside(path: Path, states: _States) -> tuple[list[Effect], list[Effect]]:
    """Return residue and treatment of one path."""
    demands = [d for d in states.demands if d.path == path]
    asked = union(d.requested for d in demands)
    own = (
        Packets.of({SOURCE: _hosts(demands)}) if outbound(path, states.site) else asked.without(SOURCE, TIME)
    )
    lists = [rule_lists(path, states.site, facts) for facts in (states.before, states.after)]
    filters = {
        hop.point: union(
            as_matched(_at_filter(d, hop), d.demand.destinations)
            for d in states.demands
            if hop in d.path.hops
        )
        for hop in path.hops
    }
    for point, _ in group_ends(path, states.site):
        filters[point] = union(d.at_hosts for d in states.demands if d.path == path)
    left = residue(lists, states.before.points, asked, own, filters)
    changed = treatment(states.followed[_key(path)], _wanted(states, path, "add"), own)
    return [effect for effect in left if effect.packets], [effect for effect in changed if effect.packets]


def _at_filter(demand: Resolved, hop: Hop) -> Packets:
    """Return the request as a filter sees it, with the tenant's prefix where the site lets a rule name it."""
    seen = demand.seen_at(hop)
    prefixes = () if seen.public else demand.wide_sources
    wide = Packets.of(*({SOURCE: addresses(prefix)} for prefix in prefixes))
    return seen.packets | (seen.packets.without(SOURCE) & wide)


def _hosts(demands: Iterable[Resolved]) -> Ranges:
    places = [single(a) for d in demands for h in d.hosts for a in (h.private, h.eip)]
    return Ranges.of((place, place) for place in places)


def _undecidable(one: Resolved, both: Followed) -> tuple[str, ...]:
    """Say of which part of a request nobody can tell, and which names open what they resolve to."""
    passes = _plain(passing(both.after))
    names = [d for d in one.demand.destinations if d != "any"]
    resolved = both.opened & as_matched(one.requested, names).within(**{DESTINATION: ADDRESSES})
    return (*flows((passes.may() - passes.must()) & one.requested), *flows(resolved - one.requested))


def _wanted(states: _States, path: Path, action: str) -> Packets:
    demands = (d for d in states.demands if d.demand.action == action and d.path == path)
    return union(as_matched(d.requested, d.demand.destinations) for d in demands)


def _plain(packets: Packets) -> Packets:
    """Return the packets in the requester's view, whichever link they take."""
    return packets.without(LINK)


def _as_asked(one: Resolved, outcomes: Iterable[Outcome]) -> Packets:
    """Return the part of the request that passes for certain, translated as asked on every requested line."""
    passed = [outcome for outcome in outcomes if outcome.passes]
    good = lost = NOTHING
    for expected in one.expected:
        right = union(o.origin for o in passed if o.translation == expected.translation)
        done = (expected.packets & right).must()
        good, lost = good | done, lost | (expected.packets - done)
    return _plain(good) - _plain(lost)


@dataclass(frozen=True, slots=True)
class _Short:
    """What is missing: why, part by part, and the packets that no protected rule accounts for."""

    reasons: tuple[str, ...]
    unguarded: Packets


def _shortfall(one: Resolved, outcomes: Sequence[Outcome], site: Site) -> _Short:
    left = one.requested - _as_asked(one, outcomes)
    unguarded = left
    parts: dict[tuple[str, str], Packets] = {}
    for outcome in outcomes:
        part = _plain(outcome.origin.may()) & left
        left = left - part
        if part:
            decider = _deciding(outcome, one)
            parts[decider] = parts.get(decider, NOTHING) | part
    reasons: list[str] = []
    for (point, label), part in parts.items():
        guarded = point in site.points and label in site.points[point].protected
        unguarded = unguarded - part if guarded else unguarded
        mark = PROTECTED if guarded else ""
        reasons += [f"{text}：{point} 的“{label}”先行匹配{mark}" for text in flows(part)]
    return _Short(tuple(reasons), unguarded)


def _deciding(outcome: Outcome, one: Resolved) -> tuple[str, str]:
    """Name what keeps an outcome from being as asked: a translation to somewhere else, or the block."""
    reached = outcome.translation.destination
    ours = {single(a) for host in one.hosts for a in (host.private, host.eip)}
    elsewhere = reached is not None and (outcome.passes or reached not in ours)
    if not elsewhere:
        return outcome.labels[-1]
    met = zip(outcome.labels, outcome.rules, strict=True)
    return next(label for label, rule in met if rule.translation.destination is not None)


def _kept(one: Resolved, both: Followed) -> _Short:
    """Return what of a delete still arrives where it did, and through which rules."""
    # By one rule or, should that one be off, by another: certain all the same.
    still = (_plain(passing(both.after)) - both.closed).must() & one.requested
    kept: dict[str, Packets] = {}
    for outcome in (o for o in both.after if o.passes):
        via = "、".join(f"{point} 的“{label}”" for point, label in outcome.labels)
        kept[via] = kept.get(via, NOTHING) | (_plain(outcome.origin).may() & still)
    reasons = (f"{text}：仍经 {via} 放行" for via, part in kept.items() for text in flows(part))
    return _Short(tuple(reasons), still)


def _scope(one: Resolved, states: _States) -> Scope:
    points = " → ".join(_rule_bases(one, states))
    unknown = [*not_covered(states.before, one.path), *states.before.gaps]
    eips = states.before.cloud.eips
    shared = [h.eip for h in one.hosts if h.eip in eips and eips[h.eip].bound_to == "Nat"]
    if shared:
        unknown.append(f"{'、'.join(shared)} 是 NAT 网关的共享地址：放行的是其后的所有主机")
    unknown += [text for hop in one.path.hops for text in _unread(hop.point, states.before)]
    until = one.demand.valid_until
    ends = [f"需求 {one.demand.id} 放行的流量在 {until} 之后由人删除"] if until else []
    publishes = [] if outbound(one.path, states.site) else [h.point for h in one.path.hops if h.translates]
    open_back = [
        f"{hop.point} 的回程不经任何 ACL（site.yaml answers: any）"
        for hop in one.path.hops
        if states.site.points[hop.point].answers == "any"
    ]
    arriving = (ARRIVING.format(point) for point in publishes)
    assumed = (*states.site.assumed, *open_back, *ends, *arriving)
    proved = f"新建会话，端到端经过 {points} 的规则库" if points else "路径上没有规则库：放行与否取决于路由"
    return Scope((proved,), assumed, tuple(unknown))


def _rule_bases(one: Resolved, states: _States) -> list[str]:
    """Return the points of the path that pass, stop or translate; a switch or router only leads on."""
    held = states.before.points
    passed = (h.point for h in one.path.hops if not isinstance(held[h.point], SwitchFacts))
    return [point for point in passed if not unseen(held[point])]


def _unread(point: str, facts: Facts) -> Iterator[str]:
    held = facts.points[point]
    if isinstance(held, SwitchFacts) and not held.known:
        yield f"{point} 未采集：其 VLAN、VPN 实例和路由的现状未知"
    elif isinstance(held, FirewallFacts | SwitchFacts) and held.unread:
        shown = "；".join(line.strip()[:60] for line in held.unread[:3])
        yield f"{point} 有 {len(held.unread)} 行配置未能识别：{shown}"
