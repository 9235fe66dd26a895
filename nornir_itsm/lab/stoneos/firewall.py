"""The simulated firewall: its configuration, its saved configuration, its faults and its SSH port."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.lab.faults import Faults, Log, Received, Verdict
from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.stoneos import printing, snapshot
from nornir_itsm.lab.stoneos.configuration import Configuration, state_of
from nornir_itsm.lab.stoneos.modes import load
from nornir_itsm.lab.stoneos.shell import Shell

if TYPE_CHECKING:
    from nornir_itsm.lab.terminal import Port

REFUSED = "Error: System is busy, please try again later"
"""What a refused line is answered with (assumed wording)."""


class Firewall:
    """A StoneOS firewall. Every public method may be called from any thread."""

    def __init__(self, hostname: str, config: Configuration) -> None:
        """Take *config* as both the running and the saved configuration."""
        self.hostname = hostname
        self.faults = Faults()
        self.config = config
        self.saved = "\n".join(printing.body(config))
        self.locked = False
        """Set to make the configuration locked by somebody else: it can be read, not changed."""
        self._log = Log()
        self._lock = threading.RLock()
        self._port: Port[Shell] | None = None

    @classmethod
    def from_snapshot(cls, hostname: str, folder: Path) -> "Firewall":
        """Return a firewall that holds what *folder* says, saved. Raises ConfigError."""
        return cls(hostname, snapshot.read(folder))

    @property
    def lines(self) -> tuple[Received, ...]:
        """Every line received in configuration mode, and ``save``, in order."""
        return self._log.entries()

    def state(self) -> dict[str, object]:
        """Return what the running configuration does as plain comparable values, without ids."""
        with self._lock:
            return state_of(self.config)

    def startup_state(self) -> dict[str, object]:
        """Return the same of the saved configuration."""
        with self._lock:
            return state_of(load(self.saved, self.config))

    def running_text(self) -> str:
        """Return what ``show configuration`` prints."""
        with self._lock:
            return printing.running(self.config)

    def startup_text(self) -> str:
        """Return what ``show configuration startup`` prints."""
        with self._lock:
            return printing.startup(self.saved)

    def save(self) -> None:
        """Make the running configuration the startup configuration."""
        with self._lock:
            self.saved = "\n".join(printing.body(self.config))

    def load(self, text: str) -> None:
        """Replace the running configuration by one as printed. Raises LineError; then nothing changed."""
        with self._lock:
            self.config = load(text, self.config)

    def reset(self, config: Configuration) -> None:
        """Become a firewall that runs and has saved *config*: no faults, no lock, no log. Sessions go on."""
        with self._lock:
            self.config = config
            self.locked = False
            self.save()
            self.faults.clear()
            self._log.clear()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self._lock:
            self.config = load(self.saved, self.config)
        if self._port is not None:
            self._port.cut()

    def greet(self) -> tuple[Shell, str, bool]:
        """Return the shell of a new session; nothing is printed at login."""
        return Shell(self), "", True

    def leave(self, shell: Shell) -> None:
        """Forget a session: there is no limit on them."""

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
        """The host key as ``keytype base64``, while the firewall listens."""
        assert self._port is not None
        return self._port.public_key

    def stop(self) -> None:
        """Cut every session and close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None
