"""Running, change, undo, running: on simulated USGs over SSH, from wherever a change stops."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.parse.vrp_text import firewall_facts
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.verify import back_to, differences

from .case_folders import POINT, Case, cases, site, templates
from .conftest import BEFORE, Bench

EVERY = list(cases("huawei_vrp"))
HELD = firewall_facts(BEFORE)
WAYS = ("refused", "lost before", "lost after")
THOROUGH = "NORNIR_ITSM_KILLS" in os.environ
"""Every case is stopped at every line; else a whole order is, and of the others the line that counts."""


def on_benches[T](
    benches: Iterable[Bench], job: Callable[[Bench, T], Iterable[str]], tasks: Iterable[T]
) -> list[str]:
    """Do the tasks, each on a device that is as before.cfg says, and return all that was wrong."""
    free: SimpleQueue[Bench] = SimpleQueue()
    for one in benches:
        free.put(one)

    def done(task: T) -> list[str]:
        usg = free.get()
        try:
            usg.device.reset(BEFORE)
            return [f"{task}: {problem}" for problem in job(usg, task) if problem]
        finally:
            free.put(usg)

    with ThreadPoolExecutor() as pool:
        return [problem for found in pool.map(done, tasks) for problem in found]


def there_and_back(usg: Bench, case: Case) -> Iterator[str]:
    baseline, change = usg.device.state(), case.change(HELD)
    wanted = after(case.intents, Facts({POINT: HELD})).points[POINT]
    yield usg.push(*change.commands).problem
    yield from differences(wanted, usg.read())
    yield usg.fleet.save(POINT).problem
    usg.device.reboot()
    yield from differences(wanted, firewall_facts(usg.device.running_text()))
    yield usg.push(*change.undo).problem
    yield from differences(HELD, firewall_facts(usg.device.running_text()))
    yield "" if usg.device.state() == baseline else "the device is not what it was"


def test_there_and_back(benches: list[Bench]) -> None:
    """The device shows what was predicted, keeps it over a restart, and is as it was after the undo."""
    assert on_benches(benches, there_and_back, EVERY) == []


def stops(case: Case) -> Iterator[tuple[Case, int, str]]:
    """Yield every place at which a case can stop, and how; after its last line is one of them."""
    lines = (case.folder / "commands.txt").read_text("utf-8").count("\n")
    whole = THOROUGH or case.name == "whole-order"
    for k in range(1, lines + 2) if whole else [max(lines - 1, 1)]:
        for way in WAYS if THOROUGH else ("refused", "lost after"):
            yield case, k, way


def back_from(usg: Bench, task: tuple[Case, int, str]) -> Iterator[str]:
    case, k, way = task
    baseline, change = usg.device.state(), case.change(HELD)
    if k > len(change.commands):
        yield usg.push(*change.commands).problem
    else:
        if way == "refused":
            usg.device.faults.refuse(k)
        else:
            usg.device.faults.drop(k, executed=way == "lost after")
        if not usg.push(*change.commands).problem:
            yield "nobody noticed"
        usg.device.faults.clear()
    there = Facts({POINT: usg.read()})
    (back,) = back_to(change.back, there, {POINT: frozenset()}, site(case.platform), templates())
    yield usg.push(*back.commands).problem if back.commands else ""
    yield from differences(HELD, firewall_facts(usg.device.running_text()))
    yield "" if usg.device.state() == baseline else "the device is not what it was"


def test_back_from_every_line(benches: list[Bench]) -> None:
    """Refused or cut off at a line, executed or not: what arrived is taken back, and nothing else."""
    assert on_benches(benches, back_from, [stop for case in EVERY for stop in stops(case)]) == []
