"""Whose an address is, by cloud, VPC and IPAM at the example site; and whose name a host has."""

from dataclasses import replace

import pytest

from nornir_itsm.model.order import Endpoint, Order, Request, Schedule
from nornir_itsm.stages.hosts import misnamed
from nornir_itsm.stages.owners import Owners, holder_of, tenant_of
from tests.stages.example_site import known


def owners(applicant: str) -> Owners:
    return Owners(Order("", applicant, ""), known().site, known().facts, {})


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ("10.60.134.61/32", "示例期货公司A"),
        ("10.70.18.77/32", "示例期货公司C"),  # an EIP; the cloud calls its tenant 示例C
        ("10.60.136.192/27", "示例期货公司D"),  # a network inside a VPC
        ("10.60.134.128/26", "示例期货公司A"),  # by a secondary prefix
        ("10.60.136.250/32", "示例期货公司D"),  # a host that the cloud does not know
        ("10.60.136.0/23", ""),  # wider than any VPC
        ("10.99.1.1/32", ""),  # only 10.0.0.0/8 is around it, which is nobody's
        ("10.200.1.1/32", ""),  # a department that is no customer
        ("any", ""),
        ("update.example.com", ""),
        ("2001:db8::1/128", ""),
    ],
)
def test_a_tenants_address_has_an_owner(address: str, customer: str) -> None:
    """By instance, EIP, or the longest prefix of a VPC; wide private space says nothing."""
    assert tenant_of(address, known().site, known().facts) == customer


def test_two_vpcs_of_one_length_are_nobodys() -> None:
    """Where two departments have the same prefix, neither is taken for the owner."""
    facts = known().facts
    vpcs = tuple(replace(vpc, prefixes=("10.61.0.0/24",)) for vpc in facts.cloud.vpcs[2:4])
    shared = replace(facts, cloud=replace(facts.cloud, vpcs=vpcs))
    assert tenant_of("10.61.0.1/32", known().site, shared) == ""


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ("203.0.113.213", "示例期货公司A"),
        ("192.0.2.73/32", "示例期货公司A"),  # 行业云-示例期货公司A
        ("198.51.100.64", ""),  # 空闲
        ("203.0.113.205", ""),
    ],
)
def test_a_public_address_has_a_holder(address: str, customer: str) -> None:
    """By the IPAM's name for it and the site's aliases."""
    assert holder_of(address, known().site, known().facts) == customer


def test_what_is_registered_for_an_applicant() -> None:
    """Every public address that the IPAM has for one customer, by any of its names."""
    assert owners("示例期货公司D").registered() == ["203.0.113.223"]
    assert set(owners("示例C").registered()) == {"192.0.2.70", "198.51.100.63"}
    assert owners("示例测试组织").registered() == []


def test_the_longest_prefix_wins() -> None:
    """AE-13: a /26 of one tenant inside another's secondary 10.0.0.0/8."""
    assert tenant_of("10.60.36.10/32", known().site, known().facts) == "示例交易所甲"


def _row(host: str, *addresses: str) -> Order:
    side = Endpoint("行业云", host, addresses)
    row = Request("R1", "表", 10, "add", side, Endpoint("互联网"), (), (), "tcp", Schedule())
    return Order("", "示例期货公司A", "", requests=(row,))


def test_a_host_name_is_held_against_the_clouds() -> None:
    """A name that the cloud has elsewhere is a finding; free text, unknown names and networks are none."""
    facts = known().facts
    host = facts.cloud.hosts["10.60.134.61"]
    other = next(h for h in facts.cloud.hosts.values() if h.name and h.name != host.name)
    both = f"{host.name}、{other.name}"
    for good in (
        _row(host.name, "10.60.134.61/32"), _row(host.name.lower(), "10.60.134.61/32"),
        _row("X_proxy1/2", "10.60.134.61/32"), _row("", "10.60.134.61/32"), _row(other.name, "10.60.0.0/16"),
        _row(both, "10.60.134.61/32", f"{other.private}/32"),
    ):  # fmt: skip
        assert list(misnamed(good, facts)) == []
    (found,) = misnamed(_row(both, "10.60.134.61/32"), facts)
    assert found.object == other.name
    assert other.private in found.problem
