"""The life of an order on one page: prepare, carry out, resume, take back.

An order becomes a plan; an approved plan is prepared again, pushed device by device under the journal,
read back, proved, saved and written to the ticket. Whatever fails on the way leads every touched device
back to where it was, or says which one needs a person.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from nornir_itsm.errors import Locked, NeedsPerson, StoreError
from nornir_itsm.model.turns import Cell
from nornir_itsm.pipeline.audit import audited
from nornir_itsm.pipeline.gates import (
    demand_approval,
    demand_day,
    demand_ready,
    demand_same,
    demand_spared,
    demand_state,
    demand_to_begin,
    demand_tool,
    demand_untouched,
    turns_of,
)
from nornir_itsm.pipeline.hands import give
from nornir_itsm.pipeline.life import prepare, withdraw
from nornir_itsm.pipeline.permission import approve, declare_emergency, demand_quorum
from nornir_itsm.pipeline.probes import doubts, tried
from nornir_itsm.pipeline.rollout import Work, roll_out
from nornir_itsm.pipeline.run import Run, devices
from nornir_itsm.pipeline.tools import Done, Tools
from nornir_itsm.pipeline.window import demand_window, wait_for_window
from nornir_itsm.ports import UNFINISHED, StoredChange
from nornir_itsm.stages.batches import AT_ONCE, Rollout, partners
from nornir_itsm.stages.held import unseen
from nornir_itsm.stages.plan import points_needed
from nornir_itsm.stages.turns import changes_of, upcoming
from nornir_itsm.stages.verify import forward

__all__ = [
    "Done",
    "Tools",
    "approve",
    "carry_out",
    "check",
    "prepare",
    "rehearse",
    "resume",
    "take_back",
    "wait",
    "withdraw",
]


def carry_out(
    id: str, tools: Tools, user: str = "", emergency: str | None = None, rollout: Rollout = AT_ONCE
) -> Done:
    """Carry out what the tool may of an approved change: prepare again, push, verify, save, close the ticket.

    Turns keep their order: where the next one is a person's, *user* (else the author) hands it over, and
    the change goes on once that is attested. *emergency*: why approval and window are not waited for.
    *rollout*: in which batches the devices have their turns.
    """
    with audited(id, tools, user or "?", "apply"), tools.alone(id):
        stored = tools.changes.change(id)
        if stored.state == "done":
            return Done(id, "done", 0, ("此前已完成，无需再做",))
        stored, until = _permitted(stored, tools, user or stored.author, emergency)
        turns = turns_of(stored, tools)
        group = upcoming(turns)
        if group and group[0].by_hand:
            return give(stored, tools, group, user or stored.author)
        work = Work(partial(_pushed, id, tools, until), partial(_taken_back, id, tools))
        done = roll_out(id, tools, group, rollout, work)
        left = upcoming(turns_of(stored, tools))
        if not left:
            return done
        handed = give(tools.changes.change(id), tools, left, user or stored.author)
        return Done(id, handed.state, done.sent, (*done.verdicts, *handed.verdicts), done.doubts)


def _permitted(
    stored: StoredChange, tools: Tools, user: str, emergency: str | None
) -> tuple[StoredChange, str]:
    """Demand that a change may be begun now, by approval and window or as an emergency; and until when."""
    demand_state(stored, "approved", "partly", *(["planned"] if emergency is not None else []))
    demand_day(stored, tools)
    if emergency is not None:
        stored = declare_emergency(stored, tools, user, emergency)
        demand_approval(stored, tools)
        return stored, ""
    demand_to_begin(stored, tools)
    return stored, demand_window(stored, tools)


def wait(id: str, tools: Tools, user: str = "") -> None:
    """Wait for the window of an approved change; raises at once where it could not be begun then."""

    def ready(at: str) -> None:
        stored = tools.changes.change(id)
        demand_state(stored, "approved", "partly")
        demand_to_begin(stored, tools)
        if stored.state == "approved":
            demand_quorum(stored, tools, tools.changes.verify_chain(id), at)

    with audited(id, tools, user or "?", "apply --wait"):
        wait_for_window(id, tools, ready)


def _pushed(id: str, tools: Tools, until: str, group: tuple[Cell, ...]) -> Done:
    """Push some turns, on devices that are locked for as long as they may be in between."""
    stored = tools.changes.change(id)
    turns, points = turns_of(stored, tools), devices(changes_of(stored.plan, group))
    with _locked(id, points, tools) as waited:
        if waited:
            demand_day(stored, tools)
            demand_approval(stored, tools)
            until = until and demand_window(stored, tools)
        facts = demand_same(stored, tools, turns)
        demand_ready(points, tools)
        if any(cell.by_hand for cell in turns) and not any(cell.in_effect for cell in turns):
            tools.changes.keep_baseline(id, facts, tools.clock.now())
        return Run(id, tools, facts, stored.plan, turns, group, until).apply()


def rehearse(id: str, tools: Tools) -> int:
    """Prepare an approved change again without sending anything; return how many lines would be sent next."""
    stored = tools.changes.change(id)
    _permitted(stored, tools, stored.author, None)
    turns = turns_of(stored, tools)
    demand_same(stored, tools, turns)
    changes = changes_of(stored.plan, [cell for cell in upcoming(turns) if not cell.by_hand])
    demand_ready(devices(changes), tools)
    return sum(len(change.commands) + len(change.calls) for change in changes)


def check(id: str, tools: Tools) -> Done:
    """Read the devices of a change that was done, compare them with what it intended, and try it out."""
    stored = tools.changes.change(id)
    facts = tools.knowledge.facts(points_needed(stored.order, tools.site, tools.runbooks))
    intents = [intent for change in stored.plan.changes for intent in change.intents]
    hidden = [p for p, held in facts.points.items() if unseen(held)]
    seen = [intent for intent in intents if intent.point not in hidden]
    left = [c for c in forward(seen, facts, tools.site, tools.templates) if not c.empty]
    if left:
        missing = "；".join(f"{c.device} 缺 {len(c.commands) + len(c.calls)} 行" for c in left)
        raise NeedsPerson(id, f"设备与方案不符：{missing}", "show 查看方案，重新 plan 得到差异")
    words = dict.fromkeys(hidden, "未采集，请人工核对")
    verdicts = (f"{p}：{words.get(p, '与方案一致')}" for p in devices(stored.plan.changes))
    found = tried(stored, tools, facts) if stored.state == "done" else ()
    return Done(id, stored.state, 0, (*verdicts, *(one.words for one in found)), doubts(found))


def take_back(id: str, tools: Tools) -> Done:
    """Take a change back that was done, while later ones stay: the same care, in the other direction.

    Where a person's turn is the next to go back, only he can do that; see ``demand_tool``.
    """
    with tools.alone(id):
        stored = tools.changes.change(id)
        demand_state(stored, "done", "partly", "attested", "differs")
        demand_approval(stored, tools)
        return _taken_back(id, tools, demand_tool(stored, turns_of(stored, tools)))


def _taken_back(id: str, tools: Tools, group: tuple[Cell, ...]) -> Done:
    """Take some turns back, on devices that are locked meanwhile."""
    stored = tools.changes.change(id)
    turns, points = turns_of(stored, tools), devices(changes_of(stored.plan, group[::-1]))
    with _locked(id, points, tools):
        facts = tools.knowledge.facts(points)
        demand_untouched(stored, group, facts)
        demand_spared(stored, group, tools)
        demand_ready(points, tools)
        return Run(id, tools, facts, stored.plan, turns, group).revert()


def resume(id: str, tools: Tools) -> Done:
    """Find out what arrived of an interrupted run and end at its target or at its baseline."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        demand_state(stored, *UNFINISHED)
        demand_approval(stored, tools)
        turns = turns_of(stored, tools)
        group = tuple(cell for cell in turns if cell.state == "applying") or turns
        points = devices(changes_of(stored.plan, group))
        with _locked(id, points, tools):
            facts = tools.knowledge.facts(points_needed(stored.order, tools.site, tools.runbooks))
            return Run(id, tools, facts, stored.plan, turns, group).resume()


@contextmanager
def _locked(id: str, points: Sequence[str], tools: Tools) -> Iterator[bool]:
    """Lock devices, and tell whether that took waiting: then the world may be another one.

    What stands in for one of them is locked with it, so that nobody works on both at one time. A device that
    is left between two states stays locked until ``resume`` has led it out. Without its store nobody knows
    what is so, and nothing is sent: that is a person's to put right.
    """
    waited = _lock(id, [*points, *partners(points, tools.site.pairs)], tools)
    try:
        try:
            yield waited
        finally:
            if tools.changes.change(id).state not in UNFINISHED:
                tools.changes.unlock(id)
    except StoreError as error:
        problem = f"{error.where}：{error.problem}；此后没有再发送任何一行，设备可能停在变更前后之间"
        hint = f"存储恢复后 resume {id}（show 显示尚未开始的，重新 apply {id}）"
        raise NeedsPerson(id, problem, hint) from error


def _lock(id: str, points: Sequence[str], tools: Tools) -> bool:
    """Lock devices as soon as nobody else has one of them, while patience lasts; tell whether it took any."""
    told = ""
    for left in tools.moments():
        try:
            tools.changes.lock(points, id, tools.clock.now())
            return bool(told)
        except Locked as error:
            if error.stale or not left:
                raise
            if error.problem != told:
                tools.tell(f"{error.where}：{error.problem}；等待，最多 {left} 秒")
            told = error.problem
    raise AssertionError("unreachable")
