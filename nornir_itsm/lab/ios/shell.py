"""One session's line interpreter: modes, prompts, ``show``, ``write memory`` and its question. No I/O."""

from typing import Protocol

from nornir_itsm.lab.ios.configuration import Configuration
from nornir_itsm.lab.ios.modes import GLOBAL, Session
from nornir_itsm.lab.ios.words import Cursor, LineError
from nornir_itsm.lab.session import Reply

MORE = " --More-- "
ENTERED = "Enter configuration commands, one per line.  End with CNTL/Z."
DENIED = "Command authorization failed."
LOCKED = (
    "% Configuration mode locked exclusively by user 'other' process '210' from terminal '3'. "
    "Please try later."
)
SAVED = "Building configuration...\n[OK]"
OVERWRITE = (
    "Warning: Attempting to overwrite an NVRAM configuration previously written\n"
    "by a different version of the system image.\n"
)
CONFIRM = "Overwrite the previous NVRAM configuration?[confirm]"


class Device(Protocol):
    """What a shell needs of the router it runs on."""

    hostname: str
    locked: bool
    foreign: bool
    denied: tuple[str, ...]
    config: Configuration

    def running_text(self) -> str:
        """Return the running configuration as printed."""
        ...

    def startup_text(self) -> str:
        """Return the saved configuration as printed."""
        ...

    def save(self) -> None:
        """Make the running configuration the saved one."""
        ...


class Shell:
    """The state of one session."""

    def __init__(self, device: Device) -> None:
        """Begin in privileged EXEC."""
        self._device = device
        self._session: Session | None = None
        self._confirming = False
        self.length = 24
        self.width = 512
        self.more = (MORE, "\b" * len(MORE) + " " * len(MORE) + "\b" * len(MORE))

    @property
    def asking(self) -> bool:
        """True while a question is open."""
        return self._confirming

    @property
    def prompt(self) -> str:
        """The prompt, or the open question."""
        if self._confirming:
            return CONFIRM
        if self._session is None:
            return f"{self._device.hostname}#"
        return f"{self._device.hostname[:20]}({self._session.mode})#"

    def counts(self, line: str) -> bool:
        """Say whether faults count *line*: everything in configuration mode, and ``write``."""
        if self.asking or not line.strip():
            return False
        return self._session is not None or line.split(maxsplit=1)[0].lower() == "write"

    def echoed_after(self, line: str) -> str:  # noqa: ARG002 - the protocol's signature
        """Return nothing: the echo is the line."""
        return ""

    def answer(self, line: str) -> Reply:
        """Execute one line."""
        try:
            if self._confirming:
                return self._confirmed(line)
            return self._execute(line) if line.strip() else Reply()
        except LineError as error:
            return Reply(error.shown(len(self.prompt)), accepted=False)

    def _execute(self, line: str) -> Reply:
        if any(line.strip().startswith(word) for word in self._device.denied):
            raise LineError(DENIED)
        if self._session is not None:
            return self._configure(self._session, line)
        words = Cursor(line)
        match words.keyword(("configure", "terminal", "show", "write", "exit")):
            case "configure":
                return self._enter(words)
            case "terminal":
                return self._terminal(words)
            case "show":
                return self._show(words)
            case "write":
                return self._write(words)
            case _:
                return Reply(closed=True)

    def _configure(self, session: Session, line: str) -> Reply:
        match line.split(maxsplit=1)[0].lower():
            case "end":
                self._session = None
            case "exit" if session.mode == GLOBAL:
                self._session = None
            case "exit":
                session.mode = GLOBAL
            case _:
                session.typed(line)
        return Reply()

    def _enter(self, words: Cursor) -> Reply:
        words.keyword(("terminal",))
        words.finish()
        if self._device.locked:
            raise LineError(LOCKED)
        self._session = Session(self._device.config)
        return Reply(ENTERED)

    def _terminal(self, words: Cursor) -> Reply:
        what, number = words.keyword(("length", "width")), words.number(0, 512)
        words.finish()
        if what == "length":
            self.length = number
        else:
            self.width = number or 512
        return Reply()

    def _show(self, words: Cursor) -> Reply:
        shown = words.keyword(("running-config", "startup-config", "configuration"))
        if shown == "configuration":
            words.keyword(("lock",))
        words.finish()
        match shown:
            case "running-config":
                return Reply(self._device.running_text())
            case "startup-config":
                return Reply(self._device.startup_text())
            case _:
                state = "LOCKED" if self._device.locked else "FREE"
                return Reply(f"Parser Configure Lock\n---------------------\nState             : {state}")

    def _write(self, words: Cursor) -> Reply:
        words.keyword(("memory",))
        words.finish()
        if self._device.foreign:
            self._confirming = True
            return Reply(OVERWRITE)
        self._device.save()
        return Reply(SAVED)

    def _confirmed(self, line: str) -> Reply:
        self._confirming = False
        if line.strip().lower() not in ("", "y"):
            return Reply()
        self._device.save()
        return Reply(SAVED)
