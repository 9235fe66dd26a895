"""Lines that switches of both vendors print alike: static routes and addresses of VLAN interfaces."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_interface, ip_network

from nornir_itsm.model.switch import SwitchInstance, SwitchInterface, SwitchRoute, SwitchVlan

BOUND = re.compile(r"ip binding vpn-instance (\S+)")
ADDRESS = re.compile(r"ip address ([0-9.]+) ([0-9.]+)")
_ROUTE = re.compile(
    r"ip route-static (?:vpn-instance (?P<instance>\S+) )?(?P<to>\S+) (?P<mask>\S+) "
    r"(?:vpn-instance (?P<other>\S+) )?(?P<next_hop>[0-9.]+)(?! public)(?: .*)?"
)


def by_name[T: (SwitchVlan, SwitchInstance, SwitchInterface, SwitchRoute)](
    listed: Iterable[T],
) -> Mapping[str, T]:
    """Return things of one kind by their names."""
    return {one.name: one for one in listed}


def beside(body: Iterable[str], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines of a view beside those that begin like *known* ones, and descriptions."""
    return tuple(line for line in body if not line.startswith((*known, "description ")))


def interface(head: str, vlan: int, body: Iterable[str], unread: list[str]) -> SwitchInterface:
    """Return the interface of a VLAN from the lines of its view; further addresses of it are unread."""
    instance = address = ""
    for line in body:
        if bound := BOUND.fullmatch(line):
            instance = bound[1]
        elif own := ADDRESS.fullmatch(line):
            address = _checked(own[1], own[2], line, unread)
        elif line.startswith("ip address"):
            unread.append(f"{head.removeprefix('interface ')}: {line}")
    return SwitchInterface(vlan, instance, address)


def _checked(address: str, mask: str, line: str, unread: list[str]) -> str:
    try:
        return str(ip_interface(f"{address}/{mask}"))
    except ValueError:
        unread.append(line)
        return ""


def route(line: str, unread: list[str]) -> SwitchRoute | None:
    """Return a route by next hop; what follows the next hop (preference, tag, text) decides nothing here.

    Masks may be dotted or lengths. A route to an interface is unread, and one to a ``public`` next hop: it
    is looked up in another table.
    """
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
