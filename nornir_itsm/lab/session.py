"""What a terminal needs of a device and of the sessions on it."""

from dataclasses import dataclass
from typing import Protocol

from nornir_itsm.lab.faults import Faults, Verdict


@dataclass(frozen=True, slots=True)
class Reply:
    """What the device prints for a line; ``accepted`` is False for a refusal."""

    text: str = ""
    accepted: bool = True
    closed: bool = False


class Shell(Protocol):
    """One session's line interpreter, as the terminal needs it."""

    length: int
    """Lines on a page, 0: no paging."""
    width: int
    more: tuple[str, str]
    """What stands at the end of a page, and what wipes it away."""

    @property
    def prompt(self) -> str:
        """The prompt, or the open question."""
        ...

    @property
    def asking(self) -> bool:
        """True while a question is open."""
        ...

    def counts(self, line: str) -> bool:
        """Say whether faults count *line*."""
        ...

    def echoed_after(self, line: str) -> str:
        """Return what the device itself adds to the echo of a line."""
        ...


class Device[S: Shell](Protocol):
    """A device that is reached through a port."""

    faults: Faults

    def greet(self) -> tuple[S, str, bool]:
        """Return the shell of a new session, what is printed at login, and whether it may stay."""
        ...

    def receive(self, shell: S, line: str) -> tuple[Verdict, Reply]:
        """Take one line of a session."""
        ...

    def leave(self, shell: S) -> None:
        """Forget a session."""
        ...
