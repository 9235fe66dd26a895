"""The simulated router: its configuration, its startup configuration, its faults and its SSH port."""

from nornir_itsm.lab.console import Console
from nornir_itsm.lab.ios.configuration import Configuration
from nornir_itsm.lab.ios.modes import load
from nornir_itsm.lab.ios.shell import Shell


class Router(Console[Shell]):
    """An IOS XE router; see Console.

    ``denied``: beginnings of lines that the user may not type. ``locked``: somebody else holds the
    configuration. ``foreign``: another release wrote the startup configuration, so that saving asks for a
    confirmation.
    """

    refused = "% Resource temporarily unavailable"  # assumed wording
    full = "% Connection refused: the limit of VTY lines is reached\n"  # assumed wording

    def __init__(self, hostname: str, config: Configuration) -> None:
        """Take *config* as both the running and the saved configuration."""
        super().__init__(hostname)
        self.config = config
        self.denied: tuple[str, ...] = ()
        self.seats = 5
        self.locked = self.foreign = False
        self._saved = self._body()

    @classmethod
    def from_text(cls, text: str) -> "Router":
        """Return a router that holds a configuration as printed. Raises LineError."""
        return cls(*load(text))

    def state(self) -> dict[str, object]:
        """Return what the running configuration does as plain comparable values."""
        with self.lock:
            return self.config.state()

    def startup_state(self) -> dict[str, object]:
        """Return the same of the saved configuration."""
        return load(self._saved)[1].state()

    def running_text(self) -> str:
        """Return what ``show running-config`` prints."""
        with self.lock:
            body = self._body()
        size = len(body.encode())
        return f"Building configuration...\n\nCurrent configuration : {size} bytes\n{body}"

    def startup_text(self) -> str:
        """Return what ``show startup-config`` prints."""
        return f"Using {len(self._saved.encode())} out of 524288 bytes\n{self._saved}"

    def save(self) -> None:
        """Make the running configuration the saved one."""
        with self.lock:
            self._saved = self._body()
            self.foreign = False

    def reset(self, text: str) -> None:
        """Become a router that runs and has saved what *text* prints: no faults, no log. Sessions go on."""
        with self.lock:
            self.hostname, self.config = load(text)
            self.denied, self.seats, self.locked = (), 5, False
            self.save()
            self._forget()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self.lock:
            _, self.config = load(self._saved)
        self.cut()

    def shell(self) -> Shell:
        """Return a new session's interpreter."""
        return Shell(self)

    def _body(self) -> str:
        return "\n".join([*self.config.printed(self.hostname), "end"])
