"""What is due is run, each in a process of its own; what was missed is noted and not run late unasked."""

import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from nornir_itsm.errors import ChangeError, ConfigError
from nornir_itsm.schedules.cron import next_time, times
from nornir_itsm.schedules.store import Run, Schedule, ScheduleStore
from nornir_itsm.store.process import gone

ALLOWED = ("collect", "archive", "run", "inventory", "snapshot")
"""Commands that change no device: a schedule may run these alone."""
GRACE = timedelta(seconds=90)
"""How late a run may begin and still be on time: a system timer looks once a minute."""
LOOK = 20.0
MOST_MISSED = 20
"""Due times of one absence that are noted one by one; what was before them is counted."""

type Start = Callable[[Sequence[str]], tuple[int | None, str]]
"""Runs a command line and returns its exit code (None: interrupted) and the last line it said."""


def allowed(command: Sequence[str]) -> tuple[str, ...]:
    """Return the command line. Raises ConfigError for one that a schedule may not run."""
    if not command or command[0] not in ALLOWED:
        said = " ".join(command) or "nothing"
        raise ConfigError(said, "is no command for a schedule", f"one of: {', '.join(ALLOWED)}")
    return tuple(command)


@dataclass
class Loop:
    """Looks what is due. ``now`` and ``start`` are given, so that tests have their own."""

    store: ScheduleStore
    start: Start
    now: Callable[[], datetime]
    tell: Callable[[str], None]
    late: bool = False
    patience: float = LOOK
    """Seconds after which it looks again where nothing is due."""
    _threads: list[threading.Thread] = field(default_factory=list)

    def look(self) -> None:
        """Deal with everything that was due until now, once."""
        now = self.now()
        for schedule in self.store.schedules():
            after = datetime.fromisoformat(schedule.checked).astimezone(now.tzinfo)
            due = list(times(schedule.cron, after, now))
            if due and self.store.claim(schedule, now.isoformat(timespec="seconds")):
                self._deal(schedule, due, now)

    def _deal(self, schedule: Schedule, due: list[datetime], now: datetime) -> None:
        on_time = due.pop() if now - due[-1] <= GRACE or self.late else None
        if len(due) > MOST_MISSED:
            before = f"and {len(due) - MOST_MISSED} before it since {_said(due[0])}"
            self._missed(schedule, due[-MOST_MISSED - 1], before)
            due = due[-MOST_MISSED:]
        for one in due:
            self._missed(schedule, one, "")
        if on_time is None:
            return
        if self.store.running(schedule.id):
            self.store.note(schedule, _said(on_time), "skipped", "the run before it had not ended")
            self.tell(f"schedule {schedule.id}: {_said(on_time)} skipped, the run before it has not ended")
            return
        thread = threading.Thread(target=self._run, args=(schedule, on_time), name=f"schedule-{schedule.id}")
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _missed(self, schedule: Schedule, due: datetime, more: str) -> None:
        self.store.note(schedule, _said(due), "missed", more)
        self.tell(f"schedule {schedule.id}: {_said(due)} was missed {more}".rstrip())

    def _run(self, schedule: Schedule, due: datetime) -> None:
        words = " ".join(schedule.command)
        try:
            run = self.store.begin(
                schedule, _said(due), _said(self.now()), f"{platform.node()} {os.getpid()}"
            )
            self.tell(f"schedule {schedule.id}: {words} begins")
            code, note = self.start(schedule.command)
            self.tell(
                f"schedule {schedule.id}: {words} ended with {'no exit code' if code is None else code}"
            )
            self.store.end(run, code, note, _said(self.now()))
        except ChangeError as error:
            self.tell(f"schedule {schedule.id}: {error}")

    def wait(self) -> None:
        """Wait for every run that has begun."""
        for thread in self._threads:
            thread.join()

    def forever(self) -> None:
        """Look again and again, until interrupted; then wait for what runs.

        A store that cannot be used for a while is said and tried again: what was due meanwhile is missed.
        """
        pause = threading.Event()
        try:
            while True:
                wait = self.patience
                try:
                    self.look()
                    wait = self._pause()
                except ChangeError as error:  # the store may be back at the next look
                    self.tell(str(error))
                pause.wait(wait)
        finally:
            self.wait()

    def _pause(self) -> float:
        """Return how long nothing is due, at most ``patience`` seconds: schedules may be added meanwhile."""
        now = self.now()
        coming = [when for one in self.store.schedules() if (when := next_time(one.cron, now))]
        wait = min(((when - now).total_seconds() for when in coming), default=self.patience)
        return max(0.05, min(self.patience, wait))


def interrupted(store: ScheduleStore, now: str) -> tuple[Run, ...]:
    """Close runs of this machine whose process is gone without a word, and return them."""
    lost = [run for run in store.history(limit=1000) if run.state == "running" and gone(run.process)]
    for run in lost:
        store.end(run.id, None, "its process ended without a word", now)
    return tuple(lost)


def in_own_process(config: Path) -> Start:
    """Return what runs a command line as ``nornir-itsm`` would, with this configuration."""

    def start(command: Sequence[str]) -> tuple[int | None, str]:
        call = [
            sys.executable,
            "-c",
            "from nornir_itsm.cli import main; main()",
            "--config",
            str(config),
            *command,
        ]
        done = subprocess.run(
            call, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return (done.returncode if done.returncode >= 0 else None), (said[-1].strip()[:200] if said else "")

    return start


def _said(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
