"""What a switch is configured to do: VLANs, VPN instances, VLAN interfaces, static routes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_interface, ip_network

from nornir_itsm.lab.vrp.words import LineError

MISSING_INSTANCE = "The VPN instance does not exist."
"""Assumed wording, as all that no comment gives a source for."""


@dataclass(slots=True)
class Instance:
    """A VPN instance. It is of use once its IPv4 address family is there (manual of ``ipv4-family``)."""

    name: str
    ipv4: bool = False
    distinguisher: str = ""
    description: str = ""


@dataclass(slots=True)
class Vlanif:
    """The layer-3 interface of a VLAN; ``address`` with its length."""

    vlan: int
    instance: str = ""
    address: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A static route. ``instance`` and ``to`` are empty for the global table and for the same one."""

    instance: str
    prefix: str
    to: str
    next_hop: str


@dataclass(slots=True)
class SwitchConfiguration:
    """The whole configuration. ``vlans``: number -> description. ``plain``: parts that are only printed."""

    vlans: dict[int, str] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    interfaces: dict[int, Vlanif] = field(default_factory=dict)
    routes: dict[Route, str] = field(default_factory=dict)
    """Route -> what follows the next hop."""
    plain: list[tuple[str, ...]] = field(default_factory=list)

    def instance(self, name: str) -> Instance:
        """Return the instance of that name. Raises LineError."""
        found = self.instances.get(name)
        if found is None:
            raise LineError(MISSING_INSTANCE)
        return found

    def drop_instance(self, name: str) -> None:
        """Remove an instance and what hangs on it: addresses of bound interfaces, and routes (manual)."""
        del self.instances[name]
        for one in self.interfaces.values():
            if one.instance == name:
                one.instance = one.address = ""
        self.routes = {r: said for r, said in self.routes.items() if name not in (r.instance, r.to)}

    def overlaps(self) -> Iterator[str]:
        """Yield what is wrong with addresses: two interfaces of one instance with overlapping networks."""
        held = [one for one in self.interfaces.values() if one.address]
        for at, one in enumerate(held):
            for other in held[:at]:
                nets = [ip_interface(x.address).network for x in (one, other)]
                if one.instance == other.instance and nets[0].overlaps(nets[1]):
                    yield f"The IP address of Vlanif{one.vlan} conflicts with that of Vlanif{other.vlan}."


def state_of(config: SwitchConfiguration) -> dict[str, object]:
    """Return what the configuration does as plain comparable values."""
    return {
        "vlans": dict(config.vlans),
        "instances": {i.name: (i.ipv4, i.distinguisher, i.description) for i in config.instances.values()},
        "interfaces": {i.vlan: (i.instance, i.address, i.description) for i in config.interfaces.values()},
        "routes": {str(route): said for route, said in config.routes.items()},
        "plain": list(config.plain),
    }


def running(config: SwitchConfiguration, hostname: str, version: str) -> str:
    """Return what ``display current-configuration`` prints, without a trailing newline.

    Layout (public sample configurations): parts between lines ``#``; VLANs together in lines ``vlan batch``
    with neighbours as ranges, ten items a line, and apart again where they say more; masks dotted.
    """
    parts = [[f"sysname {hostname}"], _batches(config), *map(list, config.plain)]
    parts += [[f"vlan {n}", f" description {text}"] for n, text in sorted(config.vlans.items()) if text]
    parts += [_instance(one) for one in config.instances.values()]
    parts += [_interface(one) for _, one in sorted(config.interfaces.items())]
    parts.append([f"{said_route(route)} {said}".rstrip() for route, said in config.routes.items()])
    body = ["#", *(line for part in parts if part for line in (*part, "#")), "return"]
    return "\n".join([f"!Software Version {version}", *body])


def said_route(route: Route) -> str:
    """Return the line of a route."""
    inside, to = (f"vpn-instance {name} " if name else "" for name in (route.instance, route.to))
    network = ip_network(route.prefix)
    return f"ip route-static {inside}{network.network_address} {network.netmask} {to}{route.next_hop}"


def _batches(config: SwitchConfiguration) -> list[str]:
    groups: list[list[int]] = []
    for number in sorted(config.vlans):
        if groups and groups[-1][1] == number - 1:
            groups[-1][1] = number
        else:
            groups.append([number, number])
    items = [_range(low, high) for low, high in groups]
    return [f"vlan batch {' '.join(items[at : at + 10])}" for at in range(0, len(items), 10)]


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"


def _instance(one: Instance) -> list[str]:
    distinguisher = [f"  route-distinguisher {one.distinguisher}"] if one.distinguisher else []
    family = [" ipv4-family", *distinguisher] if one.ipv4 else []
    text = [f" description {one.description}"] if one.description else []
    return [f"ip vpn-instance {one.name}", *text, *family]


def _interface(one: Vlanif) -> list[str]:
    lines = [f"interface Vlanif{one.vlan}"]
    if one.description:
        lines.append(f" description {one.description}")
    if one.instance:
        lines.append(f" ip binding vpn-instance {one.instance}")
    if one.address:
        own = ip_interface(one.address)
        lines.append(f" ip address {own.ip} {own.netmask}")
    return lines
