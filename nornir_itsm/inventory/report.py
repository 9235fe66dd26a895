"""What reading an inventory found: its source, what was left out and why, what told the platforms."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from nornir_itsm.inventory.recognise import Recognition

if TYPE_CHECKING:
    from nornir.core.inventory import Inventory

logger = logging.getLogger("nornir_itsm.inventory")


class Skip(NamedTuple):
    """A row or record that became no device."""

    place: str
    name: str
    reason: str


@dataclass(slots=True)
class Report:
    """``recognised``: (platform, told by, keyword) -> number of devices. ``taken``: ISO 8601, of the data."""

    source: str
    taken: str
    loaded: int = 0
    skipped: list[Skip] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    recognised: Counter[Recognition] = field(default_factory=Counter)
    cached: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            **{key: getattr(self, key) for key in ("source", "taken", "cached", "loaded")},
            "skipped": [skip._asdict() for skip in self.skipped],
            "notes": list(self.notes),
            "recognised": [
                {"platform": r.platform, "by": r.by, "keyword": r.keyword, "devices": count}
                for r, count in sorted(self.recognised.items(), key=lambda item: (-item[1], item[0].platform))
            ],
        }

    def log(self) -> None:
        """Tell those who use the plugin without this tool: nothing is left out in silence."""
        for line in self.lines(20):
            logger.warning("%s: %s", self.source, line)

    def lines(self, most: int) -> Iterator[str]:
        """Yield what is worth a warning, at most so many of a kind."""
        skipped = [f"{skip.place} {skip.name!r}: {skip.reason}" for skip in self.skipped]
        for found in (skipped, self.notes):
            yield from found[:most]
            if len(found) > most:
                yield f"and {len(found) - most} more"


def report_from(given: dict[str, Any]) -> Report:
    """Return the report of plain data that as_json() made."""
    counted = {
        Recognition(r["platform"], r["by"], r["keyword"]): int(r["devices"]) for r in given["recognised"]
    }
    skips = [Skip(**skip) for skip in given["skipped"]]
    return Report(
        given["source"],
        given["taken"],
        given["loaded"],
        skips,
        given["notes"],
        Counter(counted),
        given["cached"],
    )


class Reporting(Protocol):
    """An inventory plugin of ours: after load() it says how it went."""

    @property
    def reports(self) -> tuple[Report, ...]:
        """One report for each source that was read."""
        ...

    def load(self) -> "Inventory":
        """Read."""
        ...
