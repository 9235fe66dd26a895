"""The lists that can be asked for: product, version, paging, wrapper and filters of each action.

Source: docstrings of the vendor's SDKs (Ecs 2014-05-26, Vpc 2016-04-28, Slb 2014-05-15) and the public API
pages. The spelling ``RouterTableList.RouterTableListType`` and the singular ``MaxResult`` are the vendor's.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

from nornir_itsm.lab.aliyun.errors import invalid

Record = dict[str, Any]
ECS, VPC, SLB = ("Ecs", "2014-05-26"), ("Vpc", "2016-04-28"), ("Slb", "2014-05-15")


@dataclass(frozen=True, slots=True)
class Action:
    """One Describe action. ``filters``: parameter -> how a record is held against its value."""

    product: tuple[str, str]
    wrapper: tuple[str, str]
    file: str
    largest: int
    usual: int = 10
    least: int = 1
    paging: Literal["token", "page"] = "page"
    size: str = "PageSize"
    filters: Mapping[str, Callable[[Record, str], bool]] = field(default_factory=dict)


def _same(*path: str) -> Callable[[Record, str], bool]:
    return lambda record, value: str(_at(record, path)) == value


def _one_of(*path: str) -> Callable[[Record, str], bool]:
    """Return a filter whose value is a comma list."""
    return lambda record, value: str(_at(record, path)) in value.split(",")


def _json(parameter: str, *path: str) -> Callable[[Record, str], bool]:
    """Return a filter whose value is a JSON array in one parameter."""

    def fits(record: Record, value: str) -> bool:
        try:
            wanted = json.loads(value)
        except ValueError:
            wanted = None
        if not isinstance(wanted, list):
            raise invalid(parameter, "must be a JSON array")
        return _at(record, path) in wanted

    return fits


def _like(*path: str) -> Callable[[Record, str], bool]:
    return lambda record, value: fnmatchcase(str(_at(record, path)), value)


def _at(record: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        record = record.get(key) if isinstance(record, dict) else None
    return record


_VPC_OF = {"VpcId": _same("VpcId"), "VSwitchId": _same("VSwitchId")}

ACTIONS: Mapping[str, Action] = {
    "DescribeInstances": Action(
        ECS, ("Instances", "Instance"), "instances", 100, paging="token", size="MaxResults",
        filters={
            "VpcId": _same("VpcAttributes", "VpcId"), "VSwitchId": _same("VpcAttributes", "VSwitchId"),
            "Status": _same("Status"), "InstanceName": _like("InstanceName"), "ZoneId": _same("ZoneId"),
            "InstanceIds": _json("InstanceIds", "InstanceId"), "ResourceGroupId": _same("ResourceGroupId"),
        },
    ),
    "DescribeNetworkInterfaces": Action(
        ECS, ("NetworkInterfaceSets", "NetworkInterfaceSet"), "network_interfaces", 500, least=10,
        paging="token", size="MaxResults",
        filters={
            **_VPC_OF, "Type": _same("Type"), "Status": _same("Status"), "InstanceId": _same("InstanceId")
        },
    ),
    "DescribeSecurityGroups": Action(
        ECS, ("SecurityGroups", "SecurityGroup"), "security_groups", 100, paging="token", size="MaxResults",
        filters={"VpcId": _same("VpcId"), "SecurityGroupId": _same("SecurityGroupId")},
    ),
    "DescribeSecurityGroupAttribute": Action(
        ECS, ("Permissions", "Permission"), "security_group_rules", 1000, 500,
        paging="token", size="MaxResults",
        filters={"SecurityGroupId": _same("SecurityGroupId"), "Direction": _same("Direction")},
    ),
    "DescribeVpcs": Action(VPC, ("Vpcs", "Vpc"), "vpcs", 50, filters={"VpcId": _one_of("VpcId")}),
    "DescribeVSwitches": Action(VPC, ("VSwitches", "VSwitch"), "vswitches", 50, filters=_VPC_OF),
    "DescribeEipAddresses": Action(
        VPC, ("EipAddresses", "EipAddress"), "eips", 100,
        filters={"AllocationId": _one_of("AllocationId"), "Status": _same("Status")},
    ),
    "DescribeHaVips": Action(VPC, ("HaVips", "HaVip"), "havips", 50),
    "DescribeRouteTableList": Action(
        VPC, ("RouterTableList", "RouterTableListType"), "route_tables", 50, filters={"VpcId": _same("VpcId")}
    ),
    "DescribeRouteEntryList": Action(
        VPC, ("RouteEntrys", "RouteEntry"), "route_entries", 100, paging="token", size="MaxResult",
        filters={"RouteTableId": _same("RouteTableId")},
    ),
    "DescribeNatGateways": Action(
        VPC, ("NatGateways", "NatGateway"), "nat_gateways", 50, filters={"VpcId": _same("VpcId")}
    ),
    "DescribeSnatTableEntries": Action(
        VPC, ("SnatTableEntries", "SnatTableEntry"), "snat_entries", 50,
        filters={"SnatTableId": _same("SnatTableId")},
    ),
    "DescribeForwardTableEntries": Action(
        VPC, ("ForwardTableEntries", "ForwardTableEntry"), "forward_entries", 50,
        filters={"ForwardTableId": _same("ForwardTableId")},
    ),
    "DescribeLoadBalancers": Action(
        SLB, ("LoadBalancers", "LoadBalancer"), "slbs", 100,
        filters={**_VPC_OF, "AddressType": _same("AddressType")},
    ),
}  # fmt: skip
