"""Intents and facts: what will be so afterwards, what undoes it, and what is still to do.

These three make undo exact at every line: whatever arrived is read from the device, and what is still
to do (forwards or back) follows from the difference.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, assert_never

from nornir_itsm.model.facts import (
    AdcFacts,
    AdcGroup,
    AddressBook,
    Facts,
    FirewallFacts,
    PointFacts,
    ScheduleBook,
    SecurityPolicy,
    Selector,
    ServiceBook,
)
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    Reuse,
    Schedule,
    SecurityRule,
    ServiceSet,
)
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.stages.parse import weekly
from nornir_itsm.stages.settle import settled


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def after(intents: Iterable[Intent], facts: Facts) -> Facts:
    """Return the facts once every intent is carried out."""
    points = dict(facts.points)
    for intent in settled(intents):
        points[intent.point] = _applied(intent, points[intent.point])
    return replace(facts, points=points)


def _applied(intent: Intent, facts: PointFacts) -> PointFacts:
    if not any(_remaining(intent, facts)):
        return facts  # what is there already stays as it is: its place, its other properties
    match intent, facts:
        case AddressSet(), FirewallFacts():
            return replace(facts, addresses=_books(intent, dict(facts.addresses)))
        case AddressSet(), AdcFacts():
            return replace(facts, groups=_groups(intent, dict(facts.groups)))
        case ServiceSet(), FirewallFacts():
            services = {k: v for k, v in facts.services.items() if k != intent.name}
            if intent.state == "ensure":
                services[intent.name] = ServiceBook(intent.name, intent.entries)
            return replace(facts, services=services)
        case Schedule(), FirewallFacts():
            schedules = {k: v for k, v in facts.schedules.items() if k != intent.name}
            if intent.state == "ensure":
                schedules[intent.name] = ScheduleBook(intent.name, weekly.normal(intent.periods))
            return replace(facts, schedules=schedules)
        case SecurityRule(), FirewallFacts():
            return replace(facts, rules=_placed(facts.rules, intent))
        case DestinationNat(), AdcFacts():
            return replace(facts, dnat=_placed(facts.dnat, intent))
        case _:
            raise TypeError(
                f"{type(intent).__name__} has no place on {type(facts).__name__} of {intent.point}"
            )


def _books(intent: AddressSet, books: dict[str, AddressBook]) -> dict[str, AddressBook]:
    old = books.pop(intent.name, AddressBook(intent.name))
    if intent.state == "absent" and intent.whole:
        return books
    books[intent.name] = replace(old, members=_members(old.members, intent))
    return books


def _groups(intent: AddressSet, groups: dict[str, AdcGroup]) -> dict[str, AdcGroup]:
    old = groups.pop(intent.name, AdcGroup(intent.name, description=intent.description))
    if intent.state == "absent" and intent.whole:
        return groups
    v4 = tuple(m for m in intent.members if ":" not in m)
    v6 = tuple(m for m in intent.members if ":" in m)
    groups[intent.name] = replace(
        old,
        members=_members(old.members, replace(intent, members=v4)),
        members_ipv6=_members(old.members_ipv6, replace(intent, members=v6)),
    )
    return groups


def _members(old: tuple[str, ...], intent: AddressSet) -> tuple[str, ...]:
    named = {addresses(m) for m in intent.members}
    if intent.state == "absent":
        return tuple(m for m in old if addresses(m) not in named)
    present = {addresses(m) for m in old}
    return (*old, *(m for m in intent.members if addresses(m) not in present))


def _placed[T: _Named](rules: tuple[T, ...], intent: SecurityRule | DestinationNat) -> tuple[T, ...]:
    others = [rule for rule in rules if not _same_rule(rule, intent)]
    if intent.state == "ensure":
        rule: T = intent.rule  # type: ignore[assignment]
        others.insert(place(intent.anchor, [r.name for r in others]), rule)
    return tuple(others)


def _same_rule(rule: _Named, intent: SecurityRule | DestinationNat) -> bool:
    if rule.name or not isinstance(intent, SecurityRule):
        return rule.name == intent.rule.name
    return isinstance(rule, SecurityPolicy) and bool(rule.id) and rule.id == intent.rule.id


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
            yield from _address_undone(intent, facts)
        case ServiceSet():
            assert isinstance(facts, FirewallFacts)
            was = facts.services.get(intent.name)
            if was is None:
                yield replace(intent, state="absent")
            else:
                yield replace(intent, state="ensure", entries=was.entries)
        case Schedule():
            assert isinstance(facts, FirewallFacts)
            kept = facts.schedules.get(intent.name)
            if kept is None:
                yield replace(intent, state="absent")
            else:
                yield replace(intent, state="ensure", periods=kept.periods)
        case SecurityRule():
            assert isinstance(facts, FirewallFacts)
            yield from _rule_undone(intent, facts.rules)
        case DestinationNat():
            assert isinstance(facts, AdcFacts)
            yield from _rule_undone(intent, facts.dnat)
        case _:
            assert_never(intent)


def _address_undone(intent: AddressSet, facts: PointFacts) -> Iterator[Intent]:
    old = _object(intent, facts)
    if old is None:
        yield replace(intent, state="absent", whole=True)
    elif intent.state == "ensure":
        present = {addresses(m) for m in _held(old)}
        added = tuple(m for m in intent.members if addresses(m) not in present)
        yield replace(intent, state="absent", whole=False, members=added)
    else:
        gone = {addresses(m) for m in intent.members}
        lost = tuple(m for m in _held(old) if intent.whole or addresses(m) in gone)
        said = old.description if isinstance(old, AdcGroup) else intent.description
        yield replace(intent, state="ensure", members=lost, description=said)


def _object(intent: AddressSet, facts: PointFacts) -> AddressBook | AdcGroup | None:
    if isinstance(facts, FirewallFacts):
        return facts.addresses.get(intent.name)
    return facts.groups.get(intent.name)


def _held(old: AddressBook | AdcGroup | None) -> tuple[str, ...]:
    """Return the members of both families."""
    match old:
        case None:
            return ()
        case AdcGroup():
            return (*old.members, *old.members_ipv6)
        case _:
            return old.members


def _rule_undone(intent: SecurityRule | DestinationNat, rules: Sequence[_Named]) -> Iterator[Intent]:
    names = [rule.name for rule in rules]
    at = next((i for i, rule in enumerate(rules) if _same_rule(rule, intent)), None)
    if at is None:
        yield replace(intent, state="absent")
    else:
        yield replace(intent, state="ensure", rule=rules[at], anchor=_anchor(at, names))  # type: ignore[arg-type]


def _anchor(at: int, names: Sequence[str]) -> Anchor:
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
    for intent in settled(intents):
        left += _remaining(intent, facts.points[intent.point])
    return tuple(left)


def _remaining(intent: Intent, facts: PointFacts) -> Iterator[Intent]:
    if intent.reuse:
        return
    match intent, facts:
        case AddressSet(), _:
            yield from _address_remaining(intent, facts)
        case ServiceSet(), FirewallFacts():
            was = facts.services.get(intent.name)
            if intent.state == "absent":
                if was is not None:
                    yield intent
            elif was is None or set(was.entries) != set(intent.entries):
                if was is not None:
                    yield replace(intent, state="absent", entries=was.entries)
                yield intent
        case Schedule(), FirewallFacts():
            yield from _schedule_remaining(intent, facts)
        case SecurityRule(), FirewallFacts():
            yield from _rule_remaining(intent, facts.rules)
        case DestinationNat(), AdcFacts():
            yield from _rule_remaining(intent, facts.dnat)
        case _:
            raise TypeError(f"{type(intent).__name__} has no place on {type(facts).__name__}")


def _address_remaining(intent: AddressSet, facts: PointFacts) -> Iterator[Intent]:
    old = _object(intent, facts)
    present = {addresses(m) for m in _held(old)}
    if intent.state == "ensure":
        missing = tuple(m for m in intent.members if addresses(m) not in present)
        if missing or old is None:
            yield replace(intent, members=missing, whole=intent.whole and old is None)
    elif intent.whole:
        if old is not None:
            yield intent
    elif there := tuple(m for m in intent.members if addresses(m) in present):
        yield replace(intent, members=there)


def _schedule_remaining(intent: Schedule, facts: FirewallFacts) -> Iterator[Intent]:
    was = facts.schedules.get(intent.name)
    if intent.state == "absent":
        if was is not None:
            yield intent
    elif was is None or was.periods != weekly.normal(intent.periods):
        if was is not None:
            yield replace(intent, state="absent")
        yield intent


def _rule_remaining(intent: SecurityRule | DestinationNat, rules: Sequence[_Named]) -> Iterator[Intent]:
    there = next((rule for rule in rules if _same_rule(rule, intent)), None)
    if intent.state == "absent":
        if there is not None:
            yield intent
    elif there is None or not _alike(there, intent.rule):
        if there is not None:
            yield replace(intent, state="absent", rule=there)  # type: ignore[arg-type]
        yield intent


def _alike(there: _Named, wanted: _Named) -> bool:
    """Tell whether a rule is as wanted; a device may print its members in an order of its own."""
    if isinstance(there, SecurityPolicy) and isinstance(wanted, SecurityPolicy):
        return _sorted_rule(there) == _sorted_rule(wanted)
    return there == wanted


def canonical(facts: PointFacts) -> PointFacts:
    """Return facts in which the order of members, which means nothing, is fixed; for comparing."""
    match facts:
        case FirewallFacts():
            return replace(
                facts,
                addresses={k: replace(v, members=_sorted(v.members)) for k, v in facts.addresses.items()},
                services={
                    k: replace(v, entries=tuple(sorted(v.entries, key=str)))
                    for k, v in facts.services.items()
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
        case _:
            assert_never(facts)


def _sorted(members: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(m.removesuffix("/32").removesuffix("/128") for m in members))


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
