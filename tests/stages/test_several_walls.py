"""Paths over several filters: on each exactly what is missing there, and taken back there."""

from dataclasses import replace

import pytest

from nornir_itsm.model.facts import Facts, FirewallFacts, SecurityPolicy, Selector
from nornir_itsm.model.intent import SecurityRule
from nornir_itsm.model.order import Demand
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.asked import asked
from nornir_itsm.stages.plan import Known
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.why import why
from tests.stages.example_site import ADC, WALL, at
from tests.stages.several_walls import (
    GROUPS,
    IN,
    MATE,
    OUT,
    ROUTER,
    USG,
    done,
    exact,
    gone,
    in_over,
    out_over,
    planned,
    wanted,
)

EIP, PUBLIC = "10.70.18.48/32", "203.0.113.213/32"
TWO = out_over(WALL, USG, ADC)
BEHIND = out_over(WALL, ADC, USG)


def rule(made: Plan, point: str) -> SecurityPolicy:
    """Return the only rule that a plan makes at a point."""
    intents = (i for change in made.changes for i in change.intents)
    (found,) = (i.rule for i in intents if isinstance(i, SecurityRule) and i.point == point)
    return found


def names(facts: Facts, point: str) -> list[str]:
    return [one.name for one in facts.firewall(point).rules]


def with_rules(facts: Facts, point: str, *rules: SecurityPolicy) -> Facts:
    """Return the facts with rules on top of a firewall."""
    held = facts.firewall(point)
    return at(point, facts, replace(held, rules=(*rules, *held.rules)))


def there_and_back(here: Known, demand: Demand, points: tuple[str, ...]) -> Plan:
    """Plan a demand, twice, then take it back: exact both ways, each rule base as it was. The first plan."""
    made = planned(here, demand)
    assert exact(made)
    held = done(here, demand)
    assert [v.verdict for v in planned(here, demand, facts=held).demands] == ["covered"]
    back = planned(here, gone(demand), facts=held)
    assert exact(back)
    assert back.proofs[0].residue == ()
    left = done(here, gone(demand), facts=held)
    assert {p: names(left, p) for p in points} == {p: names(here.facts, p) for p in points}
    return made


@pytest.mark.parametrize(
    ("here", "seen"),
    [
        pytest.param(TWO, {WALL: EIP, USG: EIP}, id="nothing between"),
        pytest.param(BEHIND, {WALL: EIP, USG: PUBLIC}, id="one behind the ADC"),
        pytest.param(
            out_over(WALL, USG, translates=USG), {WALL: EIP, USG: EIP}, id="then a USG that translates"
        ),
        pytest.param(out_over(USG, WALL, translates=USG), {USG: EIP, WALL: PUBLIC}, id="behind such a USG"),
    ],
)
def test_on_the_way_out_each_filter_names_the_source_that_it_sees(here: Known, seen: dict[str, str]) -> None:
    """EIPs up to the translation, the public address behind it."""
    made = there_and_back(here, OUT, tuple(seen))
    assert {point: rule(made, point).source.literals for point in seen} == {p: (a,) for p, a in seen.items()}
    (nodes,) = (verdict.path for verdict in made.demands)
    shown = {node.point: node.source for node in nodes if node.point in seen}
    assert all(address.partition("/")[0] in shown[point] for point, address in seen.items())


@pytest.mark.parametrize(
    ("here", "seen"),
    [
        pytest.param(in_over(ADC, USG, WALL), {USG: EIP, WALL: EIP}, id="both behind the ADC"),
        pytest.param(in_over(USG, ADC, WALL), {USG: PUBLIC, WALL: EIP}, id="one before the ADC"),
        pytest.param(
            in_over(USG, WALL, translates=USG), {USG: EIP, WALL: EIP}, id="behind a USG that translates"
        ),
        pytest.param(in_over(WALL, USG, translates=USG), {WALL: PUBLIC, USG: EIP}, id="before such a USG"),
    ],
)
def test_on_the_way_in_each_filter_names_target_and_port_that_it_sees(
    here: Known, seen: dict[str, str]
) -> None:
    """The public address and port up to the translation, the EIP and the target port behind it."""
    demand = replace(IN, public=(PUBLIC,), port_pairs=(("8443", "443"),))
    made = there_and_back(here, demand, tuple(seen))
    rules = {point: rule(made, point) for point in seen}
    assert {point: one.destination.literals for point, one in rules.items()} == {
        p: (a,) for p, a in seen.items()
    }
    known = after([i for c in made.changes for i in c.intents], here.facts)
    ports = {
        point: [e.low for s in one.services for e in known.firewall(point).services[s].entries]
        for point, one in rules.items()
    }
    assert ports == {point: [443 if address == EIP else 8443] for point, address in seen.items()}


def test_firewall_access_list_and_security_group_have_each_their_part() -> None:
    """Three filters of three kinds on one path: each lacks its own, and each gives it back."""
    here = out_over(GROUPS, WALL, ROUTER, ADC)
    made = there_and_back(here, OUT, (WALL, ROUTER))
    assert [change.device for change in made.to_do][1:] == [WALL, ROUTER, GROUPS]
    assert rule(made, ROUTER).source == Selector(literals=(EIP,))
    assert [kind for kind, _, _ in wanted(made, GROUPS)] == ["CloudRule"] * 2


def test_nothing_is_done_where_it_passes_already() -> None:
    """A wide rule of the second firewall is named as used; only the first gets a rule. And the other way."""
    wide = SecurityPolicy(
        "已有", "permit", Selector(literals=("10.70.18.0/24",)), Selector(("Any",)), ("Any",)
    )
    made = planned(TWO, OUT, facts=with_rules(TWO.facts, USG, wide))
    assert exact(made)
    assert wanted(made, USG) == []
    assert any(f"{USG} 已有 SecurityRule 已有" in text for text in made.demands[0].evidence)
    assert rule(made, WALL).action == "permit"
    other = planned(TWO, OUT, facts=with_rules(TWO.facts, WALL, wide))
    assert exact(other)
    assert [kind for kind, _, _ in wanted(other, WALL)] == ["AddressSet"]  # bandwidth
    assert rule(other, USG).action == "permit"


def test_a_delete_leaves_what_others_still_use() -> None:
    """A rule of several tenants stays at its firewall, named; the path is closed at the other one."""
    held = done(TWO, OUT)
    wide = SecurityPolicy(
        "共用", "permit", Selector(literals=("10.70.0.0/16",)), Selector(("Any",)), ("Any",)
    )
    made = planned(TWO, gone(OUT), facts=with_rules(held, WALL, wide))
    assert exact(made)
    assert made.demands[0].verdict == "change"
    assert ("SecurityRule", "absent") in [(kind, state) for kind, _, state in wanted(made, USG)]
    assert wanted(made, WALL) == []
    assert [f.object for f in made.findings if "共用规则" in f.problem] == ["共用"]
    assert any(f"{WALL} 单独仍放行" in text for text in made.proofs[0].residue)
