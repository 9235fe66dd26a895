"""A host without an EIP: what the NAT gateway's entries say of it, where they were collected."""

from dataclasses import replace

from nornir_itsm.model.cloud_network import CloudNetwork, NatGateway, SnatEntry
from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.gateways import NEEDED, behind_gateway
from nornir_itsm.stages.prove import not_covered
from nornir_itsm.stages.resolve import resolve

from .example_site import known, order

HOST = "10.60.136.201"
"""Of tenant D, whose gateway ngw-demo03 has the EIP 10.70.16.240."""


def collected(*entries: SnatEntry) -> Facts:
    gateway = NatGateway("ngw-demo03", "vpc-demod1", ("stb-1",))
    network = CloudNetwork(gateways={gateway.id: gateway}, snat=entries, collected=tuple(NEEDED))
    facts = known().facts
    return replace(facts, cloud=replace(facts.cloud, network=network))


def eips(facts: Facts) -> list[str]:
    path = known().site.path("行业云", "互联网")
    assert path is not None
    return [binding.eip for binding in behind_gateway(HOST, path, facts)]


def asked(facts: Facts) -> str:
    """The question about the EIP that an outbound demand of this host gets."""
    base = replace(order("05-白名单-公司全称-协议下拉.xlsx"), organization="示例期货公司D")
    demand = replace(
        base.demands[0],
        source_zone="行业云",
        destination_zone="互联网",
        sources=(f"{HOST}/32",),
        destinations=("192.0.2.131/32",),
    )
    found = resolve(demand, base, known().site, facts, {})
    return next(question.text for question in found.questions if question.key == "D1.eip")


def test_the_longest_source_says_which_eip() -> None:
    """An entry for the host alone goes before that of its subnet; other gateways' tables do not count."""
    wide = SnatEntry("snat-1", "stb-1", "10.60.136.192/26", ("10.70.16.240",))
    assert eips(collected(wide)) == ["10.70.16.240"]
    assert eips(collected(wide, SnatEntry("snat-2", "stb-1", f"{HOST}/32", ("10.70.99.1",)))) == []
    assert eips(collected(replace(wide, table="stb-other"))) == []
    assert eips(collected()) == []


def test_the_question_says_what_is_known() -> None:
    """Not collected: any EIP of the gateway may be it; collected: this one by that entry, or none at all."""
    assert eips(known().facts) == ["10.70.16.240"]
    assert "所在 VPC 有 NAT 网关" in asked(known().facts)
    wide = SnatEntry("snat-1", "stb-1", "10.60.136.192/26", ("10.70.16.240",))
    assert "SNAT 条目 snat-1（10.60.136.192/26）" in asked(collected(wide))
    assert "SNAT 条目也不包含它" in asked(collected())
    facts = collected()
    strangers = replace(facts.cloud.network, gateways={})
    half = replace(facts, cloud=replace(facts.cloud, network=strangers))
    assert "所在 VPC 有 NAT 网关" in asked(half), "the gateway is not among those that were listed"


def test_a_proof_says_what_was_collected() -> None:
    """Not collected, or collected and still outside the proof."""
    assert "NAT 网关条目（未采集）" in not_covered(known().facts)
    assert "NAT 网关条目（已采集，只用来查出网的 EIP）" in not_covered(collected())
