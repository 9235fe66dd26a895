"""Exact sets of packets: unions of disjoint boxes over the dimensions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from nornir_itsm.space.dimensions import UNKNOWN, full
from nornir_itsm.space.ranges import Ranges

Box = Mapping[str, Ranges]
"""A conjunction: every named dimension lies in its set; a dimension that is not named is free."""


def _meet(a: Box, b: Box) -> Box | None:
    met = dict(a)
    for dimension, theirs in b.items():
        mine = met.get(dimension)
        both = theirs if mine is None else mine & theirs
        if not both:
            return None
        met[dimension] = both
    return met


def _minus(a: Box, b: Box) -> Iterator[Box]:
    """Yield disjoint boxes that hold exactly what is in *a* and not in *b*."""
    if _meet(a, b) is None:
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
        met = (_meet(a, b) for a in self.boxes for b in other.boxes)
        return Packets(tuple(box for box in met if box is not None))

    def __sub__(self, other: "Packets") -> "Packets":
        left: list[Box] = list(self.boxes)
        for taken in other.boxes:
            left = [piece for box in left for piece in _minus(box, taken)]
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
        return Packets.of(*({d: r for d, r in box.items() if d not in dimensions} for box in self.boxes))

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
        """Return the same set in fewer boxes: those that differ in one dimension are joined."""
        boxes = [{d: r for d, r in box.items() if r != full(d)} for box in self.boxes]
        joined = True
        while joined:
            joined = False
            for i, a in enumerate(boxes):
                for j in range(i + 1, len(boxes)):
                    if (both := _join(a, boxes[j])) is not None:
                        boxes[i] = both
                        del boxes[j]
                        joined = True
                        break
                if joined:
                    break
        return Packets(tuple(boxes))


EVERYTHING = Packets(({},))
NOTHING = Packets()


def _join(a: dict[str, Ranges], b: dict[str, Ranges]) -> dict[str, Ranges] | None:
    differing = [d for d in {*a, *b} if a.get(d) != b.get(d)]
    if not differing:
        return a
    if len(differing) > 1:
        return None
    dimension = differing[0]
    if dimension not in a or dimension not in b:
        return {d: r for d, r in a.items() if d != dimension}
    either = a[dimension] | b[dimension]
    rest = {d: r for d, r in a.items() if d != dimension}
    return rest if either == full(dimension) else {**rest, dimension: either}


def union(sets: Iterable[Packets]) -> Packets:
    """Return what is in any of the sets."""
    made = NOTHING
    for one in sets:
        made = made | one
    return made
