"""Numbers and names that changes have taken, each for one owner, until withdrawn or rolled back.

A change that is done keeps its numbers, since an export of the IPAM may not show them yet; its names the
devices show. Several changes may take one number or name for the same owner: an order that is planned
again, a second order for the same VPC.
"""

from collections.abc import Iterable

from nornir_itsm.errors import Refused
from nornir_itsm.model.plan import Reservation
from nornir_itsm.store import Database

OVER = ("rolled_back", "withdrawn")
"""States in which a change needs neither numbers nor names any more."""


def take(db: Database, wanted: Iterable[Reservation], change: str) -> None:
    """Take numbers and names for a change inside a transaction. Raises Refused for what somebody else has."""
    for one in wanted:
        sql = "SELECT change, owner FROM reservations WHERE kind = ? AND value = ? AND owner <> ?"
        if others := db.rows(sql, one.kind, one.value, one.owner):
            said = f"{one.kind} {one.value} 已由 {others[0]['change']} 为 {others[0]['owner'][:40]} 预留"
            raise Refused(f"{one.kind} {one.value}", said, "重新 plan：会用另一个")
        columns = "kind, value, owner, change"
        sql = f"INSERT INTO reservations ({columns}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
        db.write(sql, one.kind, one.value, one.owner, change)


def release(db: Database, change: str, kind: str = "") -> None:
    """Give back inside a transaction what a change has, or what of one kind."""
    db.write("DELETE FROM reservations WHERE change = ? AND ? IN ('', kind)", change, kind)


def taken(db: Database, without: str = "") -> tuple[Reservation, ...]:
    """Return everything that is taken, and for whom; *without* what one change has."""
    sql = (
        "SELECT kind, value, owner FROM reservations WHERE change <> ?"
        " GROUP BY kind, value, owner ORDER BY kind, length(value), value"
    )
    return tuple(Reservation(**row) for row in db.rows(sql, without))
