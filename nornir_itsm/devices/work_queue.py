"""Work that waits in a database: one job a host, in the queue of its site, locked by its device.

The queue is Procrastinate's on PostgreSQL: workers with a heartbeat, and a list of the jobs whose worker is
dead. Beside it stands one table of ours, with the results.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import batched
from typing import TYPE_CHECKING, Any

from nornir_itsm.devices.credentials import resolve
from nornir_itsm.devices.plain import Plain
from nornir_itsm.errors import SourceError

if TYPE_CHECKING:
    from procrastinate import App

TASK = "nornir_itsm.run"
HEARTBEAT, SILENCE = 5.0, 15.0
"""Seconds between two signs of life of a worker, and after how many without one it counts as dead."""
OUTAGE = 60.0
"""So many seconds may the database be away, as it is while it restarts, before that is an error."""

_TABLE = """
CREATE TABLE IF NOT EXISTS itsm_results (
    run text NOT NULL, host text NOT NULL, content jsonb NOT NULL, taken boolean NOT NULL DEFAULT false,
    PRIMARY KEY (run, host))
"""
_ALONE = "SELECT pg_advisory_xact_lock(%(key)s)"
_KEY = 0x6974736D
_TAKE = "UPDATE itsm_results SET taken = true WHERE run = %(run)s AND NOT taken RETURNING host, content"
_KEEP = """
INSERT INTO itsm_results (run, host, content) VALUES (%(run)s, %(host)s, %(content)s::jsonb)
ON CONFLICT DO NOTHING
"""
_THERE = "SELECT count(*) AS count FROM itsm_results WHERE run = %(run)s AND host = %(host)s"
_FORGET = "DELETE FROM itsm_results WHERE run = %(run)s"


@dataclass(frozen=True, slots=True)
class Job:
    """The work on one host."""

    run: str
    site: str
    task: Plain
    host: Plain

    @property
    def lock(self) -> str:
        """What no other job may hold at the same time."""
        return f"device:{self.host['name']}"


def queue_of(site: str) -> str:
    """Return the queue of a site: a device can be reached from its site only."""
    return f"site:{site}"


@dataclass
class WorkQueue:
    """An open queue. Every call waits out a restart of the database."""

    app: "App"
    ids: dict[str, int] = field(default_factory=dict)
    """host -> the identifier of its job, of those that this process has put."""

    async def put(self, jobs: Iterable[Job], at_a_time: int = 500) -> None:
        """Put jobs into the queues of their sites."""
        from procrastinate.jobs import Job as Queued

        for some in batched(jobs, at_a_time):
            made = [
                Queued(
                    id=None,
                    queue=queue_of(job.site),
                    lock=job.lock,
                    queueing_lock=None,
                    task_name=TASK,
                    task_kwargs={"run": job.run, "task": job.task, "host": job.host},
                )
                for job in some
            ]
            there = await self.app.job_manager.batch_defer_jobs_async(made)
            put = zip(some, there, strict=True)
            self.ids.update({job.host["name"]: one.id for job, one in put if one.id})
        # A server that does not know yet how many wait looks for the next one the slow way.
        await self.app.connector.execute_query_async("ANALYZE procrastinate_jobs")

    async def keep(self, run: str, host: str, results: list[Plain]) -> None:
        """Write the results of a host; the first ones stay."""
        content = json.dumps(results)
        await _patiently(
            lambda: self.app.connector.execute_query_async(_KEEP, run=run, host=host, content=content)
        )

    async def has(self, run: str, host: str) -> bool:
        """Tell whether a host's results are there."""
        row = await self.app.connector.execute_query_one_async(_THERE, run=run, host=host)
        return bool(row["count"])

    async def take(self, run: str) -> dict[str, list[Plain]]:
        """Return the results that came since this was last asked, by host."""
        rows = await _patiently(lambda: self.app.connector.execute_query_all_async(_TAKE, run=run))
        return {row["host"]: row["content"] for row in rows}

    async def give_again(self, attempts: int) -> list[str]:
        """Give the jobs of dead workers to others; return the hosts over which *attempts* have died."""
        stalled = await _patiently(
            lambda: self.app.job_manager.get_stalled_jobs(task_name=TASK, seconds_since_heartbeat=SILENCE)
        )
        ours = {number: host for host, number in self.ids.items()}
        lost: list[str] = []
        for job in stalled:
            if job.id in ours and job.attempts >= attempts:
                lost.append(ours[job.id])
            elif job.id is not None:
                await self.app.job_manager.retry_job_by_id_async(job.id, retry_at=datetime.now(UTC))
        return lost

    async def forget(self, run: str, hosts: Iterable[str]) -> None:
        """Take the jobs of some hosts out, where nobody works on them yet, and the run's results."""
        for host in hosts:
            if host in self.ids:
                await self.app.job_manager.cancel_job_by_id_async(self.ids[host], delete_job=True)
        await self.app.connector.execute_query_async(_FORGET, run=run)


async def _patiently[T](ask: Callable[[], Awaitable[T]]) -> T:
    """Ask the database, again where it is away for a while. Raises SourceError."""
    from procrastinate.exceptions import ConnectorException

    end = time.monotonic() + OUTAGE
    while True:
        try:
            return await ask()
        except ConnectorException as error:
            if time.monotonic() > end:
                raise SourceError("the work queue", _said(error), "is PostgreSQL running there?") from None
            await asyncio.sleep(0.5)


def _said(error: BaseException) -> str:
    cause = error.__cause__ or error
    return (str(cause) or type(cause).__name__).splitlines()[0]


@asynccontextmanager
async def opened(reference: str, connections: int = 4) -> AsyncIterator[WorkQueue]:
    """Open the queue in the database whose URL a reference names (``env:``, ``file:``); make its tables.

    Raises ConfigError, SourceError.
    """
    import psycopg
    from procrastinate import App, PsycopgConnector

    url = resolve(reference, "the work queue")
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            _make_tables(connection)
    except psycopg.Error as error:
        raise SourceError("the work queue", _said(error), "is PostgreSQL running there?") from None
    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=connections))
    async with app.open_async():
        yield WorkQueue(app)


def _make_tables(connection: Any) -> None:
    """Make what is missing; several processes may begin at once."""
    from procrastinate.schema import SchemaManager

    connection.execute(_ALONE, {"key": _KEY})
    (there,) = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
    if there is None:
        connection.execute(SchemaManager.get_schema())
    connection.execute(_TABLE)


def run_async[T](work: Awaitable[T]) -> T:
    """Run to the end; psycopg needs a loop of another kind than Windows' own."""
    factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(work)  # type: ignore[arg-type]
