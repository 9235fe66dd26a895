"""Which turns go together: a few to try first, then batch by batch, never two of a pair in one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from nornir_itsm.model.turns import Cell

Pairs = Collection[Sequence[str]]
"""Devices that stand in for each other: one of them must be whole while another is worked on."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a change goes over its devices.

    ``canary``: devices in the first batch; ``batch``: in each of the others; 0: as many as there are.
    ``tolerate``: the share of the devices that may fail before nothing more is begun; with 0 a change is all
    or nothing, and what was done before the failure is taken back. ``soak``: seconds between two batches.
    """

    canary: int = 0
    batch: int = 0
    tolerate: float = 0.0
    soak: int = 0


AT_ONCE = Rollout()
"""All devices in one batch, but for pairs."""


def batches(group: Iterable[Cell], rollout: Rollout, pairs: Pairs = ()) -> tuple[tuple[Cell, ...], ...]:
    """Return the turns in batches, in their order; a device counts once in a batch, however many it has."""
    made: list[list[Cell]] = []
    for cell in group:
        limit = rollout.canary if len(made) == 1 and rollout.canary else rollout.batch
        if not made or _closed(made[-1], cell, limit, pairs):
            made.append([])
        made[-1].append(cell)
    return tuple(map(tuple, made))


def _closed(batch: Sequence[Cell], cell: Cell, limit: int, pairs: Pairs) -> bool:
    """Tell whether a turn has to wait for the next batch."""
    devices = {one.device for one in batch}
    if cell.device in devices:
        return False
    return 0 < limit <= len(devices) or not devices.isdisjoint(partners([cell.device], pairs))


def partners(devices: Iterable[str], pairs: Pairs) -> frozenset[str]:
    """Return the devices that stand in for any of these, themselves left out."""
    mine = set(devices)
    return frozenset(name for pair in pairs if mine & set(pair) for name in pair) - mine
