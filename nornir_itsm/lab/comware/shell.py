"""One session's line interpreter: views, prompts, ``display``, ``save`` and its questions. No I/O here."""

from collections.abc import Callable, Mapping
from typing import Protocol

from nornir_itsm.lab.comware.configuration import Configuration
from nornir_itsm.lab.comware.grammar import Context
from nornir_itsm.lab.comware.tables import TABLES
from nornir_itsm.lab.comware.views import carry_out, prompt_of
from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.vrp.words import Cursor, LineError

MORE = "---- More ----"
ENTERED = "System View: return to User View with Ctrl+Z."
STANDBY = "The device is in standby state: this command is invalid here."
DENIED = "Permission denied."
SURE = "The current configuration will be written to the device. Are you sure? [Y/N]:"
FILE = "(To leave the existing filename unchanged, press the enter key):"
OVERWRITE = "flash:/startup.cfg exists, overwrite? [Y/N]:"
AGAIN = "Are you sure you want to continue the save operation? [Y/N]:"
SAVED = "Validating file. Please wait...\nSaved the current configuration to mainboard device successfully."
LOGGED = (
    "%Nov 22 16:00:00:123 2026 {0} SHELL/6/SHELL_CMD: -Line=vty1-IPAddr=10.99.10.5-User=netops; "
    "Command is display clock"
)


class Device(Protocol):
    """What a shell needs of the device it runs on."""

    hostname: str
    role: str
    denied: tuple[str, ...]
    config: Configuration
    asks: bool
    chatty: str

    def running_text(self) -> str:
        """Return the running configuration as printed."""
        ...

    def startup_text(self) -> str:
        """Return the saved configuration as printed."""
        ...

    def users(self, shell: "Shell") -> str:
        """Return what ``display users`` prints in a session."""
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
        self._questions: list[str] = []
        self.length = 24
        self.width = 512
        self.more = (MORE, f"\r{' ' * len(MORE)}\r")

    @property
    def asking(self) -> bool:
        """True while a question is open."""
        return bool(self._questions)

    @property
    def prompt(self) -> str:
        """The prompt, or the open question; where logs are shown, one comes after it."""
        if self._questions:
            return self._questions[0]
        mark = f"RBM_{self._device.role}" if self._device.role else ""
        name = self._device.hostname
        plain = f"<{name}>" if self._context is None else f"[{name}{prompt_of(self._context)}]"
        shown = f"{mark}{plain}"
        said = f"{shown}\n{LOGGED.format(name)}\n"
        return {"after": said, "synchronous": f"{said}{shown}"}.get(self._device.chatty, shown)

    def counts(self, line: str) -> bool:
        """Say whether faults count *line*: everything in system view and below, and ``save``."""
        if self.asking or not line.strip():
            return False
        return self._context is not None or line.split(maxsplit=1)[0].lower() == "save"

    def echoed_after(self, _: str) -> str:
        """Nothing is added to the echo of a line."""
        return ""

    def answer(self, line: str) -> Reply:
        """Execute one line."""
        try:
            if self._questions:
                return self._answered(line.strip().lower())
            return self._logged(self._execute(line)) if line.strip() else Reply()
        except LineError as error:
            return Reply(self._refused(error), accepted=False)

    def _refused(self, error: LineError) -> str:
        if error.column is None:
            return f" {error.text}"
        column = len(self.prompt.splitlines()[-1]) + error.column
        return f"{' ' * column}^\n % {error.text}"

    def _logged(self, reply: Reply) -> Reply:
        """Put a log message among the lines of an answer."""
        if self._device.chatty != "among" or reply.closed:
            return reply
        first, _, rest = reply.text.partition("\n")
        said = (first, LOGGED.format(self._device.hostname), rest)
        return Reply("\n".join(part for part in said if part), reply.accepted)

    def _execute(self, line: str) -> Reply:
        if any(line.strip().startswith(word) for word in self._device.denied):
            raise LineError(DENIED)
        cursor = Cursor(line)
        own: dict[str, Callable[[Cursor], Reply]] = {"quit": self._quit, "return": self._return}
        own["display"] = self._display
        if self._context is None:
            own |= {"system-view": self._enter, "screen-length": self._screen, "save": self._save}
            return own[cursor.keyword(own)](cursor)
        if cursor.next.lower() in own:
            return own[cursor.keyword(own)](cursor)
        if self._device.role == "S":
            raise LineError(STANDBY)
        return Reply(carry_out(line, self._context) or "")

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
        cursor.keyword(("disable",))
        cursor.finish()
        self.length = 0
        return Reply()

    def _save(self, cursor: Cursor) -> Reply:
        force = cursor.option(("force",)) is not None
        cursor.finish()
        self._questions = [SURE, FILE, OVERWRITE] if not force else []
        self._questions += [AGAIN] if self._device.asks else []
        return Reply() if self._questions else self._saved()

    def _saved(self) -> Reply:
        self._device.save()
        return Reply(SAVED)

    def _answered(self, answer: str) -> Reply:
        if self._questions[0] != FILE and answer != "y":
            self._questions.clear()
            return Reply("The save operation is not performed.", accepted=False)
        if self._questions.pop(0) == FILE and answer:
            self._questions.clear()
            return Reply("The file name is invalid.", accepted=False)
        return Reply() if self._questions else self._saved()

    def _display(self, cursor: Cursor) -> Reply:
        shows: Mapping[str, Callable[[], str]] = {
            "current-configuration": self._device.running_text,
            "saved-configuration": self._device.startup_text,
            "users": lambda: self._device.users(self),
        }
        asked = cursor.rest()
        if asked in TABLES:
            return Reply(TABLES[asked](self._device.config))
        cursor = Cursor(asked)
        shown = cursor.keyword(shows)
        cursor.finish()
        return Reply(shows[shown]())
