"""What the device is configured to do: switching, objects and rules, apart from any command-line grammar."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nornir_itsm.lab.vrp.words import LineError

PREDEFINED_SERVICES = ("any", "http", "https", "ssh", "telnet")
"""Services that every firewall has; the few that the lab knows."""
IN_USE = "The {} is being used by {}."
"""Assumed wording."""


@dataclass(slots=True)
class Vlan:
    """A VLAN; ``lines``: name and description, as printed."""

    lines: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Instance:
    """A VPN instance."""

    distinguisher: str = ""
    description: str = ""


@dataclass(slots=True)
class Interface:
    """A Vlan-interface. ``address``: address and mask as printed; ``filters``: its packet filters."""

    instance: str = ""
    address: str = ""
    description: str = ""
    filters: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Route:
    """A static route; ``rest``: preference, tag and text, as printed."""

    instance: str
    prefix: str
    to: str
    hop: str
    rest: str = ""

    def said(self) -> str:
        """Return the line."""
        inside = f"vpn-instance {self.instance} " if self.instance else ""
        to = f"vpn-instance {self.to} " if self.to else ""
        return f"ip route-static {inside}{self.prefix} {to}{self.hop}{self.rest}"


@dataclass(slots=True)
class Group:
    """An object group: ``kind`` is ``ip address`` or ``service``; numbered members as printed."""

    name: str
    kind: str
    members: dict[int, str] = field(default_factory=dict)
    description: str = ""


@dataclass(slots=True)
class Rule:
    """A rule of the security policy. ``conditions``: as printed; ``settings``: first words -> the rest."""

    id: int
    name: str
    conditions: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Configuration:
    """The whole configuration; rules in the order in which they are matched.

    ``plain``: parts that are printed and have no commands here, each with its lines; zones are among them.
    """

    vlans: dict[int, Vlan] = field(default_factory=lambda: {1: Vlan()})
    instances: dict[str, Instance] = field(default_factory=dict)
    interfaces: dict[int, Interface] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    groups: dict[str, Group] = field(default_factory=dict)
    times: dict[str, list[str]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    plain: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of the zones."""
        mark = "security-zone name "
        return tuple(part[0].removeprefix(mark) for part in self.plain if part[0].startswith(mark))

    def group(self, name: str) -> Group | None:
        """Return the object group of that name, in whatever case it is typed."""
        return next((one for one in self.groups.values() if same(one.name, name)), None)

    def rule(self, name: str) -> Rule | None:
        """Return the rule of that name."""
        return next((rule for rule in self.rules if same(rule.name, name)), None)

    def numbered(self, number: int) -> Rule:
        """Return the rule with that number. Raises LineError."""
        found = next((rule for rule in self.rules if rule.id == number), None)
        if found is None:
            raise LineError("The specified rule does not exist.")
        return found

    def demand_unbound(self, instance: str) -> None:
        """Raise LineError where something lies in a VPN instance (assumed: it must be empty)."""
        users = [f"Vlan-interface{n}" for n, one in self.interfaces.items() if same(one.instance, instance)]
        users += [r.said() for r in self.routes if same(r.instance, instance) or same(r.to, instance)]
        for user in users:
            raise LineError(IN_USE.format("VPN instance", user))

    def users_of(self, group: Group) -> Iterator[str]:
        """Yield who names an object group."""
        words = ("service",) if group.kind == "service" else ("source-ip", "destination-ip")
        for rule in self.rules:
            inside = [said for said in rule.conditions if said.split(" ", 1)[0] in words]
            if any(same(named(said), group.name) for said in inside):
                yield f"rule {rule.name}"
        for one in self.groups.values():
            inside = [said for said in one.members.values() if " group-object " in said]
            if one.kind == group.kind and any(same(named(said, 2), group.name) for said in inside):
                yield f"object group {one.name}"


def same(one: str, other: str) -> bool:
    """Say whether two names are one: upper and lower case do not tell them apart."""
    return one.casefold() == other.casefold()


def named(said: str, words: int = 1) -> str:
    """Return the name behind the first words of a line."""
    return said.split(" ", words)[words].strip('"')


def state_of(config: Configuration) -> dict[str, object]:
    """Return what the configuration does as plain comparable values: only rules have an order."""
    return {
        "vlans": {number: dict(one.lines) for number, one in sorted(config.vlans.items())},
        "instances": {n: (one.distinguisher, one.description) for n, one in config.instances.items()},
        "interfaces": {
            n: (one.instance, one.address, one.description, *one.filters)
            for n, one in sorted(config.interfaces.items())
        },
        "routes": sorted(route.said() for route in config.routes),
        "groups": {n: (g.kind, sorted(g.members.values()), g.description) for n, g in config.groups.items()},
        "times": {name: sorted(lines) for name, lines in config.times.items()},
        "rules": [
            {"name": r.name, "conditions": sorted(r.conditions), "settings": dict(sorted(r.settings.items()))}
            for r in config.rules
        ],
        "plain": list(config.plain),
    }
