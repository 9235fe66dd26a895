"""What every simulated device behind an SSH port has: sessions, faults, a log of what was typed, the port."""

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from nornir_itsm.lab import session
from nornir_itsm.lab.faults import Faults, Log, Received, Verdict
from nornir_itsm.lab.session import Reply

if TYPE_CHECKING:
    from nornir_itsm.lab.terminal import Port


class Shell(session.Shell, Protocol):
    """A session's interpreter as its device needs it."""

    def answer(self, line: str) -> Reply:
        """Execute a line."""
        ...


class Console[S: Shell](ABC):
    """A device. Every public method may be called from any thread.

    ``refused``: what a refused line is answered with; ``full``: what is said at login where every seat is
    taken (``{0}``: how many there are). ``seats``: sessions at once, None for no limit.
    """

    refused: str
    full: str = ""
    seats: int | None = None

    def __init__(self, hostname: str) -> None:
        """Begin without sessions, faults and a log; nothing listens before ``start``."""
        self.hostname = hostname
        self.faults = Faults()
        self.lock = threading.RLock()
        self._log = Log()
        self._sessions: list[S] = []
        self._port: Port[S] | None = None

    @abstractmethod
    def shell(self) -> S:
        """Return a new session's interpreter."""

    @property
    def lines(self) -> tuple[Received, ...]:
        """Every line received in configuration mode, and the one that saves, in order."""
        return self._log.entries()

    def greet(self) -> tuple[S, str, bool]:
        """Return the shell of a new session, what is printed at login, and whether there is a seat for it."""
        with self.lock:
            shell = self.shell()
            stays = self.seats is None or len(self._sessions) < self.seats
            if stays:
                self._sessions.append(shell)
            return shell, "" if stays else self.full.format(self.seats), stays

    def leave(self, shell: S) -> None:
        """Forget a session."""
        with self.lock:
            if shell in self._sessions:
                self._sessions.remove(shell)

    def receive(self, shell: S, line: str) -> tuple[Verdict, Reply]:
        """Take one line of a session: count it, let a fault fire or execute it, and log it."""
        with self.lock:
            if not shell.counts(line):
                return Verdict.EXECUTE, shell.answer(line)
            verdict = self.faults.verdict()
            if verdict is Verdict.REFUSE:
                reply = Reply(self.refused, accepted=False)
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
        """The host key as ``keytype base64``, while the device listens."""
        assert self._port is not None
        return self._port.public_key

    def stop(self) -> None:
        """Cut every session and close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def cut(self) -> None:
        """Cut every session; the port goes on listening."""
        if self._port is not None:
            self._port.cut()

    def _forget(self) -> None:
        """Have neither faults nor a log any more. Sessions go on."""
        self.faults.clear()
        self._log.clear()
