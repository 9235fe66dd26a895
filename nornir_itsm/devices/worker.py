"""A worker of a distributed installation: takes hosts of its sites from the queue and runs Nornir on each."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nornir_itsm.devices.connect import CLI
from nornir_itsm.devices.plain import Plain, failure_plain, host_of, named, results_plain
from nornir_itsm.devices.work_queue import HEARTBEAT, SILENCE, TASK, WorkQueue, opened, queue_of, run_async
from nornir_itsm.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from nornir.core.task import MultiResult
    from procrastinate import JobContext

TRUSTED = ("nornir_itsm", "nornir_netmiko", "nornir_utils", "nornir_jinja2")
"""Packages of which a worker runs tasks. Whoever writes into the queue could name any function else."""

RECONNECT = 2.0
"""Seconds before a database that went away is asked again."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """How this machine works: what it may run, and what its SSH connections demand of host keys."""

    trusted: tuple[str, ...] = TRUSTED
    ssh: Mapping[str, Any] | None = None

    def perform(self, task: Plain, host: Plain) -> list[Plain]:
        """Run a task on a host; whatever goes wrong is in the results."""
        try:
            return results_plain(self._run(task, host))
        except ConfigError as error:
            return failure_plain(task["name"], ConfigError.__name__, str(error))

    def _run(self, task: Plain, told: Plain) -> "MultiResult":
        from nornir.core import Nornir
        from nornir.core.inventory import Defaults, Groups, Hosts, Inventory
        from nornir.core.state import GlobalState
        from nornir.plugins.runners import SerialRunner

        name = str(task["function"])
        if name.partition(":")[0].split(".")[0] not in self.trusted:
            hint = f"workers run tasks of {', '.join(self.trusted)}; --tasks adds a package"
            raise ConfigError(f"task {task['name']}", f"{name} is not among what this worker runs", hint)
        try:
            function = named(name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigError(
                f"task {task['name']}", str(error), "is it installed on this machine?"
            ) from None
        host = host_of(told)
        if self.ssh and CLI in host.connection_options:
            options = host.connection_options[CLI]
            options.extras = {**(options.extras or {}), **self.ssh}
        inventory = Inventory(Hosts({host.name: host}), Groups(), Defaults())
        nornir = Nornir(inventory, runner=SerialRunner(), data=GlobalState(dry_run=task["dry_run"]))
        try:
            ran = nornir.run(function, name=task["name"], severity_level=task["severity"], **task["params"])
            return ran[host.name]
        finally:
            nornir.close_connections()


def serve(reference: str, sites: Sequence[str], threads: int, bench: Bench, tell: Tell) -> None:
    """Work on hosts of these sites until told to stop (SIGINT, SIGTERM); what is begun is finished first.

    *tell* hears a line of what happens. A database that goes away is waited for; raises SourceError where
    it is not there to begin with.
    """
    from nornir.core.plugins.connections import ConnectionPluginRegister

    ConnectionPluginRegister.auto_register()
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is told, without tracebacks
    run_async(_serve(reference, sites, threads, bench, tell))


async def _serve(reference: str, sites: Sequence[str], threads: int, bench: Bench, tell: Tell) -> None:
    from procrastinate.exceptions import ConnectorException

    begun = False
    while True:
        try:
            async with opened(reference, connections=threads + 4) as queue:
                begun = True
                tell(f"等待站点 {'、'.join(sites)} 的任务，同时 {threads} 台")
                return await _work(queue, sites, threads, bench, tell)
        except (ConnectorException, SourceError) as error:
            if not begun:
                raise
            tell(f"数据库断开，稍后重连：{str(error).splitlines()[0]}")
            await asyncio.sleep(RECONNECT)


async def _work(queue: WorkQueue, sites: Sequence[str], threads: int, bench: Bench, tell: Tell) -> None:
    with ThreadPoolExecutor(threads, "device") as pool:
        _offer(queue, pool, bench, tell)
        await queue.app.run_worker_async(
            queues=[queue_of(site) for site in sites],
            name=",".join(sites),
            concurrency=threads,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=SILENCE,
            delete_jobs="always",
        )


def _offer(queue: WorkQueue, pool: ThreadPoolExecutor, bench: Bench, tell: Tell) -> None:
    """Make the one task known that the queue holds."""

    @queue.app.task(name=TASK, pass_context=True)
    async def work(context: "JobContext", run: str, task: Plain, host: Plain) -> None:
        if context.job.attempts and await queue.has(run, host["name"]):
            return  # another worker wrote it, and died before it could say so
        results = await asyncio.get_running_loop().run_in_executor(pool, bench.perform, task, host)
        await queue.keep(run, host["name"], results)
        tell(f"{host['name']}：{task['name']} {'失败' if any(one['failed'] for one in results) else '完成'}")
