"""Nornir runner ``itsm-sharded``: processes of this machine times threads, each host's result as it comes.

Processes are forked: they have the inventory, secrets included, by inheritance, and nothing of it is
written anywhere. What comes back is plain data; a host in it comes back as its name. Where there is no fork
(Windows), everything runs in the threads of one process.
"""

import contextlib
import io
import logging
import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any

from nornir.core.inventory import Host
from nornir.core.processor import Processors
from nornir.core.task import AggregatedResult, MultiResult, Result

if TYPE_CHECKING:
    from nornir.core.task import Task

Landed = Callable[[Host, MultiResult], None]
"""Called with each host's result, in the thread that runs the runner."""
_LOOK = 0.05
"""Seconds between two looks at what has come."""
_PATIENCE = 5.0
"""Seconds that processes get to end by themselves."""

logger = logging.getLogger(__name__)


class WorkerDied(Exception):  # noqa: N818 - reads as what it is
    """The process that was to work on this host ended before it had."""


class NotPlainData(Exception):  # noqa: N818
    """A task's result cannot leave its process."""


class ShardedRunner:
    """Runs a task in *processes* x *threads*; on Ctrl-C nothing more is begun and what runs is told to stop.

    ``stop`` is set on an interruption, for tasks that look at it. ``landed`` gets results as they come.
    Hosts with the same ``shard`` key share a process; None leaves the choice to the runner.
    """

    def __init__(
        self,
        processes: int = 1,
        threads: int = 50,
        stop: threading.Event | None = None,
        landed: Landed | None = None,
        shard: Callable[[Host], Hashable] | None = None,
    ) -> None:
        """0 processes: one for each core."""
        self.processes = processes or os.cpu_count() or 1
        self.threads = threads
        self.stop = stop or threading.Event()
        self.landed = landed or (lambda *_: None)
        self.shard = shard or (lambda _: None)

    def run(self, task: "Task", hosts: Sequence[Host]) -> AggregatedResult:
        """Run *task* on all *hosts* and return what each gave."""
        shards = list(self._shards(hosts))
        forks = len(shards) > 1 and "fork" in multiprocessing.get_all_start_methods()
        pairs = self._forked(task, shards) if forks else self._threaded(task, hosts)
        result = AggregatedResult(task.name)
        for host, one in pairs:
            result[host.name] = one
            self.landed(host, one)
        return result

    def _threaded(self, task: "Task", hosts: Sequence[Host]) -> Iterator[tuple[Host, MultiResult]]:
        """Yield results as they come, a handful at a time: to be woken for each costs more than it gives."""
        landed, over = deque[tuple[Host, MultiResult]](), threading.Event()
        threads = self._pool(task, hosts, lambda *one: landed.append(one), over)
        try:
            while threads:
                time.sleep(_LOOK)
                threads = [thread for thread in threads if thread.is_alive()]
                while landed:
                    yield landed.popleft()
        except BaseException:
            over.set()
            self.stop.set()
            for thread in threads:
                thread.join()
            for one in landed:  # what came meanwhile is not lost
                self.landed(*one)
            raise

    def _pool(
        self, task: "Task", hosts: Sequence[Host], landed: Landed, over: threading.Event
    ) -> list[threading.Thread]:
        """Start threads that work on *hosts* until none is left or it is *over*."""
        waiting, taking = iter(hosts), threading.Lock()

        def work() -> None:
            while not over.is_set():
                with taking:
                    host = next(waiting, None)
                if host is None:
                    return
                landed(host, _started(task.copy(), host))

        threads = [threading.Thread(target=work, daemon=True) for _ in hosts[: self.threads]]
        for thread in threads:
            thread.start()
        return threads

    def _shards(self, hosts: Sequence[Host]) -> Iterator[list[Host]]:
        """Deal hosts out; those with a key in common stay together."""
        together: dict[Hashable, list[Host]] = {}
        for host in hosts:
            key = self.shard(host)
            together.setdefault(host.name if key is None else (key,), []).append(host)
        shards: list[list[Host]] = [[] for _ in range(self.processes)]
        for bundle in sorted(together.values(), key=len, reverse=True):
            min(shards, key=len).extend(bundle)
        yield from filter(None, shards)

    def _forked(self, task: "Task", shards: Sequence[Sequence[Host]]) -> Iterator[tuple[Host, MultiResult]]:
        context = multiprocessing.get_context("fork")
        left: dict[Connection, dict[str, Host]] = {}
        processes = []
        for shard in shards:
            reader, writer = context.Pipe(duplex=False)
            process = context.Process(
                target=self._serve, args=(task, shard, writer, [*left, reader]), daemon=True
            )
            process.start()
            writer.close()
            left[reader] = {host.name: host for host in shard}
            processes.append(process)
        try:
            yield from self._received(task, left)
        except BaseException:
            self.stop.set()
            for process in processes:
                process.terminate()
            raise
        finally:
            for process in processes:
                process.join(_PATIENCE)
                if process.is_alive():
                    process.kill()
                    process.join()

    def _received(
        self, task: "Task", left: dict[Connection, dict[str, Host]]
    ) -> Iterator[tuple[Host, MultiResult]]:
        """Yield results as they come; the processors of this process are told of them."""
        while left:
            for reader in wait(list(left)):
                assert isinstance(reader, Connection)
                hosts = left[reader]
                try:
                    name, plain = _loaded(reader.recv_bytes(), hosts)
                except EOFError:
                    del left[reader]
                    reader.close()
                    for host in hosts.values():
                        yield host, _failed(task.name, host, WorkerDied("its process ended early"))
                    continue
                host = hosts[name]
                if plain is None:
                    task.copy().processors.task_instance_started(_about(task, host), host)
                    continue
                del hosts[name]
                result = _restored(plain, host)
                task.processors.task_instance_completed(_about(task, host), host, result)
                yield host, result

    def _serve(
        self, task: "Task", hosts: Sequence[Host], writer: Connection, others: Iterable[Connection]
    ) -> None:
        """Work on *hosts* in the forked process; Ctrl-C is the parent's to understand."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for other in others:
            other.close()
        lock = threading.Lock()

        def send(name: str, plain: Any) -> None:
            with lock, contextlib.suppress(OSError):  # the parent has gone: there is nobody to tell
                writer.send_bytes(_dumped(name, plain))

        task = task.copy()
        task.processors = Processors([_Started(send)])
        for thread in self._pool(
            task, hosts, lambda host, result: send(host.name, _plain(result)), threading.Event()
        ):
            thread.join()


def _started(task: "Task", host: Host) -> MultiResult:
    """Run the task; Nornir itself catches what a task raises, this what is raised around it."""
    try:
        return task.start(host)
    except Exception as error:
        logger.debug("a processor failed", exc_info=True)
        return _failed(task.name, host, error)


class _Started:
    """A processor that tells the parent when a host's work begins."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send

    def task_instance_started(self, task: "Task", host: Host) -> None:  # noqa: ARG002
        self._send(host.name, None)

    def _nothing(self, *_: Any) -> None: ...

    task_started = task_completed = task_instance_completed = _nothing
    subtask_instance_started = subtask_instance_completed = _nothing


class _Pickler(pickle.Pickler):
    """Takes data; a host goes as its name, and with it its secrets and its connections stay here."""

    def persistent_id(self, thing: Any) -> str | None:
        return thing.name if isinstance(thing, Host) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, hosts: Mapping[str, Host]) -> None:
        super().__init__(file)
        self._hosts = hosts

    def persistent_load(self, name: str) -> Host:
        return self._hosts[name]


def _dumped(name: str, plain: Any) -> bytes:
    file = io.BytesIO()
    try:
        _Pickler(file, pickle.HIGHEST_PROTOCOL).dump((name, plain))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        said = NotPlainData(f"the task's result is no plain data: {error}")
        return _dumped(name, _plain(_failed(str(plain[0]), None, said)))
    return file.getvalue()


def _loaded(data: bytes, hosts: Mapping[str, Host]) -> tuple[str, Any]:
    name, plain = _Unpickler(io.BytesIO(data), hosts).load()
    return name, plain


def _plain(result: MultiResult | Result) -> Any:
    """Return a result without its host."""
    if isinstance(result, MultiResult):
        return result.name, [_plain(one) for one in result]
    fields = {key: value for key, value in vars(result).items() if key != "host"}
    return {**fields, "exception": _portable(result.exception)}


def _restored(plain: Any, host: Host) -> Any:
    if isinstance(plain, tuple):
        found = MultiResult(plain[0])
        found.extend(_restored(one, host) for one in plain[1])
        return found
    result = Result(host)
    vars(result).update(plain)
    return result


def _portable(error: BaseException | None) -> BaseException | None:
    """Return an exception that survives the way; what does not becomes its own words."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _failed(name: str, host: Host | None, error: Exception) -> MultiResult:
    result = MultiResult(name)
    result.append(Result(host, result=str(error), failed=True, exception=error, severity_level=logging.ERROR))
    return result


def _about(task: "Task", host: Host) -> "Task":
    """Return the task as processors see it while it works on *host*."""
    one = task.copy()
    one.host = host
    return one
