"""What is kept beside a change: turns, answers, what the devices held before, and what it came of."""

from collections.abc import Iterable, Mapping

from nornir_itsm.journal import codec
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.turns import CELL_STATES, Cell, CellState
from nornir_itsm.ports import Link
from nornir_itsm.store import Database, damaged


def keep_cells(db: Database, change: str, cells: Iterable[Cell], now: str) -> None:
    """Keep the state of turns, inside a transaction."""
    sql = (
        "INSERT INTO cells (change, turn, state, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (change, turn) DO UPDATE SET state = excluded.state, at = excluded.at"
        " WHERE cells.state <> excluded.state"
    )
    for cell in cells:
        db.write(sql, change, cell.turn, cell.state, now)


def cells(db: Database, change: str) -> Mapping[int, CellState]:
    """Return the state of every turn that was kept. Raises ChangeError for a word that is no state."""
    found: dict[int, CellState] = {}
    for row in db.rows("SELECT turn, state FROM cells WHERE change = ? ORDER BY turn", change):
        known = next((state for state in CELL_STATES if state == row["state"]), None)
        if known is None:
            raise damaged(db, f"{change}: turn {row['turn']} has an unknown state")
        found[row["turn"]] = known
    return found


def keep_answers(db: Database, change: str, answers: Mapping[str, str], now: str) -> None:
    """Keep answers to questions, inside a transaction; the latest of each key counts."""
    sql = (
        "INSERT INTO answers (change, key, value, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (change, key) DO UPDATE SET value = excluded.value, at = excluded.at"
        " WHERE answers.value <> excluded.value"
    )
    for key, value in answers.items():
        db.write(sql, change, key, value, now)


def answers(db: Database, change: str) -> Mapping[str, str]:
    """Return every answer that was ever given for a change."""
    rows = db.rows("SELECT key, value FROM answers WHERE change = ? ORDER BY key", change)
    return {row["key"]: row["value"] for row in rows}


def keep_baseline(db: Database, change: str, facts: Facts, now: str) -> None:
    """Keep what the devices held, inside a transaction; the last one counts."""
    sql = (
        "INSERT INTO baselines (change, facts_json, at) VALUES (?, ?, ?)"
        " ON CONFLICT (change) DO UPDATE SET facts_json = excluded.facts_json, at = excluded.at"
    )
    db.write(sql, change, codec.encode(facts).decode("ascii"), now)


def baseline(db: Database, change: str) -> Facts | None:
    """Return what the devices held before, or None. Raises ChangeError where it cannot be read."""
    rows = db.rows("SELECT facts_json FROM baselines WHERE change = ?", change)
    try:
        return codec.decode(Facts, rows[0]["facts_json"]) if rows else None
    except codec.CodecError as error:
        raise damaged(db, f"{change}: baseline {error}") from None


def keep_link(db: Database, link: Link) -> None:
    """Keep what a change came of, inside a transaction."""
    sql = "INSERT INTO links (change, kind, other) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    db.write(sql, link.change, link.kind, link.other)


def links(db: Database, change: str = "") -> tuple[Link, ...]:
    """Return all links, or those of *change* to either side."""
    sql = "SELECT change, kind, other FROM links WHERE ? IN ('', change, other) ORDER BY change, kind, other"
    return tuple(Link(**row) for row in db.rows(sql, change))


def since(db: Database, change: str) -> tuple[str, ...]:
    """Return the changes that came into their present state since *change* was first begun."""
    sql = (
        "SELECT change FROM history WHERE change <> ? GROUP BY change HAVING max(id) >"
        " (SELECT min(id) FROM history WHERE change = ? AND state IN ('applying', 'handed_over'))"
        " ORDER BY max(id)"
    )
    return tuple(row["change"] for row in db.rows(sql, change, change))
