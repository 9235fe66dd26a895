"""What is done to each object of a device, as a person does it: verb, name, menu, fields with their values.

Made of intents, not of API bodies: a step says what an object will be, and what it was where it changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from nornir_itsm.model.adc import AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.model.change import Change
from nornir_itsm.model.cloud_network import GroupRule
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
    CloudRule,
    DestinationNat,
    Intent,
    Interface,
    PolicyRoute,
    Reuse,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
    StaticRoute,
    Vlan,
    VpnInstance,
    kind_of,
    name_of,
)
from nornir_itsm.model.order import DAYS, Period
from nornir_itsm.stages.document.inert import hosts
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.document.model import Field, Step
from nornir_itsm.stages.parse.cloud_groups import ANY_PORT

Verb = Literal["create", "modify", "delete", "add_members", "remove_members"]
Rows = Iterator[tuple[str, str]]

_PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}
_ANY_PORT = ("0", "ALL")


def key(intent: Intent) -> tuple[str, str]:
    """Return what tells an object from others on its device."""
    return kind_of(intent), name_of(intent)


def done(change: Change) -> tuple[Intent, ...]:
    """Return the intents that a change carries out: those that its undo takes back."""
    back = {key(intent) for intent in change.back}
    return tuple(i for i in change.intents if not i.reuse and key(i) in back)


def verb(intent: Intent, others: Sequence[Intent]) -> Verb:
    """Say what is done, given the intents that lead the other way."""
    if isinstance(intent, AddressSet):
        if intent.state == "absent":
            return "delete" if intent.whole else "remove_members"
        whole = any(isinstance(o, AddressSet) and key(o) == key(intent) and o.whole for o in others)
        return "create" if whole else "add_members"
    if intent.state == "absent":
        return "delete"
    there = any(key(o) == key(intent) and o.state == "ensure" for o in others)
    return "modify" if there else "create"


def steps(
    doing: Sequence[Intent], others: Sequence[Intent], menus: Mapping[str, str], say: Language
) -> tuple[Step, ...]:
    """Return one step an intent, in order; *others* lead the other way and say what an object was."""
    return tuple(_step(intent, others, menus, say) for intent in doing)


def _step(intent: Intent, others: Sequence[Intent], menus: Mapping[str, str], say: Language) -> Step:
    what = verb(intent, others)
    title = say(f"verbs.{what}", kind=kind_words(intent, say), name=name_of(intent))
    menu = menus.get(kind_of(intent), "")
    fields = tuple(_changed(intent, what, others, say))
    said = (f"{f.label} {f.was} → {f.value}" if f.was else f"{f.label} {f.value}" for f in fields)
    rest = [text for text, f in zip(said, fields, strict=True) if f.value != name_of(intent)]
    return Step(title, name_of(intent), menu, fields, say("language.semicolon").join(rest))


def _changed(intent: Intent, what: Verb, others: Sequence[Intent], say: Language) -> Iterator[Field]:
    """Yield the fields that a person fills in, with what stood there where it is changed."""
    if what == "delete":
        return
    if isinstance(intent, AddressSet) and what != "create":
        yield Field(say(f"fields.{what}"), _members(intent.members, say))
        return
    old = next((o for o in others if key(o) == key(intent) and o.state == "ensure"), None)
    was = dict(_fields(old, say)) if old is not None and what == "modify" else {}
    for label, value in _fields(intent, say):
        yield Field(label, value, "" if was.get(label, value) == value else was[label])
    if place := _place(intent, what, say):
        yield Field(say("fields.place"), place)


def _place(intent: Intent, what: Verb, say: Language) -> str:
    if not isinstance(intent, SecurityRule | DestinationNat | SourceNat | PolicyRoute):
        return ""
    return say("places.kept") if what == "modify" else place_words(intent.anchor, say)


def place_words(anchor: Anchor, say: Language) -> str:
    """Say where a new rule stands."""
    return say(f"places.{anchor.place}", name=anchor.name)


def kind_words(intent: Intent, say: Language) -> str:
    """Say what kind of thing an intent is about."""
    return say(f"kinds.{kind_of(intent)}")


def reused(intents: Sequence[Intent], say: Language) -> Iterator[str]:
    """Name what stays as it is and is built upon."""
    for intent in (i for i in intents if i.reuse):
        why = say("fields.why", why=intent.why) if isinstance(intent, Reuse) and intent.why else ""
        yield f"{kind_words(intent, say)} {say.quote(name_of(intent))}{why}"


def _fields(intent: Intent, say: Language) -> Rows:
    if not isinstance(intent, CloudRule):  # a console asks for no name: all that the rule says is its name
        yield say("fields.name"), name_of(intent)
    match intent:
        case AddressSet() | AddressPool():
            yield say("fields.members"), _members(intent.members, say)
        case ServiceSet():
            yield say("fields.entries"), say.list([_entry(e, say) for e in intent.entries])
        case Schedule():
            yield (
                say("fields.periods"),
                say("language.semicolon").join(period_words(p, say) for p in intent.periods),
            )
        case SecurityRule():
            yield from _rule(intent.rule, say)
        case DestinationNat() | SourceNat():
            yield from _translation(intent.rule, say)
        case PolicyRoute():
            yield from _route(intent.rule, say)
        case Vlan() | VpnInstance() | Interface() | StaticRoute():
            yield from _switch(intent, say)
        case CloudRule():
            yield from _cloud_rule(intent, say)
        case Reuse():
            pass


def _translation(rule: DnatRule | PublishedServer | SnatRule | SourceTranslation, say: Language) -> Rows:
    match rule:
        case DnatRule():
            yield from _dnat(rule, say)
        case PublishedServer():
            yield from _server(rule, say)
        case SnatRule():
            yield from _snat(rule, say)
        case SourceTranslation():
            yield from _source(rule, say)


def _switch(intent: Vlan | VpnInstance | Interface | StaticRoute, say: Language) -> Rows:
    match intent:
        case Interface(entry=entry):
            yield say("fields.instance"), entry.instance
            yield say("fields.address"), entry.address
        case StaticRoute(entry=entry):
            yield say("fields.instance"), entry.instance
            yield say("fields.prefix"), entry.prefix
            yield say("fields.next_hop"), " ".join(filter(None, (entry.to, entry.next_hop)))
        case VpnInstance(entry=entry) if entry.route_distinguisher:
            yield "RD", entry.route_distinguisher
        case _:
            return


def _rule(rule: SecurityPolicy, say: Language) -> Rows:
    yield say("fields.source_zone"), _names(rule.source_zones, say)
    yield say("fields.source"), _side(rule.source, say)
    yield say("fields.destination_zone"), _names(rule.destination_zones, say)
    yield say("fields.destination"), _side(rule.destination, say)
    yield say("fields.service"), _names(rule.services, say)
    if rule.schedules:
        yield say("fields.schedule"), say.list(rule.schedules)
    yield say("fields.action"), say(f"actions.{rule.action}")
    if rule.profiles:
        yield (
            say("fields.profiles"),
            say("language.comma").join(f"{say.known('profiles', k)} {v}" for k, v in rule.profiles),
        )
    if rule.logs:
        yield say("fields.logs"), say.list([say.known("logs", log) for log in rule.logs])
    yield say("fields.state"), say("states.on" if rule.enabled else "states.off")


def _cloud_rule(intent: CloudRule, say: Language) -> Rows:
    rule = intent.rule
    yield say("fields.security_group"), intent.group
    yield say("fields.direction"), say(f"directions.{rule.direction}")
    yield say("fields.policy"), say(f"actions.{rule.policy}")
    yield say("fields.priority"), str(rule.priority)
    yield say("fields.protocol"), _protocol(rule.protocol, say)
    yield say("fields.port_range"), rule.ports
    yield say("fields.peer"), rule.peer
    yield from ((say(f"fields.{key}"), text) for key, text in _further(rule) if text)


def _further(rule: GroupRule) -> Rows:
    yield "own", rule.own
    yield "source_ports", "" if rule.source_ports == ANY_PORT else rule.source_ports
    yield "description", rule.description


def _dnat(rule: DnatRule, say: Language) -> Rows:
    yield say("fields.state"), say("states.on" if rule.enabled else "states.off")
    yield say("fields.inbound_links"), say.list(rule.links)
    yield say("fields.source"), _match(rule.source, say)
    yield say("fields.destination"), _match(rule.destination, say)
    yield say("fields.protocol"), _protocol(rule.protocol, say)
    yield say("fields.ports"), say.list(rule.ports) or say("fields.any")
    yield say("fields.translated"), _match(rule.target, say)
    kept = not rule.target_ports or rule.target_ports == ("0",)
    yield say("fields.translated_ports"), say("fields.kept") if kept else say.list(rule.target_ports)


def _server(server: PublishedServer, say: Language) -> Rows:
    if server.id:
        yield say("fields.state"), say("states.on" if server.enabled else "states.off")
    yield say("fields.source_zone"), server.zone or say("fields.any")
    yield say("fields.destination"), server.address
    if server.book:
        yield say("fields.service"), server.book
    entry = server.service
    yield say("fields.protocol"), _PROTOCOLS.get(entry.protocol or 0, say("fields.any"))
    yield say("fields.ports"), _span(entry.low, entry.high)
    yield say("fields.translated"), server.target
    kept = server.port == entry.low
    last = server.port + entry.high - entry.low
    yield say("fields.translated_ports"), say("fields.kept") if kept else _span(server.port, last)


def _source(nat: SourceTranslation, say: Language) -> Rows:
    yield say("fields.state"), say("states.on" if nat.match.enabled else "states.off")
    yield say("fields.source_zone"), _names(nat.match.source_zones, say)
    yield say("fields.source"), _side(nat.match.source, say)
    yield say("fields.destination_zone"), _names(nat.match.destination_zones, say)
    yield say("fields.destination"), _side(nat.match.destination, say)
    yield say("fields.service"), _names(nat.match.services, say)
    outgoing = say("fields.kept") if nat.keeps else say("fields.link_address")
    yield say("fields.translated"), " ".join(filter(None, (nat.pool, say.list(nat.to)))) or outgoing


def _snat(rule: SnatRule, say: Language) -> Rows:
    yield say("fields.state"), say("states.on" if rule.enabled else "states.off")
    yield say("fields.inbound_links"), say.list(rule.inbound_links)
    yield say("fields.outbound_links"), say.list(rule.outbound_links)
    yield say("fields.source"), _match(rule.source, say)
    yield say("fields.destination"), _match(rule.destination, say)
    yield say("fields.protocol"), _protocol(rule.protocol, say)
    yield say("fields.translated"), _match(rule.translated, say)


def _route(rule: RouteRule, say: Language) -> Rows:
    yield say("fields.state"), say("states.on" if rule.enabled else "states.off")
    yield say("fields.source"), _match(rule.source, say)
    yield say("fields.destination"), _match(rule.destination, say)
    yield say("fields.protocol"), _protocol(rule.protocol, say)
    yield say("fields.schedule_links"), say.list(rule.links)


def _side(side: Selector, say: Language) -> str:
    books = [say("fields.book", name=book) for book in side.books if book.casefold() != "any"]
    literals = [hosts([literal]) for literal in side.literals]
    return say.list([*books, *literals]) or say("fields.any")


def _members(members: Sequence[str], say: Language) -> str:
    return hosts(members, say("fields.any"), say("language.comma"))


def _names(names: Sequence[str], say: Language) -> str:
    return say("fields.any") if not names or [n.casefold() for n in names] == ["any"] else say.list(names)


def _match(match: AddressMatch, say: Language) -> str:
    match match.kind:
        case "ALL":
            return say("fields.any")
        case "IP-ADDRESS":
            return match.value
        case "CUSTOM-ADDRESS-GROUP":
            return say("fields.group", name=match.value)
        case "OUTBOUND-LINK-IP":
            return say("fields.link_address")
        case _:
            return f"{match.kind} {match.value}".strip()


def _protocol(word: str, say: Language) -> str:
    return say("fields.any") if word in _ANY_PORT else word.replace("_", "+")


def _entry(entry: ServiceEntry, say: Language) -> str:
    protocol = _PROTOCOLS.get(entry.protocol or 0, say("fields.any"))
    source = (
        ""
        if (entry.source_low, entry.source_high) == (0, 65535)
        else say("fields.source_port", ports=_span(entry.source_low, entry.source_high))
    )
    return f"{protocol} {_span(entry.low, entry.high)}{source}"


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def period_words(period: Period, say: Language) -> str:
    """Say a weekly period."""
    at = [DAYS.index(day) for day in period.days]
    if len(at) > 2 and at == list(range(at[0], at[-1] + 1)):
        days = say("days.span", first=say(f"days.{period.days[0]}"), last=say(f"days.{period.days[-1]}"))
    else:
        days = say.list([say(f"days.{day}") for day in period.days])
    return f"{days} {period.start}-{period.end}"
