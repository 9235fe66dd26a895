"""What every simulated device with VRP has: what runs and what is saved, faults, sessions, an SSH port."""

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from nornir_itsm.lab.faults import Faults, Log, Received, Verdict
from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.vrp.grammar import Views
from nornir_itsm.lab.vrp.shell import Shell

if TYPE_CHECKING:
    from nornir_itsm.lab.terminal import Port

REFUSED = "Error: The system is busy. Please try again later."
"""What a refused line is answered with (assumed wording)."""
FULL = (
    "Info: The max number of VTY users is {0}, and the number\n      of current VTY users on line is {0}.\n"
)


class Device[C](ABC):
    """A device. Every public method may be called from any thread.

    ``systems``: the running configurations, that of the root by an empty name. ``role``: ``M`` or ``S`` in an
    HA pair. ``denied``: beginnings of lines that the user may not type. ``seats``: sessions at once.
    ``locked``: somebody else holds the configuration.
    """

    views: Views[C]

    def __init__(self, hostname: str, systems: dict[str, C]) -> None:
        """Take *systems* as both the running and the saved configurations."""
        self.hostname = hostname
        self.faults = Faults()
        self.systems = systems
        self.role = ""
        self.denied: tuple[str, ...] = ()
        self.seats = 5
        self.locked = False
        self._saved = {name: self.printed(name, config) for name, config in systems.items()}
        self._log = Log()
        self.lock = threading.RLock()
        self._sessions: list[Shell[C]] = []
        self._port: Port[Shell[C]] | None = None

    @abstractmethod
    def printed(self, system: str, config: C) -> str:
        """Return one configuration as printed."""

    @abstractmethod
    def loaded(self, text: str) -> dict[str, C]:
        """Return the configurations that were printed. Raises LineError."""

    @abstractmethod
    def state_of(self, config: C) -> dict[str, object]:
        """Return what a configuration does as plain comparable values."""

    @abstractmethod
    def shell(self) -> Shell[C]:
        """Return a new session's interpreter."""

    @property
    def config(self) -> C:
        """The running configuration of the root."""
        return self.systems[""]

    @property
    def lines(self) -> tuple[Received, ...]:
        """Every line received in system view and below, and ``save``, in order."""
        return self._log.entries()

    def state(self) -> dict[str, object]:
        """Return what the running configuration does as plain comparable values."""
        with self.lock:
            return self._states(self.systems)

    def startup_state(self) -> dict[str, object]:
        """Return the same of the saved configuration."""
        return self._states({name: self.loaded(text)[""] for name, text in self._saved.items()})

    def _states(self, systems: dict[str, C]) -> dict[str, object]:
        inner = {f"vsys {name}": self.state_of(config) for name, config in systems.items() if name}
        return {**self.state_of(systems[""]), **inner}

    def running_text(self, system: str = "") -> str:
        """Return what ``display current-configuration`` prints; the root prints all."""
        with self.lock:
            return self._all({name: self.printed(name, one) for name, one in self.systems.items()}, system)

    def startup_text(self, system: str = "") -> str:
        """Return what ``display saved-configuration`` prints; the root prints all."""
        return self._all(self._saved, system)

    def _all(self, texts: dict[str, str], system: str) -> str:
        if system:
            return texts[system]
        inner = (f"switch vsys {name}\n{text}" for name, text in texts.items() if name)
        return "\n".join((texts[""], *inner))

    def save(self, system: str = "") -> None:
        """Make the running configuration of one system the saved one."""
        with self.lock:
            self._saved[system] = self.printed(system, self.systems[system])

    def reset(self, text: str) -> None:
        """Become a device that runs and has saved what *text* prints: no faults, no log. Sessions go on."""
        with self.lock:
            self.systems = self.loaded(text)
            self.role, self.denied, self.seats, self.locked = "", (), 5, False
            self._saved = {name: self.printed(name, config) for name, config in self.systems.items()}
            self.faults.clear()
            self._log.clear()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self.lock:
            self.systems = {name: self.loaded(text)[""] for name, text in self._saved.items()}
        if self._port is not None:
            self._port.cut()

    def greet(self) -> tuple[Shell[C], str, bool]:
        """Return the shell of a new session, what is printed at login, and whether there is a seat for it."""
        with self.lock:
            shell = self.shell()
            stays = len(self._sessions) < self.seats
            if stays:
                self._sessions.append(shell)
            return shell, "" if stays else FULL.format(self.seats), stays

    def leave(self, shell: Shell[C]) -> None:
        """Forget a session."""
        with self.lock:
            if shell in self._sessions:
                self._sessions.remove(shell)

    def receive(self, shell: Shell[C], line: str) -> tuple[Verdict, Reply]:
        """Take one line of a session: count it, let a fault fire or execute it, and log it."""
        with self.lock:
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
        """The host key as ``keytype base64``, while the device listens."""
        assert self._port is not None
        return self._port.public_key

    def stop(self) -> None:
        """Cut every session and close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None
