"""StoneOS ``show configuration`` -> facts, by way of a TTP template that names the lines.

Every line of the rule base ends in a fact or in ``unread``; a line that the template lost is an error.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from nornir_itsm.model.firewall import FirewallFacts, ScheduleBook, ServiceBook, ServiceEntry, ServiceGroup
from nornir_itsm.stages.parse import stoneos_predefined as predefined
from nornir_itsm.stages.parse import weekly
from nornir_itsm.stages.parse.members import member, network, span
from nornir_itsm.stages.parse.stoneos_blocks import blocks, interfaces, translations, unparsed
from nornir_itsm.stages.parse.stoneos_lines import Lines, dashed, named, taken, unquoted
from nornir_itsm.stages.parse.stoneos_nat import NatLine, interface_zones, with_translations
from nornir_itsm.stages.parse.stoneos_objects import (
    address_books,
    assembled,
    icmp_entry,
    port_entry,
    protocol_entry,
    service,
)
from nornir_itsm.stages.parse.stoneos_rule_lines import rules
from nornir_itsm.stages.redaction import redact

__all__ = ["firewall_facts", "unparsed"]

_MEMBER_NOTE = re.compile(r"\s+description\s.*")
_PORTS = re.compile(r"dst-port (\d{1,5})(?: (\d{1,5}))?(?: src-port (\d{1,5})(?: (\d{1,5}))?)?", re.ASCII)
_ICMP = re.compile(r"type (\w+)(?: code (\d{1,3})(?: (\d{1,3}))?)?", re.ASCII)
_TIMEOUT = re.compile(r" timeout(?:-hour|-day)? \d+$")
_DEFAULT = re.compile(r"default-action (permit|deny)")
"""What holds where no rule matches; assumed to be printed only where it was set."""
_AFTER_DNAT = "match-after-dnat"
"""In policy mode: rules see destinations as servers make them (manual); else as they arrive."""
_PERIODIC = re.compile(r"(?P<days>[a-z ]+) (?P<start>[\d:]+) to (?:(?P<until>[a-z]+) )?(?P<end>[\d:]+)")


def firewall_facts(text: str, template: str) -> FirewallFacts:
    """Return the facts of one firewall (or vsys); *template* is the text of show_configuration.ttp.

    What StoneOS predefines is not printed and comes from stoneos_predefined. Lines outside the rule base
    that are no known noise are kept in ``unread``. Raises SourceError where the text was cut off or the
    template loses lines.
    """
    found = taken(blocks(text), template)
    members, nested = _books(found["address"])
    facts = assembled(
        rules(found["rule"]),
        address_books(members, nested),
        {name: _service(name, lines) for name, lines in named(found["service"])},
        {name: _group(name, lines) for name, lines in named(found["servgroup"])},
        {name: _schedule(name, lines) for name, lines in named(found["schedule"])},
    )
    left = unparsed(text)
    actions = [said[1] for line in left if (said := _DEFAULT.fullmatch(line.strip()))]
    known = (_AFTER_DNAT, *(line for line in left if _DEFAULT.fullmatch(line.strip())))
    unread = tuple(redact(line) for line in left if line.strip() not in known)
    facts = replace(facts, default=actions[-1] if actions else "", unread=unread)
    facts = replace(facts, filters_first=all(line.strip() != _AFTER_DNAT for line in left))
    # One that holds a secret cannot be typed again as it was.
    both = ((router, redact(line), line, whole) for router, line, whole in translations(text))
    lines = [NatLine(router, clean, whole and clean == line) for router, clean, line, whole in both]
    return with_translations(facts, lines, dict(interface_zones(interfaces(text))))


def _bare(line: str) -> str:
    """Return a member without the text that may follow it."""
    return _MEMBER_NOTE.sub("", line)


def _books(listed: Iterable[Lines]) -> tuple[dict[str, list[str | None]], dict[str, list[str]]]:
    members: dict[str, list[str | None]] = {}
    nested: dict[str, list[str]] = {}
    for name, lines in named(listed):
        found = [network(_bare(line)) for line in lines.of("ip")]
        found += [span(dashed(_bare(line))) for line in lines.of("range")]
        found += [member(unquoted(_bare(line)) or "") for line in lines.of("host")]
        below = [unquoted(_bare(line)) for line in lines.of("member")]
        members[name], nested[name] = found, [child for child in below if child]
        if len(nested[name]) < len(below) or lines.beside("ip", "range", "host", "member"):
            # It may exclude some (``exclude ip``) or add some: no member is certain.
            members[name], nested[name] = [None], []
    return members, nested


def _service(name: str, lines: Lines) -> ServiceBook:
    entries: list[ServiceEntry | None] = [
        None for _ in lines.beside("tcp", "udp", "icmp", "icmp_v6", "protocol")
    ]
    readers: tuple[tuple[str, Callable[[str], ServiceEntry | None]], ...] = (
        ("tcp", lambda text: _ports(predefined.TCP, text)),
        ("udp", lambda text: _ports(predefined.UDP, text)),
        ("protocol", lambda text: protocol_entry(int(text)) if re.fullmatch(r"[0-9]{1,3}", text) else None),
        ("icmp", lambda text: _icmp(predefined.ICMP, text)),
        ("icmp_v6", lambda text: _icmp(predefined.ICMPV6, text)),
    )
    for field, read in readers:
        entries += [read(_TIMEOUT.sub("", line)) for line in lines.of(field)]
    return service(name, entries, fixed=name in predefined.SERVICES)


def _ports(protocol: int, text: str) -> ServiceEntry | None:
    found = _PORTS.fullmatch(text)
    if found is None:
        return None
    low, high, source_low, source_high = found.groups()
    source = (int(source_low), int(source_high or source_low)) if source_low else (0, 65535)
    return port_entry(protocol, (int(low), int(high or low)), source)


def _icmp(protocol: int, text: str) -> ServiceEntry | None:
    """Read an ICMP line; without ``code`` it is every code (assumed)."""
    found = _ICMP.fullmatch(text)
    if found is None:
        return None
    kind, low, high = found.groups()
    return icmp_entry(protocol, kind, (int(low), int(high or low)) if low else (0, 255))


def _protocol(text: str) -> ServiceEntry | None:
    return protocol_entry(int(text)) if re.fullmatch(r"[0-9]{1,3}", text) else None


_ENTRIES: dict[str, Callable[[str], ServiceEntry | None]] = {
    "tcp": partial(_ports, predefined.TCP),
    "udp": partial(_ports, predefined.UDP),
    "protocol": _protocol,
    "icmp": partial(_icmp, predefined.ICMP),
    "icmp_v6": partial(_icmp, predefined.ICMPV6),
}


def _group(name: str, lines: Lines) -> ServiceGroup:
    """Return a group; without members, which means undecidable, where a line was not understood."""
    members = [unquoted(line) for line in lines.of("service")]
    whole = None not in members and not lines.beside("service")
    read = tuple(dict.fromkeys(member for member in members if member))
    return ServiceGroup(name, read if whole else (), predefined=name in predefined.GROUPS)


def _schedule(name: str, lines: Lines) -> ScheduleBook:
    """Return a schedule; ``absolute`` bounds and days of the month are no weekly periods."""
    found = [_periodic(line) for line in lines.of("periodic")]
    pieces = [piece for some in found if some for piece in some]
    complete = None not in found and bool(found) and not lines.beside("periodic")
    return ScheduleBook(name, weekly.periods(pieces), complete=complete)


def _periodic(text: str) -> tuple[weekly.Piece, ...] | None:
    found = _PERIODIC.fullmatch(text.lower())
    on = weekly.days(found["days"].split()) if found else None
    if found is None or on is None:
        return None
    if found["until"] is None:
        return weekly.daily(on, found["start"], found["end"])
    until = weekly.days([found["until"]])
    if until is None or len(on) != 1 or len(until) != 1:
        return None
    return weekly.span(on[0], found["start"], until[0], found["end"])
