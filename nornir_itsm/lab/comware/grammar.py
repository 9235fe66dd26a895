"""Views and how a line is carried out in them; every command of a view stands in a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from nornir_itsm.lab.comware.configuration import Configuration
from nornir_itsm.lab.vrp.words import Cursor, LineError

WRONG = "Wrong parameter found at '^' position."
_DOTTED = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"


@dataclass(slots=True)
class Context:
    """A session in system view or below it; a frame is a view and the object that it is about."""

    config: Configuration
    frames: list[tuple[str, str]] = field(default_factory=list)

    @property
    def view(self) -> str:
        """The innermost view, ``system`` at the top."""
        return self.frames[-1][0] if self.frames else "system"

    @property
    def key(self) -> str:
        """The object of the innermost view."""
        return self.frames[-1][1]

    def enter(self, view: str, key: str = "") -> None:
        """Enter a view below the present one."""
        self.frames.append((view, key))


Handler = Callable[[Context, Cursor], str | None]
"""Carries out one line and returns what is printed. Raises LineError; then nothing has changed."""
Table = Mapping[str, Handler]


@dataclass(frozen=True, slots=True)
class View:
    """What stands in the prompt, the view's commands, and those that follow ``undo``."""

    prompt: str
    commands: Table
    undo: Table = field(default_factory=dict)


def description(cursor: Cursor) -> str:
    """Read a text to the end of its line (1-127 characters)."""
    if cursor.done:
        raise LineError("Incomplete command found at '^' position.", 12)
    text = cursor.rest()
    if len(text) > 127:
        raise LineError("The length of the description exceeds 127.")  # assumed
    return text


def ipv4(cursor: Cursor) -> str:
    """Read an address."""
    try:
        return str(IPv4Address(cursor.word(_DOTTED)))
    except ValueError:
        raise cursor.refuse(WRONG) from None


def network(cursor: Cursor) -> IPv4Network:
    """Read an address and a dotted mask or a length; bits beyond it are dropped."""
    base = ipv4(cursor)
    mask = cursor.word(rf"{_DOTTED}|[0-9]{{1,2}}")
    try:
        found = IPv4Network(f"{base}/{mask}", strict=False)
    except ValueError:
        raise cursor.refuse(WRONG) from None
    if "." in mask and mask != str(found.netmask):
        raise cursor.refuse(WRONG)
    return found
