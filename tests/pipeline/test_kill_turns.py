"""The kill matrix for changes in place: moving a service, taking a part away, one more line.

In full under NORNIR_ITSM_KILLS=full; else every seventeenth line of each, in each way.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nornir_itsm.lab import Lab
from nornir_itsm.pipeline import carry_out, resume, take_back

from .afterwards import wrong
from .bench import (
    DEVICES,
    FULL,
    KINDS,
    Rehearsal,
    bench,
    colleague,
    ended,
    open_as_author,
    rehearsed,
    states,
)
from .fragile import Crash, fragile

HERE = Path(__file__).parents[1]
(MOVE,) = (HERE / "forms" / "samples").glob("08-*.xlsx")
ORDERS = ("AE-24", "narrow", "AE-25", "ipv6")
PART, NARROW, LINE, V6 = (HERE / "orders" / f"{name}.json" for name in ORDERS)
EVERY = 1 if FULL else 17


def with_a_wide_rule(lab: Lab) -> None:
    """Put the devices back; on the firewall stands a rule of the tenant for several ports."""
    lab.reset()
    rule = ("src-zone trust", "dst-zone untrust", "src-ip 10.70.17.57/32", "dst-ip 192.0.2.177/32")
    service = ('service "TCP-9121-9126"', "action permit", "exit")
    colleague(lab, "policy-global", 'rule before name "Default-Deny"', 'name "示例端口"', *rule, *service)


STARTS: dict[Path, Callable[[Lab], None]] = {NARROW: with_a_wide_rule}


def forms(_seen: Rehearsal) -> list[tuple[object, ...]]:
    return [(form, kind) for form in (MOVE, PART, NARROW, LINE) for kind in KINDS]


def kill_lines(form: Path, kind: str) -> Iterator[str]:
    one, start = bench(), STARTS.get(form, Lab.reset)
    seen = rehearsed(form, start)
    offset = [*KINDS].index(kind) * 3
    for device in DEVICES:
        for k in range(1 + offset % EVERY, len(seen.lines[device]) + 1, EVERY):
            change = one.ready(seen.order, seen.plan, start)
            KINDS[kind](one.lab.device(device).faults, k)
            code, _ = ended(lambda change=change: carry_out(change, one.author))  # type: ignore[misc]
            hit = one.lab.device(device).lines[k - 1]
            if hit.text != seen.lines[device][k - 1] or hit.accepted != (kind == "lost after it"):
                yield f"{form.stem} {device} {k}: the fault hit {hit}"
            yield from (f"{form.stem} {device} {k}: {what}" for what in wrong(one, change, code, seen))


@pytest.mark.on_benches(kill_lines, forms)
def test_a_line_that_fails_ends_at_the_baseline_or_at_the_target(problems: list[str]) -> None:
    """Also where a device has more than one turn, and where a rule is changed in place."""
    assert problems == []


def each(_seen: Rehearsal) -> list[tuple[object, ...]]:
    return [(form,) for form in (MOVE, NARROW)]


def kill_processes(form: Path) -> Iterator[str]:
    one, start = bench(), STARTS.get(form, Lab.reset)
    seen = rehearsed(form, start)
    for step in range(1, seen.steps + 1, EVERY):
        change = one.ready(seen.order, seen.plan, start)
        with pytest.raises(Crash):
            carry_out(change, fragile(one.author.settings, at=step))
        done = resume(change, open_as_author(one.lab))
        code = 0 if done.state == "done" else 6
        yield from (f"{form.stem} step {step}: {what}" for what in wrong(one, change, code, seen))


@pytest.mark.on_benches(kill_processes, each)
def test_a_process_that_dies_is_resumed_to_either_end(problems: list[str]) -> None:
    """Whatever arrived, in whichever turn: resume ends at the baseline or at the target."""
    assert problems == []


def undone(form: Path) -> Iterator[str]:
    one, start = bench(), STARTS.get(form, Lab.reset)
    seen = rehearsed(form, start)
    change = one.ready(seen.order, seen.plan, start)
    carry_out(change, one.author)
    assert take_back(change, one.author).state == "rolled_back"
    if states(one.lab) != seen.baseline:
        yield f"{form.stem}: taken back, but not to where it was"
    assert one.lab.firewall.startup_state() == one.lab.firewall.state()


def all_forms(_seen: Rehearsal) -> list[tuple[object, ...]]:
    return [(form,) for form in (MOVE, PART, NARROW, LINE, V6)]


@pytest.mark.on_benches(undone, all_forms)
def test_what_was_changed_in_place_is_taken_back(problems: list[str]) -> None:
    """Rollback leads through the same turns in the other direction."""
    assert problems == []
