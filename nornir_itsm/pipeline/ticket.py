"""Bringing a ticket to where its change is: what an earlier step could not tell any more is told again."""

from collections.abc import Mapping, Sequence

from nornir_itsm.model.policy import Window
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import Record, StoredChange

_OVER = ("closed", "rolled_back")


def tell(stored: StoredChange, tools: Tools, state: str, fields: Mapping[str, str]) -> None:
    """Set state and fields of a change's ticket, where it has one; no *state*: the one that it has.

    What people decided comes from the chain, all of it. A ticket that is closed already, because a step
    was cut off behind that, is not opened again by work that goes on.
    """
    if not stored.ticket:
        return
    present = tools.desk.read(stored.ticket)["state"]
    if not state or (present in _OVER and state == "implementing"):
        state = present
    said = decided(tools.changes.verify_chain(stored.id))
    tools.desk.update(stored.ticket, state, {**said, **fields})


def decided(chain: Sequence[Record]) -> Mapping[str, str]:
    """Return what a chain of decisions comes to, as fields of a ticket; ``approval`` is its head."""
    fields: dict[str, str] = {}
    for one in chain:
        match one.decision:
            case "approve" | "reject":
                words = "批准" if one.decision == "approve" else "驳回"
                fields["审批意见"] = f"{words}：{one.note}".rstrip("：")
            case "hold" | "release":
                fields["挂起"] = (one.note or "是") if one.decision == "hold" else "否"
            case "window":
                window = Window.read(one.note)
                fields |= {"计划开始时间": window.start, "计划结束时间": window.end}
            case "emergency":
                fields |= {"紧急变更": "是", "紧急原因": f"{one.user}：{one.note}"}
            case "hand-over":
                fields["执行方式"] = f"由人执行：{one.note}"
            case _:
                fields |= {"执行人": one.user, "执行说明": one.note}
        fields["approval"] = one.digest
    return fields
