"""A proof is exact for what was asked and nothing else: whatever else is in the After surfaces."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from nornir_itsm.model.adc import AdcFacts, AddressMatch, DnatRule
from nornir_itsm.model.firewall import SecurityPolicy, Selector, ServiceBook, ServiceEntry
from nornir_itsm.stages.plan import make_plan
from tests.stages.example_site import (
    BOTH_WAYS,
    WALL,
    WHITE_LIST,
    Edit,
    Trial,
    above,
    adc,
    carried_out,
    changed,
    demand,
    known,
    order,
    plan,
    rules,
    trial,
    wall,
)

DENY = "Default-Deny"
OUT_RULE, IN_RULE = "示例期货公司A-示例本地行情上网", "示例期货公司A-示例本地行情"
ANY = Selector(books=("Any",))
OUT, IN = ("trust", "untrust"), ("untrust", "trust")


def test_outbound_is_exact() -> None:
    """AE-01: opens the quote servers on 37791; the group is residue, the host's other flows treatment."""
    proof, _ = trial(BOTH_WAYS).proofs()
    assert proof.exact
    assert proof.opened == ("10.60.134.61 → 192.0.2.131、192.0.2.165 TCP 37791",)
    assert not any((proof.excess, proof.wrongly_closed, proof.shortfall, proof.already, proof.closed))
    assert proof.counterexample is None
    assert all("10.70.18.48" in text for text in proof.residue)
    assert all(text.startswith("10.60.134.61 ") for text in proof.treatment)
    assert any("不再走这条链路" in text for text in proof.treatment)


def test_inbound_is_exact_but_for_what_the_site_protects() -> None:
    """AE-02: the block list and the platform's own translation keep their effect, named, with their part."""
    _, proof = trial(BOTH_WAYS).proofs()
    assert proof.exact
    assert len(proof.opened) == 2
    assert proof.protected == proof.shortfall
    held = "\n".join(proof.protected)
    assert "203.0.113.150 → 198.51.100.53、203.0.113.213 TCP 37792-37794：DC1-ISP-FW01 的“示例封禁”" in held
    assert "192.0.2.201、192.0.2.202、198.51.100.231 → 203.0.113.213 TCP 37792-37794" in held


def test_a_white_list_is_exact() -> None:
    """AE-14: opens five sources; that the translation is open to all is residue that the firewall closes."""
    (proof,) = trial(WHITE_LIST).proofs()
    assert proof.exact
    assert len(proof.opened) == 1
    assert proof.opened[0].count("、192") + proof.opened[0].count("、198") == 5
    assert len(proof.residue) == 1
    assert "任意 → 192.0.2.70、198.51.100.63 TCP 8080" in proof.residue[0]


def permit(
    source: Selector, destination: Selector = ANY, zones: tuple[str, str] = OUT, **more: Any
) -> SecurityPolicy:
    fields = {"services": ("Any",), "source_zones": zones[:1], "destination_zones": zones[1:], **more}
    return SecurityPolicy("x", "permit", source, destination, **fields)


def hosts(*members: str) -> Selector:
    return Selector(literals=members)


def moved(name: str, over: str) -> Edit:
    """Return an edit that moves one rule above another."""

    def change(held: list[SecurityPolicy]) -> Sequence[SecurityPolicy]:
        (rule,) = [r for r in held if r.name == name]
        rest = [r for r in held if r.name != name]
        at = [r.name for r in rest].index(over)
        return [*rest[:at], rule, *rest[at:]]

    return rules(change)


def one_of(kind: str, name: str, **fields: object) -> Edit:
    """Return an edit of one ADC rule; *kind* is dnat, snat or routes."""

    def change(held: AdcFacts) -> AdcFacts:
        listed = getattr(held, kind)
        assert any(rule.name == name for rule in listed), name
        new = tuple(replace(rule, **fields) if rule.name == name else rule for rule in listed)
        return replace(held, **{kind: new})  # type: ignore[arg-type]

    return adc(change)


def member(kind: str, name: str, new: str) -> Edit:
    """Return an edit that adds a member to a book of the firewall or a group of the ADC."""

    def change(held: Any) -> Any:
        listed = getattr(held, kind)
        grown = replace(listed[name], members=(*listed[name].members, new))
        return replace(held, **{kind: {**listed, name: grown}})

    return wall(change) if kind == "addresses" else adc(change)


def service(name: str, *entries: ServiceEntry) -> Edit:
    """Return an edit of one service."""
    return wall(lambda held: replace(held, services={**held.services, name: ServiceBook(name, entries)}))


def to(address: str) -> AddressMatch:
    return AddressMatch("IP-ADDRESS", address)


def added(*new: SecurityPolicy) -> Edit:
    return above(DENY, *new)


def published(target: str, port: str) -> Edit:
    """Return an edit that publishes a port of a host."""
    nat = DnatRule("x", (), AddressMatch(), to("203.0.113.213"), "TCP", "ALL", (port,), to(target), (port,))
    return adc(lambda held: replace(held, dnat=(*held.dnat, nat)))


PORTAL, QUOTES = hosts("10.70.17.57/32"), hosts("192.0.2.131/32")
A3, C, D = "EIP-示例期货公司A3-(213-53)", "示例期货公司C上网", "示例期货公司D上网"
EXCESS, CLOSED, TREATMENT, RESIDUE = "excess", "wrongly_closed", "treatment", "residue"
BEYOND: dict[str, tuple[Edit, str, str]] = {
    "an extra permit": (added(permit(PORTAL)), EXCESS, "10.60.134.101 → "),
    "a permit with any source": (added(permit(ANY, QUOTES)), EXCESS, "→ 192.0.2.131"),
    "a permit for what is no EIP": (added(permit(hosts("10.99.0.0/16"))), RESIDUE, "10.99.0.0/16"),
    "a permit between other zones": (added(permit(ANY, ANY, ("dmz", "trust"))), EXCESS, "区域 dmz → trust"),
    "a permit without zones": (
        added(permit(PORTAL, source_zones=(), destination_zones=())), EXCESS, "区域 untrust → 除 trust",
    ),
    "a permit for a name": (added(permit(PORTAL, hosts("*.example.org"))), EXCESS, "10.60.134.101"),
    "a permit that may be enabled": (added(permit(PORTAL, enabled=None)), EXCESS, "10.60.134.101"),
    "a permit with a line nobody reads": (added(permit(PORTAL, unread=("app x",))), EXCESS, "10.60.134.101"),
    "a service that holds every port": (service("HTTPS", ServiceEntry(6)), EXCESS, "TCP"),
    "a book with another member": (member("addresses", "示例B-白名单", "192.0.2.9/32"), EXCESS, "192.0.2.9"),
    "a rule below the deny moved above it": (moved(C, DENY), EXCESS, "10.60.137.70"),
    "the deny moved above a permit": (moved(DENY, D), CLOSED, "10.60.136.204"),
    "a permit that is gone": (rules(lambda held: [r for r in held if r.name != D]), CLOSED, "10.60.136.204"),
    "a permit that became a deny": (changed(D, action="deny"), CLOSED, "10.60.136.204"),
    "a permit for other hours": (changed("示例期货公司B上网", schedules=()), EXCESS, "10.60.129.11"),
    "another default": (wall(lambda held: replace(held, default="permit")), EXCESS, "任意 IPv6"),
    "somebody's EIP in the group": (member("groups", A3, "10.70.18.93"), TREATMENT, "10.60.136.204"),
    "nobody's EIP in the group": (member("groups", A3, "10.70.9.250"), TREATMENT, "10.70.9.250"),
    "no EIP in the group": (member("groups", A3, "10.99.0.1"), RESIDUE, "10.99.0.1"),
    "another public address": (
        one_of("snat", "示例期货公司B-源转换-电信IPV4", translated=to("203.0.113.9")), TREATMENT, "113.9",
    ),
    "another link": (
        one_of("routes", "示例期货公司B路由", links=("vlan3103-CU-V4(公用)",)), TREATMENT, "10.60.129.11",
    ),
    "a closed host published": (published("10.70.17.147", "22"), RESIDUE, "TCP 22"),
    "an open host published": (published("10.70.18.93", "8080"), EXCESS, "203.0.113.213 TCP 8080"),
    "another port of the host": (
        one_of("dnat", "示例期货公司A-门户系统", target_ports=("7431", "7432-7439")), CLOSED, "7430",
    ),
}  # fmt: skip
QUICK = (
    "an extra permit",
    "a permit with any source",
    "somebody's EIP in the group",
    "another port of the host",
)


@pytest.mark.parametrize("case", BEYOND)
def test_what_nobody_asked_for_surfaces(case: str) -> None:
    """One edit beyond the plan: never exact, the right class says it, with a packet that shows it."""
    edit, kind, words = BEYOND[case]
    (proof,) = trial(WHITE_LIST, edit).proofs()
    assert not proof.exact
    assert any(words in text for text in getattr(proof, kind))
    assert proof.counterexample


@pytest.mark.parametrize("case", QUICK)
def test_what_nobody_asked_for_surfaces_among_several_demands(case: str) -> None:
    """With two demands the one on the path that is touched says it."""
    edit, kind, words = BEYOND[case]
    inexact = [proof for proof in trial(BOTH_WAYS, edit).proofs() if not proof.exact]
    assert inexact
    assert any(words in text for proof in inexact for text in getattr(proof, kind))
    assert all(proof.counterexample for proof in inexact)


@pytest.mark.parametrize("file", [BOTH_WAYS, WHITE_LIST])
def test_a_translation_turned_to_another_host_is_excess_and_closes(file: str) -> None:
    """The same public port reaches another open host: newly reached there, no longer reached here."""
    turned = one_of("dnat", "示例期货公司A-门户系统", target=to("10.70.16.15"))
    let_in = added(permit(ANY, hosts("10.70.16.15/32"), IN))
    before = let_in(known().facts)
    after = turned(let_in(trial(file).after))
    inexact = [proof for proof in Trial(order(file), before, after).proofs() if not proof.exact]
    assert any("7430" in text for proof in inexact for text in proof.excess)
    assert any("7430" in text for proof in inexact for text in proof.wrongly_closed)
    assert all(proof.counterexample for proof in inexact)


LACKING: dict[str, Edit] = {
    "no rule": rules(lambda held: [r for r in held if r.name != OUT_RULE]),
    "a rule below the deny": moved(DENY, OUT_RULE),
    "a rule that is disabled": changed(OUT_RULE, enabled=False),
    "a rule that may be disabled": changed(OUT_RULE, enabled=None),
    "a narrower rule": changed(OUT_RULE, destination=QUOTES),
    "other hours": changed(OUT_RULE, schedules=("工作日0800-1800",)),
}


@pytest.mark.parametrize("case", LACKING)
def test_what_was_asked_for_and_does_not_pass_is_a_shortfall(case: str) -> None:
    """Each names the rule that stands in the way; nothing excuses it."""
    proof, _ = trial(BOTH_WAYS, LACKING[case]).proofs()
    assert not proof.exact
    assert any("192.0.2.165" in text for text in proof.shortfall)
    assert not proof.protected
    assert proof.counterexample


def test_the_wrong_public_address_is_a_shortfall() -> None:
    """A flow that passes, but with another public address on one line, is not what was asked for."""
    edit = one_of("snat", "示例期货公司A3-源转换-电信IPV4", translated=to("203.0.113.9"))
    proof, _ = trial(BOTH_WAYS, edit).proofs()
    assert not proof.exact
    assert proof.shortfall


def own_permit(destination: Selector) -> Edit:
    return added(permit(hosts("10.70.18.48/32"), destination))


def test_a_permit_for_a_name_is_never_already_open() -> None:
    """What passes only if a name resolves so is not open for certain, so the order still opens it."""
    named = own_permit(hosts("*.example.com"))(known().facts)
    proof, _ = Trial(order(BOTH_WAYS), named, named).proofs()
    assert not proof.already
    assert proof.undecidable == ("10.60.134.61 → 192.0.2.131、192.0.2.165 TCP 37791",)
    assert not proof.exact
    made = make_plan(order(BOTH_WAYS), replace(known(), facts=named))
    assert made.demands[0].verdict == "change"


def test_a_permit_that_certainly_covers_is_already_open() -> None:
    """With a plain permit and the right translation the same order is covered, and says so."""
    done = trial(BOTH_WAYS).after
    made = make_plan(order(BOTH_WAYS), replace(known(), facts=done))
    assert [demand.verdict for demand in made.demands] == ["covered", "covered"]
    assert [proof.exact for proof in made.proofs] == [True, True]
    assert not made.to_do


def test_names_below_a_name() -> None:
    """A name is covered by a wildcard above it; its addresses are opened with it, and that is said."""
    asked = demand(order(BOTH_WAYS), destinations=("update.example.com",))
    made = make_plan(asked, known())
    (proof,) = made.proofs
    assert made.demands[0].verdict == "change"
    assert proof.exact
    assert proof.opened == ("10.60.134.61 → update.example.com TCP 37791",)
    assert any("解析结果" in text for text in proof.undecidable)
    wild = own_permit(hosts("*.example.com"))(carried_out(made, known().facts))
    (proof,) = Trial(asked, known().facts, wild).proofs()
    assert proof.excess


def test_a_service_is_chosen_by_what_it_holds() -> None:
    """A service that is called TCP-37791 and holds every port is not used; the liar is named."""
    facts = service("TCP-37791", ServiceEntry(6))(known().facts)
    made = make_plan(demand(order(BOTH_WAYS)), replace(known(), facts=facts))
    (proof,) = made.proofs
    assert proof.exact
    assert [finding.object for finding in made.findings] == ["TCP-37791"]
    lines = [line.strip() for line in made.changes[-1].commands]
    assert 'service "TCP-37791"' not in lines
    assert "tcp dst-port 37791" in lines


def test_the_proof_of_a_plan_is_the_proof_of_its_after() -> None:
    """What is printed with a plan was proved over the state that the plan leads to."""
    for file in (BOTH_WAYS, WHITE_LIST):
        assert trial(file).proofs() == plan(file).proofs


def test_a_firewall_that_no_path_crosses_is_watched_too() -> None:
    """A change on a point that no demand needs is excess all the same."""
    facts = known().facts
    spare = replace(facts, points={**facts.points, "SPARE": facts.points[WALL]})
    site = replace(known().site, points={**known().site.points, "SPARE": known().site.points[WALL]})
    opened = added(permit(hosts("10.99.0.0/16")))(facts).points[WALL]
    later = trial(BOTH_WAYS).after
    after = replace(later, points={**later.points, "SPARE": opened})
    proofs = Trial(order(BOTH_WAYS), spare, after).proofs(site)
    assert all(any("10.99.0.0/16" in text for text in proof.excess) for proof in proofs)
