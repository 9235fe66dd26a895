"""What surprises about writing rules of security groups: each surprise is met, over the signed API."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.aliyun.rules import MOST_RULES
from nornir_itsm.model.change import Call, Change
from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.verify import differences

from .case_folders import POINT, Case
from .conftest import Bench

CASE = Case("aliyun", "rule-in")
GROUP = "sg-demo-web"


@pytest.fixture
def region(benches: Callable[[str], list[Bench]]) -> Bench:
    """A region as before.json says."""
    one = benches("aliyun")[0]
    one.renew()
    return one


def cloud_of(region: Bench) -> Cloud:
    assert isinstance(region.device, Cloud)
    return region.device


def change() -> Change:
    return CASE.change(CASE.held)


def undo() -> Change:
    return replace(change(), calls=change().undo_calls)


def test_a_rule_that_is_there_is_not_sent_again(region: Bench) -> None:
    """The cloud would say yes and do nothing; then the undo would take somebody else's rule away."""
    assert region.carry(change()).problem == ""
    state, count = cloud_of(region).state(), len(cloud_of(region).lines)
    again = region.carry(change())
    assert "there already: not sent" in again.problem
    assert (again.sent, cloud_of(region).state(), len(cloud_of(region).lines)) == ((), state, count)


def test_a_rule_that_is_gone_is_not_revoked(region: Bench) -> None:
    """Revoking what matches nothing would succeed too."""
    result = region.carry(undo())
    assert "not there: not sent" in result.problem
    assert cloud_of(region).lines == ()


def test_a_lost_answer_is_asked_for_again_with_the_same_token(region: Bench) -> None:
    """The repeated call is answered, and does nothing twice; so it is with a revocation by identifier."""
    for made in (change(), undo()):
        cloud_of(region).faults.drop(1, executed=True)
        result = region.carry(made)
        assert (result.problem, len(result.sent), result.sent[0].accepted) == ("", 1, True)
    assert region.running() == CASE.held


def test_throttling_is_waited_out(region: Bench) -> None:
    """A cloud that refuses every third call for its pace gets the same change done."""
    cloud_of(region).throttle(0.3, seed=7)
    try:
        assert region.carry(change()).problem == ""
    finally:
        cloud_of(region).throttle(0.0)
    wanted = after(CASE.intents, Facts({POINT: CASE.held})).points[POINT]
    assert differences(wanted, region.running()) == ()


def test_a_full_group_says_so(region: Bench) -> None:
    """The refusal names the quota; nothing was done."""
    rules = cloud_of(region).records["security_group_rules"]
    mould = next(rule for rule in rules if rule["SecurityGroupId"] == GROUP)
    rules += (
        {**mould, "SecurityGroupRuleId": f"sgr-{port}", "PortRange": f"{port}/{port}"}
        for port in range(1, MOST_RULES - 1)
    )
    result = region.carry(change())
    assert "may not have more rules (AuthorizationLimitExceed)" in result.problem
    assert [sent.accepted for sent in result.sent] == [False]


def test_what_is_read_a_moment_late_is_waited_for(region: Bench) -> None:
    """A list that is a little behind is looked at again; one that stays so is told."""
    cloud_of(region).behind = 0.4
    try:
        begun = time.monotonic()
        assert region.carry(change()).problem == ""
        assert time.monotonic() - begun > 0.4
    finally:
        cloud_of(region).behind = 0.0


@pytest.mark.parametrize(
    "call",
    [
        Call("POST", "/DeleteSecurityGroup", {"SecurityGroupId": GROUP}),
        Call("POST", "/AuthorizeSecurityGroup", {"SecurityGroupId": GROUP}),
        Call("POST", "/RevokeSecurityGroup", {"SecurityGroupId": GROUP, "Permissions": [{}, {}]}),
    ],
)
def test_a_call_that_is_none_of_ours_is_not_sent(region: Bench, call: Call) -> None:
    """Only one rule a call, and only the four actions."""
    result = region.carry(Change(POINT, "aliyun", (), calls=(call,)))
    assert "nothing was sent" in result.problem
    assert cloud_of(region).lines == ()
