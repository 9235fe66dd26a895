"""Views and how a line is carried out in them; every command of a view stands in a table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from nornir_itsm.lab.vrp.configuration import Configuration
from nornir_itsm.lab.vrp.words import Cursor, LineError


@dataclass(frozen=True, slots=True)
class Frame:
    """A view that was entered, and the object it is about."""

    view: str
    key: str = ""


@dataclass(slots=True)
class Session[C]:
    """A session in system view or below it, and the configuration that it works on.

    ``staged``: lines take effect together, by a ``commit``; some things are looked at only then.
    """

    config: C
    frames: list[Frame] = field(default_factory=list)
    staged: bool = False

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
    """What is asked before a line takes effect; *then* carries it out, and may have something to say."""

    text: str
    then: Callable[[], str | None]


type Command[C] = Callable[[Session[C], Cursor], Question | str | None]
"""Carries out one line; returns what is asked, or said, then. Raises LineError: then nothing has changed."""


@dataclass(frozen=True, slots=True)
class View[C]:
    """What stands in the prompt, the view's commands, and those that follow ``undo``."""

    prompt: str
    commands: Mapping[str, Command[C]]
    undo: Mapping[str, Command[C]] = field(default_factory=dict)

    def carry_out(self, keyword: str, context: Session[C], cursor: Cursor) -> Question | str | None:
        """Execute the line that began with *keyword*."""
        if keyword == "undo":
            return self.undo[cursor.keyword(self.undo)](context, cursor)
        return self.commands[keyword](context, cursor)


type Views[C] = Mapping[str, View[C]]


def prompt_of[C](views: Views[C], frames: list[Frame]) -> str:
    """Return what follows the name in the prompt."""
    return views[frames[-1].view].prompt.format(frames[-1].key) if frames else ""


def parts_of(text: str) -> Iterator[list[str]]:
    """Yield the parts of a printed configuration, which stand between lines ``#``. Raises LineError."""
    part: list[str] = []
    for line in text.splitlines():
        if line.strip() in ("#", "return"):
            if part:
                yield part
            part = []
        elif line.strip() and line[0] != "!":
            part.append(line.rstrip())
    if part:
        raise LineError("the configuration has no end")


def carry_out_printed[C](line: str, context: Session[C], views: Views[C]) -> None:
    """Carry out a printed line in the view that is open. Raises LineError."""
    cursor = Cursor(line.strip())
    view = views[context.view]
    done = view.carry_out(cursor.keyword((*view.commands, "undo")), context, cursor)
    if isinstance(done, Question):
        done.then()


# Those of the firewall.
Context = Session[Configuration]
Handler = Command[Configuration]
Table = Mapping[str, Handler]
