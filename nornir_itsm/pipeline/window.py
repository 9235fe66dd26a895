"""When: the window of a change, waited for, demanded, and set by a person."""

from collections.abc import Callable

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.model.policy import Window
from nornir_itsm.pipeline.audit import audited
from nornir_itsm.pipeline.ticket import tell
from nornir_itsm.pipeline.tools import Tools
from nornir_itsm.ports import Said, StoredChange
from nornir_itsm.stages.approval import own_window, subject_of
from nornir_itsm.stages.window import Opening, left, opening, read_time

STEP = 600.0
"""Seconds after which one who waits for a window hears of it again."""
_SET_IN = ("planned", "approved", "partly", "held", "rejected")


def opening_of(stored: StoredChange, tools: Tools) -> Opening:
    """Return how a change stands to the time."""
    own = own_window(tools.changes.verify_chain(stored.id))
    return opening(tools.site.policy, subject_of(stored.order, stored.plan), own, tools.clock.now())


def demand_window(stored: StoredChange, tools: Tools) -> str:
    """Demand that a change may be worked on now; return until when (ISO 8601, empty: without end)."""
    found, spare = opening_of(stored, tools), tools.site.policy.spare
    again = f"window {stored.id} --from 时间 --until 时间 另行安排"
    if found.state == "before":
        raise Refused(stored.id, str(found), f"apply {stored.id} --wait 等到那时；或 {again}")
    if found.state != "open":
        raise Refused(stored.id, str(found), again)
    rest = left(found, tools.clock.now())
    if 0 <= rest < spare:
        problem = f"窗口只剩 {lasting(rest)}，站点要求至少 {lasting(spare)}"
        raise Refused(stored.id, problem, again)
    return found.end


def wait_for_window(id: str, tools: Tools, ready: Callable[[str], None]) -> None:
    """Wait until the window of a change begins, and say how long that is; nothing is held meanwhile.

    *ready* raises where the change could not be begun at that time (ISO 8601) as things are now.
    """
    while (found := opening_of(tools.changes.change(id), tools)).state == "before":
        ready(found.start)
        rest = left(found, tools.clock.now())
        tools.tell(f"{id}：{found}，还有 {lasting(rest)}；Ctrl-C 不再等待，什么也没有开始")
        tools.clock.sleep(min(rest, STEP))


def set_window(id: str, tools: Tools, user: str, times: tuple[str, str], note: str = "") -> Window:
    """Give a change the time in which it is carried out, on its chain and its ticket; empty: not bounded.

    The hours and freezes of the site hold besides. Approvals stand: they are of what is done, not when.
    """
    with audited(id, tools, user, "window"), tools.alone(id):
        stored, now = tools.changes.change(id), tools.clock.now()
        if stored.state not in _SET_IN:
            raise Refused(id, f"状态是 {stored.state}，不再安排时间", f"show {id}")
        _demand_own(stored, tools, user)
        window = Window(*(_time(text, tools, now) for text in times))
        if window.end and left(Opening("open", end=window.end), window.start or now) <= 0:
            raise ChangeError(
                "--until", f"{window.end} 不晚于 {window.start or now}", "写晚于开始和现在的时间"
            )
        if window.end and left(Opening("open", end=window.end), now) <= 0:
            raise ChangeError("--until", f"{window.end} 已经过去", "写以后的时间")
        said = Said(user, "window", f"{window} {note}".rstrip())
        tools.changes.advance(id, stored.state, now, said=said)
        tell(stored, tools, "", {})
    return window


def _demand_own(stored: StoredChange, tools: Tools, user: str) -> None:
    """Demand that an author leaves a window alone that a second person set."""
    said = [link.user for link in tools.changes.verify_chain(stored.id) if link.decision == "window"]
    if said and user == stored.author != said[-1]:
        raise Refused(stored.id, f"时间由 {said[-1]} 安排，编写人不能改", f"由 {said[-1]} 或另一位审批人改")


def _time(text: str, tools: Tools, now: str) -> str:
    try:
        return read_time(text, tools.site.policy, now) if text else ""
    except ValueError:
        raise ChangeError(
            "时间", f"{text[:60]!r} 不是时间", "写成 2026-11-22T22:30，或带时区 +08:00"
        ) from None


def lasting(seconds: int) -> str:
    """Return a length of time in words, to the minute above an hour."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "天"), (hours, "小时"), (minutes, "分"), (rest if not (days or hours) else 0, "秒"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 秒"
