"""The life of an order on one page: prepare, carry out, resume, take back.

An order becomes a plan; an approved plan is prepared again, pushed device by device under the journal,
read back, proved, saved and written to the ticket. Whatever fails on the way leads every touched device
back to where it was, or says which one needs a person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from nornir_itsm.errors import ChangeError, NeedsPerson, Refused
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.pipeline.run import Run
from nornir_itsm.pipeline.tools import Done, Tools
from nornir_itsm.ports import StoredChange
from nornir_itsm.stages.plan import Known, make_plan, points_needed
from nornir_itsm.stages.verify import forward

__all__ = ["Done", "Tools", "approve", "carry_out", "check", "prepare", "rehearse", "resume", "take_back"]

UNFINISHED = ("applying", "verifying", "needs_person")
"""States in which a device may be somewhere between its baseline and its target."""


def prepare(order: Order, tools: Tools, answers: Mapping[str, str]) -> Plan:
    """Make the plan of an order from what is known now. Changes nothing anywhere."""
    facts = tools.knowledge.facts(points_needed(order, tools.site, tools.runbooks))
    return make_plan(order, Known(tools.site, tools.runbooks, facts, tools.templates, answers))


def approve(id: str, tools: Tools, approval: Callable[[], str], document: str) -> str:
    """Keep an approval and register the change: its ticket has the document and the head of the approvals.

    *approval* keeps it in the store and returns the head of the chain. Returns the ticket's number.
    """
    stored = tools.changes.change(id)
    head = approval()
    number = stored.ticket or tools.desk.open(id, _fields(stored.plan))
    tools.changes.set_ticket(id, number, tools.clock.now())
    tools.desk.attach(number, "变更方案.md", document.encode())
    tools.desk.update(number, "approved", {"approval": head, "fingerprint": stored.plan.fingerprint})
    return number


def _fields(plan: Plan) -> dict[str, str]:
    return {
        "变更标题": plan.title,
        "变更类型": plan.kind,
        "是否中断业务": "是" if plan.service_affecting else "否",
        "申请组织": plan.organization,
        "涉及系统": plan.system,
    }


def carry_out(id: str, tools: Tools) -> Done:
    """Carry an approved change out: prepare again, push, verify, save, close the ticket."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        if stored.state == "done":
            return Done(id, "done", 0, ("此前已完成，无需再做",))
        _demand_approval(stored, tools)
        points = [change.device for change in stored.plan.to_do]
        with _locked(id, points, tools):
            facts = _demand_same(stored, tools)
            _demand_ready(points, tools)
            return Run(id, tools, facts).apply(stored.plan)


def rehearse(id: str, tools: Tools) -> int:
    """Prepare an approved change again without sending anything; return how many lines would be sent."""
    stored = tools.changes.change(id)
    _demand_approval(stored, tools)
    _demand_same(stored, tools)
    _demand_ready([change.device for change in stored.plan.to_do], tools)
    return sum(len(change.commands) + len(change.calls) for change in stored.plan.to_do)


def check(id: str, tools: Tools) -> Done:
    """Read the devices of a change that was done and compare them with what it intended."""
    stored = tools.changes.change(id)
    facts = tools.knowledge.facts(points_needed(stored.order, tools.site, tools.runbooks))
    intents = [intent for change in stored.plan.changes for intent in change.intents]
    left = [c for c in forward(intents, facts, tools.site, tools.templates) if not c.empty]
    if left:
        missing = "；".join(f"{c.device} 缺 {len(c.commands) + len(c.calls)} 行" for c in left)
        raise NeedsPerson(id, f"设备与方案不符：{missing}", "show 查看方案，重新 plan 得到差异")
    return Done(id, stored.state, 0, tuple(f"{c.device}：与方案一致" for c in stored.plan.changes))


def take_back(id: str, tools: Tools) -> Done:
    """Take a change back that was done: the same care, in the other direction."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        if stored.state != "done":
            raise Refused(id, f"状态是 {stored.state}，只有已完成的变更可以回退", _next_step(stored))
        points = [change.device for change in reversed(stored.plan.to_do)]
        with _locked(id, points, tools):
            facts = tools.knowledge.facts(points)
            _demand_ready(points, tools)
            return Run(id, tools, facts).revert(stored.plan)


def resume(id: str, tools: Tools) -> Done:
    """Find out what arrived of an interrupted change and end at its target or at its baseline."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        if stored.state not in UNFINISHED:
            raise Refused(id, f"状态是 {stored.state}，没有中断的工作", _next_step(stored))
        points = [change.device for change in stored.plan.to_do]
        with _locked(id, points, tools):
            facts = tools.knowledge.facts(points_needed(stored.order, tools.site, tools.runbooks))
            return Run(id, tools, facts).resume(stored.plan)


@contextmanager
def _locked(id: str, points: Sequence[str], tools: Tools) -> Iterator[None]:
    """Lock devices; one that is left between two states stays locked until ``resume`` has led it out."""
    tools.changes.lock(points, id, tools.clock.now())
    try:
        yield
    finally:
        if tools.changes.change(id).state not in UNFINISHED:
            tools.changes.unlock(id)


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


def _demand_approval(stored: StoredChange, tools: Tools) -> None:
    """Demand an approval of exactly this plan that the store and the ticket agree on."""
    if stored.state != "approved":
        raise Refused(stored.id, f"状态是 {stored.state}，不是 approved", _next_step(stored))
    head = tools.desk.read(stored.ticket).get("approval", "") if stored.ticket else ""
    if not head:
        raise Refused(stored.id, "变更单中没有批准记录", f"重新执行 approve {stored.id}")
    tools.changes.verify_chain(stored.id, head)
    if tools.changes.approval_for(stored.id, stored.plan.fingerprint) is None:
        raise Refused(stored.id, "批准与当前方案的指纹不符，已失效", f"重新执行 approve {stored.id}")


def _demand_same(stored: StoredChange, tools: Tools) -> Facts:
    """Prepare again; refuse what differs from the approved plan and show how; return the facts of now."""
    facts = tools.knowledge.facts(points_needed(stored.order, tools.site, tools.runbooks))
    known = Known(tools.site, tools.runbooks, facts, tools.templates, stored.plan.answers)
    again = make_plan(stored.order, known)
    if again.fingerprint != stored.plan.fingerprint:
        lines = "\n".join(f"    {line}" for line in tools.explain(stored.plan.canonical, again.canonical))
        raise Refused("漂移", f"现在得到的方案与批准的不同：\n{lines}", "重新 plan，再由审批人确认")
    return facts


def _demand_ready(points: Sequence[str], tools: Tools) -> None:
    problems = tools.fleet.preflight(points)
    if problems:
        said = "；".join(f"{point}：{why}" for point, why in problems.items())
        raise ChangeError("前置检查", said, "处理后重新执行；没有发送任何修改")
