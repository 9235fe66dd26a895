"""Ticket systems, one file each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from nornir_itsm.itsm.folder import FolderDesk
from nornir_itsm.ports import Clock, TicketDesk

DESKS: Mapping[str, Callable[[Path, Clock], TicketDesk]] = {"folder": FolderDesk}
"""Kind of desk in config.yaml -> how it is opened at its path."""

__all__ = ["DESKS", "FolderDesk"]
