"""What a change does besides opening and closing: other translations, points wider than their path.

Every effect has its packets, so that a proof can tell the order's own hosts from somebody else's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nornir_itsm.model.cloud_network import GroupFacts
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.space.dimensions import LINK, address_at
from nornir_itsm.space.packets import NOTHING, Packets, together, union
from nornir_itsm.space.rules import IDENTITY, Outcome, RuleList, Rules, Translation, passing
from nornir_itsm.stages.follow import Followed, difference
from nornir_itsm.stages.words import MORE, flows


@dataclass(frozen=True, slots=True)
class Effect:
    """Some packets and what becomes of them, in words around the packets' own.

    *foreign*: the part that belongs to nobody who asked.
    """

    packets: Packets
    foreign: Packets
    before: str = ""
    after: str = ""

    def said(self) -> Iterator[str]:
        """Yield one sentence per flow."""
        for text in flows(self.packets):
            yield text if text.startswith(MORE) else f"{self.before}{text}{self.after}"


def treatment(both: Followed, asked: Packets, own: Packets) -> Iterator[Effect]:
    """Yield what arrives before and after, but translated differently or over other links.

    *asked*: the request as it sets out; *own*: what belongs to those who asked.
    """
    changed: dict[tuple[str, str], Packets] = {}
    later = _by_translation(both.after)
    for old, was in _by_translation(both.before).items():
        for new, becomes in later.items():
            if new != old and (part := (was & becomes).may() - asked):
                key = _said(old), _said(new)
                changed[key] = changed.get(key, NOTHING) | part
    for (words, others), packets in changed.items():
        yield Effect(packets, packets - own, after=f"：由{words}变为{others}")
    before, after = passing(both.before), passing(both.after)
    for one, other, words in ((before, after, "：不再走这条链路"), (after, before, "：改走这条链路")):
        moved = ((one - other) & other.without(LINK)).may() - asked
        yield Effect(moved, moved - own, after=words)


def _by_translation(outcomes: Iterable[Outcome]) -> dict[Translation, Packets]:
    found: dict[Translation, list[Packets]] = {}
    for one in outcomes:
        if one.passes:
            found.setdefault(one.translation, []).append(one.origin)
    return {to: together(origins) for to, origins in found.items()}


def _said(to: Translation) -> str:
    source = [f"源 {address_at(to.source)}"] if to.source is not None else []
    target = [f"目的 {address_at(to.destination)}"] if to.destination is not None else []
    port = [f"目的端口 {to.shift:+d}"] if to.shift else []
    return "“" + ("、".join([*source, *target, *port]) or "不转换") + "”"


def residue(
    states: Sequence[Sequence[RuleList]],
    points: Mapping[str, PointFacts],
    asked: Packets,
    own: Packets,
    filters: Mapping[str, Packets],
) -> Iterator[Effect]:
    """Yield what single points newly allow beyond the request although the path as a whole keeps it closed.

    *states*: the path before and after; *filters*: the request as the firewall of a point sees it.
    """
    for was, becomes in zip(*states, strict=True):
        touched = difference(was, becomes) & becomes.context
        facts = points.get(was.point)
        if facts is None or not touched:
            continue
        if isinstance(facts, GroupFacts):
            # Who else is in the group: the other points keep it closed, or the proof says that it opens.
            more = (becomes.passing(touched) - was.passing(touched)).may()
            left = (more - filters.get(was.point, NOTHING)).may()
            yield Effect(left, NOTHING, f"{was.point} 单独多放行 ", "，路径上的其他控制点不因此放行")
            continue
        if isinstance(facts, FirewallFacts) and isinstance(becomes.rules, Rules):
            more = becomes.forget(becomes.passing(touched) - was.passing(touched))
            left = (more - filters.get(was.point, NOTHING)).may()
            yield Effect(left, left, f"{was.point} 单独多放行 ", "，路径上没有转换通向它")
            continue
        for rule, wide in _wider(was, becomes, touched):
            if wide - asked:
                words = f"{was.point} 的“{rule}”对 ", " 生效；需求以外的部分由防火墙决定，不因此放行"
                yield Effect(wide, wide - own, *words)


def _wider(was: RuleList, becomes: RuleList, touched: Packets) -> Iterator[tuple[str, Packets]]:
    """Yield each rule, all its lines together, with what it newly translates."""
    known = [(rule.translation, share) for rule, share in was.shares(touched) if rule.passes]
    wide: dict[str, Packets] = {}
    for rule, share in becomes.shares(touched):
        if rule.passes and rule.translation != IDENTITY:
            new = share - union(s for translation, s in known if translation == rule.translation)
            plain = becomes.forget(new).without(LINK).may()
            wide[rule.label] = wide.get(rule.label, NOTHING) | plain
    yield from wide.items()
