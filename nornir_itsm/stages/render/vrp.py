"""Intents as lines of a Huawei USG's command line, in system view (public samples of V500R001 to R005); those
of a switch, which has the same platform, are said in ``vrp_switch``.

Names and texts of an order reach a line only through the filters below: one line, no control characters, a
name with a blank quoted; so no order text can become a line of its own. A new rule stands at the bottom until
its last line, the action, and is moved only then. Inferred: a rule without an action matches nothing.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_network

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.firewall import (
    PublishedServer,
    SecurityPolicy,
    Selector,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.model.intent import (
    AddressPool,
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
from nornir_itsm.space.dimensions import V4, V6, addresses, is_name
from nornir_itsm.stages.parse.members import span
from nornir_itsm.stages.parse.vrp_predefined import ANY, ANY_V6, PROTOCOLS
from nornir_itsm.stages.render import cli, vrp_switch
from nornir_itsm.stages.render.cli import FORBIDDEN, Language, host

_KEYWORDS = frozenset(
    {"any", "protocol", "address-set", "service-set", "range", "type", "zone", "global", "name"}
)
"""Words that would not be taken for a name where one is expected."""
_LONGEST, _LONGEST_TIME_RANGE = 63, 32
"""Characters. Of time ranges by a manual; of names assumed."""
_LITERAL = re.compile(r"protocol [a-z0-9]+(?: [a-z0-9-]+)*", re.ASCII)
"""A service that a rule says itself goes by its own words, as it was read."""
_LOGS = {"deny": "policy logging", "end": "session logging"}
_PROFILE = re.compile(r"[a-z][a-z-]{0,20}", re.ASCII)
_KEPT = {"long-link": re.compile(r"enable|aging-time \d{1,6}"), "session aging-time": re.compile(r"\d{1,6}")}
_WORDS = {number: word for word, number in PROTOCOLS.items()}
_WEEK = {DAYS: "daily", DAYS[:5]: "working-day", DAYS[5:]: "off-day"}


def lines(intents: Sequence[Intent], templates: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines for these intents, as typed in system view."""
    return cli.lines(intents, templates, LANGUAGE)


def named(name: str, longest: int = _LONGEST) -> str:
    """Say a name, quoted where it has a blank. Raises ChangeError for what no name can be."""
    return cli.named(name, longest, _KEYWORDS)


def short_name(name: str) -> str:
    """Say the name of a time range."""
    return named(name, _LONGEST_TIME_RANGE)


def member(text: str) -> str:
    """Say an address: ``10.0.0.0 mask 24``, ``range A B`` or ``2001:db8:: 64``."""
    try:
        ranges = addresses(text)
    except ValueError:
        ranges = V4 | V6
    if ranges >= V4 | V6 or is_name(ranges.low):
        raise ChangeError(f"member {text!r}", "no address set of a USG can hold it", "name addresses")
    if "-" in text:
        low, high = (part.strip() for part in text.split("-"))
        return f"range {low} {high}"
    net = ip_network(text, strict=False)
    return f"{net.network_address} {'mask ' if net.version == 4 else ''}{net.prefixlen}"


def service_line(entry: ServiceEntry) -> str:
    """Say one line of a service: ``protocol tcp destination-port 8000 to 8010``."""
    if entry.protocol is None:
        raise ChangeError(f"service line {entry}", "a USG has no service for every protocol", "leave it out")
    head = f"protocol {_WORDS.get(entry.protocol, entry.protocol)}"
    if entry == ServiceEntry(entry.protocol):
        return head
    if entry.protocol in (1, 58) and entry.low == entry.high:
        return f"{head} {'icmp' if entry.protocol == 1 else 'icmpv6'}-type {entry.low >> 8} {entry.low & 255}"
    if entry.protocol not in (6, 17, 132):
        raise ChangeError(f"service line {entry}", "a part of this protocol has no words", "do it by hand")
    source = _ports(" source-port", entry.source_low, entry.source_high)
    return f"{head}{source}{_ports(' destination-port', entry.low, entry.high)}"


def _ports(word: str, low: int, high: int) -> str:
    if (low, high) == (0, 65535):
        return ""
    return f"{word} {low}" if low == high else f"{word} {low} to {high}"


def period(one: Period) -> str:
    """Say a weekly period: ``08:00:00 to 18:00:00 working-day``; midnight at the end is 23:59:59."""
    days = _WEEK.get(one.days) or " ".join(day.capitalize() for day in one.days)
    end = "23:59:59" if one.end in ("24:00", "23:59") else f"{one.end}:00"
    return f"{one.start}:00 to {end} {days}"


def conditions(rule: SecurityPolicy) -> tuple[str, ...]:
    """Say the addresses and services of a rule; nothing where all of them are meant."""
    sides = (("source-address", rule.source), ("destination-address", rule.destination))
    return (
        *(f"{word} {said}" for word, side in sides for said in _side(side)),
        *(f"service {_service(name)}" for name in rule.services if name != ANY),
    )


def _side(side: Selector) -> tuple[str, ...]:
    if ANY in side.books and (len(side.books) > 1 or side.literals):
        raise ChangeError(f"side {side}", "it names everything and more", "name one of them")
    named_books = (f"address-set {named(book)}" for book in side.books if book not in (ANY, ANY_V6))
    every_v6 = (":: 0",) if ANY_V6 in side.books else ()
    return (*named_books, *every_v6, *map(member, side.literals))


def _service(name: str) -> str:
    return name if _LITERAL.fullmatch(name) else named(name)


def members_apart(intent: SecurityRule) -> tuple[str, ...]:
    """Say in what an existing rule changes."""
    assert intent.was is not None
    return cli.apart(conditions(intent.was), conditions(intent.rule), "undo")


def only_schedule(rule: SecurityPolicy) -> tuple[str, ...]:
    """Return the time range of a rule. Raises ChangeError for several: a rule has one (inferred)."""
    if len(rule.schedules) > 1:
        raise ChangeError(f"rule {rule.name!r}", "a USG's rule has one time range", "join them in one")
    return rule.schedules


def profile(kind: str, name: str) -> str:
    """Say what a rule does to its sessions: ``profile av NAME``, ``long-link enable``."""
    if kind in _KEPT and _KEPT[kind].fullmatch(name):
        return f"{kind} {name}"
    if kind in _KEPT or not _PROFILE.fullmatch(kind):
        raise ChangeError(f"profile {kind!r}", "no kind of profile", "correct profiles in site.yaml")
    return f"profile {kind} {named(name)}"


def log_line(log: str) -> str:
    """Say what is logged. Raises ChangeError for ``start``: a USG logs a session when it ends."""
    if log not in _LOGS:
        hint = f"write {', '.join(_LOGS)} in site.yaml"
        raise ChangeError(f"log {log!r}", "a USG's rule has no such log", hint)
    return _LOGS[log]


def server(rule: PublishedServer) -> str:
    """Say a ``nat server`` (public samples; a range of ports: inferred from one with names of ports)."""
    entry, span = rule.service, rule.service.high - rule.service.low
    if rule.unread or (entry.source_low, entry.source_high) != (0, 65535) or rule.name.isdigit():
        raise ChangeError(f"server {rule.name!r}", "a USG has no words for all of it", "do it by hand")
    zone = f" zone {named(rule.zone)}" if rule.zone else ""
    protocol = "" if entry.protocol is None else f" protocol {_WORDS.get(entry.protocol, entry.protocol)}"
    outer, inner = host(rule.address), host(rule.target)
    if (entry.low, entry.high) != (0, 65535):
        outer += _several(entry.low, span)
        inner += _several(rule.port, span)
    ends = f"{' no-reverse' if rule.one_way else ''}{_rest(rule.rest)}"
    return f"nat server {named(rule.name)}{zone}{protocol} global {outer} inside {inner}{ends}"


def _several(low: int, span: int) -> str:
    return f" {low} {low + span}" if span else f" {low}"


def _rest(said: str) -> str:
    if FORBIDDEN.search(said) or not re.fullmatch(r"(?: ?unr-route)?(?: ?description \S.*)?", said):
        raise ChangeError(f"server's line {said!r}", "is not known here", "do it by hand")
    return f" {said}" if said else ""


def nat_action(nat: SourceTranslation) -> str:
    """Say what becomes of sources: ``source-nat address-group X``, ``source-nat easy-ip`` or ``no-nat``."""
    match = nat.match
    if match.unread or match.logs or match.profiles or match.schedules or (nat.to and not nat.pool):
        raise ChangeError(f"rule {nat.name!r}", "a USG has no words for all of it", "do it by hand")
    if nat.keeps:
        return "no-nat"
    return f"source-nat address-group {named(nat.pool)}" if nat.pool else "source-nat easy-ip"


def section(text: str) -> str:
    """Say the addresses of a pool: ``section A B``."""
    low, _, high = text.partition("-")
    if high and span(text) is None:
        raise ChangeError(f"member {text!r}", "runs backwards", "name the lower address first")
    return f"section {host(low)} {host(high or low)}"


def position(anchor: Anchor) -> str:
    """Say where a new rule goes; nothing for the bottom, where it stands by itself."""
    match anchor.place:
        case "first":
            return "top"
        case "before" | "after":
            return f"{anchor.place} {named(anchor.name)}"
        case _:
            return ""


LANGUAGE = Language(
    "huawei_vrp",
    {
        AddressSet: "address_set.j2",
        AddressPool: "address_pool.j2",
        ServiceSet: "service_set.j2",
        Schedule: "schedule.j2",
        SecurityRule: "security_rule.j2",
        DestinationNat: "destination_nat.j2",
        SourceNat: "source_nat.j2",
        **vrp_switch.FILES,
    },
    {
        **vrp_switch.FILTERS,
        "server": server,
        "nat_action": nat_action,
        "section": section,
        "named": named,
        "short_name": short_name,
        "text": cli.text,
        "member": member,
        "service_line": service_line,
        "period": period,
        "conditions": conditions,
        "members_apart": members_apart,
        "only_schedule": only_schedule,
        "profile": profile,
        "log_line": log_line,
        "position": position,
    },
)
