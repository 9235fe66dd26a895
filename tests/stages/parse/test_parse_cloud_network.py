"""What the cloud does with packets: vSwitches, security groups, NAT entries and routes from its answers."""

from typing import Any

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.model.cloud_network import ForwardEntry, GroupRule, SnatEntry, VSwitch
from nornir_itsm.stages.parse.cloud_network import cloud_network

Record = dict[str, Any]


def answer(path: str, *listed: Record) -> Record:
    """Return a list as the API wraps it: below two keys, the inner one in the singular."""
    outer, inner = path.split(".")
    return {outer: {inner: list(listed)}}


RULES = (
    {"Direction": "ingress", "Policy": "Accept", "IpProtocol": "tcp", "PortRange": "443/443"}
    | {"SourceCidrIp": "10.0.0.5", "Priority": "1", "Description": "张示例 pw Tr0ub4"},
    {"Direction": "ingress", "Policy": "Drop", "IpProtocol": "ALL", "PortRange": "-1/-1"}
    | {"SourceGroupId": "sg-2", "Priority": 1},
    {"Direction": "egress", "Policy": "Accept", "DestCidrIp": "0.0.0.0/0"},
)
SWITCH = {"VSwitchId": "vsw-1", "VpcId": "vpc-1", "CidrBlock": "10.60.136.192/26", "VSwitchName": "业务"}
GATEWAY = {"NatGatewayId": "ngw-1", "VpcId": "vpc-1"}
TABLES = {"SnatTableIds": {"SnatTableId": ["stb-1"]}, "ForwardTableIds": {"ForwardTableId": ["ftb-1"]}}
SNAT = {"SnatTableId": "stb-1"}
FORWARD = {"ForwardEntryId": "fwd-1", "ForwardTableId": "ftb-1", "IpProtocol": "TCP", "ExternalPort": "80"}
TARGET = {"ExternalIp": "10.70.16.240", "InternalIp": "10.60.136.204", "InternalPort": "8080"}
HOP = {"NextHops": {"NextHop": [{"NextHopType": "NatGateway", "NextHopId": "ngw-1"}]}}
CARD = {"NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.60.136.201"}
SECOND = {"PrivateIpSets": {"PrivateIpSet": [{"PrivateIpAddress": "10.60.136.202"}]}}
DOCUMENTS: Record = {
    "vswitches": answer("VSwitches.VSwitch", SWITCH),
    "security_groups": answer(
        "SecurityGroups.SecurityGroup", {"SecurityGroupId": "sg-1", "SecurityGroupName": "web"}
    ),
    "security_group_rules": [{"SecurityGroupId": "sg-1", **answer("Permissions.Permission", *RULES)}],
    "nat_gateways": answer("NatGateways.NatGateway", GATEWAY | TABLES),
    "snat_entries": answer(
        "SnatTableEntries.SnatTableEntry",
        SNAT | {"SnatEntryId": "snat-1", "SourceVSwitchId": "vsw-1", "SnatIp": "10.70.16.240"},
        SNAT
        | {"SnatEntryId": "snat-2", "SourceCIDR": "10.60.136.201/32"}
        | {"SnatIp": "10.70.16.241, 10.70.16.242"},
    ),
    "forward_entries": answer("ForwardTableEntries.ForwardTableEntry", FORWARD | TARGET),
    "route_tables": answer(
        "RouterTableList.RouterTableListType", {"RouteTableId": "vtb-1", "VpcId": "vpc-1"}
    ),
    "route_entries": answer(
        "RouteEntrys.RouteEntry",
        {"RouteTableId": "vtb-1", "DestinationCidrBlock": "0.0.0.0/0"} | HOP,
        {"RouteTableId": "vtb-1", "DestinationCidrBlock": "10.60.136.192/26"},
    ),
    "network_interfaces": answer(
        "NetworkInterfaceSets.NetworkInterfaceSet",
        CARD | SECOND | {"SecurityGroupIds": {"SecurityGroupId": ["sg-2", "sg-1"]}},
    ),
}


def test_every_list_is_read() -> None:
    """A vSwitch stands for its prefix, a drop before an accept of its priority, free text stays outside."""
    found = cloud_network(DOCUMENTS)
    assert found.vswitches == {"vsw-1": VSwitch("vsw-1", "vpc-1", "10.60.136.192/26", "业务")}
    assert found.groups["sg-1"].name == "web"
    assert found.groups["sg-1"].rules == (
        GroupRule("egress", "accept", "ALL", "-1/-1", "0.0.0.0/0"),
        GroupRule("ingress", "drop", "ALL", "-1/-1", "sg-2", peer_kind="group"),
        GroupRule("ingress", "accept", "TCP", "443/443", "10.0.0.5/32"),
    )
    assert found.memberships["10.60.136.202"] == ("sg-1", "sg-2")
    assert found.snat[0] == SnatEntry("snat-1", "stb-1", "10.60.136.192/26", ("10.70.16.240",))
    assert found.snat[1].eips == ("10.70.16.241", "10.70.16.242")
    forward = ("tcp", "10.70.16.240", "80", "10.60.136.204", "8080")
    assert found.forward == (ForwardEntry("fwd-1", "ftb-1", *forward),)
    assert [(r.vpc, r.prefix, r.kind, r.next_hop) for r in found.routes] == [
        ("vpc-1", "0.0.0.0/0", "NatGateway", "ngw-1"),
        ("vpc-1", "10.60.136.192/26", "local", ""),
    ]
    assert len(found.collected) == 8
    assert "Tr0ub4" not in str(found)
    assert "张示例" not in str(found)


def test_what_was_not_collected_is_not_taken_for_none() -> None:
    """Nothing is known of a list that is not there."""
    assert cloud_network({}).collected == ()
    empty = answer("SnatTableEntries.SnatTableEntry")
    assert cloud_network({"snat_entries": empty}).collected == ("snat_entries",)


MAYBE = {"SecurityGroupId": "s", **answer("Permissions.Permission", {"Policy": "maybe"})}


@pytest.mark.parametrize(
    ("name", "record", "problem"),
    [
        ("vswitches", {"VSwitchId": "v", "CidrBlock": "soon"}, "CidrBlock 'soon' is no prefix"),
        ("snat_entries", {"SnatEntryId": "s", "SnatIp": "10.0.0.1"}, "no SourceCIDR"),
        ("snat_entries", {"SnatEntryId": "s", "SourceCIDR": "10.0.0.0/8", "SnatIp": "x"}, "SnatIp 'x'"),
        ("forward_entries", {"ForwardEntryId": "f", "ExternalIp": ""}, "ExternalIp '' is no address"),
        ("security_group_rules", MAYBE, "neither accept nor drop"),
        ("route_entries", {"RouteTableId": "t"}, "DestinationCidrBlock '' is no prefix"),
    ],
)
def test_a_record_that_makes_no_sense_is_named(name: str, record: dict[str, Any], problem: str) -> None:
    """The document, the record and what is wrong with it."""
    with pytest.raises(SourceError, match=problem) as caught:
        cloud_network({name: [record]})
    assert caught.value.where.startswith(f"{name}[0]")
