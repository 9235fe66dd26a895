"""Live probes: what is tried for a demand, and what each outcome means in words."""

from dataclasses import replace

import pytest
from hypothesis import given

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.order import Demand, Schedule
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.model.topology import Hop, ProbeHost
from nornir_itsm.stages.asked import Asked, asked
from nornir_itsm.stages.probing import MOST, Finding, Probe, Wanted, probes, verdict
from nornir_itsm.stages.requested import Resolved, with_flows
from nornir_itsm.stages.why import Standing, Step, why

from .small_site import CLOUD, MINUTES, SITE, TRUST, UNTRUST, WALL, walls

TARGET = Target("192.0.2.1", 443)
STEPS = (Step("FW1", "放行甲", "放行", "12"), Step("FW2", "Default-Deny", "阻断", "37"))


@pytest.mark.parametrize(
    ("expected", "wanted", "echo", "finding", "words"),
    [
        ("passes", "open", "open", "as expected", "通"),
        ("passes", "open", "refused", "not listening", "没有服务监听"),
        ("passes", "open", "silent", "failed", "各跳的规则都放行（FW1 规则 放行甲（12）"),
        ("passes", "open", "unreachable", "failed", "查路由"),
        ("passes", "closed", "open", "failed", "仍然通"),
        ("passes", "closed", "silent", "unclear", "虽然规则放行"),
        ("blocked", "open", "silent", "failed", "被 FW2 规则 Default-Deny（37） 阻断"),
        ("blocked", "closed", "silent", "as expected", "FW2 规则 Default-Deny（37）"),
        ("blocked", "beside", "silent", "as expected", "FW2 规则 Default-Deny（37）"),
        ("blocked", "beside", "refused", "as expected", "不通"),
        ("blocked", "beside", "open", "failed", "流量没有经过这条路径"),
        ("undecidable", "open", "open", "unclear", "按规则无法判定"),
        ("blocked", "open", "untried", "unclear", "没有试成"),
    ],
)
def test_every_outcome_is_told_with_the_hop(
    expected: Standing, wanted: Wanted, echo: Echo, finding: Finding, words: str
) -> None:
    """Open, stopped by a rule that is named, or let through where no service listens."""
    found = verdict(Probe("D1", "P1", TARGET, wanted, expected, STEPS), echo)
    assert found.finding == finding
    assert words in found.words
    assert found.words.startswith("D1 P1 → 192.0.2.1:443：")


def test_a_host_that_could_not_be_asked_says_why() -> None:
    """Nothing is known then, and nothing failed."""
    found = verdict(Probe("D1", "P1", TARGET, "open", "passes", STEPS), "untried", "登录被拒绝")
    assert (found.finding, "登录被拒绝" in found.words) == ("unclear", True)


PATH = replace(SITE.paths[0], pool="", hops=(Hop(WALL, TRUST, UNTRUST),))
HOST = ProbeHost("P1", "云", "10.70.0.1")
FILTERED = replace(SITE, paths=(PATH,), probe_hosts=(HOST, ProbeHost("P2", "外", "192.0.2.9")))
SOURCES = ("10.70.0.0/30",)
DEMAND = Demand(
    *("D1", ("R1",), "add", "云", "外", SOURCES, ("192.0.2.1/32", "192.0.2.0/28"), (), "tcp+udp"),
    (("any", "80"), ("any", "90-99"), ("any", "65535")),
    Schedule(),
)  # fmt: skip


@given(walls())
def test_what_is_tried_lies_within_or_right_beside_the_demand(wall: FirewallFacts) -> None:
    """Ends of what is asked for, as many as allowed; beside them only what the rules are sure to stop."""
    facts = Facts({WALL: wall}, CLOUD)
    made = with_flows(Resolved(DEMAND, PATH, "示例租户", "系统"), FILTERED)
    found = list(probes([made], FILTERED, facts, MINUTES[0]))
    wanted = [one for one in found if one.wanted == "open"]
    assert 0 < len(wanted) <= MOST
    assert {one.host for one in found} == {"P1"}
    for one in found:
        question = question_of(one.target)
        inside = question.packets <= made.requested
        assert inside == (one.wanted == "open")
        assert one.expected == why(question, PATH, FILTERED, facts, {}).standing
        assert inside or one.expected == "blocked"


def question_of(target: Target) -> Asked:
    return replace(asked(HOST.address, target.address, f"tcp/{target.port}"), minute=MINUTES[0])


def test_a_host_that_is_not_asked_for_tries_nothing() -> None:
    """Its packets would prove nothing about the demand."""
    elsewhere = replace(FILTERED, probe_hosts=(replace(HOST, address="10.70.0.5"),))
    made = with_flows(Resolved(DEMAND, PATH, "示例租户", "系统"), elsewhere)
    assert list(probes([made], elsewhere, Facts({WALL: FirewallFacts()}, CLOUD), MINUTES[0])) == []
