"""Paths over several filters: on each exactly what is missing there, and taken back there."""

from dataclasses import replace

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector
from nornir_itsm.model.intent import SecurityRule
from nornir_itsm.model.order import Demand
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.asked import asked
from nornir_itsm.stages.plan import Known, resolved
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.why import why
from tests.stages.example_site import ADC, BOTH_WAYS, WALL, at
from tests.stages.example_site import order as example
from tests.stages.several_walls import (
    CORE,
    GROUPS,
    IN,
    MATE,
    OTHER,
    OUT,
    ROUTER,
    SWITCH,
    USG,
    between_vpcs,
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


def renamed(facts: Facts, *points: str) -> Facts:
    """Return the facts with the order's own rules under a name that somebody else chose."""
    for point in points:
        held = facts.firewall(point)
        own = "示例期货公司A-示例本地行情"
        rules = tuple(replace(r, name="旧策略") if r.name == own else r for r in held.rules)
        assert rules != held.rules
        facts = at(point, facts, replace(held, rules=rules))
    return facts


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
        pytest.param(out_over(WALL, OTHER, ADC, USG), {WALL: EIP, OTHER: EIP, USG: PUBLIC}, id="three"),
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


def test_zones_place_logs_and_profiles_are_each_points_own() -> None:
    """What the site says of a point is for its rules alone."""
    made = planned(TWO, OUT)
    for name in (WALL, USG):
        point, new = TWO.site.points[name], rule(made, name)
        assert (new.source_zones, new.destination_zones) == (("trust",), ("untrust",))
        assert (new.logs, new.profiles) == (tuple(sorted(point.logs)), tuple(sorted(point.profiles)))
        held = names(done(TWO, OUT), name)
        assert held[held.index(new.name) + 1] == point.above == "Default-Deny"
    assert rule(made, WALL).profiles != rule(made, USG).profiles


def test_between_vpcs_each_side_has_a_firewall() -> None:
    """Private addresses on both, each with the next number of its own rules; the switch in its turn."""
    here = between_vpcs(CORE, OTHER, SWITCH)
    demand = replace(OUT, destination_zone="行业云", destinations=("10.60.130.70/32",), public=())
    made = there_and_back(here, demand, (CORE, OTHER))
    assert [change.device for change in made.to_do] == [SWITCH, CORE, OTHER]
    assert {rule(made, p).source.literals for p in (CORE, OTHER)} == {("10.60.134.61/32",)}
    assert rule(made, OTHER).name == "VPC互访001" != rule(made, CORE).name


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


def test_a_rule_for_a_public_address_stays_while_another_host_leaves_with_it() -> None:
    """Behind the translation two hosts are one: the rule there goes with the last of them, proved so."""
    mate = replace(OUT, sources=(f"{MATE}/32",))
    both = done(BEHIND, OUT, mate)
    first = planned(BEHIND, gone(OUT), facts=both)
    assert exact(first)
    assert wanted(first, USG) == []
    assert [f.problem for f in first.findings if f.point == USG] == ["其他主机仍经同一公网地址使用，予以保留"]
    assert [state for kind, _, state in wanted(first, WALL) if kind == "SecurityRule"] != []
    left = done(BEHIND, gone(OUT), facts=both)
    last = planned(BEHIND, gone(mate), facts=left)
    assert exact(last)
    assert ("SecurityRule", "absent") in [(kind, state) for kind, _, state in wanted(last, USG)]
    at_once = planned(BEHIND, gone(OUT), gone(mate), facts=both)
    assert exact(at_once)
    assert names(done(BEHIND, gone(OUT), gone(mate), facts=both), USG) == ["Default-Deny"]


def test_what_a_shared_public_address_would_open_besides_is_refused() -> None:
    """A neighbour's rule for it is for our host, too, where the first firewall lets the host go."""
    wide = SecurityPolicy(
        "已有", "permit", Selector(literals=("10.70.18.0/24",)), Selector(("Any",)), ("Any",)
    )
    mate = replace(OUT, sources=(f"{MATE}/32",), destinations=("192.0.2.77/32",))
    facts = done(BEHIND, mate)  # the neighbour leaves with the same address
    made = planned(BEHIND, OUT, facts=with_rules(facts, WALL, wide))
    assert made.demands[0].verdict == "blocked"
    assert made.proofs[0].excess == ("10.60.134.61 → 192.0.2.77 TCP 37791",)
    assert made.to_do == ()


def test_a_wide_source_is_wide_where_it_is_seen_and_shown_once() -> None:
    """The tenant's prefix before the translation, the public address behind it; the excess is allowed."""
    wide = {"wide_source": True, "scenario": "wide"}
    for here, behind in ((out_over(WALL, USG, ADC, **wide), False), (out_over(WALL, ADC, USG, **wide), True)):
        made = planned(here, OUT)
        (proof,) = made.proofs
        assert proof.excess == proof.allowed != ()
        assert (proof.shortfall, proof.wrongly_closed) == ((), ())
        assert {f.problem for f in made.findings if "单独多放行" in f.problem} == set()
        assert rule(made, WALL).source.books
        assert (
            rule(made, USG).source == Selector(literals=(PUBLIC,)) if behind else rule(made, USG).source.books
        )


def test_a_part_of_what_was_opened_is_taken_from_both() -> None:
    """One of two targets: each firewall's own rule loses it and keeps the rest, behind a translation, too."""
    for here in (TWO, BEHIND):
        held = done(here, OUT)
        less = replace(OUT, destinations=OUT.destinations[:1])
        made = planned(here, gone(less), facts=held)
        assert exact(made)
        left = done(here, gone(less), facts=held)
        for point in (WALL, USG):
            (name,) = {*names(held, point)} - {*names(here.facts, point)}
            assert name in names(left, point)
            assert [s for k, n, s in wanted(made, point) if (k, n) == ("SecurityRule", name)] in (
                [],
                ["ensure"],
            )
        (proof,) = planned(here, OUT, facts=left).proofs
        assert len(proof.already) == len(proof.opened) == 1


def test_a_service_moves_to_another_host_through_both() -> None:
    """One order both ways: new permits on both, the translation, then the old permits of both."""
    here = in_over(ADC, USG, WALL)
    held = renamed(done(here, IN), USG, WALL)
    made = planned(here, gone(IN), replace(IN, destinations=(f"{MATE}/32",)), facts=held)
    assert exact(made)
    assert [change.device for change in made.to_do] == [USG, WALL, ADC, USG, WALL]


@pytest.mark.parametrize("here", [TWO, BEHIND, out_over(USG, WALL, translates=USG)])
def test_nothing_is_open_before_the_last_turn_nor_after_the_first(here: Known) -> None:
    """Between two turns there is never more than before, or than was asked."""
    for demand, held in ((OUT, here.facts), (gone(OUT), done(here, OUT))):
        made = planned(here, demand, facts=held)
        order = replace(example(BOTH_WAYS), demands=(demand,))
        asked_for, now, moved = resolved(order, replace(here, facts=held)), held, []
        for change in made.to_do:
            now = after(change.intents, now)
            (proof,) = prove(asked_for, here.site, held, now)
            assert (proof.excess, proof.wrongly_closed) == ((), ())
            moved.append(bool(proof.opened or proof.closed))
        last = len(moved) - 1
        assert moved == [demand.action == "delete" or turn == last for turn in range(len(moved))]


def test_a_question_names_the_firewall_that_it_is_about() -> None:
    """The rule that new ones stand above is missing on one of two."""
    facts = at(USG, TWO.facts, FirewallFacts())
    made = planned(TWO, OUT, facts=facts)
    assert [q.text.partition("：")[0] for q in made.questions] == [USG]
    assert made.to_do == ()


def test_why_names_every_hop() -> None:
    """What passes names the rules of both; what one of them stops ends there."""
    (path,) = (p for p in TWO.site.paths if (p.source, p.destination) == ("行业云", "互联网"))
    question = asked("10.60.134.61", "192.0.2.131", "tcp/37791")
    opened = why(question, path, TWO.site, done(TWO, OUT), {})
    points = [step.point for part in opened.parts if part.answer == "passes" for step in part.steps]
    assert [p for p in points if p in (WALL, USG, ADC)][:2] == [WALL, USG]
    half = with_rules(
        done(TWO, OUT), USG, SecurityPolicy("封", "deny", Selector(("Any",)), Selector(("Any",)), ("Any",))
    )
    (part,) = why(question, path, TWO.site, half, {}).parts
    assert (part.answer, part.steps[-1].point, part.steps[-1].rule) == ("blocked", USG, "封")
