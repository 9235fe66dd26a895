"""The kill matrix: whatever line fails, in whatever way, devices end at the baseline or at the target."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from nornir_itsm.lab.faults import Faults
from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.pipeline import carry_out, resume

from .conftest import BENCHES, Pool
from .life import DEVICES, Bench, Rehearsal, ended, faults, open_as_author, states

FULL = os.environ.get("NORNIR_ITSM_KILLS") == "full"

Arm = Callable[[Faults, int], None]
KINDS: dict[str, Arm] = {
    "refused": Faults.refuse,
    "lost before it": Faults.drop,
    "lost after it": lambda faults, k: faults.drop(k, executed=True),
}


def some(ks: Sequence[int], kind: str) -> Sequence[int]:
    """Every line in a full run, and always those that are refused; else every third and the last two."""
    if FULL or kind == "refused":
        return ks
    first = 0 if kind == "lost before it" else 1
    return sorted({*ks[first::3], *ks[-2:]})


def on_all[T](pool: Pool, work: Callable[[Bench, T], Iterable[str]], tasks: Iterable[T]) -> list[str]:
    """Do every task on some bench, as many at a time as there are, and return everything that was wrong."""

    def one(task: T) -> list[str]:
        bench = pool.get()
        try:
            return [f"{task}: {wrong}" for wrong in work(bench, task)]
        finally:
            pool.put(bench)

    with ThreadPoolExecutor(BENCHES) as threads:
        return [wrong for found in threads.map(one, tasks) for wrong in found]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("device", DEVICES)
def test_a_kill_at_any_line_ends_at_the_baseline_or_at_the_target(
    benches: Pool, seen: Rehearsal, device: str, kind: str
) -> None:
    """A line refused, or a session lost at it, leaves nothing in between, unsaved, unnamed or locked."""

    def kill(bench: Bench, k: int) -> Iterable[str]:
        change = bench.ready(seen.order, seen.plan)
        KINDS[kind](bench.lab.device(device).faults, k)
        code, _ = ended(lambda: carry_out(change, bench.author))
        yield from fired(bench, device, k, kind, seen)
        yield from faults(bench, change, code, seen)

    assert not on_all(benches, kill, some(seen.ks(device), kind))


def fired(bench: Bench, device: str, k: int, kind: str, seen: Rehearsal) -> Iterable[str]:
    """Yield something where the fault did not hit the line that it was meant for."""
    received = bench.lab.device(device).lines[k - 1]
    if received.text != seen.lines[device][k - 1] or received.accepted != (kind == "lost after it"):
        yield f"the fault hit {received}"
