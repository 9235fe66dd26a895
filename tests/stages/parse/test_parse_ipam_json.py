"""IPAM exports -> facts, without anybody's name."""

from typing import Any

import pytest
from stoneos_printer import documents

from nornir_itsm.errors import SourceError
from nornir_itsm.model.ipam import IpamRecord, IpamSubnet
from nornir_itsm.stages.parse.ipam_json import ipam_facts, noted_bindings


def test_the_sample_snapshot_is_read_whole() -> None:
    """As many subnets and addresses as the export has."""
    facts = ipam_facts(documents("ipam"))
    assert (len(facts.subnets), len(facts.records)) == (60, 76)
    assert facts.subnets[4] == IpamSubnet("10.60.134.0/23", "示例A-平台扩展【并网Vlan2617】", 12)
    assert facts.records["198.51.100.64"].hostname == "空闲"
    assert facts.records["192.0.2.90"] == IpamRecord("192.0.2.90", "", "历史自有线路", "")


def test_nobody_is_named() -> None:
    """User names of permissions and owners of addresses do not get in."""
    docs = documents("ipam")
    docs["addresses"][0]["owner"] = "viewer99"
    assert "viewer01" in str(docs)
    assert "viewer" not in str(ipam_facts(docs))


@pytest.mark.parametrize(
    ("ip", "note", "pairs"),
    [
        ("10.70.0.9", "PIP: 10.60.0.1", [("10.60.0.1", "10.70.0.9")]),
        ("10.60.0.1", "EIP： 10.70.0.9", [("10.60.0.1", "10.70.0.9")]),
        ("10.6.0.1", "EIP: 10.7.0.8; EIP:10.7.0.9.", [("10.6.0.1", "10.7.0.8"), ("10.6.0.1", "10.7.0.9")]),
        ("10.60.0.1", "VIP: 10.70.0.9", []),
        ("10.60.0.1", "EIP: soon", []),
        ("10.60.0.1", None, []),
    ],
)
def test_notes_name_bindings(ip: str, note: str | None, pairs: list[tuple[str, str]]) -> None:
    """``PIP:`` stands on the EIP, ``EIP:`` on the private address."""
    assert list(noted_bindings(ipam_facts({"addresses": [{"ip": ip, "note": note}]}))) == pairs


def test_of_two_records_of_one_address_the_named_one_is_kept() -> None:
    """Nested subnets may list an address twice."""
    rows = [{"ip": "10.0.0.1", "hostname": None}, {"ip": "10.0.0.1", "hostname": "a"}, {"ip": "10.0.0.1"}]
    assert ipam_facts({"addresses": rows}).records["10.0.0.1"].hostname == "a"


def test_folders_are_no_subnets() -> None:
    """A folder has no prefix of its own."""
    assert ipam_facts({"subnets": [{"subnet": "0.0.0.0", "mask": "", "isFolder": 1}]}).subnets == ()


@pytest.mark.parametrize(
    ("docs", "problem"),
    [
        ({"subnets": [{"subnet": "10.0.0.0", "mask": "99"}]}, r"^subnets\[0\] 10.0.0.0: .* is no subnet"),
        ({"subnets": [{"subnet": ["10.0.0.0"]}]}, r"^subnets\[0\]: subnet is a list"),
        ({"addresses": [{"ip": "x"}]}, r"^addresses\[0\] x: ip 'x' is no address"),
        ({"addresses": {"success": False, "message": "Invalid token"}}, "Invalid token"),
        ({"addresses": "x"}, "text where a list belongs"),
    ],
)
def test_what_is_no_export_is_refused_by_its_record(docs: dict[str, Any], problem: str) -> None:
    """The error names the document, the record and what is wrong with it."""
    with pytest.raises(SourceError, match=problem):
        ipam_facts(docs)
