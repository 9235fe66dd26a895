"""What a device holds beyond and short of what it should: each edit is named, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.firewall import AddressBook, FirewallFacts, SecurityPolicy
from nornir_itsm.stages.departures import Departure, completed, departures
from tests.stages.example_site import ADC, WALL, known

FACTS = known().facts.firewall(WALL)
RULES = [rule.name for rule in FACTS.rules if rule.enabled is not None]
BOOKS = [name for name, book in FACTS.addresses.items() if book.complete and not book.predefined]


def found(expected: FirewallFacts, held: FirewallFacts) -> tuple[Departure, ...]:
    return departures(WALL, expected, held, known().site, known().templates)


def rules(keep: Sequence[Any]) -> FirewallFacts:
    return replace(FACTS, rules=tuple(keep))


@given(st.sets(st.sampled_from(RULES)), st.sets(st.sampled_from(BOOKS)))
def test_what_is_taken_out_is_named_and_nothing_else(gone: set[str], books: set[str]) -> None:
    """Seen from the one side it is missing, from the other it is too much, in the same lines."""
    addresses = {name: book for name, book in FACTS.addresses.items() if name not in books}
    less = replace(rules([r for r in FACTS.rules if r.name not in gone]), addresses=addresses)
    names = {*(f"策略 {name}" for name in gone), *(f"地址对象 {name}" for name in books)}
    short, beyond = found(FACTS, less), found(less, FACTS)
    assert {one.object for one in short} == {one.object for one in beyond} == names
    assert all(one.problem == "缺少" and one.short and not one.beyond for one in short)
    assert sorted(one.short for one in short) == sorted(one.beyond for one in beyond)


@given(st.permutations(RULES))
def test_of_an_order_that_differs_as_few_as_possible_are_named(names: list[str]) -> None:
    """Without those that are named, both have the same order; one rule that was moved is one departure."""
    held = rules(sorted(FACTS.rules, key=lambda rule: names.index(rule.name) if rule.name in names else 0))
    off = {one.object.removeprefix("策略 ") for one in found(FACTS, held)}
    left = [[rule.name for rule in facts.rules if rule.name not in off] for facts in (FACTS, held)]
    assert left[0] == left[1]
    moved = [*FACTS.rules[1:4], FACTS.rules[0], *FACTS.rules[4:]]
    assert len(found(FACTS, rules(moved))) == 1


def test_two_rules_without_a_name_are_two() -> None:
    """What a line typed twice leaves behind is counted by how often it is there."""
    blank = SecurityPolicy("", "deny", id="901")
    held = rules([blank, replace(blank, id="902"), *FACTS.rules])
    assert [one.object for one in found(FACTS, held)] == [
        "策略 （未命名，id 901）",
        "策略 （未命名，id 902）",
    ]
    assert [one.object for one in found(rules([blank, *FACTS.rules]), held)] == ["策略 （未命名，id 902）"]


def test_what_no_line_of_ours_makes_is_said_field_by_field() -> None:
    """Another protocol in a service, a name that a line cannot hold: no error, and still named."""
    odd = AddressBook('a"b', ("10.0.0.1/32",))
    held = replace(FACTS, addresses={**FACTS.addresses, odd.name: odd})
    (one,) = found(FACTS, held)
    assert (one.problem, one.beyond) == ("多出", ('名称：a"b', "地址：10.0.0.1"))


def test_what_one_export_leaves_open_is_as_the_other_says() -> None:
    """A truncated book and an unknown state are no departure, whichever of the two does not say them."""
    book, rule = FACTS.addresses[BOOKS[0]], FACTS.rules[0]
    open_ = replace(
        FACTS,
        addresses={**FACTS.addresses, book.name: replace(book, members=book.members[:1], complete=False)},
        rules=(replace(rule, enabled=None), *FACTS.rules[1:]),
    )
    assert found(FACTS, open_)
    assert found(completed(FACTS, open_), completed(open_, FACTS)) == ()


def test_a_controller_is_compared_field_by_field() -> None:
    """A translation to another port names both values."""
    adc = known().facts.adc(ADC)
    first = next(nat for nat in adc.dnat if nat.target_ports)
    held = replace(adc, dnat=(replace(first, target_ports=("1",)), *(n for n in adc.dnat if n is not first)))
    said = departures(ADC, adc, held, known().site, known().templates)
    assert ("转换后端口：1",) in [one.beyond for one in said]
