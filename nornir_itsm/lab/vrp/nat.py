"""``nat server``, ``nat address-group`` and the door to ``nat-policy``.

Lines as in public sample configurations. Refusals are worded by us where no sample has them (assumed).
"""

from ipaddress import IPv4Address

from nornir_itsm.lab.vrp.configuration import Server
from nornir_itsm.lab.vrp.grammar import Context, Table
from nornir_itsm.lab.vrp.objects import demand_unused
from nornir_itsm.lab.vrp.rules import GONE, policy
from nornir_itsm.lab.vrp.words import Cursor, LineError

_PROTOCOLS = ("tcp", "udp", "icmp", "sctp")


def _nat(context: Context, cursor: Cursor) -> None:
    if cursor.keyword(("server", "address-group")) == "server":
        _server(context, cursor)
        return
    name = cursor.name()
    if cursor.next.isdigit():
        cursor.number(0, 65535)  # a number of its own, printed by some releases
    cursor.finish()
    context.config.pools.setdefault(name, [])
    context.enter("pool", name)


def _server(context: Context, cursor: Cursor) -> None:
    """``nat server X [zone Z] [protocol P] global A [PORT [PORT]] inside B [PORT [PORT]] [no-reverse]``."""
    name = cursor.name()
    zone = cursor.name() if cursor.option(("zone",)) else ""
    if zone and zone not in context.config.zones:
        raise LineError("The specified zone does not exist.")
    protocol = cursor.keyword(_PROTOCOLS) if cursor.option(("protocol",)) else ""
    cursor.keyword(("global",))
    outer = _end(cursor, ports=bool(protocol))
    cursor.keyword(("inside",))
    made = Server(name, zone, protocol, outer, _end(cursor, ports=len(outer) > 1), _options(cursor))
    if len(made.outer) > 1 and _length(made.outer) != _length(made.inner):
        raise LineError("The number of global ports and inside ports must be the same.")
    _demand_free(made, context)
    context.config.servers[name] = made


def _demand_free(made: Server, context: Context) -> None:
    if made.name in context.config.servers:
        raise LineError("The name of the NAT server already exists.")
    (low, high) = made.ports
    for other in context.config.servers.values():
        alike = made.protocol == other.protocol or "" in (made.protocol, other.protocol)
        if alike and other.outer[0] == made.outer[0] and low <= other.ports[1] and other.ports[0] <= high:
            raise LineError(f"The global address conflicts with that of NAT server {other.name}.")


def _end(cursor: Cursor, *, ports: bool) -> tuple[str, ...]:
    try:
        address = str(IPv4Address(cursor.word(r"[0-9.]+")))
    except ValueError:
        raise cursor.refuse() from None
    found = [address]
    while ports and cursor.next.isdigit() and len(found) < 3:
        found.append(str(cursor.number(1, 65535)))
    if len(found) == 3 and int(found[2]) < int(found[1]):
        raise cursor.refuse()
    return tuple(found)


def _length(end: tuple[str, ...]) -> int:
    return int(end[-1]) - int(end[1]) if len(end) > 1 else -1


def _options(cursor: Cursor) -> tuple[str, ...]:
    found = [word for word in ("no-reverse", "unr-route") if cursor.option((word,))]
    if cursor.option(("description",)):
        found.append(f"description {cursor.rest()}")
    cursor.finish()
    return tuple(found)


def _undo_nat(context: Context, cursor: Cursor) -> None:
    """``undo nat server name X``, ``undo nat address-group X``."""
    if cursor.keyword(("server", "address-group")) == "server":
        cursor.keyword(("name",))
        name = cursor.name()
        cursor.finish()
        if context.config.servers.pop(name, None) is None:
            raise LineError("The NAT server does not exist.")
        return
    name = cursor.name()
    cursor.finish()
    demand_unused(context.config, "address-group", name)
    if context.config.pools.pop(name, None) is None:
        raise LineError("The specified address group does not exist.")


def _mode(context: Context, cursor: Cursor) -> None:
    said = f"mode {cursor.keyword(('pat', 'no-pat'))}"
    cursor.finish()
    lines = context.config.pools[context.key]
    lines[:] = [said, *(line for line in lines if not line.startswith("mode "))]


def _section(context: Context, cursor: Cursor) -> None:
    lines = context.config.pools[context.key]
    if cursor.next.isdigit():
        number = cursor.number(0, 255)
    else:
        used = {int(line.split()[1]) for line in lines if line.startswith("section ")}
        number = next(n for n in range(len(used) + 1) if n not in used)
    low = _end(cursor, ports=False)[0]
    high = low if cursor.done else _end(cursor, ports=False)[0]
    cursor.finish()
    if IPv4Address(high) < IPv4Address(low):
        raise LineError("Illegal address range!")
    if any(line.split()[2:] == [low, high] for line in lines if line.startswith("section ")):
        raise LineError("The address section already exists.")
    lines.append(f"section {number} {low} {high}")


def _undo_section(context: Context, cursor: Cursor) -> None:
    number = cursor.number(0, 255)
    cursor.finish()
    lines = context.config.pools[context.key]
    left = [line for line in lines if not line.startswith(f"section {number} ")]
    if len(left) == len(lines):
        raise LineError(GONE)
    lines[:] = left


SYSTEM: Table = {"nat": _nat, "nat-policy": policy("nat-policy")}
SYSTEM_UNDO: Table = {"nat": _undo_nat}
POOL: Table = {"mode": _mode, "section": _section}
POOL_UNDO: Table = {"section": _undo_section}
