"""The simulated Comware device: its configuration, its saved configuration, its faults and its SSH port."""

import threading
from typing import TYPE_CHECKING

from nornir_itsm.lab.comware import printing
from nornir_itsm.lab.comware.configuration import Configuration, state_of
from nornir_itsm.lab.comware.shell import Shell
from nornir_itsm.lab.comware.views import load
from nornir_itsm.lab.faults import Faults, Log, Received, Verdict
from nornir_itsm.lab.session import Reply

if TYPE_CHECKING:
    from nornir_itsm.lab.terminal import Port

REFUSED = " The system is busy. Please try again later."
"""What a refused line is answered with (assumed wording)."""
FULL = "% All user interfaces are used, please try later!\n"


class Device:
    """A switch, or a SecPath firewall. Every public method may be called from any thread.

    ``role``: ``P`` or ``S`` in a pair. ``denied``: beginnings of lines that the user may not type.
    ``seats``: sessions at once. ``others``: who else is logged in, with what idle time. ``asks``: whether
    ``save force`` asks all the same. ``chatty``: where log messages appear, ``among`` the lines of an answer,
    ``after`` a prompt, or there with the prompt repeated (``synchronous``).
    """

    def __init__(self, hostname: str, config: Configuration) -> None:
        """Take *config* as both the running and the saved configuration."""
        self.hostname = hostname
        self.faults = Faults()
        self.config = config
        self._settle()
        self._log = Log()
        self._lock = threading.RLock()
        self._sessions: list[Shell] = []
        self._port: Port[Shell] | None = None
        self._saved = self.running_text()

    def _settle(self) -> None:
        self.role = self.chatty = ""
        self.denied: tuple[str, ...] = ()
        self.others: dict[str, str] = {}
        self.seats = 5
        self.asks = False

    @classmethod
    def from_text(cls, hostname: str, text: str) -> "Device":
        """Return a device that holds a configuration as printed. Raises LineError."""
        return cls(hostname, load(text))

    @property
    def lines(self) -> tuple[Received, ...]:
        """Every line received in system view and below, and ``save``, in order."""
        return self._log.entries()

    def state(self) -> dict[str, object]:
        """Return what the running configuration does as plain comparable values."""
        with self._lock:
            return state_of(self.config)

    def startup_state(self) -> dict[str, object]:
        """Return the same of the saved configuration."""
        return state_of(load(self._saved))

    def running_text(self) -> str:
        """Return what ``display current-configuration`` prints."""
        with self._lock:
            return printing.running(self.config, self.hostname)

    def startup_text(self) -> str:
        """Return what ``display saved-configuration`` prints."""
        return self._saved

    def users(self, shell: Shell) -> str:
        """Return what ``display users`` prints in a session (layout: public samples)."""
        with self._lock:
            mine = self._sessions.index(shell) if shell in self._sessions else 0
            listed = [("admin", "00:00:00"), *self.others.items()]
            rows = ["  Idx  Line     Idle       Time              Pid     Type"]
            more = ["Following are more details."]
            for at, (user, idle) in enumerate(listed):
                mark = "+" if at == mine or len(listed) == 1 else " "
                rows.append(f"{mark} {10 + at:<4} VTY {at}    {idle}   Nov 22 15:59:00   {900 + at}     SSH")
                more += [f"VTY {at}   :", f"        User name: {user}", "        Location: 10.99.10.5"]
            return "\n".join([*rows, "", *more, " +    : Current operation user."])

    def save(self) -> None:
        """Make the running configuration the saved one."""
        with self._lock:
            self._saved = self.running_text()

    def reset(self, text: str) -> None:
        """Become a device that runs and has saved what *text* prints: no faults, no log. Sessions go on."""
        with self._lock:
            self.config = load(text)
            self._settle()
            self.save()
            self.faults.clear()
            self._log.clear()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self._lock:
            self.config = load(self._saved)
        if self._port is not None:
            self._port.cut()

    def greet(self) -> tuple[Shell, str, bool]:
        """Return the shell of a new session, what is printed at login, and whether there is a seat for it."""
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
        """The host key as ``keytype base64``, while the device listens."""
        assert self._port is not None
        return self._port.public_key

    def stop(self) -> None:
        """Cut every session and close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None
