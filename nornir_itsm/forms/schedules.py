"""Schedules: 工作日-早8次3 and its relatives, as weekly periods.

早8晚6 is 08:00-18:00; 早8次3 is 08:00 until 03:00 of the next day (次 = 次日), which is two periods.
"""

import re
from collections.abc import Sequence

from nornir_itsm.forms.reading import Note, Reading, is_blank, is_na, plain, shorten, unreadable
from nornir_itsm.model.order import DAYS, Period, Schedule

ALWAYS = Schedule()
_ALWAYS = re.compile(
    r"(每日|每天)?(全天|全时段|任意时间)(候)?(24小时)?|24小时|7[*x×]24(小时)?|any|不限",
    re.IGNORECASE | re.ASCII,
)
_NAMED = {
    "工作日": DAYS[:5],
    "周末": DAYS[5:],
    "双休日": DAYS[5:],
    "每日": DAYS,
    "每天": DAYS,
}
_WEEK = "一二三四五六日"
_DAY_SPAN = re.compile(r"(?:周|星期)([一二三四五六日天])(?:(?:至|到|-|~)(?:周|星期)?([一二三四五六日天]))?")
_WORDS = re.compile(r"早([0-9]{1,2})(?:[点:]([0-9]{2})?)?(晚|次日?早?)([0-9]{1,2})(?:[点:]([0-9]{2})?)?")
_CLOCK = re.compile(r"([0-9]{1,2}):?([0-9]{2})(?:-|~|至|到)(次日?)?([0-9]{1,2}):?([0-9]{2})")
_HINT = "写成 全天24小时、工作日-早8晚6、工作日-早8次3、工作日0800-1800 这样的时段"


def read_schedule(raw: object) -> Reading[Schedule | None]:
    """Read the form's schedule; the value is None where it cannot be read."""
    text = re.sub(r"\s+", "", plain(raw))
    if note := unreadable(raw):
        return Reading(None, "bad", (note,))
    if is_blank(text) or is_na(text):
        return Reading(None, "blank")
    schedule = schedule_of(text)
    return Reading(schedule) if schedule else Reading(None, "bad", (_doubt(text),))


def schedule_of(text: str) -> Schedule | None:
    """Return the schedule that a text without blanks says, or None."""
    if _ALWAYS.fullmatch(text):
        return ALWAYS
    days, rest = _days(text)
    if days is None:
        return None
    if _ALWAYS.fullmatch(rest):
        return Schedule(text, (Period(days, "00:00", "24:00"),)) if days != DAYS else ALWAYS
    span = _span(rest)
    return Schedule(text, _periods(days, *span)) if span else None


def _doubt(text: str) -> Note:
    daily = f"每日-{text}"
    if schedule_of(daily):
        return Note("question", f"“{shorten(text)}”没有说明是哪几天", _HINT, daily)
    return Note("question", f"“{shorten(text)}”不是可读的生效时间", _HINT)


def _days(text: str) -> tuple[tuple[str, ...] | None, str]:
    """Split the days off the front; None where no day is named."""
    for name, days in _NAMED.items():
        if text.startswith(name):
            return days, text[len(name) :].lstrip("-:,")
    if (match := _DAY_SPAN.match(text)) is None:
        return None, text
    first = _WEEK.index(match[1].replace("天", "日"))
    last = _WEEK.index((match[2] or match[1]).replace("天", "日"))
    if first > last:
        return None, text
    return DAYS[first : last + 1], text[match.end() :].lstrip("-:,")


def _span(text: str) -> tuple[int, int] | None:
    """Return start and end in minutes; the end counts on past midnight."""
    if match := _WORDS.fullmatch(text):
        start = int(match[1]) * 60 + int(match[2] or 0)
        evening = match[3] == "晚"
        if evening and int(match[4]) < 5:  # 晚1 may be one in the afternoon or one at night
            return None
        hour = int(match[4]) + (12 if evening and int(match[4]) <= 12 else 0)
        end, next_day = hour * 60 + int(match[5] or 0), not evening
        minutes = (match[2], match[5])
    elif match := _CLOCK.fullmatch(text):
        start = int(match[1]) * 60 + int(match[2])
        end, next_day = int(match[4]) * 60 + int(match[5]), bool(match[3])
        minutes = (match[2], match[5])
    else:
        return None
    if start >= 1440 or end > 1440 or any(int(m or 0) > 59 for m in minutes):
        return None
    end += 1440 if next_day else 0
    return (start, end) if start < end <= start + 1440 else None


def _periods(days: Sequence[str], start: int, end: int) -> tuple[Period, ...]:
    today = Period(tuple(days), _clock(start), _clock(min(end, 1440)))
    if end <= 1440:
        return (today,)
    after = {DAYS[(DAYS.index(day) + 1) % 7] for day in days}
    return (today, Period(tuple(day for day in DAYS if day in after), "00:00", _clock(end - 1440)))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
