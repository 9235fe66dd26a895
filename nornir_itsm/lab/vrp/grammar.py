"""Views and how a line is carried out in them; every command of a view stands in a table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nornir_itsm.lab.vrp.configuration import Configuration
from nornir_itsm.lab.vrp.words import Cursor


@dataclass(frozen=True, slots=True)
class Frame:
    """A view that was entered, and the object it is about."""

    view: str
    key: str = ""


@dataclass(slots=True)
class Context:
    """A session in system view or below it."""

    config: Configuration
    frames: list[Frame] = field(default_factory=list)

    @property
    def view(self) -> str:
        """The innermost view, ``system`` at the top."""
        return self.frames[-1].view if self.frames else "system"

    @property
    def key(self) -> str:
        """The object of the innermost view."""
        return self.frames[-1].key

    def enter(self, view: str, key: str = "") -> None:
        """Enter a view below the present one."""
        self.frames.append(Frame(view, key))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a line takes effect; *then* carries it out."""

    text: str
    then: Callable[[], None]


Handler = Callable[[Context, Cursor], Question | None]
"""Carries out one line. Raises LineError; then nothing has changed."""

Table = Mapping[str, Handler]


@dataclass(frozen=True, slots=True)
class View:
    """What stands in the prompt, the view's commands, and those that follow ``undo``."""

    prompt: str
    commands: Table
    undo: Table = field(default_factory=dict)

    def carry_out(self, keyword: str, context: Context, cursor: Cursor) -> Question | None:
        """Execute the line that began with *keyword*."""
        if keyword == "undo":
            return self.undo[cursor.keyword(self.undo)](context, cursor)
        return self.commands[keyword](context, cursor)
