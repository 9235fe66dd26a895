"""Intents as lines of a Huawei switch (S series, CE), and what a person types to see whether they are needed.

Sources: public samples (``ip route-static vpn-instance A DEST MASK vpn-instance B NEXTHOP`` in two), the
manual of ``ipv4-family`` (an instance has none by itself). Binding an instance clears the interface's
address. A route is removed with its next hop, or all of its next hops would go (inferred). Names, numbers and
prefixes are said as to a Comware switch; VRP takes the length of a prefix, and prints its mask.
"""

from collections.abc import Callable, Mapping
from ipaddress import ip_network

from nornir_itsm.model.intent import Intent, Interface, StaticRoute, Vlan, VpnInstance
from nornir_itsm.stages.render.comware import address_and_mask, number, route, word

FILES: Mapping[type, str] = {
    Vlan: "vlan.j2",
    VpnInstance: "vpn_instance.j2",
    Interface: "interface.j2",
    StaticRoute: "static_route.j2",
}
FILTERS: Mapping[str, Callable[..., object]] = {
    "word": word,
    "number": number,
    "address_and_mask": address_and_mask,
    "route": route,
}


def display(intent: Intent) -> str:
    """Return what shows whether an intent's object is there; empty where nothing does."""
    match intent:
        case Vlan():
            return f"display vlan {number(intent.entry.id)}"
        case VpnInstance():
            return f"display ip vpn-instance {word(intent.entry.name)}"
        case Interface():
            return f"display current-configuration interface Vlanif{number(intent.entry.vlan)}"
        case StaticRoute():
            return (
                f"display current-configuration | include {ip_network(intent.entry.prefix).network_address}"
            )
        case _:
            return ""
