"""Long lists: what the index leaves out cannot match, whatever was put in and taken out since."""

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.space.dimensions import DESTINATION, IN_ZONE, SERVICE, SOURCE, V4, symbol
from nornir_itsm.space.index import Index
from nornir_itsm.space.packets import EVERYTHING, Box, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Rules

PLACES = st.integers(0, 700)
SPANS = st.one_of(
    PLACES.map(lambda n: (n, n)),
    st.tuples(PLACES, PLACES).map(lambda ends: (min(ends), max(ends))),
    st.just((0, 1 << 20)),
)
SIDES = st.one_of(st.none(), st.just(V4), st.lists(SPANS, min_size=1, max_size=3).map(Ranges.of))
ZONES = st.sampled_from((None, symbol("trust"), symbol("untrust")))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    drawn = {SOURCE: draw(SIDES), DESTINATION: draw(SIDES), IN_ZONE: draw(ZONES)}
    box = {dimension: ranges for dimension, ranges in drawn.items() if ranges is not None}
    return box | ({SERVICE: Ranges.span(draw(st.integers(0, 3)))} if draw(st.booleans()) else {})


PACKETS = st.lists(boxes(), min_size=1, max_size=3).map(lambda drawn: Packets.of(*drawn))
LABELLED = PACKETS.map(lambda match: Rule("drawn", match, passes=bool(len(match.boxes) % 2)))
MANY = st.lists(LABELLED, min_size=6, max_size=12)
SPLICES = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 4), st.lists(LABELLED, max_size=3)), max_size=4
)


def long_list(some: list[Rule]) -> Rules:
    """Return a list that is long enough to have an index: these rules, eight times, each its own."""
    return Rules(Rule(f"{rule.label} {n}", rule.match, rule.passes) for n in range(12) for rule in some)


@given(MANY, SPLICES, PACKETS)
def test_nothing_that_matches_is_left_out(
    some: list[Rule], splices: list[tuple[int, int, list[Rule]]], asked: Packets
) -> None:
    """Every rule that has a packet in common is near, in its order, also after rules came and went."""
    rules = long_list(some)
    for start, length, new in splices:
        rules = rules.spliced(start, start + length, [Rule("new", rule.match, rule.passes) for rule in new])
        assert any(rules.near(asked)) or not any(rule.match & asked for rule in rules)
    near = rules.near(asked)
    matching = [rule for rule in rules if rule.match & asked]
    assert [rule for rule in near if rule.match & asked] == matching
    places = {id(rule): place for place, rule in enumerate(rules)}
    assert [places[id(rule)] for rule in near] == sorted(places[id(rule)] for rule in near)


@given(MANY, PACKETS)
def test_shares_are_those_of_the_plain_list(some: list[Rule], asked: Packets) -> None:
    """First match with an index decides every packet by the same rule as without."""
    rules, rest = long_list(some), Rule("rest", EVERYTHING, passes=False)
    indexed, plain = RuleList("p", rules, rest), RuleList("p", tuple(rules), rest)
    for (one, share), (other, same) in zip(indexed.shares(asked), plain.shares(asked), strict=True):
        assert one is other
        assert share.same_as(same)
    assert indexed.preimage(asked).same_as(plain.preimage(asked))


@given(st.lists(boxes(), max_size=12), PACKETS)
def test_the_owners_are_exactly_those_that_meet(held: list[Box], asked: Packets) -> None:
    """Whatever the sizes and places of their spans, also spans that are too many to ask for."""
    index = Index(enumerate(held))
    assert index.owners(asked) == {n for n, box in enumerate(held) if Packets((box,)) & asked}
    many = Packets(({SOURCE: Ranges(tuple((n, n) for n in range(0, 4000, 2)))},))
    assert index.owners(many) == {n for n, box in enumerate(held) if Packets((box,)) & many}
