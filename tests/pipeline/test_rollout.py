"""An order goes over its devices batch by batch: all of it or nothing, or what did not fail; pairs apart."""

from dataclasses import dataclass, replace
from functools import cached_property

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import PartlyDone, Refused, RolledBack
from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.model.topology import Site
from nornir_itsm.pipeline import carry_out, check, take_back
from nornir_itsm.stages.batches import Rollout

from .bench import ADD_04, Rehearsal, bench, states

ONE_BY_ONE = Rollout(canary=1, batch=1)


def once(seen: Rehearsal) -> list[tuple[object, ...]]:
    return [(seen,)]


def one_by_one(seen: Rehearsal) -> None:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    told: list[str] = []
    app = replace(one.author, listener=told.append)
    assert carry_out(change, app, rollout=ONE_BY_ONE).state == "done"
    assert states(one.lab) == seen.target
    batches = [line for line in told if "批" in line]
    assert batches == [f"第 1 批，共 2 批：{ADC}", f"第 2 批，共 2 批：{FIREWALL}"]
    assert [step.device for step in app.changes.steps(change) if step.phase == "save"] == [ADC, FIREWALL]
    assert take_back(change, app).state == "rolled_back"
    assert states(one.lab) == seen.baseline


@pytest.mark.on_benches(one_by_one, once)
def test_each_batch_is_verified_and_saved_before_the_next(problems: list[str]) -> None:
    """In the plan's order, and said so; afterwards it is taken back like any other."""
    assert problems == []


def all_or_nothing(seen: Rehearsal) -> None:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    one.lab.firewall.faults.refuse(3)
    with pytest.raises(RolledBack, match="此前的 1 批也已退回"):
        carry_out(change, one.author, rollout=ONE_BY_ONE)
    assert states(one.lab) == seen.baseline
    assert one.author.changes.change(change).state == "rolled_back"
    assert one.author.changes.locks() == ()


@pytest.mark.on_benches(all_or_nothing, once)
def test_a_later_batch_that_fails_takes_the_earlier_ones_back(problems: list[str]) -> None:
    """Nobody said that some of it is enough."""
    assert problems == []


def what_did_not_fail(seen: Rehearsal) -> None:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    one.lab.firewall.faults.refuse(3)
    with pytest.raises(PartlyDone, match=f"2 台设备中 1 台失败并已恢复（{FIREWALL}"):
        carry_out(change, one.author, rollout=replace(ONE_BY_ONE, tolerate=0.5))
    assert states(one.lab) == (seen.baseline[0], seen.target[1])
    assert one.author.changes.change(change).state == "partly"
    assert carry_out(change, one.author).state == "done"
    assert states(one.lab) == seen.target
    assert check(change, one.author).sent == 0


@pytest.mark.on_benches(what_did_not_fail, once)
def test_what_may_fail_leaves_the_rest_done_and_is_made_up_later(problems: list[str]) -> None:
    """Said as partly done, never as done; the next run does what is left."""
    assert problems == []


def first_fails(seen: Rehearsal) -> None:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    one.lab.adc.faults.refuse(1)
    with pytest.raises(RolledBack):
        carry_out(change, one.author, rollout=replace(ONE_BY_ONE, tolerate=1.0))
    assert states(one.lab) == seen.baseline
    assert one.lab.firewall.lines == ()


@pytest.mark.on_benches(first_fails, once)
def test_where_the_first_ones_fail_nothing_more_is_begun(problems: list[str]) -> None:
    """That is what they are for, whatever share may fail."""
    assert problems == []


@dataclass
class Paired(App):
    """An installation whose devices stand in for each other."""

    @cached_property
    def site(self) -> Site:
        return replace(super().site, pairs=((ADC, FIREWALL),))


def paired(seen: Rehearsal) -> None:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    told: list[str] = []
    app = Paired(one.author.settings, listener=told.append)
    assert carry_out(change, app).state == "done"
    assert sum("共 2 批" in line for line in told) == 2
    other = one.approved(ADD_04)
    app.changes.lock([ADC], other, app.clock.now())
    with pytest.raises(Refused, match=other):
        app.changes.lock([ADC], change, app.clock.now())
    again = one.ready(seen.order, seen.plan)
    with pytest.raises(Refused, match=f"{ADC}.*locked.*{other}"):
        carry_out(again, app)
    app.changes.unlock(other)


@pytest.mark.on_benches(paired, once)
def test_two_of_a_pair_are_never_worked_on_at_one_time(problems: list[str]) -> None:
    """Not in one batch, and not by two orders: who works on one holds the lock of the other."""
    assert problems == []
