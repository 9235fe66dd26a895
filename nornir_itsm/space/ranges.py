"""Sets of whole numbers as sorted, disjoint, non-adjacent spans. Everything else is built on these."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Ranges:
    """A set of integers; ``spans`` are inclusive (low, high) pairs, sorted, disjoint and not adjacent."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> "Ranges":
        """Build from inclusive spans in any order, overlapping or not; one that runs backwards is empty."""
        merged: list[tuple[int, int]] = []
        for low, high in sorted(spans):
            if low > high:
                continue
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
            else:
                merged.append((low, high))
        return cls(tuple(merged))

    @classmethod
    def span(cls, low: int, high: int | None = None) -> "Ranges":
        """One span, or one number."""
        return cls(((low, low if high is None else high),))

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self.spans)

    def __contains__(self, number: int) -> bool:
        return any(low <= number <= high for low, high in self.spans)

    def __or__(self, other: "Ranges") -> "Ranges":
        return Ranges.of((*self.spans, *other.spans))

    def __and__(self, other: "Ranges") -> "Ranges":
        found: list[tuple[int, int]] = []
        mine, theirs = self.spans, other.spans
        i = j = 0
        while i < len(mine) and j < len(theirs):
            low = max(mine[i][0], theirs[j][0])
            high = min(mine[i][1], theirs[j][1])
            if low <= high:
                found.append((low, high))
            if mine[i][1] < theirs[j][1]:
                i += 1
            else:
                j += 1
        return Ranges(tuple(found))

    def __sub__(self, other: "Ranges") -> "Ranges":
        found: list[tuple[int, int]] = []
        theirs = other.spans
        j = 0
        for low, high in self.spans:
            start = low
            while j < len(theirs) and theirs[j][1] < start:
                j += 1
            k = j
            while k < len(theirs) and theirs[k][0] <= high:
                if theirs[k][0] > start:
                    found.append((start, theirs[k][0] - 1))
                start = theirs[k][1] + 1
                k += 1
            if start <= high:
                found.append((start, high))
        return Ranges(tuple(found))

    def meets(self, other: "Ranges") -> bool:
        """Tell whether the sets have a number in common; quicker than to name it."""
        few, many = self.spans, other.spans
        if not few or not many or few[-1][1] < many[0][0] or many[-1][1] < few[0][0]:
            return False
        if len(few) > len(many):
            few, many = many, few
        if len(many) == 1:
            return True
        for low, high in few:
            after = bisect_left(many, (high + 1,))
            if after and many[after - 1][1] >= low:
                return True
        return False

    def __le__(self, other: "Ranges") -> bool:
        return not self - other

    @cached_property
    def size(self) -> int:
        """How many numbers are in the set."""
        return sum(high - low + 1 for low, high in self.spans)

    @property
    def low(self) -> int:
        """The lowest number. The set must not be empty."""
        return self.spans[0][0]

    def shift(self, delta: int) -> "Ranges":
        """Move every number by *delta*."""
        return Ranges(tuple((low + delta, high + delta) for low, high in self.spans)) if delta else self
