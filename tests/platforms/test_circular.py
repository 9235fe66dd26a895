"""Running, change, undo, running: on simulated devices over SSH and HTTPS, from wherever a change stops."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.verify import back_to, differences

from .case_folders import POINT, SIMULATED, Case, cases, site, templates
from .conftest import Bench

WAYS = ("refused", "lost before", "lost after")
THOROUGH = "NORNIR_ITSM_KILLS" in os.environ
"""``nox -s kills``: every case is stopped at every line in every way; else these whole orders are, and the
others at the line that counts."""
WHOLE = {("huawei_vrp", "whole-order"), ("huawei_vrpv8", "vpc-connected")}


def on_benches[T](
    benches: Iterable[Bench], job: Callable[[Bench, T], Iterable[str]], tasks: Iterable[T]
) -> list[str]:
    """Do the tasks, each on a device that is as before.cfg says, and return all that was wrong."""
    free: SimpleQueue[Bench] = SimpleQueue()
    for one in benches:
        free.put(one)

    def done(task: T) -> list[str]:
        one = free.get()
        try:
            one.renew()
            return [f"{task}: {problem}" for problem in job(one, task) if problem]
        finally:
            free.put(one)

    with ThreadPoolExecutor() as pool:
        return [problem for found in pool.map(done, tasks) for problem in found]


def there_and_back(one: Bench, case: Case) -> Iterator[str]:
    baseline, held = one.device.state(), case.read(one.documents())
    change = case.change(held)
    wanted = after(case.intents, Facts({case.point: held})).points[case.point]
    yield one.carry(change).problem
    yield from differences(wanted, one.fleet.read([case.point])[case.point])
    yield one.fleet.save(POINT).problem
    one.reboot()
    yield from differences(wanted, case.read(one.documents()))
    yield one.carry(replace(change, commands=change.undo, calls=change.undo_calls)).problem
    yield from differences(held, case.read(one.documents()))
    yield "" if one.device.state() == baseline else "the device is not what it was"


@pytest.mark.parametrize("platform", SIMULATED)
def test_there_and_back(platform: str, benches: Callable[[str], list[Bench]]) -> None:
    """The device shows what was predicted, keeps it over a restart, and is as it was after the undo."""
    assert on_benches(benches(platform), there_and_back, cases(platform)) == []


def stops(case: Case) -> Iterator[tuple[Case, int, str]]:
    """Yield every place at which a case can stop, and how; after its last line is one of them."""
    lines = case.size
    # That of StoneOS is stopped at every line by the kill matrix of tests/pipeline anyway.
    whole = THOROUGH or (case.platform, case.name) in WHOLE
    for k in range(1, lines + 2) if whole else [max(lines - 1, 1)]:
        for way in WAYS if THOROUGH else [("refused", "lost after")[k % 2]]:
            yield case, k, way


def back_from(one: Bench, task: tuple[Case, int, str]) -> Iterator[str]:
    case, k, way = task
    baseline, held = one.device.state(), case.read(one.documents())
    change = case.change(held)
    if k > len(change.commands) + len(change.calls):
        yield one.carry(change).problem
    else:
        if way == "refused":
            one.device.faults.refuse(k)
        else:
            one.cut(k, executed=way == "lost after")
        if not one.carry(change).problem:
            yield "nobody noticed"
        one.device.faults.clear()
    there = Facts({case.point: one.fleet.read([case.point])[case.point]})
    nameless = {case.point: frozenset(r.id for r in getattr(held, "rules", ()) if not r.name)}
    (back,) = back_to(change.back, there, nameless, site(case.platform), templates())
    yield "" if back.empty else one.carry(back).problem
    yield from differences(held, case.read(one.documents()))
    yield "" if one.device.state() == baseline else "the device is not what it was"


@pytest.mark.parametrize("platform", SIMULATED)
def test_back_from_every_line(platform: str, benches: Callable[[str], list[Bench]]) -> None:
    """Refused or cut off at a line, executed or not: what arrived is taken back, and nothing else."""
    every = [stop for case in cases(platform) for stop in stops(case)]
    assert on_benches(benches(platform), back_from, every) == []
