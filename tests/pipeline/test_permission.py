"""Who may: every approval that a site's rules ask for, by the right people, in time; emergencies besides."""

import json
import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from nornir_itsm.app import App
from nornir_itsm.cli.boundary import guarded
from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.pipeline import carry_out, rehearse, take_back
from nornir_itsm.pipeline.audit import refusals
from nornir_itsm.pipeline.hands import Attestation, attest
from nornir_itsm.pipeline.life import reject
from nornir_itsm.pipeline.standing import owed, standing

from .bench import ADD_04, ADD_05, DEVICES, states
from .office import AUTHOR, NOON, Office

TWO = {
    "groups": {"网络组": ["乙", "丙"], "安全组": ["丁", AUTHOR]},
    "approvals": [
        {"need": {"网络组": 1}},
        {"need": {"安全组": 1}, "when": {"source": "行业云", "destination": "互联网"}},
    ],
    "valid_for": "7d",
}
FROZEN = {"first": "2026-11-20", "last": "2026-11-30", "reason": "年终封网"}
EMERGENCY = {"by": ["安全组"], "within": "24h"}
URGENT = {**TWO, "emergency": EMERGENCY, "freezes": [FROZEN], "time_zone": "Asia/Shanghai"}


def log(app: App, change: str) -> list[tuple[str, str]]:
    return [(one["user"], one["what"]) for one in refusals(change, app)]


def typed(office: Office, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Return what a command says with ``--json``."""
    assert guarded([*words, "--json", "--config", str(office.lab.config)]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_and_the_change_say_who_is_missing_and_who_was_refused(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the commands: found by what it waits for, with the groups, the names, and every refused attempt."""
    change = office.rules(TWO, "乙", "丙", "丁").plan(ADD_04)
    with pytest.raises(Refused):
        office.app().approve(change, None, "")
    (found,) = typed(office, capsys, "list", "--state", "waiting_approval")["changes"]
    assert (found["id"], found["state"]) == (change, "planned")
    assert [one["group"] for one in found["standing"]["missing"]] == ["网络组", "安全组"]
    assert typed(office, capsys, "list", "--state", "in_window")["changes"] == []
    (attempt,) = typed(office, capsys, "show", change)["refused"]
    assert (attempt["user"], attempt["what"], attempt["at"]) == (AUTHOR, "approve", NOON.isoformat())


def test_every_group_that_is_asked_must_approve(office: Office) -> None:
    """Until then the change is planned, shows who is missing and sends nothing; then it may be begun."""
    office.rules(TWO, "乙", "丙", "丁")
    change, author = office.plan(ADD_04), office.app()
    ticket = office.app("丙").approve(change, None, "同意")
    found = standing(author.changes.change(change), author)
    assert (found.phase, found.quorum.given) == ("waiting_approval", ("丙",))
    assert [(one.group, one.count, one.who) for one in found.quorum.missing] == [("安全组", 1, ("丁",))]
    assert (author.desk.read(ticket)["state"], "安全组" in author.desk.read(ticket)["待批准"]) == (
        "new",
        True,
    )
    with pytest.raises(Refused, match="planned"):
        carry_out(change, author, AUTHOR)
    assert office.sent() == 0
    office.app("丁").approve(change, None, "")
    assert standing(author.changes.change(change), author).phase == "in_window"
    assert author.desk.read(ticket)["state"] == "approved"
    assert rehearse(change, author) > 0


def test_whoever_may_not_approve_is_refused_and_kept_with_his_name(office: Office) -> None:
    """The author, the same person twice, one who is in no group that is asked, one without the role."""
    office.rules(TWO, "乙", "丙", "丁", "戊")
    change, author = office.plan(ADD_04), office.app()
    office.app("乙").approve(change, None, "")
    tries = (
        (author, "approver|wrote"),
        (office.app("乙"), "同一人"),
        (office.app("戊"), "不在需要批准的组里"),
    )
    for app, why in tries:
        with pytest.raises(Refused, match=why):
            app.approve(change, None, "")
    with pytest.raises(Refused, match="token"):
        office.app("己").approve(change, None, "")
    assert [one.user for one in author.changes.approvals(change)] == ["乙"]
    names = [user for user, what in log(author, change) if what == "approve"]
    assert names[:3] == [AUTHOR, "乙", "戊"]
    assert names[3].startswith("os:")
    assert "己" not in str(refusals(change, author)), "a token is never kept"
    assert (author.changes.change(change).state, office.sent()) == ("planned", 0)


def test_an_approval_that_grew_too_old_is_void_until_it_is_given_again(office: Office) -> None:
    """Carrying out is refused and kept; the same person may approve again then."""
    office.rules(TWO, "乙", "丁")
    change, author = office.plan(ADD_04), office.app()
    office.app("乙").approve(change, None, "")
    office.clock.at += timedelta(days=3)
    office.app("丁").approve(change, None, "")
    office.clock.at += timedelta(days=4, seconds=1)
    found = standing(author.changes.change(change), author)
    assert (found.phase, found.quorum.expired) == ("waiting_approval", ("乙",))
    with pytest.raises(Refused, match="已过期：乙"):
        carry_out(change, author, AUTHOR)
    assert (log(author, change), office.sent()) == ([(AUTHOR, "apply")], 0)
    office.app("乙").approve(change, None, "再次同意")
    assert rehearse(change, author) > 0


EDITS: dict[str, str] = {
    "a row of the chain": "UPDATE approvals SET note = '其实不同意' WHERE change = ?",
    "the plan": "UPDATE changes SET plan_json = replace(plan_json, 'TCP-37791', 'TCP-3306') WHERE id = ?",
    "an approval made up": "INSERT INTO approvals SELECT change, 2, '丙', author, fingerprint, '', 0, at,"
    " digest, '0', 'approve' FROM approvals WHERE change = ?",
}


def test_what_was_edited_in_the_store_is_not_carried_out(office: Office) -> None:
    """A row of the chain, the plan, an approval made up: refused, and who tried to carry it out is kept."""
    first, author = office.rules({}, "乙").plan(ADD_04), office.app()
    stored = author.changes.change(first)
    again = [author.changes.new_change(stored.order, stored.plan, AUTHOR, NOON.isoformat()) for _ in range(2)]
    for change, edit in zip((first, *again), EDITS.values(), strict=True):
        office.app("乙").approve(change, None, "同意")
        with sqlite3.connect(author.settings.state) as file:
            assert file.execute(edit, (change,)).rowcount == 1
        with pytest.raises(ChangeError):
            carry_out(change, author, AUTHOR)
        assert log(author, change) == [(AUTHOR, "apply")]
    assert office.sent() == 0


def test_another_plan_voids_every_approval(office: Office) -> None:
    """Whatever was approved is of another fingerprint then, and nobody's seat is filled."""
    office.rules(TWO, "乙", "丁")
    change, author = office.plan(ADD_04), office.app()
    for name in ("乙", "丁"):
        office.app(name).approve(change, None, "")
    other = replace(author.changes.change(change).plan, fingerprint="sha256:" + "0" * 64)
    author.changes.replace_plan(change, other, author.clock.now())
    found = standing(author.changes.change(change), author)
    assert (found.phase, len(found.quorum.missing)) == ("waiting_approval", 2)


def test_an_approval_that_the_desk_did_not_hear_of_is_told_again(office: Office) -> None:
    """The second try of the same person adds no link: it brings the ticket to the first."""
    office.rules(TWO, "乙", "丁")
    change, second = office.plan(ADD_04), office.app("乙")
    second.changes.approve(
        change, "乙", second.changes.change(change).plan.fingerprint, "", False, NOON.isoformat()
    )
    ticket = second.approve(change, None, "")
    assert len(second.changes.approvals(change)) == 1
    assert second.desk.read(ticket)["approval"] == second.changes.chain_head(change)


def test_an_emergency_begins_without_approval_and_owes_it(office: Office) -> None:
    """In a freeze too: the ticket has the reason, the list what is owed and overdue. A rejection is kept and
    the way back stays open; approvals settle it, however the change ended."""
    office.rules(URGENT, "乙", "丁")
    baseline = states(office.lab)
    change, author = office.plan(ADD_04), office.app()
    with pytest.raises(Refused, match="planned"):
        carry_out(change, author, AUTHOR)
    done = carry_out(change, author, AUTHOR, "交易中断")
    stored = author.changes.change(change)
    assert (done.state, stored.state) == ("done", "done")
    ticket = author.desk.read(stored.ticket)
    assert (ticket["紧急变更"], ticket["紧急原因"], ticket["state"]) == (
        "是",
        f"{AUTHOR}：交易中断",
        "closed",
    )
    assert ticket["approval"] == author.changes.chain_head(change)
    office.clock.at += timedelta(hours=24)
    assert owed(author, author.changes.list())[change].emergency == "owed"
    office.clock.at += timedelta(seconds=1)
    late = owed(author, author.changes.list())[change]
    assert (late.emergency, "逾期" in late.words) == ("overdue", True)
    second = office.app("乙")
    reject(change, second, second.approver(change, None), "不属于紧急情况")
    found = standing(author.changes.change(change), author)
    assert (found.phase, found.emergency, "不属于紧急情况" in found.words) == ("done", "rejected", True)
    assert take_back(change, author).state == "rolled_back"
    assert states(office.lab) == baseline
    for name in ("乙", "丁"):
        office.app(name).approve(change, None, "情况已核实")
    assert standing(author.changes.change(change), author).emergency == "approved"
    assert author.desk.read(stored.ticket)["approval"] == author.changes.chain_head(change)
    with pytest.raises(Refused, match="同一人"):
        office.app("乙").approve(change, None, "")


def test_an_emergency_that_may_not_be_is_refused_and_kept(office: Office) -> None:
    """Nobody without a reason, and nobody whom the site does not name."""
    change, author = office.rules(URGENT, "乙", "丁").plan(ADD_04), office.app()
    with pytest.raises(ChangeError, match="原因"):
        carry_out(change, author, AUTHOR, " ")
    author = office.rules(TWO, "乙", "丁").app()
    with pytest.raises(Refused, match="不能紧急执行"):
        carry_out(change, author, AUTHOR, "交易中断")
    assert (log(author, change), office.sent()) == ([(AUTHOR, "apply")] * 2, 0)
    assert author.changes.change(change).state == "planned"


def test_an_emergency_decides_nothing(office: Office) -> None:
    """What somebody rejected stays rejected."""
    office.rules(URGENT, "乙", "丁")
    change, author, second = office.plan(ADD_04), office.app(), office.app("乙")
    reject(change, second, second.approver(change, None), "不行")
    with pytest.raises(Refused, match="rejected"):
        carry_out(change, author, AUTHOR, "交易中断")
    assert office.sent() == 0


def test_an_emergency_in_a_persons_hands_may_be_given_back(office: Office) -> None:
    """He was handed it without approval; untouched, it is a plan again that waits for approval."""
    office.rules(URGENT, "乙", "丁")
    site = office.home / "site.yaml"
    text = site.read_text("utf-8")
    for device in DEVICES:
        text = re.sub(rf"(?m)^(  {device}:.*)$", r"\1\n    by_hand: 演练", text)
    site.write_text(text, "utf-8")
    change, author = office.plan(ADD_05), office.app()
    assert carry_out(change, author, AUTHOR, "交易中断").state == "handed_over"
    assert standing(author.changes.change(change), author).emergency == "owed"
    attest(change, author, Attestation(AUTHOR, undone=True))
    stored = author.changes.change(change)
    assert (stored.state, author.desk.read(stored.ticket)["state"]) == ("planned", "new")
    assert standing(stored, author).phase == "waiting_approval"
