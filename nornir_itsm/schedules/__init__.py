"""Commands at set hours: kept in the store, run by a loop or by the system's timer, missed runs said."""

from nornir_itsm.schedules.store import Run, Schedule, ScheduleStore

__all__ = ["Run", "Schedule", "ScheduleStore"]
