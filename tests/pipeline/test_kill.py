"""The kill matrix: whatever line fails, in whatever way, devices end at the baseline or at the target.

In full under NORNIR_ITSM_KILLS=full; else every line refused, and every third lost before and after it.
"""

from collections.abc import Iterator

import pytest

from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.pipeline import carry_out, resume

from .afterwards import wrong
from .bench import DEVICES, FULL, KINDS, Rehearsal, bench, ended, open_as_author, states

Tasks = list[tuple[object, ...]]


def lines(seen: Rehearsal) -> Tasks:
    """Each line in each way; without FULL every third is refused, every fourth lost, and the last two."""
    made: Tasks = []
    for device in DEVICES:
        count = len(seen.lines[device])
        for offset, kind in enumerate(KINDS):
            step = 1 if FULL else 3 if kind == "refused" else 4
            first = 1 if FULL else offset
            ks = {*range(first, count + 1, step), count - 1, count}
            made += [(seen, device, kind, k) for k in sorted(ks) if k > 0]
    return made


def kill(seen: Rehearsal, device: str, kind: str, k: int) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    KINDS[kind](one.lab.device(device).faults, k)
    code, _ = ended(lambda: carry_out(change, one.author))
    hit = one.lab.device(device).lines[k - 1]
    if hit.text != seen.lines[device][k - 1] or hit.accepted != (kind == "lost after it"):
        yield f"the fault hit {hit}"
    yield from wrong(one, change, code, seen)


@pytest.mark.on_benches(kill, lines)
def test_a_line_that_fails_ends_at_the_baseline_or_at_the_target(problems: list[str]) -> None:
    """A line refused, or a session lost at it, leaves nothing in between, unsaved, unnamed or locked."""
    assert problems == []


def undo_lines(seen: Rehearsal) -> Tasks:
    every = [(seen, d, kind, k) for d in DEVICES for k in range(1, seen.way_back(d) + 1) for kind in KINDS]
    return [*every] if FULL else [*every[::7]]


def kill_undo(seen: Rehearsal, device: str, kind: str, k: int) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    last = seen.size(FIREWALL)
    one.lab.firewall.faults.drop(last)  # everything with an effect has arrived by then, on both devices
    KINDS[kind](one.lab.device(device).faults, k + (last if device == FIREWALL else seen.size(ADC)))
    code, _ = ended(lambda: carry_out(change, one.author))
    hit = one.lab.device(device).lines[seen.size(device) + k - 1]
    if code != 6 or hit.accepted != (kind == "lost after it"):
        yield f"ended with {code}, the fault hit {hit}"
    yield from wrong(one, change, code, seen)


@pytest.mark.on_benches(kill_undo, undo_lines)
def test_a_line_of_the_undo_that_fails_still_ends_at_the_baseline(problems: list[str]) -> None:
    """The undo is found out anew from the device, so it survives a fault of its own at any line."""
    assert problems == []


def devices(seen: Rehearsal) -> Tasks:
    return [(seen, device) for device in DEVICES]


def refuse_for_good(seen: Rehearsal, device: str) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    for k in range(seen.size(device), 200):
        one.lab.device(device).faults.refuse(k)
    code, _ = ended(lambda: carry_out(change, one.author))
    stored = one.author.changes.change(change)
    ticket = one.author.desk.read(stored.ticket)["state"]
    held = {lock.device for lock in one.author.changes.locks()}
    assert (code, stored.state, ticket, held) == (7, "needs_person", "failed", {*DEVICES})
    one.lab.device(device).faults.clear()
    assert resume(change, open_as_author(one.lab)).state == "rolled_back"
    yield from wrong(one, change, 6, seen)


@pytest.mark.on_benches(refuse_for_good, devices)
def test_a_device_that_refuses_its_undo_needs_a_person_and_resume_leads_it_back(problems: list[str]) -> None:
    """Where nothing helps this is said, the devices stay locked, and resume ends at the baseline."""
    assert problems == []


def attempts(seen: Rehearsal) -> Tasks:
    return [(seen, times) for times in (3, 4)]


def refuse_saves(seen: Rehearsal, times: int) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    first = len(seen.lines[FIREWALL])
    for k in range(first, first + times):
        one.lab.firewall.faults.refuse(k)
    code, _ = ended(lambda: carry_out(change, one.author))
    assert (code, states(one.lab)) == (6, seen.baseline)
    yield from wrong(one, change, code, seen)


@pytest.mark.on_benches(refuse_saves, attempts)
def test_a_save_that_is_refused_for_good_leads_both_devices_back(problems: list[str]) -> None:
    """A configuration that would not survive a restart is not left running."""
    assert problems == []
