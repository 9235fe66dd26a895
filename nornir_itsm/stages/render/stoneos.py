"""Intents as lines of the StoneOS command line (all-series CLI manual, release V5.5R12F2).

Names and texts of an order reach a line only through the filters below: quoted, one line, no control
characters; so no order text can become a line of its own.
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.firewall import (
    PublishedServer,
    SecurityPolicy,
    Selector,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
)
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.space.dimensions import V4, V6, addresses, is_name, is_v6
from nornir_itsm.stages.render import cli
from nornir_itsm.stages.render.cli import FORBIDDEN, Language, host

_LOGS = {"start": "session-start", "end": "session-end", "deny": "policy-deny"}
_PROTOCOLS = {6: "tcp", 17: "udp"}
_LONGEST = 255
_REST = re.compile(r'(?:log)?(?: ?group 0)?(?: ?description (?:"[^"]+"|[^\s"]+))?')
"""What a server's line says behind its target."""


def lines(intents: Sequence[Intent], templates: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines for these intents, as typed in configuration mode."""
    return cli.lines(intents, templates, LANGUAGE)


def quoted(text: str) -> str:
    """Quote a name. Raises ChangeError for what a quoted name cannot hold."""
    if not text or len(text) > _LONGEST or FORBIDDEN.search(text):
        raise ChangeError(
            f"name {text!r}", "no device name", "use 1-255 characters without quotes, \\, ? and controls"
        )
    return f'"{text}"'


def member(text: str) -> str:
    """Say an address member: ``ip 10.0.0.1/32``, ``range a b`` or ``host "name"``."""
    try:
        ranges = addresses(text)
    except ValueError:
        raise ChangeError(f"member {text!r}", "is no address and no name", "correct it") from None
    if ranges >= V4 | V6:
        raise ChangeError(f"member {text!r}", "any address is no member", "name the predefined object for it")
    if is_name(ranges.low):
        return f"host {quoted(text)}"
    if "-" in text:
        low, high = (part.strip() for part in text.split("-"))
        return f"range {low} {high}"
    return f"ip {text if '/' in text else f'{text}/{128 if is_v6(ranges.low) else 32}'}"


def service_line(entry: ServiceEntry) -> str:
    """Say one line of a service: ``tcp dst-port 443`` or ``udp dst-port 500 510 src-port 500 500``."""
    if entry.protocol not in _PROTOCOLS:
        raise ChangeError(f"service line {entry}", "only TCP and UDP are written", "make the service by hand")
    ports = str(entry.low) if entry.low == entry.high else f"{entry.low} {entry.high}"
    source = (
        ""
        if (entry.source_low, entry.source_high) == (0, 65535)
        else f" src-port {entry.source_low} {entry.source_high}"
    )
    return f"{_PROTOCOLS[entry.protocol]} dst-port {ports}{source}"


def number(text: str) -> str:
    """Say an identifier that the device gave. Raises ChangeError where it is no number."""
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise ChangeError(f"rule id {text!r}", "is no number", "read the device again")
    return text


def members_apart(intent: SecurityRule) -> tuple[str, ...]:
    """Say in what an existing rule changes."""
    assert intent.was is not None
    return cli.apart(_member_lines(intent.was), _member_lines(intent.rule), "no")


def _member_lines(rule: SecurityPolicy) -> tuple[str, ...]:
    sides = (("src", rule.source), ("dst", rule.destination))
    return (
        *(f"{side}-addr {quoted(book)}" for side, one in sides for book in one.books),
        *(f"{side}-{member(literal)}" for side, one in sides for literal in one.literals),
        *(f"service {quoted(name)}" for name in rule.services),
    )


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def period(one: Period) -> str:
    """Say a weekly period: ``monday tuesday 08:00 to 18:00``.

    Midnight at the end is written 23:59; that StoneOS refuses 24:00 is assumed.
    """
    days = " ".join(_DAYS[DAYS.index(day)] for day in one.days)
    return f"{days} {one.start} to {'23:59' if one.end == '24:00' else one.end}"


def nat_line(kind: str, rule: PublishedServer | SourceTranslation, anchor: Anchor) -> str:
    """Say a translation under its number, which overwrites what is there: one that was read, as it was."""
    head = f"{kind} id {number(rule.id)}{_nat_position(kind, anchor)}"
    if rule.said:
        if FORBIDDEN.search(rule.said.replace('"', "")):
            raise ChangeError(f"rule {rule.name!r}", "cannot be typed again as it was", "do it by hand")
        return f"{head} {rule.said}"
    said = _server(rule) if isinstance(rule, PublishedServer) else _source(rule)
    return f"{head} {said}"


def _nat_position(kind: str, anchor: Anchor) -> str:
    """Say where a translation goes; a ``bnatrule`` is before them all, one of another router nowhere here."""
    word, _, at = anchor.name.rpartition(" ")
    if anchor.place in ("before", "after") and word == kind:
        return f" {anchor.place} {number(at)}"
    first = anchor.place == "first" or (anchor.place == "after" and word == "bnatrule")
    return " top" if first else ""


def _server(rule: PublishedServer) -> str:
    """Say what a server of ours does: every source, one address, a service object, one host."""
    if rule.unread or not rule.one_way or not rule.book or not _plain(rule.rest):
        raise ChangeError(f"server {rule.name!r}", "StoneOS has no words for all of it", "do it by hand")
    port = "" if rule.port == rule.service.low or rule.service.protocol is None else f" port {rule.port}"
    zone = f"from-zone {quoted(rule.zone)} " if rule.zone else ""
    ends = f"to ip {host(rule.address)} service {quoted(rule.book)} trans-to ip {host(rule.target)}{port}"
    return f"{zone}from any {ends}{_tail(rule.rest, rule.enabled)}"


def _plain(rest: str) -> bool:
    return bool(_REST.fullmatch(rest)) and not FORBIDDEN.search(rest.replace('"', ""))


def _source(nat: SourceTranslation) -> str:
    """Say what becomes of sources: one address or object, wherever to, as one address."""
    match = nat.match
    sides = [_nat_side(side) for side in (match.source, match.destination)]
    zones = (("from-zone", match.source_zones), ("to-zone", match.destination_zones))
    plain = not (match.unread or match.logs or match.profiles or match.schedules or nat.rest or nat.pool)
    plain = plain and len(match.services) == 1 and all(len(listed) < 2 for _, listed in zones)
    if not plain or len(nat.to) != (0 if nat.keeps else 1):
        raise ChangeError(f"rule {nat.name!r}", "StoneOS has no words for all of it", "do it by hand")
    words = [f"{word} {quoted(zone)}" for word, listed in zones for zone in listed]
    words += [f"from {sides[0]} to {sides[1]} service {quoted(match.services[0])}"]
    words += ["no-trans"] if nat.keeps else [f"trans-to ip {host(nat.to[0])} mode dynamicport"]
    return " ".join(words) + _tail("", match.enabled is not False)


def _nat_side(side: Selector) -> str:
    if len(side.books) + len(side.literals) != 1:
        raise ChangeError(f"side {side}", "a translation names one address or one object", "do it by hand")
    if side.books:
        return "any" if side.books == ("Any",) else f"address-book {quoted(side.books[0])}"
    said = member(side.literals[0])
    if not said.startswith("ip "):
        raise ChangeError(f"side {side}", "is no address or network", "name an address object")
    return said


def _tail(rest: str, enabled: bool) -> str:
    """Say what follows: ``disable`` stands before a description."""
    head, note, text = rest.partition("description ")
    return "".join(f" {word}" for word in (head.strip(), "" if enabled else "disable", note + text) if word)


def position(anchor: Anchor) -> str:
    """Say where a new rule goes; nothing for the bottom."""
    match anchor.place:
        case "first":
            return " top"
        case "before" | "after":
            return f" {anchor.place} name {quoted(anchor.name)}"
        case _:
            return ""


LANGUAGE = Language(
    "hillstone_stoneos",
    {
        AddressSet: "address_set.j2",
        ServiceSet: "service_set.j2",
        Schedule: "schedule.j2",
        SecurityRule: "security_rule.j2",
        DestinationNat: "destination_nat.j2",
        SourceNat: "source_nat.j2",
    },
    {
        "quoted": quoted,
        "member": member,
        "service_line": service_line,
        "position": position,
        "period": period,
        "log_line": _LOGS.__getitem__,
        "number": number,
        "members_apart": members_apart,
        "dnat": partial(nat_line, "dnatrule"),
        "snat": partial(nat_line, "snatrule"),
    },
)
