"""Intents and facts: what will be so afterwards, what undoes it, and what is still to do.

These three make undo exact at every line: whatever arrived is read from the device, and what is still
to do (forwards or back) follows from the difference.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, assert_never

from nornir_itsm.model.adc import AdcFacts, AdcGroup
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import AddressBook, FirewallFacts, SecurityPolicy
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
)
from nornir_itsm.model.switch import PrefixList
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.stages.held import (
    AddressObject,
    ObjectIntent,
    RuleIntent,
    address_set,
    alike,
    changeable,
    for_object,
    group_rule,
    members,
    object_there,
    object_wanted,
    place_of,
    rules_there,
    with_group_rule,
    with_held,
    with_one,
)
from nornir_itsm.stages.parse.nested import rebuilt
from nornir_itsm.stages.settle import settled


def after(intents: Iterable[Intent], facts: Facts) -> Facts:
    """Return the facts once every intent is carried out."""
    points = dict(facts.points)
    for intent in settled(intents):
        points[intent.point] = _applied(intent, points[intent.point])
    return replace(facts, points=points)


def _applied(intent: Intent, facts: PointFacts) -> PointFacts:
    if not any(_remaining(intent, facts)):
        return facts  # what is there already stays as it is: its place, its other properties
    absent = intent.state == "absent"
    match intent:
        case Reuse():
            return facts
        case AddressSet():
            gone = absent and intent.whole
            changed = with_one(facts, intent, None if gone else _address_set(intent, facts))
            if isinstance(changed, FirewallFacts):
                return replace(changed, addresses=rebuilt(changed.addresses, intent.name))
            return changed
        case AddressPool() | ServiceSet() | Schedule() | Vlan() | VpnInstance() | Interface() | StaticRoute():
            return with_one(facts, intent, None if absent else object_wanted(intent))
        case SecurityRule() | DestinationNat() | SourceNat() | PolicyRoute():
            return with_held(facts, intent, _placed(rules_there(intent, facts), intent))
        case CloudRule():
            return with_group_rule(facts, intent)
        case _:
            assert_never(intent)


def _address_set(intent: AddressSet, facts: PointFacts) -> AddressObject:
    old = address_set(intent, facts)
    if not isinstance(facts, AdcFacts):
        new = AddressBook if isinstance(facts, FirewallFacts) else PrefixList
        book = old if isinstance(old, AddressBook | PrefixList) else new(intent.name)
        if isinstance(book, AddressBook) and book.nested:
            # All members follow from its own and from those of the books that it names.
            return replace(book, own=_members(book.own, intent))
        return replace(book, members=_members(book.members, intent))
    group = old if isinstance(old, AdcGroup) else AdcGroup(intent.name, description=intent.description)
    v4 = tuple(m for m in intent.members if ":" not in m)
    v6 = tuple(m for m in intent.members if ":" in m)
    return replace(
        group,
        members=_members(group.members, replace(intent, members=v4)),
        members_ipv6=_members(group.members_ipv6, replace(intent, members=v6)),
    )


def _members(old: tuple[str, ...], intent: AddressSet) -> tuple[str, ...]:
    named = {addresses(m) for m in intent.members}
    if intent.state == "absent":
        return tuple(m for m in old if addresses(m) not in named)
    present = {addresses(m) for m in old}
    return (*old, *(m for m in intent.members if addresses(m) not in present))


def _placed(rules: tuple[Any, ...], intent: RuleIntent) -> tuple[Any, ...]:
    at = place_of(rules, intent)
    others = rules if at is None else (*rules[:at], *rules[at + 1 :])
    if intent.state == "absent":
        return others
    if at is not None and changeable(rules[at], intent.rule):
        return (*rules[:at], _in_place(rules[at], intent.rule), *rules[at + 1 :])
    to = place(intent.anchor, [rule.name for rule in others])
    return (*others[:to], intent.rule, *others[to:])


def _in_place(there: Any, wanted: Any) -> Any:
    """Return a rule after it was changed where it stands: what the device gave it stays."""
    return replace(wanted, id=there.id, hits=there.hits) if isinstance(there, SecurityPolicy) else wanted


def place(anchor: Anchor, names: Sequence[str]) -> int:
    """Return the index at which a rule with this anchor stands among rules of these names."""
    match anchor.place:
        case "first":
            return 0
        case "before" if anchor.name in names:
            return names.index(anchor.name)
        case "after" if anchor.name in names:
            return names.index(anchor.name) + 1
        case _:
            return len(names)


def inverse(intents: Sequence[Intent], before: Facts) -> tuple[Intent, ...]:
    """Return the intents that lead back to *before*, in the order in which they must be carried out.

    Each is undone from what the intents before it leave: of two neighbours that are removed, the anchor
    of the one that comes back first must not be the other.
    """
    undone: list[tuple[Intent, ...]] = []
    now = before
    for intent in intents:
        undone.append(tuple(_undone(intent, now.points[intent.point])))
        now = after([intent], now)
    return tuple(back for one in reversed(undone) for back in one)


def _undone(intent: Intent, facts: PointFacts) -> Iterator[Intent]:
    if not any(_remaining(intent, facts)):
        return
    match intent:
        case Reuse():
            return
        case AddressSet():
            yield _address_undone(intent, facts)
        case AddressPool() | ServiceSet() | Schedule() | Vlan() | VpnInstance() | Interface() | StaticRoute():
            was = object_there(intent, facts)
            back = intent if was is None else for_object(intent, was)
            yield replace(back, state="absent" if was is None else "ensure")
        case SecurityRule() | DestinationNat() | SourceNat() | PolicyRoute():
            yield _rule_undone(intent, rules_there(intent, facts))
        case CloudRule():
            there = group_rule(intent, facts)
            yield replace(intent, state="absent" if there is None else "ensure", rule=there or intent.rule)
        case _:
            assert_never(intent)


def _address_undone(intent: AddressSet, facts: PointFacts) -> AddressSet:
    old = address_set(intent, facts)
    if old is None:
        return replace(intent, state="absent", whole=True)
    if intent.state == "ensure":
        present = {addresses(m) for m in members(old)}
        added = tuple(m for m in intent.members if addresses(m) not in present)
        return replace(intent, state="absent", whole=False, members=added)
    gone = {addresses(m) for m in intent.members}
    lost = tuple(m for m in members(old) if intent.whole or addresses(m) in gone)
    said = old.description if isinstance(old, AdcGroup) else intent.description
    return replace(intent, state="ensure", members=lost, description=said)


def _rule_undone(intent: RuleIntent, rules: Sequence[Any]) -> Intent:
    at = place_of(rules, intent)
    if at is None:
        return replace(_new(intent), state="absent")
    names = [rule.name for rule in rules]
    return replace(_new(intent), state="ensure", rule=rules[at], anchor=anchor_at(at, names))


def _new[T: RuleIntent](intent: T) -> T:
    """Return an intent that says nothing of what it replaces: that is found out when it is carried out."""
    return replace(intent, was=None) if isinstance(intent, SecurityRule) else intent


def anchor_at(at: int, names: Sequence[str]) -> Anchor:
    """Say where the rule at this index stands, by a neighbour that has a name of its own."""
    if at + 1 < len(names) and names[at + 1]:
        return Anchor("before", names[at + 1])
    if at > 0 and names[at - 1]:
        return Anchor("after", names[at - 1])
    return Anchor("last") if at else Anchor("first")


def remaining(intents: Iterable[Intent], facts: Facts) -> tuple[Intent, ...]:
    """Return what is still to do of these intents, given what the devices hold now.

    A rule that is there counts as done wherever it stands.
    """
    left: list[Intent] = []
    listed = settled(intents)
    for at, intent in enumerate(listed):
        found = tuple(_remaining(intent, facts.points[intent.point]))
        left += (_in_its_place(found[0], listed[:at], facts),) if _overwrites(found) else found
    return tuple(left)


def _overwrites(found: Sequence[Intent]) -> bool:
    """Tell whether a translation that is there is typed again under its number."""
    numbered = (isinstance(one, DestinationNat | SourceNat) and getattr(one.rule, "id", "") for one in found)
    return len(found) == 1 and all(numbered) and found[0].state == "ensure"


def _in_its_place(intent: Intent, earlier: Sequence[Intent], facts: Facts) -> Intent:
    """Return an intent that says the place its rule has by then: no manual says that it keeps it."""
    assert isinstance(intent, DestinationNat | SourceNat)
    rules = rules_there(intent, after(earlier, facts).points[intent.point])
    at = place_of(rules, intent)
    return intent if at is None else replace(intent, anchor=anchor_at(at, [rule.name for rule in rules]))


def _remaining(intent: Intent, facts: PointFacts) -> Iterator[Intent]:
    if intent.reuse:
        return
    match intent:
        case Reuse():
            return
        case AddressSet():
            yield from _address_remaining(intent, facts)
        case AddressPool() | ServiceSet() | Schedule() | Vlan() | VpnInstance() | Interface() | StaticRoute():
            yield from _object_remaining(intent, facts)
        case SecurityRule() | DestinationNat() | SourceNat() | PolicyRoute():
            yield from _rule_remaining(intent, rules_there(intent, facts))
        case CloudRule():
            if (group_rule(intent, facts) is None) == (intent.state == "ensure"):
                yield intent
        case _:
            assert_never(intent)


def _address_remaining(intent: AddressSet, facts: PointFacts) -> Iterator[Intent]:
    old = address_set(intent, facts)
    present = {addresses(m) for m in members(old)}
    if intent.state == "ensure":
        missing = tuple(m for m in intent.members if addresses(m) not in present)
        if missing or old is None:
            yield replace(intent, members=missing, whole=intent.whole and old is None)
    elif intent.whole:
        if old is not None:
            yield intent
    elif there := tuple(m for m in intent.members if addresses(m) in present):
        yield replace(intent, members=there)


def _object_remaining(intent: ObjectIntent, facts: PointFacts) -> Iterator[Intent]:
    was = object_there(intent, facts)
    if intent.state == "absent":
        if was is not None:
            yield intent
    elif was is None or not alike(was, object_wanted(intent)):
        if was is not None:
            yield replace(for_object(intent, was), state="absent")
        yield intent


def _rule_remaining(intent: RuleIntent, rules: Sequence[Any]) -> Iterator[Intent]:
    at = place_of(rules, intent)
    there: Any = None if at is None else rules[at]
    if intent.state == "absent":
        if there is not None:
            yield intent
    elif there is None:
        yield _new(intent)
    elif not alike(there, intent.rule):
        if not changeable(there, intent.rule):
            yield replace(_new(intent), state="absent", rule=there)
            yield _new(intent)
        elif isinstance(intent, SecurityRule):
            yield replace(intent, was=there)
        else:
            yield intent
