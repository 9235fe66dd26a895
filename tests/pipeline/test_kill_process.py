"""The process dies: the next one finds out from the devices what arrived, and ends it."""

from collections.abc import Callable, Iterator

import pytest

from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.pipeline import Done, carry_out, resume, take_back

from .afterwards import wrong
from .bench import DEVICES, FULL, Bench, Rehearsal, bench, ended, open_as_author, received, states
from .fragile import Crash, fragile

EVERY = 1 if FULL else 9
UNFINISHED = ("applying", "verifying", "needs_person")

Tasks = list[tuple[object, ...]]


def dies(work: Callable[[], Done]) -> None:
    try:
        work()
    except Crash:
        return
    raise AssertionError("the process did not die")


def resumed(one: Bench, change: str, seen: Rehearsal) -> Iterator[str]:
    """Resume what a process left behind, twice, and yield what is wrong afterwards."""
    assert one.author.changes.change(change).state in UNFINISHED
    assert {lock.device for lock in one.author.changes.locks()} == {*DEVICES}
    done = resume(change, open_as_author(one.lab))
    before = received(one.lab)
    code, _ = ended(lambda: resume(change, open_as_author(one.lab)))
    assert (code, received(one.lab)) == (5, before)
    yield from wrong(one, change, 0 if done.state == "done" else 6, seen)


def steps_of_apply(seen: Rehearsal) -> Tasks:
    return [(seen, at) for at in sorted({*range(1, seen.steps, EVERY), seen.steps})]


def kill_apply(seen: Rehearsal, at: int) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    dies(lambda: carry_out(change, fragile(one.author.settings, at)))
    yield from resumed(one, change, seen)


@pytest.mark.on_benches(kill_apply, steps_of_apply)
def test_a_killed_process_is_resumed_to_the_baseline_or_to_the_target(problems: list[str]) -> None:
    """Wherever a process died, a fresh one ends the change exactly, and a second one has nothing to do."""
    assert problems == []


def steps_of_resume(seen: Rehearsal) -> Tasks:
    return [(seen, at) for at in range(1, seen.way_back(FIREWALL) // 2 + seen.way_back(ADC) + 1, EVERY)]


def kill_resume(seen: Rehearsal, at: int) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    halfway = seen.size(ADC) + 1 + seen.size(FIREWALL) // 2
    dies(lambda: carry_out(change, fragile(one.author.settings, halfway)))
    dies(lambda: resume(change, fragile(one.author.settings, at)))
    yield from resumed(one, change, seen)


@pytest.mark.on_benches(kill_resume, steps_of_resume)
def test_a_process_killed_while_it_resumes_is_resumed(problems: list[str]) -> None:
    """Leading back may be interrupted as well, at any line."""
    assert problems == []


def steps_of_take_back(seen: Rehearsal) -> Tasks:
    last = seen.way_back(FIREWALL) + seen.way_back(ADC) + 6  # each device: push over, save begun, save over
    return [(seen, at) for at in range(1, last + 1, EVERY)]


def kill_take_back(seen: Rehearsal, at: int) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    carry_out(change, one.author)
    dies(lambda: take_back(change, fragile(one.author.settings, at)))
    yield from resumed(one, change, seen)


@pytest.mark.on_benches(kill_take_back, steps_of_take_back)
def test_a_process_killed_while_it_takes_back_is_resumed(problems: list[str]) -> None:
    """A rollback that was interrupted is no change that is done."""
    assert problems == []


def lines_of_take_back(seen: Rehearsal) -> Tasks:
    return [(seen, d, k) for d in DEVICES for k in range(1, seen.way_back(d) + 1, 1 if FULL else 3)]


def kill_line_of_take_back(seen: Rehearsal, device: str, k: int) -> Iterator[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    carry_out(change, one.author)
    one.lab.device(device).faults.refuse(k)
    code, _ = ended(lambda: take_back(change, one.author))
    assert code == 6
    assert_still_done(one, change, seen)
    assert take_back(change, one.author).state == "rolled_back"
    assert states(one.lab) == seen.baseline
    yield from (w for w in wrong(one, change, 6, seen) if "times" not in w)  # done and undone twice


@pytest.mark.on_benches(kill_line_of_take_back, lines_of_take_back)
def test_a_take_back_that_fails_at_a_line_leaves_the_change_done(problems: list[str]) -> None:
    """Where the way back fails the devices stand where they stood, and the way back can be gone again."""
    assert problems == []


def once(seen: Rehearsal) -> Tasks:
    return [(seen,)]


def refuse_saves_of_take_back(seen: Rehearsal) -> None:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    carry_out(change, one.author)
    first = seen.way_back(FIREWALL) + 2  # its lines, end, save
    for k in range(first, first + 3):
        one.lab.firewall.faults.refuse(k)
    code, _ = ended(lambda: take_back(change, one.author))
    assert code == 6
    assert_still_done(one, change, seen)


def assert_still_done(one: Bench, change: str, seen: Rehearsal) -> None:
    stored = one.author.changes.change(change)
    assert (stored.state, one.author.desk.read(stored.ticket)["state"]) == ("done", "closed")
    assert states(one.lab) == seen.target
    assert one.lab.firewall.startup_state() == one.lab.firewall.state()
    assert one.author.changes.locks() == ()


@pytest.mark.on_benches(refuse_saves_of_take_back, once)
def test_a_save_refused_for_good_while_taking_back_leaves_the_change_done(problems: list[str]) -> None:
    """What is running is what is saved, and the store says what is so."""
    assert problems == []
