"""What is designed for two filters on one path, held against every packet of a small site, one by one.

Rule bases of both and the ADC between or beside them are random; what becomes of a packet is told by
``naive_devices``, which knows nothing of the code under test.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.facts import Facts, SecurityPolicy
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import Finding, Question
from nornir_itsm.model.topology import Hop, Point, Site
from nornir_itsm.stages.design import Case
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.requested import Resolved
from nornir_itsm.stages.resolve import resolve
from tests.stages.example_site import designers, known
from tests.stages.naive_devices import Sent, hidden, published, routed
from tests.stages.small_site import ADC, CLOUD, EIPS, SITE, TENANT, TRUST, UNTRUST, WALL, adcs, walls
from tests.stages.test_proof_brute_force import (
    ALWAYS,
    CELLS,
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


def site(*, between: bool) -> Site:
    """The small site with another firewall next to the first one, or on the other side of the ADC."""
    here = [Hop(WALL, TRUST, UNTRUST), Hop(OTHER, TRUST, UNTRUST), Hop(ADC)]
    out = (here[0], here[2], here[1]) if between else tuple(here)
    back = tuple(Hop(h.point, h.destination_zone, h.source_zone) for h in reversed(out))
    hops = {"云": out, "外": back}
    paths = tuple(replace(path, hops=hops[path.source]) for path in SITE.paths)
    points = {name: Point(name, "huawei_vrp", "firewall", "", above=DENY.name) for name in (WALL, OTHER)}
    points[ADC] = SITE.points[ADC]
    return replace(SITE, paths=paths, points=points, naming=known().site.naming)


SITES = {between: site(between=between) for between in (False, True)}


@st.composite
def states(draw: st.DrawFn) -> Facts:
    """Draw both firewalls, each with a deny at its end, and the ADC."""
    held = [draw(walls(most=4, doubts=False)) for _ in range(2)]
    first, second = (replace(wall, rules=(*wall.rules, DENY)) for wall in held)
    return Facts({WALL: first, OTHER: second, ADC: draw(adcs())}, CLOUD)


@dataclass
class Both(World):
    """One state of the site: a packet has to pass both, each as it is there."""

    between: bool = False

    @cached_property
    def own(self) -> World:
        return World(self.facts)

    @cached_property
    def other(self) -> World:
        return World(Facts({WALL: self.facts.firewall(OTHER)}))

    def permitted(self, zones: tuple[str, str], choice: Choice) -> int:
        return self.own.permitted(zones, choice) | self.other.permitted(zones, choice) << len(CELLS)

    def leaves(self, sent: Sent, link: str, choice: Choice) -> str | None:
        eip = EIPS.get(sent.source, sent.source if sent.source.startswith("10.70.") else "")
        seen = replace(sent, source=eip, link=link)
        if not (eip and self.own.permits(seen, choice) and routed(self.facts.adc(ADC), seen)):
            return None
        to = (hidden(self.facts.adc(ADC), seen) or ("", eip))[1]
        there = replace(seen, source=to if self.between else eip)
        return to if self.other.permits(there, choice) else None

    def arrives(self, sent: Sent, link: str, choice: Choice) -> Place | None:
        found = published(self.facts.adc(ADC), replace(sent, link=link))
        if found is None:
            return None
        _, target, port = found
        seen = replace(sent, destination=target, port=port)
        there = sent if self.between else seen
        passes = self.own.permits(seen, choice) and self.other.permits(there, choice)
        return (PRIVATE.get(target, target), port) if passes else None


def as_seen(one: Demand, *, public: bool) -> int:
    """Return the mask of a request as a firewall sees it, by public addresses or by EIPs."""
    ends = [EIPS.get(a, a) for a in (one.sources if one.source_zone == "云" else one.destinations)]
    if one.source_zone == "云":
        seen, zones = replace(one, sources=one.public if public else tuple(ends)), (TRUST, UNTRUST)
    else:
        inner = tuple((port, port) for _, port in one.port_pairs)
        seen, zones = (
            (one if public else replace(one, public=tuple(ends), port_pairs=inner)),
            (UNTRUST, TRUST),
        )
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


@thorough
@given(states(), demands(), demands(), st.booleans())
def test_what_is_designed_for_two_filters_is_exact_or_told(
    facts: Facts, one: Demand, other: Demand, between: bool
) -> None:
    """The proof says what every packet says; each filter alone moves what was asked, where it has to.

    A delete takes back what an order made before, beside what another one made.
    """
    here, one = SITES[between], replace(one, schedule=ALWAYS)
    for made in (other, one) if one.action == "delete" else ():
        facts = designed(replace(made, action="add", schedule=ALWAYS), here, facts)[1] or facts
    resolved, later = designed(one, here, facts)
    if later is None:
        return
    (proof,) = prove([resolved], here, facts, later)
    before, then = (Both(state, between=between) for state in (facts, later))
    _hold(one, proof, before, then, [{}])
    zones = (TRUST, UNTRUST) if one.source_zone == "云" else (UNTRUST, TRUST)
    for was, becomes, public in ((before.own, then.own, False), (before.other, then.other, between)):
        old, new, asked = was.permitted(zones, {}), becomes.permitted(zones, {}), as_seen(one, public=public)
        assert not (new & ~old if one.action == "delete" else old & ~new)
        assert not (old ^ new) & ~asked
        if one.action == "add" and not asked & ~old:
            assert was.facts.firewall(WALL).rules == becomes.facts.firewall(WALL).rules
