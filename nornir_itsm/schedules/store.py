"""Schedules and the history of their runs, in the one store."""

import json
from dataclasses import dataclass
from typing import Any

from nornir_itsm.errors import ChangeError
from nornir_itsm.store import Database

VERSIONS = (
    """
    -- What runs when. checked: up to when due times were dealt with, run or noted as missed.
    CREATE TABLE schedules (
        id      {serial},
        cron    TEXT NOT NULL,
        command TEXT NOT NULL,
        author  TEXT NOT NULL,
        created TEXT NOT NULL,
        checked TEXT NOT NULL
    );
    -- Every time that was due: running, done, failed, missed, skipped, interrupted. code: exit code.
    CREATE TABLE schedule_runs (
        id       {serial},
        schedule BIGINT NOT NULL,
        command  TEXT NOT NULL,
        due      TEXT NOT NULL,
        state    TEXT NOT NULL,
        started  TEXT NOT NULL DEFAULT '',
        finished TEXT NOT NULL DEFAULT '',
        code     INTEGER,
        note     TEXT NOT NULL DEFAULT '',
        process  TEXT NOT NULL DEFAULT ''
    );
    """,
)
_RUN = "id, schedule, command, due, state, started, finished, code, note, process"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A command line (without ``nornir-itsm``) and the cron line of when it runs. Times: ISO 8601."""

    id: int
    cron: str
    command: tuple[str, ...]
    author: str
    created: str
    checked: str


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a schedule was due, and what came of it. ``process``: host and number of who runs it."""

    id: int
    schedule: int
    command: tuple[str, ...]
    due: str
    state: str
    started: str
    finished: str
    code: int | None
    note: str
    process: str


class ScheduleStore:
    """Keeps schedules; every write is one transaction."""

    def __init__(self, database: Database) -> None:
        """Make or complete the tables. Raises ChangeError."""
        self.database = database
        database.prepare("schedules", VERSIONS)

    def add(self, cron: str, command: tuple[str, ...], author: str, now: str) -> Schedule:
        """Keep a schedule, to be run from *now* on."""
        with self.database.transaction():
            sql = (
                "INSERT INTO schedules (cron, command, author, created, checked)"
                " VALUES (?, ?, ?, ?, ?) RETURNING id"
            )
            made = self.database.rows(sql, cron, json.dumps(command, ensure_ascii=False), author, now, now)
        return Schedule(int(made[0]["id"]), cron, command, author, now, now)

    def remove(self, id: int) -> None:
        """Forget a schedule; its history stays. Raises ChangeError where there is none."""
        with self.database.transaction():
            if not self.database.write("DELETE FROM schedules WHERE id = ?", id):
                raise ChangeError(f"schedule {id}", "is not there", "nornir-itsm schedule list")

    def schedules(self) -> tuple[Schedule, ...]:
        """Return every schedule by number."""
        sql = "SELECT id, cron, command, author, created, checked FROM schedules ORDER BY id"
        found = self.database.rows(sql)
        return tuple(Schedule(**{**row, "command": tuple(json.loads(row["command"]))}) for row in found)

    def claim(self, schedule: Schedule, now: str) -> bool:
        """Take it on oneself to deal with what was due up to *now*; False: somebody else was faster."""
        with self.database.transaction():
            sql = "UPDATE schedules SET checked = ? WHERE id = ? AND checked = ?"
            return self.database.write(sql, now, schedule.id, schedule.checked) == 1

    def note(self, schedule: Schedule, due: str, state: str, note: str) -> None:
        """Keep that a due time was not run, and why."""
        self._insert(schedule, due, state, note=note)

    def begin(self, schedule: Schedule, due: str, now: str, process: str) -> int:
        """Keep that a run begins and return its number."""
        return self._insert(schedule, due, "running", started=now, process=process)

    def end(self, run: int, code: int | None, note: str, now: str) -> None:
        """Keep what came of a run: exit code 0 is ``done``, none is ``interrupted``, all else ``failed``."""
        state = "interrupted" if code is None else "done" if code == 0 else "failed"
        with self.database.transaction():
            sql = "UPDATE schedule_runs SET state = ?, code = ?, note = ?, finished = ? WHERE id = ?"
            self.database.write(sql, state, code, note, now, run)

    def running(self, schedule: int) -> bool:
        """Return whether a run of a schedule has begun and not ended."""
        sql = "SELECT 1 AS one FROM schedule_runs WHERE schedule = ? AND state = 'running' LIMIT 1"
        return bool(self.database.rows(sql, schedule))

    def history(self, schedule: int | None = None, limit: int = 50) -> tuple[Run, ...]:
        """Return the newest runs, the newest last."""
        where = "" if schedule is None else " WHERE schedule = ?"
        values = () if schedule is None else (schedule,)
        sql = f"SELECT {_RUN} FROM schedule_runs{where} ORDER BY id DESC LIMIT ?"
        found = self.database.rows(sql, *values, limit)
        return tuple(Run(**{**row, "command": tuple(json.loads(row["command"]))}) for row in reversed(found))

    def _insert(self, schedule: Schedule, due: str, state: str, **more: Any) -> int:
        columns = {"schedule": schedule.id, "command": json.dumps(schedule.command, ensure_ascii=False)}
        values: dict[str, Any] = {**columns, "due": due, "state": state, **more}
        marks = ", ".join("?" for _ in values)
        with self.database.transaction():
            sql = f"INSERT INTO schedule_runs ({', '.join(values)}) VALUES ({marks}) RETURNING id"
            return int(self.database.rows(sql, *values.values())[0]["id"])
