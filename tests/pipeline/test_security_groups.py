"""Orders whose paths lead through security groups: form to closed ticket, and back, in the lab."""

import logging
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from nornir_itsm.lab import Lab
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.pipeline import carry_out, check, prepare, take_back
from nornir_itsm.pipeline.hands import Attestation, attest

from .bench import ADD_04, ADD_05, DELETE_04, FULL, KINDS, ORDERS, Bench, ended, states
from .guarded import CLOUD, QUOTE, SERVERS, SHARED, guarded

AE_09 = Path(__file__).parents[1] / "orders" / "AE-09.json"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Iterator[Bench]:
    for noisy in ("paramiko", "netmiko", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    lab: Lab = guarded(tmp_path_factory.mktemp("guarded"), project)
    with lab:
        yield Bench(lab)


@pytest.fixture
def site(bench: Bench) -> Bench:
    """Everybody at work on devices as they were."""
    bench.lab.reset()
    return bench


@pytest.fixture(scope="module")
def planned(bench: Bench) -> tuple[Order, Plan]:
    """The order 04, planned once."""
    bench.lab.reset()
    order = bench.author.read(ORDERS / ADD_04, {})
    return order, prepare(order, bench.author, {})


def everything(site: Bench) -> tuple[object, ...]:
    return (*states(site.lab), site.lab.cloud.state())


def made(site: Bench, group: str) -> set[tuple[str, ...]]:
    """The rules of a group that an order made: it names itself in their description."""
    keys = ("Direction", "PortRange", "SourceCidrIp", "DestCidrIp")
    rules = (rule for rule in site.lab.cloud.state() if rule["SecurityGroupId"] == group)
    return {tuple(rule.get(key, "") for key in keys) for rule in rules if rule["Description"]}


def test_from_form_to_closed_ticket_and_back(site: Bench, planned: tuple[Order, Plan]) -> None:
    """Rules are made in the host's own group, proved with the rest of the path, and taken away exactly."""
    plan, baseline = planned[1], everything(site)
    assert [change.device for change in plan.to_do][-1] == CLOUD
    assert all(proof.exact and CLOUD in proof.scope.proved[0] for proof in plan.proofs)
    assert not any("安全组" in text for proof in plan.proofs for text in proof.scope.unknown)
    text = site.author.document(*planned)
    assert "云服务器 ECS > 网络与安全 > 安全组" in text
    assert all(word in text for word in ("授权对象", "37792/37794", "192.0.2.131/32", "回退"))
    change = site.approve(*planned)
    assert carry_out(change, site.author).state == "done"
    assert site.author.desk.read(site.author.changes.change(change).ticket)["state"] == "closed"
    assert made(site, QUOTE) == {
        ("ingress", "37792/37794", "0.0.0.0/0", ""),
        ("egress", "37791/37791", "", "192.0.2.131/32"),
        ("egress", "37791/37791", "", "192.0.2.165/32"),
    }
    assert check(change, site.author).sent == 0
    assert take_back(change, site.author).state == "rolled_back"
    assert everything(site) == baseline


def test_what_is_there_is_reused_and_a_deletion_takes_it_away(
    site: Bench, planned: tuple[Order, Plan]
) -> None:
    """The same order again changes nothing and names the rules; its deletion removes exactly these."""
    baseline = site.lab.cloud.state()
    carry_out(site.approve(*planned), site.author)
    again = site.plan(ADD_04)
    assert [demand.verdict for demand in again.demands] == ["covered", "covered"]
    assert all(any("CloudRule" in text for text in demand.evidence) for demand in again.demands)
    carry_out(site.approved(DELETE_04, reset=False), site.author)
    assert site.lab.cloud.state() == baseline


LOST = "lost after it"
CALLS = [
    (k, kind) for k in (1, 2, 3) for kind in KINDS if FULL or kind == "refused" or (k, kind) == (2, LOST)
]


@pytest.mark.parametrize(("k", "kind"), CALLS)
def test_killed_at_a_call_it_ends_at_the_baseline(
    site: Bench, planned: tuple[Order, Plan], k: int, kind: str
) -> None:
    """Refused, or unanswered however often it is repeated: every device is as it was, whatever arrived."""
    baseline, change = everything(site), site.approve(*planned)
    for attempt in range(1 if kind == "refused" else 3):
        KINDS[kind](site.lab.cloud.faults, k + attempt)
    code, said = ended(lambda: carry_out(change, site.author))
    assert (code, everything(site)) == (6, baseline), said
    assert len(site.lab.cloud.lines) >= k


def test_a_white_list_is_a_rule_for_each_prefix_of_it(site: Bench) -> None:
    """Above the rule that refuses everything; who else is in the group is named and stays closed."""
    plan = site.plan(ADD_05)
    (proof,) = plan.proofs
    assert proof.exact
    assert any(CLOUD in text and "10.60.137.71" in text for text in proof.residue)
    carry_out(site.approved(ADD_05), site.author)
    rules = made(site, SERVERS)
    assert {(way, ports) for way, ports, *_ in rules} == {("ingress", "8080/8080")}
    peers = [ip_network(peer) for *_, peer, _ in rules]
    (demand,) = site.author.read(ORDERS / ADD_05, {}).demands
    assert {f"{host}/32" for net in peers for host in net} == set(demand.sources)


def test_between_vpcs_both_ends_count(site: Bench) -> None:
    """The source's group lets out anyway, the target's gets the rule; the switch's part is a person's."""
    order = site.author.read(AE_09, {})
    change = site.approve(order, prepare(order, site.author, {}))
    assert carry_out(change, site.author).state == "handed_over"
    attest(change, site.author, Attestation("示例工程师"))
    carry_out(change, site.author)
    assert made(site, SHARED) == {("ingress", "53/53", "10.60.134.171/32", "")}
    assert made(site, "sg-vpc-demoa1") == set()
