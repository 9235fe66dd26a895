"""What to ask of whom, and how gently: the declarations of a collection."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nornir_itsm.model.collected import Collected

ALL = "all"
"""The role that every host has."""
CLOUD = "aliyun"
"""The platform of a host that is a region of a cloud account: what is asked of it are lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much a device or group bears; 0 is no limit."""

    at_once: int = 0
    """Sessions at one time."""
    logins_per_minute: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a collection goes about it. Times in seconds; 0 is no limit.

    ``never_together``: sets of hosts or groups of which only one host has a session at a time.
    """

    processes: int = 1
    threads: int = 50
    attempts: int = 3
    wait: float = 2.0
    """Before the second attempt; doubled before each one after it."""
    connect: float = 15.0
    command: float = 120.0
    host: float = 600.0
    run: float = 0.0
    everything: Limit = Limit()
    device: Limit = Limit(at_once=1)
    groups: Mapping[str, Limit] = field(default_factory=dict)
    never_together: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Questions:
    """Platform -> role -> commands (SSH) or documents (REST), and the pace."""

    commands: Mapping[str, Mapping[str, tuple[str, ...]]]
    pace: Pace = Pace()

    def of(self, platform: str, roles: Iterable[str], only: Iterable[str] = ()) -> tuple[str, ...]:
        """Return what a host of *platform* in these *roles* is asked, each once, in the order declared.

        *only*: names of these commands alone, where any is given.
        """
        declared = self.commands.get(platform, {})
        mine = {ALL, *roles}
        asked = dict.fromkeys(c for role, commands in declared.items() if role in mine for c in commands)
        chosen = set(only)
        return tuple(c for c in asked if not chosen or c in chosen)

    def known(self) -> frozenset[str]:
        """Return every command that is declared for anybody."""
        return frozenset(c for roles in self.commands.values() for cs in roles.values() for c in cs)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of asking one host: what it gave, and why it did not give more.

    ``cause`` is empty where it gave all that was asked, else a word that failures are grouped by; the
    problem itself stands in ``collected``.
    """

    collected: Collected
    cause: str = ""
    hint: str = ""
    attempts: int = 1
    seconds: float = 0.0
