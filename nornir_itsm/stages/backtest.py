"""Closed orders against dated snapshots: when each was carried out, and what was done besides.

An order counts as carried out between the first two snapshots of which the later one has it as asked and the
earlier one has not. All orders of such an interval are proved together over its two states.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Question
from nornir_itsm.stages.plan import Known, asked_of, make_plan
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.requested import Resolved
from nornir_itsm.stages.resolve import resolve
from nornir_itsm.stages.verify import differences

Outcome = Literal["done", "already", "not done", "questions", "not ours"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A snapshot by its name."""

    name: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of one order: between which snapshots, what would have been planned, what is missing."""

    file: str
    organization: str
    outcome: Outcome
    before: str = ""
    after: str = ""
    planned: Mapping[str, int] = field(default_factory=dict)
    """Device -> lines or calls that a plan on the snapshot before would have had."""
    missing: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """What changed between two snapshots, held against the orders that were carried out in between."""

    before: str
    after: str
    orders: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    """Device -> objects that differ."""
    beyond: tuple[str, ...] = ()
    """What newly passes though none of these orders asked for it."""
    wrongly_closed: tuple[str, ...] = ()


def backtest(
    orders: Sequence[Order], moments: Sequence[Moment], known: Known
) -> tuple[tuple[Replay, ...], tuple[Interval, ...]]:
    """Replay orders over snapshots in the order of their times; of *known* the facts are not used."""
    replays = tuple(_replay(order, moments, known) for order in orders)
    return replays, tuple(_interval(pair, orders, replays, known) for pair in pairwise(moments))


def _replay(order: Order, moments: Sequence[Moment], known: Known) -> Replay:
    open_questions = tuple(q for listed in asked_of(order).values() for q in listed)
    demands, questions = _resolved(order, moments[0].facts, known)
    if open_questions or questions:
        return Replay(order.file, order.organization, "questions", questions=(*open_questions, *questions))
    if not demands:
        return Replay(order.file, order.organization, "not ours")
    held = [_missing(order, moment.facts, known) for moment in moments]
    if not held[0]:
        return Replay(order.file, order.organization, "already", after=moments[0].name)
    at = next((i for i, missing in enumerate(held) if not missing), None)
    if at is None:
        return Replay(order.file, order.organization, "not done", missing=held[-1])
    before, after = moments[at - 1], moments[at]
    plan = make_plan(order, replace(known, facts=before.facts))
    planned: dict[str, int] = {}
    for change in plan.to_do:
        planned[change.device] = planned.get(change.device, 0) + len(change.commands) + len(change.calls)
    return Replay(order.file, order.organization, "done", before.name, after.name, planned)


def _resolved(order: Order, facts: Facts, known: Known) -> tuple[list[Resolved], list[Question]]:
    """Return the demands whose path is ours, and what stands in the way of resolving them."""
    paths = ((d, known.site.path(d.source_zone, d.destination_zone)) for d in order.demands)
    found = [
        resolve(demand, order, known.site, facts, known.answers)
        for demand, path in paths
        if path is not None and not path.manual
    ]
    return found, [question for one in found for question in one.questions]


def _missing(order: Order, facts: Facts, known: Known) -> tuple[str, ...]:
    """Say what of an order is not as asked; what protected rules hold does not count."""
    demands, _ = _resolved(order, facts, known)
    proofs = prove(demands, known.site, facts, facts)
    return tuple(text for proof in proofs for text in proof.shortfall if text not in proof.protected)


def _interval(
    pair: tuple[Moment, Moment], orders: Sequence[Order], replays: Sequence[Replay], known: Known
) -> Interval:
    before, after = pair
    names = before.name, after.name
    mine = [o for o, r in zip(orders, replays, strict=True) if (r.before, r.after) == names]
    demands = [one for order in mine for one in _resolved(order, before.facts, known)[0]]
    proofs = prove(demands, known.site, before.facts, after.facts)
    changed = {
        point: found
        for point, facts in before.facts.points.items()
        if (found := differences(facts, after.facts.points[point]))
    }
    return Interval(
        before.name,
        after.name,
        tuple(order.file for order in mine),
        changed,
        _once(proof.excess for proof in proofs),
        _once(proof.wrongly_closed for proof in proofs),
    )


def _once(texts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for listed in texts for text in listed))
