"""The kill matrix: whatever line fails, in whatever way, devices end at the baseline or at the target.

In full under NORNIR_ITSM_KILLS=full; else every line refused, and every third lost before and after it.
"""

from collections.abc import Iterator
from concurrent.futures import Executor

from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.pipeline import carry_out, resume

from .life import DEVICES, FULL, KINDS, Rehearsal, bench, ended, faults, open_as_author, states, wrongs


def chosen(count: int, kind: str) -> list[int]:
    """The lines to kill, counted from 1: without FULL each of them in at least one way, the last two in all."""
    if FULL or kind == "refused":
        return list(range(1, count + 1))
    first = 1 if kind == "lost before it" else 2
    return sorted({*range(first, count + 1, 3), *range(max(1, count - 1), count + 1)})


def test_a_line_that_fails_ends_at_the_baseline_or_at_the_target(benches: Executor, seen: Rehearsal) -> None:
    """A line refused, or a session lost at it, leaves nothing in between, unsaved, unnamed or locked."""
    assert wrongs(
        benches,
        kill,
        [(seen, d, kind, k) for d in DEVICES for kind in KINDS for k in chosen(len(seen.lines[d]), kind)],
    ) == []


def kill(seen: Rehearsal, device: str, kind: str, k: int) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    KINDS[kind](one.lab.device(device).faults, k)
    code, _ = ended(lambda: carry_out(change, one.author))
    return [*missed(device, kind, k, seen), *faults(one, change, code, seen)]


def missed(device: str, kind: str, k: int, seen: Rehearsal) -> Iterator[str]:
    """Yield something where the fault did not hit the line that it was meant for."""
    received = bench().lab.device(device).lines[k - 1]
    if received.text != seen.lines[device][k - 1] or received.accepted != (kind == "lost after it"):
        yield f"the fault hit {received}"


def test_a_line_of_the_undo_that_fails_still_ends_at_the_baseline(benches: Executor, seen: Rehearsal) -> None:
    """The undo is found out anew from the device, so it survives a fault of its own at any line."""
    every = [(d, kind, k) for d in DEVICES for k in range(1, seen.way_back(d) + 1) for kind in KINDS]
    some = every if FULL else [task for at, task in enumerate(every) if at % 4 == 0]
    assert wrongs(benches, kill_undo, [(seen, *task) for task in some]) == []


def kill_undo(seen: Rehearsal, device: str, kind: str, k: int) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    last = seen.size(FIREWALL)
    one.lab.firewall.faults.drop(last)  # nearly everything arrived by then, on both devices
    KINDS[kind](one.lab.device(device).faults, k + (last if device == FIREWALL else seen.size(ADC)))
    code, _ = ended(lambda: carry_out(change, one.author))
    hit = one.lab.device(device).lines[seen.size(device) + k - 1]
    if code != 6 or hit.accepted != (kind == "lost after it"):
        return [f"ended with {code}, the fault hit {hit}"]
    return list(faults(one, change, code, seen))


def test_a_device_that_refuses_its_undo_needs_a_person_and_resume_leads_it_back(
    benches: Executor, seen: Rehearsal
) -> None:
    """Where nothing helps this is said, the devices stay locked, and resume ends at the baseline."""
    assert wrongs(benches, refuse_for_good, [(seen, device) for device in DEVICES]) == []


def refuse_for_good(seen: Rehearsal, device: str) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    for k in range(seen.size(device), 200):
        one.lab.device(device).faults.refuse(k)
    code, said = ended(lambda: carry_out(change, one.author))
    stored = one.author.changes.change(change)
    ticket = one.author.desk.read(stored.ticket)["state"]
    held = {lock.device for lock in one.author.changes.locks()}
    if (code, stored.state, ticket, held) != (7, "needs_person", "failed", set(DEVICES)):
        return [f"ended with {code}: {said}; {stored.state}, {ticket}, {held}"]
    one.lab.device(device).faults.clear()
    again = open_as_author(one.lab)
    code, said = ended(lambda: resume(change, again))
    if code != 0 or states(one.lab) != seen.baseline:
        return [f"resume ended with {code}: {said}"]
    return list(faults(one, change, 6, seen))


def test_a_save_that_is_refused_for_good_leads_both_devices_back(benches: Executor, seen: Rehearsal) -> None:
    """A configuration that would not survive a restart is not left running."""
    assert wrongs(benches, refuse_saves, [(seen, times) for times in (3, 4)]) == []


def refuse_saves(seen: Rehearsal, times: int) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    first = len(seen.lines[FIREWALL])
    for k in range(first, first + times):
        one.lab.firewall.faults.refuse(k)
    code, said = ended(lambda: carry_out(change, one.author))
    return [*([] if code == 6 else [said]), *faults(one, change, code, seen)]
