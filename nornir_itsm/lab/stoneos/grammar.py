"""Modes of the command line and what a handler of a line gets to see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nornir_itsm.lab.stoneos.configuration import Configuration
from nornir_itsm.lab.stoneos.words import Cursor, LineError


@dataclass(frozen=True, slots=True)
class Frame:
    """A mode that was entered, and the object it is about (a name, or a rule's id)."""

    mode: str
    key: str = ""


@dataclass(slots=True)
class Context:
    """One reader of lines: the configuration and the modes entered, innermost last.

    ``loading``: a saved configuration is being read; rules then stand at top level.
    """

    config: Configuration
    frames: list[Frame] = field(default_factory=list)
    loading: bool = False

    @property
    def mode(self) -> str:
        """The innermost mode, ``config`` at top level."""
        return self.frames[-1].mode if self.frames else "config"

    @property
    def key(self) -> str:
        """The object of the innermost mode."""
        return self.frames[-1].key

    def enter(self, mode: str, key: str = "") -> None:
        """Enter a mode below the present one."""
        self.frames.append(Frame(mode, key))


Handler = Callable[[Context, Cursor], str | None]
"""Carries out one line and returns what the device prints. Raises LineError; then nothing has changed."""

Table = Mapping[str, Handler]


@dataclass(frozen=True, slots=True)
class Mode:
    """A configuration mode: what stands in the prompt, its commands, and those that follow ``no``."""

    prompt: str
    commands: Table = field(default_factory=dict)
    undo: Table = field(default_factory=dict)

    @property
    def keywords(self) -> tuple[str, ...]:
        """Words a line of this mode may begin with."""
        return (*self.commands, "no") if self.undo else tuple(self.commands)

    def carry_out(self, keyword: str, context: Context, cursor: Cursor) -> str:
        """Execute the line that began with *keyword* and return what the device prints."""
        if keyword == "no" and self.undo:
            return self.undo[cursor.keyword(self.undo)](context, cursor) or ""
        return self.commands[keyword](context, cursor) or ""


def demand_own(predefined: bool, name: str) -> None:
    """Raise LineError where the object is predefined (assumed wording)."""
    if predefined:
        raise LineError(f"{name} is predefined and cannot be modified")
