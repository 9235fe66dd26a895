"""Benches in processes of their own: a change spends most of its time waiting for a device's answers.

A test marked ``on_benches(job, tasks)`` gets in ``problems`` what ``job(*task)`` found wrong, for each
of ``tasks(rehearsal)``. All selected ones are begun together, while the other tests go on here.
"""

import logging
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from nornir_itsm.lab import Lab

from .bench import open_bench, rehearse
from .office import NOON, Office, Plans, WallClock

PROCESSES = 3 * (os.cpu_count() or 1)

Running = Mapping[str, "list[Future[list[str]]]"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "on_benches(job, tasks): see tests/pipeline/conftest.py")


@pytest.fixture(scope="session")
def begun(
    request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The work of every selected test, on its way."""
    home = tmp_path_factory.mktemp("benches")
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), open_bench, (project, home)) as pool:
        seen, running = pool.submit(rehearse).result(), {}
        for item in request.session.items:
            if marker := item.get_closest_marker("on_benches"):
                job, tasks = marker.args
                running[item.nodeid] = [pool.submit(done, job, task) for task in tasks(seen)]
        yield running
        pool.shutdown(cancel_futures=True)


def done(job: Callable[..., Iterable[str] | None], task: tuple[object, ...]) -> list[str]:
    """Do one task and say what was wrong, an assertion with the line that it stands on."""
    told = [part for part in task if isinstance(part, (str, int))]
    try:
        return [f"{told}: {problem}" for problem in job(*task) or ()]
    except Exception:
        return [f"{told}: {traceback.format_exc()}"]


@pytest.fixture
def problems(request: pytest.FixtureRequest, begun: Running) -> list[str]:
    """What was wrong with the work of this test."""
    return [problem for future in begun[request.node.nodeid] for problem in future.result()]


@pytest.fixture(scope="module")
def street(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Plans]]:
    """A lab for all tests of a module, and the plans that were made on it."""
    home = tmp_path_factory.mktemp("office") / "lab"
    with Lab(home, snapshot=project / "inventory" / "snapshot", project=project) as running:
        yield running, {}


@pytest.fixture
def office(street: tuple[Lab, Plans], tmp_path: Path) -> Office:
    """An office on Sunday at noon, in which nothing has happened yet: devices as they were, an own store."""
    for noisy in ("paramiko", "netmiko", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    lab, plans = street
    lab.reset()
    return Office(lab, WallClock(NOON), tmp_path, plans)
