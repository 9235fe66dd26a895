"""Anchors become positions."""

from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.devices.anchors import NoSuchAnchor, misplaced, position
from nornir_itsm.model.change import Json
from nornir_itsm.model.intent import Anchor

Place = Literal["before", "after", "first", "last"]
PLACES: tuple[Place, ...] = get_args(Place)


def _numbered(names: list[str]) -> list[dict[str, Json]]:
    return [{"name": name, "position": number} for number, name in enumerate(names, start=1)]


@given(st.data(), st.integers(1, 8), st.sampled_from(PLACES), st.booleans())
def test_moving_there_is_being_there(data: st.DataObject, size: int, place: Place, new: bool) -> None:
    """A rule that is inserted at, or moved to, the position found stands at its anchor."""
    names = [f"r{number}" for number in range(size + 1)]
    mover = names.pop()
    present = names if new else data.draw(st.permutations([*names, mover]))
    anchor = Anchor(place, data.draw(st.sampled_from(names)) if place in ("before", "after") else "")
    at = position(anchor, data.draw(st.permutations(_numbered(present))), mover)
    others = [name for name in present if name != mover]
    others.insert(at - 1, mover)
    assert misplaced(anchor, _numbered(others), mover) == ""


def test_a_rule_elsewhere_is_misplaced() -> None:
    """What stands around a rule that is not at its anchor is named."""
    problem = misplaced(Anchor("before", "a"), _numbered(["a", "b", "new"]), "new")
    assert problem == "it should stand before a, the order is b / new"


def test_an_anchor_that_is_gone_is_an_error() -> None:
    """A rule cannot stand next to one that is not there, nor next to itself."""
    for name in ("gone", "new"):
        with pytest.raises(NoSuchAnchor):
            position(Anchor("after", name), _numbered(["a", "new"]), "new")
