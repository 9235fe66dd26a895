"""Exports of what the cloud does with packets (Aliyun API shapes) -> vSwitches, groups, NAT entries, routes.

Source: public API pages of ECS 2014-05-26 and VPC 2016-04-28 (DescribeVSwitches, DescribeSecurityGroups,
DescribeSecurityGroupAttribute, DescribeNatGateways, DescribeSnatTableEntries, DescribeForwardTableEntries,
DescribeRouteTableList, DescribeRouteEntryList). The attribute of a group is an answer of its own: the
document is the list of these answers, each with ``SecurityGroupId`` and ``Permissions.Permission``; or one
answer for all, whose permissions name their groups themselves.
"""

from collections.abc import Iterator, Mapping

from nornir_itsm.model.cloud_network import (
    CloudNetwork,
    CloudRoute,
    ForwardEntry,
    GroupRule,
    NatGateway,
    SecurityGroup,
    SnatEntry,
    VSwitch,
)
from nornir_itsm.stages.parse.document import Record, records
from nornir_itsm.stages.parse.members import address, network

CONTAINERS: dict[str, tuple[str, ...]] = {
    "vswitches": ("VSwitches", "VSwitch"),
    "security_groups": ("SecurityGroups", "SecurityGroup"),
    "security_group_rules": (),
    "nat_gateways": ("NatGateways", "NatGateway"),
    "snat_entries": ("SnatTableEntries", "SnatTableEntry"),
    "forward_entries": ("ForwardTableEntries", "ForwardTableEntry"),
    "route_tables": ("RouterTableList", "RouterTableListType"),
    "route_entries": ("RouteEntrys", "RouteEntry"),
}
"""Documents and where their records are. Each may be missing."""

_PEERS = {
    "ingress": ("SourceCidrIp", "Ipv6SourceCidrIp", "SourceGroupId", "SourcePrefixListId"),
    "egress": ("DestCidrIp", "Ipv6DestCidrIp", "DestGroupId", "DestPrefixListId"),
}


def cloud_network(documents: Mapping[str, object]) -> CloudNetwork:
    """Return what these documents say, by the names of CONTAINERS. Raises SourceError naming the record."""
    listed = {name: records(documents, name, *keys) for name, keys in CONTAINERS.items()}
    switches = {one.id: one for one in map(_vswitch, listed["vswitches"])}
    tables = {r.name("RouteTableId"): r.text("VpcId") for r in listed["route_tables"]}
    return CloudNetwork(
        vswitches=switches,
        groups=_groups(listed["security_groups"], listed["security_group_rules"]),
        memberships=_memberships(documents),
        gateways={one.id: one for one in map(_gateway, listed["nat_gateways"])},
        snat=tuple(_snat(record, switches) for record in listed["snat_entries"]),
        forward=tuple(map(_forward, listed["forward_entries"])),
        routes=tuple(route for record in listed["route_entries"] for route in _routes(record, tables)),
        collected=tuple(sorted(name for name in CONTAINERS if name in documents)),
    )


def _prefix(record: Record, key: str) -> str:
    text = record.text(key)
    found = network(text)
    if found is None:
        raise record.wrong(f"{key} {text[:60]!r} is no prefix")
    return found


def _ip(record: Record, text: str, key: str) -> str:
    found = address(text)
    if found is None:
        raise record.wrong(f"{key} {text[:60]!r} is no address")
    return found


def _vswitch(record: Record) -> VSwitch:
    prefix = _prefix(record, "CidrBlock")
    return VSwitch(record.name("VSwitchId"), record.text("VpcId"), prefix, record.text("VSwitchName"))


def _groups(listed: tuple[Record, ...], rules: tuple[Record, ...]) -> dict[str, SecurityGroup]:
    said: dict[str, list[GroupRule]] = {}
    for answer in rules:
        for permission in answer.inner("Permissions").records("Permission"):
            holder = permission if permission.is_set("SecurityGroupId") else answer
            said.setdefault(holder.name("SecurityGroupId"), []).append(_rule(permission))
    heads = {r.name("SecurityGroupId"): (r.text("SecurityGroupName"), r.text("VpcId")) for r in listed}
    return {
        id: SecurityGroup(id, *heads.get(id, ("", "")), tuple(sorted(said.get(id, ()), key=_turn)))
        for id in dict.fromkeys((*heads, *said))
    }


def _turn(rule: GroupRule) -> tuple[str, int, bool, str, str, str]:
    """Say when a rule is matched: by priority, at the same one drops first; then in one fixed order."""
    return rule.direction, rule.priority, rule.policy != "drop", rule.protocol, rule.ports, rule.peer


def _rule(record: Record) -> GroupRule:
    direction = record.text("Direction", "ingress").lower()
    if direction not in _PEERS:
        raise record.wrong(f"Direction {direction[:60]!r} is neither ingress nor egress")
    policy = record.text("Policy", "accept").lower()
    if policy not in ("accept", "drop"):
        raise record.wrong(f"Policy {policy[:60]!r} is neither accept nor drop")
    peer = next((text for key in _PEERS[direction] if (text := record.text(key))), "")
    ports = record.text("PortRange", "-1/-1")
    protocol = record.text("IpProtocol", "ALL").upper()
    return GroupRule(direction, policy, protocol, ports, network(peer) or peer, record.number("Priority", 1))


def _memberships(documents: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return private address -> groups, from the interfaces; what two networks say differently is empty."""
    found: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for record in records(documents, "network_interfaces", "NetworkInterfaceSets", "NetworkInterfaceSet"):
        groups = tuple(sorted(record.inner("SecurityGroupIds").texts("SecurityGroupId")))
        sets = record.inner("PrivateIpSets").records("PrivateIpSet")
        texts = [record.text("PrivateIpAddress"), *(item.text("PrivateIpAddress") for item in sets)]
        for text in dict.fromkeys(text for text in texts if text):
            private = _ip(record, text, "PrivateIpAddress")
            same = owner.setdefault(private, record.name("NetworkInterfaceId")) == record.name(
                "NetworkInterfaceId"
            )
            found[private] = groups if same else ()
    return found


def _gateway(record: Record) -> NatGateway:
    snat = record.inner("SnatTableIds").texts("SnatTableId")
    forward = record.inner("ForwardTableIds").texts("ForwardTableId")
    return NatGateway(record.name("NatGatewayId"), record.text("VpcId"), snat, forward)


def _snat(record: Record, switches: Mapping[str, VSwitch]) -> SnatEntry:
    """Return a SNAT entry; its source is a prefix, or that of a vSwitch."""
    switch = switches.get(record.text("SourceVSwitchId"))
    if not record.text("SourceCIDR") and switch is None:
        raise record.wrong("it has no SourceCIDR, and its vSwitch is not among the vSwitches")
    source = _prefix(record, "SourceCIDR") if record.text("SourceCIDR") else switch.prefix if switch else ""
    parts = (part.strip() for part in record.text("SnatIp").split(","))
    eips = tuple(_ip(record, part, "SnatIp") for part in parts if part)
    return SnatEntry(record.name("SnatEntryId"), record.text("SnatTableId"), source, eips)


def _forward(record: Record) -> ForwardEntry:
    return ForwardEntry(
        record.name("ForwardEntryId"),
        record.text("ForwardTableId"),
        record.text("IpProtocol", "any").lower(),
        _ip(record, record.text("ExternalIp"), "ExternalIp"),
        record.text("ExternalPort", "any").lower(),
        _ip(record, record.text("InternalIp"), "InternalIp"),
        record.text("InternalPort", "any").lower(),
    )


def _routes(record: Record, tables: Mapping[str, str]) -> Iterator[CloudRoute]:
    """Yield an entry once for each of its next hops; a route inside the VPC has none."""
    table, prefix = record.name("RouteTableId"), _prefix(record, "DestinationCidrBlock")
    hops = record.inner("NextHops").records("NextHop") or (record,)
    for hop in hops:
        kind, id = hop.text("NextHopType", "local"), hop.text("NextHopId") or hop.text("InstanceId")
        yield CloudRoute(table, tables.get(table, ""), prefix, kind, id)
