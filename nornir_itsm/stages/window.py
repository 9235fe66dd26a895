"""When a change may be worked on: its own window, the site's weekly hours, and the freeze calendar.

Times are sets of whole seconds since the epoch, so that zones, midnight and summer time are settled once,
where a wall clock becomes a number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from nornir_itsm.model.order import DAYS
from nornir_itsm.model.policy import Freeze, Hours, Policy, Subject, Window
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.approval import fits

AHEAD = timedelta(days=400)
"""So far an opening is looked for."""
_NEVER = "维护时间、封网与变更的窗口没有交集"
_EVER = 1 << 40
"""Seconds that no clock will show: a window without an end."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How a change stands to the time.

    ``open`` until ``end`` (empty: without end); ``before`` its ``start``; ``late``: its window is over;
    ``never``: hours and freezes leave nothing of it. ``why``: what keeps it closed. Times are ISO 8601.
    """

    state: Literal["open", "before", "late", "never"]
    start: str = ""
    end: str = ""
    why: str = ""

    def __str__(self) -> str:
        why = f"（{self.why}）" if self.why else ""
        match self.state:
            case "open":
                return f"在窗口内，到 {clock(self.end)} 为止" if self.end else "不限时间"
            case "before":
                return f"窗口 {clock(self.start)} 开始{why}"
            case "late":
                return f"窗口已于 {clock(self.end)} 结束，过期未执行"
        return f"没有可用的窗口{why}"


def clock(at: str) -> str:
    """Return a time as people read it, with its offset: ``2026-11-22 22:00 +08:00``."""
    return f"{at[:10]} {at[11:16]} {at[19:]}"


def zone_of(policy: Policy, now: str) -> tzinfo:
    """Return the zone of the site, else that of the clock."""
    zone = ZoneInfo(policy.time_zone) if policy.time_zone else datetime.fromisoformat(now).tzinfo
    assert zone is not None
    return zone


def opening(policy: Policy, subject: Subject, own: Window, now: str) -> Opening:
    """Return whether a change may be worked on *now*, else when, else why not."""
    zone, this = zone_of(policy, now), _second(now)
    mine = Ranges.span(_second(own.start) if own.start else 0, _second(own.end) - 1 if own.end else _EVER)
    frozen = [freeze for freeze in policy.freezes if not subject.kinds & set(freeze.exempt)]
    allowed = mine & _hours(policy, subject, own, now)
    allowed = allowed - Ranges.of(_frozen(freeze, zone) for freeze in frozen)
    coming = allowed & Ranges.span(this, _EVER)
    if not coming:
        return _closed(own, allowed, zone, this) or Opening("never", why=_NEVER)
    low, high = coming.spans[0]
    if low > this:
        return Opening("before", _said(low, zone), why=_why(policy, subject, frozen, now))
    return Opening("open", end="" if high >= _EVER else _said(high + 1, zone))


def _closed(own: Window, allowed: Ranges, zone: tzinfo, this: int) -> Opening | None:
    """Return that a window is over; None where there never was one."""
    if own.end and (_second(own.end) <= this or allowed):
        last = allowed.spans[-1][1] + 1 if allowed else _second(own.end)
        return Opening("late", end=_said(last, zone))
    return None


def left(found: Opening, now: str) -> int:
    """Return the seconds until an opening begins (``before``) or ends (``open``); -1: it does not end."""
    at = found.start if found.state == "before" else found.end
    return _second(at) - _second(now) if at else -1


def read_time(text: str, policy: Policy, now: str) -> str:
    """Return a time that somebody wrote, to the second and with zone; without one it is the site's.

    Raises ValueError where it is no time.
    """
    found = datetime.fromisoformat(text.strip())
    return (found if found.tzinfo else found.replace(tzinfo=zone_of(policy, now))).isoformat(
        timespec="seconds"
    )


def _hours(policy: Policy, subject: Subject, own: Window, now: str) -> Ranges:
    """Return the seconds in which every rule that fits is open, from a little before now or the window."""
    zone = zone_of(policy, now)
    rules = [rule.open for rule in policy.hours if fits(rule.when, subject)]
    if not rules:
        return Ranges.span(0, _EVER)
    first = min(datetime.fromisoformat(at) for at in (now, own.start or now)).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range(-8, AHEAD.days)]
    found = Ranges.span(0, _EVER)
    for hours in rules:
        found = found & Ranges.of(span for one in hours for span in _weekly(one, days, zone))
    return found


def _weekly(hours: Hours, days: list[date], zone: tzinfo) -> Iterator[tuple[int, int]]:
    over = hours.end <= hours.start
    for day in (day for day in days if DAYS[day.weekday()] in hours.days):
        yield _at(day, hours.start, zone), _at(day + timedelta(days=over), hours.end, zone) - 1


def _at(day: date, hour: str, zone: tzinfo) -> int:
    """Return the second at which a wall clock shows this; 24:00 is the next day's first."""
    day, hour = (day + timedelta(days=1), "00:00") if hour == "24:00" else (day, hour)
    return int(datetime.combine(day, time.fromisoformat(hour), zone).timestamp())


def _frozen(freeze: Freeze, zone: tzinfo) -> tuple[int, int]:
    first, after = date.fromisoformat(freeze.first), date.fromisoformat(freeze.last) + timedelta(days=1)
    return _at(first, "00:00", zone), _at(after, "00:00", zone) - 1


def _why(policy: Policy, subject: Subject, frozen: list[Freeze], now: str) -> str:
    zone, this = zone_of(policy, now), _second(now)
    reasons = [
        f"{one.first} 至 {one.last} 封网：{one.reason}"
        for one in frozen
        if this in Ranges((_frozen(one, zone),))
    ]
    if not reasons and any(fits(rule.when, subject) for rule in policy.hours):
        hours = (one for rule in policy.hours if fits(rule.when, subject) for one in rule.open)
        said = dict.fromkeys(f"{'、'.join(one.days)} {one.start}-{one.end}" for one in hours)
        reasons = [f"维护时间 {'；'.join(said)}"]
    return "；".join(reasons)


def _second(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp())


def _said(second: int, zone: tzinfo) -> str:
    return datetime.fromtimestamp(second, zone).isoformat(timespec="seconds")
