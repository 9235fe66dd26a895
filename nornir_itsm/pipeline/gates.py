"""What must hold before anything is sent: state, approval, the same plan now, devices that are ready."""

from collections.abc import Sequence
from dataclasses import replace

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.model.change import Change, Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.turns import Cell
from nornir_itsm.pipeline.permission import demand_quorum
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import StoredChange
from nornir_itsm.stages.approval import emergency, rejected_since
from nornir_itsm.stages.fingerprint import digest, plain
from nornir_itsm.stages.freshness import judged
from nornir_itsm.stages.held import unseen
from nornir_itsm.stages.plan import Known, make_plan, points_needed
from nornir_itsm.stages.queue import Waiting
from nornir_itsm.stages.reliance import reliances
from nornir_itsm.stages.reserved import NAME, point_of, submission
from nornir_itsm.stages.turns import back_of, cells, changes_of, intents_of, last
from nornir_itsm.stages.verify import baseline, forward, taken_over

CARRIED_OUT = ("done", "partly", "attested", "differs")
"""States in which some of a change is on devices and nobody is at it."""


def known_now(order: Order, tools: Tools, stored: StoredChange | None = None) -> Facts:
    """Return what an order's decisions are made from: facts with their age, and what others took.

    *stored*: the change that is prepared again. It has its own names, and goes on to stay clear of those
    that it was planned beside, though nobody may need them any more.
    """
    facts = tools.knowledge.facts(points_needed(order, tools.site, tools.runbooks))
    own, mine = stored.id if stored else "", submission(order)
    vlans = {one.value: one.owner for one in tools.changes.reservations() if one.kind == "VLAN"}
    named = {one.value: one.owner for one in tools.changes.reservations(own) if one.kind == NAME}
    others = {name: who for name, who in named.items() if who != mine and point_of(name) in facts.points}
    avoided = stored.plan.avoided if stored else {}
    held = judged(facts, tools.site, tools.clock.now())
    for words in held.gaps[len(facts.gaps) :]:
        tools.tell(words)
    return replace(held, reserved=vlans, named={**others, **avoided})


def demand_state(stored: StoredChange, *states: str) -> None:
    """Demand a change in one of these states; the message says what can be done with it instead."""
    if stored.state not in states:
        needed = " 或 ".join(states)
        raise Refused(stored.id, f"状态是 {stored.state}，需要 {needed}", next_step(stored.state, stored.id))


_EXPORTS = "verify {0} --snapshot 执行后的导出；不要了则 rollback {0}，由人执行的撤回后 attest {0} --undone"
_GO_ON = "apply {0}，或 hand-over {0} 交由人执行"
_NEXT_STEP = {
    "planned": "由另一位用户执行 approve {0}",
    "waiting_approval": "由所缺的人执行 approve {0}",
    "approved": _GO_ON,
    "in_window": _GO_ON,
    "expired": "window {0} --from 时间 --until 时间 另行安排",
    "partly": _GO_ON,
    "handed_over": "由人执行后 attest {0}",
    "attested": _EXPORTS,
    "differs": _EXPORTS,
    "held": "release {0}",
    "rejected": "amend {0} FORM，或 withdraw {0}",
    "done": "verify {0} 或 rollback {0}",
    **dict.fromkeys(("applying", "verifying", "needs_person"), "resume {0}"),
}


def next_step(state: str, id: str) -> str:
    """Say what can be done with a change in its state or phase (see ``standing``)."""
    return _NEXT_STEP.get(state, "需要时重新 plan").format(id)


def demand_approval(stored: StoredChange, tools: Tools) -> None:
    """Demand a plan that is as it was approved, by approvals that the store and the ticket agree on.

    What was begun, also in an emergency, is led on or back though they may be too old or too few by now.
    """
    head = tools.desk.read(stored.ticket).get("approval", "") if stored.ticket else ""
    if not head:
        raise Refused(stored.id, "变更单中没有批准记录", f"重新执行 approve {stored.id}")
    chain, plan = tools.changes.verify_chain(stored.id, head), stored.plan
    approved = tools.changes.approval_for(stored.id, plan.fingerprint)
    if approved is None and emergency(chain, plan.fingerprint) is None:
        raise Refused(stored.id, "批准与当前方案的指纹不符，已失效", f"重新执行 approve {stored.id}")
    if not _is_whole(stored.plan):
        raise Refused(stored.id, "保存的方案与其指纹不符，可能被改动", "与变更单中的文档核对，重新 plan")


def demand_to_begin(stored: StoredChange, tools: Tools) -> None:
    """Demand what is needed to send more: every approval that the site asks for, nobody's word against it."""
    demand_approval(stored, tools)
    chain = tools.changes.verify_chain(stored.id)
    begun = emergency(chain, stored.plan.fingerprint)
    if begun and (said := rejected_since(chain, begun)):
        problem = f"紧急执行事后被 {said.user} 驳回：{said.note}"
        raise Refused(stored.id, problem, f"rollback {stored.id} 退回已执行的部分")
    if stored.state == "approved":
        demand_quorum(stored, tools, chain, tools.clock.now())


def _is_whole(plan: Plan) -> bool:
    """Tell whether what a plan would do is what its fingerprint was made of.

    A later version may know more fields of a change than the one that made the plan.
    """
    made_of = plan.canonical.get("changes")
    return digest(dict(plan.canonical)) == plan.fingerprint and _within(made_of, plain(plan.changes))


def _within(old: Json, new: Json) -> bool:
    match old, new:
        case dict(), dict():
            return all(key in new and _within(value, new[key]) for key, value in old.items())
        case list(), list():
            return len(old) == len(new) and all(_within(a, b) for a, b in zip(old, new, strict=True))
        case _:
            return old == new


def demand_day(stored: StoredChange, tools: Tools, *, begun: bool = True) -> None:
    """Demand a day on which every demand is to be open: ISO dates compare as text.

    Not *begun*: work that is only handed over may be for a later day.
    """
    today = tools.clock.now()[:10]
    for demand in stored.order.demands:
        if begun and demand.valid_from and today < demand.valid_from:
            raise Refused(stored.id, f"需求 {demand.id} 自 {demand.valid_from} 起生效", "到当天再执行")
        if demand.valid_until and demand.valid_until < today:
            raise Refused(stored.id, f"需求 {demand.id} 已于 {demand.valid_until} 到期", "请申请人重新提交")


def turns_of(stored: StoredChange, tools: Tools) -> tuple[Cell, ...]:
    """Return the turns of a change as they stand."""
    return cells(stored.plan, tools.changes.turns(stored.id), done=stored.state == "done")


def demand_same(stored: StoredChange, tools: Tools, turns: Sequence[Cell] = ()) -> Facts:
    """Prepare again; refuse what differs from the approved plan and show how; return the facts of now.

    What these *turns* have done already is thought away for that; it must be there whole.
    """
    facts = known_now(stored.order, tools, stored)
    there = changes_of(stored.plan, [cell for cell in turns if cell.in_effect])
    demand_whole(stored, there, facts, tools)
    before = baseline(back_of(there), facts, {})
    known = Known(tools.site, tools.runbooks, before, tools.templates, stored.plan.answers)
    again = make_plan(stored.order, known)
    if again.fingerprint != stored.plan.fingerprint:
        lines = "\n".join(f"    {line}" for line in tools.explain(stored.plan.canonical, again.canonical))
        raise Refused("漂移", f"现在得到的方案与批准的不同：\n{lines}", "重新 plan，再由审批人确认")
    return facts


def demand_whole(stored: StoredChange, there: Sequence[Change], facts: Facts, tools: Tools) -> None:
    """Demand that turns that count as carried out are there, as far as anybody can see."""
    hidden = [p for p, held in facts.points.items() if unseen(held)]
    seen = [intent for intent in intents_of(there) if intent.point not in hidden]
    if left := [c for c in forward(seen, facts, tools.site, tools.templates) if not c.empty]:
        missing = "；".join(f"{c.device} 缺 {len(c.commands) + len(c.calls)} 行" for c in left)
        hint = f"补齐后重新 attest，或 verify {stored.id} --snapshot 查看差异"
        raise Refused(stored.id, f"已执行的部分与方案不符：{missing}", hint)


def demand_untouched(stored: StoredChange, group: Sequence[Cell], facts: Facts) -> None:
    """Demand that nobody has built on what turns left: taking it back would take that away too."""
    if others := list(taken_over(changes_of(stored.plan, group), facts)):
        raise Refused(stored.id, "；".join(others), "先与改动者确认，或用新的申请单删除")


def demand_spared(stored: StoredChange, group: Sequence[Cell], tools: Tools) -> None:
    """Demand that no order carried out since relies on what is taken back."""
    mine = set(points_needed(stored.order, tools.site, tools.runbooks))
    since = map(tools.changes.change, tools.changes.since(stored.id))
    served = [one for one in since if _is_served(one, stored)]
    needs = {one.id: points_needed(one.order, tools.site, tools.runbooks) for one in served}
    later = [Waiting(one.id, one.order, one.plan) for one in served if mine & set(needs[one.id])]
    if not later:
        return
    tools.tell(f"核对此后执行的 {len(later)} 个变更是否依赖它")
    points = mine.union(*(needs[one.id] for one in later))
    facts = tools.knowledge.facts(tuple(sorted(points)))
    known = Known(tools.site, tools.runbooks, facts, tools.templates, {})
    if said := list(reliances(back_of(changes_of(stored.plan, group)), later, known)):
        hint = "先撤销它们（没有执行过的：withdraw），或用新的申请单删除不再需要的部分"
        raise Refused(stored.id, "；".join(said), hint)


def _is_served(one: StoredChange, gone: StoredChange) -> bool:
    """Tell whether an order has what it asked for: carried out, or there was nothing left to do for it.

    The same order planned once more, to see that nothing is left, is nobody else's.
    """
    if one.state in CARRIED_OUT:
        return True
    found_open = one.state in ("planned", "approved") and not one.plan.to_do
    covered = any(demand.verdict == "covered" for demand in one.plan.demands)
    return found_open and covered and submission(one.order) != submission(gone.order)


def demand_unbegun(stored: StoredChange, tools: Tools) -> None:
    """Demand that nothing of a change is on a device."""
    if there := [cell.device for cell in turns_of(stored, tools) if cell.in_effect]:
        said = f"{'、'.join(dict.fromkeys(there))} 上已经执行"
        raise Refused(stored.id, said, f"release {stored.id}，再 rollback {stored.id}")


def demand_tool(stored: StoredChange, turns: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return the turns to take back first, where the tool may do that. Raises Refused: a person's are his."""
    group = last(turns)
    if group and group[0].by_hand:
        where = "、".join(dict.fromkeys(cell.device for cell in group))
        hint = f"按方案的回退步骤执行后 attest {stored.id} --undone，再 rollback {stored.id}"
        raise Refused(stored.id, f"{where} 由人执行，也由人回退", hint)
    return group


def demand_ready(points: Sequence[str], tools: Tools) -> None:
    """Demand devices that may be written to now."""
    problems = tools.fleet.preflight(points)
    if problems:
        said = "；".join(f"{point}：{why}" for point, why in problems.items())
        raise ChangeError("前置检查", said, "处理后重新执行；没有发送任何修改")
