"""``security-policy ip`` and the rules in it. Wordings of refusals are assumed."""

from collections.abc import Callable

from nornir_itsm.lab.comware.configuration import Rule
from nornir_itsm.lab.comware.grammar import Context, Handler, Table, description, ipv4, network
from nornir_itsm.lab.comware.objects import LONGEST_TIME_RANGE, reference, service, span
from nornir_itsm.lab.vrp.configuration import quoted
from nornir_itsm.lab.vrp.words import Cursor, LineError

LONGEST_RULE = 127
BUILT_IN = ("any", "Local", "Trust", "DMZ", "Untrust", "Management")
PROFILES = ("default", "strict")


def _policy(context: Context, cursor: Cursor) -> None:
    cursor.keyword(("ip",))
    cursor.finish()
    context.enter("policy")


def _rule(context: Context, cursor: Cursor) -> None:
    """``rule 3 name X`` makes or enters a rule; without a number it gets the next one."""
    number = cursor.number(0, 65535) if cursor.next.isdigit() else None
    if cursor.done and number is not None:
        context.enter("rule", context.config.numbered(number).name)
        return
    cursor.keyword(("name",))
    name = cursor.name(LONGEST_RULE)
    cursor.finish()
    config = context.config
    found = config.rule(name)
    taken = next((rule for rule in config.rules if rule.id == number), None)
    if found is not taken and number is not None:
        raise LineError("A rule with the same name or ID already exists.")
    if found is None:
        found = Rule(max((r.id for r in config.rules), default=-1) + 1 if number is None else number, name)
        config.rules.append(found)
    context.enter("rule", found.name)


def _move(context: Context, cursor: Cursor) -> None:
    """``move rule 7 before 3``: the one form that is documented beyond doubt."""
    cursor.keyword(("rule",))
    moved = context.config.numbered(cursor.number(0, 65535))
    cursor.keyword(("before",))
    anchor = context.config.numbered(cursor.number(0, 65535))
    cursor.finish()
    if moved is anchor:
        raise LineError("The rule cannot be moved: the position is invalid.")
    others = [rule for rule in context.config.rules if rule is not moved]
    at = others.index(anchor)
    context.config.rules[:] = [*others[:at], moved, *others[at:]]


def _undo_rule(context: Context, cursor: Cursor) -> None:
    if cursor.option(("name",)):
        found = context.config.rule(cursor.name(LONGEST_RULE))
    else:
        found = context.config.numbered(cursor.number(0, 65535))
    cursor.finish()
    if found is None:
        raise LineError("The specified rule does not exist.")
    context.config.rules.remove(found)


def _own(context: Context) -> Rule:
    found = context.config.rule(context.key)
    if found is None:
        raise LineError("The specified rule does not exist.")
    return found


def _zone(context: Context, cursor: Cursor) -> str:
    name = cursor.name()
    if name not in (*BUILT_IN, *context.config.zones):
        raise LineError("The security zone does not exist.")
    return quoted(name)


Read = Callable[[Context, Cursor], str]
_CONDITIONS: dict[str, Read] = {
    **{
        f"{side}-{what}": read
        for side in ("source", "destination")
        for what, read in {
            "zone": _zone,
            "ip": lambda context, cursor: reference(context.config, cursor, "ip address"),
            "ip-host": lambda _, cursor: ipv4(cursor),
            "ip-subnet": lambda _, cursor: _subnet(cursor),
            "ip-range": lambda _, cursor: span(cursor),
        }.items()
    },
    "service": lambda context, cursor: reference(context.config, cursor, "service"),
    "service-port": lambda _, cursor: service(cursor),
}


def _subnet(cursor: Cursor) -> str:
    net = network(cursor)
    return f"{net.network_address} {net.netmask}"


def _condition(word: str, read: Read, *, add: bool) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        said = f"{word} {read(context, cursor)}"
        cursor.finish()
        listed = _own(context).conditions
        if add == (said in listed):
            raise LineError(f"The {word} already exists." if add else f"The {word} does not exist.")
        if add:
            listed.append(said)
        else:
            listed.remove(said)

    return change


def _set(word: str, read: Callable[[Cursor], str]) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        said = read(cursor)
        cursor.finish()
        _own(context).settings[word] = said

    return change


def _unset(word: str) -> Handler:
    def change(context: Context, cursor: Cursor) -> None:
        if word in ("logging", "counting"):
            cursor.keyword(("enable",))
        cursor.finish()
        _own(context).settings.pop(word, None)

    return change


def _profile(cursor: Cursor) -> str:
    name = cursor.name()
    if name not in PROFILES:
        raise LineError("The application profile does not exist.")
    return name


_SETTINGS: dict[str, Callable[[Cursor], str]] = {
    "description": description,
    "disable": lambda _: "",
    "time-range": lambda cursor: quoted(cursor.name(LONGEST_TIME_RANGE)),
    "profile": _profile,
    "logging": lambda cursor: cursor.keyword(("enable",)),
    "counting": lambda cursor: cursor.keyword(("enable",)),
    "action": lambda cursor: cursor.keyword(("pass", "drop")),
}
SYSTEM: Table = {"security-policy": _policy}
POLICY: Table = {"rule": _rule, "move": _move}
POLICY_UNDO: Table = {"rule": _undo_rule}
RULE: Table = {
    **{word: _condition(word, read, add=True) for word, read in _CONDITIONS.items()},
    **{word: _set(word, read) for word, read in _SETTINGS.items()},
}
RULE_UNDO: Table = {
    **{word: _condition(word, read, add=False) for word, read in _CONDITIONS.items()},
    **{word: _unset(word) for word in _SETTINGS},
}
