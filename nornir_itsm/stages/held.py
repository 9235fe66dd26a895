"""Where the facts of a point hold what an intent is about, and when two of them are the same.

Three forms: address sets with members of their own, objects by name, rules in their order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Protocol, assert_never

from nornir_itsm.model.adc import AdcFacts, AdcGroup
from nornir_itsm.model.cloud_network import GroupFacts, GroupRule, SecurityGroup
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    PublishedServer,
    ScheduleBook,
    SecurityPolicy,
    Selector,
    ServiceBook,
    SourceTranslation,
)
from nornir_itsm.model.intent import (
    AddressPool,
    AddressSet,
    CloudRule,
    DestinationNat,
    Intent,
    Interface,
    PolicyRoute,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
    StaticRoute,
    SwitchIntent,
    Vlan,
    VpnInstance,
    name_of,
)
from nornir_itsm.model.switch import (
    PrefixList,
    SwitchFacts,
    SwitchInstance,
    SwitchInterface,
    SwitchRoute,
    SwitchVlan,
)
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.stages.parse import weekly
from nornir_itsm.stages.parse.cloud_groups import turn

RuleIntent = SecurityRule | DestinationNat | SourceNat | PolicyRoute
ObjectIntent = AddressPool | ServiceSet | Schedule | SwitchIntent
Object = (
    AddressBook | ServiceBook | ScheduleBook | SwitchVlan | SwitchInstance | SwitchInterface | SwitchRoute
)

_FIELDS: Mapping[tuple[type, type], str] = {
    (AddressSet, FirewallFacts): "addresses",
    (AddressSet, AdcFacts): "groups",
    (AddressSet, SwitchFacts): "prefix_lists",
    (AddressPool, FirewallFacts): "pools",
    (ServiceSet, FirewallFacts): "services",
    (Schedule, FirewallFacts): "schedules",
    (SecurityRule, FirewallFacts): "rules",
    (DestinationNat, FirewallFacts): "servers",
    (SourceNat, FirewallFacts): "translations",
    (DestinationNat, AdcFacts): "dnat",
    (SourceNat, AdcFacts): "snat",
    (PolicyRoute, AdcFacts): "routes",
    (Vlan, SwitchFacts): "vlans",
    (VpnInstance, SwitchFacts): "instances",
    (Interface, SwitchFacts): "interfaces",
    (StaticRoute, SwitchFacts): "routes",
}


class Named(Protocol):
    """Anything with a name on a device."""

    @property
    def name(self) -> str: ...  # noqa: D102


def _field(intent: Intent, facts: PointFacts) -> str:
    found = _FIELDS.get((type(intent), type(facts)))
    if found is None:
        raise TypeError(f"{type(intent).__name__} has no place on {type(facts).__name__} of {intent.point}")
    return found


AddressObject = AddressBook | AdcGroup | PrefixList


def address_set(intent: AddressSet, facts: PointFacts) -> AddressObject | None:
    """Return the address object that an intent is about, as it is."""
    found: AddressObject | None = getattr(facts, _field(intent, facts)).get(intent.name)
    return found


def members(held: AddressObject | None) -> tuple[str, ...]:
    """Return the members of both families."""
    match held:
        case None:
            return ()
        case AdcGroup():
            return (*held.members, *held.members_ipv6)
        case _:
            return held.members


def object_there(intent: ObjectIntent, facts: PointFacts) -> Any:
    """Return the object that an intent is about, as it is; None where there is none."""
    return (getattr(facts, _field(intent, facts)) or {}).get(name_of(intent))


def object_wanted(intent: ObjectIntent) -> Object:
    """Return the object as facts will show it."""
    match intent:
        case AddressPool():
            return AddressBook(intent.name, intent.members)
        case ServiceSet():
            return ServiceBook(intent.name, intent.entries)
        case Schedule():
            return ScheduleBook(intent.name, weekly.normal(intent.periods))
        case Vlan() | VpnInstance() | Interface() | StaticRoute():
            return intent.entry
        case _:
            assert_never(intent)


def for_object[T: ObjectIntent](intent: T, held: Any) -> T:
    """Return an intent of the same kind for the object as it is."""
    match intent:
        case AddressPool():
            return replace(intent, members=held.members)
        case ServiceSet():
            return replace(intent, entries=held.entries)
        case Schedule():
            return replace(intent, periods=held.periods)
        case _:
            return replace(intent, entry=held)


def rules_there(intent: RuleIntent, facts: PointFacts) -> tuple[Any, ...]:
    """Return the rules among which an intent's rule stands or shall stand, in their order."""
    found: tuple[Any, ...] = getattr(facts, _field(intent, facts))
    return found


def place_of(rules: Sequence[Any], intent: RuleIntent) -> int | None:
    """Return where the rule stands that an intent is about; one without a name goes by its identifier."""
    name = intent.rule.name
    if name or not isinstance(intent, SecurityRule):
        names = [rule.name for rule in rules]
        return names.index(name) if name in names else None
    ids = [rule.id if not rule.name else "" for rule in rules]
    return ids.index(intent.rule.id) if intent.rule.id and intent.rule.id in ids else None


def alike(there: object, wanted: object) -> bool:
    """Tell whether two objects or rules say the same; a device may print members in an order of its own."""
    match there, wanted:
        case SecurityPolicy(), SecurityPolicy():
            return _sorted_rule(there) == _sorted_rule(wanted)
        case SourceTranslation(), SourceTranslation():
            return replace(there, match=_sorted_rule(there.match)) == replace(
                wanted, match=_sorted_rule(wanted.match)
            )
        case ServiceBook(), ServiceBook():
            return set(there.entries) == set(wanted.entries)
        case ScheduleBook(), ScheduleBook():
            return there.periods == wanted.periods
        case _:
            return there == wanted


def changeable(there: Named, wanted: Named) -> bool:
    """Tell whether a rule can become the other where it stands, without ever matching more than both.

    Of a firewall's rule only addresses and services can: a side that becomes empty would mean any. Its own
    translations are made anew, but where they go by a number that can be typed again.
    """
    if isinstance(there, PublishedServer | SourceTranslation):
        return bool(there.id)
    if not isinstance(there, SecurityPolicy) or not isinstance(wanted, SecurityPolicy):
        return True
    parts = [part for rule in (there, wanted) for part in (rule.source, rule.destination)]
    filled = all(part.books or part.literals for part in parts) and there.services and wanted.services
    moved = replace(there, source=wanted.source, destination=wanted.destination, services=wanted.services)
    return bool(there.id and filled) and alike(moved, wanted)


def group_rule(intent: CloudRule, facts: PointFacts) -> GroupRule | None:
    """Return the rule of a security group that an intent is about, as it is."""
    return _group(intent, facts).rule(intent.rule.name)


def with_group_rule(facts: PointFacts, intent: CloudRule) -> GroupFacts:
    """Return the facts in which the group has the intent's rule, or has it no more."""
    assert isinstance(facts, GroupFacts), intent.point
    group = _group(intent, facts)
    others = tuple(rule for rule in group.rules if rule.name != intent.rule.name)
    wanted = others if intent.state == "absent" else (*others, intent.rule)
    held = replace(group, rules=tuple(sorted(wanted, key=turn)))
    return replace(facts, groups={**facts.groups, group.id: held})


def _group(intent: CloudRule, facts: PointFacts) -> SecurityGroup:
    assert isinstance(facts, GroupFacts), intent.point
    return facts.groups.get(intent.group) or SecurityGroup(intent.group)


def with_held(facts: PointFacts, intent: Intent, held: object) -> PointFacts:
    """Return the facts in which the intent's kind of thing is held like this."""
    changed: dict[str, Any] = {_field(intent, facts): held}
    return replace(facts, **changed)


def with_one(facts: PointFacts, intent: AddressSet | ObjectIntent, one: object | None) -> PointFacts:
    """Return the facts with an object in the place of the one of the intent's name, or without it."""
    held = getattr(facts, _field(intent, facts)) or {}
    name = name_of(intent)
    others = {other: kept for other, kept in held.items() if other != name}
    return with_held(facts, intent, others if one is None else {**others, name: one})


def unseen(facts: PointFacts) -> bool:
    """Tell whether nothing is known of a point."""
    return isinstance(facts, SwitchFacts | GroupFacts) and not facts.known


def canonical(facts: PointFacts) -> PointFacts:
    """Return facts in which the order of members, which means nothing, is fixed; for comparing.

    What is predefined stays out: no change can touch it, and some of it is there only while a rule says it.
    """
    match facts:
        case FirewallFacts():
            return replace(
                facts,
                addresses=_books({k: v for k, v in facts.addresses.items() if not v.predefined}),
                pools=None if facts.pools is None else _books(facts.pools),
                servers=_servers(facts.servers),
                translations=tuple(replace(one, match=_sorted_rule(one.match)) for one in facts.translations),
                services={
                    k: replace(v, entries=tuple(sorted(v.entries, key=str)))
                    for k, v in facts.services.items()
                    if not v.predefined
                },
                rules=tuple(_sorted_rule(rule) for rule in facts.rules),
            )
        case AdcFacts():
            return replace(
                facts,
                groups={
                    k: replace(v, members=_sorted(v.members), members_ipv6=_sorted(v.members_ipv6))
                    for k, v in facts.groups.items()
                },
            )
        case SwitchFacts():
            # A prefix list ends with its last member.
            held = {k: replace(v, members=_sorted(v.members)) for k, v in facts.prefix_lists.items()}
            return replace(facts, prefix_lists={k: v for k, v in held.items() if v.members or not v.complete})
        case GroupFacts():
            # The order is made by priorities; who is in which group no change of ours decides.
            return replace(facts, memberships={})
        case _:
            assert_never(facts)


def _books(held: Mapping[str, AddressBook]) -> dict[str, AddressBook]:
    """Return address objects; an empty one is read as one that may not be all there."""
    return {
        k: replace(v, members=_sorted(v.members), own=_sorted(v.own), complete=v.complete and bool(v.members))
        for k, v in held.items()
    }


def _servers(held: tuple[PublishedServer, ...]) -> tuple[PublishedServer, ...]:
    """Return servers in the order of their names where none can match what another one does."""
    alone = all(apart(a, b) for a, b in combinations(held, 2))
    return tuple(sorted(held, key=lambda one: one.name)) if alone else held


def apart(a: PublishedServer, b: PublishedServer) -> bool:
    """Tell whether two servers match nothing in common, zones not looked at."""
    if not addresses(a.address or "any").meets(addresses(b.address or "any")):
        return True
    one, other = a.service, b.service
    told = None not in (one.protocol, other.protocol) and not (a.unread or b.unread)
    return told and (one.protocol != other.protocol or one.high < other.low or other.high < one.low)


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(text.removesuffix("/32").removesuffix("/128") for text in texts))


def _sorted_rule(rule: SecurityPolicy) -> SecurityPolicy:
    def tidy(selector: Selector) -> Selector:
        return replace(selector, books=tuple(sorted(selector.books)), literals=_sorted(selector.literals))

    return replace(
        rule,
        source=tidy(rule.source),
        destination=tidy(rule.destination),
        services=tuple(sorted(rule.services)),
        logs=tuple(sorted(rule.logs)),
        profiles=tuple(sorted(rule.profiles)),
    )
