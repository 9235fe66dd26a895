"""Benches for the kill matrix: some labs side by side, because a kill spends most of its time waiting."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import pytest

from nornir_itsm.lab import Lab

from .life import ADD_04, Bench, Rehearsal

BENCHES = 4

Pool = SimpleQueue[Bench]


@pytest.fixture(scope="session")
def benches(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """Benches to take and give back."""
    snapshot, pool = project / "inventory" / "snapshot", SimpleQueue[Bench]()
    with ExitStack() as stack:
        for _ in range(BENCHES):
            lab = Lab(tmp_path_factory.mktemp("bench"), snapshot=snapshot, project=project)
            pool.put(Bench(stack.enter_context(lab)))
        yield pool


@pytest.fixture(scope="session")
def seen(benches: Pool, project: Path) -> Rehearsal:
    """The order 04, carried out once without trouble."""
    bench = benches.get()
    try:
        return Rehearsal.of(bench, project / "orders" / ADD_04)
    finally:
        benches.put(bench)
