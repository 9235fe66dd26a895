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
    NatGateway,
    SnatEntry,
    VSwitch,
)
from nornir_itsm.stages.parse.cloud_groups import groups, memberships
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


def cloud_network(documents: Mapping[str, object]) -> CloudNetwork:
    """Return what these documents say, by the names of CONTAINERS. Raises SourceError naming the record."""
    listed = {name: records(documents, name, *keys) for name, keys in CONTAINERS.items()}
    switches = {one.id: one for one in map(_vswitch, listed["vswitches"])}
    tables = {r.name("RouteTableId"): r.text("VpcId") for r in listed["route_tables"]}
    return CloudNetwork(
        vswitches=switches,
        groups=groups(listed["security_groups"], listed["security_group_rules"]),
        memberships=memberships(documents),
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
