"""The changes that wait, held against each other on what the devices show now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import StoredChange
from nornir_itsm.stages.plan import Known, points_needed
from nornir_itsm.stages.queue import Relation, Waiting, relation, turns

_MIRRORED: Mapping[Relation, Relation] = {"before": "after", "after": "before"}


@dataclass(frozen=True, slots=True)
class Queue:
    """The order in which changes should go, and how each stands to those that it does not commute with.

    ``relations``: (one, other) -> how one stands to the other, both ways. ``stale``: changes whose plan
    would be another one now, whatever the others do.
    """

    order: tuple[str, ...] = ()
    relations: Mapping[tuple[str, str], Relation] = field(default_factory=dict)
    stale: tuple[str, ...] = ()


def queue(stored: Sequence[StoredChange], tools: Tools) -> Queue:
    """Hold changes against each other; the devices that they need are read once."""
    changes = [Waiting(one.id, one.order, one.plan) for one in stored]
    needed = dict.fromkeys(p for c in changes for p in points_needed(c.order, tools.site, tools.runbooks))
    if not needed:
        return Queue(tuple(change.id for change in changes))
    known = Known(tools.site, tools.runbooks, tools.knowledge.facts(tuple(needed)), tools.templates, {})
    relations: dict[tuple[str, str], Relation] = {}
    for one, other in combinations(changes, 2):
        how = relation(one, other, known)
        if how != "commute":
            relations[one.id, other.id] = how
            relations[other.id, one.id] = _MIRRORED.get(how, how)
    stale = tuple(
        change.id for change in changes if change.again(known).fingerprint != change.plan.fingerprint
    )
    return Queue(turns([change.id for change in changes], relations), relations, stale)


def beside(one: StoredChange, others: Sequence[StoredChange], tools: Tools) -> Mapping[str, Relation]:
    """Return how one change stands to the others that write to the same devices, by their numbers."""
    mine = {change.device for change in one.plan.to_do}
    near = [other for other in others if mine & {change.device for change in other.plan.to_do}]
    if not near:
        return {}
    found = queue([one, *near], tools)
    return {other.id: found.relations.get((one.id, other.id), "commute") for other in near}
