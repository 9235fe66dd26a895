"""Which of many boxes can share a packet with some packets: by zones, then by the side that tells most.

It only ever leaves out boxes that share nothing; what they share is decided by the algebra.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nornir_itsm.space.dimensions import DESTINATION, IN_ZONE, OUT_ZONE, SERVICE, SOURCE, full
from nornir_itsm.space.packets import Box, Packets, apart
from nornir_itsm.space.ranges import Ranges

_SIDES = (SOURCE, DESTINATION, SERVICE)
_MOST = 1024
"""A side of more spans is not asked: looking all of them up costs more than the boxes that it leaves out."""


class Index:
    """Boxes with their owners."""

    def __init__(self, boxes: Iterable[tuple[int, Box]]) -> None:
        """Take (owner, box) pairs; several boxes may have one owner."""
        self._by_zones: dict[tuple[Ranges | None, Ranges | None], _Boxes] = {}
        for owner, box in boxes:
            zones = box.get(IN_ZONE), box.get(OUT_ZONE)
            self._by_zones.setdefault(zones, _Boxes()).add(box, owner)
        for held in self._by_zones.values():
            held.sort()

    def owners(self, packets: Packets) -> set[int]:
        """Return the owners of all boxes that share a packet with these."""
        found: set[int] = set()
        for box in packets:
            for (came, goes), boxes in self._by_zones.items():
                sides = {IN_ZONE: came, OUT_ZONE: goes}
                if not apart(box, {side: zone for side, zone in sides.items() if zone is not None}):
                    found.update(boxes.meeting(box))
        return found


@dataclass(slots=True)
class _Boxes:
    """Boxes with one index for each side."""

    held: list[tuple[Box, int]] = field(default_factory=list)
    sides: dict[str, "_Spans"] = field(default_factory=lambda: {side: _Spans() for side in _SIDES})

    def add(self, box: Box, owner: int) -> None:
        for side, spans in self.sides.items():
            spans.add(box.get(side, full(side)), len(self.held))
        self.held.append((box, owner))

    def sort(self) -> None:
        for spans in self.sides.values():
            spans.sort()

    def meeting(self, box: Box) -> Iterator[int]:
        ranges = {side: ranges for side in _SIDES if (ranges := box.get(side)) and len(ranges.spans) <= _MOST}
        near: Iterable[int] = range(len(self.held))
        if ranges:
            best = min(ranges, key=lambda side: self.sides[side].count(ranges[side]))
            near = self.sides[best].meeting(ranges[best])
        for n in near:
            other, owner = self.held[n]
            if not apart(box, other):
                yield owner


@dataclass(slots=True)
class _Spans:
    """Spans of one side by the length of their size: those of one length that meet a span stand together."""

    by_length: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Bits of the size -> (low, number), sorted."""

    def add(self, ranges: Ranges, number: int) -> None:
        for low, high in ranges:
            self.by_length.setdefault((high - low + 1).bit_length(), []).append((low, number))

    def sort(self) -> None:
        for listed in self.by_length.values():
            listed.sort()

    def _parts(self, ranges: Ranges) -> Iterator[tuple[list[tuple[int, int]], int, int]]:
        for low, high in ranges:
            for bits, listed in self.by_length.items():
                first = bisect_left(listed, (low - (1 << bits) + 2, -1))
                yield listed, first, bisect_right(listed, high, key=lambda one: one[0])

    def count(self, ranges: Ranges) -> int:
        """Return how many may meet; never too few."""
        return sum(end - start for _, start, end in self._parts(ranges))

    def meeting(self, ranges: Ranges) -> set[int]:
        """Return all that meet, and some that nearly do."""
        return {number for listed, start, end in self._parts(ranges) for _, number in listed[start:end]}
