"""Who may approve what, and the chain of what people decided: every link holds the digest of the one before.

Approvals and rejections, and who held, released, was handed and attested a change.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from nornir_itsm.errors import Refused
from nornir_itsm.journal.records import Approval, StoredChange
from nornir_itsm.ports import UNBEGUN
from nornir_itsm.stages.approval import emergency
from nornir_itsm.store import Database

DECIDES = ("approve", "reject")
"""Decisions about a plan; the last one about a fingerprint counts."""
PERMITS = ("approve", "emergency", "window")
"""What lets work begin: none of it may follow on a head that was noted."""
Enough = Callable[[StoredChange, Sequence[Approval]], bool]
"""Tells whether a chain that ends in an approval is enough; raises Refused where that one may not be."""


def permit(
    change: StoredChange, user: str, fingerprint: str, accept_excess: bool, links: Sequence[Approval]
) -> None:
    """Raise Refused where *user* may not approve the *fingerprint* of *change*."""
    plan, where = change.plan, f"change {change.id}"
    permit_decision(change, user, links)
    if fingerprint != plan.fingerprint:
        raise Refused(where, "its plan is another one by now", f"read it again: nornir-itsm show {change.id}")
    blocked = [demand.id for demand in plan.demands if demand.verdict == "blocked"]
    if blocked or plan.questions:
        open_ = ", ".join([*blocked, *(question.key for question in plan.questions)])
        raise Refused(
            where, f"is not decided yet: {open_}", "answer the questions, or take those demands out"
        )
    excess = [proof.demand for proof in plan.proofs if proof.excess]
    if excess and not accept_excess:
        hint = "approve with --accept-excess where that is meant"
        raise Refused(where, f"opens more than was asked for: {', '.join(excess)}", hint)


def permit_decision(change: StoredChange, user: str, links: Sequence[Approval]) -> None:
    """Raise Refused where *user* may neither approve nor reject *change*.

    What was begun in an emergency is decided about afterwards, however it ended.
    """
    where = f"change {change.id}"
    afterwards = change.state not in UNBEGUN and emergency(links, change.plan.fingerprint)
    if change.state not in ("planned", "approved") and not afterwards:
        raise Refused(where, f"is {change.state} and takes no approval", f"nornir-itsm show {change.id}")
    if user == change.author:
        raise Refused(where, f"{user} wrote it and cannot approve it", "ask another approver")


def begins(row: Mapping[str, Any], state: str, links: Sequence[Approval]) -> bool:
    """Tell whether a change, as in its *row*, goes from planned into work that was declared an emergency."""
    into_work = row["state"] == "planned" and state in ("applying", "handed_over")
    return into_work and emergency(links, row["fingerprint"]) is not None


def standing(links: Iterable[Approval], fingerprint: str) -> Approval | None:
    """Return the approval of exactly this *fingerprint* that nobody took back, or None."""
    about = [link for link in links if link.fingerprint == fingerprint and link.decision in DECIDES]
    return about[-1] if about and about[-1].decision == "approve" else None


def sealed(approval: Approval, last: Approval | None) -> Approval:
    """Return *approval* as the link that follows *last*."""
    linked = replace(approval, seq=last.seq + 1 if last else 1, previous=last.digest if last else "")
    return replace(linked, digest=digest(linked))


def digest(approval: Approval) -> str:
    """Return the SHA-256 (hex) of everything in *approval* but its own digest.

    That it approves is not said, so that links from before there were other decisions still hold.
    """
    content = asdict(approval)
    del content["digest"]
    if approval.decision == "approve":
        del content["decision"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def breaks(change: str, author: str, links: Iterable[Approval], head: str = "") -> Iterator[str]:
    """Yield what does not fit in the chain of a change by *author*; nothing where it is whole.

    *head*: the digest that was noted elsewhere (in the ticket); nothing that permits may follow on it.
    Without it a link cut off at the end goes unnoticed.
    """
    previous, seq, noted = "", 0, not head
    for seq, link in enumerate(links, start=1):
        if (link.change, link.seq, link.previous) != (change, seq, previous):
            yield f"approval {link.seq} does not follow on approval {seq - 1}"
        if link.digest != digest(link):
            yield f"approval {link.seq} was altered"
        if link.author != author:
            yield f"approval {link.seq} was given for another author"
        if head and noted and link.decision in PERMITS:
            yield f"approval {link.seq} follows on the head that was noted"
        noted = noted or link.digest == head
        previous = link.digest
    if not noted:
        yield f"the chain of {seq} approvals does not end at the head that was noted"


def of(db: Database, change: str) -> tuple[Approval, ...]:
    """Return the links of a change in order, as they are in the store."""
    rows = db.rows("SELECT * FROM approvals WHERE change = ? ORDER BY seq", change)
    return tuple(Approval(**{**row, "accept_excess": bool(row["accept_excess"])}) for row in rows)


def keep(db: Database, link: Approval) -> None:
    """Keep a link, inside a transaction."""
    values = {**asdict(link), "accept_excess": int(link.accept_excess)}
    columns = ", ".join(f'"{column}"' for column in values)  # user is a word of PostgreSQL
    db.write(f"INSERT INTO approvals ({columns}) VALUES ({', '.join('?' * len(values))})", *values.values())
