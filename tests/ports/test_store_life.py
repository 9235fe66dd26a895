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
from tests.stages.example_site import known

VERSION_2 = """
PRAGMA legacy_alter_table = ON;
ALTER TABLE changes RENAME TO changes_3;
CREATE TABLE changes (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('planned', 'approved', 'applying', 'verifying', 'done',
                                         'rolled_back', 'needs_person', 'withdrawn')),
    author TEXT NOT NULL, ticket TEXT NOT NULL DEFAULT '', title TEXT NOT NULL, organization TEXT NOT NULL,
    system TEXT NOT NULL, kind TEXT NOT NULL, fingerprint TEXT NOT NULL, order_json TEXT NOT NULL,
    plan_json TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
) STRICT;
INSERT INTO changes SELECT * FROM changes_3;
DROP TABLE changes_3;
ALTER TABLE approvals RENAME TO approvals_3;
CREATE TABLE approvals (
    change TEXT NOT NULL REFERENCES changes (id), seq INTEGER NOT NULL, user TEXT NOT NULL,
    author TEXT NOT NULL, fingerprint TEXT NOT NULL, note TEXT NOT NULL,
    accept_excess INTEGER NOT NULL CHECK (accept_excess IN (0, 1)), at TEXT NOT NULL,
    previous TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (change, seq), CHECK (user <> author)
) STRICT;
INSERT INTO approvals SELECT change, seq, user, author, fingerprint, note, accept_excess, at, previous, digest
FROM approvals_3;
DROP TABLE approvals_3; DROP TABLE cells; DROP TABLE baselines; DROP TABLE links;
PRAGMA user_version = 2;
"""


@pytest.fixture
def change(store: Store) -> str:
    """An approved change."""
    change = store.new_change(ORDER, PLAN, "甲", NOW)
    store.approve(change, "乙", PLAN.fingerprint, "看过", False, NOW)
    return change


def test_a_store_of_version_2_goes_on(store: Store, path: Path, change: str) -> None:
    """What it holds stays, its chain holds, and it learns the newer states; opened again nothing happens."""
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_2)
    with Store(path) as again:
        (link,) = again.verify_chain(change)
        assert (link.user, link.decision, again.change(change).plan) == ("乙", "approve", PLAN)
        again.advance(change, "held", LATER, said=Said("甲", "hold", "等窗口"))
        assert again.before_hold(change) == "approved"
    with Store(path) as again:
        assert (again.change(change).state, len(again.verify_chain(change))) == ("held", 2)
        assert again.history(change)[-1].note == "等窗口"


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
