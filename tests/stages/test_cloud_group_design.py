"""Which rule a security group lacks, where it goes, and what the proof says of it: at the example site."""

from dataclasses import replace

from nornir_itsm.model.cloud_network import GroupFacts, GroupRule, SecurityGroup
from nornir_itsm.model.intent import CloudRule
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Hop, Point
from nornir_itsm.stages.plan import make_plan

from .example_site import WHITE_LIST, known, order

CLOUD, GROUP, HOST, MATE = "DC1-CLOUD", "sg-c", "10.60.137.70", "10.60.137.71"
EVERYTHING = GroupRule("ingress", "drop", "ALL", "-1/-1", "0.0.0.0/0", 50)


def planned(
    *rules: GroupRule,
    sources: tuple[str, ...] = ("192.0.2.171/32", "192.0.2.172/32"),
    facts: GroupFacts | None = None,
    **point: object,
) -> Plan:
    """Plan the white list of tenant C, with a security group before its two hosts."""
    base = known()
    usual = Point(CLOUD, "aliyun", "security_group", "cloud")
    paths = tuple(
        replace(path, hops=(*path.hops, Hop(CLOUD)))
        if (path.source, path.destination) == ("互联网", "行业云")
        else path
        for path in base.site.paths
    )
    points = {**base.site.points, CLOUD: replace(usual, **point)}  # type: ignore[arg-type]
    group = SecurityGroup(GROUP, vpc="vpc-democ1", rules=rules, inner=False)
    held = facts or GroupFacts({GROUP: group}, {HOST: (GROUP,), MATE: (GROUP,)})
    site = replace(base.site, paths=paths, points=points)
    there = replace(base.facts, points={**base.facts.points, CLOUD: held})
    form = order(WHITE_LIST)
    asked = replace(form, demands=(replace(form.demands[0], sources=sources),))
    return make_plan(asked, replace(base, site=site, facts=there))


def made(plan: Plan) -> list[GroupRule]:
    return [i.rule for change in plan.changes for i in change.intents if isinstance(i, CloudRule)]


def test_a_rule_for_each_prefix_before_the_one_that_refuses_everything() -> None:
    """Neighbouring addresses are one prefix only where they are one; the group's others are residue."""
    plan = planned(EVERYTHING)
    assert [(rule.peer, rule.ports) for rule in made(plan)] == [
        ("192.0.2.171/32", "8080/8080"),
        ("192.0.2.172/32", "8080/8080"),
    ]
    assert all(rule.priority < EVERYTHING.priority for rule in made(plan))
    assert plan.proofs[0].exact
    assert any(MATE in text for text in plan.proofs[0].residue)


def test_another_refusal_keeps_its_effect() -> None:
    """It is a shortfall, named with the rule; protected where the site says so."""
    refusal = GroupRule("ingress", "drop", "TCP", "8080/8080", "192.0.2.171/32", 7)
    name = f"{GROUP} {refusal.name}"
    plan = planned(EVERYTHING, refusal)
    assert {rule.priority for rule in made(plan)} == {7}
    assert [name in text for text in plan.proofs[0].shortfall] == [True]
    assert not plan.proofs[0].exact
    guarded = planned(EVERYTHING, refusal, protected=(name,)).proofs[0]
    assert guarded.exact
    assert guarded.protected


def test_where_no_priority_is_left_somebody_is_asked() -> None:
    """Nothing stands before a refusal of everything at 1, nor before one that must keep its effect."""
    first = replace(EVERYTHING, priority=1)
    late = GroupRule("ingress", "drop", "TCP", "8080/8080", "192.0.2.171/32", 60)
    for rules in ((first,), (EVERYTHING, late)):
        plan = planned(*rules)
        assert made(plan) == []
        assert plan.demands[0].verdict == "blocked"
        assert [question.key for question in plan.questions] == ["D1.group"]


def test_any_source_would_open_the_neighbours_of_a_shared_group() -> None:
    """Between hosts of one VPC nothing else is in the way; a rule with the host's own address is exact."""
    wide = planned(sources=("any",))
    assert wide.demands[0].verdict == "blocked"
    assert MATE in wide.demands[0].reason
    own = planned(sources=("any",), plain_addresses=True)
    assert [(rule.peer, rule.own) for rule in made(own)] == [("0.0.0.0/0", f"{HOST}/32")]
    assert own.proofs[0].exact


def test_what_passes_already_is_named_and_left() -> None:
    """A wider accept above everything covers the demand: nothing is made."""
    plan = planned(GroupRule("ingress", "accept", "TCP", "8000/8100", "192.0.2.0/24"), EVERYTHING)
    assert made(plan) == []
    assert any("8000/8100" in text for text in plan.demands[0].evidence)


def test_without_the_rules_the_proof_says_what_it_lacks() -> None:
    """Not collected: no rule is guessed, the scope names it, and somebody is to look."""
    plan = planned(facts=GroupFacts(known=False))
    assert made(plan) == []
    scope = plan.proofs[0].scope
    assert any(text.startswith("云安全组（未采集") for text in scope.unknown)
    assert not any(CLOUD in text for text in scope.proved)
    assert [finding.object for finding in plan.findings if finding.point == CLOUD] == ["安全组"]


def test_a_group_that_gets_too_full_is_named() -> None:
    """The quota is the account's, so it is no reason to stop."""
    full = [
        GroupRule("ingress", "accept", "TCP", f"{port}/{port}", "10.99.10.0/24") for port in range(1, 200)
    ]
    plan = planned(*full)
    assert any("配额" in finding.problem for finding in plan.findings)
