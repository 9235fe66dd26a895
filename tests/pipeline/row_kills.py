"""One order on a row of firewalls, killed in every way, on either kind of store; what is wrong afterwards."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nornir_itsm import pipeline
from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError
from nornir_itsm.lab.overlay import write
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.ports import UNFINISHED

from .afterwards import OUTCOMES, unjournalled
from .bench import KINDS
from .fragile import Crash, FragileStoreApp
from .row import FirewallRow, listening

type States = dict[str, dict[str, object]]


@dataclass
class RowBench:
    """A row that serves one change after the other, each on devices as they were."""

    row: FirewallRow
    author: App = field(init=False)
    approver: App = field(init=False)
    order: Order = field(init=False)
    plan: Plan = field(init=False)
    baseline: States = field(init=False)
    target: States = field(init=False)
    writes: int = field(init=False)
    """How often a run without trouble writes to the store."""

    def __post_init__(self) -> None:
        """Carry the order out without trouble: both ends between which nothing may be left."""
        self.author, self.approver = self.open(), self.open({TOKEN_VARIABLE: self.row.token.read_text()})
        self.order = self.author.read(self.row.order(), {})
        self.plan = pipeline.prepare(self.order, self.author, {})
        assert len(self.plan.to_do) == len(self.row.firewalls)
        self.baseline = self.row.states()
        app = FragileStoreApp(self.author.settings)
        change = self.ready()
        app.database.count = 0
        assert pipeline.carry_out(change, app).state == "done"
        self.target, self.writes = self.row.states(), app.database.count
        assert all(self.target[name] != self.baseline[name] for name in self.row.firewalls)

    def open(self, more: dict[str, str] | None = None) -> App:
        """Open the installation as another process would."""
        environ = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
        return App.open(self.row.config, environ=environ | (more or {}))

    def ready(self) -> str:
        """Put the devices back, keep the plan as a new change and have it approved."""
        self.row.reset()
        return self.approved(self.order, self.plan)

    def approved(self, order: Order, plan: Plan) -> str:
        """Keep a plan as a new change and have it approved."""
        now = self.author.clock.now()
        change = self.author.changes.new_change(order, plan, self.author.author(), now)
        self.approver.approve(change, None, "同意")
        return change


def dies(bench: RowBench, at: int, how: Literal["dies before", "dies after", "lost"]) -> Iterator[str]:
    """The process, or its store, is gone at the write *at*."""
    change = bench.ready()
    app = FragileStoreApp(bench.author.settings, at=at, how=how)
    code = _ended(lambda: pipeline.carry_out(change, app))
    begun = bench.author.changes.change(change).state != "approved"
    if code != ((7 if begun or at > 1 else 1) if how == "lost" else None):
        yield f"ended with {code}"
    yield from led_out(bench, change)


def killed(bench: RowBench, received: int) -> Iterator[str]:
    """A process of its own is killed when the devices have got so many lines."""
    change = bench.ready()
    with command(bench.row, "apply", change) as process:
        while bench.row.received() < received and process.poll() is None:
            time.sleep(0.005)
        process.kill()
    if process.returncode != -signal.SIGKILL:
        yield f"ended with {process.returncode} before it was killed"
    while not _free(bench, change):
        time.sleep(0.05)
    yield from led_out(bench, change)


def command(row: FirewallRow, *words: str) -> "subprocess.Popen[str]":
    """Start the tool as a process of its own."""
    call = [sys.executable, "-c", "from nornir_itsm.cli import main; main()", "--config", str(row.config)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    return subprocess.Popen([*call, *words], text=True, **quiet)  # type: ignore[call-overload,no-any-return]


def _free(bench: RowBench, change: str) -> bool:
    """Tell whether the system, or the server, has noticed that the process is dead."""
    with bench.author.database.held(change) as ours:
        return ours


def loses(bench: RowBench, kind: str, device: str, line: int) -> Iterator[str]:
    """A line is refused, or the connection is lost before or after it."""
    change = bench.ready()
    KINDS[kind](bench.row.firewalls[device].faults, line)
    code = _ended(lambda: pipeline.carry_out(change, bench.open()))
    yield from wrong(bench, change, code or 0)


def led_out(bench: RowBench, change: str) -> Iterator[str]:
    """Let a fresh process do what the state says, twice, and yield what is wrong afterwards."""
    found = bench.author.changes.change(change).state
    if found == "approved":  # it died before it began
        if bench.row.received():
            yield "something was sent before the change was begun"
        _ended(lambda: pipeline.carry_out(change, bench.open()))
    elif found in UNFINISHED:
        _ended(lambda: pipeline.resume(change, bench.open()))
    before = bench.row.received()
    code = _ended(lambda: pipeline.resume(change, bench.open()))
    if (code, bench.row.received()) != (5, before):
        yield f"resumed again: ended with {code}, sent {bench.row.received() - before} lines"
    ended = {state: code for code, (state, _) in OUTCOMES.items()}
    yield from wrong(bench, change, ended.get(bench.author.changes.change(change).state, 7))


def wrong(bench: RowBench, change: str, code: int) -> Iterator[str]:
    """Yield what is wrong with the devices, the journal and the books of a change that ended with *code*."""
    states, expected = bench.row.states(), {0: bench.target, 6: bench.baseline}.get(code)
    if expected is None:
        yield f"ended with {code}: {bench.author.changes.history(change)[-1]}"
    elif odd := [name for name in states if states[name] != expected[name]]:
        yield f"ended with {code}, but somewhere else are {odd}"
    if unsaved := [n for n, wall in bench.row.firewalls.items() if wall.startup_state() != wall.state()]:
        yield f"what is running is not what is saved on {unsaved}"
    changes = bench.open().changes
    stored = changes.change(change)
    said = stored.state, bench.author.desk.read(stored.ticket)["state"]
    if said != OUTCOMES.get(code):
        yield f"change and ticket are {said}"
    if changes.locks():
        yield f"still locked: {changes.locks()}"
    got = {name: wall.lines for name, wall in bench.row.firewalls.items()}
    yield from unjournalled(changes.steps(change), got, bench.plan)


def _ended(work: Callable[[], object]) -> int | None:
    """Return the exit code that a command would have; None where the process died."""
    try:
        work()
    except ChangeError as error:
        return error.exit_code
    except Crash:
        return None
    return 0


class Benches:
    """The benches of this process, one for each store, made when they are first needed."""

    def __init__(self, home: Path, count: int) -> None:
        """Make them in *home*, each a row of *count* firewalls."""
        self.home, self.count = home, count
        self._made: dict[str, RowBench] = {}
        self._open = ExitStack()

    def on(self, server: str) -> RowBench:
        """Return the bench whose store is a database of its own on a server, or (none given) a file."""
        if server not in self._made:
            home = self.home / f"{os.getpid()}-{'server' if server else 'file'}"
            home.mkdir(parents=True)
            state = ""
            if server:
                secret = write(home / "state.url", _database(server).encode(), secret=True)
                state = f"file:{secret}"
            row = self._open.enter_context(listening(home, self.count, state))
            self._made[server] = RowBench(row)
        return self._made[server]

    def close(self) -> None:
        self._open.close()


def _database(server: str) -> str:
    import psycopg

    name = f"row_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.removesuffix("postgres") + name
