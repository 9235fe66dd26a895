"""VPC to VPC, whoever asks for whatever: exact, complete both ways, and done once it is done."""

from dataclasses import replace
from ipaddress import IPv4Network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.ipam import IpamSubnet
from nornir_itsm.model.order import Demand, Order, Schedule
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.switch import SwitchFacts, SwitchInstance, SwitchRoute
from nornir_itsm.stages.plan import Known, make_plan
from nornir_itsm.stages.vlans import vlans_in
from tests.stages.example_site import at, carried_out, known

SWITCH = "DC1-CORE-SW01"
TENANT = "示例期货公司A"
OWN = ("10.60.128.192/26", "10.60.134.0/23", "10.60.130.64/26", "10.60.142.0/26")
"""Prefixes of the tenant's three VPCs; the first two are of one, the last has no number."""
SHARED = "10.60.2.0/24"
EMPTY = SwitchFacts(instances={"VPC-trust": SwitchInstance("VPC-trust")})


@st.composite
def networks(draw: st.DrawFn, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """Draw some networks within some prefixes."""
    found = set()
    for text in draw(st.lists(st.sampled_from(prefixes), min_size=1, max_size=2)):
        prefix = IPv4Network(text)
        length = draw(st.integers(prefix.prefixlen, 32))
        place = draw(st.integers(0, 2 ** (length - prefix.prefixlen) - 1))
        found.add(IPv4Network((int(prefix[0]) + (place << (32 - length)), length)))
    return tuple(str(network) for network in sorted(found))


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    protocol = draw(st.sampled_from(("tcp", "udp", "icmp")))
    ports = draw(st.sampled_from((("any", "53"), ("any", "8000-8010"), ("any", "any"))))
    return Demand(
        "D1",
        ("R1",),
        "add",
        "行业云",
        "行业云",
        draw(networks(OWN)),
        draw(networks((*OWN, SHARED))),
        (),
        protocol,
        (("any", "any") if protocol == "icmp" else ports,),
        Schedule(),
    )


def planned(demand: Demand, switch: SwitchFacts, facts: Facts | None = None) -> tuple[Plan, Known]:
    """Plan one demand, a new number confirmed as it is proposed."""
    site = replace(known(), facts=at(SWITCH, facts or known().facts, switch))
    order = Order("o.json", TENANT, "系统", demands=(demand,))
    first = make_plan(order, site)
    answers = {question.key: question.proposal for question in first.questions if ".vlan" in question.key}
    site = replace(site, answers=answers)
    return (make_plan(order, site) if answers else first), site


@settings(max_examples=60, deadline=None)
@given(demands())
def test_a_plan_is_exact_complete_and_done_once_it_is_done(demand: Demand) -> None:
    """What opens is what was asked; each end has two ways in and one back; planned again nothing is left."""
    made, site = planned(demand, EMPTY)
    (verdict,) = made.demands
    assert verdict.verdict in ("change", "partial", "covered", "manual", "blocked")
    if verdict.verdict in ("manual", "blocked"):
        assert made.to_do == ()
        assert "同属 VPC" in verdict.reason
        return
    (proof,) = made.proofs
    assert proof.exact
    assert not proof.excess
    facts = carried_out(made, site.facts)
    routes = facts.switch(SWITCH).routes
    law = site.site.allocation
    assert law is not None
    for text in (*demand.sources, *demand.destinations):
        into = [r for r in routes.values() if r.instance == "VPC-trust" and _holds(r.prefix, text)]
        assert len({route.next_hop for route in into}) == 2
        (instance,) = {route.to for route in into}
        assert SwitchRoute(instance, law.tenants, "VPC-trust", law.firewall) in routes.values()
    vlans = {one.value: one.owner for one in made.reserved if one.kind == "VLAN"}
    facts = replace(facts, reserved=vlans)
    again = make_plan(Order("o.json", TENANT, "系统", demands=(demand,)), replace(site, facts=facts))
    assert [v.verdict for v in again.demands] == ["covered"]
    assert again.to_do == ()


def _holds(prefix: str, text: str) -> bool:
    return IPv4Network(text).subnet_of(IPv4Network(prefix))


@settings(max_examples=30, deadline=None)
@given(demands())
def test_a_switch_that_was_not_collected_hides_nothing_that_is_to_be_sent(demand: Demand) -> None:
    """Unknown or empty, the same is sent to it, but where both ends are connected by what is known."""
    known_empty, _ = planned(demand, SwitchFacts(instances=EMPTY.instances))
    unknown, _ = planned(demand, SwitchFacts(known=False))
    assert [v.verdict for v in unknown.demands if v.verdict == "blocked"] == [
        v.verdict for v in known_empty.demands if v.verdict == "blocked"
    ]
    if "covered" not in {v.verdict for v in unknown.demands}:
        assert [c.commands for c in unknown.changes] == [c.commands for c in known_empty.changes]


def demand(sources: tuple[str, ...], destinations: tuple[str, ...]) -> Demand:
    ends = ("行业云", "行业云", sources, destinations)
    return Demand("D1", ("R1",), "add", *ends, (), "tcp", (("any", "443"),), Schedule())


def test_each_new_vpc_has_its_own_question() -> None:
    """Two first connections in one demand: two keys that stay, whichever is answered; two numbers."""
    vpcs = tuple(
        replace(vpc, owner=TENANT) if vpc.id == "vpc-demob1" else vpc for vpc in known().facts.cloud.vpcs
    )
    facts = replace(known().facts, cloud=replace(known().facts.cloud, vpcs=vpcs))
    order = Order("o.json", TENANT, "系统", demands=(demand(("10.60.142.0/26",), ("10.60.129.0/27",)),))

    def asked(**answers: str) -> dict[str, str]:
        given_ = {f"D1.{key.replace('_', '-')}": value for key, value in answers.items()}
        made = make_plan(order, replace(known(), facts=facts, answers=given_))
        return {question.key: question.proposal for question in made.questions}

    assert asked() == {"D1.vlan": "2648", "D1.vlan-2": "2649"}
    assert asked(vlan="2648") == {"D1.vlan-2": "2649"}
    assert asked(vlan_2="2648") == {"D1.vlan": "2649"}
    assert asked(vlan="2648", vlan_2="2648") != {}
    assert asked(vlan="2648", vlan_2="2649") == {}


def test_demands_of_one_order_share_a_first_connection() -> None:
    """A second demand of the same new VPC uses the number that the first one was given."""
    first = demand(("10.60.142.0/26",), ("10.60.2.10/32",))
    second = replace(first, id="D2", rows=("R2",), destinations=("10.60.130.64/26",))
    order = Order("o.json", TENANT, "系统", demands=(first, second))
    made = make_plan(order, replace(known(), answers={"D1.vlan": "2648"}))
    assert made.questions == ()
    assert [v.verdict for v in made.demands] == ["change", "change"]
    numbers = [(one.value, one.owner) for one in made.reserved if one.kind == "VLAN"]
    assert numbers == [("2648", "vpc-demoa3")]
    (switch,) = [change for change in made.changes if change.device == SWITCH]
    assert [line for line in switch.commands if line == "vlan 2648"] == ["vlan 2648"]


@pytest.mark.parametrize(
    ("subnet", "said"),
    [
        (IpamSubnet("10.60.130.64/26", "【并网vlan2617】"), "还登记给"),
        (IpamSubnet("10.60.134.0/23", "【并网vlan2617】 【并网vlan2618】"), "多个登记"),
        (IpamSubnet("10.70.63.136/29", ""), "没有登记互连网段"),
        (IpamSubnet("10.70.62.56/29", "&[Vlan2617]"), "登记了多个互连网段"),
    ],
)
def test_an_ipam_that_contradicts_itself_is_asked(subnet: IpamSubnet, said: str) -> None:
    """One VLAN of two VPCs, two VLANs of one, no network or two: nothing is chosen."""
    kept = tuple(s for s in known().facts.ipam.subnets if s.prefix != subnet.prefix)
    facts = replace(known().facts, ipam=replace(known().facts.ipam, subnets=(*kept, subnet)))
    made, _ = planned(demand(("10.60.134.61/32",), ("10.60.2.10/32",)), SwitchFacts(known=False), facts)
    assert [v.verdict for v in made.demands] == ["blocked"]
    assert said in made.questions[0].text
    assert vlans_in(subnet.description) <= {2617, 2618}
