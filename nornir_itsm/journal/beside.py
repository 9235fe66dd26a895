"""What is kept beside a change: its turns, what the devices held before, and what it came of."""

from collections.abc import Iterable, Mapping

from nornir_itsm.journal import codec
from nornir_itsm.journal.database import Database
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.turns import CELL_STATES, Cell, CellState
from nornir_itsm.ports import Link


def keep_cells(db: Database, change: str, cells: Iterable[Cell], now: str) -> None:
    """Keep the state of turns, inside a transaction."""
    sql = (
        "INSERT INTO cells (change, turn, state, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at WHERE state <> excluded.state"
    )
    for cell in cells:
        db.write(sql, change, cell.turn, cell.state, now)


def cells(db: Database, change: str) -> Mapping[int, CellState]:
    """Return the state of every turn that was kept. Raises ChangeError for a word that is no state."""
    found: dict[int, CellState] = {}
    for row in db.rows("SELECT turn, state FROM cells WHERE change = ? ORDER BY turn", change):
        known = next((state for state in CELL_STATES if state == row["state"]), None)
        if known is None:
            raise db.damaged(f"{change}: turn {row['turn']} has an unknown state")
        found[row["turn"]] = known
    return found


def keep_baseline(db: Database, change: str, facts: Facts, now: str) -> None:
    """Keep what the devices held, inside a transaction; the last one counts."""
    sql = "INSERT OR REPLACE INTO baselines (change, facts_json, at) VALUES (?, ?, ?)"
    db.write(sql, change, codec.encode(facts).decode("ascii"), now)


def baseline(db: Database, change: str) -> Facts | None:
    """Return what the devices held before, or None. Raises ChangeError where it cannot be read."""
    rows = db.rows("SELECT facts_json FROM baselines WHERE change = ?", change)
    try:
        return codec.decode(Facts, rows[0]["facts_json"]) if rows else None
    except codec.CodecError as error:
        raise db.damaged(f"{change}: baseline {error}") from None


def keep_link(db: Database, link: Link) -> None:
    """Keep what a change came of, inside a transaction."""
    sql = "INSERT OR IGNORE INTO links (change, kind, other) VALUES (?, ?, ?)"
    db.write(sql, link.change, link.kind, link.other)


def links(db: Database, change: str = "") -> tuple[Link, ...]:
    """Return all links, or those of *change* to either side."""
    sql = "SELECT change, kind, other FROM links WHERE ? IN ('', change, other) ORDER BY change, kind, other"
    return tuple(Link(**row) for row in db.rows(sql, change))
