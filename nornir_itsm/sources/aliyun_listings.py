"""What the cloud can list: product, version, paging and wrapper of each action.

Source: docstrings of the vendor's SDKs, public API pages. ``RouterTableList`` is the vendor's spelling.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Listing:
    """An action that lists records: ``path`` leads to them, ``id`` tells them apart.

    ``size`` is the parameter that asks for so many at once, ``largest`` the most that are given.
    """

    product: str
    version: str
    action: str
    path: tuple[str, str]
    id: str
    largest: int
    paging: Literal["token", "page"] = "page"
    size: str = "PageSize"


def _ecs(action: str, path: tuple[str, str], id: str, largest: int = 100) -> Listing:
    return Listing("ecs", "2014-05-26", action, path, id, largest, "token", "MaxResults")


def _vpc(action: str, path: tuple[str, str], id: str, largest: int = 50) -> Listing:
    return Listing("vpc", "2016-04-28", action, path, id, largest)


INSTANCES = _ecs("DescribeInstances", ("Instances", "Instance"), "InstanceId")
INTERFACES = _ecs(
    "DescribeNetworkInterfaces", ("NetworkInterfaceSets", "NetworkInterfaceSet"), "NetworkInterfaceId", 500
)
SECURITY_GROUPS = _ecs("DescribeSecurityGroups", ("SecurityGroups", "SecurityGroup"), "SecurityGroupId")
VPCS = _vpc("DescribeVpcs", ("Vpcs", "Vpc"), "VpcId")
VSWITCHES = _vpc("DescribeVSwitches", ("VSwitches", "VSwitch"), "VSwitchId")
EIPS = _vpc("DescribeEipAddresses", ("EipAddresses", "EipAddress"), "AllocationId", 100)
HAVIPS = _vpc("DescribeHaVips", ("HaVips", "HaVip"), "HaVipId")
ROUTE_TABLES = _vpc("DescribeRouteTableList", ("RouterTableList", "RouterTableListType"), "RouteTableId")
SLBS = Listing(
    "slb", "2014-05-15", "DescribeLoadBalancers", ("LoadBalancers", "LoadBalancer"), "LoadBalancerId", 100
)
