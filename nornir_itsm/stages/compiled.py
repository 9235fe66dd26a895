"""A firewall's rules as packets, compiled once: what a change leaves alone is taken from the state before."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.space.rules import Rule, Rules
from nornir_itsm.stages.rulebase import label, policy_packets

_REMEMBERED = 8
"""So many states of firewalls are kept: two per point on a path, and what a design tries in between."""
_BOOKS = ("addresses", "services", "schedules")


@dataclass(frozen=True, slots=True)
class _State:
    """One state of one firewall: its rules that are not disabled, and what became of them."""

    facts: FirewallFacts
    live: tuple[SecurityPolicy, ...]
    rules: Rules
    named: Counter[str]
    """Every book, service, group and schedule that rules name, with how many do."""


_states: deque[_State] = deque(maxlen=_REMEMBERED)


def firewall_rules(facts: FirewallFacts) -> Rules:
    """Return the rules of a firewall that are not disabled, in the order in which they match."""
    states = tuple(_states)
    for state in states:
        if state.facts is facts:
            return state.rules
    live = tuple([rule for rule in facts.rules if rule.enabled is not False])
    changed = (_changed(state, facts, live) for state in reversed(states))
    made = next((state for state in changed if state), None) or _new(facts, live)
    _states.append(made)
    return made.rules


def _middle(old: Sequence[SecurityPolicy], new: Sequence[SecurityPolicy]) -> tuple[int, int, int]:
    """Return where two lists differ: from there, to there in the old one, to there in the new one."""
    most = min(len(old), len(new))
    start = _alike(lambda n: old[:n] == new[:n], most)
    end = _alike(lambda n: n == 0 or old[-n:] == new[-n:], most - start)
    return start, len(old) - end, len(new) - end


def _alike(holds: Callable[[int], bool], most: int) -> int:
    """Return the largest number up to *most* for which a property of all smaller ones holds."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _redefined(old: FirewallFacts, new: FirewallFacts) -> set[str]:
    """Return the names that mean another thing now, groups of such services included."""
    found = {name for kind in _BOOKS for name in _apart(getattr(old, kind), getattr(new, kind))}
    found |= _apart(old.groups, new.groups)
    while True:
        holders = {g.name for g in new.groups.values() if g.name not in found and found & set(g.members)}
        if not holders:
            return found
        found |= holders


def _apart(old: Mapping[str, object], new: Mapping[str, object]) -> set[str]:
    if old is new:
        return set()
    changed = {name for name, held in new.items() if old.get(name) is not held}
    return changed | (old.keys() - new.keys())


def _new(facts: FirewallFacts, live: tuple[SecurityPolicy, ...]) -> _State:
    rules = Rules(_rule(rule, facts) for rule in live)
    return _State(facts, live, rules, Counter(name for rule in live for name in _names(rule)))


def _changed(before: _State, facts: FirewallFacts, live: tuple[SecurityPolicy, ...]) -> _State | None:
    """Return the state after *before*, where most rules stay and mean the same; None where they do not."""
    start, old_stop, new_stop = _middle(before.live, live)
    new, old = live[start:new_stop], before.live[start:old_stop]
    gone = Counter(name for rule in old for name in _names(rule))
    redefined = _redefined(before.facts, facts)
    if len(old) * 2 >= len(live) or any(before.named[name] > gone[name] for name in redefined):
        return None
    rules = before.rules.spliced(start, old_stop, [_rule(rule, facts) for rule in new])
    named = before.named.copy()
    named.update(name for rule in new for name in _names(rule))
    named.subtract(gone)
    return _State(facts, live, rules, named)


def _rule(rule: SecurityPolicy, facts: FirewallFacts) -> Rule:
    return Rule(label(rule), policy_packets(rule, facts), passes=rule.action == "permit")


def _names(rule: SecurityPolicy) -> Iterator[str]:
    yield from (*rule.source.books, *rule.destination.books, *rule.services, *rule.schedules)
