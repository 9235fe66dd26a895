"""An approved order on the devices: carried out, found done, taken back; deleted, and made again."""

from collections.abc import Callable

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import NeedsPerson, Refused
from nornir_itsm.lab import Lab
from nornir_itsm.pipeline import carry_out, check, rehearse, resume, take_back

from .bench import (
    ADD_04,
    ADD_05,
    DELETE_04,
    DELETE_05,
    Bench,
    Rehearsal,
    bench,
    colleague,
    received,
    states,
)

DELETION = {ADD_04: DELETE_04, ADD_05: DELETE_05}


def forms(seen: Rehearsal) -> list[tuple[str]]:
    return [(form,) for form in DELETION]


def carried_out(form: str) -> None:
    one = bench()
    app, lab, change = one.author, one.lab, one.approved(form)
    plan = app.changes.change(change).plan
    planned = [line.strip() for c in plan.changes for line in c.commands]
    assert rehearse(change, app) == sum(len(c.commands) + len(c.calls) for c in plan.to_do)
    assert received(lab) == (0, 0)
    done = carry_out(change, app)
    assert (done.state, len(done.verdicts)) == ("done", len(plan.to_do))
    assert [r.text for r in lab.firewall.lines] == [*planned, "end", "save"]
    assert lab.firewall.startup_state() == lab.firewall.state()
    stored = app.changes.change(change)
    assert (stored.state, app.desk.read(stored.ticket)["state"]) == ("done", "closed")
    assert app.changes.locks() == ()
    assert all(step.accepted for step in app.changes.steps(change))
    assert check(change, app).sent == 0


@pytest.mark.on_benches(carried_out, forms)
def test_an_approved_order_is_carried_out_verified_saved_and_closed(problems: list[str]) -> None:
    """Everything planned is sent once, in order; afterwards devices, store and ticket say the same."""
    assert problems == []


def done_again(form: str) -> None:
    one = bench()
    change = one.approved(form)
    carry_out(change, one.author)
    before = received(one.lab)
    assert carry_out(change, one.author).sent == 0
    again = one.plan(form)
    assert {demand.verdict for demand in again.demands} == {"covered"}
    assert (again.to_do, received(one.lab)) == ((), before)


@pytest.mark.on_benches(done_again, forms)
def test_what_is_done_is_not_done_again(problems: list[str]) -> None:
    """A second run sends nothing, and the same order planned again finds everything open."""
    assert problems == []


def taken_back(form: str) -> None:
    one = bench()
    app, lab, change = one.author, one.lab, one.approved(form)
    baseline = states(lab)
    carry_out(change, app)
    assert states(lab) != baseline
    assert take_back(change, app).state == "rolled_back"
    assert states(lab) == baseline
    assert lab.firewall.startup_state() == lab.firewall.state()
    assert app.desk.read(app.changes.change(change).ticket)["state"] == "rolled_back"
    for again in (take_back, resume, carry_out):
        with pytest.raises(Refused):
            again(change, app)
    with pytest.raises(NeedsPerson, match="缺"):
        check(change, app)


@pytest.mark.on_benches(taken_back, forms)
def test_taking_back_leads_to_the_exact_baseline(problems: list[str]) -> None:
    """Afterwards the devices hold what they held, saved; the change is over, nothing more can be done."""
    assert problems == []


def deleted(form: str) -> None:
    one = bench()
    change = added_then_planned_deletion(one, form)
    plan = one.author.changes.change(change).plan
    assert all(p.exact and p.closed for p in plan.proofs)
    assert not any(p.opened or p.excess or p.wrongly_closed or p.shortfall for p in plan.proofs)
    assert carry_out(change, one.author).state == "done"
    books, groups = one.lab.firewall.state()["addresses"], one.lab.adc.state()["/rc/custom-address-group"]
    rules = [rule["name"] for rule in one.lab.firewall.state()["rules"]]  # type: ignore[attr-defined]
    assert {finding.object for finding in plan.findings} <= {*books, *groups, *rules}  # type: ignore[misc]
    assert plan.findings or form != ADD_04  # its source translation serves other flows too, and stays
    again = one.plan(DELETION[form])
    assert (again.to_do, {p.closed for p in again.proofs}) == ((), {()})


def added_then_planned_deletion(one: Bench, form: str) -> str:
    carry_out(one.approved(form), one.author)
    return one.approved(DELETION[form], reset=False)


@pytest.mark.on_benches(deleted, forms)
def test_a_deletion_closes_exactly_what_the_order_opened(problems: list[str]) -> None:
    """The proof says what closes; nothing opens, nobody else loses anything; what stays is named."""
    assert problems == []


def made_again(form: str) -> None:
    one = bench()
    deletion = added_then_planned_deletion(one, form)
    opened = states(one.lab)
    carry_out(deletion, one.author)
    assert states(one.lab) != opened
    carry_out(one.approved(form, reset=False), one.author)
    assert states(one.lab) == opened


@pytest.mark.on_benches(made_again, forms)
def test_what_was_deleted_can_be_made_again(problems: list[str]) -> None:
    """The devices end as after the first time."""
    assert problems == []


def deletion_taken_back(form: str) -> None:
    one = bench()
    deletion = added_then_planned_deletion(one, form)
    opened = states(one.lab)
    carry_out(deletion, one.author)
    take_back(deletion, one.author)
    assert states(one.lab) == opened


@pytest.mark.on_benches(deletion_taken_back, forms)
def test_a_deletion_can_be_taken_back(problems: list[str]) -> None:
    """Rules that stood side by side come back in their old order."""
    assert problems == []


def test_verify_notices_what_was_removed_since(
    lab: Lab, installation: App, approved: Callable[[str], str]
) -> None:
    """A rule that somebody took away is missed, with the device's name."""
    change = approved(ADD_04)
    carry_out(change, installation)
    colleague(lab, "policy-global", 'no rule name "示例期货公司A-示例本地行情上网"', "exit")
    with pytest.raises(NeedsPerson, match="DC1-ISP-FW01"):
        check(change, installation)
