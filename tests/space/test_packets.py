"""Sets of packets agree with enumeration: every operation, for all packets of a small universe."""

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, TIME, UNKNOWN
from nornir_itsm.space.packets import EVERYTHING, MOST_MERGED, NOTHING, Packets, together, union
from nornir_itsm.space.ranges import Ranges
from tests.space.small_space import boxes, disjoint, members, packets, ranges, universe

P, Q = UNKNOWN + "p", UNKNOWN + "q"
KNOWN = (SOURCE, DESTINATION, SERVICE, TIME)
DOUBTFUL = (SOURCE, TIME, P, Q)


@given(packets(KNOWN), packets(KNOWN))
def test_operations_agree_with_enumeration(a: Packets, b: Packets) -> None:
    """And, or, minus and inclusion hold packet by packet, and no box overlaps another."""
    for packet in universe(KNOWN):
        mine, theirs = a.holds(packet), b.holds(packet)
        assert (a & b).holds(packet) == (mine and theirs)
        assert (a | b).holds(packet) == (mine or theirs)
        assert (a - b).holds(packet) == (mine and not theirs)
    x, y = members(a, KNOWN), members(b, KNOWN)
    assert (a <= b) == all(packet in y for packet in x)
    assert a.same_as(b) == (x == y)
    assert bool(a) == bool(x)
    assert all(disjoint(made, KNOWN) for made in (a, a & b, a | b, a - b))


@given(packets(DOUBTFUL, most=5), packets(DOUBTFUL))
def test_merged_is_one_spelling_of_a_set(a: Packets, b: Packets) -> None:
    """Merging neither loses nor adds a packet, and depends on the set alone, not on how it was cut."""
    assert members(a.merged(), DOUBTFUL) == members(a, DOUBTFUL)
    assert disjoint(a.merged(), DOUBTFUL)
    cut_another_way = (a & b) | (a - b)
    assert cut_another_way.merged() == a.merged()
    assert Packets(tuple(reversed(a.boxes))).merged() == a.merged()


def test_merged_joins_what_belongs_together() -> None:
    """Neighbours become one box; a side that is complete again is not named."""
    ports = [Packets(({SERVICE: Ranges.span(port), SOURCE: Ranges.span(1)},)) for port in (80, 81, 90)]
    assert union(ports).merged().boxes == (
        {SERVICE: Ranges.of([(80, 81), (90, 90)]), SOURCE: Ranges.span(1)},
    )
    half = Packets(({TIME: Ranges.span(0, 100)},))
    assert (half | (EVERYTHING - half)).merged() == EVERYTHING
    many = together(Packets(({SOURCE: Ranges.span(n)},)) for n in range(MOST_MERGED + 1))
    assert many.merged() is many


@given(packets(KNOWN))
def test_forgetting_a_dimension_asks_for_some_value_of_it(a: Packets) -> None:
    """A packet is left where some service and some time would have put it into the set."""
    left = a.without(SERVICE, TIME)
    kept = {(p[SOURCE], p[DESTINATION]) for p in members(a, KNOWN)}
    for packet in universe(KNOWN):
        assert left.holds(packet) == ((packet[SOURCE], packet[DESTINATION]) in kept)
    assert disjoint(left, KNOWN)


@given(packets(DOUBTFUL, most=5))
def test_may_and_must_quantify_over_unknown_predicates(a: Packets) -> None:
    """May: for some outcome of the predicates; must: for every outcome."""
    for packet in universe((SOURCE, TIME)):
        outcomes = [a.holds({**packet, P: p, Q: q}) for p in (0, 1) for q in (0, 1)]
        assert a.may().holds({**packet, P: 0, Q: 0}) == any(outcomes)
        assert a.must().holds({**packet, P: 0, Q: 0}) == all(outcomes)
    assert not any(d.startswith(UNKNOWN) for box in (*a.may(), *a.must()) for d in box)


@given(packets(KNOWN))
def test_a_sample_is_in_the_set(a: Packets) -> None:
    """A counterexample is a packet of the set, whatever its free dimensions are; an empty set has none."""
    sample = a.sample()
    assert (sample is None) == (not a)
    if sample is not None:
        assert all(a.holds({**packet, **sample}) for packet in universe(KNOWN))


@given(packets(KNOWN), ranges(SOURCE, least=0), ranges(SERVICE, least=0))
def test_within_keeps_what_lies_in_all_sides(a: Packets, source: Ranges, service: Ranges) -> None:
    """Sides are a conjunction; an empty side leaves nothing."""
    kept = a.within(source=source, service=service)
    for packet in universe(KNOWN):
        inside = packet[SOURCE] in source and packet[SERVICE] in service
        assert kept.holds(packet) == (a.holds(packet) and inside)
    assert bool(kept) == bool(members(kept, KNOWN))


@given(st.lists(boxes(KNOWN), max_size=4))
def test_union_of_boxes_does_not_depend_on_their_order(drawn: list[dict[str, Ranges]]) -> None:
    """Boxes may overlap and come in any order."""
    forwards, backwards = Packets.of(*drawn), Packets.of(*reversed(drawn))
    assert forwards.same_as(backwards)
    assert union(Packets.of(box) for box in drawn).same_as(forwards)


def test_everything_and_nothing() -> None:
    """The two ends of the algebra are what their names say; a box with an empty side is nothing."""
    assert NOTHING <= EVERYTHING
    assert not EVERYTHING <= NOTHING
    assert not Packets.of({SOURCE: Ranges()})
