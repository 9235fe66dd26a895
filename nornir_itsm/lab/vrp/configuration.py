"""What the firewall is configured to do: objects and rules, apart from any command-line grammar."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from nornir_itsm.lab.vrp.words import LineError

Kind = Literal["object", "group"]
ZONE = "firewall zone "
FACTORY = tuple(
    (f"{ZONE}{zone}", f" set priority {priority}")
    for zone, priority in (("local", 100), ("trust", 85), ("untrust", 5), ("dmz", 50))
)
"""Zones every box has, with their priorities."""
PREDEFINED_SERVICES = ("any", "tcp", "udp", "icmp", "icmpv6", "sctp", "http", "https", "ssh", "telnet")
"""Services every box has; the few that the lab knows."""

Condition = tuple[str, ...]
"""A condition of a rule, word by word: ``("address-set", NAME)``, ``("10.1.1.0", "mask", "255.255.255.0")``,
``("range", A, B)``; of services ``(NAME,)`` or ``("protocol", "tcp", ...)``."""


def quoted(name: str) -> str:
    """Return a name as it is printed: one with a blank stands in quotes."""
    return f'"{name}"' if " " in name else name


@dataclass(slots=True)
class Members:
    """An address set or a service set: numbered lines, word by word, or names of sets where it is a group."""

    name: str
    kind: Kind
    lines: dict[int, Condition] = field(default_factory=dict)
    description: str = ""

    def free(self) -> int:
        """Return the lowest number that no line has."""
        return next(n for n in range(len(self.lines) + 1) if n not in self.lines)


@dataclass(slots=True)
class TimeRange:
    """A time range: its lines as printed, ``period-range ...`` and ``absolute-range ...``."""

    name: str
    lines: list[str] = field(default_factory=list)
    description: str = ""


@dataclass(slots=True)
class Rule:
    """A rule of the security policy; without a condition a side is anything."""

    name: str
    action: str = ""
    disabled: bool = False
    zones: dict[str, list[str]] = field(default_factory=lambda: {"source": [], "destination": []})
    addresses: dict[str, list[Condition]] = field(default_factory=lambda: {"source": [], "destination": []})
    services: list[Condition] = field(default_factory=list)
    time_range: str = ""
    profiles: dict[str, str] = field(default_factory=dict)
    logging: set[str] = field(default_factory=set)
    """Of ``policy`` and ``session``."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """A ``nat server``: what arrives for *outer* goes to *inner*, each an address with its ports."""

    name: str
    zone: str
    protocol: str
    outer: tuple[str, ...]
    inner: tuple[str, ...]
    options: tuple[str, ...] = ()
    """``no-reverse``, ``unr-route``, ``description ...``."""

    @property
    def ports(self) -> tuple[int, int]:
        """The ports that arrive."""
        return (int(self.outer[1]), int(self.outer[-1])) if len(self.outer) > 1 else (0, 65535)


@dataclass(slots=True)
class Configuration:
    """The whole configuration; rules in the order in which they are matched.

    ``plain``: parts that are printed and have no commands here, each with its lines; zones are among them.
    """

    addresses: dict[str, Members] = field(default_factory=dict)
    services: dict[str, Members] = field(default_factory=dict)
    times: dict[str, TimeRange] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    pools: dict[str, list[str]] = field(default_factory=dict)
    """Lines of each ``nat address-group``."""
    servers: dict[str, Server] = field(default_factory=dict)
    nat_rules: list[Rule] = field(default_factory=list)
    plain: list[tuple[str, ...]] = field(default_factory=lambda: list(FACTORY))

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of the zones."""
        heads = (part[0].partition(" id ")[0] for part in self.plain if part[0].startswith(ZONE))
        return tuple(head.split()[-1].strip('"') for head in heads)

    def rule(self, name: str, *, nat: bool = False) -> Rule:
        """Return the rule of that name, of the security policy or the ``nat-policy``. Raises LineError."""
        found = next((rule for rule in (self.nat_rules if nat else self.rules) if rule.name == name), None)
        if found is None:
            raise LineError("The specified rule does not exist yet.")
        return found

    def users_of(self, kind: str, name: str) -> Iterable[str]:
        """Yield who refers to an ``address-set``, ``service-set``, ``time-range`` or ``address-group``."""
        for rule in (*self.rules, *self.nat_rules):
            sides = [one for listed in rule.addresses.values() for one in listed]
            used = {
                "address-set": ("address-set", name) in sides,
                "service-set": (name,) in rule.services,
                "time-range": rule.time_range == name,
                "address-group": rule.action == f"source-nat address-group {quoted(name)}",
            }
            if used[kind]:
                yield f"rule {rule.name}"
        sets = {"address-set": self.addresses, "service-set": self.services}.get(kind, {})
        for one in sets.values():
            if (kind, name) in one.lines.values():
                yield f"{kind} {one.name}"


def state_of(config: Configuration) -> dict[str, object]:
    """Return what the configuration does as plain comparable values: only rules have an order."""
    sets = {"addresses": config.addresses, "services": config.services}
    return {
        **{
            key: {
                one.name: {"kind": one.kind, "lines": sorted(one.lines.values()), "said": one.description}
                for one in held.values()
            }
            for key, held in sets.items()
        },
        "times": {
            one.name: {"lines": sorted(one.lines), "said": one.description} for one in config.times.values()
        },
        "rules": [_rule_state(rule) for rule in config.rules],
        "pools": {name: sorted(lines) for name, lines in config.pools.items()},
        "servers": dict(config.servers),
        "nat rules": [_rule_state(rule) for rule in config.nat_rules],
        "plain": list(config.plain),
    }


def _rule_state(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        "action": rule.action,
        "disabled": rule.disabled,
        "zones": {side: sorted(zones) for side, zones in rule.zones.items()},
        "addresses": {side: sorted(listed) for side, listed in rule.addresses.items()},
        "services": sorted(rule.services),
        "time range": rule.time_range,
        "profiles": dict(sorted(rule.profiles.items())),
        "logging": sorted(rule.logging),
        "description": rule.description,
    }
