"""What was sent to devices, each line or call as an intention and its outcome, and what is kept of a run."""

import hashlib

from nornir_itsm.errors import ChangeError
from nornir_itsm.journal.records import Evidence, Step
from nornir_itsm.ports import Phase
from nornir_itsm.store import Database, damaged


def intend(db: Database, change: str, device: str, phase: Phase, what: str, now: str) -> int:
    """Keep, inside a transaction, that *what* is going to be sent; return the number of the step."""
    sql = "SELECT coalesce(max(seq), 0) AS last FROM steps WHERE change = ? AND device = ?"
    seq = db.rows(sql, change, device)[0]["last"] + 1
    columns = "change, device, seq, phase, what, intended_at"
    sql = f"INSERT INTO steps ({columns}) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
    return int(db.rows(sql, change, device, seq, phase, what, now)[0]["id"])


def outcome(db: Database, step: int, accepted: bool | None, answer: str | None, now: str) -> None:
    """Complete a step inside a transaction. Raises ChangeError where it is none, or is complete."""
    found = db.rows("SELECT change, outcome_at FROM steps WHERE id = ?", step)
    if not found or found[0]["outcome_at"]:
        problem = "has an outcome already" if found else "was never intended"
        raise ChangeError(f"step {step}", problem)
    sql = "UPDATE steps SET outcome_at = ?, accepted = ?, answer = ? WHERE id = ?"
    db.write(sql, now, None if accepted is None else int(accepted), answer, step)


def of(db: Database, change: str) -> tuple[Step, ...]:
    """Return the steps of a change in the order in which they were intended."""
    rows = db.rows("SELECT * FROM steps WHERE change = ? ORDER BY id", change)
    known = {0: False, 1: True}
    return tuple(Step(**{**row, "accepted": known.get(row["accepted"])}) for row in rows)


def keep_evidence(db: Database, change: str, name: str, content: bytes, now: str) -> None:
    """Keep a piece of evidence whole, inside a transaction."""
    sql = "INSERT INTO evidence (change, name, content, sha256, at) VALUES (?, ?, ?, ?, ?)"
    db.write(sql, change, name, content, hashlib.sha256(content).hexdigest(), now)


def evidence(db: Database, change: str, name: str) -> tuple[Evidence, ...]:
    """Return the evidence of a change, all or that of *name*. Raises ChangeError for what was altered."""
    sql = "SELECT name, content, at, sha256 FROM evidence WHERE change = ? AND ? IN ('', name) ORDER BY id"
    found = tuple(Evidence(**row) for row in db.rows(sql, change, name))
    for piece in found:
        if hashlib.sha256(piece.content).hexdigest() != piece.sha256:
            raise damaged(db, f"{change}: the evidence {piece.name!r} was altered")
    return found
