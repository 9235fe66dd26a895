"""Collections, kept: a snapshot per run with raw text and rows, compared, handed on as workbook or frames."""

from nornir_itsm.snapshots.store import SnapshotStore

__all__ = ["SnapshotStore"]
