"""A step of a person's work, or of an order's life, cut off at any write: taken again it ends the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from nornir_itsm.errors import ChangeError
from nornir_itsm.itsm.folder import FolderDesk
from nornir_itsm.journal import Store
from nornir_itsm.model.change import Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Site
from nornir_itsm.pipeline import Tools, approve
from nornir_itsm.pipeline.hands import Attestation, attest, hand_over, verify_executed
from nornir_itsm.pipeline.life import amend, hold, reject, release, split
from nornir_itsm.ports import Fleet, State
from nornir_itsm.stages.design import Designer
from nornir_itsm.stages.render import Templates
from tests.stages.example_site import BOTH_WAYS, WHITE_LIST, carried_out, known, order, plan

from .fragile import Crash


@dataclass
class Clock:
    def now(self) -> str:
        return "2026-11-22T10:00:00+08:00"


@dataclass
class Dying:
    """The store and the desk of a process that dies at its write *at*; 0: it lives, and counts them."""

    at: int = 0
    writes: int = 0

    def write(self) -> None:
        self.writes += 1
        if self.writes == self.at:
            raise Crash


class DyingDesk(FolderDesk):
    """A folder desk whose process dies before one of its writes."""

    life: Dying

    def update(self, number: str, state: str, fields: Mapping[str, str]) -> None:
        self.life.write()
        super().update(number, state, fields)

    def attach(self, number: str, name: str, content: bytes) -> str:
        self.life.write()
        return super().attach(number, name, content)


class DyingStore(Store):
    """A store whose process dies before it keeps something."""

    life: Dying

    def keep_evidence(self, id: str, name: str, content: bytes, now: str) -> None:
        self.life.write()
        super().keep_evidence(id, name, content, now)

    def keep_baseline(self, id: str, facts: Facts, now: str) -> None:
        self.life.write()
        super().keep_baseline(id, facts, now)

    def advance(self, id: str, state: State, now: str, **more: Any) -> str:
        self.life.write()
        return super().advance(id, state, now, **more)

    def replace_order(self, id: str, order: Order, plan: Plan, now: str, note: str) -> None:
        self.life.write()
        super().replace_order(id, order, plan, now, note)


@dataclass
class Bench:
    """What the life of an order needs of the world: a store, a desk, and facts that are given."""

    changes: Store
    desk: DyingDesk
    facts_now: Facts = field(default_factory=lambda: known().facts)
    site: Site = field(default_factory=lambda: known().site)
    runbooks: Mapping[str, Designer] = field(default_factory=lambda: known().designers)
    templates: Templates = field(default_factory=lambda: known().templates)
    clock: Clock = field(default_factory=Clock)

    @property
    def knowledge(self) -> "Bench":
        return self

    def facts(self, points: Iterable[str]) -> Facts:
        return replace(self.facts_now, points={point: self.facts_now.points[point] for point in points})

    @property
    def fleet(self) -> Fleet:
        raise AssertionError("no device is asked")

    @contextmanager
    def alone(self, id: str, /) -> Iterator[None]:
        yield

    def document(self, order: Order, plan: Plan, /) -> str:
        return f"# {plan.title}\n"

    def explain(self, old: Mapping[str, Json], new: Mapping[str, Json], /) -> Sequence[str]:
        return [str(old != new)]

    def tell(self, line: str, /) -> None:
        assert "超过站点允许" in line, line  # the exports of the example are old, and that is said


def opened(folder: Path, life: Dying) -> Bench:
    """Open what a process works with."""
    clock = Clock()
    store, desk = DyingStore(folder / "state.sqlite"), DyingDesk(folder / "tickets", clock)
    store.life = desk.life = life
    return Bench(store, desk)


def approved(bench: Bench) -> str:
    """Keep a plan of two demands on two devices, approved by the second person."""
    now = bench.clock.now()
    change = bench.changes.new_change(order(BOTH_WAYS), plan(BOTH_WAYS), "甲", now)
    approve(change, cast(Tools, bench), "乙", "")
    return change


def again(step: Callable[[], object]) -> None:
    """Take a step; where the process dies another one takes it again, where it is found done it is over."""
    try:
        step()
    except Crash:
        with suppress(ChangeError):
            step()


def by_hand(bench: Bench, change: str) -> None:
    """Hand over, attest, verify."""
    tools, before = cast(Tools, bench), bench.facts_now
    again(lambda: hand_over(change, tools, "甲"))
    again(lambda: attest(change, tools, Attestation("丙", note="夜间")))
    bench.facts_now = carried_out(plan(BOTH_WAYS), before)
    again(lambda: verify_executed(change, tools))


def changed(bench: Bench, change: str) -> None:
    """Hold, release, reject, amend: the plan is another one afterwards, and is approved again."""
    tools, other = cast(Tools, bench), order(WHITE_LIST)
    again(lambda: hold(change, tools, "甲", "等窗口"))
    again(lambda: release(change, tools, "甲", ""))
    again(lambda: reject(change, tools, "乙", "端口不对"))
    again(lambda: amend(change, tools, other, {}))


SCRIPTS: dict[str, tuple[Callable[[Bench, str], None], tuple[str, str], list[str]]] = {
    "by hand": (by_hand, ("done", "closed"), ["approve", "hand-over", "attest"]),
    "changed": (changed, ("planned", "new"), ["approve", "hold", "release", "reject"]),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_wherever_a_step_is_cut_off_nothing_is_lost(tmp_path: Path, script: str) -> None:
    """Store, chain and ticket end as if nothing had happened, each decision in the chain once."""
    work, ends, decisions = SCRIPTS[script]
    steps = 1
    for at in range(100):
        life = Dying()
        bench = opened(tmp_path / str(at), life)
        change = approved(bench)
        life.at, life.writes = at, 0
        work(bench, change)
        steps = steps if at else life.writes
        stored = bench.changes.change(change)
        ticket = bench.desk.read(stored.ticket)
        assert (stored.state, ticket["state"]) == ends, at
        assert [one.decision for one in bench.changes.verify_chain(change, ticket["approval"])] == decisions
        assert ticket["approval"] == bench.changes.chain_head(change), at
        attached = {path.name for path in (tmp_path / str(at)).rglob("attachments/*")}
        if script == "by hand":
            assert (ticket["执行人"], ticket["验证结论"]) == ("丙", "与方案一致"), at
            assert {"变更方案.md", "verification.json"} <= attached, at
        else:
            assert stored.plan.fingerprint == plan(WHITE_LIST).fingerprint
            assert ticket["变更标题"] == stored.plan.title, at
        bench.changes.close()
        if at == steps:
            break
    assert steps > 6


def test_a_split_is_both_or_neither(tmp_path: Path) -> None:
    """Where the new change cannot be kept the old one stays whole, approved and with what it reserved."""
    bench = opened(tmp_path, Dying())
    change = approved(bench)
    bench.changes.life.at = bench.changes.life.writes + 1  # type: ignore[attr-defined]
    with pytest.raises(Crash):
        split(change, cast(Tools, bench), ["D1"])
    stored = bench.changes.change(change)
    assert (stored.state, len(stored.order.demands), len(bench.changes.list())) == ("approved", 2, 1)
    other = split(change, cast(Tools, bench), ["D1"])
    kept = [[demand.id for demand in bench.changes.change(c).order.demands] for c in (change, other)]
    assert (kept, bench.changes.change(change).state) == ([["D1"], ["D2"]], "planned")
