"""Two changes on the same devices from two processes: never at the same time, and the second looks again."""

import time
from collections.abc import Iterator

import pytest

from nornir_itsm.errors import Locked, Refused
from nornir_itsm.pipeline import carry_out, prepare
from nornir_itsm.store.process import this_process

from .row import FirewallRow
from .row_kills import Benches, RowBench, command


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RowBench]:
    """Two firewalls, a store in a file."""
    benches = Benches(tmp_path_factory.mktemp("two"), 2)
    yield benches.on("")
    benches.close()


def planned(bench: RowBench, port: str) -> str:
    """Plan an order on the devices as they are, and have it approved."""
    order = bench.author.read(bench.row.order(port), {})
    return bench.approved(order, prepare(order, bench.author, {}))


def until(row: FirewallRow, lines: int) -> None:
    """Wait until the devices have got so many lines."""
    end = time.monotonic() + 60
    while row.received() < lines:
        assert time.monotonic() < end, "nothing was sent"
        time.sleep(0.01)


def one_after_the_other(bench: RowBench, first: str, second: str) -> bool:
    """Tell whether each device got all lines of the first change before any of the second, in its own log."""
    steps = {id: bench.author.changes.steps(id) for id in (first, second)}
    for name, wall in bench.row.firewalls.items():
        expected = [s.what for id in (first, second) for s in steps[id] if s.device == name]
        if [line.text for line in wall.lines if line.text != "end"] != expected:
            return False
    return True


def test_the_second_waits_looks_again_and_goes_on(bench: RowBench) -> None:
    """It says for whom it waits; afterwards its plan is the same, so it goes on, and no line is in between.

    A third one that does not want to wait is refused with the name of the holder; it is of the same order as
    the first, so that afterwards nothing of its plan is left: it is refused as drift.
    """
    bench.row.reset()
    first, second, third = (planned(bench, port) for port in ("443", "8443", "443"))
    told: list[str] = []
    with command(bench.row, "apply", first) as process:
        until(bench.row, 5)
        with pytest.raises(Locked, match=f"{first} of .*, by .* {process.pid}"):
            carry_out(third, bench.open())
        waiting = bench.open()
        waiting.patience, waiting.listener = 120, told.append
        assert carry_out(second, waiting).state == "done"
        assert process.wait(60) == 0
    said = [line for line in told if "等待" in line]
    assert said
    assert all(first in line and f" {process.pid}" in line for line in said)
    assert one_after_the_other(bench, first, second)
    with pytest.raises(Refused, match="漂移"):
        carry_out(third, bench.open())
    assert bench.author.changes.locks() == ()


def test_patience_comes_to_its_end(bench: RowBench) -> None:
    """Who waited in vain is refused with the holder's name, and has sent nothing."""
    bench.row.reset()
    first, second = (planned(bench, port) for port in ("443", "8443"))
    bench.author.changes.lock(list(bench.row.firewalls), first, bench.author.clock.now())
    impatient = bench.open()
    impatient.patience = 1
    before = time.monotonic()
    with pytest.raises(Locked, match=this_process()):
        carry_out(second, impatient)
    assert time.monotonic() - before > 0.9
    assert bench.row.received() == 0
    bench.author.changes.unlock(first)
