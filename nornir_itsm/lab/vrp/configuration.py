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


@dataclass(slots=True)
class Configuration:
    """The whole configuration; rules in the order in which they are matched.

    ``plain``: parts that are printed and have no commands here, each with its lines; zones are among them.
    """

    addresses: dict[str, Members] = field(default_factory=dict)
    services: dict[str, Members] = field(default_factory=dict)
    times: dict[str, TimeRange] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    plain: list[tuple[str, ...]] = field(default_factory=lambda: list(FACTORY))

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of the zones."""
        heads = (part[0].partition(" id ")[0] for part in self.plain if part[0].startswith(ZONE))
        return tuple(head.split()[-1].strip('"') for head in heads)

    def rule(self, name: str) -> Rule:
        """Return the rule of that name. Raises LineError."""
        found = next((rule for rule in self.rules if rule.name == name), None)
        if found is None:
            raise LineError("The specified rule does not exist yet.")
        return found

    def users_of(self, kind: str, name: str) -> Iterable[str]:
        """Yield who refers to an ``address-set``, ``service-set`` or ``time-range`` of that name."""
        for rule in self.rules:
            sides = [one for listed in rule.addresses.values() for one in listed]
            used = {
                "address-set": ("address-set", name) in sides,
                "service-set": (name,) in rule.services,
                "time-range": rule.time_range == name,
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
