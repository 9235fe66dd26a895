"""Commands at set hours: cron's meaning of a line, each due time dealt with once, missed ones said."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.cli.boundary import guarded
from nornir_itsm.errors import ChangeError, ConfigError
from nornir_itsm.schedules import ScheduleStore
from nornir_itsm.schedules.cron import checked, next_time, times
from nornir_itsm.schedules.loop import MOST_MISSED, Loop, interrupted
from nornir_itsm.store import open_store

SHANGHAI = ZoneInfo("Asia/Shanghai")
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("cron", "then"),
    [
        ("0 2 * * mon-fri", "2026-11-23T02:00:00+08:00"),
        ("0 2 * * 1-5", "2026-11-23T02:00:00+08:00"),  # APScheduler alone would say Tuesday
        ("0 2 * * 0", "2026-11-29T02:00:00+08:00"),
        ("0 2 * * 7", "2026-11-29T02:00:00+08:00"),
        ("30 13 * * sun", "2026-11-22T13:30:00+08:00"),
        ("*/15 * * * *", "2026-11-22T12:15:00+08:00"),
        ("0 2 1 * mon", "2026-11-23T02:00:00+08:00"),  # either day: cron's rule
        ("0 2 1 * *", "2026-12-01T02:00:00+08:00"),
        ("0 2 * * fri-mon", "2026-11-23T02:00:00+08:00"),
    ],
)
def test_a_line_means_what_cron_means(cron: str, then: str) -> None:
    """Weekdays count from Sunday, and a day of the month or a weekday is enough."""
    found = next_time(cron, SUNDAY)
    assert found is not None
    assert found.isoformat() == then


@given(st.integers(0, 7), st.integers(0, 59), st.integers(0, 23), st.integers(0, 400))
def test_weekdays_agree_with_the_calendar(weekday: int, minute: int, hour: int, days: int) -> None:
    """The next time of a weekday's number is on that day, in the hour and minute, within a week."""
    after = SUNDAY + timedelta(days=days)
    found = next_time(f"{minute} {hour} * * {weekday}", after)
    assert found is not None
    assert (found.isoweekday() % 7, found.hour, found.minute) == (weekday % 7, hour, minute)
    assert after < found <= after + timedelta(days=7)


@pytest.mark.parametrize(
    "cron", ["", "0 2 * *", "61 2 * * *", "0 2 30 2 *", "0 2 * * 8", "x 2 * * *", "0 2 * * mon-"]
)
def test_what_is_no_line_is_refused(cron: str) -> None:
    """The error names the line and shows one."""
    with pytest.raises(ConfigError, match="2 \\* \\* mon-fri"):
        checked(cron, SUNDAY)


class Desk:
    """A clock that stands where it is put, and a runner that notes what it was asked for."""

    def __init__(self, store: ScheduleStore) -> None:
        self.at, self.ran, self.said, self.code = SUNDAY, list[tuple[str, ...]](), list[str](), 0
        self.gate = threading.Event()
        self.gate.set()
        self.store = store

    def loop(self, *, late: bool = False) -> Loop:
        return Loop(self.store, self.start, lambda: self.at, self.said.append, late=late)

    def start(self, command: Sequence[str]) -> tuple[int | None, str]:
        self.ran.append(tuple(command))
        self.gate.wait(10)
        return self.code, "the last line"

    def look(self, *, late: bool = False, **passed: float) -> None:
        """Let time pass, look once, and wait for what runs."""
        self.at += timedelta(**passed)
        loop = self.loop(late=late)
        loop.look()
        loop.wait()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A store with one schedule: every day at two."""
    database = open_store(tmp_path / "store.sqlite")
    store = ScheduleStore(database)
    store.add("0 2 * * *", ("collect", "--filter", "site=DC1"), "示例编写人", SUNDAY.isoformat())
    yield Desk(store)
    database.close()


def states(desk: Desk) -> list[tuple[str, str, int | None]]:
    return [(run.due[:16], run.state, run.code) for run in desk.store.history()]


def test_what_is_due_runs_once(desk: Desk) -> None:
    """Not before its time, once at it, however often and by how many it is looked for."""
    desk.look(hours=13, minutes=59)
    assert desk.ran == []
    others = [desk.loop() for _ in range(3)]
    desk.look(minutes=1)
    for loop in others:
        loop.look()
        loop.wait()
    assert desk.ran == [("collect", "--filter", "site=DC1")]
    assert states(desk) == [("2026-11-23T02:00", "done", 0)]
    assert desk.store.history()[0].note == "the last line"


def test_missed_runs_are_said_and_not_made_up_for(desk: Desk) -> None:
    """After days without a loop: every missed time is in the history, nothing runs until the next one."""
    desk.look(days=3)
    assert desk.ran == []
    assert [state for _, state, _ in states(desk)] == ["missed"] * 3
    assert sum("was missed" in line for line in desk.said) == 3
    desk.look(hours=14)
    assert len(desk.ran) == 1


def test_late_makes_up_for_the_newest_alone(desk: Desk) -> None:
    """With --late the latest missed time is run, the others stay missed."""
    desk.look(days=3, late=True)
    assert len(desk.ran) == 1
    assert [state for _, state, _ in states(desk)] == ["missed", "missed", "done"]


def test_a_long_absence_is_summed_up(desk: Desk) -> None:
    """A year is not three hundred lines."""
    desk.look(days=365)
    assert len(desk.store.history(limit=1000)) == MOST_MISSED + 1
    assert "before it since 2026-11-23" in desk.store.history(limit=1000)[0].note


def test_a_run_that_has_not_ended_is_not_run_over(desk: Desk) -> None:
    """The next time is skipped, and said so."""
    desk.gate.clear()
    desk.at += timedelta(hours=14)
    loop = desk.loop()
    loop.look()
    desk.at += timedelta(days=1)
    loop.look()
    desk.gate.set()
    loop.wait()
    assert len(desk.ran) == 1
    assert sorted(state for _, state, _ in states(desk)) == ["done", "skipped"]


def test_failed_and_killed_runs_are_told_apart(desk: Desk) -> None:
    """An exit code is kept; a process that was killed has none; one that vanished is found."""
    desk.code = 8
    desk.look(hours=14)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    schedule = desk.store.schedules()[0]
    now = desk.at.isoformat()
    desk.store.begin(schedule, now, now, f"{os.uname().nodename} {gone.pid}")
    assert [run.due for run in interrupted(desk.store, now)] == [now]
    assert [state for _, state, _ in states(desk)] == ["failed", "interrupted"]


def test_the_loop_survives_its_store(desk: Desk) -> None:
    """Where the store cannot be used for a while the loop says so and goes on; it ends when it is stopped."""

    looks = iter([ChangeError("store", "the disk is full"), None, None, KeyboardInterrupt()])

    def now() -> datetime:
        desk.at += timedelta(hours=20)
        if (problem := next(looks)) is not None:
            raise problem
        return desk.at

    loop = Loop(desk.store, desk.start, now, desk.said.append, patience=0.01)
    with pytest.raises(KeyboardInterrupt):
        loop.forever()
    assert desk.said[0] == "store: the disk is full"
    assert [state for _, state, _ in states(desk)] == ["missed"] * 2


def test_removing_keeps_the_history(desk: Desk) -> None:
    """What ran is known after its schedule is gone; what is not there cannot be removed."""
    desk.look(hours=14)
    desk.store.remove(1)
    assert desk.store.schedules() == ()
    assert len(desk.store.history()) == 1
    with pytest.raises(Exception, match="is not there"):
        desk.store.remove(1)


def test_summer_time_has_no_hole() -> None:
    """Where the clock jumps every day still has its run, once."""
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 27, 12, tzinfo=zone)
    found = list(times("30 4 * * *", start, start + timedelta(days=4)))
    assert [(one.day, one.hour) for one in found] == [(28, 4), (29, 4), (30, 4), (31, 4)]
    assert len({one.astimezone(UTC) for one in found}) == 4


@pytest.fixture
def config(project: Path, tmp_path: Path) -> Path:
    """An installation with a store of its own."""
    for name in ("config.yaml", "inventory", "runbooks", "templates", "ttp_templates"):
        (tmp_path / name).symlink_to(project / name)
    return tmp_path / "config.yaml"


def test_the_commands(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """add, list, run --once, remove: one due time is run by the real command line, in its own process."""
    at = ["--config", str(config)]
    assert (
        guarded([*at, "schedule", "add", "--cron", "0 2 * * mon-fri", "collect", "--filter", "site=DC1"]) == 0
    )
    assert guarded([*at, "schedule", "add", "--cron", "* * * * *", "inventory", "--nonsense"]) == 0
    assert guarded([*at, "schedule", "add", "--cron", "* * * * *", "apply", "C-20261122-0001"]) == 1
    assert "is no command for a schedule" in capsys.readouterr().err
    store = ScheduleStore(open_store(config.parent / "var" / "state.sqlite"))
    before = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    store.database.write("UPDATE schedules SET checked = ? WHERE id = 2", before)
    assert guarded([*at, "schedule", "run", "--once"]) == 0
    assert guarded([*at, "--json", "schedule", "list", "--history"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["command"] for one in said["schedules"]] == [
        ["collect", "--filter", "site=DC1"],
        ["inventory", "--nonsense"],
    ]
    assert {(run["schedule"], run["state"], run["code"]) for run in said["history"]} == {(2, "failed", 2)}
    assert guarded([*at, "schedule", "remove", "1"]) == 0
    assert guarded([*at, "schedule", "remove", "1"]) == 1
