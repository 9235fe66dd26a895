"""Intents as lines of a Comware 7 device, and what a person types to see whether they are needed.

Sources: HPE FlexFabric 5700 network management guide (``ip route-static vpn-instance S DEST LENGTH
vpn-instance D NEXTHOP``), H3C S7500E and S9500 MPLS L3VPN command manuals (``ip vpn-instance``,
``route-distinguisher``, ``ip binding vpn-instance``). Binding an instance clears the interface's address.
Assumed: ``undo`` mirrors every positive form; a route is removed with its next hop, or all of its next
hops go; a release that wants a route distinguisher before an instance works gets one from the site.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_interface, ip_network

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.intent import (
    AddressSet,
    Intent,
    Interface,
    Schedule,
    SecurityRule,
    ServiceSet,
    StaticRoute,
    Vlan,
    VpnInstance,
    name_of,
)
from nornir_itsm.model.switch import SwitchFacts, SwitchRoute
from nornir_itsm.stages.render import comware_firewall
from nornir_itsm.stages.render.cli import Language
from nornir_itsm.stages.render.cli import lines as lines_in

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,30}")
"""One word of 1-31 characters, the length of a VPN instance's name; what is outside is not sent."""


def lines(intents: Sequence[Intent], templates: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines for these intents, as typed in system view."""
    return lines_in(intents, templates, LANGUAGE)


def demand_own_names(intents: Sequence[Intent], held: PointFacts) -> None:
    """Raise ChangeError where a name differs from one on the device in upper and lower case only.

    To the device both are one: what is meant to be new would be added to what is there.
    """
    names: set[str] = set()
    if isinstance(held, FirewallFacts):
        objects = {**held.addresses, **held.services, **held.groups, **held.schedules}
        names = {*objects, *(rule.name for rule in held.rules)}
    elif isinstance(held, SwitchFacts):
        names = {*held.instances}
    there = {name.casefold(): name for name in names}
    for intent in intents:
        own = name_of(intent)
        if there.get(own.casefold(), own) != own and own not in names:
            problem = f"{there[own.casefold()]!r} is there: the device takes both for one name"
            raise ChangeError(f"{intent.point} {own!r}", problem, "choose another name, or rename that one")


def display(intent: Intent) -> str:
    """Return what shows whether an intent's object is there; empty where nothing does."""
    match intent:
        case Vlan():
            return f"display vlan {number(intent.entry.id)}"
        case VpnInstance():
            return f"display ip vpn-instance instance-name {word(intent.entry.name)}"
        case Interface():
            return f"display current-configuration interface Vlan-interface{number(intent.entry.vlan)}"
        case StaticRoute():
            return f"display current-configuration | include {_network(intent.entry.prefix)[0]}"
        case _:
            return ""


def word(text: str) -> str:
    """Say a name. Raises ChangeError for what is not one plain word."""
    if not _WORD.fullmatch(text):
        raise ChangeError(f"name {text!r}", "no name of a switch", "1-31 letters, digits and _ . : -")
    return text


def number(vlan: int) -> str:
    """Say a VLAN. Raises ChangeError where there is no such VLAN."""
    if not 1 <= vlan <= 4094:
        raise ChangeError(f"VLAN {vlan}", "there is no such VLAN", "1-4094")
    return str(vlan)


def address_and_mask(text: str) -> str:
    """Say ``10.70.63.139/29`` as ``10.70.63.139 255.255.255.248``."""
    try:
        own = ip_interface(text)
    except ValueError:
        raise ChangeError(f"address {text!r}", "no interface address", "write 10.0.0.1/29") from None
    return f"{own.ip} {own.netmask}"


def route(one: SwitchRoute) -> str:
    """Say a static route behind ``ip route-static``; Comware prints the length of a prefix."""
    inside = f"vpn-instance {word(one.instance)} " if one.instance else ""
    to = f"vpn-instance {word(one.to)} " if one.to else ""
    network, length = _network(one.prefix)
    return f"{inside}{network} {length} {to}{_next_hop(one.next_hop)}"


def _next_hop(text: str) -> str:
    try:
        return str(ip_interface(text).ip)
    except ValueError:
        raise ChangeError(f"next hop {text!r}", "no address", "write 10.0.0.1") from None


def _network(prefix: str) -> tuple[str, int]:
    try:
        found = ip_network(prefix)
    except ValueError:
        raise ChangeError(f"prefix {prefix!r}", "no prefix", "write 10.0.0.0/24") from None
    return str(found.network_address), found.prefixlen


LANGUAGE = Language(
    "hp_comware",
    {
        Vlan: "vlan.j2",
        VpnInstance: "vpn_instance.j2",
        Interface: "interface.j2",
        StaticRoute: "static_route.j2",
        AddressSet: "address_set.j2",
        ServiceSet: "service_set.j2",
        Schedule: "schedule.j2",
        SecurityRule: "security_rule.j2",
    },
    {
        "word": word,
        "number": number,
        "address_and_mask": address_and_mask,
        "route": route,
        **comware_firewall.FILTERS,
    },
)
