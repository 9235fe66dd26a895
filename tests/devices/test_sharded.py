"""The runner itsm-sharded: plain data from threads and processes, nothing else, and an end on Ctrl-C."""

import os
import pickle
import signal
import threading
import time
from pathlib import Path

import pytest
from nornir import InitNornir
from nornir.core import Nornir
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.core.task import MultiResult, Result, Task

from nornir_itsm.devices.sharded import NotPlainData, ShardedRunner, WorkerDied
from nornir_itsm.errors import SourceError
from nornir_itsm.lab.crowd import Crowd, Device

from .crowded import PASSWORD, nornir_of, trusted

SECRET = "do-not-tell"


def nornir(runner: ShardedRunner, hosts: int = 20) -> Nornir:
    made = Hosts({f"h{n}": Host(f"h{n}", password=SECRET) for n in range(hosts)})
    return Nornir(Inventory(made, Groups(), Defaults()), runner=runner)


def where(task: Task) -> Result:
    inner = task.run(whoami)
    return Result(task.host, {"pid": os.getpid(), "host": task.host, "inner": inner[0].result}, changed=True)


def whoami(task: Task) -> str:
    return task.host.name


def strange(task: Task) -> Result:
    match task.host.name:
        case "h0":
            raise SourceError("h0", "no answer", "look at it")
        case "h1":
            return Result(task.host, threading.Lock())
        case "h2":
            os._exit(9)
    return Result(task.host, task.host.name)


@pytest.mark.parametrize(("processes", "used"), [(1, 1), (3, 3)])
def test_every_host_is_worked_on_once(processes: int, used: int) -> None:
    """As many processes as asked for; results, subtasks and the hosts in them are those of this process."""
    one = nornir(ShardedRunner(processes, 4))
    results = one.run(task=where)
    assert set(results) == set(one.inventory.hosts)
    assert not results.failed
    assert len({result[0].result["pid"] for result in results.values()}) == used
    for name, result in results.items():
        assert result[0].host is result[0].result["host"] is one.inventory.hosts[name]
        assert (result[0].result["inner"], result[0].changed, result[1].result) == (name, True, name)


def test_failures_stay_with_their_host() -> None:
    """An error in words arrives as it is; no plain data and a dead process are failures, not a hang."""
    one = nornir(ShardedRunner(2, 1, shard=lambda host: host.name in ("h0", "h1", "h2")), 8)
    results = one.run(task=strange)
    assert len(results) == 8
    error = results["h0"][0].exception
    assert isinstance(error, SourceError)
    assert (error.problem, error.hint) == ("no answer", "look at it")
    assert isinstance(results["h1"][0].exception, NotPlainData)
    assert isinstance(results["h2"][0].exception, WorkerDied)
    assert [r[0].result for n, r in results.items() if n > "h2"] == ["h3", "h4", "h5", "h6", "h7"]


def test_what_leaves_a_process_holds_no_secret() -> None:
    """A host in a result goes as its name: neither its password nor its connections are pickled."""
    from nornir_itsm.devices import sharded

    host = Host("h1", password=SECRET)
    result = MultiResult("task")
    result.append(Result(host, {"host": host}))
    data = sharded._dumped("h1", sharded._plain(result))
    assert SECRET.encode() not in data
    assert b"h1" in data
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data)  # only its own process can put the host back


class Watcher:
    """A processor that notes what it is told, and where."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int]] = []

    def task_instance_started(self, task: Task, host: Host) -> None:
        self.told.append(("started", task.host.name, os.getpid()))

    def task_instance_completed(self, task: Task, host: Host, result: MultiResult) -> None:
        self.told.append(("completed", result[0].host.name if result[0].host else "", os.getpid()))

    def _nothing(self, *_: object) -> None: ...

    task_started = task_completed = subtask_instance_started = subtask_instance_completed = _nothing


@pytest.mark.parametrize("processes", [1, 2])
def test_processors_are_told_here(processes: int) -> None:
    """Wherever a task runs, its beginning and its end are told in the process that asked for it."""
    watcher = Watcher()
    nornir(ShardedRunner(processes, 2), 4).with_processors([watcher]).run(task=whoami)
    assert sorted(watcher.told) == sorted(
        (event, f"h{n}", os.getpid()) for event in ("started", "completed") for n in range(4)
    )


@pytest.mark.parametrize("processes", [1, 2])
def test_an_interruption_ends_what_runs_and_keeps_what_came(processes: int) -> None:
    """Ctrl-C: nothing more is begun, tasks are told to stop, results so far have been handed over."""
    stop, landed = threading.Event(), []

    def slow(task: Task) -> str:
        if task.host.name != "h0":
            stop.wait(30)
        return task.host.name

    runner = ShardedRunner(processes, 2, stop, lambda host, result: landed.append(host.name))
    threading.Timer(0.6, os.kill, (os.getpid(), signal.SIGINT)).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        nornir(runner).run(task=slow)
    assert time.monotonic() - begun < 5
    told_to_stop = {"h1", "h2"} if processes == 1 else set()  # in threads they come home and say so
    assert landed[0] == "h0"
    assert set(landed[1:]) == told_to_stop
    assert stop.is_set()


def test_both_plugins_work_in_a_plain_nornir(tmp_path: Path) -> None:
    """Registered by entry points: named in a configuration they are there, sessions in processes included."""
    (tmp_path / "hosts.yaml").write_text("h1: {}\n", encoding="utf-8")
    names = {"host_file": "hosts.yaml", "group_file": "groups.yaml", "defaults_file": "defaults.yaml"}
    options = {key: str(tmp_path / name) for key, name in names.items()}
    plain = InitNornir(
        inventory={"plugin": "SimpleInventory", "options": options},
        runner={"plugin": "itsm-sharded", "options": {"processes": 2, "threads": 3}},
        logging={"enabled": False},
    )
    assert isinstance(plain.runner, ShardedRunner)
    assert (plain.runner.processes, plain.runner.threads) == (2, 3)
    with Crowd([Device(n, "cisco_ios") for n in range(1, 5)], PASSWORD) as crowd:
        one = nornir_of(crowd, trusted(crowd, tmp_path)).with_runner(plain.runner)
        results = one.run(task=version)
    assert not results.failed, results["LAB-0001"][0].result
    assert {n: r[0].result for n, r in results.items()} == {f"LAB-000{n}": f"10{n}" for n in range(1, 5)}


def version(task: Task) -> str:
    connection = task.host.get_connection("itsm-netmiko", task.nornir.config)
    said = str(connection.send_command("show version"))
    task.host.close_connection("itsm-netmiko")
    return said.partition("(2)SE")[2][:3]
