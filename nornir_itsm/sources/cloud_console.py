"""The cloud asked live: every list that facts are made from, as the documents that its exports have.

Source: public API pages of ECS 2014-05-26, VPC 2016-04-28 and SLB 2014-05-15. Entries of NAT gateways and
routes are listed by table, rules by group: so many calls more as there are of these.
"""

from collections.abc import Callable, Iterable, Mapping

from nornir_itsm.sources import aliyun
from nornir_itsm.sources.aliyun import AliyunApi, Listing, Record
from nornir_itsm.sources.aliyun_account import Account

LISTS: Mapping[str, Listing] = {
    "instances": aliyun.INSTANCES,
    "network_interfaces": aliyun.INTERFACES,
    "eips": aliyun.EIPS,
    "vpcs": aliyun.VPCS,
    "slbs": aliyun.SLBS,
    "havips": aliyun.HAVIPS,
    "vswitches": aliyun.VSWITCHES,
    "route_tables": aliyun.ROUTE_TABLES,
    "nat_gateways": Listing(
        "vpc", "2016-04-28", "DescribeNatGateways", ("NatGateways", "NatGateway"), "NatGatewayId", 50
    ),
}
"""Documents of the exports and how they are listed."""

_VPC = ("vpc", "2016-04-28")
_SNAT = Listing(*_VPC, "DescribeSnatTableEntries", ("SnatTableEntries", "SnatTableEntry"), "SnatEntryId", 50)
_FORWARD = Listing(
    *_VPC, "DescribeForwardTableEntries", ("ForwardTableEntries", "ForwardTableEntry"), "ForwardEntryId", 50
)
_ROUTES = Listing(
    *_VPC,
    action="DescribeRouteEntryList",
    path=("RouteEntrys", "RouteEntry"),
    id="RouteEntryId",
    largest=100,
    paging="token",
    size="MaxResult",
)
_RULES = Listing(
    "ecs",
    "2014-05-26",
    action="DescribeSecurityGroupAttribute",
    path=("Permissions", "Permission"),
    id="SecurityGroupRuleId",
    largest=1000,
    paging="token",
    size="MaxResults",
)


def fetch(accounts: Iterable[Account], *, security_groups: bool = False) -> Mapping[str, object]:
    """Return every list of these accounts in all their regions, each whole. Raises SourceError.

    *security_groups*: their rules too, one call a group.
    """
    found: dict[str, list[Record]] = {}
    for account in accounts:
        keys = account.keys()
        for place in account.places():
            api = AliyunApi(place, keys)
            try:
                for name, listed in _one(api, security_groups=security_groups).items():
                    found.setdefault(name, []).extend(listed)
            finally:
                api.close()
    return dict(found)


def _one(api: AliyunApi, *, security_groups: bool) -> dict[str, list[Record]]:
    found = {name: api.records(listing) for name, listing in LISTS.items()}

    def each(name: str, listing: Listing, parameter: str, values: Iterable[str]) -> None:
        found[name] = [record for value in values for record in api.records(listing, **{parameter: value})]

    gateways = found["nat_gateways"]
    each("snat_entries", _SNAT, "SnatTableId", _tables(gateways, "SnatTableIds", "SnatTableId"))
    each(
        "forward_entries", _FORWARD, "ForwardTableId", _tables(gateways, "ForwardTableIds", "ForwardTableId")
    )
    each("route_entries", _ROUTES, "RouteTableId", (str(t["RouteTableId"]) for t in found["route_tables"]))
    if security_groups:
        found["security_groups"] = api.records(aliyun.SECURITY_GROUPS)
        found["security_group_rules"] = list(map(_rules(api), found["security_groups"]))
    return found


def _tables(gateways: Iterable[Record], outer: str, inner: str) -> list[str]:
    held = (gateway.get(outer) or {} for gateway in gateways)
    return [str(id) for wrapper in held if isinstance(wrapper, dict) for id in wrapper.get(inner, ())]


def _rules(api: AliyunApi) -> Callable[[Record], Record]:
    def answer(group: Record) -> Record:
        id = str(group["SecurityGroupId"])
        return {"SecurityGroupId": id, "Permissions": {"Permission": api.records(_RULES, SecurityGroupId=id)}}

    return answer
