"""Rules of a long list that can match some packets at all, found by source, destination and zone.

It only ever leaves out rules that cannot match; whether one does is decided by the algebra.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from nornir_itsm.space.dimensions import DESTINATION, IN_ZONE, SOURCE
from nornir_itsm.space.packets import Box, Packets
from nornir_itsm.space.ranges import Ranges

_SIDES = (SOURCE, DESTINATION)
_NARROW = 1 << 16
"""Addresses of a span that is kept by its blocks; a wider one counts as matching everywhere."""
_BLOCK = 8
"""Bits of a block of addresses."""
_MOST = 1024
"""Spans of one side; a side with more counts as matching everywhere."""


class Index:
    """Boxes by number, each of them narrow or wide on each side."""

    def __init__(self, boxes: Iterable[tuple[int, Box]]) -> None:
        """Take (owner, box) pairs; the owners of boxes that may match are what is found."""
        self._owners: list[int] = []
        self._hosts: dict[str, dict[int, list[int]]] = {side: {} for side in _SIDES}
        self._blocks: dict[str, dict[int, list[int]]] = {side: {} for side in _SIDES}
        self._wide: dict[str, set[int]] = {side: set() for side in _SIDES}
        self._zones: dict[int, set[int]] = {}
        self._any_zone: set[int] = set()
        for number, (owner, box) in enumerate(boxes):
            self._owners.append(owner)
            for side in _SIDES:
                self._add(number, side, box.get(side))
            zone = box.get(IN_ZONE)
            one = self._zones.setdefault(zone.low, set()) if zone and zone.size == 1 else self._any_zone
            one.add(number)

    def _add(self, number: int, side: str, ranges: Ranges | None) -> None:
        if ranges is None or len(ranges.spans) > _MOST or any(b - a > _NARROW for a, b in ranges):
            self._wide[side].add(number)
            return
        for low, high in ranges:
            if low == high:
                self._hosts[side].setdefault(low, []).append(number)
            else:
                for block in range(low >> _BLOCK, (high >> _BLOCK) + 1):
                    self._blocks[side].setdefault(block, []).append(number)

    def owners(self, packets: Packets) -> set[int] | None:
        """Return the owners of boxes that may have something in common with the packets; None for all."""
        found: set[int] = set()
        for box in packets:
            numbers, zone = self._of(box), box.get(IN_ZONE)
            if zone and zone.size == 1:
                fitting = self._fitting(zone.low)
                numbers = fitting if numbers is None else numbers & fitting
            if numbers is None:
                return None
            found |= numbers
        return {self._owners[number] for number in found}

    def _of(self, box: Box) -> set[int] | None:
        sources, destinations = (self._narrow(side, box.get(side)) for side in _SIDES)
        by_source, by_destination = (self._wide[side] for side in _SIDES)
        if sources is None and destinations is None:
            return None
        if sources is None:
            return (destinations or set()) | by_destination
        if destinations is None:
            return sources | by_source
        return (
            (sources & destinations)
            | (sources & by_destination)
            | (destinations & by_source)
            | self._wide_on_both
        )

    def _fitting(self, zone: int) -> set[int]:
        """Return the boxes that take packets from a zone."""
        if zone not in self._from:
            self._from[zone] = self._zones.get(zone, set()) | self._any_zone
        return self._from[zone]

    @cached_property
    def _from(self) -> dict[int, set[int]]:
        return {}

    def _narrow(self, side: str, ranges: Ranges | None) -> set[int] | None:
        """Return the narrow boxes that a side may meet; None where the side itself is too wide to ask."""
        if ranges is None or len(ranges.spans) > _MOST or any(b - a > _NARROW for a, b in ranges):
            return None
        found: set[int] = set()
        for low, high in ranges:
            found.update(_between(self._hosts[side], self._sorted_hosts[side], low, high))
            found.update(
                _between(self._blocks[side], self._sorted_blocks[side], low >> _BLOCK, high >> _BLOCK)
            )
        return found

    @cached_property
    def _wide_on_both(self) -> set[int]:
        return self._wide[SOURCE] & self._wide[DESTINATION]

    @cached_property
    def _sorted_hosts(self) -> dict[str, list[int]]:
        return {side: sorted(self._hosts[side]) for side in _SIDES}

    @cached_property
    def _sorted_blocks(self) -> dict[str, list[int]]:
        return {side: sorted(self._blocks[side]) for side in _SIDES}


def _between(held: dict[int, list[int]], keys: Sequence[int], low: int, high: int) -> Iterator[int]:
    if low == high:
        yield from held.get(low, ())
        return
    for key in keys[bisect_left(keys, low) : bisect_right(keys, high)]:
        yield from held[key]
