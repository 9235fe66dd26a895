"""The simulated USG: its root and its virtual systems (vsys), each with a configuration of its own."""

from collections.abc import Callable
from typing import Self

from nornir_itsm.lab.session import Reply
from nornir_itsm.lab.vrp import printing
from nornir_itsm.lab.vrp.configuration import Configuration, state_of
from nornir_itsm.lab.vrp.device import Device
from nornir_itsm.lab.vrp.grammar import Views
from nornir_itsm.lab.vrp.shell import Shell
from nornir_itsm.lab.vrp.views import VIEWS, load_systems
from nornir_itsm.lab.vrp.words import Cursor, LineError

NO_SYSTEM = "The specified virtual system does not exist."


class Firewall(Device[Configuration]):
    """A USG; see Device."""

    views: Views[Configuration] = VIEWS

    @classmethod
    def from_text(cls, hostname: str, text: str) -> Self:
        """Return a firewall that holds a configuration as printed. Raises LineError."""
        return cls(hostname, load_systems(text))

    def printed(self, system: str, config: Configuration) -> str:
        """Return one configuration; only the root's says the version and the name of the box."""
        return printing.running(config, "" if system else self.hostname)

    def loaded(self, text: str) -> dict[str, Configuration]:
        """Return the configurations of the root and of each virtual system."""
        return load_systems(text)

    def state_of(self, config: Configuration) -> dict[str, object]:
        """Return what a configuration does."""
        return state_of(config)

    def shell(self) -> "FirewallShell":
        """Return a new session's interpreter."""
        return FirewallShell(self)


class FirewallShell(Shell[Configuration]):
    """A session of a USG, in the root or in one of its virtual systems."""

    def own(self) -> dict[str, Callable[[Cursor], Reply]]:
        """Add ``switch vsys NAME``, which stands in the root's system view."""
        found = super().own()
        if self._context is not None and not (self._context.frames or self._system):
            found["switch"] = self._switch
        return found

    def _switch(self, cursor: Cursor) -> Reply:
        cursor.keyword(("vsys",))
        name = cursor.name()
        cursor.finish()
        if not name or name not in self._device.systems:
            raise LineError(NO_SYSTEM)
        self._system, self._context = name, None
        return Reply()

    def quit(self, cursor: Cursor) -> Reply:
        """Leave one view; the user view of a virtual system leads back to the root's system view."""
        if self._context is None and self._system:
            cursor.finish()
            self._system = ""
            return self.enter(Cursor(""))
        return super().quit(cursor)
