"""Batches: in order, as large as allowed, never two of a pair."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.turns import Cell
from nornir_itsm.stages.batches import Rollout, batches, partners

NAMES = [f"FW{n}" for n in range(8)]
PAIRS = (("FW0", "FW1"), ("FW2", "FW3", "FW4"))

cells = st.lists(st.sampled_from(NAMES), max_size=20).map(
    lambda names: tuple(Cell(turn, name) for turn, name in enumerate(names, start=1))
)
rollouts = st.builds(Rollout, canary=st.integers(0, 4), batch=st.integers(0, 4))


@given(cells, rollouts)
def test_every_turn_goes_once_and_in_order(group: tuple[Cell, ...], rollout: Rollout) -> None:
    """Whatever the batches are, they are the turns, in their order."""
    made = batches(group, rollout, PAIRS)
    assert tuple(cell for batch in made for cell in batch) == group
    assert all(made)


@given(cells, rollouts)
def test_no_batch_is_larger_than_allowed_nor_holds_two_of_a_pair(
    group: tuple[Cell, ...], rollout: Rollout
) -> None:
    """The first batch has as many devices as the canary allows, the others as the batch does."""
    for number, batch in enumerate(batches(group, rollout, PAIRS)):
        devices = {cell.device for cell in batch}
        limit = rollout.canary if number == 0 and rollout.canary else rollout.batch
        assert not limit or len(devices) <= limit
        assert all(len(devices & set(pair)) <= 1 for pair in PAIRS)


@given(cells, rollouts)
def test_a_batch_ends_only_where_it_must(group: tuple[Cell, ...], rollout: Rollout) -> None:
    """The first turn of a batch would have been one too many, or the other of a pair, in the one before."""
    made = batches(group, rollout, PAIRS)
    for number, (batch, after) in enumerate(pairwise(made)):
        devices, new = {cell.device for cell in batch}, after[0].device
        limit = rollout.canary if number == 0 and rollout.canary else rollout.batch
        assert new not in devices
        assert len(devices) == limit or devices & partners([new], PAIRS)


def test_one_to_try_then_three_by_three() -> None:
    """One of a pair is the canary; its other half has to wait for the next batch anyway."""
    group = tuple(Cell(n, name) for n, name in enumerate(NAMES, start=1))
    made = batches(group, Rollout(canary=1, batch=3), PAIRS)
    assert [[cell.device for cell in batch] for batch in made] == [
        ["FW0"], ["FW1", "FW2"], ["FW3"], ["FW4", "FW5", "FW6"], ["FW7"],
    ]  # fmt: skip


def test_without_anything_said_all_go_together() -> None:
    """The way of a change that nobody cuts up."""
    group = tuple(Cell(n, name) for n, name in enumerate(NAMES, start=1))
    assert batches(group, Rollout()) == (group,)
    assert batches((), Rollout(canary=1)) == ()
