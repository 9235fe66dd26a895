"""What every simulated device with VRP has: what runs and what is saved."""

from abc import abstractmethod

from nornir_itsm.lab.console import Console
from nornir_itsm.lab.vrp.grammar import Views
from nornir_itsm.lab.vrp.shell import Shell


class Device[C](Console[Shell[C]]):
    """A device; see Console.

    ``systems``: the running configurations, that of the root by an empty name. ``role``: ``M`` or ``S`` in an
    HA pair. ``denied``: beginnings of lines that the user may not type. ``locked``: somebody else holds the
    configuration.
    """

    refused = "Error: The system is busy. Please try again later."  # assumed wording
    full = (
        "Info: The max number of VTY users is {0}, and the number\n"
        "      of current VTY users on line is {0}.\n"
    )
    views: Views[C]

    def __init__(self, hostname: str, systems: dict[str, C]) -> None:
        """Take *systems* as both the running and the saved configurations."""
        super().__init__(hostname)
        self.systems = systems
        self.role = ""
        self.denied: tuple[str, ...] = ()
        self.seats = 5
        self.locked = False
        self._saved = {name: self.printed(name, config) for name, config in systems.items()}

    @abstractmethod
    def printed(self, system: str, config: C) -> str:
        """Return one configuration as printed."""

    @abstractmethod
    def loaded(self, text: str) -> dict[str, C]:
        """Return the configurations that were printed. Raises LineError."""

    @abstractmethod
    def state_of(self, config: C) -> dict[str, object]:
        """Return what a configuration does as plain comparable values."""

    @property
    def config(self) -> C:
        """The running configuration of the root."""
        return self.systems[""]

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
            self._forget()

    def reboot(self) -> None:
        """Come up again with the saved configuration; every session is cut."""
        with self.lock:
            self.systems = {name: self.loaded(text)[""] for name, text in self._saved.items()}
        self.cut()
