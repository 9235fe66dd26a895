"""What every kind of store promises: run against SQLite here and against PostgreSQL in tests/real."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nornir_itsm.errors import ChangeError
from nornir_itsm.ports import Snapshots
from nornir_itsm.schedules import ScheduleStore
from nornir_itsm.snapshots import SnapshotStore
from nornir_itsm.snapshots.compare import between
from nornir_itsm.store import Database

from .examples import LATER, NOW, collected, doubtful

type Opened = Callable[[], Database]

A, B = ("10.1.1.1", "00:00:00:00:00:01"), ("10.1.1.2", "00:00:00:00:00:02")


def test_a_snapshot_is_there_as_it_was_kept(opened: Opened) -> None:
    """Text word for word, rows, doubts, problems; also for another process that opens the store."""
    store: Snapshots = SnapshotStore(opened())
    number = store.begin("collect --filter site=DC1", NOW)
    store.keep(number, [collected("SW-B", A, B), collected("SW-A", A, problem="timed out"), doubtful("SW-C")])
    done = store.finish(number, LATER)
    assert (done.hosts, done.failed, done.unread, done.complete) == (3, 1, 2, False)
    again = SnapshotStore(opened())
    assert again.snapshot() == done
    assert again.problems(number) == {"SW-A": "timed out"}
    kept = dict(again.outputs(number, command="display arp"))
    assert kept["SW-B"].text == "表 of SW-B\x00\\udce4"
    assert kept["SW-B"].parsed == collected("SW-B", A, B).outputs[0].parsed
    assert kept["SW-C"].parsed == doubtful("SW-C").outputs[0].parsed
    assert [row["host"] for row in again.rows(number, "arp")] == ["SW-A", "SW-B", "SW-B"]
    assert again.commands(number) == ("display arp", "display clock")


def test_a_host_that_is_kept_again_replaces_itself(opened: Opened) -> None:
    """A retry leaves nothing of the first try."""
    store = SnapshotStore(opened())
    number = store.begin("collect", NOW)
    store.keep(number, [collected("SW-A", A, B, problem="cut off")])
    store.keep(number, [collected("SW-A", A)])
    assert store.problems(number) == {}
    assert len(store.rows(number, "display arp")) == 1


def test_a_batch_is_kept_whole_or_not_at_all(opened: Opened) -> None:
    """Where one host of a batch cannot be written, none of it is there."""
    store = SnapshotStore(opened())
    number = store.begin("collect", NOW)

    def broken() -> object:
        yield collected("SW-A", A)
        raise RuntimeError("the collector broke off")

    with pytest.raises(RuntimeError):
        store.keep(number, broken())  # type: ignore[arg-type]
    assert store.hosts(number) == ()


def test_threads_share_a_store(opened: Opened) -> None:
    """Workers keep at the same time and lose nothing."""
    store = SnapshotStore(opened())
    number = store.begin("collect", NOW)
    threads = [
        threading.Thread(target=store.keep, args=(number, [collected(f"SW-{n}", A)])) for n in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.hosts(number)) == 16


def test_killed_in_the_middle(opened: Opened, where: str, tmp_path: Path) -> None:
    """After kill -9 what ``keep`` had returned from is there whole; nothing of any other host is."""
    code = f"""
import sys
from tests.store.examples import NOW, collected
from nornir_itsm.snapshots import SnapshotStore
from nornir_itsm.store import open_store
store = SnapshotStore(open_store({where!r}))
number = store.begin("collect", NOW)
print(number, flush=True)
for host in range(10_000):
    store.keep(number, [collected(f"SW-{{host}}", ("10.1.1.1", "00:00:00:00:00:01"))])
    print(host, flush=True)
"""
    opened().close()
    root = Path(__file__).parents[2]
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root)
    assert child.stdout is not None
    number = int(child.stdout.readline())
    said = [int(child.stdout.readline()) for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    said += [int(line) for line in child.stdout.read().split()]
    child.wait()
    store = SnapshotStore(opened())
    there = {int(host.removeprefix("SW-")) for host in store.hosts(number)}
    assert set(said) <= there <= {*said, len(said)}
    for host in store.hosts(number):
        assert [one.command for _, one in store.outputs(number, host=host)] == [
            "display arp",
            "display clock",
        ]
    assert not store.snapshot(number).finished
    with pytest.raises(ChangeError, match="no finished snapshot"):
        store.snapshot()


def test_retention_keeps_the_newest(opened: Opened) -> None:
    """The newest finished ones stay, and so does one that is under way; the rest goes with all it held."""
    store = SnapshotStore(opened())
    numbers = []
    for day in range(1, 6):
        numbers.append(store.begin("collect", f"2026-11-0{day}T02:00:00+08:00"))
        store.keep(numbers[-1], [collected("SW-A", A)])
        store.finish(numbers[-1], LATER)
    running = store.begin("collect", NOW)
    store.keep(running, [collected("SW-A", A)])
    assert store.prune(keep=2, before="2026-11-02T00:00:00+08:00") == 1
    assert store.prune(keep=2) == 2
    assert [one.id for one in store.listing()] == [*numbers[3:], running]
    assert store.database.rows("SELECT DISTINCT snapshot AS n FROM snapshot_outputs ORDER BY n") == [
        {"n": n} for n in [*numbers[3:], running]
    ]


def test_two_snapshots_are_compared_by_identity(opened: Opened) -> None:
    """Rows that came, went and changed, hosts that only one has; order and counters are no difference."""
    store = SnapshotStore(opened())
    one, two = store.begin("collect", NOW), store.begin("collect", LATER)
    other = ("10.1.1.2", "00:00:00:00:00:99")
    store.keep(
        one, [collected("SW-A", A, B), collected("SW-B", A, B), collected("SW-C", A), doubtful("SW-D")]
    )
    store.keep(two, [collected("SW-A", B, A), collected("SW-B", other, ("10.1.1.3", A[1])), doubtful("SW-D")])
    found = {(item.host, item.command): item for item in between(store, one, two)}
    assert set(found) == {("SW-B", "display arp"), ("SW-C", ""), ("SW-D", "display arp")}
    assert found["SW-D", "display arp"].note == "not every line was read"
    difference = found["SW-B", "display arp"].difference
    assert [row["address"] for row in difference.added] == ["10.1.1.3"]
    assert [row["address"] for row in difference.removed] == ["10.1.1.1"]
    assert [item.fields for item in difference.changed] == [{"mac": (B[1], other[1])}]


def test_rows_are_a_data_frame(opened: Opened) -> None:
    """pandas gets one row per row, with the host in front."""
    store = SnapshotStore(opened())
    number = store.begin("collect", NOW)
    store.keep(number, [collected("SW-A", A, B), collected("SW-B", A)])
    store.finish(number, LATER)
    frame = store.frame(command="display arp")
    assert list(frame.columns[:2]) == ["host", "instance"]
    assert frame.groupby("host").size().to_dict() == {"SW-A": 2, "SW-B": 1}


def test_a_newer_store_is_left_alone(opened: Opened) -> None:
    """Tables that a newer version made are refused, and said so."""
    database = opened()
    database.prepare(
        "snapshots", ["CREATE TABLE newer_one (id {serial})", "CREATE TABLE newer_two (id {serial})"]
    )
    with pytest.raises(ChangeError, match="newer version"):
        SnapshotStore(database)


def test_hours_are_kept_and_claimed_once(opened: Opened) -> None:
    """A schedule is there for every process, and of two that look at the same time one deals with it."""
    one, other = ScheduleStore(opened()), ScheduleStore(opened())
    made = one.add("0 2 * * *", ("collect", "--filter", "site=示例"), "os:tester", NOW)
    assert other.schedules() == (made,)
    assert [one.claim(made, LATER), other.claim(made, LATER)] == [True, False]
    run = one.begin(made, NOW, NOW, "host 1")
    assert other.running(made.id)
    one.end(run, 8, "the last line", LATER)
    (kept,) = other.history(made.id)
    assert (kept.state, kept.code, kept.note, kept.command) == ("failed", 8, "the last line", made.command)


def test_what_is_held_is_held_once(opened: Opened) -> None:
    """The second hears that it is not his; another name is free, and so is the first when it is let go."""
    one, other = opened(), opened()
    with one.held("C-1") as ours, other.held("C-1") as theirs, other.held("C-2") as another:
        assert (ours, theirs, another) == (True, False, True)
    with other.held("C-1") as theirs:
        assert theirs


def test_what_a_dead_process_held_is_free(opened: Opened, where: str) -> None:
    """The system, or the server, takes it from a process that was killed."""
    code = (
        "import sys; from nornir_itsm.store import open_store\n"
        "with open_store(sys.argv[1]).held('C-1') as ours: print(ours, flush=True); sys.stdin.read()"
    )
    mine, command = opened(), [sys.executable, "-c", code, where]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with mine.held("C-1") as ours:
            assert not ours
        other.kill()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with mine.held("C-1") as ours:
            if ours:
                return
        time.sleep(0.05)
    raise AssertionError("still held by a process that is dead")


def test_what_is_written_comes_back_clean(opened: Opened) -> None:
    """What ``clean`` returns is what is read back, by every way of writing."""
    database = opened()
    database.write("CREATE TABLE said (what TEXT)")
    said = "示例 \udcff \x00 ; DROP"
    database.write("INSERT INTO said (what) VALUES (?)", said)
    database.many("INSERT INTO said (what) VALUES (?)", [(said,)])
    database.rows("INSERT INTO said (what) VALUES (?) RETURNING what", said)
    assert {row["what"] for row in database.rows("SELECT what FROM said")} == {database.clean(said)}
