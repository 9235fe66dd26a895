"""The store: changes, states, journal, locks and evidence survive, and only what may happen happens."""

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from ports_examples import LATER, NOW, ORDER, PLAN, plan

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.journal import State, Store
from nornir_itsm.store import open_store

USED = "sha256:" + "b" * 64


def by_hand(where: Path | str, sql: str, *values: object) -> None:
    """Do to the store what somebody with its shell could do."""
    database = open_store(where)
    database.write(sql, *values)
    database.close()


def approved(store: Store) -> str:
    change = store.new_change(ORDER, PLAN, "甲", NOW)
    store.approve(change, "乙", PLAN.fingerprint, "", False, NOW)
    return change


def test_a_change_comes_back_as_it_was_kept(store: Store) -> None:
    """Order, plan, author and time of a new change are read back exactly; it is planned."""
    kept = store.change(store.new_change(ORDER, PLAN, "甲", NOW))
    assert (kept.order, kept.plan) == (ORDER, PLAN)
    assert (kept.state, kept.author, kept.ticket, kept.created, kept.updated) == (
        "planned",
        "甲",
        "",
        NOW,
        NOW,
    )


def test_changes_are_numbered_by_day(store: Store) -> None:
    """Numbers count up within a day and start again with the next."""
    days = (NOW, NOW, "2026-11-23T00:00:00+08:00")
    ids = [store.new_change(ORDER, PLAN, "甲", day) for day in days]
    assert ids == ["C-20261122-0001", "C-20261122-0002", "C-20261123-0001"]


def test_numbers_go_on_after_9999(store: Store, where: str) -> None:
    """The ten-thousandth change of a day has five digits, and so has the one after it."""
    first = store.new_change(ORDER, PLAN, "甲", NOW)
    rest = "state, author, title, organization, system, kind, fingerprint"
    rest += ", order_json, plan_json, created, updated"
    by_hand(where, f"INSERT INTO changes (id, {rest}) SELECT 'C-20261122-9999', {rest} FROM changes")
    ids = [store.new_change(ORDER, PLAN, "甲", NOW) for _ in range(2)]
    assert ids == ["C-20261122-10000", "C-20261122-10001"]
    assert [row.id for row in store.list()] == [first, "C-20261122-9999", *ids]


def test_two_stores_share_one_file(store: Store, where: str) -> None:
    """What one process writes the other sees at once, and both never give the same number."""
    with Store(where) as other, ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit((store, other)[i % 2].new_change, ORDER, PLAN, "甲", NOW) for i in range(20)]
        ids = {job.result() for job in jobs}
        assert len(ids) == 20
        assert {row.id for row in other.list()} == {row.id for row in store.list()} == ids


def test_stores_opened_together_make_one_schema(where: str) -> None:
    """Several processes that start on a new site at the same moment all get a working store."""
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: Store(where), range(6)))
    for opened in stores:
        opened.new_change(ORDER, PLAN, "甲", NOW)
    assert len(stores[0].list()) == 6
    for opened in stores:
        opened.close()


def test_an_unknown_change_is_said_so(store: Store) -> None:
    """Asking for a change that is not there names it and says how to find the others."""
    for ask in (store.change, store.steps, store.approvals, store.evidence, store.history, store.answers):
        with pytest.raises(ChangeError, match=r"C-20260101-0001.*no such change") as caught:
            ask("C-20260101-0001")
        assert "list" in caught.value.hint


def test_a_list_can_be_narrowed_to_a_state(store: Store) -> None:
    """list gives all changes oldest first, or those in one state, with title and ticket."""
    first, second = (store.new_change(ORDER, PLAN, "甲", NOW) for _ in range(2))
    store.set_state(second, "withdrawn", LATER)
    store.set_ticket(first, "CHG-1", LATER)
    assert [(row.id, row.ticket, row.title) for row in store.list("planned")] == [
        (first, "CHG-1", PLAN.title)
    ]
    assert [row.id for row in store.list()] == [first, second]


def test_a_life_from_plan_to_done(store: Store) -> None:
    """The states of a change that goes well, each with its time and note."""
    change = approved(store)
    for state in ("applying", "verifying", "done"):
        store.set_state(change, state, LATER, f"→ {state}")
    moves = [(move.state, move.note) for move in store.history(change)]
    assert [state for state, _ in moves] == ["planned", "approved", "applying", "verifying", "done"]
    assert moves[-1] == ("done", "→ done")
    assert store.change(change).updated == LATER


@pytest.mark.parametrize("state", ["applying", "verifying", "done", "rolled_back", "needs_person"])
def test_states_cannot_be_skipped(store: Store, state: State) -> None:
    """A planned change cannot become what needs an approval or work first; it stays planned."""
    change = store.new_change(ORDER, PLAN, "甲", NOW)
    with pytest.raises(ChangeError, match=f"is planned and cannot become {state}"):
        store.set_state(change, state, LATER)
    assert store.change(change).state == "planned"


def test_what_is_over_stays_over(store: Store) -> None:
    """A withdrawn change goes nowhere, and saying so again is no error."""
    change = store.new_change(ORDER, PLAN, "甲", NOW)
    store.set_state(change, "withdrawn", NOW)
    store.set_state(change, "withdrawn", LATER)
    with pytest.raises(ChangeError, match="it is over"):
        store.set_state(change, "planned", LATER)


def test_applying_goes_back_to_approved_only_untouched(store: Store) -> None:
    """A change that was stopped before its first line may be tried again; one that sent something not."""
    change = approved(store)
    store.set_state(change, "applying", NOW)
    store.set_state(change, "approved", NOW)
    store.set_state(change, "applying", LATER)
    store.intend(change, "FW01", "push", "policy-global", LATER)
    with pytest.raises(ChangeError, match="something was sent"):
        store.set_state(change, "approved", LATER)


def test_what_was_done_since_is_told_by_order_not_by_the_clock(store: Store) -> None:
    """All in one second, and the first touched again at the end: what came after its beginning is known."""
    before, one, after, idle = (approved(store) for _ in range(4))
    for change in (before, one, after):
        store.set_state(change, "applying", NOW)
        store.set_state(change, "verifying", NOW)
        store.set_state(change, "done", NOW)
    store.set_state(one, "needs_person", NOW)
    store.set_state(one, "done", NOW)
    assert store.since(one) == (after,)
    assert store.since(before) == (after, one)
    assert store.since(idle) == ()


def test_answers_are_kept_beyond_the_plan(store: Store) -> None:
    """An answer stays for later preparations though a later plan does not ask any more; newer ones win."""
    change = store.new_change(ORDER, plan(answers={"D1.eip": "10.70.18.48", "D1.x": "1"}), "甲", NOW)
    store.replace_plan(change, plan(answers={"D1.x": "2"}), LATER)
    assert store.answers(change) == {"D1.eip": "10.70.18.48", "D1.x": "2"}


def test_a_plan_under_way_stands(store: Store) -> None:
    """The plan of a change that is being applied is not replaced."""
    change = approved(store)
    store.set_state(change, "applying", NOW)
    with pytest.raises(ChangeError, match="its plan stands"):
        store.replace_plan(change, plan(fingerprint=USED), LATER)
    assert store.change(change).plan == PLAN


def test_an_intention_is_durable_before_its_outcome(store: Store, where: str) -> None:
    """Another process sees what is going to be sent before anything is known of it, then the answer."""
    change = approved(store)
    step = store.intend(change, "FW01", "push", 'rule name "X"', NOW)
    with Store(where) as other:
        (seen,) = other.steps(change)
        assert (seen.id, seen.seq, seen.what) == (step, 1, 'rule name "X"')
        assert (seen.outcome_at, seen.accepted, seen.answer) == (None, None, None)
        store.outcome(step, True, "Rule id 5 is created.", LATER)
        (seen,) = other.steps(change)
        assert (seen.outcome_at, seen.accepted, seen.answer) == (LATER, True, "Rule id 5 is created.")


def test_an_intention_survives_the_death_of_its_process(store: Store, where: str) -> None:
    """A process that dies right after the intention leaves it behind, without an outcome."""
    change = approved(store)
    code = (
        "import os, sys; from nornir_itsm.journal import Store\n"
        "Store(sys.argv[1]).intend(sys.argv[2], 'FW01', 'push', 'exit', sys.argv[3]); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", code, where, change, NOW], check=False)
    assert done.returncode == 9
    assert [(step.what, step.outcome_at) for step in store.steps(change)] == [("exit", None)]


def test_steps_are_counted_per_device(store: Store) -> None:
    """Devices that are written to at the same time have each their own sequence, in order."""
    change = approved(store)

    def push(device: str) -> None:
        for line in range(10):
            store.outcome(store.intend(change, device, "push", f"line {line}", NOW), True, "", NOW)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(push, ("FW01", "FW02", "LB01")))
    for device in ("FW01", "FW02", "LB01"):
        steps = [step for step in store.steps(change) if step.device == device]
        assert [(step.seq, step.what) for step in steps] == [(i + 1, f"line {i}") for i in range(10)]


def test_a_lost_connection_is_not_a_refusal(store: Store) -> None:
    """Unknown, refused and accepted are three different outcomes."""
    change = approved(store)
    for accepted in (None, False, True):
        store.outcome(store.intend(change, "FW01", "push", "x", NOW), accepted, None, LATER)
    assert [step.accepted for step in store.steps(change)] == [None, False, True]
    assert all(step.outcome_at == LATER for step in store.steps(change))


def test_an_outcome_is_written_once(store: Store) -> None:
    """What a device said cannot be said over, nor for a step that was never intended."""
    step = store.intend(approved(store), "FW01", "push", "x", NOW)
    store.outcome(step, False, "refused", NOW)
    with pytest.raises(ChangeError, match="has an outcome already"):
        store.outcome(step, True, "ok", LATER)
    with pytest.raises(ChangeError, match="never intended"):
        store.outcome(step + 1, True, "ok", LATER)


@pytest.mark.parametrize(
    "said", ["\udcff broken", "nul \x00 inside", "'; DROP TABLE steps; --", "示例\u2028"]
)
def test_whatever_a_device_says_can_be_kept(store: Store, said: str) -> None:
    """Broken bytes, control characters and quotes in an answer never stop the journal."""
    change = approved(store)
    store.outcome(store.intend(change, "FW01", "push", said, NOW), True, said, NOW)
    (step,) = store.steps(change)
    kept = said.replace("\udcff", "\\udcff")
    assert step.answer == step.what
    assert step.what in (kept, kept.replace("\x00", "\\x00"))  # PostgreSQL holds no NUL


def test_locks_are_all_or_none_and_name_their_holder(store: Store) -> None:
    """Where one of several devices is taken, none is locked, and change and author of the lock are told."""
    first, second = (store.new_change(ORDER, PLAN, author, NOW) for author in ("甲", "丙"))
    store.lock(["FW01"], first, NOW)
    with pytest.raises(Refused, match=f"FW01: is locked: {first} of 甲") as caught:
        store.lock(["ADC", "FW01", "LB01"], second, LATER)
    assert caught.value.exit_code == 5
    assert [(lock.device, lock.change) for lock in store.locks()] == [("FW01", first)]


def test_locks_are_the_same_for_every_process(store: Store, where: str) -> None:
    """A lock holds against another process, may be taken again by its own change, and goes with unlock."""
    first, second = (store.new_change(ORDER, PLAN, "甲", NOW) for _ in range(2))
    store.lock(["FW01"], first, NOW)
    store.lock(["FW01", "LB01"], first, LATER)
    with Store(where) as other:
        with pytest.raises(Refused):
            other.lock(["LB01"], second, LATER)
        store.unlock(first)
        other.lock(["LB01"], second, LATER)
        assert [lock.change for lock in store.locks()] == [second]


def test_evidence_is_kept_whole_and_never_replaced(store: Store) -> None:
    """Bytes come back as they were; a second baseline does not take the first one's place."""
    change = approved(store)
    for content in (b"\x00\xff", b"second"):
        store.keep_evidence(change, "baseline", content, NOW)
    store.keep_evidence(change, "transcript", b"", NOW)
    assert [piece.content for piece in store.evidence(change, "baseline")] == [b"\x00\xff", b"second"]
    assert [piece.name for piece in store.evidence(change)] == ["baseline", "baseline", "transcript"]


def test_altered_evidence_is_noticed(store: Store, where: str) -> None:
    """Evidence that somebody changed in the file is not given out as evidence."""
    change = approved(store)
    store.keep_evidence(change, "baseline", b"before", NOW)
    by_hand(where, "UPDATE evidence SET content = ?", b"after!")
    with pytest.raises(ChangeError, match="was altered"):
        store.evidence(change)


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_only_the_owner_can_read_the_file(in_a_file: Store, path: Path) -> None:
    """The file and its journal are 0600 in a folder of 0700."""
    in_a_file.new_change(ORDER, PLAN, "甲", NOW)
    files = [path, *path.parent.glob("*-wal")]
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Where somebody laid a link in the place of the store, what it leads to stays untouched."""
    target = tmp_path / "target"
    target.write_bytes(b"")
    (tmp_path / "state.sqlite").symlink_to(target)
    with pytest.raises(ChangeError, match=r"state\.sqlite"):
        Store(tmp_path / "state.sqlite")
    assert target.read_bytes() == b""


def test_a_damaged_file_is_named(in_a_file: Store, path: Path) -> None:
    """A file whose pages were overwritten is an error with its name, from the first word on."""
    in_a_file.new_change(ORDER, PLAN, "甲", NOW)
    in_a_file.close()
    content = path.read_bytes()
    path.write_bytes(b"not a database" * 400)
    with pytest.raises(ChangeError, match=r"state\.sqlite.*damaged"):
        Store(path)
    path.write_bytes(content[:4096] + b"\xee" * (len(content) - 4096))
    with pytest.raises(ChangeError, match=r"state\.sqlite.*damaged"), Store(path) as damaged:
        damaged.list()


@pytest.mark.parametrize("column", ["plan_json", "order_json"])
@pytest.mark.parametrize("text", ["", "{", "[]", '{"type":"Order"}'])
def test_a_damaged_plan_is_named(store: Store, where: str, column: str, text: str) -> None:
    """A change whose order or plan cannot be read is named with the file; the list still works."""
    change = store.new_change(ORDER, PLAN, "甲", NOW)
    by_hand(where, f"UPDATE changes SET {column} = ?", text)
    with pytest.raises(ChangeError, match=rf"damaged: {change}"):
        store.change(change)
    assert [row.id for row in store.list()] == [change]


def test_another_programs_database_is_left_alone(path: Path) -> None:
    """A SQLite file that is not ours is refused and gets no tables of ours."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(ChangeError, match="is not a store"):
        Store(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE rooms SET version = 99 WHERE room = 'journal'", "newer version"),
        ("PRAGMA user_version = 99", "newer version"),
        ("PRAGMA user_version = 2", "very old version"),
    ],
)
def test_a_store_of_another_age_is_left_alone(in_a_file: Store, path: Path, sql: str, said: str) -> None:
    """A store of a later version, and one older than can be made over, is refused and not written to."""
    in_a_file.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql)
    before = path.read_bytes()
    with pytest.raises(ChangeError, match=said):
        Store(path)
    assert path.read_bytes() == before
