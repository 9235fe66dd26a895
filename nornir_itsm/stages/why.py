"""Does it pass? Each part of a question with the rules that decide it, from end to end along its path."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.intent import AdcRule, SecurityRule
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Path, Site
from nornir_itsm.space.dimensions import DESTINATION, LINK, SOURCE, UNKNOWN, address_at
from nornir_itsm.space.packets import EVERYTHING, NOTHING, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import IDENTITY, Outcome, Rule, RuleList, Rules, trace
from nornir_itsm.stages.asked import Asked, tenant_ranges
from nornir_itsm.stages.hops import CLOUD, NO_ROUTE, UNPUBLISHED, UNTRANSLATED, outbound, rule_lists
from nornir_itsm.stages.rulebase import single
from nornir_itsm.stages.words import flows

Answer = Literal["passes", "blocked", "undecidable"]
Standing = Literal["passes", "partial", "blocked", "undecidable", "manual", "unsupported"]

BY_LINK = "负载均衡选哪条链路"
"""Why a flow may pass or not although every rule is known."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule list that packets meet: the deciding rule, and what becomes of them there.

    *id* is the device's own, where it has one. *made_by* is the last change that wrote the rule.
    """

    point: str
    rule: str
    effect: str
    id: str = ""
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Packets that one row of rules decides. *because*: what nobody can evaluate and they depend on."""

    answer: Answer
    packets: Packets
    steps: tuple[Step, ...]
    because: tuple[str, ...] = ()

    @property
    def flows(self) -> tuple[str, ...]:
        """The packets in words."""
        return flows(self.packets)


@dataclass(frozen=True, slots=True)
class Judged:
    """All packets of a question, followed: those that pass for certain, those that do not, and the rest."""

    outcomes: tuple[Outcome, ...]
    passes: Packets
    blocked: Packets
    undecidable: Packets


@dataclass(frozen=True, slots=True)
class Why:
    """The answer. *unpublished* is what no public address leads to, as the tenant's host would see it."""

    path: Path
    asked: Packets
    judged: Judged
    parts: tuple[Part, ...]
    unpublished: Packets = NOTHING

    @property
    def standing(self) -> Standing:
        """What is true of all of it, else ``partial``."""
        found = {part.answer for part in self.parts}
        return found.pop() if len(found) == 1 else "partial"


def why(question: Asked, path: Path, site: Site, facts: Facts, made_by: Mapping[tuple[str, str], str]) -> Why:
    """Answer a question about a path whose points are known.

    *made_by*: (point, rule) -> change, see ``makers``. Packets are those of the requester's view. A
    tenant's address as the destination of a path that comes in means whatever public address and port lead
    to it; an EIP means its host.
    """
    lists = lists_of(path, site, facts)
    asked, unpublished = seen_by_requester(question, path, site, facts)
    judged = judge(lists, asked)
    parts = [part for answer in get_args(Answer) for part in _parts(answer, judged, lists)]
    if unpublished:
        first = (
            (there.point, UNPUBLISHED)
            if (there := site.translating(path))
            else (CLOUD, f"没有 {path.pool} 池的 EIP")
        )
        step = Step(*first, "没有地址和端口通向它")
        parts.append(Part("blocked", unpublished, (step,)))
    known = tuple(_identified(part, facts, made_by) for part in parts)
    return Why(path, asked, judged, known, unpublished)


def lists_of(path: Path, site: Site, facts: Facts) -> tuple[RuleList, ...]:
    """Return what packets meet; one that leaves untranslated has no way back (assumed by the site)."""
    stop = Rule(UNTRANSLATED, EVERYTHING, passes=False)
    return tuple(
        replace(one, otherwise=stop) if one.otherwise.label == UNTRANSLATED else one
        for one in rule_lists(path, site, facts)
    )


def seen_by_requester(question: Asked, path: Path, site: Site, facts: Facts) -> tuple[Packets, Packets]:
    """Return the packets as they set out, and those at a tenant's host that no public address leads to."""
    out = outbound(path, site)
    goal = _at_hosts(question.packets, SOURCE if out else DESTINATION, facts)
    if out or not question.destination <= tenant_ranges(site, facts.cloud):
        return goal, NOTHING
    lists = rule_lists(path, site, facts)
    translating = [one for one in lists if not isinstance(one.rules, Rules)]
    packets = goal
    for one in reversed(translating):
        packets = one.preimage(packets)
    arrived = (o.translation.image(o.origin) for o in trace(translating, packets) if o.passes)
    return packets.may(), goal - union(arrived).without(LINK).may()


def _at_hosts(packets: Packets, side: str, facts: Facts) -> Packets:
    """Return the packets with each EIP on a side replaced by the host that it is bound to."""
    found = packets
    for binding in facts.cloud.bindings:
        eip, private = Ranges.span(single(binding.eip)), Ranges.span(single(binding.private))
        there = packets.within(**{side: eip})
        if there:
            moved = Packets.of(*({**box, side: private} for box in there))
            found = (found - there) | moved
    return found


def judge(lists: Sequence[RuleList], asked: Packets) -> Judged:
    """Follow packets. A link is not for the requester to choose: all that a route takes have to be open."""
    outcomes = tuple(o for o in trace(lists, asked) if not _other_link(o, lists))
    go = union(o.origin.without(LINK) for o in outcomes if o.passes).may()
    stop = union(o.origin.without(LINK) for o in outcomes if not o.passes).may()
    return Judged(outcomes, go - stop, stop - go, go & stop)


def _other_link(outcome: Outcome, lists: Sequence[RuleList]) -> bool:
    """Tell whether packets were stopped only as thought to be on a link that their route does not take."""
    last = lists[len(outcome.rules) - 1]
    return not outcome.passes and last.otherwise.label == NO_ROUTE and outcome.rules[-1] != last.otherwise


def _parts(answer: Answer, judged: Judged, lists: Sequence[RuleList]) -> Iterator[Part]:
    """Yield the packets of one answer by the rules that they meet."""
    share = {"passes": judged.passes, "blocked": judged.blocked, "undecidable": judged.undecidable}[answer]
    found: dict[tuple[Step, ...], Packets] = {}
    for outcome in judged.outcomes:
        if outcome.passes or answer != "passes":
            steps = tuple(_step(one, rule) for one, rule in zip(lists, outcome.rules, strict=False))
            found[steps] = found.get(steps, NOTHING) | (outcome.origin & share)
    for steps, packets in found.items():
        if packets:
            doubts = tuple(
                sorted({d.removeprefix(UNKNOWN) for box in packets for d in box if d[:1] == UNKNOWN})
            )
            because = doubts or ((BY_LINK,) if answer == "undecidable" else ())
            yield Part(answer, packets.may(), steps, because)


def _step(one: RuleList, rule: Rule) -> Step:
    return Step(one.point, rule.label, _effect(rule))


def _effect(rule: Rule) -> str:
    to = rule.translation
    if not rule.passes:
        return "阻断"
    if to == IDENTITY:
        return "放行"
    said = [f"源 ⇒ {address_at(to.source)}"] if to.source is not None else []
    said += [f"目的 ⇒ {address_at(to.destination)}"] if to.destination is not None else []
    return "，".join([*said, *([f"目的端口 {to.shift:+d}"] if to.shift else [])])


def _identified(part: Part, facts: Facts, made_by: Mapping[tuple[str, str], str]) -> Part:
    """Return a part whose steps say which change made their rules, and the device's own ids."""
    steps = tuple(
        replace(step, id=_id(step, facts), made_by=made_by.get((step.point, step.rule), ""))
        for step in part.steps
    )
    return replace(part, steps=steps)


def _id(step: Step, facts: Facts) -> str:
    held = facts.points.get(step.point)
    rule = held.rule(step.rule) if isinstance(held, FirewallFacts) else None
    return rule.id if rule and rule.id != rule.name else ""


def makers(plans: Iterable[tuple[str, Plan]]) -> dict[tuple[str, str], str]:
    """Return (point, rule) -> the last change that wrote it; *plans* were carried out, the newest first."""
    found: dict[tuple[str, str], str] = {}
    for change, plan in plans:
        said = f"{change}（{plan.order_file}）"
        for intent in (i for one in plan.to_do for i in one.intents if not i.reuse):
            if isinstance(intent, SecurityRule | AdcRule):
                found.setdefault((intent.point, intent.rule.name), said if intent.state == "ensure" else "")
    return found
