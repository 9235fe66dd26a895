"""Who may and when: what a site asks for before a change is begun. Read from ``policy`` of site.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

RiskLevel = Literal["low", "medium", "high"]
RISKS: tuple[RiskLevel, ...] = ("low", "medium", "high")

ANYONE = "approver"
"""The group that every user with the role ``approver`` belongs to; it needs no list."""
ALL = 0
"""In the place of a count: every member of a group."""


@dataclass(frozen=True, slots=True)
class When:
    """Which changes a rule is about; what is left empty fits all.

    ``source`` and ``destination`` are zones of one and the same demand; ``risk`` is the lowest level that
    fits; ``excess``: only where the plan opens more than was asked for.
    """

    source: str = ""
    destination: str = ""
    kind: str = ""
    risk: RiskLevel | Literal[""] = ""
    excess: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules look at in a change."""

    pairs: frozenset[tuple[str, str]] = frozenset()
    """(source zone, destination zone) of its demands."""
    kinds: frozenset[str] = frozenset()
    risk: RiskLevel = "low"
    excess: bool = False


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """How many of which groups must approve: group -> count, ``ALL`` for every member."""

    when: When
    need: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours, HH:MM by the site's clock; an ``end`` not after ``start`` is on the next day."""

    days: tuple[str, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class HoursRule:
    """When changes of a kind may be worked on, by the week."""

    when: When
    open: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days (ISO dates, the last one too) on which nothing is changed, why, and the kinds that are exempt."""

    first: str
    last: str
    reason: str
    exempt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Emergency:
    """The groups whose members may begin without approval, and how soon it must follow (seconds)."""

    by: tuple[str, ...]
    within: int


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a site says of who may and when. An empty one: one approver, at any time, no emergencies."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Group -> names of users."""
    approvals: tuple[ApprovalRule, ...] = ()
    """Every rule that fits must be met; where none does, one approver is enough."""
    valid_for: int = 0
    """Seconds after which an approval is void; 0: never."""
    time_zone: str = ""
    """Name in the time zone database; empty: the zone of the clock."""
    hours: tuple[HoursRule, ...] = ()
    """Every rule that fits must be open."""
    freezes: tuple[Freeze, ...] = ()
    past_end: Literal["back", "finish"] = "back"
    """What a run does between two devices when its window ends: lead back, or go on to its end."""
    spare: int = 0
    """Seconds before the end of a window at which no further device is begun."""
    soak: int = 0
    """Seconds between the push and the last look before a device saves."""
    emergency: Emergency | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a change was given: ISO 8601 with zone, either may be empty (open to that side)."""

    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        return f"{self.start or '..'}/{self.end or '..'}"

    @classmethod
    def read(cls, text: str) -> "Window":
        """Read what ``str`` wrote, with or without a remark behind it."""
        start, _, end = text.partition(" ")[0].partition("/")
        return cls(*("" if part == ".." else part for part in (start, end)))
