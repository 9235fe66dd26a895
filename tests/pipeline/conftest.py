"""Processes with a bench each for the kill matrix: a kill spends most of its time waiting for answers."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from .life import Rehearsal, open_bench, rehearse

BENCHES = 4 * (os.cpu_count() or 1)


@pytest.fixture(scope="session")
def benches(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    """What is submitted here finds a bench of its own in ``life.bench()``."""
    home = tmp_path_factory.mktemp("benches")
    with ProcessPoolExecutor(BENCHES, get_context("spawn"), open_bench, (project, home)) as pool:
        yield pool


@pytest.fixture(scope="session")
def seen(benches: Executor) -> Rehearsal:
    """The order 04, carried out once without trouble."""
    return benches.submit(rehearse).result()
