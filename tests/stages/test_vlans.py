"""Numbers of VPCs: read from whatever spelling the IPAM has, allocated by the site's law, never twice."""

from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.cloud import CloudFacts, Vpc
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.ipam import IpamFacts, IpamSubnet
from nornir_itsm.model.switch import SwitchFacts, SwitchInterface, SwitchVlan
from nornir_itsm.stages.attach import Attachment, registered
from nornir_itsm.stages.vlans import interconnects, networks, numbers, usable, vlan_of, vlans_in
from nornir_itsm.stages.vpcs import places
from tests.stages.example_site import known

LAW = known().site.allocation
assert LAW is not None
FACTS = known().facts
NO_SWITCH = SwitchFacts(known=False)
NEW = Vpc("vpc-new", "新", ("10.60.142.0/26",))


@pytest.mark.parametrize(
    ("text", "vlans"),
    [
        ("租户-示例A-数据平台VPC-业务子网【并网vlan2617】", {2617}),
        ("示例A-平台扩展【并网Vlan2617】", {2617}),
        ("行业云-公共服务-VPC-并网互连IP&[Vlan2606]", {2606}),
        ("行业云-已停用VPC-并网互连IP&Vlan2635", {2635}),
        ("【并网vlan2617】…【并网vlan2617】", {2617}),
        ("\t行业云-示例J&[VLAN 2646]", {2646}),
        ("云-租户VPC并网互连地址与vlan登记", set()),
        ("vlan12617", set()),
        ("vlan4095 vlan0", set()),
        ("xvlan2617", set()),
        ("2617", set()),
        ("vlan2617/vlan2618", {2617, 2618}),
    ],
)
def test_every_spelling_is_read(text: str, vlans: set[int]) -> None:
    """Any case, any brackets, repeated; a longer number is another one and a bare number is none."""
    assert vlans_in(text) == vlans


@pytest.mark.parametrize(
    ("vlan", "network"),
    [(2600, "10.70.63.0/29"), (2617, "10.70.63.136/29"), (2634, "10.70.62.16/29"), (2648, "10.70.62.128/29")],
)
def test_networks_follow_from_numbers(vlan: int, network: str) -> None:
    """The observed law: 2600+k has the k-th network, the second /24 first."""
    assert networks(LAW)[vlan] == network
    assert len(networks(LAW)) == 64


def test_addresses_are_counted_among_the_usable_ones() -> None:
    """The third is the switch, the fourth and fifth are the cloud."""
    assert [usable("10.70.63.136/29", n) for n in (3, 4, 5)] == [
        "10.70.63.139",
        "10.70.63.140",
        "10.70.63.141",
    ]


def test_the_nearest_subnet_that_names_a_vlan_counts() -> None:
    """A host's own subnet says nothing: the one around it does; a prefix without any has its VPC's."""
    (vpc,) = [vpc for vpc in FACTS.cloud.vpcs if vpc.id == "vpc-demoa1"]
    for text in ("10.60.134.171/32", "10.60.134.0/25", "10.60.128.192/26", "172.26.96.9/32"):
        found = vlan_of(text, vpc, FACTS.ipam)
        assert found is not None
        assert found.vlans == {2617}
    assert vlan_of("10.60.142.0/26", NEW, FACTS.ipam) is None
    assert [subnet.prefix for subnet in interconnects(2617, LAW, FACTS.ipam)] == ["10.70.63.136/29"]
    assert len(interconnects(2600, LAW, FACTS.ipam)) == 2


def test_the_longest_prefix_that_holds_all_of_it_owns_an_address() -> None:
    """Secondary prefixes count; one that holds only a part does not; equals are all returned."""
    (place,) = places("10.60.36.10/32", FACTS.cloud)
    assert (place.vpc.owner, place.prefix) == ("示例交易所甲", "10.60.36.0/26")
    (wide,) = places("10.60.36.0/25", FACTS.cloud)
    assert wide.prefix == "10.0.0.0/8"
    assert len(places("10.200.1.1/32", FACTS.cloud)) == 2
    assert places("192.0.2.1/32", FACTS.cloud) == places("any", FACTS.cloud) == ()
    assert places("www.example.com", FACTS.cloud) == ()


def registered_at(taken: set[int]) -> Facts:
    """Return facts whose IPAM has these numbers."""
    subnets = (
        subnet
        for vlan in sorted(taken)
        for subnet in (
            IpamSubnet(networks(LAW)[vlan], f"&[Vlan{vlan}]"),
            IpamSubnet("10.60.0.0/24", f"【vlan{vlan}】"),
        )
    )
    return Facts(cloud=CloudFacts(), ipam=IpamFacts(tuple(subnets)))


@given(st.sets(st.integers(2600, 2663)), st.sets(st.integers(2600, 2663), max_size=3))
def test_numbers_grow_and_are_never_given_twice(taken: set[int], reserved: set[int]) -> None:
    """The proposal is above all that are in use and its network is free; holes are offered apart from it."""
    facts = replace(registered_at(taken), reserved={str(vlan): "vpc-other" for vlan in reserved})
    found = numbers(LAW, facts, NO_SWITCH, "vpc-new")
    used = taken | reserved
    assert set(found.free) == set(range(2600, 2664)) - used
    assert found.next == (max(used, default=2599) + 1 if max(used, default=0) < 2663 else None)
    assert set(found.holes) == {vlan for vlan in found.free if vlan < max(used, default=0)}
    held = [ip_network(networks(LAW)[vlan]) for vlan in used]
    assert not any(ip_network(n).overlaps(other) for n in found.free.values() for other in held)


@given(st.integers(1, 30))
def test_allocating_again_and_again_counts_up(count: int) -> None:
    """Each number that is registered makes the next one the next, without gaps."""
    facts, given_out = registered_at({2610}), list[int]()
    for n in range(count):
        found = numbers(LAW, facts, NO_SWITCH, f"vpc-{n}")
        assert found.next is not None
        given_out.append(found.next)
        one = Attachment(NEW, f"10.60.{n}.0/24", found.next, found.free[found.next], "", new=True)
        facts = registered([one], facts)
    assert given_out == list(range(2611, 2611 + count))


def test_whatever_is_registered_in_the_pools_takes_its_addresses() -> None:
    """A block without smaller ones in it is in use, whatever its size; one that only holds others is not."""
    block = IpamSubnet("10.70.62.128/27", "预留")
    found = numbers(LAW, replace(FACTS, ipam=IpamFacts((*FACTS.ipam.subnets, block))), NO_SWITCH, "vpc-new")
    assert found.next == 2652
    within = IpamSubnet("10.70.62.136/29", "其他用途")
    found = numbers(
        LAW, replace(FACTS, ipam=IpamFacts((*FACTS.ipam.subnets, block, within))), NO_SWITCH, "vpc"
    )
    assert (found.next, 2649 in found.free) == (2648, False)


def test_a_switch_knows_numbers_that_the_ipam_does_not() -> None:
    """A VLAN or an address on the switch is in use, registered or not."""
    switch = SwitchFacts(
        {"2648": SwitchVlan(2648)}, interfaces={"Vlan9": SwitchInterface(9, "", "10.70.62.139/29")}
    )
    found = numbers(LAW, FACTS, switch, "vpc-new")
    assert found.next == 2650
    assert not {2648, 2649} & set(found.free)


def test_a_number_is_kept_for_the_vpc_that_took_it() -> None:
    """What an open change took is next for the same VPC and gone for every other one."""
    facts = replace(FACTS, reserved={"2613": "vpc-new"})
    assert numbers(LAW, facts, NO_SWITCH, "vpc-new").next == 2613
    other = numbers(LAW, facts, NO_SWITCH, "vpc-other")
    assert (other.next, 2613 in other.free) == (2648, False)
