"""The durable record: changes, approvals, what was sent to which device, locks and evidence."""

from nornir_itsm.journal.records import Approval, Evidence, Step, StoredChange, Summary
from nornir_itsm.journal.store import Store
from nornir_itsm.ports import State

__all__ = ["Approval", "Evidence", "State", "Step", "Store", "StoredChange", "Summary"]
