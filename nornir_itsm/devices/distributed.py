"""Nornir runner ``itsm-distributed``: hosts are worked on by ``nornir-itsm worker``, on any machine.

A worker that dies has its hosts given to another one. So a task may begin twice on a device, one after the
other: what must not happen twice has to look first, as the change engine does.
"""

import asyncio
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from nornir_itsm.devices.plain import Plain, failure_plain, host_plain, results_of, task_plain
from nornir_itsm.devices.work_queue import HEARTBEAT, Job, WorkQueue, opened, run_async

if TYPE_CHECKING:
    from nornir.core.inventory import Host
    from nornir.core.task import AggregatedResult, Task

ATTEMPTS = 3
"""So many workers may die over one host before it is given up."""
_PAUSE = 0.2
"""Seconds between two looks for results."""


class DistributedRunner:
    """Queues hosts by their site and gathers the results as they come."""

    elsewhere = True
    """Tasks run in another process: their parameters must be told in words."""

    def __init__(self, database: str, site: str = "site", deadline: float = 3600.0) -> None:
        """*database*: reference to a PostgreSQL URL; *site*: key of the host data; *deadline*: seconds."""
        self._database = database
        self._site = site
        self._deadline = deadline

    def run(self, task: "Task", hosts: "list[Host]") -> "AggregatedResult":
        """Run a task on hosts. Raises ConfigError before anything is queued that cannot be told in words."""
        from nornir.core.task import AggregatedResult

        gathered = AggregatedResult(task.name)
        if hosts:
            run, told = uuid4().hex, task_plain(task)
            jobs = [Job(run, str(h.get(self._site) or "default"), told, host_plain(h)) for h in hosts]
            run_async(self._work(jobs, task, {host.name: host for host in hosts}, gathered))
        return gathered

    async def _work(
        self, jobs: list[Job], task: "Task", hosts: "dict[str, Host]", gathered: "AggregatedResult"
    ) -> None:
        run = jobs[0].run
        async with opened(self._database) as queue:
            for host in hosts.values():
                task.processors.task_instance_started(task, host)
            await queue.put(jobs)
            try:
                await self._gather(queue, run, task, hosts, gathered)
            finally:
                await queue.forget(run, hosts.keys() - gathered.keys())
        for name in hosts.keys() - gathered.keys():
            site = next(job.site for job in jobs if job.host["name"] == name)
            said = f"no worker of site {site} finished it within {self._deadline:g} s"
            self._arrived(_failed(task.name, said), task, hosts[name], gathered)

    async def _gather(
        self,
        queue: WorkQueue,
        run: str,
        task: "Task",
        hosts: "dict[str, Host]",
        gathered: "AggregatedResult",
    ) -> None:
        end, looked = time.monotonic() + self._deadline, time.monotonic()
        while len(gathered) < len(hosts) and time.monotonic() < end:
            for name, told in (await queue.take(run)).items():
                self._arrived(told, task, hosts[name], gathered)
            if time.monotonic() - looked > HEARTBEAT:
                looked = time.monotonic()
                for name in await queue.give_again(ATTEMPTS):
                    said = f"{ATTEMPTS} workers died over it"
                    self._arrived(_failed(task.name, said), task, hosts[name], gathered)
            await asyncio.sleep(_PAUSE)

    @staticmethod
    def _arrived(told: list[Plain], task: "Task", host: "Host", gathered: "AggregatedResult") -> None:
        if host.name not in gathered:
            gathered[host.name] = results_of(told, task, host)
            task.processors.task_instance_completed(task, host, gathered[host.name])


def _failed(name: str, said: str) -> list[Plain]:
    return failure_plain(name, "WorkerError", said)
