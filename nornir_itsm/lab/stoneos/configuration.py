"""What the firewall is configured to do: objects and rules, apart from any command-line grammar."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from nornir_itsm.lab.stoneos.words import LineError

ANY, ANY_V6 = "Any", "IPv6-any"
FACTORY_ZONES = ("trust", "untrust", "dmz", "l2-trust", "l2-untrust", "l2-dmz", "VPNHub", "HA")
"""Zones every box has (StoneOS CLI manual 5.5R12)."""

Member = tuple[str, str]
"""(kind, value): ip, range, host or member; in a rule ip, range, host or addr."""

Side = Literal["src", "dst"]


@dataclass(slots=True)
class Address:
    """An address book entry."""

    name: str
    members: list[Member] = field(default_factory=list)
    ipv6: bool = False
    predefined: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One line of a service.

    ``numbers``: tcp, udp: destination low, high, source low, high; icmp: type (-1 any) and, where given, code
    low, high; protocol: its number.
    """

    kind: str
    numbers: tuple[int, ...]


@dataclass(slots=True)
class Service:
    """A service book entry."""

    name: str
    entries: list[Entry] = field(default_factory=list)
    description: str = ""
    predefined: bool = False


@dataclass(slots=True)
class Group:
    """A service group: names of services and of other groups."""

    name: str
    members: list[str] = field(default_factory=list)
    description: str = ""
    predefined: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Periodic:
    """A weekly span: on each of ``days`` (week order), or from the only day to day ``until``."""

    days: tuple[str, ...]
    start: str
    end: str
    until: str = ""


@dataclass(slots=True)
class Schedule:
    """A schedule: the union of its periodic spans, bounded by ``absolute`` (start, end; ISO or empty)."""

    name: str
    periodic: list[Periodic] = field(default_factory=list)
    absolute: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Rule:
    """A policy rule. A new rule denies until it is told otherwise (assumed: the manual names no default)."""

    id: int
    name: str = ""
    action: str = "deny"
    zones: dict[Side, str] = field(default_factory=dict)
    sides: dict[Side, list[Member]] = field(default_factory=lambda: {"src": [], "dst": []})
    services: list[str] = field(default_factory=list)
    schedules: list[str] = field(default_factory=list)
    logs: set[str] = field(default_factory=set)
    profiles: dict[str, str] = field(default_factory=dict)
    description: str = ""
    enabled: bool = True


NatKind = Literal["snatrule", "dnatrule"]


@dataclass(frozen=True, slots=True)
class NatRule:
    """A translation; without ``target`` it exempts (``no-trans``). ``zones`` by their keywords."""

    id: int
    zones: dict[str, str]
    source: Member
    to: Member
    service: str
    leaves: str = ""
    target: Member | None = None
    mode: str = ""
    port: int = 0
    log: bool = False
    enabled: bool = True
    description: str = ""
    schedule: str = ""

    @property
    def books(self) -> tuple[str, ...]:
        """The address entries that it names."""
        sides = (self.source, self.to, self.target or ("", ""))
        return tuple(value for kind, value in sides if kind == "addr")


@dataclass(slots=True)
class Configuration:
    """The whole configuration; rules in the order in which they are matched."""

    zones: list[str] = field(default_factory=lambda: list(FACTORY_ZONES))
    addresses: dict[str, Address] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    nat: dict[NatKind, list[NatRule]] = field(default_factory=lambda: {"snatrule": [], "dnatrule": []})

    def factory(self) -> "Configuration":
        """Return an empty configuration with the same predefined objects."""
        return Configuration(
            addresses={n: a for n, a in self.addresses.items() if a.predefined},
            services={n: s for n, s in self.services.items() if s.predefined},
            groups={n: g for n, g in self.groups.items() if g.predefined},
        )

    def rule(self, rule_id: int) -> Rule:
        """Return the rule of that id. Raises LineError."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise LineError(f"Rule {rule_id} is not found in this context")

    def rule_named(self, name: str) -> Rule:
        """Return the rule of that name. Raises LineError."""
        for rule in self.rules:
            if name and rule.name == name:
                return rule
        raise LineError(f"Rule {name} is not found in this context")

    def free_id(self) -> int:
        """Return the id for a new rule: one above the highest (assumed)."""
        return max((rule.id for rule in self.rules), default=0) + 1

    def address(self, name: str) -> Address:
        """Return the address entry of that name; ``any`` is ``Any``. Raises LineError."""
        found = self.addresses.get(_any(name))
        if found is None:
            raise LineError(f"Address {name} is not found")
        return found

    def service_name(self, name: str) -> str:
        """Return the name of that service or group as it is written. Raises LineError."""
        if _any(name) not in self.services and name not in self.groups:
            raise LineError("Failed to find this service")
        return _any(name)

    def groups_within(self, name: str) -> Iterator[str]:
        """Yield the group *name* and every group below it."""
        if group := self.groups.get(name):
            yield name
            for member in group.members:
                yield from self.groups_within(member)


def _any(name: str) -> str:
    return ANY if name.lower() == "any" else name


def demand_unused_address(config: Configuration, name: str) -> None:
    """Raise LineError where a rule or another entry refers to address *name*."""
    for rule in config.rules:
        if any(("addr", name) in members for members in rule.sides.values()):
            raise LineError(f'This address entry is used by policy "{rule.id}" and cannot be deleted')
    for kind, nat in _translations(config):
        if name in nat.books:
            # assumed wording, as that of rules
            raise LineError(f'This address entry is used by {kind} "{nat.id}" and cannot be deleted')
    for book in config.addresses.values():
        if ("member", name) in book.members:
            # assumed: the manual's wording for nested entries is not in the sources
            raise LineError(f'This address entry is used by address "{book.name}" and cannot be deleted')


def demand_unused_service(config: Configuration, name: str) -> None:
    """Raise LineError where a rule or a group refers to service or group *name*."""
    for rule in config.rules:
        if name in rule.services:
            raise LineError(f"Service entity {name} is used by Policy rule id {rule.id}")
    for kind, nat in _translations(config):
        if name == nat.service:
            raise LineError(f"Service entity {name} is used by {kind} id {nat.id}")  # assumed wording
    for group in config.groups.values():
        if name in group.members:
            raise LineError(f"Service entity {name} is used by service group {group.name}")  # assumed wording


def demand_unused_schedule(config: Configuration, name: str) -> None:
    """Raise LineError where a rule refers to schedule *name*."""
    for rule in config.rules:
        if name in rule.schedules:
            raise LineError(f"Schedule {name} is in use by Policy id {rule.id}")
    for kind, nat in _translations(config):
        if name == nat.schedule:
            raise LineError(f"Schedule {name} is in use by {kind} id {nat.id}")  # assumed wording


def _translations(config: Configuration) -> Iterator[tuple[NatKind, NatRule]]:
    for kind, rules in config.nat.items():
        yield from ((kind, rule) for rule in rules)


def state_of(config: Configuration) -> dict[str, object]:
    """Return what the configuration does as plain comparable values; only rules have an order.

    Ids stay out, but for those of translations, which have no other name.
    """
    return {
        "zones": sorted(config.zones),
        "addresses": {
            a.name: {"ipv6": a.ipv6, "members": sorted(a.members)}
            for a in config.addresses.values()
            if not a.predefined
        },
        "services": {
            s.name: {"entries": sorted(s.entries), "description": s.description}
            for s in config.services.values()
            if not s.predefined
        },
        "groups": {
            g.name: {"members": sorted(g.members), "description": g.description}
            for g in config.groups.values()
            if not g.predefined
        },
        "schedules": {
            s.name: {"periodic": sorted(s.periodic), "absolute": s.absolute}
            for s in config.schedules.values()
        },
        "rules": [_rule_state(rule) for rule in config.rules],
        **{kind: list(rules) for kind, rules in config.nat.items()},
    }


def _rule_state(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        "action": rule.action,
        "enabled": rule.enabled,
        "source zone": _zone(rule, "src"),
        "destination zone": _zone(rule, "dst"),
        "source": sorted(rule.sides["src"]),
        "destination": sorted(rule.sides["dst"]),
        "services": sorted(rule.services),
        "schedules": sorted(rule.schedules),
        "logs": sorted(rule.logs),
        "profiles": dict(sorted(rule.profiles.items())),
        "description": rule.description,
    }


def _zone(rule: Rule, side: Side) -> str:
    """No zone and zone Any are the same."""
    return "" if rule.zones.get(side, ANY) == ANY else rule.zones[side]
