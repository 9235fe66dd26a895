"""First match, translation and hops, packet by packet: written without the code under test."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from nornir_itsm.space.dimensions import DESTINATION, IN_ZONE, OUT_ZONE, SERVICE, SOURCE, symbol
from nornir_itsm.space.packets import EVERYTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Translation
from tests.space.small_space import POINTS, Packet, boxes, ranges

ORIGIN = (SOURCE, DESTINATION, SERVICE)
"""The dimensions of a packet as it sets out: 36 packets in all."""
PLACES = (*POINTS[SOURCE], *POINTS[DESTINATION])
ZONES = ("trust", "untrust")


@dataclass(frozen=True)
class Fate:
    """What became of one packet: who decided at each hop, and how it looks where it ended."""

    labels: tuple[tuple[str, str], ...]
    passes: bool
    looks: Packet


def walk(path: Sequence[RuleList], packet: Packet) -> Fate | None:
    """Follow one packet; None where some hop's context does not admit it."""
    now = dict(packet)
    labels: list[tuple[str, str]] = []
    for hop in path:
        here = {**now, **_local(hop)}
        if not hop.context.holds(here):
            return None
        rule = next((rule for rule in hop.rules if rule.match.holds(here)), hop.otherwise)
        labels.append((hop.point, rule.label))
        if not rule.passes:
            return Fate(tuple(labels), False, now)
        now = translated(rule.translation, now)
    return Fate(tuple(labels), True, now)


def _local(hop: RuleList) -> dict[str, int]:
    """Return the zones that a hop's context gives to a packet."""
    return {side: zones.low for box in hop.context for side, zones in box.items() if "zone" in side}


@st.composite
def rules(
    draw: st.DrawFn,
    label: str,
    *,
    translating: bool = True,
    zoned: bool = True,
    dimensions: Sequence[str] = ORIGIN,
) -> Rule:
    """Draw a rule. Only single ports are shifted, and only onto other single ports of the universe."""
    match = draw(st.lists(boxes(dimensions), min_size=1, max_size=2).map(lambda drawn: Packets.of(*drawn)))
    if zoned and draw(st.booleans()):
        match = match.within(
            **{draw(st.sampled_from((IN_ZONE, OUT_ZONE))): symbol(draw(st.sampled_from(ZONES)))}
        )
    to = Translation()
    if translating and draw(st.booleans()):
        low, *_, high = POINTS[SERVICE]
        shift = draw(st.sampled_from((0, 0, 1, -1)))
        ports = Ranges.span(low - min(shift, 0), high - max(shift, 0))
        match = match.within(**{SERVICE: ports}) if shift else match
        places = st.none() | st.sampled_from(PLACES)
        to = Translation(draw(places), draw(places), shift)
    return Rule(label, match, passes=draw(st.booleans()), translation=to)


@st.composite
def rule_lists(
    draw: st.DrawFn,
    point: str,
    *,
    translating: bool = True,
    most: int = 4,
    dimensions: Sequence[str] = ORIGIN,
) -> RuleList:
    """Draw the rules of one point, with or without zones and addresses in its context."""
    one = [rules(f"r{i}", translating=translating, dimensions=dimensions) for i in range(most)]
    drawn = [draw(rule) for rule in one[: draw(st.integers(0, most))]]
    zones = {side: symbol(draw(st.sampled_from(ZONES))) for side in (IN_ZONE, OUT_ZONE)}
    context = Packets((zones,))
    if draw(st.integers(0, 4)) == 0:
        context = context.within(**{DESTINATION: draw(ranges(DESTINATION))})
    return RuleList(point, tuple(drawn), Rule("rest", EVERYTHING, passes=draw(st.booleans())), context)


def translated(to: Translation, packet: Packet) -> dict[str, int]:
    """Return what a packet looks like afterwards."""
    return {
        **packet,
        SOURCE: packet[SOURCE] if to.source is None else to.source,
        DESTINATION: packet[DESTINATION] if to.destination is None else to.destination,
        SERVICE: packet[SERVICE] + to.shift,
    }


def paths(most: int = 3, dimensions: Sequence[str] = ORIGIN) -> st.SearchStrategy[list[RuleList]]:
    """Draw one to *most* hops."""
    hops = [rule_lists(f"p{i}", most=3, dimensions=dimensions) for i in range(most)]
    return st.integers(1, most).flatmap(lambda n: st.tuples(*hops[:n])).map(list)
