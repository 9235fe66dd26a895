"""The simulated firewall: its configuration, its saved configuration, its faults and its SSH port."""

from pathlib import Path

from nornir_itsm.lab.console import Console
from nornir_itsm.lab.stoneos import printing, snapshot
from nornir_itsm.lab.stoneos.configuration import Configuration, state_of
from nornir_itsm.lab.stoneos.modes import load
from nornir_itsm.lab.stoneos.shell import Shell


class Firewall(Console[Shell]):
    """A StoneOS firewall; see Console."""

    refused = "Error: System is busy, please try again later"  # assumed wording

    def __init__(self, hostname: str, config: Configuration) -> None:
        """Take *config* as both the running and the saved configuration."""
        super().__init__(hostname)
        self.config = config
        self.saved = "\n".join(printing.body(config))
        self.locked = False
        """Set to make the configuration locked by somebody else: it can be read, not changed."""

    @classmethod
    def from_snapshot(cls, hostname: str, folder: Path) -> "Firewall":
        """Return a firewall that holds what *folder* says, saved. Raises ConfigError."""
        return cls(hostname, snapshot.read(folder))

    def state(self) -> dict[str, object]:
        """Return what the running configuration does as plain comparable values, without ids."""
        with self.lock:
            return state_of(self.config)

    def startup_state(self) -> dict[str, object]:
        """Return the same of the saved configuration."""
        with self.lock:
            return state_of(load(self.saved, self.config))

    def running_text(self) -> str:
        """Return what ``show configuration`` prints."""
        with self.lock:
            return printing.running(self.config)

    def startup_text(self) -> str:
        """Return what ``show configuration startup`` prints."""
        with self.lock:
            return printing.startup(self.saved)

    def save(self) -> None:
        """Make the running configuration the startup configuration."""
        with self.lock:
            self.saved = "\n".join(printing.body(self.config))

    def load(self, text: str) -> None:
        """Replace the running configuration by one as printed. Raises LineError; then nothing changed."""
        with self.lock:
            self.config = load(text, self.config)

    def reset(self, config: Configuration) -> None:
        """Become a firewall that runs and has saved *config*: no faults, no lock, no log. Sessions go on."""
        with self.lock:
            self.config = config
            self.locked = False
            self.save()
            self._forget()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self.lock:
            self.config = load(self.saved, self.config)
        self.cut()

    def shell(self) -> Shell:
        """Return a new session's interpreter."""
        return Shell(self)
