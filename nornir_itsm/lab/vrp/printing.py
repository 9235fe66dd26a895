"""The configuration as the firewall prints it.

Layout (public sample configurations of V500R001 to R005): parts between lines ``#``, one blank of indentation
per view, time ranges indented as a whole; names with blanks quoted; ``return`` at the end.
"""

from collections.abc import Iterator

from nornir_itsm.lab.vrp.configuration import (
    Condition,
    Configuration,
    Members,
    Rule,
    Server,
    TimeRange,
    quoted,
)

VERSION = "V500R005C20SPC500"


def running(config: Configuration, hostname: str = "FW") -> str:
    """Return what ``display current-configuration`` prints, without a trailing newline.

    A virtual system has neither the version nor the name of the box (assumed).
    """
    return "\n".join([*([f"!Software Version {VERSION}"] if hostname else []), *body(config, hostname)])


def body(config: Configuration, hostname: str) -> list[str]:
    """Return the configuration lines alone: what is saved and loaded again."""
    parts: list[list[str]] = [[f"sysname {hostname}"]] if hostname else []
    parts += [list(part) for part in config.plain]
    parts += [members_lines("address", one) for one in config.addresses.values()]
    parts += [members_lines("service", one) for one in config.services.values()]
    parts += [time_lines(one) for one in config.times.values()]
    parts += [
        [f"nat address-group {quoted(name)}", *(f" {line}" for line in lines)]
        for name, lines in config.pools.items()
    ]
    parts += [[server_line(server)] for server in config.servers.values()]
    parts += [["security-policy", *(f" {line}" for rule in config.rules for line in rule_lines(rule))]]
    parts += [["nat-policy", *(f" {line}" for rule in config.nat_rules for line in rule_lines(rule))]]
    return ["#", *(line for part in parts for line in (*part, "#")), "return"]


def members_lines(word: str, one: Members) -> list[str]:
    """Return one address set or service set."""
    lines = [f"{word} {number} {_said(words)}" for number, words in sorted(one.lines.items())]
    head = f"ip {word}-set {quoted(one.name)} type {one.kind}"
    return [head, *(f" {line}" for line in (*_text(one.description), *lines))]


def time_lines(one: TimeRange) -> list[str]:
    """Return one time range."""
    lines = (*_text(one.description), *one.lines)
    return [f" time-range {quoted(one.name)}", *(f"  {line}" for line in lines)]


def server_line(server: Server) -> str:
    """Return one ``nat server``."""
    zone = f"zone {quoted(server.zone)}" if server.zone else ""
    protocol = f"protocol {server.protocol}" if server.protocol else ""
    ends = ("global", *server.outer, "inside", *server.inner)
    said = ("nat server", quoted(server.name), zone, protocol, *ends, *server.options)
    return " ".join(filter(None, said))


def rule_lines(rule: Rule) -> list[str]:
    """Return one rule."""
    return [f"rule name {quoted(rule.name)}", *(f" {line}" for line in _rule(rule))]


def _rule(rule: Rule) -> Iterator[str]:
    yield from _text(rule.description)
    if rule.disabled:
        yield "disable"
    yield from (f"{kind} logging" for kind in sorted(rule.logging))
    for side, zones in rule.zones.items():
        yield from (f"{side}-zone {quoted(zone)}" for zone in zones)
    for side, listed in rule.addresses.items():
        yield from (f"{side}-address {_said(words)}" for words in listed)
    yield from (f"service {_said(words)}" for words in rule.services)
    if rule.time_range:
        yield f"time-range {quoted(rule.time_range)}"
    yield from (f"profile {kind} {quoted(name)}" for kind, name in sorted(rule.profiles.items()))
    if rule.action:
        yield f"action {rule.action}"


def _said(words: Condition) -> str:
    return " ".join(map(quoted, words))


def _text(description: str) -> list[str]:
    return [f"description {description}"] if description else []
