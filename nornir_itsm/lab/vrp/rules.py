"""``security-policy`` and the rules in it."""

from typing import Literal

from nornir_itsm.lab.vrp import conditions
from nornir_itsm.lab.vrp.configuration import PREDEFINED_SERVICES, Condition, Rule, quoted
from nornir_itsm.lab.vrp.grammar import Context, Handler, Question, Table
from nornir_itsm.lab.vrp.objects import MAX_TIME_RANGE, description
from nornir_itsm.lab.vrp.words import Cursor, LineError

PROFILES = {"av": ("default", "strict"), "ips": ("default", "strict"), "url-filter": ("default",)}
INVALIDATE = "Warning: This command will invalidate the rule. Continue?[Y/N]:"
REPEATED = "This condition has already been configured."
GONE = "The delete configuration does not exist."

Side = Literal["source", "destination"]


def policy(view: str) -> Handler:
    """Return what enters a policy: that of security, or of translations."""

    def enter(context: Context, cursor: Cursor) -> None:
        cursor.finish()
        context.enter(view)

    return enter


def _in_nat(context: Context) -> bool:
    return context.frames[0].view == "nat-policy"


def _rules(context: Context) -> list[Rule]:
    """Return the rules of the policy that the session is in."""
    return context.config.nat_rules if _in_nat(context) else context.config.rules


def _found(context: Context, name: str) -> Rule:
    return context.config.rule(name, nat=_in_nat(context))


def _rule(context: Context, cursor: Cursor) -> None:
    """``rule name X`` makes or enters a rule; ``rule move X before|after Y``, ``top``, ``bottom``."""
    if cursor.keyword(("name", "move")) == "move":
        _move(context, cursor)
        return
    name = cursor.name()
    cursor.finish()
    if all(rule.name != name for rule in _rules(context)):
        _rules(context).append(Rule(name))
    context.enter("nat-rule" if context.view == "nat-policy" else "rule", name)


def _move(context: Context, cursor: Cursor) -> None:
    rules = _rules(context)
    moved = _found(context, cursor.name())
    where = cursor.keyword(("before", "after", "top", "bottom"))
    others = [rule for rule in rules if rule is not moved]
    match where:
        case "top":
            at = 0
        case "bottom":
            at = len(others)
        case _:
            anchor = _found(context, cursor.name())
            if anchor is moved:
                raise LineError("The rule cannot be moved to itself.")  # assumed
            at = others.index(anchor) + (where == "after")
    cursor.finish()
    rules[:] = [*others[:at], moved, *others[at:]]


def _undo_rule(context: Context, cursor: Cursor) -> None:
    cursor.keyword(("name",))
    rule = _found(context, cursor.name())
    cursor.finish()
    _rules(context).remove(rule)


def _own(context: Context) -> Rule:
    return _found(context, context.key)


def _changed[T](listed: list[T], one: T, *, add: bool) -> None:
    if add == (one in listed):
        raise LineError(REPEATED if add else GONE)
    if add:
        listed.append(one)
    else:
        listed.remove(one)


def _zone(side: Side, *, add: bool) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        zone = cursor.name()
        cursor.finish()
        if zone not in context.config.zones:
            raise LineError("The specified zone does not exist.")  # assumed
        _changed(_own(context).zones[side], zone, add=add)

    return change


def _address(side: Side, *, add: bool) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        if cursor.option(("address-set",)):
            found = conditions.reference(cursor, context.config.addresses, "address-set")
        else:
            found = conditions.address(cursor, dotted=True)
        cursor.finish()
        _changed(_own(context).addresses[side], found, add=add)

    return change


def _service(*, add: bool) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        found: Condition
        if cursor.option(("protocol",)):
            found = conditions.service(cursor)
        else:
            found = (conditions.reference(cursor, context.config.services, "service-set")[1],)
        cursor.finish()
        if found == ("any",) and "any" in PREDEFINED_SERVICES:
            raise cursor.refuse()
        _changed(_own(context).services, found, add=add)

    return change


def _times(context: Context, cursor: Cursor) -> None:
    name = cursor.name(MAX_TIME_RANGE)
    cursor.finish()
    if name not in context.config.times:
        raise LineError("The specified time range does not exist.")  # assumed
    _own(context).time_range = name


def _undo_times(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    _own(context).time_range = ""


def _action(context: Context, cursor: Cursor) -> None:
    action = cursor.keyword(("permit", "deny"))
    cursor.finish()
    _own(context).action = action


def _translate(context: Context, cursor: Cursor) -> None:
    """``action source-nat address-group X | easy-ip`` or ``action no-nat``."""
    action = cursor.keyword(("source-nat", "no-nat"))
    if action == "source-nat":
        to = cursor.keyword(("address-group", "easy-ip"))
        action = f"{action} {to}"
        if to == "address-group":
            name = cursor.name()
            if name not in context.config.pools:
                raise LineError("The specified address group does not exist.")  # assumed
            action = f"{action} {quoted(name)}"
    cursor.finish()
    _own(context).action = action


def _disable(context: Context, cursor: Cursor) -> Question:
    cursor.finish()
    rule = _own(context)

    def carried_out() -> None:
        rule.disabled = True

    return Question(INVALIDATE, carried_out)


def _enable(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    _own(context).disabled = False


def _logging(kind: str, *, on: bool) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        cursor.keyword(("logging",))
        cursor.finish()
        (_own(context).logging.add if on else _own(context).logging.discard)(kind)

    return change


def _profile(context: Context, cursor: Cursor) -> None:
    kind = cursor.keyword(PROFILES)
    name = cursor.name()
    cursor.finish()
    if name not in PROFILES[kind]:
        raise LineError("The profile does not exist.")  # assumed
    _own(context).profiles[kind] = name


def _undo_profile(context: Context, cursor: Cursor) -> None:
    kind = cursor.keyword(PROFILES)
    cursor.finish()
    if _own(context).profiles.pop(kind, None) is None:
        raise LineError(GONE)


def _describe(context: Context, cursor: Cursor) -> None:
    _own(context).description = description(cursor)


def _undo_describe(context: Context, cursor: Cursor) -> None:
    cursor.finish()
    _own(context).description = ""


SYSTEM: Table = {"security-policy": policy("policy")}
POLICY: Table = {"rule": _rule}
POLICY_UNDO: Table = {"rule": _undo_rule}
_BOTH: dict[bool, dict[str, Handler]] = {
    add: {
        "source-zone": _zone("source", add=add),
        "destination-zone": _zone("destination", add=add),
        "source-address": _address("source", add=add),
        "destination-address": _address("destination", add=add),
        "service": _service(add=add),
        "policy": _logging("policy", on=add),
        "session": _logging("session", on=add),
    }
    for add in (True, False)
}
RULE: Table = {
    **_BOTH[True],
    "time-range": _times,
    "profile": _profile,
    "action": _action,
    "description": _describe,
    "disable": _disable,
    "enable": _enable,
}
RULE_UNDO: Table = {
    **_BOTH[False],
    "time-range": _undo_times,
    "profile": _undo_profile,
    "description": _undo_describe,
    "disable": _enable,
}
_OF_SESSIONS = ("policy", "session", "profile", "time-range")
"""Lines of the security policy alone (assumed of time-range)."""
NAT_RULE: Table = {key: do for key, do in RULE.items() if key not in _OF_SESSIONS} | {"action": _translate}
NAT_RULE_UNDO: Table = {key: do for key, do in RULE_UNDO.items() if key not in _OF_SESSIONS}
