"""Devices that one change may write to, and the process that does: a lease, renewed by each line's intention.

Nobody's lock runs out by itself: a device may be half-way. The same change takes its locks over (``resume``,
which the store lets one process at a time do); the process that had them before finds out at its next
intention, and sends nothing more. A device whose change was not begun, by a process that is dead, is free.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nornir_itsm.errors import Locked, Refused
from nornir_itsm.journal.records import Lock
from nornir_itsm.ports import UNFINISHED
from nornir_itsm.store import Database
from nornir_itsm.store.process import gone, this_process

LEASE = 300.0
"""Seconds of silence after which the process of another machine is said to be stale: more than the slowest
device takes for a line or a collection."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds locks: a process, and a word that no other holder in it has."""

    process: str = field(default_factory=this_process)
    token: str = field(default_factory=lambda: secrets.token_hex(8))


def take(db: Database, devices: Iterable[str], change: str, holder: Holder, now: str) -> None:
    """Write a lock for each device, inside a transaction; what the change has already is the holder's now.

    Raises Locked that names who holds one.
    """
    sql = (
        "SELECT locks.change, locks.since, locks.process, locks.renewed, changes.author, changes.state"
        " FROM locks JOIN changes ON changes.id = locks.change WHERE device = ?"
    )
    for device in sorted(set(devices)):
        held = next(iter(db.rows(sql, device)), None)
        if held and held["change"] == change:
            continue
        if held and not _idle(held):
            raise _locked(device, held, now)
        db.write("DELETE FROM locks WHERE device = ?", device)
        db.write("INSERT INTO locks (device, change, since) VALUES (?, ?, ?)", device, change, now)
    sql = "UPDATE locks SET process = ?, token = ?, renewed = ? WHERE change = ?"
    db.write(sql, holder.process, holder.token, now, change)


def release(db: Database, change: str, holder: Holder) -> None:
    """Give back, inside a transaction, what the holder has for a change."""
    db.write("DELETE FROM locks WHERE change = ? AND token = ?", change, holder.token)


def taken(db: Database) -> tuple[Lock, ...]:
    """Return every device that is locked, by which change and process."""
    sql = "SELECT device, change, since, process, renewed FROM locks ORDER BY device"
    return tuple(Lock(**row) for row in db.rows(sql))


def renew(db: Database, device: str, change: str, holder: Holder, now: str) -> None:
    """Say, inside a transaction, that the holder lives. Raises Refused where the device is not its own."""
    sql = "UPDATE locks SET renewed = ? WHERE device = ? AND change = ? AND token = ?"
    if not db.write(sql, now, device, change, holder.token):
        problem = f"another process has taken {change} over; nothing more is sent by this one"
        raise Refused(device, problem, f"nornir-itsm show {change}")


def _idle(held: Mapping[str, Any]) -> bool:
    """Tell whether nothing can be half-way: the change was not begun, and its process is dead."""
    return held["state"] not in UNFINISHED and gone(held["process"])


def _locked(device: str, held: Mapping[str, Any], now: str) -> Locked:
    id, process = held["change"], held["process"] or "an unknown process"
    again = "resume" if held["state"] in UNFINISHED else "apply"
    silent = _seconds(held["renewed"], now) > LEASE
    who = f"{id} of {held['author']} ({held['state']}) has it since {held['since']}, by {process}"
    if gone(held["process"]):
        who, hint = f"{who}, which is dead", f"nornir-itsm {again} {id}"
    elif silent or held["state"] == "needs_person":
        who = f"{who}, last heard of at {held['renewed']}"
        hint = f"where that process is at it no more: nornir-itsm {again} {id}"
    else:
        hint = f"wait for it (--patience SECONDS), or see nornir-itsm show {id}"
    return Locked(device, f"is locked: {who}", hint, stale=not hint.startswith("wait"))


def _seconds(since: str, now: str) -> float:
    try:
        return (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds()
    except (ValueError, TypeError):  # a lock from before there were leases
        return LEASE + 1
