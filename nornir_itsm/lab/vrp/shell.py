"""One session's line interpreter: views, prompts, ``display``, ``save`` and its questions. No I/O here.

Shared by every device with VRP; what only some have is in the subclasses.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.vrp.grammar import Question, Session, Views, prompt_of
from nornir_itsm.lab.vrp.words import Cursor, LineError

MORE = "  ---- More ----"
STANDBY = "The device is in HRP standby state, so this command can not be executed."
DENIED = "Command authorization failed."
LOCKED = "The configuration is locked by other user. Please try again later."
SAVE = "The current configuration will be written to the device.\nAre you sure to continue?[Y/N]"
SAVE_PEER = (
    "Warning: Do you want to synchronously save the configuration to the startup saved-configuration file on "
    "peer device?[Y/N]:"
)
SAVED = (
    "It will take several minutes to save configuration file, please wait......\n"
    "Configuration file had been saved successfully\n"
    "Note: The configuration file will take effect after being activated"
)


class Device[C](Protocol):
    """What a shell needs of the device it runs on."""

    hostname: str
    role: str
    locked: bool
    denied: tuple[str, ...]
    views: Views[C]
    systems: dict[str, C]

    def running_text(self, system: str = "") -> str:
        """Return what runs, as printed."""
        ...

    def startup_text(self, system: str = "") -> str:
        """Return the saved configuration as printed."""
        ...

    def save(self, system: str = "") -> None:
        """Make the running configuration the saved one."""
        ...


class Shell[C]:
    """The state of one session; what is said where system view begins, asked before a save, said after it."""

    entered = "Enter system view, return user view with Ctrl+Z."
    asked = SAVE
    saved = SAVED

    def __init__(self, device: Device[C]) -> None:
        """Begin in user view of the root."""
        self._device = device
        self._system = ""
        self._context: Session[C] | None = None
        self._questions: list[Question] = []
        self.length = 24
        self.width = 512
        wipe = f"\x1b[{len(MORE)}D"
        self.more = (MORE, f"{wipe}{' ' * len(MORE)}{wipe}")

    @property
    def asking(self) -> bool:
        """True while a question is open."""
        return bool(self._questions)

    @property
    def prompt(self) -> str:
        """The prompt, or the open question."""
        if self._questions:
            return self._questions[0].text
        mark = f"HRP_{self._device.role}" if self._device.role else ""
        name = f"{self._device.hostname}-{self._system}" if self._system else self._device.hostname
        if self._context is None:
            return f"{mark}<{name}>"
        return f"{mark}[{self.stage}{name}{prompt_of(self._device.views, self._context.frames)}]"

    @property
    def stage(self) -> str:
        """What stands before the name in a view."""
        return ""

    def counts(self, line: str) -> bool:
        """Say whether faults count *line*: everything in system view and below, and ``save``."""
        if self.asking or not line.strip():
            return False
        return self._context is not None or line.split(maxsplit=1)[0].lower() == "save"

    def echoed_after(self, line: str) -> str:
        """Return the mark of a line that the active member of a pair mirrors."""
        mirrored = self._device.role == "M" and self._context is not None and line.strip()
        return " (+B)" if mirrored and not self.asking else ""

    def answer(self, line: str) -> Reply:
        """Execute one line."""
        try:
            if self._questions:
                return self._answered(line.strip().lower())
            return self._execute(line) if line.strip() else Reply()
        except LineError as error:
            return Reply(error.shown(len(self.prompt)), accepted=False)

    def own(self) -> dict[str, Callable[[Cursor], Reply]]:
        """Return the commands of the place where the session is that are no view's."""
        found: dict[str, Callable[[Cursor], Reply]] = {
            "quit": self.quit,
            "return": self.leave,
            "display": self._display,
        }
        if self._context is None:
            found |= {"system-view": self.enter, "screen-length": self._screen, "save": self._save}
        return found

    def shows(self) -> Mapping[str, Callable[[], str]]:
        """Return what ``display`` shows."""
        return {
            "current-configuration": lambda: self._device.running_text(self._system),
            "saved-configuration": lambda: self._device.startup_text(self._system),
            "configuration-occupied user": self._occupied,
        }

    def _execute(self, line: str) -> Reply:
        cursor = Cursor(line)
        if any(line.strip().startswith(word) for word in self._device.denied):
            raise LineError(DENIED)
        own = self.own()
        view = self._device.views[self._context.view] if self._context else None
        known = (*own, *((*view.commands, *(("undo",) if view.undo else ())) if view else ()))
        keyword = cursor.keyword(known)
        if keyword in own:
            return own[keyword](cursor)
        assert view is not None
        assert self._context is not None
        if self._device.role == "S":
            raise LineError(STANDBY)
        self.demand_unlocked()
        said = view.carry_out(keyword, self._context, cursor)
        if isinstance(said, Question):
            self._questions = [said]
        return Reply(said if isinstance(said, str) else "")

    def demand_unlocked(self) -> None:
        """Raise LineError where somebody else holds the configuration."""
        if self._device.locked:
            raise LineError(LOCKED)

    def enter(self, cursor: Cursor) -> Reply:
        """Begin system view."""
        cursor.finish()
        self._context = Session(self._device.systems[self._system])
        return Reply(self.entered)

    def quit(self, cursor: Cursor) -> Reply:
        """Leave one view; in user view, the device."""
        cursor.finish()
        if self._context is None:
            return Reply(closed=True)
        if self._context.frames:
            self._context.frames.pop()
            return Reply()
        return self.left()

    def leave(self, cursor: Cursor) -> Reply:
        """Go back to user view from wherever the session is."""
        cursor.finish()
        return self.left() if self._context else Reply()

    def left(self) -> Reply:
        """Be in user view."""
        self._context = None
        return Reply()

    def ask(self, *questions: Question) -> None:
        """Ask before anything else is done."""
        self._questions = list(questions)

    def _screen(self, cursor: Cursor) -> Reply:
        length = cursor.number(0, 512)
        cursor.keyword(("temporary",))
        cursor.finish()
        self.length = length
        return Reply(
            f"Info: The configuration takes effect on the current user terminal interface only ({length})."
        )

    def _save(self, cursor: Cursor) -> Reply:
        cursor.finish()
        first, _, asked = self.asked.rpartition("\n")
        texts = (asked, SAVE_PEER) if self._device.role == "M" else (asked,)
        self.ask(*(Question(text, lambda: None) for text in texts[:-1]), Question(texts[-1], self._saved))
        return Reply(first)

    def _saved(self) -> str:
        self._device.save(self._system)
        return self.saved

    def _answered(self, answer: str) -> Reply:
        if answer not in ("y", "n"):
            return Reply(
                "Error: Please choose 'YES' or 'NO' first before pressing 'Enter'. [Y/N]:", accepted=False
            )
        question = self._questions.pop(0)
        if answer == "n":
            self._questions.clear()
            return Reply()
        return Reply(question.then() or "")

    def _display(self, cursor: Cursor) -> Reply:
        shows = self.shows()
        first = cursor.keyword(dict.fromkeys(name.split()[0] for name in shows))
        found = [name for name in shows if name.split()[0] == first]
        words = found[0].split()[1:]
        for at, _ in enumerate(words):
            word = cursor.keyword(dict.fromkeys(name.split()[at + 1] for name in found))
            found = [name for name in found if name.split()[at + 1] == word]
        cursor.finish()
        return Reply(shows[found[0]]())

    def _occupied(self) -> str:
        return (
            "User Index: 35(VTY 1)\nUser Name: other"
            if self._device.locked
            else "Info: No configuration user."
        )
