"""The fields of a ticket (综合变更), derived from a plan; constants come from the configuration.

What is asked of whom, and in which order, is the ticket form's; nothing here opens or sends a ticket.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.document.draft import service_titles
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Draft


@dataclass(frozen=True, slots=True)
class Register:
    """What the ticket system wants of every change.

    ``services``: 变更类型 -> 影响服务 exactly as the system spells it. ``constants``: fields that are the
    same on every ticket. ``until``: the hour (HH:MM) at which work planned for a day ends; empty: no times.
    """

    services: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    until: str = ""


RICH = ("变更原因", "变更方案")
"""Fields that take formatted text."""


def ticket_fields(
    order: Order, plan: Plan, draft: Draft, register: Register, say: Language, now: str
) -> dict[str, str]:
    """Return the fields but those with the texts of the document; *now* is ISO 8601 with zone."""
    start, end = _window(order, register.until, now)
    derived = {
        "变更标题": draft.title,
        "影响服务": "\n".join(service_titles(plan, register.services)),
        "是否中断业务": say("ticket.yes" if plan.service_affecting else "ticket.no"),
        "风险等级": draft.risk.word,
        "风险说明": "\n".join(draft.risk.reasons),
        "计划开始时间": start,
        "计划结束时间": end,
    }
    return {**derived, **{name: text for name, text in register.constants.items() if name not in derived}}


def _window(order: Order, until: str, now: str) -> tuple[str, str]:
    """Return when work may begin and end: from now, or from the first day asked for, to the hour given."""
    if not until:
        return "", ""
    start = datetime.fromisoformat(now)
    first = min((d.valid_from for d in order.demands if d.valid_from), default="")
    if first > start.date().isoformat():
        start = datetime.combine(datetime.fromisoformat(first).date(), time(), start.tzinfo)
    end = datetime.combine(start.date(), time.fromisoformat(until), start.tzinfo)
    if end <= start:
        end += timedelta(days=1)
    return start.strftime("%Y-%m-%d %H:%M"), end.strftime("%Y-%m-%d %H:%M")
