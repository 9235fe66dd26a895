"""Nornir inventory plugin ``itsm-export``: an inventory from one of our exports."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.inventory.exports import imported
from nornir_itsm.inventory.report import Report

if TYPE_CHECKING:
    from nornir.core.inventory import Inventory


class ExportedInventory:
    """``path``: a JSON or INI file, or the folder of hosts.yaml, groups.yaml and defaults.yaml."""

    def __init__(self, path: str) -> None:
        """Take the path; it is read by load()."""
        self._path = Path(path).expanduser()
        self.reports: tuple[Report, ...] = ()

    def load(self) -> "Inventory":
        """Read it. Raises ConfigError."""
        inventory = imported(self._path)
        taken = datetime.fromtimestamp(self._path.stat().st_mtime).astimezone().isoformat(timespec="seconds")
        self.reports = (Report(str(self._path), taken, len(inventory.hosts)),)
        return inventory
