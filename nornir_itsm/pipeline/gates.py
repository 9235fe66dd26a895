"""What must hold before anything is sent: state, approval, the same plan now, devices that are ready."""

from collections.abc import Sequence
from dataclasses import replace

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.model.change import Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import StoredChange
from nornir_itsm.stages.fingerprint import digest, plain
from nornir_itsm.stages.plan import Known, make_plan, points_needed
from nornir_itsm.stages.verify import taken_over


def known_now(order: Order, tools: Tools) -> Facts:
    """Return what an order's decisions are made from: facts, and what other open changes have taken."""
    facts = tools.knowledge.facts(points_needed(order, tools.site, tools.runbooks))
    taken = tools.changes.reservations()
    return replace(facts, reserved={one.value: one.owner for one in taken if one.kind == "VLAN"})


def demand_state(stored: StoredChange, *states: str) -> None:
    """Demand a change in one of these states; the message says what can be done with it instead."""
    if stored.state not in states:
        needed = " 或 ".join(states)
        raise Refused(stored.id, f"状态是 {stored.state}，需要 {needed}", _next_step(stored))


def _next_step(stored: StoredChange) -> str:
    """Say what can be done with a change in its state."""
    match stored.state:
        case "planned":
            return f"由另一位用户执行 approve {stored.id}"
        case "approved":
            return f"apply {stored.id}"
        case "done":
            return f"verify {stored.id} 或 rollback {stored.id}"
        case "applying" | "verifying" | "needs_person":
            return f"resume {stored.id}"
        case _:
            return "需要时重新 plan"


def demand_approval(stored: StoredChange, tools: Tools) -> None:
    """Demand a plan that is as it was approved, by an approval that the store and the ticket agree on."""
    head = tools.desk.read(stored.ticket).get("approval", "") if stored.ticket else ""
    if not head:
        raise Refused(stored.id, "变更单中没有批准记录", f"重新执行 approve {stored.id}")
    tools.changes.verify_chain(stored.id, head)
    if tools.changes.approval_for(stored.id, stored.plan.fingerprint) is None:
        raise Refused(stored.id, "批准与当前方案的指纹不符，已失效", f"重新执行 approve {stored.id}")
    if not _is_whole(stored.plan):
        raise Refused(stored.id, "保存的方案与其指纹不符，可能被改动", "与变更单中的文档核对，重新 plan")


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


def demand_day(stored: StoredChange, tools: Tools) -> None:
    """Demand a day on which every demand is to be open: ISO dates compare as text."""
    today = tools.clock.now()[:10]
    for demand in stored.order.demands:
        if demand.valid_from and today < demand.valid_from:
            raise Refused(stored.id, f"需求 {demand.id} 自 {demand.valid_from} 起生效", "到当天再执行")
        if demand.valid_until and demand.valid_until < today:
            raise Refused(stored.id, f"需求 {demand.id} 已于 {demand.valid_until} 到期", "请申请人重新提交")


def demand_same(stored: StoredChange, tools: Tools) -> Facts:
    """Prepare again; refuse what differs from the approved plan and show how; return the facts of now."""
    facts = known_now(stored.order, tools)
    known = Known(tools.site, tools.runbooks, facts, tools.templates, stored.plan.answers)
    again = make_plan(stored.order, known)
    if again.fingerprint != stored.plan.fingerprint:
        lines = "\n".join(f"    {line}" for line in tools.explain(stored.plan.canonical, again.canonical))
        raise Refused("漂移", f"现在得到的方案与批准的不同：\n{lines}", "重新 plan，再由审批人确认")
    return facts


def demand_untouched(stored: StoredChange, facts: Facts) -> None:
    """Demand that nobody has built on what a change left: taking it back would take that away too."""
    if others := list(taken_over(stored.plan.to_do, facts)):
        raise Refused(stored.id, "；".join(others), "先与改动者确认，或用新的申请单删除")


def demand_hands(stored: StoredChange) -> None:
    """Refuse what a person has to carry out: the tool has no way into one of the devices."""
    for change in stored.plan.to_do:
        if change.by_hand:
            hint = f"show {stored.id} --document 得到各设备的步骤，由人执行；没有发送任何修改"
            raise Refused(stored.id, f"{change.device} 由人执行（{change.by_hand[0]}）", hint)


def demand_ready(points: Sequence[str], tools: Tools) -> None:
    """Demand devices that may be written to now."""
    problems = tools.fleet.preflight(points)
    if problems:
        said = "；".join(f"{point}：{why}" for point, why in problems.items())
        raise ChangeError("前置检查", said, "处理后重新执行；没有发送任何修改")
