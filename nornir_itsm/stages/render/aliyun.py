"""Intents as calls of the cloud's API (ECS 2014-05-26): one rule of a security group a call.

A rule is named by what it says, never by an identifier: that is looked up when the call is sent. So the same
plan is the same text wherever it is made.
"""

from collections.abc import Mapping, Sequence

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.change import Call, Json
from nornir_itsm.model.cloud_network import GroupRule
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import CloudRule, Intent
from nornir_itsm.stages.parse.cloud_groups import ANY_PORT

_SIDES = {"ingress": ("Source", "Dest"), "egress": ("Dest", "Source")}
_PEERS: Mapping[str, str] = {"cidr": "{}CidrIp", "group": "{}GroupId", "prefix_list": "{}PrefixListId"}
_ACTIONS = {
    ("ensure", "ingress"): "AuthorizeSecurityGroup",
    ("ensure", "egress"): "AuthorizeSecurityGroupEgress",
    ("absent", "ingress"): "RevokeSecurityGroup",
    ("absent", "egress"): "RevokeSecurityGroupEgress",
}


def calls(intents: Sequence[Intent], _facts: Facts) -> tuple[Call, ...]:
    """Return the calls for these intents, in their order."""
    return tuple(map(_call, intents))


def _call(intent: Intent) -> Call:
    if not isinstance(intent, CloudRule):
        raise ChangeError(intent.point, f"{type(intent).__name__} cannot be said to a cloud", "do it by hand")
    action = _ACTIONS[intent.state, intent.rule.direction]
    permission: Json = dict(permission_of(intent.rule))
    return Call("POST", f"/{action}", {"SecurityGroupId": intent.group, "Permissions": [permission]})


def permission_of(rule: GroupRule) -> dict[str, str]:
    """Return a rule as the API takes it; every value is text there."""
    far, near = _SIDES[rule.direction]
    made = {
        "IpProtocol": rule.protocol,
        "PortRange": rule.ports,
        _address_key(_PEERS[rule.peer_kind].format(far), rule.peer): rule.peer,
        "Policy": rule.policy,
        "Priority": str(rule.priority),
    }
    if rule.own:
        made[_address_key(f"{near}CidrIp", rule.own)] = rule.own
    if rule.source_ports != ANY_PORT:
        made["SourcePortRange"] = rule.source_ports
    if rule.description:
        made["Description"] = rule.description
    return made


def _address_key(key: str, text: str) -> str:
    return f"Ipv6{key}" if key.endswith("CidrIp") and ":" in text else key
