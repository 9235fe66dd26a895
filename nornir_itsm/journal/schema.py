"""The tables of the journal; a new version is a further script, an old one is never changed.

Times are ISO 8601 text with zone. *_json columns are model values, written by ``codec``. Nothing here holds a
secret. ``user`` is quoted because PostgreSQL knows that word. Files from before the store had rooms hold the
tables of the first version already.
"""

import json

from nornir_itsm.store import Database

_FIRST = """
    -- One row per change; the present state. history says how it came to it.
    CREATE TABLE IF NOT EXISTS changes (
        id           TEXT PRIMARY KEY,           -- C-YYYYMMDD-NNNN, numbered per day
        state        TEXT NOT NULL,              -- State in ports.py, NEXT in records.py: which may follow
        author       TEXT NOT NULL,              -- name of a user, may not approve
        ticket       TEXT NOT NULL DEFAULT '',   -- number at the desk
        title        TEXT NOT NULL,              -- title, organization, system, kind, fingerprint: its plan's
        organization TEXT NOT NULL,              -- so that a list need not read the plans
        system       TEXT NOT NULL,
        kind         TEXT NOT NULL,
        fingerprint  TEXT NOT NULL,              -- what approvals are bound to
        order_json   TEXT NOT NULL,
        plan_json    TEXT NOT NULL,
        created      TEXT NOT NULL,
        updated      TEXT NOT NULL
    );
    -- Every state a change was in, and why.
    CREATE TABLE IF NOT EXISTS history (
        id     {serial},
        change TEXT NOT NULL REFERENCES changes (id),
        state  TEXT NOT NULL,
        at     TEXT NOT NULL,
        note   TEXT NOT NULL DEFAULT ''
    );
    -- Answers to a plan's questions; every later preparation uses them again.
    CREATE TABLE IF NOT EXISTS answers (
        change TEXT NOT NULL REFERENCES changes (id),
        key    TEXT NOT NULL,                    -- <demand>.<field> or <sheet>!<cell>.<field>
        value  TEXT NOT NULL,
        at     TEXT NOT NULL,
        PRIMARY KEY (change, key)
    );
    -- What people decided and said, a chain of hashes per change: digest covers all other columns and so the
    -- digest before. Rows are never updated; an approval of another fingerprint than the plan's is void.
    CREATE TABLE IF NOT EXISTS approvals (
        change        TEXT NOT NULL REFERENCES changes (id),
        seq           INTEGER NOT NULL,          -- 1, 2, 3 ...
        "user"        TEXT NOT NULL,
        author        TEXT NOT NULL,             -- of the change, as it was approved
        fingerprint   TEXT NOT NULL,
        note          TEXT NOT NULL,
        accept_excess INTEGER NOT NULL CHECK (accept_excess IN (0, 1)),
        at            TEXT NOT NULL,
        previous      TEXT NOT NULL,             -- digest of the row before, empty for the first
        digest        TEXT NOT NULL,             -- sha256, hex
        decision      TEXT NOT NULL DEFAULT 'approve',  -- Decision in ports.py
        PRIMARY KEY (change, seq),
        CHECK ("user" <> author OR decision NOT IN ('approve', 'reject'))
    );
    -- The journal: a row is written before a line or call is sent, and completed when the answer is there.
    -- A row without outcome after a crash: it is not known whether the device has it.
    CREATE TABLE IF NOT EXISTS steps (
        id          {serial},
        change      TEXT NOT NULL REFERENCES changes (id),
        device      TEXT NOT NULL,
        seq         INTEGER NOT NULL,            -- order within change and device, from 1
        phase       TEXT NOT NULL CHECK (phase IN ('push', 'undo', 'save')),
        what        TEXT NOT NULL,               -- the line or call
        intended_at TEXT NOT NULL,
        outcome_at  TEXT,                        -- NULL: nothing known yet
        accepted    INTEGER CHECK (accepted IN (0, 1)),  -- NULL: unknown (connection lost, or no outcome yet)
        answer      TEXT,                        -- what the device said, NULL where nothing came
        UNIQUE (change, device, seq)
    );
    -- Facts before and after, transcripts, verdicts. Rows are never updated; the last of a name counts.
    CREATE TABLE IF NOT EXISTS evidence (
        id      {serial},
        change  TEXT NOT NULL REFERENCES changes (id),
        name    TEXT NOT NULL,
        content {bytes} NOT NULL,
        sha256  TEXT NOT NULL,                   -- of content, hex
        at      TEXT NOT NULL
    );
    -- The turns of a change, each with a state of its own; the change's state follows from them.
    CREATE TABLE IF NOT EXISTS cells (
        change  TEXT NOT NULL REFERENCES changes (id),
        turn    INTEGER NOT NULL,                -- from 1, in the order of execution
        state   TEXT NOT NULL,                   -- Cell in model/turns.py
        at      TEXT NOT NULL,
        PRIMARY KEY (change, turn)
    );
    -- What the devices held before a person began: what his work is held against. *_json is a model value.
    CREATE TABLE IF NOT EXISTS baselines (
        change     TEXT PRIMARY KEY REFERENCES changes (id),
        facts_json TEXT NOT NULL,
        at         TEXT NOT NULL
    );
    -- Changes that came of others: split from, removes what it opened.
    CREATE TABLE IF NOT EXISTS links (
        change TEXT NOT NULL REFERENCES changes (id),
        kind   TEXT NOT NULL CHECK (kind IN ('split from', 'removes')),
        other  TEXT NOT NULL REFERENCES changes (id),
        PRIMARY KEY (change, kind, other)
    );
    -- Who may write to a device: from the start of apply to verified or rolled back.
    CREATE TABLE IF NOT EXISTS locks (
        device TEXT PRIMARY KEY,
        change TEXT NOT NULL REFERENCES changes (id),
        since  TEXT NOT NULL
    );
    -- Numbers (VLANs) and names that a change has taken, and for whom. Numbers are kept until it is withdrawn
    -- or rolled back; names until it is over, since the devices show them then.
    CREATE TABLE IF NOT EXISTS reservations (
        kind   TEXT NOT NULL,
        value  TEXT NOT NULL,
        owner  TEXT NOT NULL,                    -- a value has one owner, in however many changes
        change TEXT NOT NULL REFERENCES changes (id),
        PRIMARY KEY (kind, value, change)
    );
    CREATE INDEX IF NOT EXISTS history_of ON history (change);
    CREATE INDEX IF NOT EXISTS evidence_of ON evidence (change, name);
"""


def valid_until(order_json: str) -> str:
    """Return the first last day of what an order adds, as ISO date; empty where there is none."""
    try:
        demands = json.loads(order_json)["demands"]
        days = [one["valid_until"] for one in demands if one["action"] == "add"]
    except (ValueError, KeyError, TypeError):
        return ""  # a damaged order is told where it is read; a list still works
    return min((day for day in days if isinstance(day, str)), default="")


def _last_days(database: Database) -> None:
    """Give every change the column that a list shows, so that it need not read the orders."""
    database.write("ALTER TABLE changes ADD COLUMN valid_until TEXT NOT NULL DEFAULT ''")
    for row in database.rows("SELECT id, order_json FROM changes"):
        until = valid_until(row["order_json"])
        database.write("UPDATE changes SET valid_until = ? WHERE id = ?", until, row["id"])


_LEASES = """
    -- HOST NUMBER of the process, and a word that only it knows: with another one here the lock is another's.
    ALTER TABLE locks ADD COLUMN process TEXT NOT NULL DEFAULT '';
    ALTER TABLE locks ADD COLUMN token TEXT NOT NULL DEFAULT '';
    -- When that process last said that it is going to send something.
    ALTER TABLE locks ADD COLUMN renewed TEXT NOT NULL DEFAULT '';
"""

VERSIONS = (_FIRST, _last_days, _LEASES)
