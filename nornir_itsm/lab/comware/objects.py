"""``object-group`` and ``time-range``, and the lines of an object group's view.

Members are numbered: 0, 10, 20 ... where the line does not say. Wordings are assumed unless said.
"""

import re

from nornir_itsm.lab.comware.configuration import (
    IN_USE,
    PREDEFINED_SERVICES,
    Configuration,
    Group,
    named,
    same,
)
from nornir_itsm.lab.comware.grammar import WRONG, Context, Table, description, ipv4, network
from nornir_itsm.lab.vrp.configuration import quoted
from nornir_itsm.lab.vrp.words import Cursor, LineError

LONGEST, LONGEST_TIME_RANGE = 63, 32
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED_DAYS = ("working-day", "off-day", "daily")
_ALGEBRA = ("eq", "lt", "gt", "range")


def _head(context: Context, cursor: Cursor) -> tuple[str, Group | None, str]:
    kind = cursor.keyword(("ip", "service"))
    if kind == "ip":
        cursor.keyword(("address",))
        kind = "ip address"
    name = cursor.name(LONGEST)
    cursor.finish()
    found = context.config.group(name)
    if found is not None and found.kind != kind:
        raise LineError("Object group with given name exists with different type.")  # a public driver's test
    return kind, found, name


def _group(context: Context, cursor: Cursor) -> None:
    kind, found, name = _head(context, cursor)
    if kind == "service" and name in PREDEFINED_SERVICES:
        raise LineError("The default object group cannot be modified.")
    if found is None:
        found = context.config.groups[name] = Group(name, kind)
    context.enter(kind, found.name)


def _undo_group(context: Context, cursor: Cursor) -> None:
    _, found, _ = _head(context, cursor)
    if found is None:
        raise LineError("The object group does not exist.")
    for user in context.config.users_of(found):
        raise LineError(IN_USE.format("object group", user))
    del context.config.groups[found.name]


def reference(config: Configuration, cursor: Cursor, kind: str) -> str:
    """Read the name of an object group that must be there; return it as it is printed."""
    name = cursor.name(LONGEST)
    found = config.group(name)
    if kind == "service" and name in PREDEFINED_SERVICES:
        return name
    if found is None or found.kind != kind:
        raise LineError("The object group does not exist.")
    return quoted(found.name)


def _network(context: Context, cursor: Cursor) -> str:
    match cursor.keyword(("host", "subnet", "range", "group-object")):
        case "host":
            if cursor.keyword(("address", "name")) == "name":
                return f"network host name {cursor.word(r'[A-Za-z0-9.*_-]{1,253}')}"
            return f"network host address {ipv4(cursor)}"
        case "subnet":
            net = network(cursor)
            return f"network subnet {net.network_address} {net.netmask}"
        case "range":
            return f"network range {span(cursor)}"
        case _:
            return f"network group-object {_inner(context, cursor)}"


def span(cursor: Cursor) -> str:
    """Read two addresses, the lower one first."""
    low, high = ipv4(cursor), ipv4(cursor)
    if tuple(map(int, low.split("."))) > tuple(map(int, high.split("."))):
        raise LineError("The start address is illegal: it must be lower than the end address.")
    return f"{low} {high}"


def _inner(context: Context, cursor: Cursor) -> str:
    kind = context.view
    name = reference(context.config, cursor, kind)
    waiting = [name.strip('"')]
    while waiting:
        one = waiting.pop()
        if same(one, context.key):
            raise LineError("The object group would contain itself: this is invalid.")
        below = context.config.group(one)
        waiting += [named(s, 2) for s in below.members.values() if " group-object " in s] if below else []
    return name


def service(cursor: Cursor) -> str:
    """Read a protocol with its ports, or with an ICMP type and code; return it as printed."""
    if cursor.next.isdigit():
        return str(cursor.number(0, 255))
    word = cursor.keyword(("tcp", "udp", "icmp", "icmpv6"))
    if word.startswith("icmp"):
        if cursor.done:
            return word
        return f"{word} {cursor.number(0, 255)} {cursor.number(0, 255)}"
    said = [word]
    for side in ("source", "destination"):
        if cursor.option((side,)):
            said += [side, _ports(cursor)]
    return " ".join(said)


def _ports(cursor: Cursor) -> str:
    word = cursor.keyword(_ALGEBRA)
    low = cursor.number(0, 65535)
    if word != "range":
        return f"{word} {low}"
    high = cursor.number(0, 65535)
    if high < low:
        raise cursor.refuse(WRONG)
    return f"range {low} {high}"


def _service(context: Context, cursor: Cursor) -> str:
    if cursor.option(("group-object",)):
        return f"service group-object {_inner(context, cursor)}"
    return f"service {service(cursor)}"


def _member(context: Context, cursor: Cursor, keyword: str, number: int | None = None) -> None:
    own = context.config.groups[context.key]
    said = _network(context, cursor) if keyword == "network" else _service(context, cursor)
    cursor.finish()
    if said in own.members.values():
        raise LineError("The object already exists.")
    if number in own.members:
        raise LineError("An object with this ID already exists.")
    own.members[(max(own.members, default=-10) // 10 + 1) * 10 if number is None else number] = said


def add(context: Context, cursor: Cursor, number: int | None = None) -> None:
    """Add a member to the group whose view this is; *number* is what the line began with."""
    word = "service" if context.view == "service" else "network"
    cursor.keyword((word,))
    _member(context, cursor, word, number)


def remove(context: Context, number: int) -> None:
    """Remove the member with this number."""
    if context.config.groups[context.key].members.pop(number, None) is None:
        raise LineError("The object does not exist.")


def _describe(context: Context, cursor: Cursor) -> None:
    context.config.groups[context.key].description = description(cursor)


def _undo_describe(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    context.config.groups[context.key].description = ""


def _time_name(cursor: Cursor) -> str:
    """Read a name: it begins with a letter and is not ``all`` (H3C ACL and QoS command references)."""
    name = cursor.name(LONGEST_TIME_RANGE)
    if not re.match(r"[A-Za-z]", name) or name.lower() == "all":
        raise cursor.refuse(WRONG)
    return name


def _time_range(context: Context, cursor: Cursor) -> None:
    name = _time_name(cursor)
    if cursor.next in ("from", "to"):
        said = cursor.rest()
    else:
        start, _, end = _clock(cursor), cursor.keyword(("to",)), _clock(cursor)
        if start >= end:
            raise LineError("The end time must be later than the start time.")
        days = [cursor.keyword((*_NAMED_DAYS, *_DAYS))]
        while not cursor.done:
            days.append(cursor.keyword((*_NAMED_DAYS, *_DAYS)))
        said = f"{start} to {end} {' '.join(d if d in _NAMED_DAYS else d.capitalize() for d in days)}"
    cursor.finish()
    found = next((one for one in context.config.times if same(one, name)), name)
    lines = context.config.times.setdefault(found, [])
    if said not in lines:
        lines.append(said)


def _clock(cursor: Cursor) -> str:
    return cursor.word(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")


def _undo_time_range(context: Context, cursor: Cursor) -> None:
    name = _time_name(cursor)
    cursor.finish()
    found = next((one for one in context.config.times if same(one, name)), None)
    if found is None:
        raise LineError("The time range does not exist.")
    del context.config.times[found]  # a rule that names it matches nothing from now on


SYSTEM: Table = {"object-group": _group, "time-range": _time_range}
SYSTEM_UNDO: Table = {"object-group": _undo_group, "time-range": _undo_time_range}
ADDRESS: Table = {"network": lambda c, w: _member(c, w, "network"), "description": _describe}
SERVICE: Table = {"service": lambda c, w: _member(c, w, "service"), "description": _describe}
GROUP_UNDO: Table = {"description": _undo_describe}
