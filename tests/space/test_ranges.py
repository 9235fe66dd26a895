"""Ranges are sets of numbers: every operation agrees with Python's own sets."""

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.space.ranges import Ranges

TOP = 12
SPANS = st.lists(st.tuples(st.integers(0, TOP), st.integers(0, 4)).map(lambda s: (s[0], s[0] + s[1])))


def numbers(ranges: Ranges) -> set[int]:
    return {n for n in range(-1, TOP + 6) if n in ranges}


def written(spans: list[tuple[int, int]]) -> set[int]:
    return {n for low, high in spans for n in range(low, high + 1)}


@given(SPANS, SPANS)
def test_operations_are_those_of_sets(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    """Or, and, minus and inclusion are what they are for sets of numbers."""
    mine, theirs = Ranges.of(a), Ranges.of(b)
    x, y = written(a), written(b)
    assert numbers(mine) == x
    assert numbers(mine | theirs) == x | y
    assert numbers(mine & theirs) == x & y
    assert numbers(mine - theirs) == x - y
    assert (mine <= theirs) == (x <= y)
    assert mine.meets(theirs) == bool(x & y)
    assert bool(mine) == bool(x)
    assert mine.size == len(x)


@given(SPANS, SPANS)
def test_one_set_has_one_spelling(a: list[tuple[int, int]], b: list[tuple[int, int]]) -> None:
    """Spans are sorted, disjoint and not adjacent after every operation, so equal sets are equal values."""
    for made in (Ranges.of(a) | Ranges.of(b), Ranges.of(a) & Ranges.of(b), Ranges.of(a) - Ranges.of(b)):
        assert made == Ranges.of((n, n) for n in numbers(made))


@given(SPANS.filter(bool), st.integers(-3, 3))
def test_shift_moves_every_number(spans: list[tuple[int, int]], delta: int) -> None:
    """A shifted set holds each number moved by delta; its lowest is the lowest moved."""
    shifted = Ranges.of(spans).shift(delta)
    assert {n for n in range(-5, TOP + 10) if n in shifted} == {n + delta for n in written(spans)}
    assert shifted.low == min(written(spans)) + delta


def test_a_span_that_runs_backwards_holds_nothing() -> None:
    """A low end above its high end is no number at all, never a set that is true and empty."""
    assert not Ranges.of([(5, 3)])
    assert Ranges.of([(5, 3), (7, 8)]) == Ranges.span(7, 8)
