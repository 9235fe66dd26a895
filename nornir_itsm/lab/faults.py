"""Faults on demand, and the log of what a device received. Shared by every device of the lab."""

import threading
from dataclasses import dataclass
from enum import Enum

from nornir_itsm.errors import ConfigError


class Verdict(Enum):
    """What is to happen to the line or call that has just been received."""

    EXECUTE = "execute"
    REFUSE = "refuse"
    DROP_BEFORE = "drop before it is executed"
    DROP_AFTER = "drop after it was executed, before the answer"


@dataclass(frozen=True, slots=True)
class Received:
    """One line or call as the device saw it; ``accepted`` says that it was executed."""

    text: str
    accepted: bool


@dataclass(slots=True)
class _Armed:
    verdict: Verdict
    left: int


class Faults:
    """Faults of one device. Each counts from the moment it is armed, fires once and disarms."""

    def __init__(self) -> None:
        """Start with nothing armed."""
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._delay = 0.0

    def refuse(self, k: int) -> None:
        """Answer the *k*-th counted line (from 1) with an error and do not execute it."""
        self._arm(Verdict.REFUSE, k)

    def drop(self, k: int, executed: bool = False) -> None:
        """Cut the connection at the *k*-th counted line: before it is executed, or after, unanswered."""
        self._arm(Verdict.DROP_AFTER if executed else Verdict.DROP_BEFORE, k)

    def slow(self, seconds: float) -> None:
        """Wait that many seconds before each counted line is looked at, until cleared."""
        if seconds < 0:
            raise ConfigError("lab fault", f"{seconds} is no delay", "give seconds, 0 or more")
        with self._lock:
            self._delay = seconds

    def clear(self) -> None:
        """Disarm everything."""
        with self._lock:
            self._armed.clear()
            self._delay = 0.0

    @property
    def delay(self) -> float:
        """Seconds to wait before each counted line."""
        with self._lock:
            return self._delay

    def verdict(self) -> Verdict:
        """Count one line and return what is to happen to it; the fault that was armed first goes first."""
        with self._lock:
            for armed in self._armed:
                armed.left -= 1
            due = [armed for armed in self._armed if armed.left <= 0]
            if not due:
                return Verdict.EXECUTE
            self._armed.remove(due[0])
            return due[0].verdict

    def _arm(self, verdict: Verdict, k: int) -> None:
        if k < 1:
            raise ConfigError("lab fault", f"there is no line {k}", "lines are counted from 1")
        with self._lock:
            self._armed.append(_Armed(verdict, k))


class Log:
    """What a device received, in order; safe to read from another thread."""

    def __init__(self) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._entries: list[Received] = []

    def add(self, text: str, *, accepted: bool) -> None:
        """Append one line or call."""
        with self._lock:
            self._entries.append(Received(text, accepted))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()

    def entries(self) -> tuple[Received, ...]:
        """Return everything so far."""
        with self._lock:
            return tuple(self._entries)
