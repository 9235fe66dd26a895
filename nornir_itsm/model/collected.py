"""What was asked of devices, what they answered word for word, and what was read from it."""

from collections.abc import Mapping
from dataclasses import dataclass

type Value = str | int | float | bool | list[str] | None
type Row = Mapping[str, Value]
"""One row of a table; its keys and the notation of its values are declared in ``stages/process/tables``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer, counted from 1, as it came."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Anomaly:
    """What was read and is not right: kept aside with its reason and the lines it came from."""

    reason: str
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """The table that one command's answer gives.

    ``unread``: non-blank lines that nobody understood. ``anomalies``: rows that are left out of ``rows``,
    and doubts about the whole (its count, its header). Both empty: nothing of the answer was lost.
    """

    table: str
    """``arp``, ``routes`` ...: names the declared schema; empty where the template declares none."""
    rows: tuple[Row, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    unread: tuple[Line, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every line went into a row or is known to say nothing."""
        return not (self.anomalies or self.unread)


@dataclass(frozen=True, slots=True)
class Output:
    """One command and its answer, without echo and prompt; times are ISO 8601 with zone.

    ``parsed`` is None where there is no template for the command, or nobody has parsed it yet.
    """

    command: str
    text: str
    started: str
    finished: str
    parsed: Parsed | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """What one host gave. ``problem``: why it did not give all that was asked; empty when it did."""

    host: str
    platform: str
    outputs: tuple[Output, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One collection: when, by what, how complete. ``finished`` is empty where it never came to its end."""

    id: int
    started: str
    finished: str
    source: str
    hosts: int
    failed: int
    unread: int
    """Lines and rows, over all outputs, that could not be read."""

    @property
    def complete(self) -> bool:
        """Whether the collection came to its end and every host gave all that was asked."""
        return bool(self.finished) and not self.failed
