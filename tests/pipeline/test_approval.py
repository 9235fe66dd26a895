"""Four eyes: nothing is sent that a second person has not approved as it is."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

import pytest

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.journal import approvals
from nornir_itsm.journal.records import Approval
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL
from nornir_itsm.pipeline import carry_out, rehearse, withdraw

from .bench import ADD_04, DELETE_04, DEVICES

Plan = Callable[[str], str]


@pytest.fixture(autouse=True)
def nothing_is_sent(lab: Lab) -> object:
    """Whatever is refused here, no device gets a line."""
    yield
    assert [lab.device(name).lines for name in DEVICES] == [(), ()]


def refused(app: App, change: str, why: str) -> None:
    """Carrying out and rehearsing are both refused, with exit code 5, and nothing stays locked."""
    for work in (carry_out, rehearse):
        with pytest.raises(Refused, match=why) as caught:
            work(change, app)
        assert caught.value.exit_code == 5
        assert caught.value.hint
    assert app.changes.locks() == ()


def test_a_plan_without_approval_is_not_carried_out(installation: App, planned: Plan) -> None:
    """Planning alone sends nothing; the message says who must do what."""
    refused(installation, planned(ADD_04), "planned")


def test_the_author_cannot_approve_his_own_plan(installation: App, planned: Plan) -> None:
    """Neither by his account, nor by acting for the approver."""
    change = planned(ADD_04)
    for name in (None, "示例审批人"):
        with pytest.raises(Refused):
            installation.approve(change, name, "同意")
    refused(installation, change, "planned")


def test_a_wrong_token_approves_nothing(lab: Lab, installation: App, planned: Plan) -> None:
    """A token of nobody does not fall back to the account, and is not repeated in the message."""
    change = planned(ADD_04)
    stranger = App.open(lab.config, environ={TOKEN_VARIABLE: "not-a-token-of-anybody"})
    with pytest.raises(Refused) as caught:
        stranger.approve(change, None, "同意")
    assert "not-a-token" not in str(caught.value)
    refused(installation, change, "planned")


def test_another_plan_voids_the_approval(installation: App, approved: Plan, planned: Plan) -> None:
    """An approval is of one fingerprint: put another plan in its place, and it counts for nothing."""
    change = approved(ADD_04)
    other = installation.changes.change(planned(ADD_04)).plan
    plan = replace(other, fingerprint="sha256:" + "0" * 64)
    installation.changes.replace_plan(change, plan, installation.clock.now())
    refused(installation, change, "planned")


def test_an_old_approval_does_not_count_for_a_new_plan(
    installation: App, approver: App, approved: Plan
) -> None:
    """What was approved before the plan changed can neither be used nor given again."""
    change = approved(ADD_04)
    old = installation.changes.change(change).plan
    now = installation.clock.now()
    installation.changes.replace_plan(change, replace(old, fingerprint="sha256:" + "0" * 64), now)
    with pytest.raises(Refused):
        approver.changes.approve(change, "示例审批人", old.fingerprint, "同意", False, now)
    assert installation.changes.change(change).state == "planned"


COLUMNS = {
    "user": "示例工程师二",
    "fingerprint": "sha256:" + "0" * 64,
    "note": "同意超出部分",
    "accept_excess": 1,
    "at": "2020-01-01T00:00:00+08:00",
    "digest": "0" * 64,
}


@pytest.mark.parametrize("column", COLUMNS)
def test_an_approval_that_was_altered_in_the_store_is_refused(
    installation: App, approved: Plan, column: str
) -> None:
    """Whatever somebody with the file writes into the row, the chain does not hold any more."""
    change = approved(ADD_04)
    with sqlite3.connect(installation.settings.state) as file:
        file.execute(f"UPDATE approvals SET {column} = ? WHERE change = ?", (COLUMNS[column], change))
    refused(installation, change, "approval 1 was altered")


def test_an_approval_forged_whole_does_not_match_the_ticket(installation: App, planned: Plan) -> None:
    """Somebody with the file can make a chain that holds; the desk knows nothing of it."""
    change = planned(ADD_04)
    stored = installation.changes.change(change)
    forged = approvals.sealed(
        Approval(
            *(change, 0, "示例审批人", stored.author, stored.plan.fingerprint),
            *("同意", False, installation.clock.now(), "", ""),
        ),
        None,
    )
    values = [getattr(forged, name) for name in forged.__dataclass_fields__]
    with sqlite3.connect(installation.settings.state) as file:
        file.execute(f"INSERT INTO approvals VALUES ({', '.join('?' * len(values))})", values)
        file.execute("UPDATE changes SET state = 'approved' WHERE id = ?", (change,))
    refused(installation, change, "变更单")


def test_an_approval_forged_over_a_true_one_is_refused(installation: App, approved: Plan) -> None:
    """Also where the ticket exists: its head is another one."""
    change = approved(ADD_04)
    true = installation.changes.approvals(change)[0]
    digest = approvals.digest(replace(true, note="也同意"))
    with sqlite3.connect(installation.settings.state) as file:
        file.execute("UPDATE approvals SET note = '也同意', digest = ? WHERE change = ?", (digest, change))
    refused(installation, change, "head")


def test_a_plan_that_was_altered_in_the_store_is_not_carried_out(
    lab: Lab, installation: App, approved: Plan
) -> None:
    """The plan that is carried out is the one whose fingerprint was approved, line by line."""
    change = approved(ADD_04)
    with sqlite3.connect(installation.settings.state) as file:
        (plan,) = file.execute("SELECT plan_json FROM changes WHERE id = ?", (change,)).fetchone()
        assert "37791" in plan
        altered = plan.replace("TCP-37791", "TCP-3306")
        file.execute("UPDATE changes SET plan_json = ? WHERE id = ?", (altered, change))
    with pytest.raises(ChangeError):
        carry_out(change, installation)


def test_another_change_on_the_same_devices_waits(installation: App, approved: Plan) -> None:
    """A device belongs to one change at a time; the message names the one that has it."""
    first, second = approved(ADD_04), approved(ADD_04)
    installation.changes.lock([FIREWALL], first, installation.clock.now())
    with pytest.raises(Refused, match=first):
        carry_out(second, installation)
    assert {lock.change for lock in installation.changes.locks()} == {first}
    installation.changes.unlock(first)


def test_one_change_is_worked_on_by_one_process(lab: Lab, installation: App, approved: Plan) -> None:
    """While somebody is at it, nobody else applies, resumes or takes back; afterwards it is free."""
    change = approved(ADD_04)
    other = App.open(lab.config)
    with other.alone(change), pytest.raises(Refused, match="另一个进程"):
        carry_out(change, installation)
    assert rehearse(change, installation) > 0


def test_a_token_is_kept_as_its_digest_only(lab: Lab, installation: App, approved: Plan) -> None:
    """Nothing that the tool writes holds the approver's token or a device's password."""
    approved(ADD_04)
    token, password = lab.token.read_text(), (lab.directory / "firewall.password").read_text()
    assert sha256(token.encode()).hexdigest() in lab.config.read_text()
    written = [f for f in (lab.directory / "var").rglob("*") if f.is_file()]
    assert written
    assert not [f for f in written if token.encode() in f.read_bytes() or password.encode() in f.read_bytes()]
    del installation


def test_an_approved_deletion_of_what_is_not_there_sends_nothing(installation: App, approved: Plan) -> None:
    """An order that finds nothing to do may be approved and carried out; it is done, and nothing was sent."""
    change = approved(DELETE_04)
    assert installation.changes.change(change).plan.to_do == ()
    assert carry_out(change, installation).sent == 0
    assert installation.changes.change(change).state == "done"


def test_a_change_that_was_withdrawn_is_over(installation: App, approved: Plan, planned: Plan) -> None:
    """Before it was begun it can be given up: its ticket says so, and nobody carries it out any more."""
    change = approved(ADD_04)
    withdraw(change, installation, "客户取消")
    ticket = installation.changes.change(change).ticket
    assert installation.desk.read(ticket)["state"] == "withdrawn"
    refused(installation, change, "withdrawn")
    with pytest.raises(Refused):
        withdraw(change, installation, "再来一次")
    without_ticket = planned(ADD_04)
    withdraw(without_ticket, installation, "客户取消")
    assert installation.changes.change(without_ticket).state == "withdrawn"
