"""The life of an order beside its execution: rejected, held, split, amended, given up, and its end.

The store hears first and the ticket afterwards: what the store has is brought to the ticket by the next
step, an approval that the ticket still has counts for no other plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan, Reservation
from nornir_itsm.pipeline.audit import audited
from nornir_itsm.pipeline.gates import CARRIED_OUT, demand_state, demand_unbegun, known_now
from nornir_itsm.pipeline.ticket import tell
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import UNBEGUN, Link, Said, StoredChange
from nornir_itsm.stages.expiry import ending, removal
from nornir_itsm.stages.plan import Known, make_plan


def prepare(
    order: Order,
    tools: Tools,
    answers: Mapping[str, str],
    stored: StoredChange | None = None,
    beside: Sequence[Reservation] = (),
) -> Plan:
    """Make the plan of an order from what is known now. Changes nothing anywhere.

    *stored*: the change that it is for, where there is one already. *beside*: what a plan takes that is
    not kept yet.
    """
    facts = known_now(order, tools, stored)
    facts = replace(facts, named={**facts.named, **{one.value: one.owner for one in beside}})
    return make_plan(order, Known(tools.site, tools.runbooks, facts, tools.templates, answers))


def reject(id: str, tools: Tools, user: str, reason: str) -> None:
    """Refuse a plan as its second person, with a reason; an approval that it had is void.

    What was begun in an emergency stays where it is: the rejection is kept, and it may be rolled back.
    """
    if not reason.strip():
        raise ChangeError("--reason", "驳回须说明原因", "如 --reason 端口与申请不符")
    with audited(id, tools, user, "reject"), tools.alone(id):
        said, stored = Said(user, "reject", reason), tools.changes.change(id)
        begun = stored.state not in UNBEGUN  # in an emergency: the store knows whether it was one
        state = stored.state if begun else "rejected"
        tools.changes.advance(id, state, tools.clock.now(), said=said)
        tell(stored, tools, "" if begun else "new", {})


def hold(id: str, tools: Tools, user: str, reason: str) -> None:
    """Put a change on hold: nobody carries it out, what it reserved and its approval stay."""
    with tools.alone(id):
        demand_state(tools.changes.change(id), "planned", "approved", "partly")
        tools.changes.advance(id, "held", tools.clock.now(), said=Said(user, "hold", reason))
        tell(tools.changes.change(id), tools, "", {})


def release(id: str, tools: Tools, user: str, note: str) -> str:
    """Let a change that was held go on where it was; return that state."""
    with tools.alone(id):
        demand_state(tools.changes.change(id), "held")
        state = tools.changes.before_hold(id)
        tools.changes.advance(id, state, tools.clock.now(), said=Said(user, "release", note))
        tell(tools.changes.change(id), tools, "", {})
        return state


def withdraw(id: str, tools: Tools, note: str) -> None:
    """Give a change up that was not begun; its ticket hears first, and what it reserved is free again."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        demand_state(stored, "planned", "approved", "rejected", "held")
        demand_unbegun(stored, tools)
        tell(stored, tools, "withdrawn", {"变更结果": note})
        tools.changes.set_state(id, "withdrawn", tools.clock.now(), note)


def split(id: str, tools: Tools, demands: Sequence[str]) -> str:
    """Keep these demands in a change and let the others go on in one of their own; return its number.

    Both are prepared anew; approvals are void with the plan that they were given for.
    """
    with tools.alone(id):
        stored = tools.changes.change(id)
        demand_state(stored, "planned", "approved", "rejected")
        known = [demand.id for demand in stored.order.demands]
        if unknown := sorted(set(demands) - set(known)):
            raise ChangeError(id, f"没有需求 {'、'.join(unknown)}", f"有 {'、'.join(known)}")
        others = [one for one in known if one not in demands]
        if not demands or not others:
            raise ChangeError(id, "拆分后两边都要有需求", f"给出 {'、'.join(known)} 中的一部分")
        answers = tools.changes.answers(id)
        first, second = (stored.order.only(kept) for kept in (demands, others))
        stays = prepare(first, tools, answers, stored)
        goes = prepare(second, tools, answers, stored, stays.reserved)
        other = tools.changes.split(id, (first, stays), (second, goes), tools.clock.now())
        tell(stored, tools, "new", {"变更标题": stays.title, "拆分": other})
        return other


def amend(id: str, tools: Tools, order: Order, answers: Mapping[str, str]) -> Plan:
    """Put another order in the place of a change's own, planned anew; answers that still fit are kept."""
    with tools.alone(id):
        stored = tools.changes.change(id)
        demand_state(stored, "planned", "approved", "rejected")
        made = prepare(order, tools, {**tools.changes.answers(id), **answers}, stored)
        tools.changes.replace_order(id, order, made, tools.clock.now(), f"申请单改为 {order.file}")
        tell(stored, tools, "new", {"变更标题": made.title})
        return made


def change_of(order: str, tools: Tools) -> str:
    """Return the change by which an order was carried out. Raises ChangeError where that is not just one.

    *order*: the change's own number, its ticket's, or the name of the order's file.
    """
    carried_out = [tools.changes.change(one.id) for one in tools.changes.list() if one.state in CARRIED_OUT]
    found = [one.id for one in carried_out if order in (one.id, one.ticket, one.order.file)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ChangeError(order, "没有由它执行过的变更", "list --state done 列出已完成的变更")
    raise ChangeError(
        order, f"有 {len(found)} 个变更：{'、'.join(found)}", "给出其中一个的编号，从最后一个开始"
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """A change of which something ends. ``removal``: the change that takes it away, if there is one."""

    change: str
    demands: tuple[str, ...]
    until: str
    removal: str = ""
    new: bool = False


def expire(tools: Tools, author: str, within: int) -> tuple[Ending, ...]:
    """Prepare a removal for what ends within some days: a change of its own, planned once.

    A removal that was withdrawn or rejected is not the removal: another one is prepared.
    """
    today = tools.clock.now()[:10]
    found: list[Ending] = []
    for one in tools.changes.list("done"):
        if not one.valid_until:
            continue
        stored = tools.changes.change(one.id)
        if due := ending(stored.order, today, within):
            prepared = _prepared(one.id, tools)
            number = prepared or _planned(stored, removal(stored.order, due, one.id), tools, author)
            ids = tuple(demand.id for demand in due)
            first = min(demand.valid_until or "" for demand in due)
            found.append(Ending(one.id, ids, first, number, bool(number and not prepared)))
    return tuple(found)


def _prepared(id: str, tools: Tools) -> str:
    """Return the removal of a change that there is already."""
    removals = (
        link.change for link in tools.changes.links(id) if link.kind == "removes" and link.other == id
    )
    over = ("withdrawn", "rejected", "rolled_back")
    return next((one for one in removals if tools.changes.change(one).state not in over), "")


def _planned(stored: StoredChange, order: Order, tools: Tools, author: str) -> str:
    """Keep the plan of a removal; nothing where nothing is left to be taken away.

    One that cannot be planned by itself is kept as well, blocked, so that somebody sees it.
    """
    made = prepare(order, tools, stored.plan.answers)
    if all(demand.verdict == "covered" for demand in made.demands):
        return ""
    link = Link("", "removes", stored.id)
    return tools.changes.new_change(order, made, author, tools.clock.now(), link)
