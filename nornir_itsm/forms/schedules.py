"""Schedules: 工作日-早8次3 and its relatives, as weekly periods.

早8晚6 is 08:00-18:00; 早8次3 is 08:00 until 03:00 of the next day (次 = 次日), which is two periods. Several
parts are one after another: days alone go with the times behind them, times alone with the days before them.
"""

import re
from collections.abc import Sequence

from nornir_itsm.forms.reading import Note, Reading, is_blank, is_na, plain, shorten, unreadable
from nornir_itsm.model.order import DAYS, Period, Schedule

ALWAYS = Schedule()
WHOLE_DAY = (0, 1440)
TEXT_LIMIT = 200
_WHOLE_DAY = re.compile(
    r"(全天|全时段|任意时间)候?(24(小时|h))?|24(小时|h)(全天)?|7[*x×]24(小时|h)?|any|不限", re.I
)
_FOREVER = {"长期", "永久", "一直", "长期有效"}
_NAMED = {
    "工作日": DAYS[:5], "周末": DAYS[5:], "双休日": DAYS[5:], "周六日": DAYS[5:],
    "每日": DAYS, "每天": DAYS,
}  # fmt: skip
_WEEK = "一二三四五六日"
_DAY_SPAN = re.compile(r"(?:周|星期)([一二三四五六日天])(?:(?:至|到|-|~)(?:周|星期)?([一二三四五六日天]))?")
_TO = r"(?:至|到|-|~)"
_HOUR = r"([0-9]{1,2})(?:[点时:]([0-9]{2})?分?)?"
_WORDS = re.compile(rf"早{_HOUR}{_TO}?(晚|次日?早?){_HOUR}")
_TIME = r"([0-9]{1,2})(?::?([0-9]{2})|[点时]([0-9]{2})?分?)"
_CLOCK = re.compile(rf"{_TIME}{_TO}(次日?)?{_TIME}")
_PARTS = re.compile(r"[,;、]")
_JOINTS = "-:,"
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
    if len(text) > TEXT_LIMIT:
        return None
    found: list[Period] = []
    days: tuple[str, ...] = ()
    waiting = False  # days were named, their times not yet
    for part in _PARTS.split(re.sub(r"[()]", "", text)):
        named, rest = _split(part)
        if named:
            days, waiting = ((*days, *named) if waiting else named), True
        if not rest:
            continue
        span = _span(rest)
        if span is None or (waiting is False and bool(days) is (span == WHOLE_DAY)):
            return None  # no time; or a time of no day; or a whole day: of these days, or of every day?
        found += _periods([day for day in DAYS if day in (days or DAYS)], *span)
        waiting = False
    if waiting or not found:
        return None
    return ALWAYS if Period(DAYS, "00:00", "24:00") in found else Schedule(text, tuple(dict.fromkeys(found)))


def _doubt(text: str) -> Note:
    """Return a question about a schedule, with a proposal where one more word would make it readable."""
    said = f"“{shorten(text)}”"
    if text in _FOREVER:
        return Note("question", f"{said}是有效期，不是每周的时段", _HINT, "全天24小时")
    if schedule_of(daily := f"每日-{text}"):
        return Note("question", f"{said}没有说明是哪几天", _HINT, daily)
    if schedule_of(whole := f"{text}-全天24小时"):
        return Note("question", f"{said}没有说明是几点到几点", _HINT, whole)
    overnight = re.sub(rf"({_TO})(?=[0-9:点时分]+$)", r"\1次日", text)
    if overnight != text and schedule_of(overnight):
        return Note("question", f"{said}结束早于开始", _HINT, overnight)
    return Note("question", f"{said}不是可读的生效时间", _HINT)


def _split(text: str) -> tuple[tuple[str, ...], str]:
    """Split the days off the front, or a word for them off the end; () where no day is named."""
    for name, days in _NAMED.items():
        if text.startswith(name):
            return days, text[len(name) :].lstrip(_JOINTS)
        if text.endswith(name):
            return days, text.removesuffix(name).rstrip(_JOINTS)
    if (match := _DAY_SPAN.match(text)) is None:
        return (), text
    first = _WEEK.index(match[1].replace("天", "日"))
    last = _WEEK.index((match[2] or match[1]).replace("天", "日"))
    return DAYS[first : last + 1] if first <= last else (), text[match.end() :].lstrip(_JOINTS)


def _span(text: str) -> tuple[int, int] | None:
    """Return start and end in minutes; the end counts on past midnight."""
    if _WHOLE_DAY.fullmatch(text):
        return WHOLE_DAY
    if match := _WORDS.fullmatch(text):
        first, minutes, evening, last, minutes_to = match.groups()
        if evening == "晚" and int(last) < 5:  # 晚1 may be one in the afternoon or one at night
            return None
        hour = int(last) + (12 if evening == "晚" and int(last) <= 12 else 0)
        return _ordered((int(first), minutes), (hour, minutes_to), next_day=evening != "晚")
    if match := _CLOCK.fullmatch(text):
        first, a, b, next_day, last, c, d = match.groups()
        return _ordered((int(first), a or b), (int(last), c or d), next_day=bool(next_day))
    return None


def _ordered(
    first: tuple[int, str | None], last: tuple[int, str | None], *, next_day: bool
) -> tuple[int, int] | None:
    """Return start and end where they are times of a day and not more than a day apart."""
    if any(int(minutes or 0) > 59 for _, minutes in (first, last)):
        return None
    start, end = (hour * 60 + int(minutes or 0) for hour, minutes in (first, last))
    if start >= 1440 or end > 1440:
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
