"""The views of a switch and their commands, and loading a configuration as printed through them.

Refusals in the words of public transcripts and manuals: ``The VLAN does not exist.``, ``The VLAN has a L3
interface. Please delete it first.``, the Info line of ``ip binding``; others are assumed.
"""

from ipaddress import IPv4Address, ip_interface, ip_network

from nornir_itsm.lab.vrp.grammar import Command, Session, View, Views, carry_out_printed, parts_of
from nornir_itsm.lab.vrp.switch_configuration import Instance, Route, SwitchConfiguration, Vlanif
from nornir_itsm.lab.vrp.words import Cursor, LineError

_IP = r"\d{1,3}(?:\.\d{1,3}){3}"
_WRONG = "Wrong parameter found at '^' position."
_LONGEST_INSTANCE = 31
REMOVED = "Info: All IPv4 and IPv6 related configurations on this interface are removed."
GONE = "Info: This operation may take a few seconds. Please wait for a moment...succeeded."

type _Work = Session[SwitchConfiguration]


def _numbers(cursor: Cursor) -> list[int]:
    """Read ``10``, or after ``batch`` ``10 20 30 to 40``."""
    if not cursor.option(("batch",)):
        return [cursor.number(1, 4094)]
    found: list[int] = []
    while not cursor.done or not found:
        low = cursor.number(1, 4094)
        high = cursor.number(low, 4094) if cursor.option(("to",)) else low
        found += range(low, high + 1)
    return found


def _vlan(work: _Work, cursor: Cursor) -> None:
    batch = cursor.next.lower() == "batch"
    numbers = _numbers(cursor)
    cursor.finish()
    for number in numbers:
        work.config.vlans.setdefault(number, "")
    if not batch:
        work.enter("vlan", str(numbers[0]))


def _undo_vlan(work: _Work, cursor: Cursor) -> None:
    numbers = _numbers(cursor)
    cursor.finish()
    if any(number not in work.config.vlans for number in numbers):
        raise LineError("The VLAN does not exist.")
    if any(number in work.config.interfaces for number in numbers):
        raise LineError("The VLAN has a L3 interface. Please delete it first.")
    for number in numbers:
        del work.config.vlans[number]


def _vlanif(cursor: Cursor) -> int:
    word = cursor.word(r"(?i:vlanif)\d{0,4}")
    return int(word[6:]) if word[6:] else cursor.number(1, 4094)


def _interface(work: _Work, cursor: Cursor) -> None:
    number = _vlanif(cursor)
    cursor.finish()
    if number not in work.config.vlans:
        raise LineError("The VLAN does not exist.")
    work.config.interfaces.setdefault(number, Vlanif(number))
    work.enter("vlanif", str(number))


def _undo_interface(work: _Work, cursor: Cursor) -> str:
    number = _vlanif(cursor)
    cursor.finish()
    if number not in work.config.interfaces:
        raise cursor.refuse()
    del work.config.interfaces[number]
    return GONE


def _ip(work: _Work, cursor: Cursor) -> None:
    if cursor.keyword(("vpn-instance", "route-static")) == "route-static":
        route, said = _route(work, cursor)
        work.config.routes[route] = said
        return
    name = cursor.name(_LONGEST_INSTANCE)
    cursor.finish()
    work.config.instances.setdefault(name, Instance(name))
    work.enter("instance", name)


def _undo_ip(work: _Work, cursor: Cursor) -> None:
    if cursor.keyword(("vpn-instance", "route-static")) == "route-static":
        route, _ = _route(work, cursor)
        if route not in work.config.routes:
            raise LineError("The specified route does not exist.")
        del work.config.routes[route]
        return
    name = cursor.name(_LONGEST_INSTANCE)
    cursor.finish()
    work.config.instance(name)
    work.config.drop_instance(name)


def _route(work: _Work, cursor: Cursor) -> tuple[Route, str]:
    """Read a route behind ``ip route-static``, and what follows its next hop."""
    instance = _named(work, cursor)
    address, mask = cursor.word(_IP), cursor.word(rf"\d{{1,2}}|{_IP}")
    try:
        prefix = str(ip_network(f"{address}/{mask}", strict=False))
    except ValueError:
        raise cursor.refuse() from None
    to = _named(work, cursor)
    next_hop = _address(cursor)
    return Route(instance, prefix, to, next_hop), cursor.rest() if not cursor.done else ""


def _named(work: _Work, cursor: Cursor) -> str:
    """Read ``vpn-instance NAME`` where it stands; it must be there."""
    if not cursor.option(("vpn-instance",)):
        return ""
    return work.config.instance(cursor.name(_LONGEST_INSTANCE)).name


def _address(cursor: Cursor) -> str:
    try:
        return str(IPv4Address(cursor.word(_IP)))
    except ValueError:
        raise cursor.refuse() from None


def _own(work: _Work) -> Vlanif:
    return work.config.interfaces[int(work.key)]


def _bind(work: _Work, cursor: Cursor) -> str:
    cursor.keyword(("vpn-instance",))
    found = work.config.instance(cursor.name(_LONGEST_INSTANCE))
    cursor.finish()
    if not found.ipv4:
        raise LineError("The IPv4 address family of the VPN instance is not enabled.")
    one = _own(work)
    one.instance, one.address = found.name, ""
    return REMOVED


def _in_interface(work: _Work, cursor: Cursor) -> str | None:
    if cursor.keyword(("binding", "address")) == "binding":
        return _bind(work, cursor)
    address, mask = cursor.word(_IP), cursor.word(rf"\d{{1,2}}|{_IP}")
    cursor.finish()
    one = _own(work)
    was = one.address
    try:
        one.address = str(ip_interface(f"{address}/{mask}"))
    except ValueError:
        raise cursor.refuse() from None
    # With two stages it is found out when the candidate is put in force (inferred).
    if not work.staged and (problem := next(work.config.overlaps(), "")):
        one.address = was
        raise LineError(problem)
    return None


def _undo_in_interface(work: _Work, cursor: Cursor) -> None:
    one = _own(work)
    if cursor.keyword(("binding", "address")) == "binding":
        cursor.keyword(("vpn-instance",))
        one.instance = ""
    cursor.finish()
    one.address = ""


def _family(work: _Work, cursor: Cursor) -> None:
    cursor.finish()
    work.config.instance(work.key).ipv4 = True
    work.enter("family", work.key)


def _distinguisher(work: _Work, cursor: Cursor) -> None:
    said = cursor.word(rf"(?:\d{{1,10}}|{_IP}):\d{{1,10}}")
    cursor.finish()
    one = work.config.instance(work.key)
    if one.distinguisher and one.distinguisher != said:
        raise LineError("The route-distinguisher has already been configured.")
    if any(said == other.distinguisher for other in work.config.instances.values() if other is not one):
        raise LineError("The route-distinguisher conflicts with that of another VPN instance.")
    one.distinguisher = said


def _described(cursor: Cursor) -> str:
    text = cursor.rest()
    if not 0 < len(text) <= 80:
        raise LineError(_WRONG, 12)
    return text


def _describe_vlan(work: _Work, cursor: Cursor) -> None:
    work.config.vlans[int(work.key)] = _described(cursor)


def _describe_interface(work: _Work, cursor: Cursor) -> None:
    _own(work).description = _described(cursor)


def _describe_instance(work: _Work, cursor: Cursor) -> None:
    work.config.instance(work.key).description = _described(cursor)


_SYSTEM: dict[str, Command[SwitchConfiguration]] = {"vlan": _vlan, "interface": _interface, "ip": _ip}
VIEWS: Views[SwitchConfiguration] = {
    "system": View("", _SYSTEM, {"vlan": _undo_vlan, "interface": _undo_interface, "ip": _undo_ip}),
    "vlan": View("-vlan{}", {"description": _describe_vlan}),
    "vlanif": View(
        "-Vlanif{}",
        {"ip": _in_interface, "description": _describe_interface},
        {"ip": _undo_in_interface},
    ),
    "instance": View("-vpn-instance-{}", {"ipv4-family": _family, "description": _describe_instance}),
    "family": View("-vpn-instance-{}-af-ipv4", {"route-distinguisher": _distinguisher}),
}


def load(text: str) -> SwitchConfiguration:
    """Return the configuration that was printed. Raises LineError for a line that is not understood.

    Parts that the switch has no commands for are kept as they are.
    """
    context = Session(SwitchConfiguration())
    for part in parts_of(text):
        head = part[0].strip()
        if not head.startswith(("vlan ", "ip vpn-instance ", "interface Vlanif", "ip route-static ")):
            if not head.startswith("sysname "):
                context.config.plain.append(tuple(part))
            continue
        for line in part:
            del context.frames[len(line) - len(line.lstrip()) :]
            carry_out_printed(line, context, VIEWS)
        context.frames.clear()
    return context.config
