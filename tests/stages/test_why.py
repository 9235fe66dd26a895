"""Why: each part of a question with the rules that decide it, and a change that opens the rest."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Path
from nornir_itsm.space.dimensions import LINK, UNKNOWN
from nornir_itsm.space.packets import EVERYTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList
from nornir_itsm.stages.asked import asked, way
from nornir_itsm.stages.hops import NO_ROUTE
from nornir_itsm.stages.smallest import Smallest, smallest
from nornir_itsm.stages.why import BY_LINK, Why, judge, makers, why
from tests.space.naive_rules import ORIGIN, paths, walk
from tests.space.small_space import packets, universe
from tests.stages.example_site import ADC, BOTH_WAYS, WALL, adc, carried_out, changed, known, plan

DOUBT = UNKNOWN + "p"
DENY = "Default-Deny"


def ask(*words: str, facts: Facts | None = None, at: str = "", zones: tuple[str, str] = ("", "")) -> Why:
    """Ask the example site."""
    facts, question = facts or known().facts, asked(*words, at)
    path = way(question, zones, known().site, facts)
    assert isinstance(path, Path)
    return why(question, path, known().site, facts, {})


@settings(deadline=None)
@given(paths(dimensions=(*ORIGIN, DOUBT)), packets(ORIGIN, most=2))
def test_the_answer_is_that_of_brute_force(path: list[RuleList], question: Packets) -> None:
    """A packet passes for certain, does not, or nobody can tell: by trying both outcomes of the predicate."""
    judged = judge(path, question)
    for packet in universe(ORIGIN):
        fates = [walk(path, {**packet, DOUBT: doubt}) for doubt in (0, 1)]
        ends = {fate.passes for fate in fates if fate is not None} if question.holds(packet) else set()
        assert judged.passes.holds(packet) == (ends == {True})
        assert judged.blocked.holds(packet) == (ends == {False})
        assert judged.undecidable.holds(packet) == (ends == {True, False})


ANSWERS = [
    (("10.60.134.61", "192.0.2.131", "tcp/37791"), "blocked", [DENY]),
    (("10.60.134.43", "update.example.com", "tcp/80"), "passes", ["示例期货公司A2-源转换-移动IPV4"]),
    (("10.60.136.204", "192.0.2.131", "any"), "passes", ["示例期货公司D-源转换-电信IPV4"]),
    (("10.70.18.93", "192.0.2.131", "tcp/443"), "passes", ["示例期货公司D-源转换-电信IPV4"]),
    (("10.60.137.70", "192.0.2.131", "tcp/443"), "blocked", [DENY]),
    (("10.60.133.70", "192.0.2.131", "tcp/443"), "blocked", ["没有 BGP 池的 EIP"]),
    (("10.60.134.61", "192.0.2.131", "icmp"), "blocked", ["不转换源地址"]),
    (("10.60.2.11", "www.example.net", "tcp/80"), "blocked", [DENY, "不转换源地址"]),
    (("10.60.134.43", "www.example.org", "tcp/80"), "undecidable", [DENY]),
    (("198.51.100.203", "203.0.113.224", "tcp/2022"), "blocked", ["无匹配的目的地址转换"]),
    (("198.51.100.203", "203.0.113.224", "tcp/57021"), "passes", ["10.60.133.40 = EIP 10.70.17.140"]),
    (("192.0.2.201", "203.0.113.213", "tcp/7430"), "blocked", [DENY]),
    (("10.60.134.43,10.60.134.44", "192.0.2.140", "tcp/80"), "partial", [DENY]),
    (("any", "10.60.134.101", "tcp/7431,7440"), "partial", [DENY, "示例封禁", "无匹配的目的地址转换"]),
]


@pytest.mark.parametrize(("words", "standing", "last"), ANSWERS, ids=[" ".join(a[0]) for a in ANSWERS])
def test_the_last_rule_is_the_one_that_decides(words: Sequence[str], standing: str, last: list[str]) -> None:
    """Of the example site: whether it passes, and the rule at which each way ends."""
    found = ask(*words)
    assert found.standing == standing
    assert set(last) <= {part.steps[-1].rule for part in found.parts}


TEST_NETWORK = [
    (("10.60.134.171", "172.22.24.7", "tcp/22677"), ("", "证联网-测试"), "passes"),
    (("10.60.134.171", "172.22.24.7", "tcp/443"), ("", "证联网-测试"), "undecidable"),
    (("10.60.134.61", "172.22.24.7", "tcp/22677"), ("", "证联网-测试"), "blocked"),
    (("172.22.24.7", "10.60.134.171", "tcp/443"), ("证联网-测试", ""), "blocked"),
    (("172.22.24.7", "172.22.30.171", "tcp/443"), ("证联网-测试", ""), "blocked"),
]


@pytest.mark.parametrize(("words", "zones", "standing"), TEST_NETWORK)
def test_a_path_without_lines(words: Sequence[str], zones: tuple[str, str], standing: str) -> None:
    """The test network sees EIPs of its own pool; what is proposed for it opens it there too."""
    found = ask(*words, zones=zones)
    assert found.standing == standing
    for made in proposed(found).plans:
        assert made.questions or made.to_do
        if made.to_do:
            assert ask(*words, zones=zones, facts=carried_out(made, known().facts)).standing == "passes"


def test_parts_are_told_apart_by_their_hours() -> None:
    """A rule with hours decides a part of the week; one minute has one answer."""
    words = ("203.0.113.7", "203.0.113.213", "tcp/7430")
    assert {part.answer for part in ask(*words).parts} == {"passes", "blocked"}
    assert ask(*words, at="周一 08:00").standing == "passes"
    assert ask(*words, at="2026-11-23T17:59").standing == "passes"
    assert ask(*words, at="mon 18:00").standing == "blocked"


def test_a_hosts_own_address_means_what_leads_to_it() -> None:
    """Whatever public address and port are brought to a host and port: 7429 outside is 7431 inside."""
    (part,) = (p for p in ask("203.0.113.7", "10.70.17.57", "tcp/7431", at="周一 08:00").parts)
    assert part.flows == ("203.0.113.7 → 198.51.100.53、203.0.113.213 TCP 7429 周一 08:00-08:01",)
    assert [step.effect for step in part.steps] == [
        "目的 ⇒ 10.70.17.57，目的端口 +2",
        "放行",
        "目的 ⇒ 10.60.134.101",
    ]
    assert [step.id for step in part.steps] == ["", "24", ""]


def test_what_nobody_can_evaluate_is_said() -> None:
    """A rule whose state is not understood permits nothing for certain, and the answer names it."""
    facts = changed("示例期货公司D上网", enabled=None)(known().facts)
    found = ask("10.60.136.204", "192.0.2.131", "tcp/443", facts=facts)
    assert found.standing == "undecidable"
    assert all(part.because == ("规则 示例期货公司D上网 的启用状态",) for part in found.parts)


def test_every_link_that_a_route_takes_has_to_be_open() -> None:
    """Translated on one line and not on the other: which one the ADC takes, nobody can tell."""
    one_line = adc(
        lambda held: replace(held, snat=tuple(n for n in held.snat if "B-源转换-移动" not in n.name))
    )
    found = ask("10.60.129.11", "192.0.2.131", "tcp/443", at="周一 12:00", facts=one_line(known().facts))
    assert found.standing == "undecidable"
    assert {part.because for part in found.parts} == {(BY_LINK,)}


def test_a_link_that_no_route_takes_is_no_obstacle() -> None:
    """Only the links of the route count; without any route nothing leaves."""
    on_7 = Rule("route", Packets(({LINK: Ranges.span(7)},)))
    none = Rule(NO_ROUTE, EVERYTHING, passes=False)
    routes = RuleList("adc", (on_7, Rule("route", EVERYTHING, passes=False)), none)
    assert judge([routes], EVERYTHING).passes.same_as(EVERYTHING)
    assert judge([replace(routes, rules=())], EVERYTHING).blocked.same_as(EVERYTHING)


def proposed(found: Why, facts: Facts | None = None, **answers: str) -> Smallest:
    dotted = {key.replace("_", "."): text for key, text in answers.items()}
    return smallest(found, replace(known(), facts=facts or known().facts, answers=dotted))


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (("10.60.134.61", "192.0.2.131", "tcp/37791"), {"D1_public": "203.0.113.213,198.51.100.53"}),
        (("10.60.134.43,10.60.134.44", "192.0.2.140", "tcp/80,443"), {}),
        (("10.60.134.44", "update.example.com", "tcp/80,8000-8010"), {}),
        (("10.60.137.70", "192.0.2.131", "udp/123"), {}),
        (("10.60.137.70", "any", "any"), {}),
        (("203.0.113.7", "203.0.113.213", "tcp/7430"), {}),
        (("203.0.113.7", "10.60.134.101", "tcp/7431,7440"), {}),
        (("203.0.113.7", "10.60.137.70", "tcp/9000"), {}),
    ],
)
def test_what_is_proposed_opens_it(words: Sequence[str], answers: dict[str, str]) -> None:
    """Once the plan is carried out the same question passes, and the plan was proved exact."""
    found = ask(*words)
    assert found.standing != "passes"
    (made,) = proposed(found, **answers).plans
    assert made.to_do
    assert all(proof.exact and proof.opened and not proof.shortfall for proof in made.proofs)
    assert ask(*words, facts=carried_out(made, known().facts)).standing == "passes"


def test_nothing_is_proposed_for_what_passes() -> None:
    """The plan for the rest is about the rest alone."""
    found = ask("10.60.134.43,10.60.134.44", "192.0.2.140", "tcp/80,443")
    (made,) = proposed(found).plans
    assert made.proofs[0].opened == ("10.60.134.44 → 192.0.2.140 TCP 80、443",)
    assert not made.proofs[0].already
    assert proposed(ask("10.60.136.204", "192.0.2.131", "tcp/443")) == Smallest()


def test_what_an_order_cannot_say_is_noted() -> None:
    """A public port that leads nowhere names no host; a host without an EIP is a question."""
    assert proposed(ask("any", "203.0.113.224", "tcp/9")).notes
    assert not proposed(ask("any", "203.0.113.224", "tcp/9")).plans
    (made,) = proposed(ask("10.60.133.70", "192.0.2.131", "tcp/443")).plans
    assert "D1.eip" in [question.key for question in made.questions]


def test_the_change_that_made_a_rule_is_named() -> None:
    """By point and name, of the newest change that was done; one that took the rule away ends it."""
    made: Plan = plan(BOTH_WAYS)
    found = makers([("C-2", made), ("C-1", made)])
    assert found[WALL, "示例期货公司A-示例本地行情上网"].startswith("C-2")
    assert found[ADC, "示例期货公司A-示例本地行情"].startswith("C-2")
    assert (ADC, "EIP-示例期货公司A3-(213-53)") not in found
    after = carried_out(made, known().facts)
    question = asked("10.60.134.61", "192.0.2.131", "tcp/37791")
    path = way(question, ("", ""), known().site, after)
    assert isinstance(path, Path)
    steps = [s for part in why(question, path, known().site, after, found).parts for s in part.steps]
    assert {s.rule for s in steps if s.made_by} == {"示例期货公司A-示例本地行情上网"}


ZONES = [
    (("10.60.134.61", "192.0.2.131"), ("", ""), "cloud-to-internet"),
    (("any", "203.0.113.213"), ("", ""), "internet-to-cloud"),
    (("192.0.2.7", "10.60.134.61"), ("", ""), "internet-to-cloud"),
    (("10.60.134.61", "10.60.130.70"), ("", ""), "cloud-to-cloud"),
    (("10.60.134.171", "172.22.24.7"), ("", "证联网测试网"), "cloud-to-test-network"),
    (("any", "any"), ("行业云", "互联网"), "cloud-to-internet"),
]


@pytest.mark.parametrize(("ends", "zones", "scenario"), ZONES)
def test_zones_are_those_of_the_addresses(
    ends: tuple[str, str], zones: tuple[str, str], scenario: str
) -> None:
    """A tenant's address is one of the cloud or of a pool; what somebody says wins."""
    found = way(asked(*ends, "tcp/443"), zones, known().site, known().facts)
    assert isinstance(found, Path)
    assert found.scenario == scenario


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("10.60.134.999", "any", "tcp/1"), "SRC"),
        (("any", "a b<c>", "tcp/1"), "DST"),
        (("any", "", "tcp/1"), "DST"),
        (("any", "any", "tcp/70000"), "SERVICE"),
        (("any", "any", "tcp/9-1"), "SERVICE"),
        (("any", "any", "icmp/8"), "SERVICE"),
        (("any", "any", "tcp/80;443"), "SERVICE"),
        (("any", "any", "tcp/1", "周八 09:00"), "--at"),
        (("any", "any", "tcp/1", "25:00"), "--at"),
    ],
)
def test_what_is_no_question_is_named(words: Sequence[str], where: str) -> None:
    """Each wrong word is refused with its place and a remedy."""
    with pytest.raises(ChangeError) as refused:
        asked(*words)
    assert refused.value.where == where
    assert refused.value.hint


@pytest.mark.parametrize(
    ("ends", "zones"),
    [
        (("192.0.2.7", "192.0.2.8"), ("", "")),
        (("10.60.134.61", "172.22.24.7"), ("", "")),
        (("10.60.134.61", "192.0.2.131"), ("", "火星")),
    ],
)
def test_a_zone_that_cannot_be_told_is_not_guessed(ends: tuple[str, str], zones: tuple[str, str]) -> None:
    """Both ends outside, an address that the IPAM gives to somebody else, a zone that is none."""
    with pytest.raises(ChangeError, match=r"--from|--to|归属"):
        way(asked(*ends, "tcp/443"), zones, known().site, known().facts)


@settings(deadline=None)
@given(st.sampled_from([a[0] for a in ANSWERS]))
def test_parts_hold_the_whole_question_once(words: Sequence[str]) -> None:
    """What passes, what does not and what nobody can tell are disjoint and together all that was asked."""
    found = ask(*words)
    judged = found.judged
    assert not judged.passes & judged.blocked
    assert not (judged.passes | judged.blocked) & judged.undecidable
    assert (judged.passes | judged.blocked | judged.undecidable).same_as(found.asked)
