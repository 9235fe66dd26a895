"""An order form as read: requests row by row, demands merged without loss, issues by cell."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

Level = Literal["error", "question", "warning", "info"]
Action = Literal["add", "delete"]
Protocol = Literal["tcp", "udp", "icmp", "tcp+udp", "any"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Period:
    """A weekly span within one day; ``start`` and ``end`` are ``HH:MM``, the end may be ``24:00``."""

    days: tuple[str, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a demand applies. No periods: always."""

    text: str = "全天24小时"
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about one cell that a person should know or answer.

    ``key`` is ``<sheet>!<cell>.<field>`` and stays the same from run to run. ``rows`` are the requests
    that hang on it: several where cells are merged, none where it is about the form itself.
    """

    level: Level
    key: str
    sheet: str
    cell: str
    value: str
    problem: str
    hint: str = ""
    proposal: str | None = None
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One side of a request.

    ``addresses``: CIDR (a host is ``/32`` or ``/128``), a range ``a-b``, a domain name, or ``any``.
    ``ports``: ``"443"``, ``"8000-8010"`` or ``"any"``. Both unique, coalesced and sorted by number.
    """

    zone: str
    host: str = ""
    addresses: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    security_group: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One row of a form. ``valid_from`` and ``valid_until`` are its first and last day, ISO 8601."""

    id: str
    sheet: str
    row: int
    action: Action
    source: Endpoint
    destination: Endpoint
    public_addresses: tuple[str, ...]
    public_ports: tuple[str, ...]
    protocol: Protocol | None
    schedule: Schedule
    valid_from: str | None = None
    valid_until: str | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Demand:
    """One or several rows that may be merged without loss.

    ``port_pairs`` are (arriving or public port, target port); ``any`` where a side is free.
    """

    id: str
    rows: tuple[str, ...]
    action: Action
    source_zone: str
    destination_zone: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    public: tuple[str, ...]
    protocol: Protocol | None
    port_pairs: tuple[tuple[str, str], ...]
    schedule: Schedule
    purpose: str = ""
    valid_from: str | None = None
    valid_until: str | None = None

    @property
    def validity(self) -> str:
        """First and last day in words; empty where neither was said."""
        first, last = self.valid_from, self.valid_until
        if first and last:
            return f"{first} 至 {last}"
        return f"{first} 起" if first else f"至 {last}" if last else ""


@dataclass(frozen=True, slots=True)
class Order:
    """One form from one applicant."""

    file: str
    organization: str
    system: str
    remarks: str | None = None
    requests: tuple[Request, ...] = ()
    demands: tuple[Demand, ...] = ()
    issues: tuple[Issue, ...] = field(default=())

    def only(self, demands: Collection[str]) -> "Order":
        """Return the order with these demands alone, and the issues of their rows."""
        kept = tuple(demand for demand in self.demands if demand.id in demands)
        rows = {row for demand in kept for row in demand.rows}
        issues = tuple(issue for issue in self.issues if not issue.rows or rows & set(issue.rows))
        return replace(self, demands=kept, issues=issues)

    def issues_of(self, *levels: Level) -> Iterator[Issue]:
        """Yield the issues of these levels in form order."""
        return (issue for issue in self.issues if issue.level in levels)


def worst(issues: Iterable[Issue]) -> Level | None:
    """Return the most severe level, or None where there is no issue."""
    order: tuple[Level, ...] = ("error", "question", "warning", "info")
    found = {issue.level for issue in issues}
    return next((level for level in order if level in found), None)
