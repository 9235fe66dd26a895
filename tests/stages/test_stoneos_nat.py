"""Orders at a site whose edge firewall is a StoneOS that translates: its rules see the public address."""

from dataclasses import replace
from functools import cache

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import PublishedServer, ServiceEntry, SourceTranslation
from nornir_itsm.model.intent import DestinationNat, SecurityRule, SourceNat, kind_of, name_of
from nornir_itsm.model.order import Demand
from nornir_itsm.model.plan import Plan
from nornir_itsm.stages.hygiene import findings
from nornir_itsm.stages.parse.stoneos_text import firewall_facts
from nornir_itsm.stages.plan import Known, make_plan
from tests.platforms.case_folders import TEMPLATE
from tests.stages.example_site import BOTH_WAYS, WALL, WHITE_LIST, at, carried_out, known, order

DENY = """rule id 1
  action deny
  src-addr "Any"
  dst-addr "Any"
  service "Any"
  name "Default-Deny"
exit
"""
NAT = """ip vrouter "trust-vr"
  snatrule id 4 from-zone "trust" to-zone "untrust" from "Any" to "192.0.2.200" service "Any" no-trans
  snatrule id 2 from "Any" to "Any" service "Any" eif ethernet0/1 trans-to eif-ip mode dynamicport
  dnatrule id 8 from "Any" to "198.51.100.99" service "HTTPS" trans-to "10.60.9.9"
exit
interface ethernet0/1
  zone  "untrust"
exit
"""
RUNBOOKS = ("cloud_to_internet", "internet_to_cloud")
PUBLIC = "198.51.100.63"
IN = replace(order(WHITE_LIST).demands[0], public=(f"{PUBLIC}/32",))
OUT = replace(order(BOTH_WAYS).demands[0], public=("203.0.113.213/32",))


def text(nat: str = NAT, more: str = "") -> str:
    return f"Version 5.5R10\n{more}{nat}{DENY}End\n"


@cache
def site_known() -> Known:
    """The example site with its StoneOS in the place of firewall and ADC."""
    there = known()
    paths = tuple(
        replace(p, hops=tuple(replace(h, translates=True) for h in p.hops if h.point == WALL))
        if p.runbook in RUNBOOKS
        else p
        for p in there.site.paths
    )
    facts = at(WALL, there.facts, firewall_facts(text(), TEMPLATE))
    return replace(there, site=replace(there.site, paths=paths), facts=facts, answers={})


def plan(*demands: Demand, facts: Facts | None = None) -> Plan:
    form = WHITE_LIST if IN.public == demands[0].public else BOTH_WAYS
    asked = replace(order(form), demands=tuple(replace(d, id=f"D{n}") for n, d in enumerate(demands, 1)))
    here = site_known()
    return make_plan(asked, replace(here, facts=facts or here.facts))


def after(*demands: Demand) -> Facts:
    return carried_out(plan(*demands), site_known().facts)


def gone(demand: Demand) -> Demand:
    return replace(demand, action="delete")


def wanted(made: Plan) -> list[tuple[str, str, str]]:
    intents = [i for change in made.changes for i in change.intents if not i.reuse]
    return [(kind_of(i), name_of(i), i.state) for i in intents]


def lines(made: Plan) -> list[str]:
    return [line.strip() for change in made.changes for line in change.commands]


def exact(made: Plan) -> bool:
    return bool(made.proofs) and all(proof.exact for proof in made.proofs)


def test_a_port_is_published_and_permitted_by_its_public_address() -> None:
    """Service, server by the next number, and a permit for the public address, which the filter sees."""
    made = plan(IN)
    (proof,) = made.proofs
    assert (exact(made), len(proof.opened), proof.excess, proof.shortfall) == (True, 1, (), ())
    (rule,) = [i.rule for c in made.changes for i in c.intents if isinstance(i, SecurityRule)]
    assert rule.destination.literals == (f"{PUBLIC}/32",)
    (server,) = [i for c in made.changes for i in c.intents if isinstance(i, DestinationNat)]
    assert isinstance(server.rule, PublishedServer)
    assert (server.rule.name, server.rule.book) == ("dnatrule 9", rule.services[0])
    (said,) = [line for line in lines(made) if line.startswith("dnatrule")]
    assert said.startswith('dnatrule id 9 from-zone "untrust" from any to ip 198.51.100.63 service ')
    kinds = [kind for kind, _, _ in wanted(made)]
    assert kinds.index("ServiceSet") < kinds.index("DestinationNat") < kinds.index("SecurityRule")


def test_where_rules_see_what_servers_made_of_it() -> None:
    """With ``match-after-dnat`` the permit names the host's own address, as on other firewalls."""
    switched = text(more="policy-global\n  match-after-dnat\nexit\n")
    facts = at(WALL, site_known().facts, firewall_facts(switched, TEMPLATE))
    made = plan(IN, facts=facts)
    assert exact(made)
    (rule,) = [i.rule for c in made.changes for i in c.intents if isinstance(i, SecurityRule)]
    assert f"{PUBLIC}/32" not in rule.destination.literals
    assert ("DestinationNat", "dnatrule 9", "ensure") in wanted(made)


@pytest.mark.parametrize("demand", [IN, OUT])
def test_what_is_there_is_used_and_named(demand: Demand) -> None:
    """The same order again changes nothing, and says by which translations."""
    again = plan(demand, facts=after(demand))
    assert [v.verdict for v in again.demands] == ["covered"]
    assert any("natrule " in said for said in again.demands[0].evidence)


def test_a_public_port_has_one_target() -> None:
    """A port that leads to another host is asked about, with the rule's number; nothing is planned."""
    facts = site_known().facts
    entry = ServiceEntry(6, 8080, 8080)
    other = PublishedServer("dnatrule 3", PUBLIC, "10.70.18.99", entry, 8080, "untrust", book="x", id="3")
    made = plan(IN, facts=at(WALL, facts, replace(facts.firewall(WALL), servers=(other,))))
    assert wanted(made) == []
    assert "dnatrule 3" in made.questions[0].text


def test_closing_takes_permit_server_and_service_away() -> None:
    """What a delete leaves is what was there before the order; the permit goes first, the service last."""
    made = plan(gone(IN), facts=after(IN))
    assert exact(made)
    kinds = [kind for kind, _, _ in wanted(made)]
    assert kinds[0] == "SecurityRule"
    assert kinds.index("DestinationNat") < kinds.index("ServiceSet")
    assert carried_out(made, after(IN)) == site_known().facts


def test_one_port_of_a_range_is_closed() -> None:
    """The ports before the gap keep the rule's number, those behind it get one of their own."""
    wide = replace(IN, port_pairs=(("8000-8010", "8000-8010"),))
    made = plan(gone(replace(IN, port_pairs=(("8005", "8005"),))), facts=after(wide))
    assert exact(made)
    servers = [i.rule for c in made.changes for i in c.intents if isinstance(i, DestinationNat)]
    assert [(s.name, s.service.low, s.service.high) for s in servers if isinstance(s, PublishedServer)] == [
        ("dnatrule 9", 8000, 8004),
        ("dnatrule 10", 8006, 8010),
    ]
    assert carried_out(made, after(wide)) != site_known().facts


@pytest.mark.parametrize(("was", "now"), [("37792-37794", "37792-37794"), ("8443", "9443")])
def test_a_port_is_moved_to_another_host_in_one_line(was: str, now: str) -> None:
    """One order, both ways, to another port too: the rule is typed again under its number, never removed."""
    outer = was if was == now else "443"
    there = replace(order(BOTH_WAYS).demands[1], port_pairs=((outer, was),))
    to = replace(there, destinations=("10.60.134.101/32",), port_pairs=((outer, now),))
    made = plan(gone(there), to, facts=after(there))
    assert exact(made)
    said = [line for line in lines(made) if "dnatrule" in line]
    assert len(said) == 2
    assert all(line.startswith("dnatrule id ") for line in said)


def test_a_host_leaves_as_it_was_asked_to() -> None:
    """The new rule stands above the general one and below the exception, and is the hosts' own."""
    made = plan(OUT)
    assert exact(made)
    names = [nat.name for nat in after(OUT).firewall(WALL).translations]
    assert (names[0], names[-1]) == ("snatrule 4", "snatrule 2")
    assert names[1] == "snatrule 5"
    (nat,) = [i.rule for c in made.changes for i in c.intents if isinstance(i, SourceNat)]
    assert isinstance(nat, SourceTranslation)
    assert (nat.to, made.proofs[0].treatment) == (("203.0.113.213",), ())


def test_a_translation_goes_when_nothing_needs_it() -> None:
    """Deleting all of it leaves nothing; where another flow of the host passes, it stays and is named."""
    made = plan(gone(OUT), facts=after(OUT))
    assert exact(made)
    assert carried_out(made, after(OUT)) == site_known().facts
    more = replace(OUT, port_pairs=(("any", "443"),))
    kept = plan(gone(more), facts=after(OUT, more))
    assert exact(kept)
    assert "SourceNat" not in {kind for kind, _, _ in wanted(kept)}
    assert any("仍由它转换" in finding.problem for finding in kept.findings)


def test_a_host_that_leaves_as_somebody_else_is_asked_about() -> None:
    """Its other flows would leave differently: that is for a person to say."""
    made = plan(replace(OUT, public=("198.51.100.53/32",)), facts=after(OUT))
    assert wanted(made) == []
    assert "请确认是否迁移" in made.questions[0].text


def test_a_range_cannot_lead_to_other_ports() -> None:
    """The vendor's rule has one port then: asked, not guessed."""
    made = plan(replace(IN, port_pairs=(("8000-8010", "9000-9010"),)))
    assert wanted(made) == []
    assert "单个端口" in made.questions[0].text
    assert exact(plan(replace(IN, port_pairs=(("8000", "9000"),))))


def test_an_export_without_translations_is_not_enough() -> None:
    """A snapshot that does not say what is translated plans no translation."""
    facts = known().facts
    for demand in (IN, OUT):
        made = plan(demand, facts=facts)
        assert wanted(made) == []
        assert any("show configuration" in question.text for question in made.questions)


def test_objects_of_translations_are_in_use() -> None:
    """What only a translation names is no object that nobody refers to, and stays when rules go."""
    objects = 'service "web"\n  tcp dst-port 8080\nexit\naddress "hosts"\n  ip 10.1.1.0/24\nexit\n'
    nat = (
        'ip vrouter "trust-vr"\n  snatrule id 1 from "hosts" to "Any" service "Any" no-trans\n'
        '  dnatrule id 1 from "Any" to "203.0.113.9" service "web" trans-to "10.1.1.9"\nexit\n'
    )
    for text_, unused in ((text(nat, objects), set[str]()), (text("", objects), {"web", "hosts"})):
        facts = at(WALL, site_known().facts, firewall_facts(text_, TEMPLATE))
        flaws = findings(site_known().site, facts)
        found = {flaw.object for flaw in flaws if flaw.kind == "unreferenced"}
        assert found & {"web", "hosts"} == unused


def test_a_number_that_is_promised_is_not_given_again() -> None:
    """Another open change makes its rule under the next number: this one takes the one after it."""
    facts = replace(site_known().facts, named={f"{WALL}/DestinationNat/dnatrule 9": "somebody"})
    made = plan(IN, facts=facts)
    assert ("DestinationNat", "dnatrule 10", "ensure") in wanted(made)


def test_a_filter_before_the_one_that_translates_sees_the_same() -> None:
    """Both are permitted by the public address; server and its service stand at the one that translates."""
    here, outer = site_known(), "OUTER-FW01"
    paths = tuple(
        replace(p, hops=(replace(p.hops[0], point=outer, translates=False), *p.hops))
        if p.runbook == "internet_to_cloud"
        else p
        for p in here.site.paths
    )
    facts = at(outer, here.facts, firewall_facts(text(""), TEMPLATE))
    points = {**here.site.points, outer: replace(here.site.points[WALL], name=outer, menus={})}
    site = replace(here.site, paths=paths, points=points)
    made = make_plan(replace(order(WHITE_LIST), demands=(IN,)), replace(here, site=site, facts=facts))
    assert exact(made)
    intents = [i for change in made.changes for i in change.intents if not i.reuse]
    rules = {i.point: i.rule.destination.literals for i in intents if isinstance(i, SecurityRule)}
    assert rules == {outer: (f"{PUBLIC}/32",), WALL: (f"{PUBLIC}/32",)}
    assert [i.point for i in intents if isinstance(i, DestinationNat)] == [WALL]
    assert {i.point for i in intents if kind_of(i) == "ServiceSet"} == {outer, WALL}
