"""Lossless factoring of requests into demands.

A demand is action x zone pair x protocol x schedule x validity x public set x {sources} x {destinations} x
[port pairs].
Demands become one only where all but one of the last three are equal as sets, and any never joins a list. So
the demands together ask for exactly what the rows ask for, and nothing depends on the order of the rows but
the numbering.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nornir_itsm.forms.addresses import normalise, same_set
from nornir_itsm.forms.cells import OPEN
from nornir_itsm.forms.ports import Pair, join_pairs, pair_up
from nornir_itsm.forms.reading import TEXT_LIMIT
from nornir_itsm.model.order import Demand, Issue, Request

Part = Literal["sources", "destinations", "pairs"]
PARTS: tuple[Part, ...] = ("pairs", "destinations", "sources")


@dataclass(frozen=True, slots=True)
class _Box:
    """What some rows ask for together: one product of three sets."""

    rows: tuple[int, ...]
    fixed: tuple[object, ...]
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    pairs: tuple[Pair, ...]

    def key(self, part: Part) -> tuple[object, ...]:
        """Return a value that is equal for two boxes exactly when this part of them is the same set."""
        match part:
            case "pairs":
                return self.pairs
            case "sources":
                return same_set(self.sources)
            case "destinations":
                return same_set(self.destinations)

    def openness(self, part: Part) -> tuple[bool, ...]:
        """Tell any from a list: these two never join."""
        match part:
            case "pairs":
                return ("any" in (p for p, _ in self.pairs), "any" in (t for _, t in self.pairs))
            case "sources":
                return ("any" in self.sources,)
            case "destinations":
                return ("any" in self.destinations,)


def merge(requests: Iterable[Request], issues: Iterable[Issue] = ()) -> tuple[Demand, ...]:
    """Return the demands of these requests, numbered in their order.

    A request that lacks something or has an error or question open is joined with none.
    """
    rows = list(requests)
    doubted = {row for issue in issues if issue.level in OPEN for row in issue.rows}
    boxes = [_box(number, row, sure=row.id not in doubted) for number, row in enumerate(rows)]
    count = 0
    while count != len(boxes):
        count = len(boxes)
        for part in PARTS:
            boxes = _joined(boxes, part)
    boxes.sort(key=lambda box: box.rows)
    return tuple(_demand(f"D{number}", box, rows) for number, box in enumerate(boxes, 1))


def _box(number: int, request: Request, *, sure: bool) -> _Box:
    source, destination = request.source, request.destination
    pairs = pair_up(request.public_ports, destination.ports) or ()
    parts = (source.zone, destination.zone, source.addresses, destination.addresses, source.ports, pairs)
    whole = sure and all(parts) and request.protocol is not None
    fixed = (
        request.action, source.zone, destination.zone, request.protocol, request.schedule.periods,
        same_set(request.public_addresses), source.ports, request.valid_from, request.valid_until,
        None if whole else number,
    )  # fmt: skip
    return _Box((number,), fixed, source.addresses, destination.addresses, pairs)


def _joined(boxes: Iterable[_Box], part: Part) -> list[_Box]:
    """Join the boxes that differ in *part* alone."""
    groups: dict[tuple[object, ...], list[_Box]] = {}
    for box in boxes:
        rest = tuple(box.key(other) for other in PARTS if other != part)
        groups.setdefault((box.fixed, rest, box.openness(part)), []).append(box)
    return [_union(group) for group in groups.values()]


def _union(group: Sequence[_Box]) -> _Box:
    if len(group) == 1:
        return group[0]
    return replace(
        group[0],
        rows=tuple(sorted(row for box in group for row in box.rows)),
        sources=normalise(text for box in group for text in box.sources),
        destinations=normalise(text for box in group for text in box.destinations),
        pairs=join_pairs(pair for box in group for pair in box.pairs),
    )


def _demand(demand_id: str, box: _Box, requests: Sequence[Request]) -> Demand:
    rows = [requests[row] for row in box.rows]
    first = rows[0]
    return Demand(
        demand_id,
        tuple(row.id for row in rows),
        first.action,
        first.source.zone,
        first.destination.zone,
        normalise(box.sources),
        normalise(box.destinations),
        normalise(address for row in rows for address in row.public_addresses),
        first.protocol,
        box.pairs,
        first.schedule,
        "；".join(_distinct(row.purpose for row in rows))[:TEXT_LIMIT],
        first.valid_from,
        first.valid_until,
    )


def _distinct(texts: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(text for text in texts if text)
