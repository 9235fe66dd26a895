"""Changes that wait at the same time: which commute, which must go first, which exclude each other.

Decided by planning each one as the other would leave the site: where the fingerprint stays the same, the
approval of what waits survives.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.plan import Known, make_plan, points_needed
from nornir_itsm.stages.predict import after

Relation = Literal["commute", "before", "after", "contradict"]
"""How one change stands to another: in any order, it must go before or after, or each voids the other."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that is planned or approved, and what its plan was made from."""

    id: str
    order: Order
    plan: Plan

    def again(self, known: Known) -> Plan:
        """Return the plan of this order on other facts, of which it sees what it needs."""
        needed = points_needed(self.order, known.site, known.designers)
        points = {point: known.facts.points[point] for point in needed}
        facts = replace(known.facts, points=points, named=self.plan.avoided)
        return make_plan(self.order, replace(known, facts=facts, answers=self.plan.answers))

    def done(self, known: Known) -> Known:
        """Return what is known once this change is carried out."""
        intents = [intent for change in self.plan.changes for intent in change.intents]
        return replace(known, facts=after(intents, known.facts))


def relation(one: Waiting, other: Waiting, known: Known) -> Relation:
    """Return how *one* stands to *other*. *known* has the facts of all points that both need."""
    if not {c.device for c in one.plan.to_do} & {c.device for c in other.plan.to_do}:
        return "commute"
    survives = one.again(other.done(known)).fingerprint == one.again(known).fingerprint
    leaves = other.again(one.done(known)).fingerprint == other.again(known).fingerprint
    match survives, leaves:
        case True, True:
            return "commute"
        case True, False:
            return "after"
        case False, True:
            return "before"
        case _:
            return "contradict"


def turns(changes: Sequence[str], relations: Mapping[tuple[str, str], Relation]) -> tuple[str, ...]:
    """Return the changes in an order in which as few approvals as possible are lost; else as they came.

    *relations*: (one, other) -> how one stands to the other.
    """
    graph: dict[str, set[str]] = {change: set() for change in changes}
    for (one, other), how in relations.items():
        if how == "before":
            graph[other].add(one)
        elif how == "after":
            graph[one].add(other)
    try:
        return tuple(_stable(TopologicalSorter(graph), changes))
    except CycleError:
        return tuple(changes)


def _stable(sorter: "TopologicalSorter[str]", changes: Sequence[str]) -> Iterable[str]:
    sorter.prepare()
    while sorter.is_active():
        for change in sorted(sorter.get_ready(), key=changes.index):
            yield change
            sorter.done(change)
