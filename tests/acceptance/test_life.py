"""The life of an order beside its execution, by the public command: reject, hold, split, amend, expire."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import CORE
from tests.acceptance.conftest import Run, intents, verdicts

from . import typist

F04 = "04-双表-正表加Sheet1.xlsx"
SWITCH = "DC1-CORE-SW01"
AUTHOR, APPROVER, DUTY = "示例编写人", "示例审批人", "示例值班账号"
As = Callable[..., tuple[int, dict[str, Any]]]


@contextmanager
def token(user: str) -> Iterator[None]:
    """Show the token of a user, which is his name here."""
    before = os.environ.get(TOKEN_VARIABLE)
    os.environ[TOKEN_VARIABLE] = user
    try:
        yield
    finally:
        del os.environ[TOKEN_VARIABLE]
        if before is not None:
            os.environ[TOKEN_VARIABLE] = before


@pytest.fixture
def config(config: Path) -> Path:
    """The configuration with tokens that open something."""
    text = config.read_text("utf-8")
    for number, name in enumerate((AUTHOR, APPROVER, DUTY), start=1):
        text = text.replace(f"sha256:{number:064d}", f"sha256:{sha256(name.encode()).hexdigest()}")
    config.write_text(text, "utf-8")
    return config


@pytest.fixture
def by(run: Run) -> As:
    """Run a command as a user."""

    def call(user: str, *arguments: object) -> tuple[int, dict[str, Any]]:
        with token(user):
            return run(*arguments)

    return call


@pytest.fixture
def planned(by: As, orders: Path, snapshot: Path) -> str:
    """The order 04, planned from exports."""
    return str(by(AUTHOR, "plan", orders / F04, "--snapshot", snapshot)[1]["change"])


def ticket(config: Path, number: str) -> dict[str, Any]:
    """Return a ticket of the desk."""
    found = json.loads((config.parent / "var/tickets" / number / "ticket.json").read_text("utf-8"))
    return {**found["fields"], "state": found["state"]}


def decisions(by: As, change: str) -> list[tuple[str, str, str]]:
    """Return who decided what and why, from the chain that ``show`` verifies."""
    return [(r["decision"], r["user"], r["note"]) for r in by(AUTHOR, "show", change)[1]["records"]]


def test_a_rejection_takes_an_approval_back(by: As, planned: str, config: Path, snapshot: Path) -> None:
    """Only the second person rejects, with a reason; chain and ticket have it; nothing is handed over."""
    assert by(APPROVER, "approve", planned)[0] == 0
    assert by(AUTHOR, "reject", planned, "--reason", "自己")[0] == 5
    assert by(APPROVER, "reject", planned, "--reason", " ")[0] == 1
    assert by(APPROVER, "reject", planned, "--reason", "端口不对")[1]["state"] == "rejected"
    assert by(AUTHOR, "hand-over", planned)[0] == 5
    assert decisions(by, planned) == [("approve", APPROVER, ""), ("reject", APPROVER, "端口不对")]
    number = by(AUTHOR, "show", planned)[1]["ticket"]
    said = ticket(config, number)
    assert (said["state"], said["审批意见"]) == ("new", "驳回：端口不对")
    assert [one["id"] for one in by(AUTHOR, "list", "--state", "rejected")[1]["changes"]] == [planned]


def test_a_record_that_was_altered_is_refused(by: As, planned: str, config: Path) -> None:
    """What people said besides approving is in the chain as well."""
    import sqlite3

    by(APPROVER, "reject", planned, "--reason", "端口不对")
    with sqlite3.connect(config.parent / "var/state.sqlite") as file:
        file.execute("UPDATE approvals SET note = '同意'")
    assert by(AUTHOR, "show", planned)[0] == 5


def test_what_is_held_waits_and_keeps_its_approval(by: As, planned: str, snapshot: Path) -> None:
    """Neither carried out nor handed over while it is held; released it is approved as it was."""
    by(APPROVER, "approve", planned)
    assert by(AUTHOR, "hold", planned, "--reason", "等窗口")[1]["state"] == "held"
    assert by(AUTHOR, "hand-over", planned)[0] == by(AUTHOR, "apply", planned)[0] == 5
    assert by(AUTHOR, "release", planned)[1]["state"] == "approved"
    assert by(AUTHOR, "hand-over", planned)[1]["state"] == "handed_over"


def test_demands_go_on_apart(by: As, planned: str) -> None:
    """The named one stays under its number, the other is a change of its own that says where it came from."""
    by(APPROVER, "approve", planned)
    code, parted = by(AUTHOR, "split", planned, "D1")
    assert (code, parted["state"]) == (0, "planned")
    mine, other = (by(AUTHOR, "show", change)[1] for change in (planned, parted["other"]))
    assert [[d["id"] for d in one["demands"]] for one in (mine, other)] == [["D1"], ["D2"]]
    assert other["links"] == [{"change": parted["other"], "kind": "split from", "other": planned}]
    assert {proof["exact"] for one in (mine, other) for proof in one["proof"]} == {True}
    assert by(AUTHOR, "apply", planned)[0] == 5
    assert by(AUTHOR, "split", planned, "D1")[0] == by(AUTHOR, "split", planned, "D7")[0] == 1
    assert by(APPROVER, "approve", planned)[0] == by(APPROVER, "approve", parted["other"])[0] == 0


def test_another_form_takes_the_place_of_the_first(by: As, planned: str, orders: Path) -> None:
    """Number and ticket stay, the plan is another one and must be approved; a bad form changes nothing."""
    by(APPROVER, "approve", planned)
    before = by(AUTHOR, "show", planned)[1]
    assert by(AUTHOR, "amend", planned, orders / "no-such.xlsx")[0] == 3
    assert by(AUTHOR, "show", planned)[1]["fingerprint"] == before["fingerprint"]
    code, made = by(AUTHOR, "amend", planned, orders / "05-白名单-公司全称-协议下拉.xlsx")
    after = by(AUTHOR, "show", planned)[1]
    assert (code, made["change"], after["state"], after["ticket"]) == (
        10,
        planned,
        "planned",
        before["ticket"],
    )
    assert after["order"]["organization"] != before["order"]["organization"]
    assert by(AUTHOR, "hand-over", planned)[0] == 5
    by(AUTHOR, "withdraw", planned)
    assert by(AUTHOR, "amend", planned, orders / F04)[0] == 5


def test_what_ends_is_taken_away_in_time(
    by: As, made: Path, snapshot: Path, tmp_path: Path, config: Path
) -> None:
    """What is done and ends soon gets one removal, planned for the day after; a second run makes none."""
    last = date.today() + timedelta(days=3)
    order = json.loads((made / "AE-09.json").read_text("utf-8"))
    order["requests"][0]["valid"] = {"from": None, "until": last.isoformat()}
    form = tmp_path / "until.json"
    form.write_text(json.dumps(order), "utf-8")
    _, plan = by(AUTHOR, "plan", form, "--snapshot", snapshot, "--answer", "D1.valid=是")
    change = plan["change"]
    assert by(AUTHOR, "expire", "--snapshot", snapshot)[1] == {"expiring": []}  # nothing is done yet
    assert by(APPROVER, "approve", change)[0] == 0
    given = by(AUTHOR, "hand-over", change, "--out", tmp_path / "handed")[1]
    after = carried_out(Path(given["document"]).read_text("utf-8"), snapshot, tmp_path)
    assert by(AUTHOR, "attest", change)[0] == 0
    proved = by(AUTHOR, "verify", change, "--snapshot", after)[1]
    assert (proved["departures"], proved["problems"], proved["state"]) == ([], [], "done")
    code, found = by(AUTHOR, "expire", "--within", "3", "--snapshot", after)
    ((removal, new),) = ((one["removal"], one["new"]) for one in found["expiring"])
    assert (code, new, found["expiring"][0]["until"]) == (0, True, last.isoformat())
    shown = by(AUTHOR, "show", removal)[1]
    assert shown["links"] == [{"change": removal, "kind": "removes", "other": change}]
    assert (verdicts(shown), shown["proof"][0]["closed"]) == (["change"], plan["proof"][0]["opened"])
    assert by(AUTHOR, "expire", "--within", "3", "--snapshot", after)[1]["expiring"][0] == {
        **found["expiring"][0],
        "new": False,
    }
    assert by(AUTHOR, "expire", "--within", "2", "--snapshot", after)[1] == {"expiring": []}
    assert by(APPROVER, "approve", removal)[0] == 0
    assert by(AUTHOR, "apply", removal, "--dry-run")[0] == 5  # not before the day after


def carried_out(document: str, snapshot: Path, tmp_path: Path) -> Path:
    """Type a document at the firewall between VPCs; return exports, its own as text, none of the switch."""
    project = snapshot.parents[1]
    lab = Lab(tmp_path / "lab", snapshot=snapshot, project=project)
    typist.carry_out(document, lab, but=SWITCH)
    after = Path(shutil.copytree(snapshot, tmp_path / "after"))
    wall = after / "firewall_core"
    shutil.rmtree(wall)
    wall.mkdir()
    (wall / "running.cfg").write_text(lab.firewalls[CORE].running_text(), "utf-8")
    return after


def test_a_name_is_somebodys_from_plan_to_end(
    by: As, run: Run, made: Path, snapshot: Path, tmp_path: Path
) -> None:
    """Another order stays clear of it, also once it is free; the same order has the same name again."""
    order = json.loads((made / "AE-09.json").read_text("utf-8"))
    order["requests"][0]["destination"]["ports"] = ["5353"]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(order), "utf-8")

    def planned(form: Path) -> tuple[str, str, str]:
        plan = by(AUTHOR, "plan", form, "--snapshot", snapshot)[1]
        (rule,) = {name for kind, name, reuse in intents(plan, "DC1-CORE-FW01") if kind == "SecurityRule"}
        return plan["change"], plan["fingerprint"], rule

    first, again, second = planned(made / "AE-09.json"), planned(made / "AE-09.json"), planned(other)
    assert (first[1:], second[2]) == (again[1:], "VPC互访006")
    assert first[2] == "VPC互访005"
    by(AUTHOR, "withdraw", again[0])
    waiting = by(AUTHOR, "queue", "--planned", "--snapshot", snapshot)[1]
    assert (waiting["order"], waiting["stale"]) == ([first[0], second[0]], [])
    by(AUTHOR, "withdraw", first[0])
    assert by(APPROVER, "approve", second[0])[0] == by(AUTHOR, "hand-over", second[0])[0] == 0
    assert planned(made / "AE-09.json")[2] == "VPC互访007"
