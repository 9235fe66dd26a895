"""Policy mode and rule mode (StoneOS CLI manual 5.5R12).

Not simulated: the one-line form ``rule from A to B service S permit``, ``service-rule``, roles, applications.
A rule's ``av PROFILE`` and ``ips PROFILE`` lines and their ``no`` forms are assumed.
"""

from nornir_itsm.lab.stoneos.addresses import read_host, read_ip, read_range
from nornir_itsm.lab.stoneos.configuration import ANY, Member, Rule, Side
from nornir_itsm.lab.stoneos.grammar import Context, Handler, Table
from nornir_itsm.lab.stoneos.words import Cursor, LineError

MAX_ID = 65535
MAX_SCHEDULES = 8
MAX_DESCRIPTION = 255
"""Bytes in UTF-8, where a Chinese character takes three."""
LOGS = ("session-start", "session-end", "policy-deny")
PROFILES = {
    "av": ("predef_low", "predef_middle", "predef_high"),
    "ips": ("predef_default", "predef_loose", "predef_critical"),
}
"""Profiles every box has (assumed list; those of the snapshot are in it)."""


def _policy(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    context.enter("policy")


def _anchor(context: Context, cursor: Cursor) -> Rule:
    """Read a bare id or ``name X``: positions take no ``id`` keyword."""
    if cursor.option(("name",)):
        return context.config.rule_named(cursor.name())
    return context.config.rule(cursor.number(1, MAX_ID))


def _index(context: Context, cursor: Cursor, where: str, moving: Rule | None = None) -> int:
    """Return where a rule goes in the list once *moving* is out of it."""
    rules = [rule for rule in context.config.rules if rule is not moving]
    if where in ("before", "after"):
        anchor = _anchor(context, cursor)
        if anchor is moving:
            raise LineError("A rule cannot be moved relative to itself")  # assumed wording
        return rules.index(anchor) + (where == "after")
    return 0 if where == "top" else len(rules)


def _rule(context: Context, cursor: Cursor) -> str | None:
    rule_id = cursor.number(1, MAX_ID) if cursor.option(("id",)) else None
    known = next((rule for rule in context.config.rules if rule.id == rule_id), None)
    where = None if cursor.done else cursor.keyword(("top", "before", "after"))
    index = _index(context, cursor, where or "bottom", known)
    cursor.finish()
    if known is not None:
        if where:
            raise LineError(f"Rule {known.id} already exists")  # assumed: positions are for new rules
        context.enter("rule", str(known.id))
        return None
    rule = Rule(rule_id or context.config.free_id())
    context.config.rules.insert(index, rule)
    context.enter("rule", str(rule.id))
    return f"Rule id {rule.id} is created."


def _no_rule(context: Context, cursor: Cursor) -> None:
    if cursor.keyword(("id", "name")) == "id":
        rule = context.config.rule(cursor.number(1, MAX_ID))
    else:
        rule = context.config.rule_named(cursor.name())
    cursor.finish()
    context.config.rules.remove(rule)


def _move(context: Context, cursor: Cursor) -> None:
    rule = _anchor(context, cursor)
    index = _index(context, cursor, cursor.keyword(("top", "bottom", "before", "after")), rule)
    cursor.finish()
    context.config.rules.remove(rule)
    context.config.rules.insert(index, rule)


def _current(context: Context) -> Rule:
    return context.config.rule(int(context.key))


def _name(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    rule = _current(context)
    if any(other.name == name for other in context.config.rules if other is not rule):
        raise LineError("This name is used by another policy rule")
    rule.name = name


def _description(context: Context, cursor: Cursor) -> None:
    text = cursor.name(MAX_DESCRIPTION)
    cursor.finish()
    if len(text.encode()) > MAX_DESCRIPTION:
        raise LineError("The description is too long")  # assumed wording
    _current(context).description = text


def _action(context: Context, cursor: Cursor) -> None:
    action = cursor.keyword(("permit", "deny"))
    cursor.finish()
    _current(context).action = action


def _switch(enabled: bool) -> Handler:
    def switch(context: Context, cursor: Cursor) -> None:
        cursor.finish()
        _current(context).enabled = enabled

    return switch


def _zone(side: Side) -> Handler:
    def set_zone(context: Context, cursor: Cursor) -> None:
        name = cursor.name()
        cursor.finish()
        name = ANY if name.lower() == "any" else name
        if name != ANY and name not in context.config.zones:
            raise LineError(f"Zone {name} is not found")  # assumed wording
        _current(context).zones[side] = name

    return set_zone


def _no_zone(side: Side) -> Handler:
    def unset_zone(context: Context, cursor: Cursor) -> None:
        if not cursor.done:
            cursor.name()
        cursor.finish()
        _current(context).zones.pop(side, None)

    return unset_zone


def _read_member(kind: str, context: Context, cursor: Cursor, *, adding: bool) -> Member:
    match kind:
        case "ip":
            found = read_ip(cursor)
        case "range":
            found = read_range(cursor)
        case "host":
            found = read_host(cursor)
        case _:
            name = cursor.name()
            name = ANY if name.lower() == "any" else name
            found = "addr", context.config.address(name).name if adding else name
    cursor.finish()
    return found


def _add(side: Side, kind: str) -> Handler:
    def add(context: Context, cursor: Cursor) -> None:
        member = _read_member(kind, context, cursor, adding=True)
        members = _current(context).sides[side]
        if member in members:
            raise LineError("This entity is already added")
        members.append(member)

    return add


def _remove(side: Side, kind: str) -> Handler:
    def remove(context: Context, cursor: Cursor) -> None:
        member = _read_member(kind, context, cursor, adding=False)
        members = _current(context).sides[side]
        if member not in members:
            raise LineError(f"Address {member[1]} is not found")
        members.remove(member)

    return remove


def _service(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    rule, known = _current(context), context.config.service_name(name)
    if known in rule.services:
        raise LineError("This service already exists")
    rule.services.append(known)


def _no_service(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    rule = _current(context)
    if name not in rule.services:
        raise LineError("Failed to find this service entity")
    rule.services.remove(name)


def _schedule(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    rule = _current(context)
    if name not in context.config.schedules:
        raise LineError(f"Schedule entity {name} is not found")
    if name in rule.schedules:
        raise LineError(f"Rule is already configured with schedule {name}")
    if len(rule.schedules) >= MAX_SCHEDULES:
        raise LineError("Schedules of this rule are full")  # assumed wording
    rule.schedules.append(name)


def _no_schedule(context: Context, cursor: Cursor) -> None:
    name = cursor.name()
    cursor.finish()
    rule = _current(context)
    if name not in rule.schedules:
        raise LineError(f"Schedule entity {name} is not found")
    rule.schedules.remove(name)


def _log(context: Context, cursor: Cursor) -> None:
    log = cursor.keyword(LOGS)
    cursor.finish()
    _current(context).logs.add(log)


def _no_log(context: Context, cursor: Cursor) -> None:
    log = cursor.keyword(LOGS)
    cursor.finish()
    _current(context).logs.discard(log)


def _profile(kind: str) -> Handler:
    def set_profile(context: Context, cursor: Cursor) -> None:
        name = cursor.name()
        cursor.finish()
        if name not in PROFILES[kind]:
            raise LineError(f"{kind.upper()} profile {name} is not found")  # assumed wording
        _current(context).profiles[kind] = name

    return set_profile


def _no_profile(kind: str) -> Handler:
    def unset_profile(context: Context, cursor: Cursor) -> None:
        cursor.finish()
        _current(context).profiles.pop(kind, None)

    return unset_profile


def _clear(attribute: str) -> Handler:
    def clear(context: Context, cursor: Cursor) -> None:
        cursor.finish()
        setattr(_current(context), attribute, "")

    return clear


_SIDES: tuple[Side, ...] = ("src", "dst")
_KINDS = ("addr", "ip", "host", "range")

GLOBAL: Table = {"policy-global": _policy}
LOADING: Table = {"rule": _rule}
"""Saved configurations hold their rules at top level."""
POLICY: Table = {"rule": _rule, "move": _move}
POLICY_NO: Table = {"rule": _no_rule}
RULE: Table = {
    "name": _name,
    "description": _description,
    "action": _action,
    "enable": _switch(True),
    "disable": _switch(False),
    "service": _service,
    "schedule": _schedule,
    "log": _log,
    "av": _profile("av"),
    "ips": _profile("ips"),
    **{f"{side}-zone": _zone(side) for side in _SIDES},
    **{f"{side}-{kind}": _add(side, kind) for side in _SIDES for kind in _KINDS},
}
RULE_NO: Table = {
    "name": _clear("name"),
    "description": _clear("description"),
    "service": _no_service,
    "schedule": _no_schedule,
    "log": _no_log,
    "av": _no_profile("av"),
    "ips": _no_profile("ips"),
    **{f"{side}-zone": _no_zone(side) for side in _SIDES},
    **{f"{side}-{kind}": _remove(side, kind) for side in _SIDES for kind in _KINDS},
}
