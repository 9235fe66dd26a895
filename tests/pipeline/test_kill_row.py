"""The great kill matrix: one order on a row of firewalls, on either kind of store, killed at every write.

In full (``nox -s kills``) 20 firewalls, and every write to the journal: the process dies before or after it,
or the store is lost from there on; a line of each device is refused or lost in each way; processes of their
own are killed by the system. NORNIR_ITSM_KILLS_EVERY=n takes every nth of all that, NORNIR_ITSM_KILLS_FROM=k
begins with number k, so that the whole can be run in parts. Else a few on two.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.real.postgres import MISSING, programs

from .bench import FULL, KINDS
from .row_kills import Benches, RowBench, dies, killed, loses

FIREWALLS = 20 if FULL else 2
PROCESSES = 5 * (os.cpu_count() or 1)  # a run waits for its devices most of the time
EVERY = int(os.environ.get("NORNIR_ITSM_KILLS_EVERY", "1" if FULL else "61"))
FROM = int(os.environ.get("NORNIR_ITSM_KILLS_FROM", "0"))
KINDS_OF_STORE = ("sqlite", "postgres")

type Kill = tuple[Callable[..., Iterable[str]], tuple[object, ...]]
type Running = Mapping[str, list[Future[tuple[int, list[str]]]]]

_benches: list[Benches] = []


def open_benches(home: Path) -> None:
    """Give this process its benches, for as long as it lives."""
    for noisy in ("paramiko", "netmiko"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    _benches.append(Benches(home, FIREWALLS))


def executor(home: Path) -> Executor:
    """Return what kills: processes, or, for a few, a thread for each store."""
    if FULL:
        return ProcessPoolExecutor(PROCESSES, get_context("spawn"), open_benches, (home,))
    open_benches(home)
    return ThreadPoolExecutor(len(KINDS_OF_STORE))


def measured(server: str) -> tuple[int, int]:
    """Return how often a run writes to the store, and how many lines a device gets."""
    bench = _benches[0].on(server)
    return bench.writes, len(bench.plan.to_do[0].commands)


def done(server: str, kills: list[Kill]) -> tuple[int, list[str]]:
    """Kill, one after the other; return how often, and what was wrong."""
    bench: RowBench = _benches[0].on(server)
    found = [f"{job.__name__} {task}: {what}" for job, task in kills for what in job(bench, *task)]
    return len(kills), found


def kills_of(writes: int, lines: int) -> list[Kill]:
    """Every way of being killed, spread over the order; all of them, or every nth."""
    ways = ("dies after", "dies before")
    made: list[Kill] = [(dies, (at, ways[at % 2])) for at in range(1, writes + 1)]
    made += [(dies, (at, "lost")) for at in range(1, writes + 1, 7)]
    for number in range(1, FIREWALLS + 1):
        spread = ((kind, 1 + (number * 5 + 3 * n) % lines) for n, kind in enumerate(KINDS))
        made += [(loses, (kind, f"ROW-FW{number:02}", line)) for kind, line in spread]
    made += [(killed, (at,)) for at in range(1, FIREWALLS * lines, lines + 6)]
    return made[FROM::EVERY]


@pytest.fixture(scope="module")
def begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The kills on every store that there is, on their way together."""
    servers = {"sqlite": ""}
    if programs() is not None:
        servers["postgres"] = request.getfixturevalue("server").url
    home = tmp_path_factory.mktemp("row")
    with executor(home) as pool:
        measuring = {kind: pool.submit(measured, server) for kind, server in servers.items()}
        size = 1 if FULL else 1000
        running = {}
        for kind, server in servers.items():
            kills = kills_of(*measuring[kind].result())
            chunks = [kills[at : at + size] for at in range(0, len(kills), size)]
            running[kind] = [pool.submit(done, server, chunk) for chunk in chunks]
        yield running
        pool.shutdown(cancel_futures=True)
    for benches in _benches:
        benches.close()


@pytest.mark.parametrize("kind", KINDS_OF_STORE)
def test_whatever_is_killed_all_devices_end_at_the_target_or_all_at_the_baseline(
    kind: str, begun: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exactly, saved, no effect accepted twice, unlocked, the ticket told; resumed again, nothing is sent."""
    if kind not in begun:
        pytest.skip(MISSING)
    ended = [future.result() for future in begun[kind]]
    problems = [problem for _, found in ended for problem in found]
    with capsys.disabled():
        count = sum(number for number, _ in ended)
        print(f"\n{count} kills on {kind}, {FIREWALLS} firewalls: {len(problems)} problems")
    assert problems == []
