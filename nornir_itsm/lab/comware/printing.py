"""The configuration as the device prints it: parts between lines ``#``, one blank of indentation per view,
single lines indented as a whole, ``return`` at the end (public samples).
"""

from collections.abc import Iterator

from nornir_itsm.lab.comware.configuration import Configuration, Group, Instance, Interface, Rule
from nornir_itsm.lab.vrp.configuration import quoted

VERSION = " version 7.1.064, Release 9660P31"
_FIRST = ("description", "disable", "action", "time-range", "profile", "logging", "counting")


def running(config: Configuration, hostname: str = "SW") -> str:
    """Return what ``display current-configuration`` prints, without a trailing newline."""
    parts: list[list[str]] = [[VERSION], [f" sysname {hostname}"]]
    parts += [list(part) for part in config.plain]
    parts += [_instance(name, one) for name, one in config.instances.items()]
    parts += list(_vlans(config))
    parts += [_interface(number, one) for number, one in sorted(config.interfaces.items())]
    routes = [f" {route.said()}" for route in config.routes]
    parts += [routes] if routes else []
    times = [f" time-range {quoted(n)} {said}" for n, lines in config.times.items() for said in lines]
    parts += [times] if times else []
    parts += [_group(one) for one in config.groups.values()]
    if config.rules:
        parts += [["security-policy ip", *(line for rule in config.rules for line in _rule(rule))]]
    return "\n".join(["#", *(line for part in parts for line in (*part, "#")), "return"])


def _instance(name: str, one: Instance) -> list[str]:
    said = {"description": one.description, "route-distinguisher": one.distinguisher}
    return [f"ip vpn-instance {name}", *_below(said)]


def _vlans(config: Configuration) -> Iterator[list[str]]:
    """Yield each VLAN; neighbours that say nothing else share a line ``vlan 2 to 9``."""
    plain: list[int] = []
    for number, one in [*sorted(config.vlans.items()), (0, None)]:
        if plain and (one is None or one.lines or number != plain[-1] + 1):
            low, high = plain[0], plain[-1]
            yield [f"vlan {low}" if low == high else f"vlan {low} to {high}"]
            plain = []
        if one is not None and one.lines:
            yield [f"vlan {number}", *_below(one.lines)]
        elif one is not None:
            plain.append(number)


def _interface(number: int, one: Interface) -> list[str]:
    said = {
        "description": one.description,
        "ip binding vpn-instance": one.instance,
        "ip address": one.address,
    }
    return [f"interface Vlan-interface{number}", *_below(said), *(f" {line}" for line in one.filters)]


def _group(one: Group) -> list[str]:
    members = [f" {number} {said}" for number, said in sorted(one.members.items())]
    head = f"object-group {one.kind} {quoted(one.name)}"
    return [head, *_below({"description": one.description}), *members]


def _rule(rule: Rule) -> Iterator[str]:
    yield f" rule {rule.id} name {quoted(rule.name)}"
    for word in _FIRST:
        if word in rule.settings:
            yield f"  {word} {rule.settings[word]}".rstrip()
    yield from (f"  {said}" for said in rule.conditions)


def _below(said: dict[str, str]) -> list[str]:
    return [f" {word} {text}" for word, text in said.items() if text]
