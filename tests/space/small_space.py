"""A small universe of packets that can be enumerated, and sets over it.

Every dimension has a few single numbers and *elsewhere*, which stands for all its other numbers: sets are
built from these cells, so what holds for one number of a cell holds for all of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from hypothesis import strategies as st

from nornir_itsm.space.dimensions import DESTINATION, LINK, SERVICE, SOURCE, TIME, UNKNOWN, full
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges

Packet = Mapping[str, int]
TCP = 6 << 16

POINTS: Mapping[str, Sequence[int]] = {
    SOURCE: (10, 11),
    DESTINATION: (20, 21),
    SERVICE: (TCP | 80, TCP | 81, TCP | 82),
    TIME: (600,),
    LINK: (7, 8),
    UNKNOWN + "p": (1,),
    UNKNOWN + "q": (1,),
}
"""The single numbers of each dimension; an unknown predicate holds (1) or not (elsewhere, 0)."""


def cells(dimension: str) -> list[Ranges]:
    """Return the cells of a dimension: its single numbers, then everything else."""
    singles = [Ranges.span(point) for point in POINTS[dimension]]
    return [*singles, full(dimension) - Ranges.of((p, p) for p in POINTS[dimension])]


def universe(dimensions: Iterable[str]) -> Iterator[Packet]:
    """Yield one packet for every combination of cells."""
    names = list(dimensions)
    for numbers in product(*([cell.low for cell in cells(name)] for name in names)):
        yield dict(zip(names, numbers, strict=True))


def ranges(dimension: str, least: int = 1) -> st.SearchStrategy[Ranges]:
    """Draw a union of at least so many cells."""
    parts = cells(dimension)
    indexes = st.sets(st.integers(0, len(parts) - 1), min_size=least)
    return indexes.map(lambda chosen: Ranges.of(span for i in chosen for span in parts[i]))


def boxes(dimensions: Sequence[str]) -> st.SearchStrategy[dict[str, Ranges]]:
    """Draw a box that names some of the dimensions."""
    return st.fixed_dictionaries({}, optional={name: ranges(name) for name in dimensions})


def packets(dimensions: Sequence[str], most: int = 4) -> st.SearchStrategy[Packets]:
    """Draw a set of packets."""
    return st.lists(boxes(dimensions), max_size=most).map(lambda drawn: Packets.of(*drawn))


def members(drawn: Packets, dimensions: Iterable[str]) -> list[Packet]:
    """Return the packets of the universe that are in a set, asking it one by one."""
    return [packet for packet in universe(dimensions) if drawn.holds(packet)]


def disjoint(drawn: Packets, dimensions: Iterable[str]) -> bool:
    """Tell whether no packet is in two boxes."""
    return all(sum(Packets((box,)).holds(p) for box in drawn) <= 1 for p in universe(dimensions))
