"""The simulated router: its configuration, its startup configuration, its faults and its SSH port."""

import threading
from typing import TYPE_CHECKING

from nornir_itsm.lab.faults import Faults, Log, Received, Verdict
from nornir_itsm.lab.ios.configuration import Configuration
from nornir_itsm.lab.ios.modes import load
from nornir_itsm.lab.ios.shell import Shell
from nornir_itsm.lab.session import Reply

if TYPE_CHECKING:
    from nornir_itsm.lab.terminal import Port

REFUSED = "% Resource temporarily unavailable"
"""What a refused line is answered with (assumed wording)."""
FULL = "% Connection refused: the limit of VTY lines is reached\n"
"""Assumed wording."""


class Router:
    """An IOS XE router. Every public method may be called from any thread.

    ``denied``: beginnings of lines that the user may not type. ``seats``: sessions at once. ``locked``:
    somebody else holds the configuration. ``foreign``: another release wrote the startup configuration, so
    that saving asks for a confirmation.
    """

    def __init__(self, hostname: str, config: Configuration) -> None:
        """Take *config* as both the running and the saved configuration."""
        self.hostname = hostname
        self.faults = Faults()
        self.config = config
        self.denied: tuple[str, ...] = ()
        self.seats = 5
        self.locked = self.foreign = False
        self._log = Log()
        self._lock = threading.RLock()
        self._saved = self._body()
        self._sessions: list[Shell] = []
        self._port: Port[Shell] | None = None

    @classmethod
    def from_text(cls, text: str) -> "Router":
        """Return a router that holds a configuration as printed. Raises LineError."""
        return cls(*load(text))

    @property
    def lines(self) -> tuple[Received, ...]:
        """Every line received in configuration mode, and ``write``, in order."""
        return self._log.entries()

    def state(self) -> dict[str, object]:
        """Return what the running configuration does as plain comparable values."""
        with self._lock:
            return self.config.state()

    def startup_state(self) -> dict[str, object]:
        """Return the same of the saved configuration."""
        return load(self._saved)[1].state()

    def running_text(self) -> str:
        """Return what ``show running-config`` prints."""
        with self._lock:
            body = self._body()
        size = len(body.encode())
        return f"Building configuration...\n\nCurrent configuration : {size} bytes\n{body}"

    def startup_text(self) -> str:
        """Return what ``show startup-config`` prints."""
        return f"Using {len(self._saved.encode())} out of 524288 bytes\n{self._saved}"

    def save(self) -> None:
        """Make the running configuration the saved one."""
        with self._lock:
            self._saved = self._body()
            self.foreign = False

    def reset(self, text: str) -> None:
        """Become a router that runs and has saved what *text* prints: no faults, no log. Sessions go on."""
        with self._lock:
            self.hostname, self.config = load(text)
            self.denied, self.seats, self.locked = (), 5, False
            self.save()
            self.faults.clear()
            self._log.clear()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self._lock:
            _, self.config = load(self._saved)
        if self._port is not None:
            self._port.cut()

    def greet(self) -> tuple[Shell, str, bool]:
        """Return the shell of a new session, what is printed at login, and whether there is a line for it."""
        with self._lock:
            shell = Shell(self)
            stays = len(self._sessions) < self.seats
            if stays:
                self._sessions.append(shell)
            return shell, "" if stays else FULL, stays

    def leave(self, shell: Shell) -> None:
        """Forget a session."""
        with self._lock:
            if shell in self._sessions:
                self._sessions.remove(shell)

    def receive(self, shell: Shell, line: str) -> tuple[Verdict, Reply]:
        """Take one line of a session: count it, let a fault fire or execute it, and log it."""
        with self._lock:
            if not shell.counts(line):
                return Verdict.EXECUTE, shell.answer(line)
            verdict = self.faults.verdict()
            if verdict is Verdict.REFUSE:
                reply = Reply(REFUSED, accepted=False)
            elif verdict is Verdict.DROP_BEFORE:
                reply = Reply(accepted=False)
            else:
                reply = shell.answer(line)
            self._log.add(line.strip(), accepted=reply.accepted)
            return verdict, reply

    def start(self, password: str) -> int:
        """Listen on a free loopback port for user ``admin`` with *password*; return the port."""
        from nornir_itsm.lab.terminal import Port

        self._port = Port(self, password)
        return self._port.open()

    @property
    def host_key(self) -> str:
        """The host key as ``keytype base64``, while the router listens."""
        assert self._port is not None
        return self._port.public_key

    def stop(self) -> None:
        """Cut every session and close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def _body(self) -> str:
        return "\n".join([*self.config.printed(self.hostname), "end"])
