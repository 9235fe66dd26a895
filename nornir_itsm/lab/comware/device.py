"""The simulated Comware device: its configuration, its saved configuration, its faults and its SSH port."""

from nornir_itsm.lab.comware import printing
from nornir_itsm.lab.comware.configuration import Configuration, state_of
from nornir_itsm.lab.comware.shell import Shell
from nornir_itsm.lab.comware.views import load
from nornir_itsm.lab.console import Console


class Device(Console[Shell]):
    """A switch, or a SecPath firewall; see Console.

    ``role``: ``P`` or ``S`` in a pair. ``denied``: beginnings of lines that the user may not type.
    ``others``: who else is logged in, with what idle time. ``asks``: whether ``save force`` asks all the
    same. ``chatty``: where log messages appear, ``among`` the lines of an answer, ``after`` a prompt, or
    there with the prompt repeated (``synchronous``).
    """

    refused = " The system is busy. Please try again later."  # assumed wording
    full = "% All user interfaces are used, please try later!\n"

    def __init__(self, hostname: str, config: Configuration) -> None:
        """Take *config* as both the running and the saved configuration."""
        super().__init__(hostname)
        self.config = config
        self._settle()
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

    def state(self) -> dict[str, object]:
        """Return what the running configuration does as plain comparable values."""
        with self.lock:
            return state_of(self.config)

    def startup_state(self) -> dict[str, object]:
        """Return the same of the saved configuration."""
        return state_of(load(self._saved))

    def running_text(self) -> str:
        """Return what ``display current-configuration`` prints."""
        with self.lock:
            return printing.running(self.config, self.hostname)

    def startup_text(self) -> str:
        """Return what ``display saved-configuration`` prints."""
        return self._saved

    def users(self, shell: Shell) -> str:
        """Return what ``display users`` prints in a session (layout: public samples)."""
        with self.lock:
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
        with self.lock:
            self._saved = self.running_text()

    def reset(self, text: str) -> None:
        """Become a device that runs and has saved what *text* prints: no faults, no log. Sessions go on."""
        with self.lock:
            self.config = load(text)
            self._settle()
            self.save()
            self._forget()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self.lock:
            self.config = load(self._saved)
        self.cut()

    def shell(self) -> Shell:
        """Return a new session's interpreter."""
        return Shell(self)
