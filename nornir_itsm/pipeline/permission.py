"""Who may: approvals and emergencies of a change, held against the rules of its site."""

from collections.abc import Sequence

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.model.policy import Policy
from nornir_itsm.pipeline.ticket import decided
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import UNBEGUN, Record, Said, StoredChange
from nornir_itsm.stages import approval
from nornir_itsm.stages.approval import Quorum, quorum, seats, subject_of

DOCUMENT = "变更方案.md"


def enough(policy: Policy, stored: StoredChange, chain: Sequence[Record]) -> bool:
    """Tell whether a chain that ends in an approval is all that a site asks for.

    Raises Refused where that approval is nobody's who is asked, or the second one of the same person.
    """
    link, plan = chain[-1], stored.plan.fingerprint
    needed = seats(policy, subject_of(stored.order, stored.plan), stored.author)
    if not approval.is_asked(policy, needed, link.user):
        problem = f"{link.user} 不在需要批准的组里"
        raise Refused(stored.id, problem, f"需要 {'、'.join(needed)}；show {stored.id} 列出还缺谁")
    earlier = approval.standing(chain[:-1], plan, stored.author).get(link.user)
    begun = stored.state not in UNBEGUN
    if earlier and (begun or not approval.is_stale(earlier, policy, link.at)):
        raise Refused(stored.id, f"{link.user} 已于 {earlier.at} 批准，同一人只算一次", "由另一位审批人批准")
    given = approval.standing(chain, plan, stored.author)
    return not quorum(policy, needed, given, stored.author, "" if begun else link.at).missing


def approved_by(stored: StoredChange, tools: Tools, chain: Sequence[approval.Link], now: str = "") -> Quorum:
    """Return how far a plan is approved; without *now* no approval is too old."""
    policy = tools.site.policy
    needed = seats(policy, subject_of(stored.order, stored.plan), stored.author)
    given = approval.standing(chain, stored.plan.fingerprint, stored.author)
    return quorum(policy, needed, given, stored.author, now)


def demand_quorum(stored: StoredChange, tools: Tools, chain: Sequence[Record], now: str) -> None:
    """Demand every approval that the site asks for, none of them too old at a time."""
    found = approved_by(stored, tools, chain, now)
    if found.missing:
        raise Refused(stored.id, f"批准不足：{found}", f"由所缺的人 approve {stored.id}")


def approve(id: str, tools: Tools, user: str, note: str, *, accept_excess: bool = False) -> str:
    """Keep an approval and bring the change's ticket to it; return the ticket's number.

    The ticket has the document and the head of the chain. One whose approval is in the store and could not
    be told to the desk approves again: then only the desk hears of it.
    """
    stored, now = tools.changes.change(id), tools.clock.now()
    if not _is_untold(stored, tools, user):
        tools.changes.approve(id, user, stored.plan.fingerprint, note, accept_excess, now)
    chain = tools.changes.verify_chain(id)
    found = approved_by(stored, tools, chain)
    number = _registered(stored, tools)
    after = tools.changes.change(id).state
    state = "approved" if after == "approved" else tools.desk.read(number)["state"]
    waiting = {"待批准": str(found) if found.missing else ""}
    fields = {**decided(chain), **waiting, "fingerprint": stored.plan.fingerprint}
    tools.desk.update(number, state, fields)
    return number


def _is_untold(stored: StoredChange, tools: Tools, user: str) -> bool:
    """Tell whether the last link is this user's approval of this plan, and the desk has not heard of it."""
    chain = tools.changes.verify_chain(stored.id)
    last = chain[-1] if chain else None
    if last is None or (last.user, last.decision) != (user, "approve"):
        return False
    head = tools.desk.read(stored.ticket).get("approval", "") if stored.ticket else ""
    before = chain[-2].digest if len(chain) > 1 else ""
    return last.fingerprint == stored.plan.fingerprint and head == before


def _registered(stored: StoredChange, tools: Tools) -> str:
    """Register a change at the desk, with its document; a second time is no harm."""
    plan = stored.plan
    fields = {
        "变更标题": plan.title,
        "变更类型": plan.kind,
        "是否中断业务": "是" if plan.service_affecting else "否",
        "申请组织": plan.organization,
        "涉及系统": plan.system,
    }
    number = stored.ticket or tools.desk.open(stored.id, fields)
    tools.changes.set_ticket(stored.id, number, tools.clock.now())
    tools.desk.attach(number, DOCUMENT, tools.document(stored.order, plan).encode())
    return number


def declare_emergency(stored: StoredChange, tools: Tools, user: str, reason: str) -> StoredChange:
    """Keep that somebody who may begins without approval, and why, with the change and on its ticket.

    It takes the place of approval and window and of nothing else: what is not decided, what somebody
    rejected and what opens more than was asked for waits as ever. Approvals are demanded afterwards.
    """
    policy = tools.site.policy
    groups = policy.emergency.by if policy.emergency else ()
    if not any(user in policy.groups[group] for group in groups):
        who = f"由 {'、'.join(groups)} 中的人执行" if groups else "site.yaml 的 policy.emergency 写明谁可以"
        raise Refused(stored.id, f"{user} 不能紧急执行", f"{who}；或照常 approve")
    if not reason.strip():
        raise ChangeError("--reason", "紧急执行须说明原因", "如 --reason 交易中断，客户来电")
    chain = tools.changes.verify_chain(stored.id)
    begun = approval.emergency(chain, stored.plan.fingerprint)
    if begun and (no := approval.rejected_since(chain, begun)):
        raise Refused(stored.id, f"紧急执行已被 {no.user} 驳回：{no.note}", f"show {stored.id}")
    if open_ := _undecided(stored):
        raise Refused(stored.id, f"紧急执行不能代替决定：{open_}", f"show {stored.id}")
    said = Said(user, "emergency", reason.strip())
    tools.changes.advance(stored.id, stored.state, tools.clock.now(), said=said)
    number = _registered(stored, tools)
    head = decided(tools.changes.verify_chain(stored.id))
    present = tools.desk.read(number)["state"]
    state = "emergency" if present in ("new", "approved") else present
    tools.desk.update(number, state, {**head, "fingerprint": stored.plan.fingerprint})
    return tools.changes.change(stored.id)


def _undecided(stored: StoredChange) -> str:
    plan = stored.plan
    blocked = [f"需求 {demand.id} 受阻" for demand in plan.demands if demand.verdict == "blocked"]
    excess = [f"{proof.demand} 超出申请的放行须由审批人接受" for proof in plan.proofs if proof.excess]
    return "；".join([*blocked, *(f"问题 {one.key}" for one in plan.questions), *excess])
