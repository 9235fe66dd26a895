"""Hosts worked on by other processes: whatever dies meanwhile, every host is answered for, once."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from nornir.core import Nornir
from nornir.core.inventory import Defaults, Groups, Host, Hosts, Inventory
from nornir.core.state import GlobalState

from nornir_itsm.devices.distributed import DistributedRunner
from tests.real.postgres import MISSING, Postgres, programs
from tests.real.remote_tasks import failing, note, nothing

pytestmark = pytest.mark.skipif(programs() is None, reason=MISSING)

PROJECT = Path(__file__).parents[2]
DATABASE = "NORNIR_ITSM_DATABASE"
MANY = int(os.environ.get("NORNIR_ITSM_HOSTS", "1000"))
"""So many hosts of the test of overhead; 10000 in the full form."""


@pytest.fixture(scope="module", autouse=True)
def postgres() -> Iterator[Postgres]:
    """A server whose URL is where the reference of the tests points."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder) / "server")
        server.make()
        os.environ[DATABASE] = server.url
        yield server
        del os.environ[DATABASE]
        server.stop("immediate")


def site(count: int, name: str = "A") -> Hosts:
    """Return hosts of a site."""
    names = [f"{name}{n}" for n in range(count)]
    return Hosts({one: Host(one, data={"site": name}, defaults=Defaults()) for one in names})


def installation(hosts: Hosts, deadline: float = 90) -> Nornir:
    runner = DistributedRunner(f"env:{DATABASE}", deadline=deadline)
    return Nornir(Inventory(hosts, Groups(), Defaults()), runner=runner, data=GlobalState())


@contextmanager
def worker(*sites: str, threads: int = 4) -> Iterator[subprocess.Popen[str]]:
    """Run a worker of some sites, by the command, until it waits for work."""
    command = [str(Path(sys.executable).with_name("nornir-itsm")), "worker", f"--threads={threads}"]
    command += ["--tasks=tests", *(f"--site={name}" for name in sites)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "等待站点" in process.stderr.readline()
    drain = threading.Thread(target=process.stderr.read)
    drain.start()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)
        drain.join()


def test_a_host_is_worked_on_at_its_site(tmp_path: Path) -> None:
    """By a worker of that site and by no other; results come back as they would from a thread."""
    hosts = Hosts({**site(3, "A"), **site(2, "B"), **site(1, "C")})
    with worker("A"), worker("B"):
        found = installation(hosts, deadline=8).run(note, file=str(tmp_path / "noted"), seconds=0)
    good = {name: results[0].result for name, results in found.items() if not results.failed}
    assert good == {name: {"site": name[0]} for name in ("A0", "A1", "A2", "B0", "B1")}
    assert "no worker of site C" in str(found["C0"][0].exception)
    assert found.failed_hosts.keys() == {"C0"}


def test_what_failed_there_failed_here() -> None:
    """With its kind and words, and without a traceback, which may hold anything."""
    with worker("A"):
        found = installation(site(2)).run(failing)
    assert str(found["A1"][0].exception) == "ConnectionRefusedError: A1 does not answer"
    assert "Traceback" not in str(found["A1"][0].result)


def during(seconds: float, act: ExitStack, what: object) -> None:
    """Do something after a while, in a thread that is waited for."""
    timer = threading.Timer(seconds, what)  # type: ignore[arg-type]
    timer.start()
    act.callback(timer.join)


def test_the_hosts_of_a_dead_worker_are_finished_elsewhere(tmp_path: Path) -> None:
    """Within a minute of the kill; nobody is done twice, for it died while it worked."""
    with ExitStack() as act:
        first, _ = act.enter_context(worker("A")), act.enter_context(worker("A"))
        during(1.5, act, first.kill)
        start = time.monotonic()
        found = installation(site(24)).run(note, file=str(tmp_path / "noted"), seconds=0.5)
        took = time.monotonic() - start
    assert not found.failed
    assert set(Counter((tmp_path / "noted").read_text().split()).values()) == {1}
    assert took < 60
    assert first.returncode == -signal.SIGKILL


def test_the_database_may_be_restarted(tmp_path: Path, postgres: Postgres) -> None:
    """In the middle of a run, as if killed: the run goes on, and every host has its result."""

    def again() -> None:
        postgres.stop("immediate")
        postgres.start()

    with ExitStack() as act:
        for _ in range(2):
            act.enter_context(worker("A"))
        during(1.5, act, again)
        found = installation(site(24)).run(note, file=str(tmp_path / "noted"), seconds=0.5)
    assert not found.failed
    assert sorted((tmp_path / "noted").read_text().split()) == sorted(site(24))


def test_the_overhead_of_a_host_is_small(capsys: pytest.CaptureFixture[str]) -> None:
    """Hosts on which nothing is done cost little more than the queue itself; the figure is printed."""
    with worker("A", threads=10), worker("A", threads=10):
        start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = installation(site(MANY)).run(nothing)
        took = time.monotonic() - start
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert len(found) == MANY
    assert not found.failed
    with capsys.disabled():
        print(f"\n{MANY} hosts that do nothing over 2 workers: {1000 * took / MANY:.1f} ms a host", end="")
        print(f"; the coordinator grew by {grown:.0f} MB")
    assert grown < 50 + MANY * 0.02, "MB: what a result holds, and no more"
