"""The lab's cloud: it trusts nobody, and does what the documentation says."""

import json
from datetime import UTC, datetime
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

import pytest

from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.aliyun.errors import ApiError
from nornir_itsm.lab.aliyun.signature import Gate, Key, string_to_sign

EXAMPLE = {
    "TimeStamp": "2016-02-23T12:46:24Z", "Format": "XML", "AccessKeyId": "testid",
    "Action": "DescribeRegions", "SignatureMethod": "HMAC-SHA1",
    "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
    "Version": "2014-05-26", "SignatureVersion": "1.0",
}  # fmt: skip


def signed(key: Key, **parameters: str) -> dict[str, str]:
    """Sign as the vendor's documentation tells it, by means of the standard library."""
    import base64
    import hashlib
    import hmac

    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {
        "Format": "JSON", "AccessKeyId": key.id, "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
        "SignatureNonce": "once", "Timestamp": now, "RegionId": "demo-region-1", **parameters,
    }  # fmt: skip
    pairs = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(said.items()))
    text = f"GET&%2F&{quote(pairs, safe='~')}"
    digest = hmac.new(f"{key.secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return {**said, "Signature": base64.b64encode(digest).decode()}


def refusal(gate: Gate, parameters: dict[str, str]) -> str:
    with pytest.raises(ApiError) as caught:
        gate.admit("GET", parameters)
    return caught.value.code


def test_the_example_of_the_documentation() -> None:
    """The string to sign of the vendor's own example, letter by letter."""
    assert string_to_sign("GET", EXAMPLE) == (
        "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1"
        "%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0"
        "%26TimeStamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26"
    )


def test_a_call_is_let_in_once() -> None:
    """A good signature passes; the same call again is a replay; anything changed is no longer signed."""
    gate = Gate()
    key = gate.keys["k"] = Key("k", "s")
    call = signed(key, Name="示例 *~+/")
    gate.admit("GET", call)
    assert refusal(gate, call) == "SignatureNonceUsed"
    assert refusal(gate, {**call, "SignatureNonce": "twice"}) == "SignatureDoesNotMatch"
    assert refusal(gate, {**call, "Extra": "1"}) == "SignatureDoesNotMatch"
    assert refusal(gate, signed(Key("k", "other"))) == "SignatureDoesNotMatch"
    assert refusal(gate, signed(key, Timestamp="2020-01-01T00:00:00Z")) == "InvalidTimeStamp.Expired"
    assert refusal(gate, signed(Key("nobody", "s"))) == "InvalidAccessKeyId.NotFound"
    del call["SignatureNonce"]
    assert refusal(gate, call) == "MissingSignatureNonce"


def test_a_nonce_is_one_keys_own_and_a_refused_call_uses_none_up() -> None:
    """Two keys may draw the same nonce; a call with a bad signature cannot burn another's."""
    gate = Gate()
    for name in "ab":
        gate.keys[name] = Key(name, f"s{name}")
    assert refusal(gate, {**signed(gate.keys["a"]), "Signature": "x"}) == "SignatureDoesNotMatch"
    for name in "ab":
        gate.admit("GET", signed(gate.keys[name]))


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"Action": "DescribeNothing"}, "InvalidAction.NotFound"),
        ({"Version": "2000-01-01"}, "InvalidVersion"),
        ({"RegionId": ""}, "MissingRegionId"),
        ({"MaxResults": "101"}, "InvalidParameter.MaxResults"),
        ({"NextToken": "made-up"}, "InvalidParameter.NextToken"),
        ({"PageSiez": "5"}, "InvalidParameter.PageSiez"),
        ({"InstanceIds": "i-1"}, "InvalidParameter.InstanceIds"),
    ],
)
def test_what_the_documentation_does_not_allow_is_refused(
    cloud: Cloud, key: Key, parameters: dict[str, str], code: str
) -> None:
    """Unknown actions and parameters, sizes beyond the limit, made-up tokens: an error document each."""
    call = {"Action": "DescribeInstances", "Version": "2014-05-26", "RegionId": "demo-region-1", **parameters}
    with pytest.raises(HTTPError) as caught:
        urlopen(f"http://127.0.0.1:{cloud.port}/?{urlencode(signed(key, **call))}")
    assert json.load(caught.value)["Code"] == code


def test_pages_and_filters(cloud: Cloud, key: Key) -> None:
    """A page has the size that was asked for, the total counts all, filters are JSON or comma lists."""

    def ask(**more: str) -> dict:
        call = {"Action": "DescribeInstances", "Version": "2014-05-26", **more}
        with urlopen(f"http://127.0.0.1:{cloud.port}/?{urlencode(signed(key, **call))}") as answer:
            return json.load(answer)

    first = ask(SignatureNonce="1")
    assert (len(first["Instances"]["Instance"]), first["TotalCount"]) == (10, 32)
    second = ask(SignatureNonce="2", NextToken=first["NextToken"])
    assert second["Instances"]["Instance"][0] not in first["Instances"]["Instance"]
    two = ask(SignatureNonce="3", InstanceIds='["i-demo001", "i-demo002"]')
    assert [one["InstanceId"] for one in two["Instances"]["Instance"]] == ["i-demo001", "i-demo002"]
    assert two["NextToken"] == ""
    assert ask(SignatureNonce="4", RegionId="elsewhere")["TotalCount"] == 0


GROUP = "sg-demoA-APP"


def written(cloud: Cloud, key: Key, action: str, **parameters: str) -> str:
    """Make one write call; return the code of its refusal, or nothing."""
    nonce = str(cloud.calls.total()) + action + str(sorted(parameters.items()))
    call = {"Action": action, "Version": "2014-05-26", "SecurityGroupId": GROUP, "SignatureNonce": nonce}
    try:
        cloud.answer("GET", signed(key, **call, **parameters), {})
    except ApiError as error:
        return error.code
    return ""


def rule(**more: str) -> dict[str, str]:
    given = {"IpProtocol": "TCP", "PortRange": "443/443", "SourceCidrIp": "192.0.2.0/24", **more}
    return {f"Permissions.1.{name}": value for name, value in given.items()}


def test_rules_of_a_security_group(cloud: Cloud, key: Key) -> None:
    """Adding twice and revoking nothing both succeed and do nothing, as the documentation has it."""
    rules = cloud.records["security_group_rules"]
    for _ in range(2):
        assert written(cloud, key, "AuthorizeSecurityGroup", **rule()) == ""
        assert len(rules) == 1
    (first,) = rules
    wanted = ("Accept", 1, "192.0.2.0/24", "443/443")
    assert tuple(first[k] for k in ("Policy", "Priority", "SourceCidrIp", "PortRange")) == wanted
    assert written(cloud, key, "RevokeSecurityGroup", **rule(PortRange="80/80")) == ""
    assert len(rules) == 1
    id = first["SecurityGroupRuleId"]
    assert written(cloud, key, "ModifySecurityGroupRule", SecurityGroupRuleId=id, Priority="7") == ""
    assert (rules[0]["Priority"], rules[0]["SecurityGroupRuleId"]) == (7, id)
    assert written(cloud, key, "RevokeSecurityGroup", **{"SecurityGroupRuleId.1": id}) == ""
    assert rules == []
    assert written(cloud, key, "RevokeSecurityGroup", **{"SecurityGroupRuleId.1": id}).endswith(
        "RuleId.NotFound"
    )


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        (rule(PortRange="443"), "InvalidParameter.PortRange"),
        (rule(IpProtocol="ICMP"), "InvalidParameter.PortRange"),
        (rule(Priority="0"), "InvalidParameter.Priority"),
        (rule(SourceGroupId="sg-x"), "InvalidParameter.SourceCidrIp"),
        (rule(DestGroupId="sg-x"), "InvalidParameter.DestGroupId"),
        ({**rule(), "IpProtocol": "TCP"}, "InvalidParameter.Permissions"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_whole(
    cloud: Cloud, key: Key, parameters: dict[str, str], code: str
) -> None:
    """Nothing of the call is carried out."""
    assert written(cloud, key, "AuthorizeSecurityGroup", **parameters) == code
    assert cloud.records["security_group_rules"] == []


def test_a_client_token_makes_a_repeated_call_harmless(cloud: Cloud, key: Key) -> None:
    """The same call does nothing again, even after a revoke; another one with that token is refused."""
    once = {**rule(), "ClientToken": "t"}
    assert written(cloud, key, "AuthorizeSecurityGroup", **once) == ""
    assert written(cloud, key, "RevokeSecurityGroup", **rule()) == ""
    assert written(cloud, key, "AuthorizeSecurityGroup", **once) == ""
    assert cloud.records["security_group_rules"] == []
    other = {**rule(PortRange="80/80"), "ClientToken": "t"}
    assert written(cloud, key, "AuthorizeSecurityGroup", **other) == "IdempotentParameterMismatch"
