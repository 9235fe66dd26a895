"""Cron lines: their arithmetic is APScheduler's, their meaning that of cron.

APScheduler 3 counts weekdays from Monday as 0 where cron counts from Sunday, and wants both the day of the
month and the weekday to fit where cron is content with one of them: both are put right here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from nornir_itsm.errors import ConfigError

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_HINT = 'write five fields, e.g. "0 2 * * mon-fri": minute hour day month weekday'


def next_time(cron: str, after: datetime) -> datetime | None:
    """Return the first time after *after* (with zone) that the line names; None: never again."""
    found = _trigger(cron, after).get_next_fire_time(None, after + timedelta(microseconds=1))
    return found if isinstance(found, datetime) else None


def times(cron: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the times that the line names after *after*, up to and with *until*."""
    trigger = _trigger(cron, after)
    found = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while found is not None and found <= until:
        yield found
        found = trigger.get_next_fire_time(found, found + timedelta(microseconds=1))


def checked(cron: str, now: datetime) -> str:
    """Return the line with single blanks. Raises ConfigError where it is none, or names no time at all."""
    if next_time(cron, now) is None:
        raise ConfigError(cron, "names no time that ever comes", _HINT)
    return " ".join(cron.split())


def _trigger(cron: str, now: datetime) -> Any:
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger

    cron_trigger: Any = CronTrigger
    either: Any = OrTrigger
    fields = cron.lower().split()
    if len(fields) != 5:
        raise ConfigError(cron, f"has {len(fields)} fields, not 5", _HINT)
    minute, hour, day, month, weekday = fields
    try:
        days = weekday if weekday == "*" else ",".join(_weekdays(weekday))
        same = {"minute": minute, "hour": hour, "month": month, "timezone": now.tzinfo}
        if day != "*" and days != "*":
            return either([cron_trigger(day=day, **same), cron_trigger(day_of_week=days, **same)])
        return cron_trigger(day=day, day_of_week=days, **same)
    except (ValueError, TypeError) as error:
        raise ConfigError(cron, f"is no cron line: {error}", _HINT) from None


def _weekdays(field: str) -> list[str]:
    """Return the names of ``1-5``, ``mon,wed``, ``*/2``, ``fri-mon``; 0 and 7 are Sunday."""
    named: dict[str, None] = {}
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, to, last = ("0-6" if span == "*" else span).partition("-")
        low = _weekday(first)
        high = _weekday(last) if to else 6 if step else low
        for day in range(low, (high if high >= low else high + 7) + 1, int(step or 1)):
            named[_DAYS[day % 7]] = None
    return list(named)


def _weekday(word: str) -> int:
    if word in _DAYS:
        return _DAYS.index(word)
    if word.isdecimal() and int(word) <= 7:
        return int(word)
    raise ValueError(f"{word!r} is no weekday")
