"""A bench: a lab on which one process carries changes out, one after the other."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError
from nornir_itsm.lab import Faults, Lab
from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.lab.stoneos.shell import Shell
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.pipeline import Done, carry_out, prepare

from .fragile import fragile

ORDERS = Path(__file__).parents[2] / "orders"
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


def received(lab: Lab) -> tuple[int, int]:
    """How many lines the firewall and how many calls the controller got."""
    return len(lab.firewall.lines), len(lab.adc.lines)


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

    def ready(self, order: Order, plan: Plan, before: Callable[[Lab], None] = Lab.reset) -> str:
        """Put the devices back, keep the plan as a new change and have it approved."""
        before(self.lab)
        return self.approve(order, plan)

    def plan(self, form: str) -> Plan:
        """Plan an order of ``orders/`` on the devices as they are now."""
        order = self.author.read(ORDERS / form, {})
        return prepare(order, self.author, {})

    def approved(self, form: str, *, reset: bool = True) -> str:
        """Plan an order and have it approved, on devices as they were or (no *reset*) as they are."""
        if reset:
            self.lab.reset()
        order = self.author.read(ORDERS / form, {})
        return self.approve(order, prepare(order, self.author, {}))

    def approve(self, order: Order, plan: Plan) -> str:
        """Keep a plan as a new change and have it approved."""
        now = self.author.clock.now()
        change = self.author.changes.new_change(order, plan, self.author.author(), now)
        self.approver.approve(change, None, "同意")
        return change


@dataclass(frozen=True)
class Rehearsal:
    """One order carried out without trouble: both ends between which nothing may be left."""

    order: Order
    plan: Plan
    baseline: tuple[State, State]
    target: tuple[State, State]
    lines: dict[str, tuple[str, ...]]
    """device -> what it received, in order: this is what can be killed."""
    steps: int
    """At how many steps a process can die."""

    def size(self, device: str) -> int:
        """How many lines the plan has for a device."""
        change = next(c for c in self.plan.changes if c.device == device)
        return len(change.commands) + len(change.calls)

    def way_back(self, device: str) -> int:
        """How many lines undo all of it."""
        change = next(c for c in self.plan.changes if c.device == device)
        return len(change.undo) + len(change.undo_calls)


_bench: list[Bench] = []


def open_bench(project: Path, home: Path) -> None:
    """Give this process its bench, for as long as the process lives."""
    for noisy in ("paramiko", "netmiko", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    lab = Lab(home / str(os.getpid()), snapshot=project / "inventory" / "snapshot", project=project)
    lab.start()
    _bench.append(Bench(lab))


def bench() -> Bench:
    """Return this process's bench."""
    return _bench[0]


def rehearse() -> Rehearsal:
    """Carry the order 04 out without trouble."""
    return rehearsed(ADD_04)


def rehearsed(form: str | Path, before: Callable[[Lab], None] = Lab.reset) -> Rehearsal:
    """Carry an order out without trouble on devices as *before* leaves them."""
    one = bench()
    before(one.lab)
    order = one.author.read(ORDERS / form, {})
    plan = prepare(order, one.author, {})
    change = one.ready(order, plan, before)
    baseline, app = states(one.lab), fragile(one.author.settings, at=0)
    carry_out(change, app)
    assert all(step.accepted for step in app.changes.steps(change))
    target = states(one.lab)
    lines = {name: tuple(r.text for r in one.lab.device(name).lines) for name in DEVICES}
    one.lab.firewall.reboot()
    assert states(one.lab) == target, "it was not saved"
    return Rehearsal(order, plan, baseline, target, lines, app.fleet.steps)
