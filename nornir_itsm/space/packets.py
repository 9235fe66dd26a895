"""Exact sets of packets: unions of disjoint boxes over the dimensions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    LINK,
    OUT_ZONE,
    SERVICE,
    SOURCE,
    SOURCE_PORT,
    TIME,
    UNKNOWN,
    full,
)
from nornir_itsm.space.ranges import Ranges

Box = Mapping[str, Ranges]
"""A conjunction: every named dimension lies in its set; a dimension that is not named is free."""


def apart(a: Box, b: Box) -> bool:
    """Tell whether two boxes have no packet in common."""
    for dimension, theirs in b.items():
        if dimension in a:
            if not a[dimension].meets(theirs):
                return True
        elif not theirs.spans:
            return True
    return False


def _meet(a: Box, b: Box) -> Box:
    met = dict(a)
    for dimension, theirs in b.items():
        mine = met.get(dimension)
        met[dimension] = theirs if mine is None else mine & theirs
    return met


def minus(a: Box, b: Box) -> Iterator[Box]:
    """Yield disjoint boxes that hold exactly what is in *a* and not in *b*."""
    if apart(a, b):
        yield a
        return
    inside = dict(a)
    for dimension, theirs in b.items():
        mine = inside[dimension] if dimension in inside else full(dimension)
        outside = mine - theirs
        if outside:
            yield {**inside, dimension: outside}
        inside[dimension] = mine & theirs


@dataclass(frozen=True)
class Packets:
    """A set of packets. Boxes are pairwise disjoint; build with ``of`` unless that is known."""

    boxes: tuple[Box, ...] = field(default=())

    @classmethod
    def of(cls, *boxes: Box) -> "Packets":
        """Build from boxes that may overlap."""
        made = cls()
        for box in boxes:
            if all(box.values()):
                made = made | cls((box,))
        return made

    def __bool__(self) -> bool:
        return bool(self.boxes)

    def __iter__(self) -> Iterator[Box]:
        return iter(self.boxes)

    def __and__(self, other: "Packets") -> "Packets":
        return Packets(tuple(_meet(a, b) for a in self.boxes for b in other.boxes if not apart(a, b)))

    def __sub__(self, other: "Packets") -> "Packets":
        left: list[Box] = list(self.boxes)
        for taken in other.boxes:
            left = [piece for box in left for piece in minus(box, taken)]
            if not left:
                break
        return Packets(tuple(left))

    def __or__(self, other: "Packets") -> "Packets":
        if not self.boxes:
            return other
        return Packets((*self.boxes, *(other - self).boxes))

    def __le__(self, other: "Packets") -> bool:
        return not self - other

    def same_as(self, other: "Packets") -> bool:
        """Tell whether both hold the same packets (boxes may be cut differently)."""
        return self <= other <= self

    def within(self, **sides: Ranges) -> "Packets":
        """Return the part that lies in these sides."""
        return self & Packets((sides,))

    def without(self, *dimensions: str) -> "Packets":
        """Forget dimensions: the packets for which *some* value of them is in the set."""
        made = Packets(tuple(box for box in self.boxes if box.keys().isdisjoint(dimensions)))
        if len(made.boxes) == len(self.boxes):
            return self
        for box in self.boxes:
            if not box.keys().isdisjoint(dimensions):
                made = made | Packets(({d: r for d, r in box.items() if d not in dimensions},))
        return made

    def may(self) -> "Packets":
        """Return the packets that are in the set for some outcome of the unknown predicates."""
        return self.without(*self._unknowns())

    def must(self) -> "Packets":
        """Return the packets that are in the set whatever the unknown predicates are."""
        unknowns = self._unknowns()
        if not unknowns:
            return self
        possible = self.without(*unknowns)
        return possible - (possible - self).without(*unknowns)

    def _unknowns(self) -> tuple[str, ...]:
        return tuple({d for box in self.boxes for d in box if d.startswith(UNKNOWN)})

    def sample(self) -> Mapping[str, int] | None:
        """Return one packet of the set (the lowest of its first box), or None where it is empty."""
        if not self.boxes:
            return None
        return {dimension: ranges.low for dimension, ranges in self.boxes[0].items()}

    def holds(self, packet: Mapping[str, int]) -> bool:
        """Tell whether a packet with a number for every dimension is in the set."""
        return any(all(packet[d] in ranges for d, ranges in box.items()) for box in self.boxes)

    def merged(self) -> "Packets":
        """Return the same set in boxes that depend on nothing but the set, few where it is simple.

        Beyond MOST_MERGED boxes it is returned as it is: nobody reads so many.
        """
        if len(self.boxes) > MOST_MERGED:
            return self
        named = {d for box in self.boxes for d in box}
        spelled = _spelled(self.boxes, sorted(named, key=lambda d: (_ORDER.get(d, -1), d)))
        return Packets(tuple({d: r for d, r in box if r != full(d)} for box in spelled))


MOST_MERGED = 5000
_ORDER = {
    d: i for i, d in enumerate((LINK, IN_ZONE, OUT_ZONE, SERVICE, SOURCE_PORT, TIME, SOURCE, DESTINATION))
}
"""What is cut first when a set is spelled; unknown predicates go before all."""

_Spelled = tuple[tuple[tuple[str, Ranges], ...], ...]


def _spelled(boxes: Sequence[Box], dimensions: Sequence[str]) -> _Spelled:
    """Return boxes over these dimensions as a decision tree: values that lead to the same are one."""
    if not dimensions or not boxes:
        return ((),) if boxes else ()
    dimension, *rest = dimensions
    by_boxes: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    for span, holders in _cells([box.get(dimension, full(dimension)) for box in boxes]):
        by_boxes.setdefault(holders, []).append(span)
    by_rest: dict[_Spelled, list[tuple[int, int]]] = {}
    for holders, spans in by_boxes.items():
        by_rest.setdefault(_spelled([boxes[i] for i in holders], rest), []).extend(spans)
    sides = sorted(((Ranges.of(spans), below) for below, spans in by_rest.items()), key=lambda s: s[0].spans)
    return tuple(((dimension, side), *box) for side, below in sides for box in below)


def _cells(sides: Sequence[Ranges]) -> Iterator[tuple[tuple[int, int], tuple[int, ...]]]:
    """Yield each span between two neighbouring ends with the sides that hold it."""
    starts: dict[int, list[int]] = {}
    for i, side in enumerate(sides):
        for low, high in side:
            starts.setdefault(low, []).append(i)
            starts.setdefault(high + 1, []).append(i)
    inside: set[int] = set()
    places = sorted(starts)
    for place, following in pairwise(places):
        for i in starts[place]:
            inside ^= {i}
        if inside:
            yield (place, following - 1), tuple(sorted(inside))


EVERYTHING = Packets(({},))
NOTHING = Packets()


def together(disjoint: Iterable[Packets]) -> Packets:
    """Return the union of sets that have nothing in common."""
    return Packets(tuple(box for one in disjoint for box in one))


def union(sets: Iterable[Packets]) -> Packets:
    """Return what is in any of the sets."""
    made = NOTHING
    for one in sets:
        made = made | one
    return made
