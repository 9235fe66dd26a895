"""The journal in the one store: everything of a change that must survive a crash."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self, get_args

from nornir_itsm.errors import ChangeError, Refused
from nornir_itsm.journal import approvals, beside, codec, locks, records, reservations, steps
from nornir_itsm.journal.records import NEXT, Approval, Evidence, Lock, Move, Step, StoredChange, Summary
from nornir_itsm.journal.schema import VERSIONS, valid_until
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan, Reservation
from nornir_itsm.model.turns import Cell, CellState
from nornir_itsm.ports import UNFINISHED, Decision, Link, Phase, Said, State
from nornir_itsm.store import Database, damaged, open_store

_SUMMARY = (
    "id, state, title, organization, system, kind, fingerprint, author, ticket, created, updated, valid_until"
)
AMENDABLE = ("planned", "approved", "rejected")
"""States in which the order and the plan may be others; what is on hold stays as it is."""


class Store:
    """Changes, answers, approvals, the journal, evidence and locks. Every write is one transaction.

    Safe to share between threads; several processes may have the same store open. Every *now* is
    ISO 8601 with zone. Raises ChangeError for an unknown change and for a store that cannot be used or
    is damaged, Refused for what is not allowed.
    """

    def __init__(
        self, where: Database | Path | str, enough: approvals.Enough = lambda _, chain: bool(chain)
    ) -> None:
        """Keep the journal in a store, or in the one at a path or URL; its tables are made or completed.

        *enough*: the site's rule for approvals.
        """
        self._db = open_store(where) if isinstance(where, (Path, str)) else where
        self._db.prepare("journal", VERSIONS)
        self._enough = enough
        self._holder = locks.Holder()
        self._held: set[str] = set()

    def close(self) -> None:
        """Let go of the store."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- changes

    def new_change(self, order: Order, plan: Plan, author: str, now: str, link: Link | None = None) -> str:
        """Keep a planned change and return its id, ``C-YYYYMMDD-NNNN``; *link*: what it came of.

        Raises Refused where another change took one of its numbers or names meanwhile.
        """
        day = datetime.fromisoformat(now).strftime("%Y%m%d")
        with self._db.transaction():
            highest = "coalesce(max(CAST(substr(id, 12) AS INTEGER)), 0) AS last"
            sql = f"SELECT {highest} FROM changes WHERE id LIKE ?"
            last = self._db.rows(sql, f"C-{day}-%")[0]["last"]
            change = f"C-{day}-{last + 1:04d}"
            text = _json(order)
            self._db.write(
                "INSERT INTO changes (id, state, author, title, organization, system, kind, fingerprint,"
                " order_json, valid_until, plan_json, created, updated)"
                " VALUES (?, 'planned', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                *(change, author, *_titles(plan), text, valid_until(text), _json(plan), now, now),
            )
            self._move(change, "planned", now, "")
            beside.keep_answers(self._db, change, plan.answers, now)
            reservations.take(self._db, plan.reserved, change)
            if link is not None:
                beside.keep_link(self._db, replace(link, change=change))
        return change

    def change(self, id: str) -> StoredChange:
        """Return a change as it is now."""
        row = self._row(id)
        try:
            order = codec.decode(Order, row["order_json"])
            plan = codec.decode(Plan, row["plan_json"])
        except codec.CodecError as error:
            raise damaged(self._db, f"{id}: {error}") from None
        if plan.fingerprint != row["fingerprint"]:
            raise damaged(self._db, f"{id}: its plan has not the fingerprint that was kept")
        rest = {key: row[key] for key in ("id", "state", "author", "ticket", "created", "updated")}
        return StoredChange(order=order, plan=plan, **rest)

    def list(self, state: State | None = None) -> tuple[Summary, ...]:
        """Return all changes, or those in *state*, oldest first."""
        sql = (
            f"SELECT {_SUMMARY} FROM changes WHERE ? IN ('', state) ORDER BY substr(id, 3, 8), length(id), id"
        )
        return tuple(Summary(**row) for row in self._db.rows(sql, state or ""))

    def since(self, id: str) -> tuple[str, ...]:
        """Return the changes that came into their present state since *id* was first begun.

        By the order in which that was written: two of them may be of the same second.
        """
        self._row(id)
        return beside.since(self._db, id)

    def replace_plan(self, id: str, plan: Plan, now: str) -> None:
        """Put *plan* in the place of the one before; approvals of another fingerprint are void with it."""
        with self._db.transaction():
            row = self._row(id)
            self._replace(row, plan, now)
            if row["state"] != "planned" and plan.fingerprint != row["fingerprint"]:
                self._move(id, "planned", now, "the plan changed, its approvals are void")

    def replace_order(self, id: str, order: Order, plan: Plan, now: str, note: str) -> None:
        """Put another order and its plan in the place of those before; *note* says why.

        The change is planned then; only an approval of the very same fingerprint stands.
        """
        with self._db.transaction():
            row = self._row(id)
            self._replace(row, plan, now)
            text = _json(order)
            sql = "UPDATE changes SET order_json = ?, valid_until = ? WHERE id = ?"
            self._db.write(sql, text, valid_until(text), id)
            kept = row["state"] == "approved" and plan.fingerprint == row["fingerprint"]
            self._move(id, "approved" if kept else "planned", now, note)

    def split(self, id: str, stays: tuple[Order, Plan], goes: tuple[Order, Plan], now: str) -> str:
        """Leave a part of a change and make the rest one of its own, by the same author: both or nothing.

        Returns the number of the new one.
        """
        with self._db.transaction():
            row = self._row(id)
            reservations.release(self._db, id)
            other = self.new_change(*goes, row["author"], now, Link("", "split from", id))
            self.replace_order(id, *stays, now, f"the rest went to {other}")
        return other

    def advance(
        self,
        id: str,
        state: State,
        now: str,
        *,
        cells: Iterable[Cell] = (),
        said: Said | None = None,
        note: str = "",
    ) -> str:
        """Keep turns, what somebody said, and the state that follows, all at once; see ``set_state``.

        Returns the head of the chain.
        """
        with self._db.transaction():
            beside.keep_cells(self._db, id, cells, now)
            if said is not None:
                if said.decision in approvals.DECIDES:
                    approvals.permit_decision(self.change(id), said.user, self.approvals(id))
                self._seal(id, said, now)
            self.set_state(id, state, now, said.note if said else note)
        return self.chain_head(id)

    def turns(self, id: str) -> Mapping[int, CellState]:
        """Return the state of every turn that was kept."""
        self._row(id)
        return beside.cells(self._db, id)

    def before_hold(self, id: str) -> State:
        """Return the state in which a change was held; ``planned`` where it never was."""
        return records.before_hold(self.history(id))

    def keep_baseline(self, id: str, facts: Facts, now: str) -> None:
        """Keep what the devices held before a change was begun; the last one counts."""
        with self._db.transaction():
            self._row(id)
            beside.keep_baseline(self._db, id, facts, now)

    def baseline(self, id: str) -> Facts | None:
        """Return what the devices held before a change was begun, or None where nobody kept it."""
        self._row(id)
        return beside.baseline(self._db, id)

    def links(self, id: str = "") -> tuple[Link, ...]:
        """Return what changes came of, or the links in which *id* has a part."""
        return beside.links(self._db, id)

    def set_state(self, id: str, state: State, now: str, note: str = "") -> None:
        """Bring a change into *state*; nothing happens where it is there already.

        Raises ChangeError where that state may not follow the present one, Refused for ``approved``
        without an approval of the present plan.
        """
        with self._db.transaction():
            row = self._row(id)
            present: State = row["state"]
            if state == present:
                return
            if state not in NEXT[present] and not approvals.begins(dict(row), state, self.approvals(id)):
                allowed = " or ".join(NEXT[present]) or "nothing: it is over"
                raise ChangeError(
                    f"change {id}", f"is {present} and cannot become {state}", f"next: {allowed}"
                )
            if state == "approved" and self.approval_for(id, row["fingerprint"]) is None:
                raise Refused(f"change {id}", "its plan is not approved", f"nornir-itsm approve {id}")
            if (present, state) == ("applying", "approved") and self.steps(id):
                raise ChangeError(f"change {id}", "something was sent already", f"nornir-itsm resume {id}")
            self._move(id, state, now, note)

    def history(self, id: str) -> tuple[Move, ...]:
        """Return the states a change was in, in order."""
        self._row(id)
        rows = self._db.rows("SELECT state, at, note FROM history WHERE change = ? ORDER BY id", id)
        return tuple(Move(**row) for row in rows)

    def set_ticket(self, id: str, ticket: str, now: str) -> None:
        """Keep the number that the desk gave."""
        with self._db.transaction():
            self._row(id)
            self._db.write("UPDATE changes SET ticket = ?, updated = ? WHERE id = ?", ticket, now, id)

    def answers(self, id: str) -> Mapping[str, str]:
        """Return every answer that was ever given for a change, the latest of each key."""
        self._row(id)
        return beside.answers(self._db, id)

    # -- approvals

    def approve(
        self, id: str, user: str, fingerprint: str, note: str, accept_excess: bool, now: str
    ) -> Approval:
        """Keep that *user* approves this *fingerprint*; the last one asked for approves the change."""
        with self._db.transaction():
            change, links = self.change(id), self.verify_chain(id)
            approvals.permit(change, user, fingerprint, accept_excess, links)
            approval = self._seal(id, Said(user, "approve", note), now, accept_excess=accept_excess)
            if self._enough(change, (*links, approval)) and change.state == "planned":
                self._move(id, "approved", now, f"by {user}")
        return approval

    def approvals(self, id: str) -> tuple[Approval, ...]:
        """Return all approvals of a change in order, void ones too, as they are in the file."""
        self._row(id)
        return approvals.of(self._db, id)

    def verify_chain(self, id: str, head: str = "") -> tuple[Approval, ...]:
        """Return the approvals after checking that nobody altered them. Raises Refused.

        *head*: the digest that the ticket holds; only with it a link cut off at the end is noticed.
        """
        row, links = self._row(id), self.approvals(id)
        for problem in approvals.breaks(id, row["author"], links, head):
            hint = f"the approvals in {self._db.name} were tampered with: compare with the ticket, plan anew"
            raise Refused(f"change {id}", problem, hint)
        return links

    def chain_head(self, id: str) -> str:
        """Return the digest of the last approval, for the ticket; empty where there is none."""
        links = self.verify_chain(id)
        return links[-1].digest if links else ""

    def said(self, decision: Decision) -> tuple[str, ...]:
        """Return the changes of which somebody ever said this."""
        rows = self._db.rows("SELECT DISTINCT change FROM approvals WHERE decision = ?", decision)
        return tuple(row["change"] for row in rows)

    def approval_for(self, id: str, fingerprint: str) -> Approval | None:
        """Return the latest approval of exactly this *fingerprint*; the chain is verified first."""
        return approvals.standing(self.verify_chain(id), fingerprint)

    # -- the journal

    def intend(self, id: str, device: str, phase: Phase, what: str, now: str) -> int:
        """Make durable that *what* is going to be sent to *device*; returns the number of the step.

        Raises Refused where this process locked the devices and another one has taken them over.
        """
        assert phase in get_args(Phase), phase
        with self._db.transaction():
            self._row(id)
            if id in self._held:
                locks.renew(self._db, device, id, self._holder, now)
            return steps.intend(self._db, id, device, phase, what, now)

    def outcome(self, step: int, accepted: bool | None, answer: str | None, now: str) -> None:
        """Complete a step with what the device said; *accepted* None: the connection was lost."""
        with self._db.transaction():
            steps.outcome(self._db, step, accepted, answer, now)

    def steps(self, id: str) -> tuple[Step, ...]:
        """Return the steps of a change in the order in which they were intended."""
        self._row(id)
        return steps.of(self._db, id)

    # -- locks

    def lock(self, devices: Iterable[str], id: str, now: str) -> None:
        """Take all *devices* for a change, or none; those it has already are this process's now.

        Raises Locked.
        """
        with self._db.transaction():
            self._row(id)
            locks.take(self._db, devices, id, self._holder, now)
        self._held.add(id)

    def unlock(self, id: str) -> None:
        """Give all devices of a change back, unless another process has taken them over."""
        with self._db.transaction():
            self._row(id)
            locks.release(self._db, id, self._holder)
        self._held.discard(id)

    def locks(self) -> tuple[Lock, ...]:
        """Return every device that is locked, and by which change."""
        return locks.taken(self._db)

    def reservations(self, without: str = "") -> tuple[Reservation, ...]:
        """Return the numbers and names that changes have taken and not given back, and for whom.

        *without*: the change whose own are left out.
        """
        return reservations.taken(self._db, without)

    # -- evidence

    def keep_evidence(self, id: str, name: str, content: bytes, now: str) -> None:
        """Keep a piece of evidence whole. A second one of the same name does not replace the first."""
        with self._db.transaction():
            self._row(id)
            steps.keep_evidence(self._db, id, name, content, now)

    def evidence(self, id: str, name: str = "") -> tuple[Evidence, ...]:
        """Return the evidence of a change in the order in which it was kept, all or that of *name*."""
        self._row(id)
        return steps.evidence(self._db, id, name)

    # -- inside

    def _seal(self, id: str, said: Said, now: str, *, accept_excess: bool = False) -> Approval:
        """Put what somebody said at the end of the chain, bound to the plan as it is now."""
        row, links = self._row(id), self.verify_chain(id)
        note = self._db.clean(said.note)
        about = (said.user, row["author"], row["fingerprint"], note, accept_excess, now)
        link = Approval(id, 0, *about, "", "", said.decision)
        sealed = approvals.sealed(link, links[-1] if links else None)
        approvals.keep(self._db, sealed)
        return sealed

    def _replace(self, row: Mapping[str, Any], plan: Plan, now: str) -> None:
        id = row["id"]
        if row["state"] not in AMENDABLE:
            hint = "plan the order anew: that makes another change"
            raise ChangeError(f"change {id}", f"is {row['state']}, its plan stands", hint)
        self._db.write(
            "UPDATE changes SET title = ?, organization = ?, system = ?, kind = ?, fingerprint = ?,"
            " plan_json = ?, updated = ? WHERE id = ?",
            *(*_titles(plan), _json(plan), now, id),
        )
        beside.keep_answers(self._db, id, plan.answers, now)
        reservations.release(self._db, id)
        reservations.take(self._db, plan.reserved, id)

    def _row(self, id: str) -> Mapping[str, Any]:
        rows = self._db.rows("SELECT * FROM changes WHERE id = ?", id)
        if not rows:
            raise ChangeError(f"change {id}", "there is no such change", "nornir-itsm list shows all of them")
        return rows[0]

    def _move(self, id: str, state: State, now: str, note: str) -> None:
        if state in reservations.OVER:
            reservations.release(self._db, id)
        elif state == "done":
            reservations.release(self._db, id, "name")
        if state not in UNFINISHED:  # with the state, so that no death in between leaves a lock behind
            self._db.write("DELETE FROM locks WHERE change = ?", id)
        self._db.write("UPDATE changes SET state = ?, updated = ? WHERE id = ?", state, now, id)
        sql = "INSERT INTO history (change, state, at, note) VALUES (?, ?, ?, ?)"
        self._db.write(sql, id, state, now, note)


def _titles(plan: Plan) -> tuple[str, ...]:
    return (plan.title, plan.organization, plan.system, plan.kind, plan.fingerprint)


def _json(value: Order | Plan) -> str:
    return codec.encode(value).decode("ascii")
