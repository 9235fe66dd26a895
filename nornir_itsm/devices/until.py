"""How long work may go on: up to a deadline, and as long as nobody says stop."""

import math
import threading
import time
from dataclasses import dataclass, field

SLICE = 0.2
"""Seconds after which a wait looks up again."""


class Expired(Exception):  # noqa: N818 - reads as what it is
    """The deadline has passed."""


class Cancelled(Exception):  # noqa: N818
    """Somebody said stop."""


@dataclass(frozen=True, slots=True)
class Until:
    """A deadline on the monotonic clock, in seconds, and an event that ends everything before it."""

    deadline: float = math.inf
    stop: threading.Event = field(default_factory=threading.Event)

    def within(self, seconds: float) -> "Until":
        """Return the same with a deadline in so many seconds, where that comes first."""
        return Until(min(self.deadline, time.monotonic() + seconds), self.stop)

    def left(self, seconds: float = math.inf) -> float:
        """Return how long one may wait, at most *seconds*. Raises Expired, Cancelled."""
        if self.stop.is_set():
            raise Cancelled
        rest = self.deadline - time.monotonic()
        if rest <= 0:
            raise Expired
        return min(seconds, rest)

    def sleep(self, seconds: float) -> None:
        """Wait. Raises Expired, Cancelled as soon as that is so."""
        self.stop.wait(self.left(seconds))
        self.left()
