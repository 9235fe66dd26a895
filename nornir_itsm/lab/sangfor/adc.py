"""The simulated controller: its objects, its faults and its HTTPS port."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.lab.faults import Faults, Log, Received
from nornir_itsm.lab.sangfor.store import Store

if TYPE_CHECKING:
    from nornir_itsm.lab.sangfor.server import Port


class Adc:
    """A Sangfor AD. Every public method may be called from any thread."""

    def __init__(self, hostname: str, store: Store) -> None:
        """Take what the device holds."""
        self.hostname = hostname
        self.faults = Faults()
        self.store = store
        self.log = Log()
        self.lock = threading.RLock()
        """Held for the whole of one call: the device does one write at a time."""
        self._port: Port | None = None

    @classmethod
    def from_snapshot(cls, hostname: str, folder: Path) -> "Adc":
        """Return a controller that holds what *folder* says. Raises ConfigError."""
        return cls(hostname, Store.from_snapshot(folder))

    @property
    def lines(self) -> tuple[Received, ...]:
        """Every write call received, as ``POST /net/dnat {body}``, in order."""
        return self.log.entries()

    def state(self) -> dict[str, object]:
        """Return everything the device holds as plain comparable values, without positions."""
        with self.lock:
            return self.store.state()

    def reset(self, store: Store) -> None:
        """Become a controller that holds *store*: no faults, no log."""
        with self.lock:
            self.store = store
            self.faults.clear()
            self.log.clear()

    def start(self, password: str, certificate: Path, key: Path) -> int:
        """Listen on a free loopback port for user ``admin`` with *password*; return the port."""
        from nornir_itsm.lab.sangfor.server import Port

        self._port = Port(self, password, certificate, key)
        return self._port.open()

    def stop(self) -> None:
        """Cut every connection and close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None
