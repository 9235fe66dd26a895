"""The turns of a change: their order holds, and the state of the change follows from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.turns import Cell, CellState
from nornir_itsm.stages.turns import last, moved, state_of, upcoming

HANDS = st.lists(st.booleans(), min_size=1, max_size=7)


def turns(hands: list[bool]) -> tuple[Cell, ...]:
    return tuple(Cell(turn, f"DC1-FW{turn:02}", by_hand) for turn, by_hand in enumerate(hands, start=1))


@given(HANDS)
def test_forwards_in_order_and_back_in_the_other(hands: list[bool]) -> None:
    """Each group is one pair of hands; all of them, one after the other, are the plan; back again alike."""
    there, way = turns(hands), []
    while group := upcoming(there):
        assert len({cell.by_hand for cell in group}) == 1
        way += [cell.turn for cell in group]
        there = moved(there, group, "attested" if group[0].by_hand else "applied")
    assert way == sorted(way) == [cell.turn for cell in there]
    assert state_of(there) == ("attested" if any(hands) else "done")
    back: list[int] = []
    while group := last(there):
        assert len({cell.by_hand for cell in group}) == 1
        back += reversed([cell.turn for cell in group])
        there = moved(there, group, "waiting")
    assert (back, state_of(there)) == (way[::-1], "rolled_back")


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (("waiting", "handed_over"), "handed_over"),
        (("applied", "handed_over"), "handed_over"),
        (("attested", "waiting"), "partly"),
        (("differs", "waiting"), "differs"),
        (("verified", "waiting"), "partly"),
        (("applied", "attested"), "attested"),
        (("applied", "verified"), "done"),
        (("waiting", "waiting"), "rolled_back"),
        ((), "done"),
    ],
)
def test_a_change_is_what_its_turns_are(states: tuple[CellState, ...], state: str) -> None:
    """Whatever was done last."""
    assert state_of([Cell(turn, "FW", state=one) for turn, one in enumerate(states, start=1)]) == state
