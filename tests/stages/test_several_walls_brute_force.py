"""What is designed for two filters on one path, held against every packet of a small site, one by one.

Rule bases are random, and so is what translates: an ADC beside or between them, or one of the two. What
becomes of a packet is told by ``naive_devices`` and here, which know nothing of the code under test.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import (
    FirewallFacts,
    PublishedServer,
    SecurityPolicy,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import Finding, Question
from nornir_itsm.model.topology import Hop, Point, Site
from nornir_itsm.stages.design import Case
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.requested import Resolved
from nornir_itsm.stages.resolve import resolve
from tests.stages.example_site import designers, known
from tests.stages.naive_devices import Sent, hidden, matches, published, routed
from tests.stages.small_site import (
    ADC,
    CLOUD,
    EIPS,
    LINES,
    SITE,
    TENANT,
    TRUST,
    UNTRUST,
    WALL,
    adcs,
    policies,
    walls,
)
from tests.stages.test_proof_brute_force import (
    ALWAYS,
    CELLS,
    MOST,
    PLACES,
    PRIVATE,
    Choice,
    Place,
    World,
    _hold,
    asks_for,
    demands,
    thorough,
)

OTHER = "other"
DENY = SecurityPolicy("Default-Deny", "deny")
KINDS = {
    "ADC outside": (WALL, OTHER, ADC),
    "ADC between": (WALL, ADC, OTHER),
    "first translates": (WALL, OTHER),
    "second translates": (WALL, OTHER),
}
"""What translates, with the points on the way out."""


def site(kind: str) -> Site:
    """The small site with two firewalls on its paths."""
    there = {"first translates": WALL, "second translates": OTHER}.get(kind)
    zones = {ADC: ("", "")}
    out = [Hop(p, *zones.get(p, (TRUST, UNTRUST)), translates=p == there) for p in KINDS[kind]]
    back = [replace(h, source_zone=h.destination_zone, destination_zone=h.source_zone) for h in out[::-1]]
    hops = {"云": tuple(out), "外": tuple(back)}
    paths = tuple(replace(path, hops=hops[path.source]) for path in SITE.paths)
    points = {name: Point(name, "huawei_vrp", "firewall", "", above=DENY.name) for name in (WALL, OTHER)}
    points[ADC] = SITE.points[ADC]
    return replace(SITE, paths=paths, points=points, naming=known().site.naming)


SITES = {kind: site(kind) for kind in KINDS}


@st.composite
def translations(draw: st.DrawFn, name: str) -> SourceTranslation:
    """Draw a translation of what leaves, to one public address, or an exception."""
    match = replace(draw(policies(name, doubts=False)), action="permit")
    match = replace(match, source_zones=(TRUST,), destination_zones=(UNTRUST,))
    keeps = draw(st.booleans())
    to = () if keeps else (draw(st.sampled_from(tuple(LINES.values()))),)
    return SourceTranslation(match, to, keeps)


def servers(name: str) -> st.SearchStrategy[PublishedServer]:
    """Draw a server of one EIP or the other."""
    service = st.sampled_from([(ServiceEntry(6, 80, 81), 80), (ServiceEntry(17, 80, 80), 81)])
    ends = st.tuples(st.sampled_from(tuple(LINES.values())), st.sampled_from(tuple(EIPS.values())))
    return st.builds(lambda ends, service: PublishedServer(name, *ends, *service, UNTRUST), ends, service)


@st.composite
def states(draw: st.DrawFn, kind: str) -> Facts:
    """Draw both firewalls, each with a deny at its end, and what translates."""
    held = {point: draw(walls(most=4, doubts=False)) for point in (WALL, OTHER)}
    points = {point: replace(wall, rules=(*wall.rules, DENY)) for point, wall in held.items()}
    for hop in SITES[kind].paths[0].hops:
        if hop.translates:
            points[hop.point] = replace(
                points[hop.point],
                servers=tuple(draw(servers(f"server{n}")) for n in range(draw(st.integers(0, 1)))),
                translations=tuple(draw(translations(f"nat{n}")) for n in range(draw(st.integers(0, 2)))),
            )
    return Facts({**points, ADC: draw(adcs())}, CLOUD)


@dataclass
class Both(World):
    """One state of the site: a packet has to pass both, each as it is there."""

    kind: str = ""

    @cached_property
    def walls(self) -> dict[str, World]:
        return {point: World(Facts({WALL: self.facts.firewall(point)})) for point in (WALL, OTHER)}

    def permitted(self, zones: tuple[str, str], choice: Choice) -> int:
        first, second = (wall.permitted(zones, choice) for wall in self.walls.values())
        return first | second << len(CELLS)

    def leaves(self, sent: Sent, link: str, choice: Choice) -> str | None:
        eip = EIPS.get(sent.source, sent.source if sent.source.startswith("10.70.") else "")
        seen = replace(sent, source=eip, link=link)
        for hop in SITES[self.kind].paths[0].hops if eip else ():
            if hop.point == ADC:
                if not routed(self.facts.adc(ADC), seen):
                    return None
                seen = replace(seen, source=(hidden(self.facts.adc(ADC), seen) or ("", eip))[1])
            elif not self.walls[hop.point].permits(seen, choice):
                return None
            elif hop.translates:
                seen = replace(seen, source=_hidden(self.facts.firewall(hop.point), seen))
        return seen.source if eip else None

    def arrives(self, sent: Sent, link: str, choice: Choice) -> Place | None:
        seen = replace(sent, link=link)
        for hop in SITES[self.kind].paths[1].hops:
            if hop.point == ADC or hop.translates:
                facts = self.facts.points[hop.point]
                found = (
                    _served(facts, seen)
                    if isinstance(facts, FirewallFacts)
                    else (published(self.facts.adc(ADC), seen) or (None,))[1:]
                )
                if not found:
                    return None
                seen = replace(seen, destination=found[0], port=found[1])  # type: ignore[arg-type]
            if hop.point != ADC and not self.walls[hop.point].permits(seen, choice):
                return None
        return PRIVATE.get(seen.destination, seen.destination), seen.port


def _served(wall: FirewallFacts, sent: Sent) -> Place | None:
    """Return where the first server leads that is for a packet from outside."""
    for one in wall.servers:
        entry = one.service
        if (sent.destination, sent.protocol) == (one.address, entry.protocol) and (
            entry.low <= sent.port <= entry.high
        ):
            return one.target, one.port + sent.port - entry.low
    return None


def _hidden(wall: FirewallFacts, sent: Sent) -> str:
    """Return the source with which a packet leaves a firewall, by the first rule that is for it."""
    nat = next((nat for nat in wall.translations if matches(nat.match, wall, sent)), None)
    return nat.to[0] if nat and nat.to else sent.source


def as_seen(one: Demand, *, public: bool) -> int:
    """Return the mask of a request as a firewall sees it, by public addresses or by EIPs."""
    ends = [EIPS.get(a, a) for a in (one.sources if one.source_zone == "云" else one.destinations)]
    if one.source_zone == "云":
        seen, zones = replace(one, sources=one.public if public else tuple(ends)), (TRUST, UNTRUST)
    else:
        inner = tuple((port, port) for _, port in one.port_pairs)
        seen = one if public else replace(one, public=tuple(ends), port_pairs=inner)
        zones = UNTRUST, TRUST
    return sum(
        1 << place
        for (source, to, service, minute), place in PLACES.items()
        if asks_for(seen, Sent(source, to, *service, minute=minute, zones=zones))
    )


def designed(one: Demand, here: Site, facts: Facts) -> tuple[Resolved, Facts | None]:
    """Return a demand with what becomes of the site; None where somebody is asked first."""
    resolved = resolve(one, Order("", TENANT, "s", demands=(one,)), here, facts, {})
    assert not resolved.questions
    wanted = list(designers()[resolved.path.runbook].intents(Case(resolved, here, facts, facts)))
    intents = [w for w in wanted if not isinstance(w, (Question, Finding))]
    asked = any(isinstance(w, Question) for w in wanted)
    return resolved, None if asked else after(intents, facts)


@pytest.mark.parametrize("kind", KINDS)
@settings(thorough, max_examples=10 if MOST <= 100 else MOST)
@given(st.data(), demands(), demands())
def test_what_is_designed_for_two_filters_is_exact_or_told(
    kind: str, data: st.DataObject, one: Demand, other: Demand
) -> None:
    """The proof says what every packet says; each filter alone moves what was asked, where it has to.

    A delete takes back what an order made before, beside what another one made.
    """
    here, facts = SITES[kind], data.draw(states(kind))
    lines = 1 if "translates" in kind else 2  # a firewall translates to one public address
    one, other = (replace(d, schedule=ALWAYS, public=d.public[:lines]) for d in (one, other))
    for made in (other, one) if one.action == "delete" else ():
        facts = designed(replace(made, action="add"), here, facts)[1] or facts
    resolved, later = designed(one, here, facts)
    if later is None:
        return
    (proof,) = prove([resolved], here, facts, later)
    before, then = (Both(state, kind=kind) for state in (facts, later))
    _hold(one, proof, before, then, [{}])
    zones = (TRUST, UNTRUST) if one.source_zone == "云" else (UNTRUST, TRUST)
    for point, was in before.walls.items():
        outside = point == OTHER and kind in ("ADC between", "first translates")
        old, new = was.permitted(zones, {}), then.walls[point].permitted(zones, {})
        asked = as_seen(one, public=outside)
        assert not (new & ~old if one.action == "delete" else old & ~new)
        assert not (old ^ new) & ~asked
        if one.action == "add" and not asked & ~old:
            assert facts.firewall(point).rules == later.firewall(point).rules
