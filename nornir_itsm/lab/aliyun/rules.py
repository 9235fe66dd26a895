"""Security-group rules that can be written. Source: the vendor's API pages of these actions.

What surprises there is kept here: adding a rule that is there succeeds and does nothing; revoking by
parameters that match nothing succeeds and deletes nothing, while an unknown rule id is an error; there is no
dry run; a client token makes a repeated call harmless.
"""

import ipaddress
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from nornir_itsm.lab.aliyun.errors import ApiError, invalid, missing

Record = dict[str, Any]

WRITES = {
    "AuthorizeSecurityGroup": ("authorize", "ingress"),
    "AuthorizeSecurityGroupEgress": ("authorize", "egress"),
    "RevokeSecurityGroup": ("revoke", "ingress"),
    "RevokeSecurityGroupEgress": ("revoke", "egress"),
    "ModifySecurityGroupRule": ("modify", "ingress"),
}
MOST_RULES = 200
MOST_AT_ONCE = 100
_PROTOCOLS = frozenset({"TCP", "UDP", "ICMP", "ICMPv6", "GRE", "ALL"})
_PORTED = frozenset({"TCP", "UDP"})
_PEERS = ("CidrIp", "GroupId", "PrefixListId")
_FIELDS = frozenset(
    {"IpProtocol", "PortRange", "SourcePortRange", "Policy", "Priority", "Description", "NicType"}
)
_KEYS = (
    "Direction",
    "IpProtocol",
    "PortRange",
    "SourcePortRange",
    "Peer",
    "Own",
    "Policy",
    "Priority",
    "NicType",
)
"""What makes a rule the same rule; its description does not."""


class Rules:
    """The rules of all groups. Not safe for threads by itself: the cloud holds its lock."""

    def __init__(self, rules: list[Record], groups: frozenset[str]) -> None:
        """Hold *rules*, which the cloud lists too, for these *groups*."""
        self._rules = rules
        self._groups = groups
        self._tokens: dict[str, Mapping[str, str]] = {}

    def listed(self) -> list[Record]:
        """Return the list itself."""
        return self._rules

    def write(self, action: str, parameters: Mapping[str, str]) -> None:
        """Carry out one call whole or not at all. Raises ApiError."""
        what, direction = WRITES[action]
        said = {
            key: value for key, value in parameters.items() if not key.startswith(("Signature", "Timestamp"))
        }
        token = parameters.get("ClientToken", "")
        if token in self._tokens:
            if self._tokens[token] != said:
                raise ApiError(
                    400, "IdempotentParameterMismatch", "The token was used with other parameters."
                )
            return
        group = parameters.get("SecurityGroupId") or ""
        if not group:
            raise missing("SecurityGroupId")
        if group not in self._groups:
            raise ApiError(404, "InvalidSecurityGroupId.NotFound", "The specified group does not exist.")
        {"authorize": self._authorize, "revoke": self._revoke, "modify": self._modify}[what](
            group, direction, parameters
        )
        if token:
            self._tokens[token] = said

    def _authorize(self, group: str, direction: str, parameters: Mapping[str, str]) -> None:
        wanted = [_rule(one, group, direction) for one in _permissions(parameters)]
        there = {_identity(rule) for rule in self._of(group)}
        new = {_identity(rule): rule for rule in wanted if _identity(rule) not in there}
        if len(there) + len(new) > MOST_RULES:
            raise ApiError(403, "AuthorizationLimitExceed", "The group has too many rules.")
        self._rules += (
            {**rule, "SecurityGroupRuleId": f"sgr-{secrets.token_hex(8)}"} for rule in new.values()
        )

    def _revoke(self, group: str, direction: str, parameters: Mapping[str, str]) -> None:
        ids = {value for key, value in parameters.items() if key.startswith("SecurityGroupRuleId")}
        if ids:
            known = {
                rule["SecurityGroupRuleId"] for rule in self._of(group) if rule["Direction"] == direction
            }
            if unknown := ids - known:
                text = f"The specified rule {min(unknown)} does not exist."
                raise ApiError(404, "InvalidSecurityGroupRuleId.NotFound", text)
            gone = {rule["SecurityGroupRuleId"] for rule in self._rules if rule["SecurityGroupRuleId"] in ids}
        else:
            wanted = {_identity(_rule(one, group, direction)) for one in _permissions(parameters)}
            gone = {rule["SecurityGroupRuleId"] for rule in self._of(group) if _identity(rule) in wanted}
        self._rules[:] = [rule for rule in self._rules if rule["SecurityGroupRuleId"] not in gone]

    def _modify(self, group: str, direction: str, parameters: Mapping[str, str]) -> None:
        """Change one rule; the kind of its peer stays what it is, and no other rule may become the same."""
        id = parameters.get("SecurityGroupRuleId", "")
        old = next((rule for rule in self._of(group) if rule["SecurityGroupRuleId"] == id), None)
        if old is None or old["Direction"] != direction:
            raise ApiError(404, "InvalidSecurityGroupRuleId.NotFound", "The specified rule does not exist.")
        given = {key: value for key, value in parameters.items() if key in _names(direction)}
        peer = _peer_name(old, direction)
        if any(key != peer and key in _peer_names(direction) for key in given):
            raise invalid("SourceGroupId", "cannot change the kind of peer")
        kept = {
            key: str(old[key]) for key in ("IpProtocol", "PortRange", "Policy", "Priority", "NicType", peer)
        }
        new = {**_rule({**kept, **given}, group, direction), "SecurityGroupRuleId": id}
        if any(_identity(rule) == _identity(new) for rule in self._of(group) if rule is not old):
            raise ApiError(400, "InvalidSecurityGroupRule.RuleExists", "The rule exists already.")
        self._rules[self._rules.index(old)] = new

    def _of(self, group: str) -> list[Record]:
        return [rule for rule in self._rules if rule["SecurityGroupId"] == group]


def _peer_names(direction: str) -> tuple[str, ...]:
    side = "Source" if direction == "ingress" else "Dest"
    return (*(f"{side}{peer}" for peer in _PEERS), f"Ipv6{side}CidrIp")


def _own_names(direction: str) -> tuple[str, ...]:
    """Return how the group's own side is named: rules of five parts have it."""
    side = "Dest" if direction == "ingress" else "Source"
    return f"{side}CidrIp", f"Ipv6{side}CidrIp"


def _names(direction: str) -> frozenset[str]:
    return _FIELDS | {*_peer_names(direction), *_own_names(direction)}


def _permissions(parameters: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Yield the rules of a call: ``Permissions.N.KEY``, or the flat parameters of before, never both."""
    numbered: dict[int, dict[str, str]] = {}
    for key, value in parameters.items():
        if match := re.fullmatch(r"Permissions\.([1-9][0-9]{0,2})\.(\w+)", key):
            numbered.setdefault(int(match[1]), {})[match[2]] = value
    known = _names("ingress") | _names("egress")
    flat = {key: value for key, value in parameters.items() if key in known}
    if numbered and flat:
        raise invalid("Permissions", "cannot stand beside flat parameters")
    if len(numbered) > MOST_AT_ONCE:
        raise invalid("Permissions", f"holds more than {MOST_AT_ONCE} rules")
    yield from (numbered[number] for number in sorted(numbered)) if numbered else (flat,)


def _rule(given: Mapping[str, str], group: str, direction: str) -> Record:
    """Check one rule and return it as it will be listed."""
    if strange := set(given) - _names(direction):
        raise invalid(min(strange), "is not known to this action")
    protocol = given.get("IpProtocol", "").upper().replace("ICMPV6", "ICMPv6")
    if protocol not in _PROTOCOLS:
        raise invalid("IpProtocol")
    peers = [name for name in _peer_names(direction) if given.get(name)]
    if len(peers) != 1:
        raise invalid("SourceCidrIp", "must be one peer")
    own = {name: _peer(name, given[name]) for name in _own_names(direction) if given.get(name)}
    if sources := given.get("SourcePortRange"):
        _ports(sources, protocol)
    policy, priority = given.get("Policy", "accept").lower(), given.get("Priority", "1")
    if policy not in ("accept", "drop"):
        raise invalid("Policy")
    if not priority.isdecimal() or not 1 <= int(priority) <= 100:
        raise invalid("Priority", "must be between 1 and 100")
    return {
        "SecurityGroupId": group, "Direction": direction, "IpProtocol": protocol,
        "PortRange": _ports(given.get("PortRange", ""), protocol), peers[0]: _peer(peers[0], given[peers[0]]),
        "Policy": policy.capitalize(), "Priority": int(priority), "NicType": "intranet",
        "Description": given.get("Description", ""), "SourcePortRange": sources or "-1/-1", **own,
    }  # fmt: skip


def _ports(text: str, protocol: str) -> str:
    match = re.fullmatch(r"(-?[0-9]{1,5})/(-?[0-9]{1,5})", text)
    if match is None:
        raise invalid("PortRange")
    first, last = int(match[1]), int(match[2])
    good = 1 <= first <= last <= 65535 if protocol in _PORTED else (first, last) == (-1, -1)
    if not good:
        raise invalid("PortRange")
    return text


def _peer(name: str, text: str) -> str:
    if not name.endswith("CidrIp"):
        return text
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise invalid(name) from None


def _peer_name(rule: Record, direction: str) -> str:
    return next(name for name in _peer_names(direction) if rule.get(name))


def _identity(rule: Record) -> tuple[Any, ...]:
    peer = next((name, rule[name]) for name in _peer_names(rule["Direction"]) if rule.get(name))
    own = [rule.get(name) for name in _own_names(rule["Direction"])]
    parts = {**rule, "Peer": peer, "Own": tuple(own), "SourcePortRange": rule.get("SourcePortRange", "-1/-1")}
    return tuple(parts.get(key) for key in _KEYS)
