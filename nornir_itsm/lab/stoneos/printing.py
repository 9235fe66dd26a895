"""The configuration as the firewall prints it.

Layout: objects declared early and empty, then again with their members; two blanks of indentation; blocks
close with ``exit``; names quoted, literals not; rules at top level; ``End`` (observed in public samples).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from nornir_itsm.lab.stoneos.configuration import (
    Address,
    Configuration,
    Entry,
    Group,
    Member,
    NatKind,
    NatRule,
    Periodic,
    Rule,
    Schedule,
    Service,
    Side,
)
from nornir_itsm.lab.stoneos.grammar import Frame
from nornir_itsm.lab.stoneos.schedules import WEEK

VERSION = "5.5R10"
_SIDES: tuple[Side, ...] = ("src", "dst")
_QUOTED = ("host", "member", "addr")


def running(config: Configuration) -> str:
    """Return what ``show configuration`` prints, without a trailing newline."""
    return "\n".join(["Building configuration..", "Running configuration:", *body(config), "End"])


def startup(saved: str) -> str:
    """Return what ``show configuration startup`` prints of the lines *saved* (header assumed)."""
    return "\n".join(["Building configuration..", "Startup configuration:", saved, "End"])


def body(config: Configuration) -> list[str]:
    """Return the configuration lines alone: what is saved and loaded again."""
    addresses = [a for a in config.addresses.values() if not a.predefined]
    services = [s for s in config.services.values() if not s.predefined]
    groups = [g for g in config.groups.values() if not g.predefined]
    parts: list[Iterable[str]] = [
        ("!", f"Version {VERSION}", ""),
        _block('ip vrouter "trust-vr"', ()),
        *(_block(f'zone "{zone}"', ()) for zone in config.zones),
        *(_block(_address_head(address), ()) for address in addresses),
        *(_block(f'service "{service.name}"', ()) for service in services),
        *(_block(f'servgroup "{group.name}"', ()) for group in groups),
        *(schedule_lines(schedule) for schedule in config.schedules.values()),
        *(service_lines(service) for service in services),
        *(group_lines(group) for group in groups),
        *(address_lines(address) for address in addresses),
        *([_block('ip vrouter "trust-vr"', translations)] if (translations := nat_lines(config)) else []),
        _block("policy-global", ()),
        *(rule_lines(rule) for rule in config.rules),
    ]
    return [line for part in parts for line in part]


def address_lines(address: Address) -> list[str]:
    """Return one address entry."""
    return _block(
        _address_head(address), (f"{kind} {_value(kind, value)}" for kind, value in address.members)
    )


def service_lines(service: Service) -> list[str]:
    """Return one service."""
    return _block(f'service "{service.name}"', [*map(_entry, service.entries), *_text(service.description)])


def group_lines(group: Group) -> list[str]:
    """Return one service group."""
    members = [f'service "{member}"' for member in group.members]
    return _block(f'servgroup "{group.name}"', [*members, *_text(group.description)])


def schedule_lines(schedule: Schedule) -> list[str]:
    """Return one schedule."""
    start, end = schedule.absolute
    absolute = " ".join(
        ["absolute", *(f"{word} {_moment(at)}" for word, at in (("start", start), ("end", end)) if at)]
    )
    lines = [absolute] if start or end else []
    return _block(f'schedule "{schedule.name}"', [*lines, *map(_periodic, schedule.periodic)])


def rule_lines(rule: Rule) -> list[str]:
    """Return one rule."""
    return _block(f"rule id {rule.id}", _rule(rule))


def nat_lines(config: Configuration) -> list[str]:
    """Return the translations, sources first (public sample): addresses are quoted like names."""
    return [
        f"{kind} id {rule.id} {' '.join(_translation(rule, kind))}"
        for kind, rules in config.nat.items()
        for rule in rules
    ]


def _translation(rule: NatRule, kind: NatKind) -> Iterator[str]:
    yield from (f'{word} "{zone}"' for word, zone in rule.zones.items())
    yield f'from {_nat_side(rule.source)} to {_nat_side(rule.to)} service "{rule.service}"'
    if rule.leaves:
        yield f"eif {rule.leaves}"
    if rule.target is None:
        yield "no-trans"
    else:
        yield f"trans-to {_nat_side(rule.target)}"
        yield from [f"mode {rule.mode}"] if kind == "snatrule" else []
        yield from [f"port {rule.port}"] if rule.port else []
    yield from ["log"] if rule.log else []
    yield from [] if rule.enabled else ["disable"]
    yield from _text(rule.description)
    yield from [f'schedule "{rule.schedule}"'] if rule.schedule else []


def _nat_side(side: Member) -> str:
    kind, value = side
    return "eif-ip" if kind == "eif-ip" else f'"{value.removesuffix("/32")}"'


def _rule(rule: Rule) -> Iterator[str]:
    yield f"action {rule.action}"
    if not rule.enabled:
        yield "disable"
    yield from (f"log {log}" for log in sorted(rule.logs))
    for side in _SIDES:
        if zone := rule.zones.get(side):
            yield f'{side}-zone "{zone}"'
    for side in _SIDES:
        yield from (f"{side}-{kind} {_value(kind, value)}" for kind, value in rule.sides[side])
    yield from (f'service "{service}"' for service in rule.services)
    yield from (f'schedule "{schedule}"' for schedule in rule.schedules)
    yield from (f'{kind} "{profile}"' for kind, profile in sorted(rule.profiles.items()))
    yield from _text(rule.description)
    if rule.name:
        yield f'name "{rule.name}"'


def _block(head: str, lines: Iterable[str]) -> list[str]:
    return [head, *(f"  {line}" for line in lines), "exit"]


def _address_head(address: Address) -> str:
    return f'address "{address.name}"' + (" ipv6" if address.ipv6 else "")


def _value(kind: str, value: str) -> str:
    return f'"{value}"' if kind in _QUOTED else value


def _text(description: str) -> list[str]:
    return [f'description "{description}"'] if description else []


def _entry(entry: Entry) -> str:
    match entry.kind, entry.numbers:
        case "protocol", (number,):
            return f"protocol {number}"
        case "icmp", (icmp_type, *codes):
            head = f"icmp type {'any' if icmp_type < 0 else icmp_type}"
            return f"{head} code {_span(codes[0], codes[1])}" if codes else head
        case kind, (low, high, *sources):
            source = "" if sources == [0, 65535] else f" src-port {_span(sources[0], sources[1])}"
            return f"{kind} dst-port {_span(low, high)}{source}"
    raise AssertionError(entry)


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} {high}"


def _periodic(span: Periodic) -> str:
    days = "daily" if span.days == WEEK else " ".join(span.days)
    until = f"{span.until} " if span.until else ""
    return f"periodic {days} {span.start} to {until}{span.end}"


def _moment(at: str) -> str:
    return datetime.fromisoformat(at).strftime("%m/%d/%Y %H:%M:%S")


def block(config: Configuration, frames: list[Frame]) -> str:
    """Return what ``show this`` prints inside these modes: the innermost object, or nothing."""
    if not frames:
        return ""
    key = frames[-1].key
    match frames[-1].mode:
        case "address":
            lines = address_lines(config.address(key))
        case "service" if key in config.services:
            lines = service_lines(config.services[key])
        case "servgroup" if key in config.groups:
            lines = group_lines(config.groups[key])
        case "schedule" if key in config.schedules:
            lines = schedule_lines(config.schedules[key])
        case "rule":
            lines = rule_lines(config.rule(int(key)))
        case "vrouter":
            lines = _block(f'ip vrouter "{key}"', nat_lines(config))
        case _:
            lines = []
    return "\n".join(lines)


def version() -> str:
    """Return what ``show version`` prints (shape from public samples; the serial number is made up)."""
    return "\n".join(
        [
            f"Hillstone Networks StoneOS software, Version {VERSION[:3]}",
            "Copyright (c) 2006-2026 by Hillstone Networks",
            "",
            "Product name: SG-6000-LAB S/N: 0000000000000000 Assembly number: B000",
            f"Boot file is SG6000-LAB-{VERSION}.bin from flash",
            'System language is "en"',
        ]
    )
