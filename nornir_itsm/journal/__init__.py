"""The durable record: changes, approvals, what was sent to which device, locks and evidence."""

from nornir_itsm.journal.records import Approval, Evidence, State, Step, StoredChange, Summary
from nornir_itsm.journal.store import Store

__all__ = ["Approval", "Evidence", "State", "Step", "Store", "StoredChange", "Summary"]
