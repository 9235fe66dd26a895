"""What the tests of an order's life share: a bench to carry changes out on, and what must hold afterwards."""

import json
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError
from nornir_itsm.lab import Lab
from nornir_itsm.lab.faults import Faults
from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.lab.stoneos.shell import Shell
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.pipeline import Done, carry_out, prepare
from nornir_itsm.ports import Fleet, PushResult

ADD_04, ADD_05 = "04-双表-正表加Sheet1.xlsx", "05-白名单-公司全称-协议下拉.xlsx"
DELETE_04, DELETE_05 = "04-删除.xlsx", "05-删除.xlsx"
DEVICES = (FIREWALL, ADC)

FULL = os.environ.get("NORNIR_ITSM_KILLS") == "full"
KINDS: dict[str, Callable[[Faults, int], None]] = {
    "refused": Faults.refuse,
    "lost before it": Faults.drop,
    "lost after it": lambda faults, k: faults.drop(k, executed=True),
}

State = dict[str, object]


def states(lab: Lab) -> tuple[State, State]:
    """What both devices are configured to do."""
    return lab.firewall.state(), lab.adc.state()


def open_as_author(lab: Lab) -> App:
    return App.open(lab.config, environ={k: v for k, v in os.environ.items() if k != TOKEN_VARIABLE})


def open_as_approver(lab: Lab) -> App:
    return App.open(lab.config, environ={**os.environ, TOKEN_VARIABLE: lab.token.read_text()})


def colleague(lab: Lab, *lines: str, save: bool = True) -> None:
    """Somebody else types lines at the firewall's console; every one must be taken."""
    shell = Shell(lab.firewall)
    for line in ("configure", *lines, "end"):
        reply = shell.answer(line)
        assert reply.accepted, reply.text
    if save:
        lab.firewall.save()


def ended(work: Callable[[], Done]) -> tuple[int, str]:
    """Return the exit code that a command would have, and what it would say."""
    try:
        return 0, "；".join(work().verdicts)
    except ChangeError as error:
        return error.exit_code, str(error)


@dataclass
class Bench:
    """A lab that serves many changes, one after the other, each on devices as they were."""

    lab: Lab
    author: App = field(init=False)
    approver: App = field(init=False)

    def __post_init__(self) -> None:
        self.author, self.approver = open_as_author(self.lab), open_as_approver(self.lab)

    def ready(self, order: Order, plan: Plan) -> str:
        """Put the devices back, keep the plan as a new change and have it approved."""
        self.lab.reset()
        now = self.author.clock.now()
        change = self.author.changes.new_change(order, plan, self.author.author(), now)
        self.approver.approve(change, None, "同意")
        return change


class Crash(BaseException):
    """The process ends here, as far as the code under test can tell."""


@dataclass
class Fragile:
    """A fleet whose process dies at its step *at*: at a line just intended, a push or a save just over."""

    real: Fleet
    at: int
    steps: int = 0

    def read(self, points: Iterable[str]) -> Mapping[str, PointFacts]:
        return self.real.read(points)

    def preflight(self, points: Iterable[str]) -> Mapping[str, str]:
        return self.real.preflight(points)

    def push(self, change: Change, before: Callable[[str], None]) -> PushResult:
        def intended(what: str) -> None:
            before(what)
            self._step()

        result = self.real.push(change, intended)
        self._step()
        return result

    def save(self, point: str) -> PushResult:
        self._step()
        result = self.real.save(point)
        self._step()
        return result

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Crash


@dataclass
class FragileApp(App):
    """An installation whose process dies at a step; 0: it lives, and counts them."""

    at: int = 0

    @cached_property
    def fleet(self) -> Fragile:
        return Fragile(super().fleet, self.at)


def fragile(lab: Lab, at: int) -> FragileApp:
    return FragileApp(open_as_author(lab).settings, at=at)


_bench: list[Bench] = []


def open_bench(project: Path, home: Path) -> None:
    """Give this process its bench, for as long as the process lives."""
    for noisy in ("paramiko", "netmiko", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    lab = Lab(home / str(os.getpid()), snapshot=project / "inventory" / "snapshot", project=project)
    lab.start()
    _bench.append(Bench(lab))


def bench() -> Bench:
    return _bench[0]


def rehearse() -> "Rehearsal":
    """Carry the order 04 out once, without trouble, on this process's bench."""
    one = bench()
    order = one.author.read(one.author.settings.runbooks.parent / "orders" / ADD_04, {})
    plan = prepare(order, one.author, {})
    change = one.ready(order, plan)
    baseline = states(one.lab)
    carry_out(change, one.author)
    lines = {name: tuple(r.text for r in one.lab.device(name).lines) for name in DEVICES}
    target = states(one.lab)
    one.lab.firewall.reboot()
    assert states(one.lab) == target, "it was not saved"
    return Rehearsal(order, plan, baseline, target, lines)


@dataclass(frozen=True)
class Rehearsal:
    """One order carried out once without trouble: both ends between which nothing may be left."""

    order: Order
    plan: Plan
    baseline: tuple[State, State]
    target: tuple[State, State]
    lines: dict[str, tuple[str, ...]]
    """device -> what it received, in order: this is what can be killed."""

    def size(self, device: str) -> int:
        """How many lines the plan has for a device."""
        change = next(c for c in self.plan.changes if c.device == device)
        return len(change.commands) + len(change.calls)

    def way_back(self, device: str) -> int:
        """How many lines undo all of it."""
        change = next(c for c in self.plan.changes if c.device == device)
        return len(change.undo) + len(change.undo_calls)

    def ks(self, device: str) -> range:
        return range(1, len(self.lines[device]) + 1)


OUTCOMES = {0: ("done", "closed"), 6: ("rolled_back", "rolled_back"), 7: ("needs_person", "failed")}
"""Exit code -> state of the change and of its ticket."""


def faults(one: Bench, change: str, code: int, seen: Rehearsal) -> Iterator[str]:
    """Yield what is wrong with the devices, the journal and the books after a change that ended."""
    lab, changes = one.lab, one.author.changes
    expected = {0: seen.target, 6: seen.baseline}.get(code)
    if expected is None:
        yield f"ended with {code}"
    elif states(lab) != expected:
        yield f"ended with {code}, but the devices are somewhere else"
    if lab.firewall.startup_state() != lab.firewall.state():
        yield "what is running is not what is saved"
    state, ticket = OUTCOMES.get(code, ("?", "?"))
    stored = changes.change(change)
    if stored.state != state:
        yield f"the change is {stored.state}"
    if one.author.desk.read(stored.ticket)["state"] != ticket:
        yield f"the ticket is {one.author.desk.read(stored.ticket)['state']}"
    if changes.locks():
        yield f"still locked: {changes.locks()}"
    yield from books(one, change, seen.plan)


def books(one: Bench, change: str, plan: Plan) -> Iterator[str]:
    """Yield what devices received without an intention in the journal, and effects accepted twice."""
    for device in DEVICES:
        steps = [s.what for s in one.author.changes.steps(change) if s.device == device]
        received = one.lab.device(device).lines
        unknown = Counter(plain(r.text) for r in received if r.text != "end") - Counter(map(plain, steps))
        if unknown:
            yield f"{device}: received without an intention: {list(unknown)}"
        planned = Counter(meant(plan, device))
        for text, times in Counter(plain(r.text) for r in received if r.accepted).items():
            if not is_mode(text) and times > max(1, planned[text]):
                yield f"{device}: accepted {times} times: {text}"


def meant(plan: Plan, device: str) -> Sequence[str]:
    change = next(c for c in plan.changes if c.device == device)
    return [line.strip() for line in change.commands]


def is_mode(line: str) -> bool:
    """Say whether a line may come twice: moves between modes, opens what exists, or saves."""
    return line in ("exit", "end", "policy-global", "save") or line.startswith(("address ", "service "))


def plain(what: str) -> str:
    """One spelling for a call as the journal and as the device has it; lines stay as they are."""
    method, _, rest = what.partition(" ")
    if method not in ("POST", "PUT", "DELETE"):
        return what
    path, brace, body = rest.partition(" {")
    same = json.dumps(json.loads(f"{{{body}"), sort_keys=True) if brace else ""
    return f"{method} {unquote(path)} {same}"


def wrongs(pool: Executor, work: Callable[..., list[str]], tasks: Iterable[tuple[object, ...]]) -> list[str]:
    """Do every task on some bench, as many at a time as there are, and say all that was wrong."""
    running = [(task, pool.submit(work, *task)) for task in tasks]
    return [f"{task[1:]}: {wrong}" for task, future in running for wrong in future.result()]
