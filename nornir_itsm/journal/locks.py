"""Devices that one change may write to."""

from collections.abc import Iterable

from nornir_itsm.errors import Refused
from nornir_itsm.store import Database


def take(db: Database, devices: Iterable[str], change: str, now: str) -> None:
    """Write a lock for each device, inside a transaction. Raises Refused that names who holds one."""
    sql = (
        "SELECT locks.change, locks.since, changes.author, changes.state"
        " FROM locks JOIN changes ON changes.id = locks.change WHERE device = ?"
    )
    for device in sorted(set(devices)):
        held = next(iter(db.rows(sql, device)), None)
        if held is None:
            db.write("INSERT INTO locks (device, change, since) VALUES (?, ?, ?)", device, change, now)
        elif held["change"] != change:
            who = f"{held['change']} of {held['author']} ({held['state']}) has it since {held['since']}"
            raise Refused(
                device, f"is locked: {who}", f"wait for it, or see nornir-itsm show {held['change']}"
            )
