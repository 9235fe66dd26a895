"""The example site with more than one filter on its paths, of several vendors, and plans for orders there."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from nornir_itsm.model.cloud_network import GroupFacts, GroupRule, SecurityGroup
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.intent import Intent, kind_of, name_of
from nornir_itsm.model.order import Demand
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.switch import SwitchFacts, SwitchInstance
from nornir_itsm.model.topology import Hop, Point
from nornir_itsm.stages.parse import ios_text, vrp_text
from nornir_itsm.stages.plan import Known, make_plan
from tests.stages.example_site import ADC, BOTH_WAYS, PROJECT, at, carried_out, known, order

USG, OTHER, ROUTER, GROUPS = "DC1-PER-FW01", "DC1-TEN-FW01", "DC1-R01-OUT", "DC1-CLOUD"
CORE, SWITCH = "DC1-CORE-FW01", "DC1-CORE-SW01"
HOST, MATE = "10.60.134.61", "10.60.134.101"
DENY = """#
security-policy
 rule name Default-Deny
  action deny
#
return
"""
LISTS = """!
interface GigabitEthernet0/0
 ip access-group OUT in
!
ip access-list extended OUT
 10 remark Default-Deny
 10 deny ip any any log
!
end
"""
POINTS = {
    USG: Point(USG, "huawei_vrp", "firewall", "per", above="Default-Deny", logs=("deny", "end")),
    OTHER: Point(OTHER, "huawei_vrp", "firewall", "ten", above="Default-Deny"),
    ROUTER: Point(
        *(ROUTER, "cisco_ios", "firewall", "r"),
        above="Default-Deny",
        plain_addresses=True,
        acl="OUT",
        answers="any",
    ),
    GROUPS: Point(GROUPS, "aliyun", "security_group", "cloud"),
}
_GROUP = SecurityGroup(
    "sg-a", vpc="vpc-a", rules=(GroupRule("egress", "drop", "ALL", "-1/-1", "0.0.0.0/0", 50),), inner=False
)


@cache
def fresh() -> Facts:
    """The facts of the example site, and firewalls that let nothing through beside them."""
    made: dict[str, PointFacts] = {
        USG: vrp_text.firewall_facts(DENY),
        OTHER: vrp_text.firewall_facts(DENY),
        ROUTER: ios_text.firewall_facts(LISTS, "OUT", "any"),
        GROUPS: GroupFacts({"sg-a": _GROUP}, {HOST: ("sg-a",)}),
    }
    there = known().facts
    return replace(there, points={**there.points, **made})


def out_over(*points: str, translates: str = "", **path: object) -> Known:
    """Return the site where the tenants' way to the Internet leads over these points."""
    return _over(("行业云", "互联网"), points, translates, path)


def in_over(*points: str, translates: str = "") -> Known:
    """Return the site where the way from the Internet to the tenants leads over these points."""
    return _over(("互联网", "行业云"), points, translates, {})


def between_vpcs(*points: str) -> Known:
    """Return the site where VPCs reach each other over these points; the switch knows none of them yet."""
    here = _over(("行业云", "行业云"), points, "", {})
    there = SwitchFacts(instances={"VPC-trust": SwitchInstance("VPC-trust")})
    return replace(here, facts=at(SWITCH, here.facts, there))


def _over(pair: tuple[str, str], points: Sequence[str], translates: str, path: dict[str, object]) -> Known:
    base = known()
    zones = ("trust", "untrust") if pair[0] == "行业云" else ("untrust", "trust")
    plain = dict.fromkeys((ADC, GROUPS, ROUTER, SWITCH), ("", ""))
    hops = tuple(Hop(p, *plain.get(p, zones), translates=p == translates) for p in points)
    paths = tuple(
        replace(p, hops=hops, **path) if (p.source, p.destination) == pair else p  # type: ignore[arg-type]
        for p in base.site.paths
    )
    site = replace(base.site, paths=paths, points={**base.site.points, **POINTS})
    texts = {
        platform: {f.name: f.read_text("utf-8") for f in PROJECT.glob(f"templates/{platform}/*.j2")}
        for platform in ("huawei_vrp", "cisco_ios")
    }
    return replace(base, site=site, facts=fresh(), templates={**base.templates, **texts}, answers={})


LINE = ("203.0.113.213/32",)
OUT: Demand = replace(order(BOTH_WAYS).demands[0], public=LINE)
"""A tenant's host leaves to two addresses, over one line."""
IN: Demand = order(BOTH_WAYS).demands[1]
"""The Internet comes to a host of the same tenant."""


def gone(demand: Demand) -> Demand:
    return replace(demand, action="delete")


def planned(here: Known, *demands: Demand, facts: Facts | None = None) -> Plan:
    """Plan an order for these demands."""
    numbered = tuple(replace(d, id=f"D{n}") for n, d in enumerate(demands, 1))
    return make_plan(replace(order(BOTH_WAYS), demands=numbered), replace(here, facts=facts or here.facts))


def done(here: Known, *demands: Demand, facts: Facts | None = None) -> Facts:
    """Return the facts once such an order is carried out, which leaves nothing open."""
    made = planned(here, *demands, facts=facts)
    assert not made.questions
    return carried_out(made, facts or here.facts)


def wanted(made: Plan, point: str) -> list[tuple[str, str, str]]:
    """Return what a plan does at a point, without what is there already."""
    intents: list[Intent] = [i for c in made.changes for i in c.intents if i.point == point and not i.reuse]
    return [(kind_of(i), name_of(i), i.state) for i in intents]


def exact(made: Plan) -> bool:
    """Tell whether every demand was designed and proved exact."""
    return len(made.proofs) == len(made.demands) and all(proof.exact for proof in made.proofs)
