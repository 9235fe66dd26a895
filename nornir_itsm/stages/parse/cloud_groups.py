"""Answers about security groups (Aliyun API shapes) -> groups with their rules, and who is in which.

Source: public API pages of ECS 2014-05-26 (DescribeSecurityGroups, DescribeSecurityGroupAttribute,
DescribeNetworkInterfaces) and VPC 2016-04-28 (DescribeHaVips). Assumed: an older private cloud that names no
``SecurityGroupType`` has normal groups only.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nornir_itsm.model.cloud_network import GroupFacts, GroupRule, PeerKind, SecurityGroup
from nornir_itsm.stages.parse.document import Record, records
from nornir_itsm.stages.parse.members import address, network

CONTAINERS: dict[str, tuple[str, ...]] = {
    "security_groups": ("SecurityGroups", "SecurityGroup"),
    "security_group_rules": (),
    "network_interfaces": ("NetworkInterfaceSets", "NetworkInterfaceSet"),
    "havips": ("HaVips", "HaVip"),
}
"""Documents and where their records are."""

ANY_PORT = "-1/-1"
_RANGE = re.compile(r"-1/-1|[0-9]{1,5}/[0-9]{1,5}")
_SIDES = {"ingress": ("Source", "Dest"), "egress": ("Dest", "Source")}
"""Direction -> what the cloud calls the peer's side, and the group's own."""
_KINDS: tuple[tuple[str, PeerKind], ...] = (
    ("{}CidrIp", "cidr"),
    ("Ipv6{}CidrIp", "cidr"),
    ("{}GroupId", "group"),
    ("{}PrefixListId", "prefix_list"),
)


def group_facts(documents: Mapping[str, object]) -> GroupFacts:
    """Return what filters at the tenants' interfaces, from the documents of CONTAINERS.

    Without the rules nothing of it is known. Raises SourceError naming the record.
    """
    listed = {name: records(documents, name, *keys) for name, keys in CONTAINERS.items()}
    if "security_group_rules" not in documents:
        return GroupFacts(known=False)
    found = groups(listed["security_groups"], listed["security_group_rules"], texts=True)
    return GroupFacts(found, {**memberships(documents), **dict(_virtual(listed["havips"], documents))})


def groups(
    listed: tuple[Record, ...], rules: tuple[Record, ...], *, texts: bool = False
) -> dict[str, SecurityGroup]:
    """Return the groups by their ids; descriptions of rules are free text, read only where *texts* is set."""
    said: dict[str, list[GroupRule]] = {}
    inner: dict[str, bool] = {}
    for answer in rules:
        if answer.is_set("InnerAccessPolicy"):
            inner[answer.name("SecurityGroupId")] = _inner(answer)
        if answer.is_set("SecurityGroupId"):
            said.setdefault(answer.name("SecurityGroupId"), [])
        for permission in answer.inner("Permissions").records("Permission"):
            holder = permission if permission.is_set("SecurityGroupId") else answer
            rule = rule_of(permission)
            kept = rule if texts else replace(rule, description="")
            said.setdefault(holder.name("SecurityGroupId"), []).append(kept)
    heads = {record.name("SecurityGroupId"): record for record in listed}
    made = (
        _group(id, heads.get(id), tuple(sorted(said.get(id, ()), key=turn)))
        for id in dict.fromkeys((*heads, *said))
    )
    return {one.id: replace(one, inner=inner.get(one.id, one.inner)) for one in made}


def _group(id: str, head: Record | None, rules: tuple[GroupRule, ...]) -> SecurityGroup:
    if head is None:
        return SecurityGroup(id, rules=rules)
    enterprise = head.text("SecurityGroupType", "normal").lower() == "enterprise"
    inner = False if enterprise else _inner(head) if head.is_set("InnerAccessPolicy") else None
    return SecurityGroup(
        id, head.text("SecurityGroupName"), head.text("VpcId"), rules, enterprise=enterprise, inner=inner
    )


def _inner(record: Record) -> bool:
    policy = record.text("InnerAccessPolicy").lower()
    if policy not in ("accept", "drop"):
        raise record.wrong(f"InnerAccessPolicy {policy[:60]!r} is neither Accept nor Drop")
    return policy == "accept"


def turn(rule: GroupRule) -> tuple[str, int, bool, str]:
    """Say when a rule is matched: by priority, at the same one drops first; then in one fixed order."""
    return rule.direction, rule.priority, rule.policy != "drop", rule.name


def rule_of(record: Record) -> GroupRule:
    """Return one rule, listed or about to be written. Raises SourceError."""
    direction = record.text("Direction", "ingress").lower()
    if direction not in _SIDES:
        raise record.wrong(f"Direction {direction[:60]!r} is neither ingress nor egress")
    policy = record.text("Policy", "accept").lower()
    if policy not in ("accept", "drop"):
        raise record.wrong(f"Policy {policy[:60]!r} is neither accept nor drop")
    far, near = _SIDES[direction]
    peers = ((record.text(key.format(far)), kind) for key, kind in _KINDS)
    peer, kind = next(((text, kind) for text, kind in peers if text), ("", _KINDS[0][1]))
    own = record.text(f"{near}CidrIp") or record.text(f"Ipv6{near}CidrIp")
    for text in (peer if kind == "cidr" else "", own):
        if text and network(text) is None:
            raise record.wrong(f"{text[:60]!r} is no prefix")
    return GroupRule(
        direction,
        policy,
        record.text("IpProtocol", "ALL").upper(),
        _ports(record, "PortRange"),
        (network(peer) or peer) if kind == "cidr" else peer,
        record.number("Priority", 1),
        kind,
        network(own) or own,
        _ports(record, "SourcePortRange"),
        record.text("Description"),
        record.text("SecurityGroupRuleId"),
    )


def _ports(record: Record, key: str) -> str:
    text = record.text(key, ANY_PORT)
    if not _RANGE.fullmatch(text):
        raise record.wrong(f"{key} {text[:60]!r} is no range of ports")
    return text


def memberships(documents: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return private address -> groups, from the interfaces; what two networks say differently is empty."""
    found: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for record in records(documents, "network_interfaces", *CONTAINERS["network_interfaces"]):
        id, held = record.name("NetworkInterfaceId"), _held(record)
        for private in dict.fromkeys(_addresses(record)):
            found[private] = held if owner.setdefault(private, id) == id else ()
    return found


def _held(record: Record) -> tuple[str, ...]:
    return tuple(sorted(record.inner("SecurityGroupIds").texts("SecurityGroupId")))


def _addresses(record: Record) -> Iterator[str]:
    sets = (
        *((item, "PrivateIpAddress") for item in record.inner("PrivateIpSets").records("PrivateIpSet")),
        *((item, "Ipv6Address") for item in record.inner("Ipv6Sets").records("Ipv6Set")),
    )
    for item, key in ((record, "PrivateIpAddress"), *sets):
        if text := item.text(key):
            found = address(text)
            if found is None:
                raise record.wrong(f"{key} {text[:60]!r} is no address")
            yield found


def _virtual(
    havips: tuple[Record, ...], documents: Mapping[str, object]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each virtual address (HaVip) with the groups of the interfaces that can hold it.

    Assumed: what arrives there is filtered at the interface that holds it just then. Where these are in
    different groups nobody can tell.
    """
    held: dict[str, tuple[str, ...]] = {}
    for record in records(documents, "network_interfaces", *CONTAINERS["network_interfaces"]):
        held[record.name("NetworkInterfaceId")] = _held(record)
        if record.is_set("InstanceId"):
            held.setdefault(record.text("InstanceId"), _held(record))
    for record in havips:
        holders = record.inner("AssociatedInstances").texts("associatedInstance")
        each = {held.get(id, ()) for id in holders}
        if (text := address(record.text("IpAddress"))) and holders:
            yield text, next(iter(each)) if len(each) == 1 else ()
