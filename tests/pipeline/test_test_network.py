"""The test network's vsys on the lab: a plan that is wider than its order, from approval to rollback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.errors import Refused
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import TESTNET
from nornir_itsm.pipeline import carry_out, prepare, take_back

from .bench import open_as_approver, open_as_author, states

(FORM,) = (Path(__file__).parents[1] / "forms" / "samples").glob("02-*.xlsx")


@pytest.fixture
def lab(project: Path, tmp_path: Path) -> Iterator[Lab]:
    with Lab(tmp_path / "lab", snapshot=project / "inventory" / "snapshot", project=project) as lab:
        yield lab


def test_a_wider_plan_goes_its_way_once_that_is_accepted(lab: Lab) -> None:
    """Without a word about the excess it is not approved; with it, it is carried out and taken back."""
    author, approver, wall = open_as_author(lab), open_as_approver(lab), lab.firewalls[TESTNET]
    baseline, others = wall.state(), states(lab)
    order = author.read(FORM, {})
    plan = prepare(order, author, {})
    change = author.changes.new_change(order, plan, author.author(), author.clock.now())
    with pytest.raises(Refused):
        approver.approve(change, None, "同意")
    approver.approve(change, None, "同意", accept_excess=True)

    done = carry_out(change, author)
    assert (done.state, done.sent) == ("done", sum(len(turn.commands) for turn in plan.to_do))
    assert not prepare(order, author, {}).to_do
    assert wall.startup_state() == wall.state() != baseline

    assert take_back(change, author).state == "rolled_back"
    assert (wall.state(), wall.startup_state(), states(lab)) == (baseline, baseline, others)
