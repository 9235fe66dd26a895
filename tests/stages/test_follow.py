"""The difference of two rule bases: exactly what newly arrives and what no longer does, end to end."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.space.dimensions import DESTINATION, IN_ZONE, LINK, OUT_ZONE, SERVICE, UNKNOWN, symbol
from nornir_itsm.space.packets import EVERYTHING, NOTHING, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Translation
from nornir_itsm.stages.follow import follow, opened_and_closed
from tests.space.naive_rules import ORIGIN, paths, rule_lists, rules, walk
from tests.space.small_space import POINTS, Packet, packets, universe

DOUBT = UNKNOWN + "p"
DOUBTFUL = (*ORIGIN, DOUBT)
Pair = tuple[list[RuleList], list[RuleList]]


@st.composite
def edited(draw: st.DrawFn, old: RuleList, least: int = 0) -> RuleList:
    """Draw a list that differs from *old* by some inserted, deleted, changed and swapped rules."""
    now = list(old.rules)
    for number in range(draw(st.integers(least, 2))):
        here, there = (draw(st.integers(0, max(len(now) - 1, 0))) for _ in range(2))
        match draw(st.sampled_from(("swap", "change", "delete", "insert"))):
            case "delete" if now:
                del now[here]
            case "change" if now:
                now[here] = draw(rules(now[here].label, dimensions=DOUBTFUL))
            case "swap" if now:
                now[here], now[there] = now[there], now[here]
            case _:
                now.insert(here, draw(rules(f"new{number}", dimensions=DOUBTFUL)))
    turned = draw(st.integers(0, 3)) == 0
    return replace(
        old, rules=tuple(now), otherwise=replace(old.otherwise, passes=old.otherwise.passes != turned)
    )


@st.composite
def changed_paths(draw: st.DrawFn) -> Pair:
    """Draw a path and what became of it: filters and translations at any hop, before or behind each other."""
    old = draw(paths(dimensions=DOUBTFUL))
    changed = draw(st.integers(0, len(old) - 1))
    return old, [draw(edited(hop, least=int(i == changed))) for i, hop in enumerate(old)]


def arrival(path: Sequence[RuleList], packet: Packet) -> tuple[int, int] | None:
    """Return where a packet arrives (address and port), None where it does not."""
    fate = walk(path, packet)
    return (fate.looks[DESTINATION], fate.looks[SERVICE]) if fate and fate.passes else None


@given(changed_paths(), packets(ORIGIN, most=2))
def test_opened_and_closed_are_those_of_brute_force(pair: Pair, asked: Packets) -> None:
    """Newly passes, or passes to another target, for some unknown predicates: opened; and closed alike."""
    old, new = pair
    followed = follow(old, new, asked)
    opened, closed = followed.opened.may(), followed.closed.may()
    for packet in universe(ORIGIN):
        doubts = [{**packet, DOUBT: doubt} for doubt in (0, 1)]
        both = [(arrival(old, one), arrival(new, one)) for one in doubts]
        assert opened.holds(packet) == any(becomes and becomes != was for was, becomes in both)
        assert closed.holds(packet) == any(was and becomes != was for was, becomes in both)


@given(changed_paths(), packets(ORIGIN, most=2))
def test_what_is_not_followed_behaves_alike(pair: Pair, asked: Packets) -> None:
    """A packet outside the region meets the same rules in both states and comes out the same."""
    old, new = pair
    followed = follow(old, new, asked)
    region = union(outcome.origin for outcome in (*followed.before, *followed.after))
    for packet in universe(DOUBTFUL):
        if not region.holds(packet):
            assert walk(old, packet) == walk(new, packet)


@given(paths(dimensions=DOUBTFUL), packets(ORIGIN, most=2))
def test_no_change_is_no_difference(path: list[RuleList], asked: Packets) -> None:
    """The same rule base twice: only what is asked for is followed, nothing opens, nothing closes."""
    followed = follow(path, path, asked)
    assert not followed.opened
    assert not followed.closed
    assert union(outcome.origin for outcome in followed.before) <= asked


FILTERS = rule_lists("p", translating=False)


@given(FILTERS.flatmap(lambda old: st.tuples(st.just(old), edited(old))))
def test_one_point_alone_between_any_zones(pair: tuple[RuleList, RuleList]) -> None:
    """What a point newly passes between any zones, but for those that are followed anyway."""
    old, new = (replace(one, context=EVERYTHING) for one in pair)
    opened, closed = opened_and_closed(*pair, NOTHING)
    zones = {IN_ZONE: symbol("dmz").low, OUT_ZONE: symbol("trust").low}
    for packet in universe(ORIGIN):
        doubts = [{**packet, **zones, DOUBT: doubt} for doubt in (0, 1)]
        both = [(passes(old, one), passes(new, one)) for one in doubts]
        assert opened.holds(doubts[0]) == any(new and not old for old, new in both)
        assert closed.holds(doubts[0]) == any(old and not new for old, new in both)
    assert opened_and_closed(*pair, EVERYTHING) == (NOTHING, NOTHING)


def passes(hop: RuleList, packet: Packet) -> bool:
    fate = walk([hop], packet)
    return bool(fate and fate.passes)


def two_states(*rules: Rule, rest: bool) -> list[list[RuleList]]:
    """Return paths of one point with one rule each."""
    return [[RuleList("adc", (rule,), Rule("rest", EVERYTHING, passes=rest))] for rule in rules]


def test_another_target_is_both_opened_and_closed() -> None:
    """A translation that is turned to another host opens that one and closes the old one."""
    port = Packets(({DESTINATION: Ranges.span(20), SERVICE: Ranges.span(POINTS[SERVICE][0])},))
    turned = (Rule("web", port, translation=Translation(destination=to)) for to in (30, 31))
    old, new = two_states(*turned, rest=True)
    followed = follow(old, new, NOTHING)
    assert followed.opened.same_as(port)
    assert followed.closed.same_as(port)
    assert not follow(old, old, port).opened


def test_another_link_opens_nothing() -> None:
    """A flow that leaves over another link than before still arrives where it did."""
    routes = (Rule("route", Packets(({LINK: Ranges.span(link)},))) for link in (7, 8))
    old, new = two_states(*routes, rest=False)
    followed = follow(old, new, EVERYTHING)
    assert not followed.opened
    assert not followed.closed
