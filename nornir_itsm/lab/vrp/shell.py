"""One session's line interpreter: views, prompts, ``display``, ``save`` and its questions. No I/O here."""

from collections.abc import Callable, Mapping
from typing import Protocol

from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.vrp import printing
from nornir_itsm.lab.vrp.configuration import Configuration
from nornir_itsm.lab.vrp.grammar import Context, Question
from nornir_itsm.lab.vrp.views import VIEWS, prompt_of
from nornir_itsm.lab.vrp.words import Cursor, LineError

MORE = "  ---- More ----"
ENTERED = "Enter system view, return user view with Ctrl+Z."
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


class Device(Protocol):
    """What a shell needs of the firewall it runs on."""

    hostname: str
    role: str
    locked: bool
    denied: tuple[str, ...]
    config: Configuration

    def startup_text(self) -> str:
        """Return the saved configuration as printed."""
        ...

    def save(self) -> None:
        """Make the running configuration the saved one."""
        ...


class Shell:
    """The state of one session."""

    def __init__(self, device: Device) -> None:
        """Begin in user view."""
        self._device = device
        self._context: Context | None = None
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
        if self._context is None:
            return f"{mark}<{self._device.hostname}>"
        return f"{mark}[{self._device.hostname}{prompt_of(self._context.frames)}]"

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

    def _execute(self, line: str) -> Reply:
        cursor = Cursor(line)
        if any(line.strip().startswith(word) for word in self._device.denied):
            raise LineError(DENIED)
        own: dict[str, Callable[[Cursor], Reply]] = {"quit": self._quit, "return": self._return}
        own["display"] = self._display
        if self._context is None:
            own |= {"system-view": self._enter, "screen-length": self._screen, "save": self._save}
        view = VIEWS[self._context.view] if self._context else None
        known = (*own, *((*view.commands, *(("undo",) if view.undo else ())) if view else ()))
        keyword = cursor.keyword(known)
        if keyword in own:
            return own[keyword](cursor)
        assert view is not None
        assert self._context is not None
        if self._device.role == "S":
            raise LineError(STANDBY)
        if self._device.locked:
            raise LineError(LOCKED)
        if question := view.carry_out(keyword, self._context, cursor):
            self._questions = [question]
        return Reply()

    def _enter(self, cursor: Cursor) -> Reply:
        cursor.finish()
        self._context = Context(self._device.config)
        return Reply(ENTERED)

    def _quit(self, cursor: Cursor) -> Reply:
        cursor.finish()
        if self._context is None:
            return Reply(closed=True)
        if self._context.frames:
            self._context.frames.pop()
        else:
            self._context = None
        return Reply()

    def _return(self, cursor: Cursor) -> Reply:
        cursor.finish()
        self._context = None
        return Reply()

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
        first, _, asked = SAVE.partition("\n")
        self._questions = [Question(asked, lambda: None)]
        if self._device.role == "M":
            self._questions.append(Question(SAVE_PEER, lambda: None))
        self._questions[-1] = Question(self._questions[-1].text, self._device.save)
        return Reply(first)

    def _answered(self, answer: str) -> Reply:
        if answer not in ("y", "n"):
            return Reply(
                "Error: Please choose 'YES' or 'NO' first before pressing 'Enter'. [Y/N]:", accepted=False
            )
        question = self._questions.pop(0)
        saving = question.then == self._device.save
        if answer == "n":
            self._questions.clear()
            return Reply()
        question.then()
        return Reply(SAVED if saving else "")

    def _display(self, cursor: Cursor) -> Reply:
        shows: Mapping[str, Callable[[], str]] = {
            "current-configuration": lambda: printing.running(self._device.config, self._device.hostname),
            "saved-configuration": self._device.startup_text,
            "configuration-occupied": self._occupied,
        }
        shown = cursor.keyword(shows)
        if shown == "configuration-occupied":
            cursor.keyword(("user",))
        cursor.finish()
        return Reply(shows[shown]())

    def _occupied(self) -> str:
        return (
            "User Index: 35(VTY 1)\nUser Name: other"
            if self._device.locked
            else "Info: No configuration user."
        )
