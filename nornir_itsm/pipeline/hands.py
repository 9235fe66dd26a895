"""A person's work: handed over frozen, attested by who did it, proved from exports taken afterwards.

The store hears first and the ticket afterwards, except that a ticket is closed before its change is; each
step brings the ticket up to date again, so that one that was cut off in between loses nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.model.turns import Cell
from nornir_itsm.pipeline.gates import (
    demand_approval,
    demand_day,
    demand_same,
    demand_state,
    demand_to_begin,
    turns_of,
)
from nornir_itsm.pipeline.permission import DOCUMENT
from nornir_itsm.pipeline.run import TICKET
from nornir_itsm.pipeline.ticket import tell
from nornir_itsm.pipeline.tools import Done, Tools
from nornir_itsm.ports import Said, State, StoredChange
from nornir_itsm.stages.executed import Executed, Work, executed, executed_json, older
from nornir_itsm.stages.plan import Known, points_needed
from nornir_itsm.stages.turns import changes_of, intents_of, last, moved, state_of

VERDICT = "verification.json"
BEGUN = ("handed_over", "partly", "attested", "differs")


@dataclass(frozen=True, slots=True)
class Attestation:
    """What somebody says that he did: when, on which devices (all that he was handed where none), and more.

    ``undone``: what he was handed, or had done, is not on the devices any more.
    """

    user: str
    at: str = ""
    devices: tuple[str, ...] = ()
    note: str = ""
    undone: bool = False


def hand_over(id: str, tools: Tools, user: str) -> Done:
    """Freeze an approved plan, or what is left of it, and give it to a person; again is no harm."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        demand_state(stored, "approved", "partly", "handed_over")
        if stored.state == "handed_over":
            demand_approval(stored, tools)
            group = [cell for cell in turns_of(stored, tools) if cell.state == "handed_over"]
            return _gave(stored, tools, group)
        demand_to_begin(stored, tools)
        demand_day(stored, tools, begun=False)
        group = [cell for cell in turns_of(stored, tools) if cell.state == "waiting"]
        if not group:
            raise Refused(id, "没有需要执行的内容", f"show {id} 查看方案")
        return give(stored, tools, group, user)


def give(stored: StoredChange, tools: Tools, group: Sequence[Cell], user: str) -> Done:
    """Give some turns to a person. The plan must still be the approved one; what is there now is kept."""
    turns, now = turns_of(stored, tools), tools.clock.now()
    facts = demand_same(stored, tools, turns)
    document = tools.document(stored.order, stored.plan).encode()
    if not any(cell.in_effect for cell in turns):
        tools.changes.keep_baseline(stored.id, facts, now)
    tools.changes.keep_evidence(stored.id, DOCUMENT, document, now)
    said = Said(user, "hand-over", _names(group))
    given = moved(turns, group, "handed_over")
    tools.changes.advance(stored.id, "handed_over", now, cells=given, said=said)
    return _gave(stored, tools, group)


def _gave(stored: StoredChange, tools: Tools, group: Sequence[Cell]) -> Done:
    """Bring the ticket to where a person has the work, with the document that he has."""
    tell(stored, tools, "implementing", {})
    document = tools.changes.evidence(stored.id, DOCUMENT)[-1].content
    tools.desk.attach(stored.ticket, DOCUMENT, document)
    given = tuple(f"第 {cell.turn} 步 {cell.device}：交由人执行" for cell in group)
    return Done(stored.id, "handed_over", 0, given)


def _names(group: Sequence[Cell]) -> str:
    return "；".join(f"第 {cell.turn} 步 {cell.device}" for cell in group)


def attest(id: str, tools: Tools, one: Attestation) -> Done:
    """Keep who carried out (or took back) what and when; the order across devices holds for him too."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        now = tools.clock.now()
        when = _when(one.at, now)
        turns = turns_of(stored, tools)
        states = (*BEGUN, "done") if one.undone else ("handed_over",)
        demand_state(stored, *states)
        group = _undone(stored, turns) if one.undone else _handed(stored, turns, one.devices)
        reached = moved(turns, group, "waiting" if one.undone else "attested")
        given = any(cell.state == "handed_over" for cell in group)
        nothing = given and not any(c.in_effect or c.state == "handed_over" for c in reached)
        state = _unbegun(stored, tools) if nothing else state_of(reached)
        words = f"{_names(group)}；{'已回退，或没有执行' if one.undone else '已执行'}；{when}；{one.note}"
        said = Said(one.user, "attest-undone" if one.undone else "attest", words.rstrip("；"))
        tools.changes.advance(id, state, now, cells=reached, said=said)
        unbegun = "new" if state == "planned" else "approved"
        ticket = unbegun if nothing else TICKET.get(state, "implementing")
        tell(stored, tools, ticket, {"变更结果": words})
        return Done(id, state, 0, tuple(f"{cell.device}：{one.user} {when}" for cell in group))


def _unbegun(stored: StoredChange, tools: Tools) -> State:
    """Return the state of a change that was given back untouched; one of an emergency may be unapproved."""
    approved = tools.changes.approval_for(stored.id, stored.plan.fingerprint)
    return "planned" if approved is None else "approved"


def _when(at: str, now: str) -> str:
    try:
        when = datetime.fromisoformat(at or now).astimezone()
    except ValueError:
        raise ChangeError("--at", f"{at[:60]!r} 不是时间", "写成 2026-11-22T22:30") from None
    if when > datetime.fromisoformat(now):
        raise ChangeError("--at", f"{at} 还没有到", "写实际执行的时间")
    return when.isoformat(timespec="seconds")


def _handed(stored: StoredChange, turns: Sequence[Cell], devices: Sequence[str]) -> list[Cell]:
    """Return the turns of these devices that a person has. Raises Refused where an earlier one is open."""
    handed = [cell for cell in turns if cell.state == "handed_over"]
    if unknown := set(devices) - {cell.device for cell in handed}:
        there = "、".join(dict.fromkeys(cell.device for cell in handed))
        raise ChangeError("--device", f"没有交给人执行的 {'、'.join(sorted(unknown))}", f"有 {there}")
    mine = [cell for cell in handed if not devices or cell.device in devices]
    if mine != handed[: len(mine)]:
        early = next(cell for cell in handed if cell not in mine)
        problem = f"第 {early.turn} 步 {early.device} 在先，还没有登记"
        raise Refused(stored.id, problem, f"先执行它，再 attest {stored.id} --device {early.device}")
    return mine


def _undone(stored: StoredChange, turns: Sequence[Cell]) -> list[Cell]:
    """Return the turns that a person took back: those that he has, else his last ones."""
    handed = [cell for cell in turns if cell.state == "handed_over"]
    group = handed or [cell for cell in last(turns) if cell.by_hand]
    if not group:
        raise Refused(stored.id, "最后执行的部分不是由人执行的", f"rollback {stored.id}")
    return group


def verify_executed(id: str, tools: Tools, beside: Sequence[str] = ()) -> tuple[Done, Executed]:
    """Prove from exports taken afterwards what was really done; the verdict is evidence and on the ticket.

    *beside*: other changes that were carried out between the same two exports.
    """
    with tools.alone(id):
        stored = tools.changes.change(id)
        baseline = tools.changes.baseline(id)
        if baseline is None:
            raise Refused(id, "没有保留执行前的状态", f"先 hand-over {id}；它保留执行前的导出")
        turns = turns_of(stored, tools)
        others = [tools.changes.change(other) for other in beside]
        work = [_work(one, turns_of(one, tools)) for one in (stored, *others)]
        held = tools.knowledge.facts(points_needed(stored.order, tools.site, tools.runbooks))
        known = Known(tools.site, tools.runbooks, held, tools.templates, stored.plan.answers)
        notes = older(held.taken, [tools.site.points[p].snapshot for p in held.points], _given_at(id, tools))
        found = replace(executed(work, baseline, held, known), notes=notes)
        return _settled(stored, tools, turns, found, _record(id, found, held.taken, beside)), found


def _given_at(id: str, tools: Tools) -> str:
    """Return when a person was last given something of a change; where nobody was, when it was approved."""
    chain = tools.changes.verify_chain(id)
    given = [one.at for one in chain if one.decision == "hand-over"]
    return given[-1] if given else chain[0].at


def _work(stored: StoredChange, turns: Sequence[Cell]) -> Work:
    there = [cell for cell in turns if cell.in_effect or cell.state == "handed_over"]
    return Work(stored.order, stored.plan.answers, intents_of(changes_of(stored.plan, there)))


def _settled(
    stored: StoredChange, tools: Tools, turns: Sequence[Cell], found: Executed, record: Mapping[str, object]
) -> Done:
    """Keep the verdict; where everything was attested it decides how the change stands."""
    now, said = tools.clock.now(), found.said()
    content = (json.dumps({**record, "at": now}, ensure_ascii=False, indent=1) + "\n").encode()
    tools.changes.keep_evidence(stored.id, VERDICT, content, now)
    conclusion = "与方案一致" if found.as_planned else "与方案不符"
    fields = {"验证结论": conclusion, "变更结果": "；".join(said)}
    if stored.ticket:
        tools.desk.attach(stored.ticket, VERDICT, content)
    if stored.state not in BEGUN:  # only looked at
        return Done(stored.id, stored.state, 0, said)
    reached = _judged(turns, found)
    state = state_of(reached)
    tell(stored, tools, "implementing", fields)  # a ticket that nobody told of the work cannot be closed
    tell(stored, tools, TICKET.get(state, "implementing"), fields)
    tools.changes.advance(stored.id, state, now, cells=reached, note=conclusion)
    return Done(stored.id, state, 0, said)


def _judged(turns: Sequence[Cell], found: Executed) -> tuple[Cell, ...]:
    """Return the turns as the verdict leaves them: what departs nowhere else is held against all of them."""
    mine = [cell for cell in turns if cell.state in ("attested", "verified", "differs")]
    off = [cell for cell in mine if found.differs_on(cell.device)]
    if not (off or found.as_planned):
        off = mine
    return moved(moved(turns, mine, "verified"), off, "differs")


def _record(
    id: str, found: Executed, taken: Mapping[str, str], beside: Sequence[str]
) -> Mapping[str, object]:
    return {"change": id, **executed_json(found), "beside": list(beside), "taken": dict(taken)}
