"""What a change opens, closes and treats differently, end to end, over two states of the rule bases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nornir_itsm.model.facts import Facts, FirewallFacts
from nornir_itsm.model.plan import Proof, Scope
from nornir_itsm.model.topology import Path, Site
from nornir_itsm.space.dimensions import LINK, address_at
from nornir_itsm.space.packets import NOTHING, Packets, union
from nornir_itsm.space.rules import IDENTITY, Outcome, passing
from nornir_itsm.stages.follow import Followed, difference, follow, opened_and_closed
from nornir_itsm.stages.hops import outbound, rule_lists
from nornir_itsm.stages.resolve import Resolved
from nornir_itsm.stages.rulebase import single
from nornir_itsm.stages.words import flows, packet

UNKNOWN = (
    "路由与非对称路径",
    "云安全组（未采集）",
    "NAT 网关条目（未采集）",
    "IPS/AV 的判决",
    "删除后仍存活的既有会话",
)
"""What no proof of this version covers."""

PROTECTED = "（受保护）"


@dataclass(frozen=True, slots=True)
class _States:
    """Both states of the site, and every path that the change can touch, followed through them."""

    site: Site
    before: Facts
    after: Facts
    demands: Sequence[Resolved]
    followed: Mapping[tuple[str, str], Followed]


def prove(demands: Sequence[Resolved], site: Site, before: Facts, after: Facts) -> tuple[Proof, ...]:
    """Prove every demand of an order; the union of its demands is what may open and what may close."""
    followed = {
        (path.source, path.destination): follow(
            rule_lists(path, site, before),
            rule_lists(path, site, after),
            union(_asked(d, site) for d in demands if d.path == path),
        )
        for path in _paths(demands, site, before, after)
    }
    states = _States(site, before, after, demands, followed)
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
    """Return what a changed firewall newly passes or stops between zones that no path of the site uses."""
    opened = closed = NOTHING
    for name, facts in states.before.points.items():
        if not isinstance(facts, FirewallFacts) or states.after.points[name] == facts:
            continue
        lists = [
            (old, new)
            for path in states.site.paths
            if not path.manual and any(hop.point == name for hop in path.hops)
            for old, new in zip(
                rule_lists(path, states.site, states.before),
                rule_lists(path, states.site, states.after),
                strict=True,
            )
            if old.point == name
        ]
        known = union(old.context for old, _ in lists)
        more, less = opened_and_closed(*lists[0], known) if lists else (NOTHING, NOTHING)
        opened, closed = opened | more, closed | less
    return opened, closed


def _proof(one: Resolved, states: _States, elsewhere: tuple[Packets, Packets]) -> Proof:
    key = (one.path.source, one.path.destination)
    both = states.followed[key]
    adding = one.demand.action == "add"
    opened, closed = both.opened, both.closed
    excess = (opened - _wanted(states, one.path, "add")) | elsewhere[0]
    wrong = (closed - _wanted(states, one.path, "delete")) | elsewhere[1]
    own = {(d.path.source, d.path.destination) for d in states.demands}
    for effect in (effect for other, effect in states.followed.items() if other not in own):
        excess, wrong = excess | effect.opened, wrong | effect.closed
    short = _shortfall(one, both.after, states.site) if adding else _kept(one, both.after)
    already = _as_asked(one, both.before) if adding else one.requested - _plain(passing(both.before).may())
    doubtful = _plain(passing(both.after))
    return Proof(
        demand=one.demand.id,
        exact=not (excess or wrong or short.unguarded),
        already=flows(already & one.requested),
        opened=flows(opened & one.requested),
        closed=flows(closed & one.requested),
        excess=flows(excess),
        wrongly_closed=flows(wrong),
        shortfall=short.reasons,
        protected=tuple(text for text in short.reasons if text.endswith(PROTECTED)),
        residue=tuple(_residue(one, states)),
        treatment=tuple(_treatment(both, one.requested)),
        undecidable=flows((doubtful.may() - doubtful.must()) & one.requested),
        counterexample=packet(excess) or packet(wrong) or packet(short.unguarded),
        scope=_scope(one, states),
    )


def _wanted(states: _States, path: Path, action: str) -> Packets:
    return union(d.requested for d in states.demands if d.demand.action == action and d.path == path)


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
    unguarded, reasons = left, []
    for outcome in outcomes:
        part = _plain(outcome.origin.may()) & left
        if not part:
            continue
        point, label = _deciding(outcome, one)
        guarded = point in site.points and label in site.points[point].protected
        reasons += [
            f"{text}：{point} 的“{label}”先行匹配{PROTECTED if guarded else ''}" for text in flows(part)
        ]
        left = left - part
        if guarded:
            unguarded = unguarded - part
    return _Short(tuple(reasons), unguarded)


def _deciding(outcome: Outcome, one: Resolved) -> tuple[str, str]:
    """Name what keeps an outcome from being as asked: a translation to somewhere else, or the block."""
    reached = outcome.translation.destination
    ours = {single(a) for host in one.hosts for a in (host.private, host.eip)}
    elsewhere = reached is not None and (outcome.passes or reached not in ours)
    return outcome.labels[0 if elsewhere else -1]


def _kept(one: Resolved, outcomes: Iterable[Outcome]) -> _Short:
    """Return what of a delete still passes, and through which rules."""
    left, reasons = NOTHING, []
    for outcome in (o for o in outcomes if o.passes):
        part = _plain(outcome.origin.may()) & one.requested
        via = "、".join(f"{point} 的“{label}”" for point, label in outcome.labels)
        reasons += [f"{text}：仍经 {via} 放行" for text in flows(part)]
        left = left | part
    return _Short(tuple(reasons), left)


def _treatment(both: Followed, requested: Packets) -> Iterator[str]:
    """Say which packets pass before and after but come out differently."""
    changed: dict[tuple[str, str], Packets] = {}
    for was in (o for o in both.before if o.passes):
        for becomes in (o for o in both.after if o.passes and o.translation != was.translation):
            part = (was.origin & becomes.origin).may() - requested
            key = _said(was), _said(becomes)
            changed[key] = changed.get(key, NOTHING) | part
    for (old, new), packets in changed.items():
        yield from (f"{text}：由{old}变为{new}" for text in flows(packets))


def _said(outcome: Outcome) -> str:
    to = outcome.translation
    source = [f"源 {address_at(to.source)}"] if to.source is not None else []
    target = [f"目的 {address_at(to.destination)}"] if to.destination is not None else []
    return "“" + ("、".join([*source, *target]) or "不转换") + "”"


def _residue(one: Resolved, states: _States) -> Iterator[str]:
    """Say what single points allow beyond the request although the path as a whole keeps it closed."""
    old, new = (rule_lists(one.path, states.site, facts) for facts in (states.before, states.after))
    for was, becomes in zip(old, new, strict=True):
        touched = difference(was, becomes) & becomes.context
        facts = states.before.points.get(was.point)
        if facts is None or not touched:
            continue
        if isinstance(facts, FirewallFacts):
            more = becomes.forget(becomes.passing(touched) - was.passing(touched)).may()
            more = more - union(d.at_firewall for d in states.demands if d.path == one.path)
            yield from (f"{was.point} 单独多放行 {text}，路径上没有转换通向它" for text in flows(more))
            continue
        for rule, share in becomes.shares(touched):
            wide = becomes.forget(share).without(LINK).may()
            if rule.translation != IDENTITY and wide - one.requested:
                said = "、".join(flows(wide))
                yield f"{was.point} 的“{rule.label}”对 {said} 生效；需求以外的部分由防火墙决定，不因此放行"


def _scope(one: Resolved, states: _States) -> Scope:
    points = " → ".join(hop.point for hop in one.path.hops)
    unknown = [*UNKNOWN, *states.before.gaps]
    eips = states.before.cloud.eips
    shared = [h.eip for h in one.hosts if h.eip in eips and eips[h.eip].bound_to == "Nat"]
    if shared:
        unknown.append(f"{'、'.join(shared)} 是 NAT 网关的共享地址：放行的是其后的所有主机")
    unknown += [text for hop in one.path.hops for text in _unread(hop.point, states.before)]
    return Scope((f"新建会话，端到端经过 {points} 的规则库",), states.site.assumed, tuple(unknown))


def _unread(point: str, facts: Facts) -> Iterator[str]:
    held = facts.points[point]
    if isinstance(held, FirewallFacts) and held.unread:
        shown = "；".join(line.strip()[:60] for line in held.unread[:3])
        yield f"{point} 有 {len(held.unread)} 行配置未能识别：{shown}"
