"""Schedules: ``periodic`` and ``absolute`` (StoneOS CLI manual 5.5R12).

Not simulated: ``periodic day-in-month`` and ``periodic day-range``.
"""

from datetime import datetime

from nornir_itsm.lab.stoneos.configuration import Periodic, Schedule, demand_unused_schedule
from nornir_itsm.lab.stoneos.grammar import Context, Table
from nornir_itsm.lab.stoneos.words import Cursor, LineError

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS = {"daily": WEEK, "weekdays": WEEK[:5], "weekend": WEEK[5:]}
_TIME = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
"""24:00 is not a time of day here (assumed)."""
_DATE = r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
MAX_PERIODIC = 16


def _reversed() -> LineError:
    return LineError("Start time is greater than end time!")


def _time(cursor: Cursor) -> str:
    return cursor.word(_TIME).zfill(5)


def _days(cursor: Cursor) -> tuple[str, ...]:
    word = cursor.keyword((*WEEK, *_SETS))
    if word in _SETS:
        return _SETS[word]
    days = {word}
    while day := cursor.option(WEEK):
        if day in days:
            raise cursor.refuse()
        days.add(day)
    return tuple(day for day in WEEK if day in days)


def _read_periodic(cursor: Cursor) -> Periodic:
    days = _days(cursor)
    start = _time(cursor)
    cursor.keyword(("to",))
    until = cursor.option(WEEK) if len(days) == 1 else None
    found = Periodic(days, start, _time(cursor), until or "")
    cursor.finish()
    if found.until:
        if WEEK.index(found.until) <= WEEK.index(days[0]):
            raise _reversed()  # the span's end comes after its start within the week
    elif found.end <= found.start and days != WEEK:
        raise _reversed()  # only "daily" may run past midnight (the manual's example; assumed for the rest)
    elif found.end == found.start:
        raise _reversed()
    return found


def _schedule(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    context.config.schedules.setdefault(name, Schedule(name))
    context.enter("schedule", name)


def _no_schedule(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    if name not in context.config.schedules:
        raise LineError(f"Schedule entity {name} is not found")
    demand_unused_schedule(context.config, name)
    del context.config.schedules[name]


def _current(context: Context) -> Schedule:
    if found := context.config.schedules.get(context.key):
        return found
    raise LineError(f"Schedule entity {context.key} is not found")


def _periodic(context: Context, cursor: Cursor) -> None:
    span = _read_periodic(cursor)
    schedule = _current(context)
    if span in schedule.periodic:
        raise LineError("This entity is already added")
    if len(schedule.periodic) >= MAX_PERIODIC:
        raise LineError("Schedule periodic entries are full")  # assumed wording
    schedule.periodic.append(span)


def _no_periodic(context: Context, cursor: Cursor) -> None:
    span = _read_periodic(cursor)
    schedule = _current(context)
    if span not in schedule.periodic:
        raise LineError("This periodic entry is not found")  # assumed wording
    schedule.periodic.remove(span)


def _absolute(context: Context, cursor: Cursor) -> None:
    start = _moment(cursor) if cursor.option(("start",)) else ""
    end = ""
    if not start or not cursor.done:
        cursor.keyword(("end",))
        end = _moment(cursor)
    cursor.finish()
    if start and end and end <= start:
        raise _reversed()
    _current(context).absolute = (start, end)


def _moment(cursor: Cursor) -> str:
    day, time = cursor.word(_DATE), cursor.word(_TIME + r"(:[0-5][0-9])?")
    try:
        full = time if time.count(":") == 2 else f"{time}:00"
        return datetime.strptime(f"{day} {full}", "%m/%d/%Y %H:%M:%S").isoformat()
    except ValueError:
        raise cursor.refuse() from None


def _no_absolute(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    _current(context).absolute = ("", "")


GLOBAL: Table = {"schedule": _schedule}
GLOBAL_NO: Table = {"schedule": _no_schedule}
MODE: Table = {"periodic": _periodic, "absolute": _absolute}
MODE_NO: Table = {"periodic": _no_periodic, "absolute": _no_absolute}
