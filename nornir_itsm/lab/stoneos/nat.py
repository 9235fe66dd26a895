"""``ip vrouter trust-vr`` and ``nat``: source and destination translations (StoneOS CLI manual 5.5R12).

A rule typed under a number that is there overwrites it; that it keeps its place without one is assumed.
Not simulated: other virtual routers, ``bnatrule``, load balancing, redirection, tracking, HA groups.
"""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from nornir_itsm.lab.stoneos.configuration import ANY, Configuration, Member, NatKind, NatRule
from nornir_itsm.lab.stoneos.grammar import Context, Handler, Table
from nornir_itsm.lab.stoneos.words import Cursor, LineError

MAX_ID = 65535
"""Assumed: the manual gives no limit."""
_MODES = ("static", "dynamicip", "dynamicport")
_TITLES: dict[NatKind, str] = {"snatrule": "SNAT", "dnatrule": "DNAT"}


def _vrouter(context: Context, cursor: Cursor) -> None:
    cursor.keyword(("vrouter",))
    name = cursor.name()
    cursor.finish()
    if name != "trust-vr":
        raise LineError(f"VRouter {name} is not found")  # assumed wording; there is this one only
    context.enter("vrouter", name)


def _nat(context: Context, cursor: Cursor) -> None:
    """``nat`` is the mode of the usual virtual router's translations."""
    cursor.finish()
    context.enter("vrouter", "trust-vr")


def _find(rules: list[NatRule], kind: NatKind, number: int) -> int:
    for at, rule in enumerate(rules):
        if rule.id == number:
            return at
    # A public client of the vendor's looks for these last words.
    raise LineError(f"{_TITLES[kind]} rule {number} cannot be found")


def _rule(kind: NatKind) -> Handler:
    def rule(context: Context, cursor: Cursor) -> str | None:
        rules = context.config.nat[kind]
        if cursor.option(("move",)):
            _move(kind, rules, cursor)
            return None
        number = cursor.number(1, MAX_ID) if cursor.option(("id",)) else None
        if number is not None and (switch := cursor.option(("enable", "disable"))):
            cursor.finish()
            at = _find(rules, kind, number)
            rules[at] = replace(rules[at], enabled=switch == "enable")
            return None
        return _typed(context, cursor, kind, number)

    return rule


def _typed(context: Context, cursor: Cursor, kind: NatKind, number: int | None) -> str:
    rules = context.config.nat[kind]
    others = [rule for rule in rules if rule.id != number]
    held = next((at for at, rule in enumerate(rules) if rule.id == number), len(others))
    where = cursor.option(("top", "before", "after"))
    at = 0 if where == "top" else held
    if where in ("before", "after"):
        at = _find(others, kind, cursor.number(1, MAX_ID)) + (where == "after")
    made = _read(context.config, cursor, kind, number or max((r.id for r in rules), default=0) + 1)
    others.insert(at, made)
    rules[:] = others
    return f"rule ID={made.id}"


def _move(kind: NatKind, rules: list[NatRule], cursor: Cursor) -> None:
    at = _find(rules, kind, cursor.number(1, MAX_ID))
    where = cursor.keyword(("top", "bottom", "before", "after"))
    others = [*rules[:at], *rules[at + 1 :]]
    to = {"top": 0, "bottom": len(others)}.get(where, -1)
    if to < 0:
        to = _find(others, kind, cursor.number(1, MAX_ID)) + (where == "after")
    cursor.finish()
    others.insert(to, rules[at])
    rules[:] = others


def _read(config: Configuration, cursor: Cursor, kind: NatKind, number: int) -> NatRule:
    zones: dict[str, str] = {}
    while (word := cursor.keyword((*_zone_words(kind), "from"))) != "from":
        zones[word] = _zone(config, cursor)
    source = _side(config, cursor)
    cursor.keyword(("to",))
    to = _side(config, cursor)
    service = config.service_name(cursor.name()) if cursor.option(("service",)) else ANY
    leaves = cursor.word(r"[a-z]+[0-9/.]+") if kind == "snatrule" and cursor.option(("eif",)) else ""
    rule = NatRule(number, zones, source, to, service, leaves)
    rule = _source(config, cursor, rule) if kind == "snatrule" else _destination(config, cursor, rule)
    log = cursor.option(("log",)) is not None
    off = cursor.option(("disable",)) is not None
    said = cursor.name(63) if cursor.option(("description",)) else ""
    schedule = cursor.name() if cursor.option(("schedule",)) else ""
    if schedule and schedule not in config.schedules:
        raise LineError(f"Schedule entity {schedule} is not found")
    cursor.finish()
    return replace(rule, log=log, enabled=not off, description=said, schedule=schedule)


def _zone_words(kind: NatKind) -> tuple[str, ...]:
    return ("from-zone", "to-zone") if kind == "snatrule" else ("from-zone",)


def _zone(config: Configuration, cursor: Cursor) -> str:
    name = cursor.name()
    if name.lower() == "any":
        return ANY
    if name not in config.zones:
        raise LineError(f"Zone {name} is not found")  # assumed wording
    return name


def _side(config: Configuration, cursor: Cursor) -> Member:
    """Read ``ip A``, ``address-book X``, or a bare word, which is either."""
    kind = cursor.option(("ip", "address-book"))
    name = cursor.name()
    if kind == "address-book" or (not kind and (name.lower() == "any" or name in config.addresses)):
        return "addr", config.address(name).name
    try:
        return "ip", str(IPv4Network(name))
    except ValueError:
        raise cursor.refuse() if kind else LineError(f"Address {name} is not found") from None


def _source(config: Configuration, cursor: Cursor, rule: NatRule) -> NatRule:
    if cursor.option(("no-trans",)):
        return rule
    cursor.keyword(("trans-to",))
    if cursor.option(("eif-ip",)):
        target: Member = ("eif-ip", "")
    else:
        target = _side(config, cursor)
    cursor.keyword(("mode",))
    mode = cursor.keyword(_MODES)
    if mode == "static" and _size(config, target) != _size(config, rule.source):
        raise LineError("The number of addresses must be the same in static mode")  # assumed wording
    spread = cursor.option(("sticky", "round-robin")) if mode == "dynamicport" else None
    return replace(rule, target=target, mode=f"{mode} {spread}" if spread else mode)


def _destination(config: Configuration, cursor: Cursor, rule: NatRule) -> NatRule:
    if cursor.option(("no-trans",)):
        return rule
    cursor.keyword(("trans-to",))
    target = _side(config, cursor)
    port = cursor.number(1, 65535) if cursor.option(("port",)) else 0
    if _size(config, target) < _size(config, rule.to):
        raise LineError("The number of translated addresses is smaller than that of addresses")  # assumed
    if port and not _one_port(config, rule.service):
        raise LineError("The service must have one protocol and one port")  # assumed wording
    return replace(rule, target=target, port=port)


def _one_port(config: Configuration, name: str) -> bool:
    held = config.services.get(name)
    if held is None or len(held.entries) != 1 or held.entries[0].kind not in ("tcp", "udp"):
        return False
    low, high, *_ = held.entries[0].numbers
    return low == high


def _size(config: Configuration, side: Member) -> int:
    kind, value = side
    if kind == "ip":
        return IPv4Network(value).num_addresses
    if kind == "range":
        low, high = (int(IPv4Address(end)) for end in value.split())
        return high - low + 1
    if kind == "addr" and ":" not in value and not config.addresses[value].ipv6:
        return sum(_size(config, member) for member in config.addresses[value].members)
    return 1


def _no_rule(kind: NatKind) -> Handler:
    def no_rule(context: Context, cursor: Cursor) -> None:
        cursor.keyword(("id",))
        number = cursor.number(1, MAX_ID)
        cursor.finish()
        del context.config.nat[kind][_find(context.config.nat[kind], kind, number)]

    return no_rule


GLOBAL: Table = {"ip": _vrouter, "nat": _nat}
MODE: Table = {"snatrule": _rule("snatrule"), "dnatrule": _rule("dnatrule")}
MODE_NO: Table = {"snatrule": _no_rule("snatrule"), "dnatrule": _no_rule("dnatrule")}
