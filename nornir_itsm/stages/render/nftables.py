"""Intents as statements of an nftables transaction (nftables 1.0.6; ``nft(8)``).

Names of an order reach a line only as a comment (quoted, without quotes, controls and backslashes) or as
an identifier that is made of a digest; addresses and ports only after they were read as such. A rule of
ours is one or several lines with the same comment: one for each combination that one line cannot say.
A translation is one line in the chain of its kind.
Not said: schedules (nftables compares the clock of the kernel), IPv6 sets, disabled rules.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

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
    SecurityRule,
    ServiceSet,
    SourceNat,
)
from nornir_itsm.space.dimensions import V6, addresses, is_name
from nornir_itsm.stages.nft_words import (
    ANY_ADDRESS,
    ANY_SERVICE,
    ICMP,
    LONGEST_COMMENT,
    PREDEFINED,
    PROTOCOLS,
    identifier,
    inline_entries,
    inline_name,
    ports,
)
from nornir_itsm.stages.parse.members import network, span
from nornir_itsm.stages.render.cli import Language, host
from nornir_itsm.stages.render.cli import lines as lines_in

LONGEST_LINE = 900
_FORBIDDEN = re.compile(
    r'[\x00-\x1f\x7f-\x9f"\\\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]'
)
_INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}")
_VERDICTS = {"permit": "accept", "deny": "drop"}


def lines(intents: Sequence[Intent], templates: Mapping[str, str]) -> tuple[str, ...]:
    """Return the statements for these intents. Raises ChangeError for what nftables is not told."""
    made = lines_in(intents, templates, LANGUAGE)
    if long := next((line for line in made if len(line) > LONGEST_LINE), ""):
        raise ChangeError(f"line {long[:80]!r}...", "is too long", "name the addresses in an address set")
    return made


def quoted(text: str) -> str:
    """Quote a name as a comment. Raises ChangeError for what a comment cannot hold."""
    if not text or len(text.encode("utf-8", "replace")) > LONGEST_COMMENT or _FORBIDDEN.search(text):
        hint = f"1-{LONGEST_COMMENT} bytes of UTF-8 without quotes, \\ and controls"
        raise ChangeError(f"name {text!r}", "no nftables comment", hint)
    return f'"{text}"'


def set_comment(name: str) -> str:
    """Say the name of a set where its identifier does not."""
    said = quoted(name)
    if name in (ANY_ADDRESS, *PREDEFINED) or inline_entries(name):
        raise ChangeError(f"name {name!r}", "rules use this word for something else", "choose another")
    return "" if name.removeprefix("@") == identifier(name) else f" comment {said};"


def member(text: str) -> str:
    """Say an address, network or range."""
    found = network(text) or span(text)
    if found is None or is_name(addresses(found).low) or found.endswith("/0"):
        raise ChangeError(f"member {text!r}", "no address of a set", "nftables takes addresses and networks")
    return found.removesuffix("/32").removesuffix("/128")


def address_type(members: Sequence[str]) -> str:
    """Say the type of a set. Raises ChangeError for IPv6: rules of ours name sets of IPv4 only."""
    if any(addresses(one) <= V6 for one in map(member, members)):
        raise ChangeError(f"members {', '.join(members)[:80]}", "IPv6 is not written", "do it by hand")
    return "ipv4_addr"


def service_entry(entry: ServiceEntry) -> str:
    """Say one element of a service set: ``tcp . 443``."""
    if entry.protocol not in PROTOCOLS or (entry.source_low, entry.source_high) != (0, 65535):
        raise ChangeError(f"service {entry}", "only TCP and UDP to ports", "make the service by hand")
    return f"{PROTOCOLS[entry.protocol]} . {ports(entry)}"


def whom(rule: SecurityPolicy) -> str:
    """Say which rule goes: by its name, one without a name by the kernel's handle."""
    if not rule.name and not re.fullmatch(r"[0-9]{1,10}", rule.id):
        raise ChangeError(f"rule {rule.id!r}", "has neither name nor handle", "read the firewall again")
    return f"named {quoted(rule.name)}" if rule.name else f"handle {rule.id}"


def place(anchor: Anchor) -> str:
    """Say where a new rule goes; nothing for the bottom."""
    if anchor.place == "last":
        return ""
    return " first" if anchor.place == "first" else f" {anchor.place} {quoted(anchor.name)}"


def rules_in_turn(intent: SecurityRule) -> tuple[str, ...]:
    """Say the lines of a new rule: each goes above those before it where they count from above."""
    made = rules(intent.rule)
    return made[::-1] if intent.anchor.place in ("first", "after") else made


def rules(rule: SecurityPolicy) -> tuple[str, ...]:
    """Say a rule in as many lines as it takes."""
    return _lines(rule, _VERDICTS[rule.action])


def server(rule: PublishedServer) -> str:
    """Say where a public address and its ports lead; a range keeps its ports."""
    entry, public, target = rule.service, host(rule.address), host(rule.target)
    shifted = entry.protocol is not None and rule.port != entry.low
    problem = "it also translates what its host sends" if not rule.one_way else ""
    problem = "it leads a range of ports to other ports" if shifted and entry.low != entry.high else problem
    problem = "part of it was not understood" if rule.unread or rule.rest not in ("", "log") else problem
    if problem:
        raise ChangeError(f"server {rule.name!r}", problem, "write one line for each port")
    came = _zone("iifname", (rule.zone,) if rule.zone else ())
    named = "" if entry.protocol is None else inline_name([entry])
    to = f"dnat ip to {target}{f':{rule.port}' if shifted else ''}"
    parts = (came, f"ip daddr {public}", named and _service(named), "counter", rule.rest, to)
    return f"{' '.join(filter(None, parts))} comment {quoted(rule.name)}"


def source(nat: SourceTranslation) -> str:
    """Say a source translation, which is one line. Raises ChangeError where it would take several."""
    said = "accept" if nat.keeps else "masquerade"
    if nat.to and not nat.keeps:
        said = f"snat ip to {member(nat.to[0])}"
    made = _lines(nat.match, said)
    if len(made) > 1 or len(nat.to) > 1 or nat.pool:
        raise ChangeError(f"rule {nat.name!r}", "is no single line of nftables", "name hosts, or one object")
    return made[0]


def _lines(rule: SecurityPolicy, verdict: str) -> tuple[str, ...]:
    _demand_sayable(rule)
    log = "log " if rule.logs else ""
    end = f"counter {log}{verdict} comment {quoted(rule.name)}"
    came, goes = (
        _zone(*side) for side in (("iifname", rule.source_zones), ("oifname", rule.destination_zones))
    )
    sources, destinations = (
        tuple(_side(*side)) for side in (("saddr", rule.source), ("daddr", rule.destination))
    )
    services = tuple(map(_service, rule.services)) or ("",)
    combined = product(sources, destinations, services)
    return tuple(" ".join(filter(None, (came, goes, *parts, end))) for parts in combined)


def _demand_sayable(rule: SecurityPolicy) -> None:
    reasons = {
        "it names a schedule": rule.schedules,
        "it names a profile": rule.profiles,
        "it has a description besides its name": rule.description,
        "it is disabled": not rule.enabled,
        "it logs the end of sessions": "end" in rule.logs,
        "part of it was not understood": rule.unread,
    }
    if problem := next((reason for reason, there in reasons.items() if there), ""):
        raise ChangeError(f"rule {rule.name!r}", f"{problem}: nftables is not told that", "do it by hand")


def _zone(word: str, zones: Sequence[str]) -> str:
    for zone in zones:
        if not _INTERFACE.fullmatch(zone):
            raise ChangeError(f"zone {zone!r}", "is no interface", "name the interface in site.yaml")
    said = ", ".join(f'"{zone}"' for zone in zones)
    return f"{word} {{ {said} }}" if len(zones) > 1 else f"{word} {said}" if zones else ""


def _side(word: str, selector: Selector) -> Iterator[str]:
    """Yield how one side is matched. Single addresses share a line; networks the kernel would merge."""
    for book in selector.books:
        yield f"ip {word} 0.0.0.0/0" if book == ANY_ADDRESS else f"ip {word} @{_checked(book)}"
    listed = [member(text) for text in selector.literals]
    hosts = [text for text in listed if addresses(text).size == 1]
    for group in (*([hosts] if hosts else []), *([text] for text in listed if text not in hosts)):
        family = "ip6" if addresses(group[0]) <= V6 else "ip"
        yield f"{family} {word} " + (f"{{ {', '.join(group)} }}" if len(group) > 1 else group[0])
    if not selector.books and not selector.literals:
        yield ""


def _checked(name: str) -> str:
    quoted(name)
    return identifier(name)


def _service(name: str) -> str:
    if name == ANY_SERVICE:
        return ""
    if name in ICMP:
        return ICMP[name][0]
    entries = inline_entries(name)
    if not entries:
        return f"meta l4proto . th dport @{_checked(name)}"
    words = {PROTOCOLS[entry.protocol or 0] for entry in entries}
    if len(words) > 1:
        return f"meta l4proto . th dport {{ {', '.join(map(service_entry, entries))} }}"
    (word,) = words
    if len(entries) == 1:
        return f"{word} dport {ports(entries[0])}"
    return f"{word} dport {{ {', '.join(map(ports, entries))} }}"


LANGUAGE = Language(
    "linux_nftables",
    {
        AddressSet: "address_set.j2",
        ServiceSet: "service_set.j2",
        SecurityRule: "security_rule.j2",
        DestinationNat: "destination_nat.j2",
        SourceNat: "source_nat.j2",
    },
    {
        "server": server,
        "source": source,
        "quoted": quoted,
        "identifier": _checked,
        "set_comment": set_comment,
        "member": member,
        "address_type": address_type,
        "service_entry": service_entry,
        "whom": whom,
        "place": place,
        "rules": rules,
        "rules_in_turn": rules_in_turn,
    },
)
