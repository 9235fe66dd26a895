"""Numbers that changes have taken: each for one owner, until the change is withdrawn or rolled back.

A change that is done keeps its numbers, since an export of the IPAM may not show them yet. Several changes
may take one number for the same owner: an order that is planned again, a second order for the same VPC.
"""

from collections.abc import Iterable

from nornir_itsm.errors import Refused
from nornir_itsm.journal.database import Database
from nornir_itsm.model.plan import Reservation

OVER = ("rolled_back", "withdrawn")
"""States in which a change needs its numbers no more."""


def take(db: Database, wanted: Iterable[Reservation], change: str) -> None:
    """Take numbers for a change inside a transaction. Raises Refused for one that somebody else has."""
    for one in wanted:
        sql = "SELECT change, owner FROM reservations WHERE kind = ? AND value = ? AND owner <> ?"
        if others := db.rows(sql, one.kind, one.value, one.owner):
            said = f"{one.kind} {one.value} 已由 {others[0]['change']} 为 {others[0]['owner']} 预留"
            raise Refused(f"{one.kind} {one.value}", said, "重新 plan：会建议另一个编号")
        sql = "INSERT OR IGNORE INTO reservations (kind, value, owner, change) VALUES (?, ?, ?, ?)"
        db.write(sql, one.kind, one.value, one.owner, change)


def release(db: Database, change: str) -> None:
    """Give the numbers of a change back inside a transaction."""
    db.write("DELETE FROM reservations WHERE change = ?", change)


def taken(db: Database) -> tuple[Reservation, ...]:
    """Return every number that is taken, and for whom."""
    sql = "SELECT DISTINCT kind, value, owner FROM reservations ORDER BY kind, length(value), value"
    return tuple(Reservation(**row) for row in db.rows(sql))
