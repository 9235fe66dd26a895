"""VLANs, VPN instances, Vlan-interfaces and static routes.

Wordings of refusals are assumed where no public driver or manual says them; each is a line that begins with
a blank and no mark, as Comware prints them.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Interface

from nornir_itsm.lab.comware.configuration import (
    IN_USE,
    Configuration,
    Instance,
    Interface,
    Route,
    Vlan,
    same,
)
from nornir_itsm.lab.comware.grammar import WRONG, Context, Table, description, ipv4, network
from nornir_itsm.lab.vrp.words import Cursor, LineError

LONGEST_INSTANCE = 31
REMOVED = "Some configurations on the interface are removed."
_INTERFACE = re.compile(r"Vlan-interface([1-9][0-9]{0,3})", re.IGNORECASE)


def _numbers(cursor: Cursor) -> list[int]:
    low = cursor.number(1, 4094)
    high = cursor.number(1, 4094) if cursor.option(("to",)) else low
    if high < low:
        raise cursor.refuse(WRONG)
    return list(range(low, high + 1))


def _vlan(context: Context, cursor: Cursor) -> None:
    numbers = _numbers(cursor)
    cursor.finish()
    for number in numbers:
        context.config.vlans.setdefault(number, Vlan())
    if len(numbers) == 1:
        context.enter("vlan", str(numbers[0]))


def _undo_vlan(context: Context, cursor: Cursor) -> None:
    numbers = _numbers(cursor)
    cursor.finish()
    for number in numbers:
        if number not in context.config.vlans:
            raise LineError("The VLAN does not exist.")
        if number == 1:
            raise LineError("The default VLAN is invalid here: it cannot be removed.")
        if number in context.config.interfaces:
            raise LineError(IN_USE.format("VLAN", f"Vlan-interface{number}"))
    for number in numbers:
        del context.config.vlans[number]


def _said(word: str) -> Callable[[Context, Cursor], None]:
    def keep(context: Context, cursor: Cursor) -> None:
        context.config.vlans[int(context.key)].lines[word] = description(cursor)

    return keep


def _unsaid(word: str) -> Callable[[Context, Cursor], None]:
    def forget(context: Context, cursor: Cursor) -> None:
        cursor.finish()
        context.config.vlans[int(context.key)].lines.pop(word, None)

    return forget


def _instance_there(config: Configuration, cursor: Cursor) -> str:
    """Read the name of a VPN instance that must be there; return it as it was made."""
    name = cursor.name(LONGEST_INSTANCE)
    found = next((one for one in config.instances if same(one, name)), None)
    if found is None:
        raise LineError("The VPN instance does not exist.")
    return found


def _ip(context: Context, cursor: Cursor) -> None:
    if cursor.keyword(("vpn-instance", "route-static")) == "route-static":
        _route(context, cursor)
        return
    name = cursor.name(LONGEST_INSTANCE)
    cursor.finish()
    found = next((one for one in context.config.instances if same(one, name)), name)
    context.config.instances.setdefault(found, Instance())
    context.enter("instance", found)


def _undo_ip(context: Context, cursor: Cursor) -> None:
    if cursor.keyword(("vpn-instance", "route-static")) == "route-static":
        _undo_route(context, cursor)
        return
    name = _instance_there(context.config, cursor)
    cursor.finish()
    context.config.demand_unbound(name)
    del context.config.instances[name]


def _distinguisher(context: Context, cursor: Cursor) -> None:
    said = cursor.word(r"[0-9]{1,10}(?:\.[0-9]{1,3}){0,3}:[0-9]{1,10}")
    cursor.finish()
    own = context.config.instances[context.key]
    if own.distinguisher not in ("", said):
        raise LineError("The route distinguisher has already been configured.")
    if any(one.distinguisher == said and one is not own for one in context.config.instances.values()):
        raise LineError("The route distinguisher is already used by another VPN instance.")
    own.distinguisher = said


def _describe_instance(context: Context, cursor: Cursor) -> None:
    context.config.instances[context.key].description = description(cursor)


def _numbered(cursor: Cursor) -> int:
    """Read ``Vlan-interface10`` or ``Vlan-interface 10``."""
    word = cursor.word(r"(?i:Vlan-interface)[0-9]*")
    if word.lower() == "vlan-interface":
        return cursor.number(1, 4094)
    found = _INTERFACE.fullmatch(word)
    if found is None or int(found[1]) > 4094:
        raise cursor.refuse(WRONG)
    return int(found[1])


def _interface(context: Context, cursor: Cursor) -> None:
    number = _numbered(cursor)
    cursor.finish()
    if number not in context.config.vlans:
        raise LineError("The VLAN does not exist.")
    context.config.interfaces.setdefault(number, Interface())
    context.enter("interface", str(number))


def _undo_interface(context: Context, cursor: Cursor) -> None:
    number = _numbered(cursor)
    cursor.finish()
    if context.config.interfaces.pop(number, None) is None:
        raise LineError("The interface does not exist.")


def _own(context: Context) -> Interface:
    return context.config.interfaces[int(context.key)]


def _in_interface(context: Context, cursor: Cursor) -> str | None:
    if cursor.keyword(("binding", "address")) == "binding":
        cursor.keyword(("vpn-instance",))
        instance = _instance_there(context.config, cursor)
        cursor.finish()
        own = _own(context)
        removed, own.instance = own.instance != instance, instance
        own.address = "" if removed else own.address
        return REMOVED if removed else None
    address = ipv4(cursor)
    try:
        found = IPv4Interface(f"{address}/{cursor.word(r'[0-9.]+')}")
    except ValueError:
        raise cursor.refuse(WRONG) from None
    cursor.finish()
    _demand_apart(context, found)
    _own(context).address = f"{found.ip} {found.netmask}"
    return None


def _demand_apart(context: Context, address: IPv4Interface) -> None:
    own = _own(context)
    for number, other in context.config.interfaces.items():
        if other is own or not same(other.instance, own.instance) or not other.address:
            continue
        if IPv4Interface(other.address.replace(" ", "/")).network.overlaps(address.network):
            raise LineError(f"The IP address overlaps with that of Vlan-interface{number}.")


def _undo_in_interface(context: Context, cursor: Cursor) -> None:
    own = _own(context)
    if cursor.keyword(("binding", "address")) == "binding":
        cursor.keyword(("vpn-instance",))
        own.instance = ""
    own.address = ""


def _describe_interface(context: Context, cursor: Cursor) -> None:
    _own(context).description = description(cursor)


def _filter(context: Context, cursor: Cursor) -> None:
    said = f"packet-filter {cursor.number(2000, 4999)} {cursor.keyword(('inbound', 'outbound'))}"
    cursor.finish()
    if said in _own(context).filters:
        raise LineError("The packet filter already exists.")
    _own(context).filters.append(said)


def _route_said(context: Context, cursor: Cursor, *, hop: bool) -> Route:
    instance = _instance_there(context.config, cursor) if cursor.option(("vpn-instance",)) else ""
    prefix = network(cursor)
    to = _instance_there(context.config, cursor) if cursor.option(("vpn-instance",)) else ""
    next_hop = ipv4(cursor) if hop or not cursor.done else ""
    return Route(instance, f"{prefix.network_address} {prefix.prefixlen}", to, next_hop)


def _route(context: Context, cursor: Cursor) -> None:
    route = _route_said(context, cursor, hop=True)
    rest = ""
    while word := cursor.option(("preference", "tag", "description")):
        rest += f" {word} {description(cursor) if word == 'description' else cursor.number(1, 2**31)}"
    cursor.finish()
    others = [one for one in context.config.routes if _ends(one) != _ends(route)]
    made = Route(route.instance, route.prefix, route.to, route.hop, rest)
    context.config.routes[:] = [*others, made]


def _undo_route(context: Context, cursor: Cursor) -> None:
    route = _route_said(context, cursor, hop=False)
    while cursor.option(("preference",)):
        cursor.number(1, 255)
    cursor.finish()
    gone = [
        one
        for one in context.config.routes
        if (_ends(one) == _ends(route) if route.hop else _ends(one)[:2] == _ends(route)[:2])
    ]
    if not gone:
        raise LineError("The route does not exist.")
    context.config.routes[:] = [one for one in context.config.routes if one not in gone]


def _ends(route: Route) -> tuple[str, str, str, str]:
    return route.instance, route.prefix, route.to, route.hop


SYSTEM: Table = {"vlan": _vlan, "ip": _ip, "interface": _interface}
SYSTEM_UNDO: Table = {"vlan": _undo_vlan, "ip": _undo_ip, "interface": _undo_interface}
VLAN: Table = {"name": _said("name"), "description": _said("description")}
VLAN_UNDO: Table = {"name": _unsaid("name"), "description": _unsaid("description")}
INSTANCE: Table = {"route-distinguisher": _distinguisher, "description": _describe_instance}
INTERFACE: Table = {"ip": _in_interface, "description": _describe_interface, "packet-filter": _filter}
INTERFACE_UNDO: Table = {"ip": _undo_in_interface}
