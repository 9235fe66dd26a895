"""The cloud asked live: every list that facts are made from, as the documents that its exports have.

Source: public API pages of ECS 2014-05-26, VPC 2016-04-28 and SLB 2014-05-15. Entries of NAT gateways and
routes are listed by table, rules by group: so many calls more as there are of these.
"""

from collections.abc import Iterable, Mapping

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


_GROUPS = ("security_groups", "security_group_rules")
_BY_TABLE: Mapping[str, tuple[Listing, str, str]] = {
    "snat_entries": (_SNAT, "SnatTableId", "nat_gateways"),
    "forward_entries": (_FORWARD, "ForwardTableId", "nat_gateways"),
    "route_entries": (_ROUTES, "RouteTableId", "route_tables"),
}
"""Documents that are listed table by table: how, by what parameter, and which document names the tables."""
DOCUMENTS = (*LISTS, *_BY_TABLE, *_GROUPS)


def fetch(accounts: Iterable[Account], *, security_groups: bool = False) -> Mapping[str, object]:
    """Return every list of these accounts in all their regions, each whole. Raises SourceError.

    *security_groups*: their rules too, one call a group.
    """
    wanted = DOCUMENTS if security_groups else (*LISTS, *_BY_TABLE)
    found: dict[str, list[Record]] = {}
    for account in accounts:
        keys = account.keys()
        for place in account.places():
            api = AliyunApi(place, keys)
            try:
                for name, listed in documents(api, wanted).items():
                    found.setdefault(name, []).extend(listed)
            finally:
                api.close()
    return dict(found)


def documents(api: AliyunApi, names: Iterable[str]) -> dict[str, list[Record]]:
    """Return these of ``DOCUMENTS`` of one region, each whole. Raises SourceError."""
    held: dict[str, list[Record]] = {}

    def listed(name: str) -> list[Record]:
        if name not in held:
            held[name] = api.records(aliyun.SECURITY_GROUPS if name == "security_groups" else LISTS[name])
        return held[name]

    def read(name: str) -> list[Record]:
        if name == "security_group_rules":
            return [group_rules(api, str(one["SecurityGroupId"])) for one in listed("security_groups")]
        if name not in _BY_TABLE:
            return listed(name)
        listing, parameter, owner = _BY_TABLE[name]
        tables = (
            (str(table[parameter]) for table in listed(owner))
            if owner == "route_tables"
            else _tables(listed(owner), f"{parameter}s", parameter)
        )
        return [record for id in tables for record in api.records(listing, **{parameter: id})]

    return {name: read(name) for name in names}


def _tables(gateways: Iterable[Record], outer: str, inner: str) -> list[str]:
    held = (gateway.get(outer) or {} for gateway in gateways)
    return [str(id) for wrapper in held if isinstance(wrapper, dict) for id in wrapper.get(inner, ())]


def group_rules(api: AliyunApi, id: str) -> Record:
    """Return what the cloud says of one group: its rules, and whether its members reach each other."""
    rules, said = api.listed(_RULES, SecurityGroupId=id)
    inner = {key: said[key] for key in ("InnerAccessPolicy",) if key in said}
    return {"SecurityGroupId": id, **inner, "Permissions": {"Permission": rules}}
