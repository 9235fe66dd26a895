"""Rule lists, translations and paths agree with following every packet of a small universe by itself."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.space.dimensions import DESTINATION, LINK, SERVICE, symbol
from nornir_itsm.space.packets import EVERYTHING, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Translation, passing, trace
from tests.space.naive_rules import ORIGIN, PLACES, paths, rule_lists, rules, translated, walk
from tests.space.small_space import POINTS, TCP, members, packets, ranges, universe

LOW, *_, HIGH = POINTS[SERVICE]
PLACE = st.none() | st.sampled_from(PLACES)
TRANSLATIONS = st.builds(Translation, PLACE, PLACE, st.integers(-5, 5))


@given(rule_lists("p"), packets(ORIGIN))
def test_shares_are_decided_by_the_first_match(hop: RuleList, asked: Packets) -> None:
    """Each packet is in the share of the rule that decides it, and in no other."""
    shares = list(hop.shares(asked))
    for packet in universe(ORIGIN):
        fate = walk([hop], packet) if asked.holds(packet) else None
        mine = [rule.label for rule, share in shares if hop.forget(share).holds(packet)]
        assert mine == ([fate.labels[0][1]] if fate else [])


@given(rule_lists("p", translating=False), packets(ORIGIN))
def test_passing_is_what_goes_on(hop: RuleList, asked: Packets) -> None:
    """Passing holds the packets whose deciding rule passes."""
    found = hop.forget(hop.passing(asked))
    for packet in universe(ORIGIN):
        fate = walk([hop], packet) if asked.holds(packet) else None
        assert found.holds(packet) == bool(fate and fate.passes)


@given(rule_lists("p", most=5), packets(ORIGIN))
def test_preimage_of_a_point_is_who_comes_out_as_one_of_these(hop: RuleList, wanted: Packets) -> None:
    """A packet is in the preimage where it passes the point and then looks like a wanted one."""
    found = hop.preimage(wanted)
    for packet in universe(ORIGIN):
        fate = walk([hop], packet)
        assert found.holds(packet) == bool(fate and fate.passes and wanted.holds(fate.looks))


@given(packets(ORIGIN), PLACE, PLACE, st.sampled_from((-1, 0, 1)))
def test_image_and_preimage_of_a_translation(
    some: Packets, source: int | None, destination: int | None, shift: int
) -> None:
    """The image is what the packets become, the preimage what becomes one of them (ports that exist)."""
    to = Translation(source, destination, shift)
    ports = [port for port in POINTS[SERVICE] if port + shift in POINTS[SERVICE]]
    some = some.within(**{SERVICE: Ranges.of((port, port) for port in ports)})
    became = [translated(to, packet) for packet in members(some, ORIGIN)]
    image, before = to.image(some), to.preimage(some)
    for packet in universe(ORIGIN):
        assert image.holds(packet) == (packet in became)
        if packet[SERVICE] in ports:
            assert before.holds(packet) == some.holds(translated(to, packet))


@given(TRANSLATIONS, TRANSLATIONS, packets(ORIGIN))
def test_one_translation_after_the_other(first: Translation, second: Translation, some: Packets) -> None:
    """``then`` does both in order."""
    some = some.within(**{SERVICE: Ranges.span(TCP | 100, TCP | 110)})
    assert first.then(second).image(some).same_as(second.image(first.image(some)))


@given(paths(), packets(ORIGIN))
def test_trace_agrees_with_following_each_packet(path: list[RuleList], asked: Packets) -> None:
    """One to three hops with filters, translations and zones: same verdict, same rules, same new looks."""
    outcomes = list(trace(path, asked))
    for packet in universe(ORIGIN):
        fate = walk(path, packet) if asked.holds(packet) else None
        mine = [outcome for outcome in outcomes if outcome.origin.holds(packet)]
        assert len(mine) == (1 if fate else 0)
        if fate:
            assert (mine[0].labels, mine[0].passes) == (fate.labels, fate.passes)
            assert translated(mine[0].translation, packet) == fate.looks
    assert passing(outcomes).same_as(union(o.origin for o in outcomes if o.passes))


LINKS_BY_ADDRESS = st.dictionaries(st.sampled_from(POINTS[DESTINATION]), ranges(LINK))


@given(st.lists(rules("r", zoned=False), max_size=3), LINKS_BY_ADDRESS)
def test_links_are_forgotten_behind_their_point(drawn: list[Rule], by_address: dict[int, Ranges]) -> None:
    """A public address comes in on its links; which one it was, the next point does not know."""
    context = Packets.of(*({DESTINATION: Ranges.span(to), LINK: links} for to, links in by_address.items()))
    seven = [replace(r, match=r.match.within(**{LINK: Ranges.span(7)}), passes=False) for r in drawn]
    hop = RuleList("adc", tuple(seven), Rule("rest", EVERYTHING), context)
    arrived = passing(trace([hop], EVERYTHING))
    for packet in universe(ORIGIN):
        links = by_address.get(packet[DESTINATION], Ranges())
        blocked = any(rule.match.holds({**packet, LINK: 7}) for rule in seven)
        over = [link for link in (7, 8, 9) if link in links and not (link == 7 and blocked)]
        assert arrived.holds(packet) == bool(over)
    assert not any(LINK in box for box in arrived)


def test_zones_and_links_are_symbols_of_their_own() -> None:
    """A name never seen is a point too; two names are two points."""
    assert symbol("trust") == symbol("trust")
    assert not symbol("trust") & symbol("untrust")
