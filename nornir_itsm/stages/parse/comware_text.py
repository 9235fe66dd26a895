"""``display current-configuration`` of a Comware 7 switch -> VLANs, VPN instances, interfaces and routes.

Layout (public samples, H3C and HPE guides): sections apart by ``#``, sub-views and single lines
(``ip route-static``) indented by one blank, a last line ``return``; static routes with lengths,
interfaces with masks; ``vlan 2 to 9`` for neighbours that say nothing else.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_interface, ip_network

from nornir_itsm.errors import SourceError
from nornir_itsm.model.switch import (
    SwitchFacts,
    SwitchInstance,
    SwitchInterface,
    SwitchRoute,
    SwitchVlan,
)

_ROUTE = re.compile(
    r"ip route-static (?:vpn-instance (?P<instance>\S+) )?(?P<to>\S+) (?P<mask>\S+) "
    r"(?:vpn-instance (?P<other>\S+) )?(?P<next_hop>[0-9.]+)(?: .*)?"
)
_INTERFACE = re.compile(r"interface Vlan-interface ?(\d{1,4})")
_BOUND = re.compile(r"ip binding vpn-instance (\S+)")
_ADDRESS = re.compile(r"ip address ([0-9.]+) ([0-9.]+)")


def switch_facts(text: str) -> SwitchFacts:
    """Return the facts of a switch. Raises SourceError for a configuration that is cut off."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines or "return" not in (line.strip() for line in lines[-2:]):
        hint = "take display current-configuration again, with screen-length disable"
        raise SourceError("configuration", "has no last line 'return': it is cut off", hint)
    unread: list[str] = []
    vlans = [SwitchVlan(n) for line in lines for n in _vlans(line)]
    instances: list[SwitchInstance] = []
    interfaces: list[SwitchInterface] = []
    others: dict[str, tuple[str, ...]] = {}
    for head, body in _blocks(lines):
        if found := re.fullmatch(r"ip vpn-instance (\S+)", head):
            distinguisher = _said(body, r"route-distinguisher (\S+)")
            instances.append(SwitchInstance(found[1], distinguisher))
            others[found[1]] = _beside(body, ("route-distinguisher ",))
        elif found := _INTERFACE.fullmatch(head):
            interfaces.append(_interface(int(found[1]), body, unread))
            others[interfaces[-1].name] = _beside(body, ("ip binding ", "ip address "))
    said = (line.strip() for line in lines)
    routes = [_route(line, unread) for line in said if line.startswith("ip route-static ")]
    return SwitchFacts(
        _named(vlans),
        _named(instances),
        _named(interfaces),
        _named([route for route in routes if route]),
        unread=tuple(unread),
        others={name: said for name, said in others.items() if said},
    )


def _named[T: (SwitchVlan, SwitchInstance, SwitchInterface, SwitchRoute)](listed: list[T]) -> Mapping[str, T]:
    return {one.name: one for one in listed}


def _vlans(line: str) -> Iterator[int]:
    """Yield the VLANs of ``vlan 10``, ``vlan 2 to 9`` or ``vlan 2 4 to 9``."""
    if not re.fullmatch(r"vlan(?: \d{1,4}(?: to \d{1,4})?)+", line):
        return
    for low, high in re.findall(r"(\d+)(?: to (\d+))?", line):
        yield from range(int(low), min(int(high or low), 4094) + 1)


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each unindented line with the lines of its view."""
    head, body = "", list[str]()
    for line in [*lines, "#"]:
        if line.startswith(" "):
            body.append(line.strip())
        else:
            if head:
                yield head, body
            head, body = line, []


def _said(body: list[str], pattern: str) -> str:
    return next((found[1] for line in body if (found := re.fullmatch(pattern, line))), "")


def _beside(body: list[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a view beside those that are *known*, and descriptions."""
    return tuple(line for line in body if not line.startswith((*known, "description ")))


def _interface(vlan: int, body: list[str], unread: list[str]) -> SwitchInterface:
    instance = address = ""
    for line in body:
        if bound := _BOUND.fullmatch(line):
            instance = bound[1]
        elif own := _ADDRESS.fullmatch(line):
            address = _checked(own[1], own[2], line, unread)
        elif line.startswith("ip address"):
            unread.append(f"Vlan-interface{vlan}: {line}")
    return SwitchInterface(vlan, instance, address)


def _checked(address: str, mask: str, line: str, unread: list[str]) -> str:
    try:
        return str(ip_interface(f"{address}/{mask}"))
    except ValueError:
        unread.append(line)
        return ""


def _route(line: str, unread: list[str]) -> SwitchRoute | None:
    """Return a route by next hop; what follows the next hop (preference, tag, text) decides nothing here."""
    found = _ROUTE.fullmatch(line)
    try:
        if found:
            prefix = ip_network(f"{found['to']}/{found['mask']}")
            hop = str(ip_address(found["next_hop"]))
            return SwitchRoute(found["instance"] or "", str(prefix), found["other"] or "", hop)
    except ValueError:
        pass
    unread.append(line)
    return None
