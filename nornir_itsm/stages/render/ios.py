"""Intents as lines of Cisco IOS XE, in global configuration mode (IOS XE 17; see ``platforms/cisco_ios.py``).

A rule is one numbered entry for each combination that one line cannot say, each with a remark of its name.
Where an entry goes is said by its neighbour's name (``<before "N"> "X" permit ...``); the number follows just
before it is sent. Names and texts of an order reach a line only through the filters below.
Not said: address translation, zones (a list is bound to an interface), IPv6, descriptions, disabled rules.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, ip_address, ip_network
from itertools import product

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.firewall import SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    Intent,
    Schedule,
    SecurityRule,
    ServiceSet,
    StaticRoute,
)
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.model.switch import SwitchRoute
from nornir_itsm.space.dimensions import V4, addresses
from nornir_itsm.stages.ios_words import (
    ANY,
    LONGEST_NAME,
    LONGEST_REMARK,
    PORTED,
    PROTOCOLS,
    service_entries,
    wildcard,
)
from nornir_itsm.stages.parse.members import network, span
from nornir_itsm.stages.render.cli import Language
from nornir_itsm.stages.render.cli import lines as lines_in

_WORD = re.compile(r"[A-Za-z][!-~]*", re.ASCII)
_NOT_IN_WORDS = re.compile(r'["?|<>\\]')
_FORBIDDEN = re.compile(
    r'[\x00-\x1f\x7f-\x9f"?\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]'
)
_WEEK = {DAYS: "daily", DAYS[:5]: "weekdays", DAYS[5:]: "weekend"}
_LONG = dict(
    zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True)
)
_NUMBERS = {number: word for word, number in PROTOCOLS.items() if number is not None}
_LOGS: Mapping[tuple[str, tuple[str, ...]], str] = {
    ("permit", ("start",)): " log",
    ("deny", ("deny",)): " log",
}


def lines(intents: Sequence[Intent], templates: Mapping[str, str], acl: str) -> tuple[str, ...]:
    """Return the lines for these intents; *acl* is the access list that rules stand in."""
    made: list[str] = []
    for intent in intents:
        said = lines_in([intent], templates, LANGUAGE)
        if isinstance(intent, SecurityRule) and said:
            said = (f"ip access-list extended {word(acl)}", *(f" {line}" for line in said), "exit")
        made += said
    return tuple(made)


def word(name: str) -> str:
    """Say the name of an object. Raises ChangeError for what is not one plain word."""
    if not _WORD.fullmatch(name) or len(name) > LONGEST_NAME or _NOT_IN_WORDS.search(name) or name == ANY:
        hint = f"1-{LONGEST_NAME} ASCII characters from a letter on; or plain_addresses: true in site.yaml"
        raise ChangeError(f"name {name!r}", "no name of an IOS object", hint)
    return name


def quoted(name: str) -> str:
    """Say the name of a rule, which is a remark. Raises ChangeError for what a remark cannot hold."""
    plain = name.strip() == name and name and not re.search(r"[^\S ]|  ", name)
    if not plain or len(name.encode("utf-8", "replace")) > LONGEST_REMARK or _FORBIDDEN.search(name):
        hint = (
            f"1-{LONGEST_REMARK} bytes of UTF-8 without quotes, ? and controls; an entry gets a remark first"
        )
        raise ChangeError(f"rule name {name!r}", "no remark of an IOS access list", hint)
    return f'"{name}"'


def member(text: str) -> str:
    """Say a member of a group of networks: ``host A``, ``A MASK``, ``range A B``."""
    found = network(text) or span(text)
    if found is None or not addresses(found) <= V4 or found.endswith("/0"):
        raise ChangeError(f"member {text!r}", "no IPv4 address, network or range", "do it by hand")
    if "-" in found:
        return f"range {found.replace('-', ' ')}"
    net = IPv4Network(found)
    return f"host {net[0]}" if net.prefixlen == 32 else f"{net.network_address} {net.netmask}"


def service_line(entry: ServiceEntry) -> str:
    """Say one line of a service group: ``tcp source range 1024 65535 eq 443``."""
    named = _NUMBERS.get(entry.protocol or -1, str(entry.protocol))
    if entry == ServiceEntry(entry.protocol) and entry.protocol is not None:
        return named
    if entry.protocol == 1 and entry.high - entry.low == 255 and entry.low % 256 == 0:
        return f"icmp {entry.low >> 8}"
    if entry.protocol not in PORTED.values():
        raise ChangeError(f"service line {entry}", "an IOS service group cannot say it", "do it by hand")
    source = _ports("source ", entry.source_low, entry.source_high)
    return " ".join(filter(None, (named, source, _ports("", entry.low, entry.high))))


def _ports(before: str, low: int, high: int) -> str:
    if (low, high) == (0, 65535):
        return ""
    return f"{before}eq {low}" if low == high else f"{before}range {low} {high}"


def period(one: Period) -> str:
    """Say a weekly period: ``weekdays 08:00 to 18:00``; midnight at the end is 23:59."""
    days = _WEEK.get(one.days) or " ".join(_LONG[day] for day in one.days)
    return f"{days} {one.start} to {'23:59' if one.end == '24:00' else one.end}"


def beside(anchor: Anchor) -> str:
    """Say where a new rule goes."""
    if anchor.place in ("first", "last"):
        return f"<{anchor.place}>"
    return f"<{anchor.place} {quoted(anchor.name)}>"


def entries(rule: SecurityPolicy) -> tuple[str, ...]:
    """Say a rule in as many entries as it takes, without their numbers and remarks."""
    _demand_sayable(rule)
    log = " log-input" if rule.profiles else _LOGS.get((rule.action, rule.logs), "")
    end = f"{' established' if rule.established else ''}{log}"
    end += f" time-range {word(rule.schedules[0])}" if rule.schedules else ""
    sources, destinations = (tuple(_side(side)) for side in (rule.source, rule.destination))
    combined = product(rule.services or (ANY,), sources, destinations)
    return tuple(f"{rule.action} {_entry(*one)}{end}" for one in combined)


def added(intent: SecurityRule) -> tuple[str, ...]:
    """Say the entries that an existing rule gets."""
    assert intent.was is not None
    old = entries(intent.was)
    return tuple(entry for entry in entries(intent.rule) if entry not in old)


def lost(intent: SecurityRule) -> tuple[str, ...]:
    """Say the entries that an existing rule loses."""
    assert intent.was is not None
    new = entries(intent.rule)
    return tuple(entry for entry in entries(intent.was) if entry not in new)


def whom(rule: SecurityPolicy) -> str:
    """Say which rule goes, by its remark. Raises ChangeError for one without: it could not be put back."""
    return f"<{quoted(rule.name)}>"


def _demand_sayable(rule: SecurityPolicy) -> None:
    alone = rule.enabled is False and not rule.established
    reasons = {
        "it names zones, and a list is bound to an interface": rule.source_zones or rule.destination_zones,
        "it names a profile": rule.profiles not in ((), (("log", "log-input"),)),
        "it names several schedules": len(rule.schedules) > 1,
        "it has a remark besides its name": rule.description,
        "it is disabled": alone,
        "it logs what an entry cannot log": rule.logs and (rule.action, rule.logs) not in _LOGS,
        "part of it was not understood": rule.unread,
    }
    if problem := next((reason for reason, there in reasons.items() if there), ""):
        raise ChangeError(f"rule {rule.name!r}", f"{problem}: it cannot be said to IOS", "do it by hand")


def _side(side: Selector) -> Iterator[str]:
    """Yield how one side is matched; ``any`` where it names nothing."""
    for book in side.books:
        if book == ANY:
            yield "any"
        else:
            yield book if wildcard(book) is not None else f"object-group {word(book)}"
    for text in side.literals:
        found = network(text)
        if found is None or not addresses(found) <= V4:
            raise ChangeError(f"address {text!r}", "an entry names IPv4 networks", "use an address set")
        net = IPv4Network(found)
        yield f"host {net[0]}" if net.prefixlen == 32 else f"{net.network_address} {net.hostmask}"
    if not side.books and not side.literals:
        yield "any"


def _entry(service: str, source: str, destination: str) -> str:
    if service == ANY:
        return f"ip {source} {destination}"
    if not service_entries(service):
        return f"object-group {word(service)} {source} {destination}"
    head, *rest = service.split()
    came, goes = _apart(rest[1:]) if rest[:1] == ["from"] else ("", " ".join(rest))
    return " ".join(filter(None, (head, source, came, destination, goes)))


def _apart(words: Sequence[str]) -> tuple[str, str]:
    """Return the operator of the source ports and that of the destination ports."""
    at = next((i for i, one in enumerate(words) if i and not one.isdecimal()), len(words))
    return " ".join(words[:at]), " ".join(words[at:])


def route(one: SwitchRoute) -> str:
    """Say a static route behind ``ip route``. Raises ChangeError for what is not said to IOS."""
    if one.to:
        raise ChangeError(f"route {one.name}", "leads into another VRF", "do it by hand")
    try:
        net, hop = ip_network(one.prefix), ip_address(one.next_hop)
    except ValueError as error:
        raise ChangeError(f"route {one.name}", str(error), "write 10.0.0.0/24 and 10.0.0.1") from None
    if not isinstance(net, IPv4Network) or hop.version != 4:
        raise ChangeError(f"route {one.name}", "IPv6 is not written", "do it by hand")
    return f"{f'vrf {word(one.instance)} ' if one.instance else ''}{net.network_address} {net.netmask} {hop}"


LANGUAGE = Language(
    "cisco_ios",
    {
        AddressSet: "address_set.j2",
        ServiceSet: "service_set.j2",
        Schedule: "schedule.j2",
        SecurityRule: "security_rule.j2",
        StaticRoute: "static_route.j2",
    },
    {
        "word": word,
        "quoted": quoted,
        "member": member,
        "service_line": service_line,
        "period": period,
        "beside": beside,
        "entries": entries,
        "added": added,
        "lost": lost,
        "whom": whom,
        "route": route,
    },
)
