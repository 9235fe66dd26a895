"""What a SecPath firewall (Comware 7) is told: names, members, services and rules of its security policy.

Names and texts of an order reach a line only through the filters below: one line, no control characters, a
name with a blank quoted; so no order text can become a line of its own. Numbers of rules and members are put
in before a line is typed (``platforms.comware_numbers``). A new rule stands at the bottom until it is filled:
without an action it drops, as what comes after the last rule does. Its action is said last, then it is moved.
Sources: H3C object group, security policy and time range commands.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.firewall import SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.intent import Anchor, SecurityRule
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.space.dimensions import V4, addresses, is_name
from nornir_itsm.stages.parse.comware_objects import ANY, ANY_V6, PROTOCOLS
from nornir_itsm.stages.render import cli

_KEYWORDS = frozenset({"any", "all"})
"""Words that would not be taken for a name where one is expected."""
_LONGEST, _LONGEST_RULE = 63, 127
_TIME_RANGE = re.compile(r"(?!(?i:all)$)[A-Za-z][A-Za-z0-9_.-]{0,31}")
"""1-32 characters, the first a letter, not ``all`` (H3C time range commands); others than these: assumed."""
_LITERAL = re.compile(r"service-port [a-z0-9]+(?: [a-z0-9]+)*", re.ASCII)
"""A service that a rule says itself goes by its own words, as it was read."""
_LOGS = {"deny": "logging enable"}
_KEPT = {
    "counting": re.compile(r"enable"),
    "session aging-time": re.compile(r"\d{1,7}"),
    "session persistent aging-time": re.compile(r"\d{1,7}"),
}
_NUMBERS = {number: word for word, number in PROTOCOLS.items()}
_WEEK = {DAYS: "daily", DAYS[:5]: "working-day", DAYS[5:]: "off-day"}


def named(name: str, longest: int = _LONGEST) -> str:
    """Say a name, quoted where it has a blank. Raises ChangeError for what no name can be."""
    return cli.named(name, longest, _KEYWORDS)


def rule_name(name: str) -> str:
    """Say the name of a rule."""
    return named(name, _LONGEST_RULE)


def time_name(name: str) -> str:
    """Say the name of a time range. Raises ChangeError: it must begin with a letter."""
    if not _TIME_RANGE.fullmatch(name):
        hint = "1-32 letters, digits and _ . -, the first a letter: name it so under schedules in site.yaml"
        raise ChangeError(f"time range {name!r}", "no name of a time range", hint)
    return name


def member(said: str) -> str:
    """Say an address: ``host address 10.0.0.1``, ``subnet 10.0.0.0 255.255.255.0``, ``range A B``."""
    kind, words = _place(said)
    return f"host address {words}" if kind == "host" else f"{kind} {words}"


def _place(said: str) -> tuple[str, str]:
    ranges = addresses(said)
    if is_name(ranges.low) or not ranges <= V4 or ranges >= V4:
        hint = "name IPv4 addresses; IPv6 and names have rules and groups of their own"
        raise ChangeError(f"member {said!r}", "no address of security-policy ip", hint)
    if "-" in said:
        low, high = (part.strip() for part in said.split("-"))
        return "range", f"{low} {high}"
    net = ip_network(said, strict=False)
    return ("host", str(net[0])) if net.num_addresses == 1 else ("subnet", f"{net[0]} {net.netmask}")


def service_line(entry: ServiceEntry) -> str:
    """Say one line of a service: ``tcp destination range 8000 8010``."""
    if entry.protocol is None or entry.protocol == 58:
        hint = "leave it out: an object group of SecPath has no words for it"
        raise ChangeError(f"service line {entry}", "no protocol of its own", hint)
    head = _NUMBERS.get(entry.protocol, str(entry.protocol))
    if entry == ServiceEntry(entry.protocol):
        return head
    if entry.protocol == 1 and entry.low == entry.high:
        return f"{head} {entry.low >> 8} {entry.low & 255}"
    if entry.protocol not in (6, 17):
        raise ChangeError(f"service line {entry}", "a part of this protocol has no words", "do it by hand")
    source = _ports(" source", entry.source_low, entry.source_high)
    return f"{head}{source}{_ports(' destination', entry.low, entry.high)}"


def _ports(word: str, low: int, high: int) -> str:
    if (low, high) == (0, 65535):
        return ""
    return f"{word} eq {low}" if low == high else f"{word} range {low} {high}"


def period(one: Period) -> str:
    """Say a weekly period: ``08:00 to 18:00 working-day``."""
    days = _WEEK.get(one.days) or " ".join(one.days)
    return f"{one.start} to {'24:00' if one.end == '23:59' else one.end} {days}"


def conditions(rule: SecurityPolicy) -> tuple[str, ...]:
    """Say the addresses and services of a rule; nothing where all of them are meant."""
    services = (name for name in rule.services if name != ANY)
    return (
        *_side("source-ip", rule.source),
        *_side("destination-ip", rule.destination),
        *(name if _LITERAL.fullmatch(name) else f"service {named(name)}" for name in services),
    )


def _side(word: str, side: Selector) -> tuple[str, ...]:
    if ANY_V6 in side.books or (ANY in side.books and (len(side.books) > 1 or side.literals)):
        problem = "it names everything and more, or IPv6, which has rules of its own"
        raise ChangeError(f"side {side}", problem, "name IPv4 addresses")
    books = (f"{word} {named(book)}" for book in side.books if book != ANY)
    return (*books, *(f"{word}-{' '.join(_place(one))}" for one in side.literals))


def apart(intent: SecurityRule) -> tuple[str, ...]:
    """Say in what an existing rule changes."""
    assert intent.was is not None
    return cli.apart(conditions(intent.was), conditions(intent.rule), "undo")


def only_time(rule: SecurityPolicy) -> tuple[str, ...]:
    """Return the time range of a rule. Raises ChangeError for several: a rule has one."""
    if len(rule.schedules) > 1:
        raise ChangeError(f"rule {rule.name!r}", "a rule here has one time range", "join them in one")
    return rule.schedules


def kept(kind: str, name: str) -> str:
    """Say what a rule does to its sessions: ``profile NAME``, ``counting enable``."""
    if kind in _KEPT and _KEPT[kind].fullmatch(name):
        return f"{kind} {name}"
    if kind != "profile":
        raise ChangeError(f"profile {kind!r}", "no kind of profile here", "correct profiles in site.yaml")
    return f"profile {named(name)}"


def logged(log: str) -> str:
    """Say what is logged. Raises ChangeError for what a rule of SecPath cannot log by itself."""
    if log not in _LOGS:
        raise ChangeError(f"log {log!r}", "a rule here has no such log", "write logs: [deny] in site.yaml")
    return _LOGS[log]


def action(word: str) -> str:
    """Say ``permit`` and ``deny``."""
    return {"permit": "pass", "deny": "drop"}[word]


def stands(anchor: Anchor) -> str:
    """Say where a new rule goes; nothing for the bottom, where it stands by itself."""
    match anchor.place:
        case "first":
            return "top"
        case "before" | "after":
            return f"{anchor.place} name {rule_name(anchor.name)}"
        case _:
            return ""


FILTERS: Mapping[str, Callable[..., object]] = {
    "named": named,
    "rule_name": rule_name,
    "time_name": time_name,
    "text": cli.text,
    "member": member,
    "service_line": service_line,
    "period": period,
    "conditions": conditions,
    "apart": apart,
    "only_time": only_time,
    "kept": kept,
    "logged": logged,
    "action": action,
    "stands": stands,
}
