"""An approved order on the devices: carried out, found done, taken back; deleted, and made again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import NeedsPerson, Refused
from nornir_itsm.lab import Lab
from nornir_itsm.model.plan import Plan
from nornir_itsm.pipeline import carry_out, check, prepare, rehearse, resume, take_back

from .life import ADD_04, ADD_05, DELETE_04, DELETE_05, DEVICES, colleague, states

Approved = Callable[[str], str]
PAIRS = [(ADD_04, DELETE_04), (ADD_05, DELETE_05)]
ADDS = [ADD_04, ADD_05]


def plan_of(project: Path, app: App, form: str) -> Plan:
    return prepare(app.read(project / "orders" / form, {}), app, {})


def received(lab: Lab) -> list[int]:
    return [len(lab.device(name).lines) for name in DEVICES]


@pytest.mark.parametrize("form", ADDS)
def test_an_approved_order_is_carried_out_verified_saved_and_closed(
    lab: Lab, installation: App, approved: Approved, form: str
) -> None:
    """Everything planned is sent once, in order; afterwards devices, store and ticket say the same."""
    change = approved(form)
    plan = installation.changes.change(change).plan
    planned = [line.strip() for c in plan.changes for line in c.commands]
    assert rehearse(change, installation) == sum(len(c.commands) + len(c.calls) for c in plan.to_do)
    assert received(lab) == [0, 0]
    done = carry_out(change, installation)
    assert (done.state, len(done.verdicts)) == ("done", len(plan.to_do))
    assert [r.text for r in lab.firewall.lines] == [*planned, "end", "save"]
    assert lab.firewall.startup_state() == lab.firewall.state()
    stored = installation.changes.change(change)
    assert (stored.state, installation.desk.read(stored.ticket)["state"]) == ("done", "closed")
    assert installation.changes.locks() == ()
    assert all(step.accepted for step in installation.changes.steps(change))
    assert check(change, installation).sent == 0


@pytest.mark.parametrize("form", ADDS)
def test_what_is_done_is_not_done_again(
    lab: Lab, project: Path, installation: App, approved: Approved, form: str
) -> None:
    """A second run sends nothing, and the same order planned again finds everything open."""
    change = approved(form)
    carry_out(change, installation)
    before = received(lab)
    assert carry_out(change, installation).sent == 0
    again = plan_of(project, installation, form)
    assert {demand.verdict for demand in again.demands} == {"covered"}
    assert (again.to_do, received(lab)) == ((), before)


@pytest.mark.parametrize("form", ADDS)
def test_taking_back_leads_to_the_exact_baseline(
    lab: Lab, installation: App, approved: Approved, form: str
) -> None:
    """Afterwards the devices hold what they held, saved; the change is over and cannot be taken back twice."""
    baseline = states(lab)
    change = approved(form)
    carry_out(change, installation)
    assert states(lab) != baseline
    assert take_back(change, installation).state == "rolled_back"
    assert states(lab) == baseline
    assert lab.firewall.startup_state() == lab.firewall.state()
    ticket = installation.changes.change(change).ticket
    assert installation.desk.read(ticket)["state"] == "rolled_back"
    for again in (take_back, resume, carry_out):
        with pytest.raises(Refused):
            again(change, installation)
    with pytest.raises(NeedsPerson, match="缺"):
        check(change, installation)


@pytest.mark.parametrize(("add", "delete"), PAIRS)
def test_a_deletion_closes_what_the_order_opened_and_it_can_be_made_again(
    lab: Lab, project: Path, installation: App, approved: Approved, add: str, delete: str
) -> None:
    """The proof names what closes, nothing else opens or closes, and the same order opens it anew."""
    carry_out(approved(add), installation)
    opened = states(lab)
    change = approved(delete)
    proofs = installation.changes.change(change).plan.proofs
    assert all(p.closed and not (p.opened or p.excess or p.wrongly_closed) for p in proofs)
    assert carry_out(change, installation).state == "done"
    closed = states(lab)
    again = plan_of(project, installation, delete)
    assert (again.to_do, {p.closed for p in again.proofs}) == ((), {()})
    carry_out(approved(add), installation)
    assert states(lab)[0] == opened[0]
    assert sorted(map(str, lab.adc.state()["/net/dnat"])) == sorted(map(str, opened[1]["/net/dnat"]))  # type: ignore[call-overload]
    assert closed != opened


@pytest.mark.parametrize(("add", "delete"), PAIRS)
def test_a_deletion_can_be_taken_back(
    lab: Lab, installation: App, approved: Approved, add: str, delete: str
) -> None:
    """Rules that stood side by side come back in their old order."""
    carry_out(approved(add), installation)
    opened = states(lab)
    change = approved(delete)
    carry_out(change, installation)
    take_back(change, installation)
    assert states(lab) == opened


def test_a_deletion_leaves_what_others_use_and_names_it(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """Shared objects stay on the devices; the plan names them, so that nobody takes them for forgotten."""
    carry_out(approved(ADD_04), installation)
    change = approved(DELETE_04)
    plan = installation.changes.change(change).plan
    carry_out(change, installation)
    named = {finding.object for finding in plan.findings}
    assert named
    books, groups = lab.firewall.state()["addresses"], lab.adc.state()["/rc/custom-address-group"]
    rules = [rule["name"] for rule in lab.firewall.state()["rules"]]  # type: ignore[index, attr-defined]
    assert named <= {*books, *groups, *rules}  # type: ignore[misc]


def test_verify_notices_what_was_removed_since(lab: Lab, installation: App, approved: Approved) -> None:
    """A rule that somebody took away is missed, with the device's name."""
    change = approved(ADD_04)
    carry_out(change, installation)
    colleague(lab, "policy-global", 'no rule name "示例期货公司A-示例本地行情上网"', "exit")
    with pytest.raises(NeedsPerson, match="DC1-ISP-FW01"):
        check(change, installation)
