"""The process dies: the next one finds out from the devices what arrived, and ends it."""

from collections.abc import Callable
from concurrent.futures import Executor

from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.pipeline import Done, carry_out, resume, take_back

from .life import (
    DEVICES,
    FULL,
    Bench,
    Crash,
    Rehearsal,
    bench,
    ended,
    faults,
    fragile,
    open_as_author,
    states,
    wrongs,
)

EVERY = 1 if FULL else 5
UNFINISHED = ("applying", "verifying", "needs_person")


def test_a_killed_process_is_resumed_to_the_baseline_or_to_the_target(
    benches: Executor, seen: Rehearsal
) -> None:
    """Wherever a process died, a fresh one ends the change exactly, and a second one has nothing to do."""
    last, troubles = benches.submit(steps_of_apply, seen).result()
    assert (last > seen.size(FIREWALL) + seen.size(ADC), troubles) == (True, [])
    assert wrongs(benches, kill_apply, [(seen, at) for at in {*range(1, last, EVERY), last}]) == []


def steps_of_apply(seen: Rehearsal) -> tuple[int, list[str]]:
    """How many steps there are to die at, and what went wrong though nothing was to."""
    one = bench()
    app, change = fragile(one.lab, 0), one.ready(seen.order, seen.plan)
    carry_out(change, app)
    return app.fleet.steps, [f"{s.what}: {s.answer}" for s in app.changes.steps(change) if not s.accepted]


def kill_apply(seen: Rehearsal, at: int) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    died = dies(lambda: carry_out(change, fragile(one.lab, at)))
    return [*died, *interrupted(one, change), *resumed(one, change, seen)]


def dies(work: Callable[[], Done]) -> list[str]:
    """Say so where the process lived on."""
    try:
        work()
    except Crash:
        return []
    return ["the process did not die"]


def interrupted(one: Bench, change: str) -> list[str]:
    """Say what is wrong after the process died: the change waits, its devices are locked."""
    state = one.author.changes.change(change).state
    held = {lock.device for lock in one.author.changes.locks()}
    return [] if state in UNFINISHED and held == set(DEVICES) else [f"interrupted: {state}, locked: {held}"]


def resumed(one: Bench, change: str, seen: Rehearsal) -> list[str]:
    """Resume with a fresh process, twice, and say what is wrong afterwards."""
    code, said = ended(lambda: resume(change, open_as_author(one.lab)))
    if code != 0:
        return [f"resume ended with {code}: {said}"]
    received = [len(one.lab.device(device).lines) for device in DEVICES]
    again, _ = ended(lambda: resume(change, open_as_author(one.lab)))
    if again != 5 or received != [len(one.lab.device(device).lines) for device in DEVICES]:
        return [f"a second resume ended with {again}"]
    done = one.author.changes.change(change).state == "done"
    return list(faults(one, change, 0 if done else 6, seen))


def test_a_process_killed_while_it_resumes_is_resumed(benches: Executor, seen: Rehearsal) -> None:
    """Leading back may be interrupted as well, at any line."""
    last = seen.way_back(FIREWALL) // 2 + seen.way_back(ADC)
    assert wrongs(benches, kill_resume, [(seen, at) for at in range(1, last + 1, EVERY)]) == []


def kill_resume(seen: Rehearsal, at: int) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    halfway = seen.size(ADC) + 1 + seen.size(FIREWALL) // 2
    died = dies(lambda: carry_out(change, fragile(one.lab, halfway)))
    died += dies(lambda: resume(change, fragile(one.lab, at)))
    return [*died, *interrupted(one, change), *resumed(one, change, seen)]


def test_a_process_killed_while_it_takes_back_is_resumed(benches: Executor, seen: Rehearsal) -> None:
    """A rollback that was interrupted is no change that is done."""
    last = seen.way_back(FIREWALL) + seen.way_back(ADC) + 6
    assert wrongs(benches, kill_take_back, [(seen, at) for at in range(1, last + 1, EVERY)]) == []


def kill_take_back(seen: Rehearsal, at: int) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    carry_out(change, one.author)
    died = dies(lambda: take_back(change, fragile(one.lab, at)))
    return [*died, *interrupted(one, change), *resumed(one, change, seen)]


def test_a_take_back_that_fails_at_a_line_leaves_the_change_done(benches: Executor, seen: Rehearsal) -> None:
    """Where the way back fails the devices stand where they stood, and the way back can be gone again."""
    tasks = [(seen, d, k) for d in DEVICES for k in range(1, seen.way_back(d) + 1, 1 if FULL else 3)]
    assert wrongs(benches, kill_line_of_take_back, tasks) == []


def kill_line_of_take_back(seen: Rehearsal, device: str, k: int) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    carry_out(change, one.author)
    one.lab.device(device).faults.refuse(k)
    code, said = ended(lambda: take_back(change, one.author))
    if code != 6:
        return [f"ended with {code}: {said}"]
    if wrong := [*at_target(one, change, seen)]:
        return wrong
    assert isinstance(take_back(change, one.author), Done)
    return [w for w in faults(one, change, 6, seen) if "times" not in w]  # it was done and undone twice


def test_a_save_refused_for_good_while_taking_back_leaves_the_change_done(
    benches: Executor, seen: Rehearsal
) -> None:
    """What is running is what is saved, and the store says what is so."""
    assert wrongs(benches, refuse_saves_of_take_back, [(seen,)]) == []


def refuse_saves_of_take_back(seen: Rehearsal) -> list[str]:
    one = bench()
    change = one.ready(seen.order, seen.plan)
    carry_out(change, one.author)
    first = seen.way_back(FIREWALL) + 2  # its lines, end, save
    for k in range(first, first + 3):
        one.lab.firewall.faults.refuse(k)
    code, said = ended(lambda: take_back(change, one.author))
    return [*([] if code == 6 else [said]), *at_target(one, change, seen)]


def at_target(one: Bench, change: str, seen: Rehearsal) -> list[str]:
    """Say where the devices or the books are not at the target."""
    stored = one.author.changes.change(change)
    ticket = one.author.desk.read(stored.ticket)["state"]
    saved = one.lab.firewall.startup_state() == one.lab.firewall.state()
    good = states(one.lab) == seen.target and saved and not one.author.changes.locks()
    good = good and (stored.state, ticket) == ("done", "closed")
    return [] if good else [f"not at the target: {stored.state}, {ticket}, saved: {saved}"]
