"""Which turn of a change comes next, which one is taken back first, and what state all of them come to.

The state of a change follows from its turns and never from what was done last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from nornir_itsm.model.change import Change
from nornir_itsm.model.intent import Intent
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.turns import Cell, CellState, Outcome


def cells(plan: Plan, kept: Mapping[int, CellState], *, done: bool = False) -> tuple[Cell, ...]:
    """Return every turn of a plan with the state that was *kept*; *done*: of a change that is over.

    A change that is over without anything kept was carried out before turns were.
    """
    first: CellState = "applied" if done else "waiting"
    made = (
        Cell(turn, change.device, bool(change.by_hand), kept.get(turn, first))
        for turn, change in enumerate(plan.to_do, start=1)
    )
    hands = ("handed_over", "attested", "verified", "differs")
    return tuple(replace(cell, by_hand=cell.by_hand or cell.state in hands) for cell in made)


def upcoming(listed: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return the turns that can be carried out now by the same hands: the order across devices is kept."""
    waiting = [cell for cell in listed if cell.state == "waiting"]
    return tuple(takewhile(lambda cell: cell.by_hand == waiting[0].by_hand, waiting))


def last(listed: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return the turns that must be taken back first, by the same hands, in the order of the plan."""
    there = [cell for cell in reversed(listed) if cell.in_effect]
    return tuple(takewhile(lambda cell: cell.by_hand == there[0].by_hand, there))[::-1]


def moved(listed: Iterable[Cell], group: Iterable[Cell], state: CellState) -> tuple[Cell, ...]:
    """Return all turns, those of a group in another state."""
    turns = {cell.turn for cell in group}
    return tuple(replace(cell, state=state) if cell.turn in turns else cell for cell in listed)


def state_of(listed: Sequence[Cell]) -> Outcome:
    """Return the state of a change that was begun and that nobody is pushing just now."""
    found = {cell.state for cell in listed}
    if "handed_over" in found:
        return "handed_over"
    if "differs" in found:
        return "differs"
    if listed and found == {"waiting"}:
        return "rolled_back"
    if "waiting" in found:
        return "partly"
    return "attested" if "attested" in found else "done"


def changes_of(plan: Plan, group: Iterable[Cell]) -> tuple[Change, ...]:
    """Return what is sent in these turns."""
    return tuple(plan.to_do[cell.turn - 1] for cell in group)


def intents_of(changes: Iterable[Change]) -> tuple[Intent, ...]:
    """Return what these changes intend, in order."""
    return tuple(intent for change in changes for intent in change.intents)


def back_of(changes: Sequence[Change]) -> tuple[Intent, ...]:
    """Return the intents that lead back, in the order in which they must be carried out."""
    return tuple(intent for change in reversed(changes) for intent in change.back)
