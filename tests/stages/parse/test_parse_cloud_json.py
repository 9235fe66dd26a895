"""Cloud exports -> who is translated to which EIP."""

from typing import Any

import pytest
from stoneos_printer import documents

from nornir_itsm.errors import SourceError
from nornir_itsm.model.cloud import Binding, Eip, Host
from nornir_itsm.stages.parse.cloud_json import cloud_facts
from nornir_itsm.stages.parse.ipam_json import ipam_facts, noted_bindings

EIP = {
    "IpAddress": "10.70.0.9",
    "AllocationId": "eip-1",
    "ISP": "BGP",
    "Name": "N",
    "DepartmentName": "示例A",
}


def _interface(**keys: Any) -> dict[str, Any]:
    return {"NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.60.0.1", "VpcId": "v", **keys}


def test_the_sample_snapshot_is_read_whole() -> None:
    """Every bound EIP but those of NAT gateways leads to one private address."""
    facts = cloud_facts(documents("cloud"))
    assert (len(facts.eips), len(facts.vpcs), len(facts.bindings)) == (26, 11, 18)
    by_eip = {binding.eip: binding for binding in facts.bindings}
    assert by_eip["10.70.18.48"] == Binding(
        "10.60.134.61", "10.70.18.48", "eni", "vpc-demoa1", "示例期货公司A", "SA-Quote_GW1"
    )
    assert [by_eip[eip].via for eip in ("10.70.17.140", "10.70.17.200", "172.22.30.171")] == [
        "slb",
        "havip",
        "eni",
    ]
    assert by_eip["10.70.17.200"].private == "10.60.134.9"
    assert by_eip["10.70.17.200"].name == "SA-WAF-vip"
    unbound = {eip for eip, known in facts.eips.items() if known.bound_to in ("Nat", "")}
    assert set(by_eip) == set(facts.eips) - unbound
    assert facts.eips["172.22.30.171"].pool == "ZLW_CS"
    assert facts.hosts["10.60.134.121"].owner == "示例期货公司A"
    vpc = next(vpc for vpc in facts.vpcs if vpc.id == "vpc-demoe1")
    assert vpc.prefixes == ("10.60.129.32/27", "10.60.131.224/27", "10.60.133.0/24", "10.0.0.0/8")
    assert vpc.nat_gateways == ("ngw-demo02",)


def test_notes_of_the_ipam_agree_with_the_cloud() -> None:
    """The second mapping, kept by hand, is the same in the sample."""
    cloud, ipam = cloud_facts(documents("cloud")), ipam_facts(documents("ipam"))
    assert set(noted_bindings(ipam)) == {(binding.private, binding.eip) for binding in cloud.bindings}


def test_a_secondary_address_has_the_eip_of_its_own() -> None:
    """The EIP list names the interface only: what the interface says of its addresses goes before."""
    sets = [
        {"PrivateIpAddress": "10.60.0.1", "Primary": True},
        {"PrivateIpAddress": "10.60.0.2", "AssociatedPublicIp": {"PublicIpAddress": "10.70.0.9"}},
    ]
    eip = EIP | {"InstanceType": "NetworkInterface", "InstanceId": "eni-1"}
    facts = cloud_facts(
        {"network_interfaces": [_interface(PrivateIpSets={"PrivateIpSet": sets})], "eips": [eip]}
    )
    assert [(b.private, b.eip, b.via) for b in facts.bindings] == [
        ("10.60.0.2", "10.70.0.9", "eni-secondary")
    ]


def test_the_most_direct_word_counts() -> None:
    """Interface, instance and EIP list name one binding: it is there once, as the interface has it."""
    instance = {
        "InstanceId": "i-1",
        "InstanceName": "host",
        "DepartmentName": "示例A",
        "VpcAttributes": {"VpcId": "v", "PrivateIpAddress": {"IpAddress": ["10.60.0.1"]}},
        "EipAddress": {"IpAddress": "10.70.0.9"},
    }
    eip = EIP | {"InstanceType": "EcsInstance", "InstanceId": "i-1"}
    public = {"AssociatedPublicIp": {"PublicIpAddress": "10.70.0.9"}, "InstanceId": "i-1"}
    docs = {"instances": [instance], "eips": [eip], "network_interfaces": [_interface(**public)]}
    (binding,) = cloud_facts(docs).bindings
    assert (binding.via, binding.name) == ("eni", "host")
    (binding,) = cloud_facts(docs | {"network_interfaces": []}).bindings
    assert binding.via == "instance"
    (binding,) = cloud_facts(
        docs | {"network_interfaces": [], "instances": [instance | {"EipAddress": {}}]}
    ).bindings
    assert (binding.via, binding.eip) == ("instance", "10.70.0.9")


def test_an_eip_that_the_list_lacks_is_known_without_a_pool() -> None:
    """Every binding's EIP can be looked up."""
    public = {"AssociatedPublicIp": {"PublicIpAddress": "10.70.0.9"}, "DepartmentName": "示例A"}
    facts = cloud_facts({"network_interfaces": [_interface(**public)]})
    assert facts.eips == {"10.70.0.9": Eip("10.70.0.9", "", "示例A")}


def test_one_address_in_two_networks_belongs_to_nobody() -> None:
    """Two VPCs may have the same prefix: what they disagree on stays empty."""
    other = _interface(NetworkInterfaceId="eni-2", VpcId="w", DepartmentName="示例B")
    facts = cloud_facts({"network_interfaces": [_interface(DepartmentName="示例A"), other]})
    assert facts.hosts["10.60.0.1"] == Host("10.60.0.1")


@pytest.mark.parametrize(
    ("docs", "problem"),
    [
        ({"eips": [{"AllocationId": "eip-1"}]}, r"^eips\[0\] eip-1: it has no IpAddress"),
        ({"eips": [EIP | {"IpAddress": "x"}]}, r"^eips\[0\] eip-1: IpAddress 'x' is no address"),
        ({"eips": {"asapiSuccess": False, "message": "denied"}}, "^eips: .*denied"),
        ({"eips": {"EipAddresses": []}}, "^eips: there is no EipAddresses.EipAddress"),
        ({"vpcs": [{"VpcId": "v", "CidrBlock": "10.0.0.0/99"}]}, r"^vpcs\[0\] v: '10.0.0.0/99' is no prefix"),
        ({"instances": [{"InstanceName": "x"}]}, r"^instances\[0\].*InstanceId"),
        ({"slbs": [{"Address": "10.0.0.1"}]}, r"^slbs\[0\].*LoadBalancerId"),
        ({"network_interfaces": [_interface(PrivateIpSets=[1])]}, "PrivateIpSets is a list"),
    ],
)
def test_what_is_no_export_is_refused_by_its_record(docs: dict[str, Any], problem: str) -> None:
    """The error names the document, the record and what is wrong with it."""
    with pytest.raises(SourceError, match=problem):
        cloud_facts(docs)
