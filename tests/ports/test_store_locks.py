"""Locks are leases with an owner: who has a device is told, and who was overtaken sends nothing more."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from ports_examples import LATER, NOW, ORDER, PLAN

from nornir_itsm.errors import Locked, Refused
from nornir_itsm.journal import Store
from nornir_itsm.store import open_store
from nornir_itsm.store.process import this_process

MUCH_LATER = "2026-11-22T10:30:00+08:00"
BEGUN = ("approved", "applying")
DIES = (
    "import os, sys; from nornir_itsm.journal import Store\n"
    "Store(sys.argv[1]).lock(['FW01'], sys.argv[2], sys.argv[3]); os._exit(9)"
)


@pytest.fixture
def other(where: str, store: Store) -> Iterator[Store]:
    """Another process's view of the same store."""
    with Store(where) as opened:
        yield opened


@pytest.fixture
def changes(store: Store) -> tuple[str, str]:
    """Two approved changes."""
    made = tuple(store.new_change(ORDER, PLAN, "甲", NOW) for _ in range(2))
    for id in made:
        store.approve(id, "乙", PLAN.fingerprint, "", False, NOW)
    return made[0], made[1]


def refused(store: Store, id: str, now: str = LATER) -> Locked:
    with pytest.raises(Locked) as caught:
        store.lock(["FW01"], id, now)
    return caught.value


def test_the_holder_is_named_with_its_process(store: Store, other: Store, changes: tuple[str, str]) -> None:
    """Who has it, since when, by which process; it can be waited for as long as that one is heard of."""
    one, two = changes
    store.lock(["FW01"], one, NOW)
    held = refused(other, two)
    assert f"{one} of 甲 (approved) has it since {NOW}, by {this_process()}" in held.problem
    assert (held.stale, "--patience" in held.hint) == (False, True)
    assert (store.locks()[0].process, store.locks()[0].renewed) == (this_process(), NOW)


def test_an_intention_renews_the_lease(store: Store, other: Store, changes: tuple[str, str]) -> None:
    """A long run stays fresh; one that has been silent for long is said to be stale, with the remedy."""
    one, two = changes
    store.lock(["FW01"], one, NOW)
    store.set_state(one, "applying", NOW)
    assert refused(other, two, MUCH_LATER).stale
    assert f"resume {one}" in refused(other, two, MUCH_LATER).hint
    store.intend(one, "FW01", "push", "exit", MUCH_LATER)
    assert not refused(other, two, MUCH_LATER).stale


def test_who_was_overtaken_sends_nothing_more(store: Store, other: Store, changes: tuple[str, str]) -> None:
    """The same change takes its locks over; the process that had them cannot record another intention."""
    one, _ = changes
    store.lock(["FW01", "FW02"], one, NOW)
    store.set_state(one, "applying", NOW)
    store.intend(one, "FW01", "push", "exit", NOW)
    other.lock(["FW01"], one, LATER)
    for device in ("FW01", "FW02"):
        with pytest.raises(Refused, match="taken C-20261122-0001 over"):
            store.intend(one, device, "push", "exit", LATER)
    store.unlock(one)
    other.intend(one, "FW02", "undo", "exit", LATER)
    assert [lock.since for lock in other.locks()] == [NOW, NOW]
    other.unlock(one)
    assert other.locks() == ()


def test_a_given_back_device_is_not_written_to(store: Store, other: Store, changes: tuple[str, str]) -> None:
    """A process whose change was ended by another one is overtaken too."""
    one, _ = changes
    store.lock(["FW01"], one, NOW)
    store.set_state(one, "applying", NOW)
    other.set_state(one, "rolled_back", LATER)
    assert other.locks() == ()
    with pytest.raises(Refused, match="over"):
        store.intend(one, "FW01", "push", "exit", LATER)


@pytest.mark.parametrize("begun", [False, True])
def test_what_a_dead_process_had(store: Store, where: str, changes: tuple[str, str], begun: bool) -> None:
    """Free at once where nothing was begun; else its own change goes on, and the others hear the remedy."""
    one, two = changes
    done = subprocess.run([sys.executable, "-c", DIES, where, one, NOW], check=False)
    assert done.returncode == 9
    if begun:
        store.set_state(one, "applying", NOW)
        held = refused(store, two)
        assert ("which is dead" in held.problem, held.hint, held.stale) == (
            True,
            f"nornir-itsm resume {one}",
            True,
        )
        store.lock(["FW01"], one, LATER)
        assert store.intend(one, "FW01", "undo", "exit", LATER)
    else:
        store.lock(["FW01"], two, LATER)
        assert [lock.change for lock in store.locks()] == [two]


def test_a_lock_from_before_there_were_leases(store: Store, where: str, changes: tuple[str, str]) -> None:
    """Nothing is known of its process: the others hear of it, and its own change takes it over."""
    one, two = changes
    database = open_store(where)
    database.write("INSERT INTO locks (device, change, since) VALUES ('FW01', ?, ?)", one, NOW)
    database.close()
    store.set_state(one, "applying", NOW)
    assert (refused(store, two).stale, "unknown process" in refused(store, two).problem) == (True, True)
    store.lock(["FW01"], one, LATER)
    assert store.locks()[0].process == this_process()
