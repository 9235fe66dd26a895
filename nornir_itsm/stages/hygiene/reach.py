"""What a first-match list leaves to each of its entries: nothing, or nothing that others do not do as well.

Exact. An entry is held against those that share a packet with it only, which an index finds; of what is left
one packet is enough, and it is looked for depth first. So the work grows with the rules and not with their
square, where most rules name somebody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nornir_itsm.space.dimensions import full
from nornir_itsm.space.index import Index
from nornir_itsm.space.packets import Box, Packets, apart, minus

MOST = 500_000
"""So many comparisons are spent on one entry; beyond, nothing is said of it, and that is said."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list. Two with an equal *effect* do the same to a packet."""

    label: str
    match: Packets
    effect: object
    passes: bool = True


@dataclass(frozen=True, slots=True)
class Reach:
    """What is true of one entry: who takes everything from it, or who does the same for all it would get.

    *shadowed* and *redundant* hold indexes of entries; *undecided* where it would take too long to tell.
    """

    shadowed: tuple[int, ...] = ()
    redundant: tuple[int, ...] = ()
    undecided: bool = False


def reaches(entries: Sequence[Entry]) -> list[Reach]:
    """Return what is true of each entry of a first-match list; of those without a match nothing."""
    index = Index((i, box) for i, entry in enumerate(entries) for box in entry.match)
    near = [sorted(index.owners(entry.match)) for entry in entries]
    found: list[Reach] = []
    for i in range(len(entries)):
        live = [k for k in near[i] if k < i and not found[k].shadowed]
        found.append(_shadow(i, live, entries))
    return [
        one if one.shadowed or one.undecided or not entry.match else _spare(i, near[i], found, entries)
        for i, (one, entry) in enumerate(zip(found, entries, strict=True))
    ]


def _shadow(i: int, earlier: Sequence[int], entries: Sequence[Entry]) -> Reach:
    """Tell whether earlier entries take everything. Those that are shadowed need not be asked."""
    match = entries[i].match
    whole = next((k for k in earlier if match <= entries[k].match), None)
    if whole is not None or not match:
        return Reach(shadowed=() if whole is None else (whole,))
    purse = _Purse()
    try:
        if next(_left(match, earlier, entries, purse), None) is None:
            return Reach(shadowed=_fewest(match, earlier, entries, purse))
    except _TooLong:
        return Reach(undecided=True)
    return Reach()


def _spare(i: int, near: Sequence[int], found: Sequence[Reach], entries: Sequence[Entry]) -> Reach:
    """Tell whether later entries would do the same. One that others shadow gets nothing from this one."""
    earlier = [k for k in near if k < i and not found[k].shadowed]
    later = [k for k in near if k > i and (not found[k].shadowed or i in found[k].shadowed)]
    try:
        return Reach(redundant=tuple(_heirs(i, earlier, later, entries, _Purse())))
    except _TooLong:
        return Reach(undecided=True)


class _TooLong(Exception):  # noqa: N818 - never leaves this module
    """The purse is empty."""


@dataclass(slots=True)
class _Purse:
    """The comparisons that may still be spent on one entry."""

    left: int = MOST

    def first(self, piece: Box, rows: Sequence[tuple[Box, int]], at: int) -> int:
        """Return the place of the first row from *at* on that meets a piece, or the end."""
        found = next((n for n in range(at, len(rows)) if not apart(piece, rows[n][0])), len(rows))
        self.left -= found - at + 1
        if self.left < 0:
            raise _TooLong
        return found


def _rows(numbers: Iterable[int], entries: Sequence[Entry]) -> list[tuple[Box, int]]:
    return [(box, k) for k in numbers for box in entries[k].match]


def _left(match: Packets, takers: Sequence[int], entries: Sequence[Entry], purse: _Purse) -> Iterator[Box]:
    """Yield disjoint boxes of what the takers leave of a match, the widest pieces first."""
    rows = _rows(takers, entries)
    waiting: list[tuple[Box, int]] = [(box, 0) for box in match]
    while waiting:
        piece, at = waiting.pop()
        at = purse.first(piece, rows, at)
        if at == len(rows):
            yield piece
        else:
            waiting += [(part, at + 1) for part in sorted(minus(piece, rows[at][0]), key=_width)]


def _width(box: Box) -> float:
    width = 1.0
    for dimension, ranges in box.items():
        width *= ranges.size / full(dimension).size
    return width


def _fewest(
    match: Packets, takers: Sequence[int], entries: Sequence[Entry], purse: _Purse
) -> tuple[int, ...]:
    """Return takers that leave nothing of a match, and none of them could be missed."""
    needed = list(takers)
    for k in takers:
        others = [other for other in needed if other != k]
        if next(_left(match, others, entries, purse), None) is None:
            needed = others
    return tuple(needed)


def _heirs(
    i: int, earlier: Sequence[int], later: Sequence[int], entries: Sequence[Entry], purse: _Purse
) -> Sequence[int]:
    """Return the later entries that would do the same for all that an entry gets; none unless all do."""
    mine = entries[i]
    for k in later:  # the common case: one that holds all of it, and between them nobody who does otherwise
        if entries[k].effect != mine.effect:
            break
        if mine.match <= entries[k].match:
            return (k,)
    heirs: set[int] = set()
    rows = _rows(later, entries)
    for left in _left(mine.match, earlier, entries, purse):
        for decider in _deciders(left, rows, purse):
            if decider is None or entries[decider].effect != mine.effect:
                return ()
            heirs.add(decider)
    return sorted(heirs)


def _deciders(box: Box, rows: Sequence[tuple[Box, int]], purse: _Purse) -> Iterator[int | None]:
    """Yield who decides some of a box, first match; None where nobody does."""
    waiting: list[tuple[Box, int]] = [(box, 0)]
    while waiting:
        piece, at = waiting.pop()
        at = purse.first(piece, rows, at)
        if at == len(rows):
            yield None
        else:
            yield rows[at][1]
            waiting += [(part, at + 1) for part in minus(piece, rows[at][0])]
