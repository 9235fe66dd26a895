"""The store's newer parts: turns, baselines, links, decisions besides approvals, and older files."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from ports_examples import LATER, NOW, ORDER, PLAN, plan

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.journal import Store
from nornir_itsm.model.turns import Cell
from nornir_itsm.ports import Link, Said
from nornir_itsm.store.sqlite import APPLICATION
from tests.stages.example_site import known

VERSION_3 = Path(__file__).with_name("version_3.sql").read_text("utf-8")
"""What a file was made with when the journal had one of its own."""


@pytest.fixture
def change(store: Store) -> str:
    """An approved change."""
    change = store.new_change(ORDER, PLAN, "甲", NOW)
    store.approve(change, "乙", PLAN.fingerprint, "看过", False, NOW)
    return change


def test_a_file_of_version_3_goes_on(in_a_file: Store, path: Path, tmp_path: Path) -> None:
    """All it holds stays, its chain holds, and its list shows last days; opened again nothing happens."""
    until = replace(ORDER, demands=(replace(ORDER.demands[0], valid_until="2026-12-31"),))
    id = in_a_file.new_change(until, PLAN, "甲", NOW)
    in_a_file.approve(id, "乙", PLAN.fingerprint, "看过", False, NOW)
    in_a_file.lock(["FW01"], id, NOW)
    in_a_file.outcome(in_a_file.intend(id, "FW01", "push", "exit", NOW), True, "", NOW)
    in_a_file.close()
    old = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(VERSION_3)
        connection.execute(f"ATTACH '{path}' AS new")
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE sql LIKE '%STRICT'")
        ]
        for table in tables:
            columns = ", ".join(
                f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})")
            )
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        connection.commit()
        connection.executescript(f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 3")
    for _ in range(2):
        with Store(old) as again:
            (link,) = again.verify_chain(id)
            assert (link.user, link.decision, again.change(id).plan) == ("乙", "approve", PLAN)
            assert [(one.id, one.valid_until) for one in again.list()] == [(id, "2026-12-31")]
            assert [step.what for step in again.steps(id)] == ["exit"]
            assert [lock.device for lock in again.locks()] == ["FW01"]
    with Store(old) as again:
        again.advance(id, "held", LATER, said=Said("甲", "hold", "等窗口"))
        assert (again.before_hold(id), len(again.verify_chain(id))) == ("approved", 2)
        assert len(tables) == 11


def test_turns_decision_and_state_are_kept_together_or_not_at_all(store: Store, change: str) -> None:
    """A state that may not follow leaves neither the turns nor the words."""
    given = [Cell(1, "FW01", state="handed_over"), Cell(2, "LB01")]
    with pytest.raises(ChangeError, match="cannot become verifying"):
        store.advance(change, "verifying", LATER, cells=given, said=Said("甲", "hand-over"))
    assert (store.turns(change), len(store.verify_chain(change))) == ({}, 1)
    head = store.advance(change, "handed_over", LATER, cells=given, said=Said("甲", "hand-over"))
    assert store.turns(change) == {1: "handed_over", 2: "waiting"}
    assert store.verify_chain(change)[-1].digest == head


def test_a_rejection_is_the_second_persons_and_voids_the_approval(store: Store, change: str) -> None:
    """The author cannot reject his own; after it the approval in the chain counts for nothing."""
    with pytest.raises(Refused, match="wrote it"):
        store.advance(change, "rejected", LATER, said=Said("甲", "reject", "自己"))
    store.advance(change, "rejected", LATER, said=Said("丙", "reject", "端口不对"))
    assert store.approval_for(change, PLAN.fingerprint) is None
    with pytest.raises(Refused):
        store.approve(change, "乙", PLAN.fingerprint, "", False, LATER)


def test_what_follows_the_noted_head_may_be_said_but_not_approved(store: Store, change: str) -> None:
    """The ticket may be a step behind; an approval that it does not know counts for nothing."""
    head = store.chain_head(change)
    store.advance(change, "held", LATER, said=Said("甲", "hold"))
    store.advance(change, "approved", LATER, said=Said("甲", "release"))
    assert len(store.verify_chain(change, head)) == 3
    store.approve(change, "丙", PLAN.fingerprint, "", False, LATER)
    with pytest.raises(Refused, match="follows on the head"):
        store.verify_chain(change, head)


def test_the_last_baseline_counts_and_comes_back_whole(store: Store, change: str) -> None:
    """What the devices held is read back exactly; work that begins anew begins from what is there then."""
    facts = known().facts
    assert store.baseline(change) is None
    store.keep_baseline(change, replace(facts, points={}), NOW)
    store.keep_baseline(change, facts, LATER)
    assert store.baseline(change) == facts


def test_another_order_keeps_the_number_and_says_why(store: Store, change: str) -> None:
    """The change is planned again; of what is carried out or over nothing is replaced."""
    store.replace_order(
        change, replace(ORDER, file="新.xlsx"), plan(fingerprint="sha256:" + "c" * 64), LATER, "改"
    )
    assert (store.change(change).order.file, store.change(change).state) == ("新.xlsx", "planned")
    assert (store.history(change)[-1].note, store.list()[0].valid_until) == ("改", "")
    store.set_state(change, "withdrawn", LATER)
    with pytest.raises(ChangeError, match="its plan stands"):
        store.replace_order(change, ORDER, PLAN, LATER, "zu spät")


def test_a_removal_says_what_it_removes(store: Store, change: str) -> None:
    """A link is found from both ends."""
    other = store.new_change(ORDER, PLAN, "甲", NOW, Link("", "removes", change))
    assert store.links(change) == store.links(other) == (Link(other, "removes", change),)
    assert store.links("C-20261122-0009") == ()
