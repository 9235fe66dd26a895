"""``ip address-set``, ``ip service-set`` and ``time-range``, and the lines of their views.

Wordings of refusals are those of public drivers and their tests; others are marked as assumed.
"""

import re
from collections.abc import Callable

from nornir_itsm.lab.vrp import conditions
from nornir_itsm.lab.vrp.configuration import Condition, Configuration, Kind, Members, TimeRange
from nornir_itsm.lab.vrp.grammar import Context, Handler, Table
from nornir_itsm.lab.vrp.words import Cursor, LineError

MAX_TEXT = 127
MAX_TIME_RANGE = 32
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED_DAYS = ("working-day", "off-day", "daily")
_SETS: dict[str, Callable[[Configuration], dict[str, Members]]] = {
    "address-set": lambda config: config.addresses,
    "service-set": lambda config: config.services,
}
_MISSING = {
    "address-set": "The address or address set is not created",
    "service-set": "The service or service set is not created",
}


def description(cursor: Cursor) -> str:
    """Read a description to the end of its line."""
    if cursor.done:
        raise LineError("Incomplete command found at '^' position.", 12)
    text = cursor.rest()
    if len(text) > MAX_TEXT:
        raise LineError(f"The description length can not exceed {MAX_TEXT}.")
    return text


def demand_unused(config: Configuration, kind: str, name: str) -> None:
    """Raise LineError where something refers to an object (assumed wording)."""
    for user in config.users_of(kind, name):
        raise LineError(f"The {kind.replace('-', ' ')} is being used by {user} and cannot be deleted.")


def _ip(context: Context, cursor: Cursor) -> None:
    kind = cursor.keyword(_SETS)
    held = _SETS[kind](context.config)
    name = cursor.name()
    of: Kind | None = None
    if cursor.option(("type",)):
        of = "object" if cursor.keyword(("object", "group")) == "object" else "group"
    cursor.finish()
    found = held.get(name)
    if found is None and of is None:
        raise LineError(f"{_MISSING[kind]}(Please specify type when create it)!")
    if found is not None and of not in (None, found.kind):
        raise LineError("The type conflicts with that of the existing set!")  # assumed
    if found is None:
        assert of is not None
        found = held[name] = Members(name, of)
    context.enter(f"{found.kind}-{kind}", name)


def _undo_ip(context: Context, cursor: Cursor) -> None:
    kind = cursor.keyword(_SETS)
    held = _SETS[kind](context.config)
    name = cursor.name()
    cursor.finish()
    if name not in held:
        raise LineError(f"{_MISSING[kind]}!")
    demand_unused(context.config, kind, name)
    del held[name]


def _own(context: Context) -> tuple[str, Members]:
    kind = context.view.partition("-")[2]
    return kind, _SETS[kind](context.config)[context.key]


def _condition(context: Context, cursor: Cursor) -> Condition:
    kind, own = _own(context)
    if cursor.option((kind,)):
        if own.kind != "group":
            raise cursor.refuse("Unrecognized command found at '^' position.")
        return conditions.reference(cursor, _SETS[kind](context.config), kind)
    if kind == "address-set":
        return conditions.address(cursor, dotted=False)
    if own.kind == "group":
        raise LineError("Unrecognized command found at '^' position.", len(context.key))
    cursor.keyword(("protocol",))
    return conditions.service(cursor)


def _add(context: Context, cursor: Cursor) -> None:
    kind, own = _own(context)
    numbered = re.fullmatch(r"[0-9]{1,4}", cursor.next) is not None
    number = cursor.number(0, 9999) if numbered else own.free()
    member = _condition(context, cursor)
    cursor.finish()
    if member in own.lines.values() or number in own.lines:
        raise LineError(f"{'Address' if kind == 'address-set' else 'Service'} item conflicts!")
    if member[0] == kind:
        _demand_no_loop(context, kind, member[1])
    own.lines[number] = member


def _demand_no_loop(context: Context, kind: str, name: str) -> None:
    below = [name]
    while below:
        one = below.pop()
        if one == context.key:
            raise LineError("The set would contain itself!")  # assumed
        held = _SETS[kind](context.config).get(one)
        below += [words[1] for words in held.lines.values() if words[0] == kind] if held else []


def _remove(context: Context, cursor: Cursor) -> None:
    kind, own = _own(context)
    if re.fullmatch(r"[0-9]{1,4}", cursor.next):
        number = cursor.number(0, 9999)
        found = own.lines.get(number)
    else:
        found = _condition(context, cursor)
    cursor.finish()
    for number, words in own.lines.items():
        if words == found:
            del own.lines[number]
            return
    item = "service item does not exist!" if kind == "service-set" else "address item does not exist!"
    raise LineError(f"The {item}")


def _describe(context: Context, cursor: Cursor) -> None:
    _own(context)[1].description = description(cursor)


def _undo_describe(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    _own(context)[1].description = ""


def _time_range(context: Context, cursor: Cursor) -> None:
    name = cursor.name(MAX_TIME_RANGE)
    cursor.finish()
    context.config.times.setdefault(name, TimeRange(name))
    context.enter("time-range", name)


def _undo_time_range(context: Context, cursor: Cursor) -> None:
    name = cursor.name(MAX_TIME_RANGE)
    cursor.finish()
    if name not in context.config.times:
        raise LineError("The specified time range does not exist.")  # assumed
    demand_unused(context.config, "time-range", name)
    del context.config.times[name]


def _period(cursor: Cursor) -> str:
    start, end = _clock(cursor), ""
    cursor.keyword(("to",))
    end = _clock(cursor)
    if start >= end:
        raise LineError("The end time must be later than the start time.")  # assumed
    days = [cursor.keyword((*_NAMED_DAYS, *_DAYS))]
    while not cursor.done:
        days.append(cursor.keyword(_DAYS))
    shown = (day if day in _NAMED_DAYS else day.capitalize() for day in days)
    return f"period-range {start} to {end} {' '.join(shown)}"


def _clock(cursor: Cursor) -> str:
    """Read ``HH:MM:SS``; 24:00:00 is refused (assumed)."""
    return cursor.word(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")


def _absolute(cursor: Cursor) -> str:
    ends = []
    for word in ("", "to"):
        if word:
            cursor.keyword((word,))
        ends.append(f"{_clock(cursor)} {cursor.word(r'20[0-9]{2}/[0-9]{1,2}/[0-9]{1,2}')}")
    return f"absolute-range {ends[0]} to {ends[1]}"


def _span(read: Callable[[Cursor], str], *, add: bool) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        line = read(cursor)
        cursor.finish()
        own = context.config.times[context.key].lines
        if add == (line in own):
            said = (
                "This condition has already been configured."
                if add
                else "The delete configuration does not exist."
            )
            raise LineError(said)
        if add:
            own.append(line)
        else:
            own.remove(line)

    return change


SYSTEM: Table = {"ip": _ip, "time-range": _time_range}
SYSTEM_UNDO: Table = {"ip": _undo_ip, "time-range": _undo_time_range}
ADDRESS: Table = {"address": _add, "description": _describe}
ADDRESS_UNDO: Table = {"address": _remove, "description": _undo_describe}
SERVICE: Table = {"service": _add, "description": _describe}
SERVICE_UNDO: Table = {"service": _remove, "description": _undo_describe}
TIME: Table = {"period-range": _span(_period, add=True), "absolute-range": _span(_absolute, add=True)}
TIME_UNDO: Table = {"period-range": _span(_period, add=False), "absolute-range": _span(_absolute, add=False)}
