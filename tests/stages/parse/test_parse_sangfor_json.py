"""Sangfor AD lists -> facts."""

import json
from typing import Any

import pytest
from stoneos_printer import documents

from nornir_itsm.errors import SourceError
from nornir_itsm.model.adc import AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.stages.parse.sangfor_json import adc_facts

TARGET = {"translated_address": {"type": "IP-ADDRESS", "address": "10.0.0.1"}}

RULE: dict[str, Any] = {"name": "D", "dnat_process": TARGET}


def _dnat(**rule: Any) -> DnatRule:
    return adc_facts({"dnat": [RULE | rule]}).dnat[0]


def test_the_sample_snapshot_is_read_whole() -> None:
    """As many groups and rules as the export has, in the order of their positions."""
    facts = adc_facts(documents("adc"))
    assert (len(facts.groups), len(facts.dnat), len(facts.snat), len(facts.routes)) == (26, 24, 16, 12)
    assert [rule.position for rule in facts.dnat] == list(range(1, 25))
    assert {rule.source_port for rule in facts.dnat} == {"ALL"}
    assert facts.dnat[14].target_ports == ("0",)
    assert (facts.dnat[1].ports, facts.dnat[1].protocol) == ((), "ALL")
    assert [rule.name for rule in facts.snat if not rule.enabled] == ["源转换-示例临时"]
    assert facts.groups["EIP-示例期货公司D"].members == ("10.70.18.93/32", "10.70.16.240/32")


def test_an_envelope_and_a_plain_list_are_the_same() -> None:
    """An export may be the answer of the API or its items alone; their order means nothing."""
    docs = documents("adc")
    plain = {name: document["items"][::-1] for name, document in docs.items()}
    assert adc_facts(plain) == adc_facts(docs)


def test_what_the_api_leaves_out_is_the_default() -> None:
    """A rule with nothing but a name and a target matches everything."""
    assert _dnat() == DnatRule("D", links=("ALL",), target=AddressMatch("IP-ADDRESS", "10.0.0.1"))
    facts = adc_facts({"snat": [{"name": "S"}], "policy_routes": [{"name": "R"}]})
    assert facts.snat == (SnatRule("S", inbound_links=("ALL",), outbound_links=("ALL",)),)
    assert facts.routes == (RouteRule("R"),)


@pytest.mark.parametrize("port", ["0", "", None, "ALL", "all", 0])
def test_any_port_has_one_spelling(port: object) -> None:
    """Nothing, 0 and ALL are the same."""
    assert _dnat(source_port=port).source_port == "ALL"
    assert adc_facts({"snat": [{"name": "S", "destination_port": port}]}).snat[0].destination_port == "ALL"
    assert adc_facts({"policy_routes": [{"name": "R", "source_ports": port}]}).routes[0].source_ports == "0"
    assert _dnat(destination_ports=[port]).ports == ()


def test_ports_pair_as_they_are_given() -> None:
    """Port lists are not touched: they pair by index."""
    process = TARGET | {"translated_ports": ["7431", "80-90"]}
    rule = _dnat(destination_ports=["7429", "8080-8090"], dnat_process=process)
    assert (rule.ports, rule.target_ports) == (("7429", "8080-8090"), ("7431", "80-90"))


@pytest.mark.parametrize(
    ("kind", "key", "value", "match"),
    [
        ("ALL", "", "", AddressMatch()),
        ("ip-address", "address", "10.0.0.0/8", AddressMatch("IP-ADDRESS", "10.0.0.0/8")),
        ("IP-ADDRESS", "address", "10.0.0.1-10.0.0.9", AddressMatch("IP-ADDRESS", "10.0.0.1-10.0.0.9")),
        ("CUSTOM-ADDRESS-GROUP", "ref_custom_address_group", "G", AddressMatch("CUSTOM-ADDRESS-GROUP", "G")),
        ("ISP-ADDRESS-GROUP", "ref_isp_address_group", "电信", AddressMatch("ISP-ADDRESS-GROUP", "电信")),
        ("APPLICATION-CLASSIFICATION", "ref_x", "y", AddressMatch("APPLICATION-CLASSIFICATION")),
    ],
)
def test_address_fields(kind: str, key: str, value: str, match: AddressMatch) -> None:
    """Every kind of address is kept by the device's word for it."""
    assert _dnat(source_address={"type": kind, key: value}).source == match


@pytest.mark.parametrize(
    ("documents", "where", "problem"),
    [
        ({"dnat": {"err_code": "ERR_AUTH", "msg": "no rights"}}, "dnat", "no rights"),
        ({"dnat": {"total_items": 3}}, "dnat", "no items"),
        ({"dnat": [{"name": "D"}]}, r"dnat\[0\] D", "no translated address"),
        ({"dnat": [{"dnat_process": TARGET}]}, r"dnat\[0\]", "no name"),
        ({"dnat": [RULE | {"state": "MAYBE"}]}, r"dnat\[0\] D", "MAYBE"),
        ({"dnat": [RULE | {"destination_ports": ["80-70"]}]}, "dnat", "no port"),
        ({"dnat": [RULE | {"destination_ports": [{}]}]}, "dnat", "not text"),
        ({"dnat": [RULE | {"source_address": {"type": "IP-ADDRESS"}}]}, "dnat", "no address"),
        ({"snat": [{"name": "S", "position": 1}, {"name": "T"}]}, "snat", "some have none"),
        ({"snat": [{"name": n, "position": 1} for n in "ST"]}, r"snat\[1\] T", "same position"),
        ({"snat": [{"name": "S"}, {"name": "S"}]}, r"snat\[1\] S", "same position or name"),
        ({"custom_addresses": [{"name": "G", "addresses": ["www.example.com"]}]}, "custom", "no address"),
        ({"custom_addresses": [{"name": "G"}, {"name": "G"}]}, r"custom_addresses\[1\] G", "same name"),
    ],
)
def test_what_is_no_export_is_refused_by_its_record(
    documents: dict[str, Any], where: str, problem: str
) -> None:
    """The error names the document, the record and what is wrong with it."""
    with pytest.raises(SourceError, match=f"^{where}.*{problem}"):
        adc_facts(json.loads(json.dumps(documents)))
