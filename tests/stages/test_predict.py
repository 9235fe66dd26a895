"""What will be so afterwards, what undoes it, what is still to do: exact for all intents, at every prefix."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given

from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.model.intent import Anchor, Intent, SecurityRule
from nornir_itsm.stages.held import canonical
from nornir_itsm.stages.predict import after, inverse, remaining
from tests.stages.small_facts import LAST, PLANS, WALL, facts


def same(held: Facts) -> dict[str, PointFacts]:
    return {name: canonical(point) for name, point in held.points.items()}


def carried_out(intents: Sequence[Intent], start: Facts) -> list[Facts]:
    """Return the facts before, between and after the intents, one by one."""
    states = [start]
    for intent in intents:
        states.append(after([intent], states[-1]))
    return states


@given(facts(), PLANS)
def test_nothing_remains_once_all_is_done(start: Facts, intents: list[Intent]) -> None:
    """Carrying out what remains leads to what was predicted, and then nothing is left to do."""
    todo = remaining(intents, start)
    done = carried_out(todo, start)[-1]
    assert same(done) == same(after(intents, start))
    assert remaining(intents, done) == ()
    assert same(after(intents, done)) == same(done)


@given(facts(), PLANS)
def test_undo_leads_back_from_every_prefix(start: Facts, intents: list[Intent]) -> None:
    """Whatever part of a change arrived: what remains of its undo restores the baseline."""
    todo = remaining(intents, start)
    back = inverse(todo, start)
    for state in carried_out(todo, start):
        left = remaining(back, state)
        assert same(carried_out(left, state)[-1]) == same(start)


@given(facts(), PLANS)
def test_what_is_left_leads_on_from_every_prefix(start: Facts, intents: list[Intent]) -> None:
    """After a crash the rest of a change leads to the target, without doing anything twice."""
    todo = remaining(intents, start)
    states = carried_out(todo, start)
    for state in states:
        assert same(carried_out(remaining(intents, state), state)[-1]) == same(states[-1])


def test_rules_without_a_name_are_told_apart_by_their_id() -> None:
    """Two rules that a broken session left without a name are both taken away."""
    left = tuple(SecurityPolicy("", "permit", id=number) for number in ("8", "9"))
    start = Facts({WALL: FirewallFacts((*left, SecurityPolicy(LAST, "deny")))})
    away = [SecurityRule(WALL, rule, Anchor(), state="absent") for rule in left]
    assert [rule.name for rule in after(away, start).firewall(WALL).rules] == [LAST]


@given(facts(), PLANS)
def test_nothing_is_done_for_nothing(start: Facts, intents: list[Intent]) -> None:
    """Every step that remains changes something; reuse never does."""
    todo = remaining(intents, start)
    states = carried_out(todo, start)
    for was, becomes in pairwise(states):
        assert same(was) != same(becomes)
    assert not any(intent.reuse for intent in todo)
