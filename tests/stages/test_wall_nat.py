"""Orders at a site whose edge firewall translates by itself: what is wanted, what it opens, what is left."""

from dataclasses import replace
from functools import cache

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import PublishedServer, ServiceEntry
from nornir_itsm.model.intent import DestinationNat, Intent, kind_of, name_of
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, addresses, services
from nornir_itsm.space.packets import Packets
from nornir_itsm.stages.parse.vrp_text import firewall_facts
from nornir_itsm.stages.plan import Known, make_plan
from nornir_itsm.stages.why import judge, lists_of
from tests.stages.example_site import BOTH_WAYS, PROJECT, WALL, WHITE_LIST, at, carried_out, known, order

TEXT = """#
security-policy
 rule name Default-Deny
  action deny
#
nat-policy
 rule name 分支不转换
  source-zone trust
  destination-zone untrust
  destination-address 192.0.2.200 mask 32
  action no-nat
 rule name 全部出网
  source-zone trust
  destination-zone untrust
  action source-nat easy-ip
#
return
"""
POOL = """#
nat address-group 池
 mode pat
 section 203.0.113.213 203.0.113.213
"""
DOUBTFUL = """ rule name 存疑
  source-zone trust
  destination-zone untrust
  egress-interface GE1/0/1
  action source-nat address-group 池
"""
RUNBOOKS = ("cloud_to_internet", "internet_to_cloud")
PUBLIC = "198.51.100.63"


@cache
def site_known() -> Known:
    """The example site with a USG that translates in the place of firewall and ADC."""
    there = known()
    paths = tuple(
        replace(p, hops=tuple(replace(h, translates=True) for h in p.hops if h.point == WALL))
        if p.runbook in RUNBOOKS
        else p
        for p in there.site.paths
    )
    point = replace(
        there.site.points[WALL], platform="huawei_vrp", logs=("deny", "end"), profiles=(), menus={}
    )
    site = replace(there.site, paths=paths, points={**there.site.points, WALL: point})
    texts = {file.name: file.read_text("utf-8") for file in PROJECT.glob("templates/huawei_vrp/*.j2")}
    facts = at(WALL, there.facts, firewall_facts(TEXT))
    templates = {**there.templates, "huawei_vrp": texts}
    return replace(there, site=site, facts=facts, templates=templates, answers={})


IN = replace(order(WHITE_LIST).demands[0], public=(f"{PUBLIC}/32",))
OUT = replace(order(BOTH_WAYS).demands[0], public=("203.0.113.213/32",))


def plan(*demands: Demand, facts: Facts | None = None) -> Plan:
    form = WHITE_LIST if IN.public == demands[0].public else BOTH_WAYS
    asked: Order = replace(
        order(form), demands=tuple(replace(d, id=f"D{n}") for n, d in enumerate(demands, 1))
    )
    here = site_known()
    return make_plan(asked, replace(here, facts=facts or here.facts))


def after(*demands: Demand) -> Facts:
    """The site once an order for these demands is carried out."""
    return carried_out(plan(*demands), site_known().facts)


def wanted(made: Plan) -> list[tuple[str, str, str]]:
    """What a plan does, without what is there already."""
    intents: list[Intent] = [i for change in made.changes for i in change.intents if not i.reuse]
    return [(kind_of(i), name_of(i), i.state) for i in intents]


def exact(made: Plan) -> bool:
    return bool(made.proofs) and all(proof.exact for proof in made.proofs)


def gone(demand: Demand) -> Demand:
    return replace(demand, action="delete")


def test_a_port_is_published_and_opens_what_was_asked() -> None:
    """One server and one permit for the host's own address; the proof names what the filter decides."""
    made = plan(IN)
    (proof,) = made.proofs
    assert [kind for kind, _, _ in wanted(made)] == [
        *("DestinationNat", "AddressSet", "ServiceSet", "SecurityRule"),
    ]
    assert (exact(made), len(proof.opened), proof.excess, proof.shortfall) == (True, 1, (), ())
    assert proof.scope.assumed[-1] == f"从外部只有公网地址可达：内部地址不会被路由到 {WALL}"
    assert len(proof.residue) == 1  # a server has no white list
    assert plan(replace(IN, sources=("any",))).proofs[0].residue == ()


def test_what_is_there_is_used_and_named() -> None:
    """The same order again changes nothing, and says by which translations."""
    for demand in (IN, OUT):
        again = plan(demand, facts=after(demand))
        assert [v.verdict for v in again.demands] == ["covered"]
        assert any("Nat " in text for text in again.demands[0].evidence)


def test_a_public_port_has_one_target() -> None:
    """A port that leads to another host is asked about, with the server's name; nothing is planned."""
    other = PublishedServer("别人的", PUBLIC, "10.70.18.99", ServiceEntry(6, 8080, 8081), 8080, "untrust")
    facts = site_known().facts
    taken = at(WALL, facts, replace(facts.firewall(WALL), servers=(other,)))
    made = plan(IN, facts=taken)
    assert wanted(made) == []
    assert "别人的" in made.questions[0].text


def test_closing_takes_permit_and_server_away() -> None:
    """What a delete leaves is what was there before the order."""
    made = plan(gone(IN), facts=after(IN))
    assert exact(made)
    assert carried_out(made, after(IN)) == site_known().facts


def test_one_port_of_a_range_is_closed() -> None:
    """The ports before the gap keep the server's name, those behind it get one of their own."""
    wide = replace(IN, port_pairs=(("8000-8010", "9000-9010"),))
    made = plan(gone(replace(IN, port_pairs=(("8005", "9005"),))), facts=after(wide))
    assert exact(made)
    servers = [
        (i.rule.service.low, i.rule.service.high, i.rule.port)
        for change in made.changes
        for i in change.intents
        if isinstance(i, DestinationNat) and isinstance(i.rule, PublishedServer)
    ]
    assert servers == [(8000, 8004, 9000), (8006, 8010, 9006)]


@pytest.mark.parametrize(("was", "now"), [("37792-37794", "37792-37794"), ("8443", "9443")])
def test_a_port_is_moved_to_another_host(was: str, now: str) -> None:
    """One order, both ways, to another port too: the server stays under its name, never removed for good."""
    outer = was if was == now else "443"
    there = replace(order(BOTH_WAYS).demands[1], port_pairs=((outer, was),))
    to = replace(there, destinations=("10.60.134.101/32",), port_pairs=((outer, now),))
    made = plan(gone(there), to, facts=after(there))
    assert exact(made)
    states = [(kind, state) for kind, _, state in wanted(made) if kind in ("DestinationNat", "SecurityRule")]
    assert ("DestinationNat", "absent") not in states
    assert [state for kind, state in states if kind == "DestinationNat"] == ["ensure"] * 2


def test_a_host_leaves_as_it_was_asked_to() -> None:
    """The new translation stands above the general one and below the exception, by a pool of one address."""
    made = plan(OUT)
    assert exact(made)
    kinds = [kind for kind, _, _ in wanted(made)]
    assert kinds[:2] == ["AddressPool", "SourceNat"]
    names = [nat.name for nat in after(OUT).firewall(WALL).translations]
    assert (names[0], names[2]) == ("分支不转换", "全部出网")
    assert made.proofs[0].treatment == ()


def test_a_translation_goes_when_nothing_needs_it() -> None:
    """Deleting all of it leaves nothing; where another flow of the host passes, it stays and is named."""
    made = plan(gone(OUT), facts=after(OUT))
    assert exact(made)
    assert carried_out(made, after(OUT)) == site_known().facts
    more = replace(OUT, port_pairs=(("any", "443"),))
    kept = plan(gone(more), facts=after(OUT, more))
    assert exact(kept)
    assert not {"SourceNat", "AddressPool"} & {kind for kind, _, _ in wanted(kept)}
    assert any("仍由它转换" in finding.problem for finding in kept.findings)


def test_a_host_that_leaves_as_somebody_else_is_asked_about() -> None:
    """Its other flows would leave differently: that is for a person to say."""
    made = plan(replace(OUT, public=("198.51.100.53/32",)), facts=after(OUT))
    assert wanted(made) == []
    assert "请确认是否迁移" in made.questions[0].text


def test_placeholders_mean_the_address_in_use() -> None:
    """An order without a public address leaves as the firewall's own translation says."""
    made = plan(replace(OUT, public=()), facts=after(OUT))
    assert [v.verdict for v in made.demands] == ["covered"]


def test_a_network_behind_a_firewall_is_asked_about() -> None:
    """Without a cloud in between only hosts have a translation of their own; anything else is a question."""
    here = site_known()
    paths = tuple(replace(p, pool="") if p.runbook in RUNBOOKS else p for p in here.site.paths)
    asked = replace(order(BOTH_WAYS), demands=(replace(OUT, sources=("10.60.134.0/24", "10.60.134.61/32")),))
    made = make_plan(asked, replace(here, site=replace(here.site, paths=paths)))
    assert [q.text for q in made.questions if q.key == "D1.host"] == [
        "10.60.134.0/24 不是单个 IPv4 主机地址，防火墙无法逐个转换"
    ]


def test_what_nobody_can_evaluate_is_no_translation_to_rely_on() -> None:
    """A rule with a line that is not understood may do as asked or not: one of ours goes above it."""
    general = " rule name 全部出网\n"
    doubtful = POOL + TEXT.replace(general, DOUBTFUL + general)
    facts = at(WALL, site_known().facts, firewall_facts(doubtful))
    made = plan(OUT, facts=facts)
    assert exact(made)
    names = [nat.name for nat in carried_out(made, facts).firewall(WALL).translations]
    assert names.index("存疑") == 2


def test_a_question_names_what_was_not_published() -> None:
    """A published port passes; another one of the same address has no server that leads anywhere."""
    facts, site = after(replace(IN, sources=("any",))), site_known().site
    path = site.path("互联网", "行业云")
    assert path is not None
    for port, passes in ((8080, True), (8081, False)):
        box = {
            SOURCE: addresses("192.0.2.9"),
            DESTINATION: addresses(PUBLIC),
            SERVICE: services(6, port, port),
        }
        judged = judge(lists_of(path, site, facts), Packets((box,)))
        assert (bool(judged.passes), bool(judged.blocked)) == (passes, not passes)
        assert any("无匹配的目的地址转换" in dict(o.labels).values() for o in judged.outcomes) != passes


@pytest.mark.parametrize(
    "demand", [replace(IN, protocol="icmp"), replace(OUT, public=("198.51.100.53/32", *OUT.public))]
)
def test_what_a_firewall_cannot_say_is_asked(demand: Demand) -> None:
    """A protocol without ports, several addresses to leave as: questions, not guesses."""
    made = plan(demand)
    assert wanted(made) == []
    assert made.questions
