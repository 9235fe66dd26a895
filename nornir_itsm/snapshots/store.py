"""Snapshots in the one store: what was complete is there after a crash, what was not is not."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.collected import Collected, Output, Row, Snapshot
from nornir_itsm.snapshots import packed
from nornir_itsm.snapshots.schema import VERSIONS
from nornir_itsm.store import Database

if TYPE_CHECKING:
    from pandas import DataFrame

_SNAPSHOT = (
    "SELECT s.id, s.started, s.finished, s.source,"
    " (SELECT count(*) FROM snapshot_hosts h WHERE h.snapshot = s.id) AS hosts,"
    " (SELECT count(*) FROM snapshot_hosts h WHERE h.snapshot = s.id AND h.problem <> '') AS failed,"
    " (SELECT coalesce(sum(o.lost), 0) FROM snapshot_outputs o WHERE o.snapshot = s.id) AS unread"
    " FROM snapshots s"
)
_OUTPUT = "command, started, finished, text, table_name, row_count, lost, table_rows, doubts"
_KEEP = f"INSERT INTO snapshot_outputs (snapshot, host, {_OUTPUT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class SnapshotStore:
    """Keeps collections; the port ``Snapshots``, and all that is asked of them later."""

    def __init__(self, database: Database) -> None:
        """Make or complete the tables. Raises ChangeError."""
        self.database = database
        database.prepare("snapshots", VERSIONS)

    def begin(self, source: str, now: str) -> int:
        """Open a snapshot and return its number."""
        with self.database.transaction():
            sql = "INSERT INTO snapshots (started, source) VALUES (?, ?) RETURNING id"
            return int(self.database.rows(sql, now, source)[0]["id"])

    def keep(self, snapshot: int, collected: Iterable[Collected]) -> None:
        """Keep what these hosts gave, durably and all together; a host that is kept again replaces itself."""
        with self.database.transaction():
            for one in collected:
                where = (snapshot, one.host)
                self.database.write("DELETE FROM snapshot_hosts WHERE snapshot = ? AND host = ?", *where)
                sql = "INSERT INTO snapshot_hosts (snapshot, host, platform, problem) VALUES (?, ?, ?, ?)"
                self.database.write(sql, *where, one.platform, one.problem)
                last = {output.command: output for output in one.outputs}
                self.database.many(_KEEP, [(*where, *packed.columns(output)) for output in last.values()])

    def finish(self, snapshot: int, now: str) -> Snapshot:
        """Close a snapshot and return what it holds."""
        with self.database.transaction():
            self.database.write("UPDATE snapshots SET finished = ? WHERE id = ?", now, snapshot)
        return self.snapshot(snapshot)

    def listing(self) -> tuple[Snapshot, ...]:
        """Return every snapshot, the oldest first."""
        return tuple(Snapshot(**row) for row in self.database.rows(f"{_SNAPSHOT} ORDER BY s.id"))

    def snapshot(self, id: int | None = None) -> Snapshot:
        """Return a snapshot; without a number the newest that came to its end. Raises ChangeError."""
        if id is None:
            found = self.database.rows(f"{_SNAPSHOT} WHERE s.finished <> '' ORDER BY s.id DESC LIMIT 1")
        else:
            found = self.database.rows(f"{_SNAPSHOT} WHERE s.id = ?", id)
        if not found:
            which = "finished snapshot" if id is None else f"snapshot {id}"
            raise ChangeError(
                self.database.name, f"holds no {which}", "nornir-itsm collect; nornir-itsm snapshot list"
            )
        return Snapshot(**found[0])

    def problems(self, snapshot: int) -> Mapping[str, str]:
        """Return host -> why it did not give all that was asked, for those that did not."""
        sql = "SELECT host, problem FROM snapshot_hosts WHERE snapshot = ? AND problem <> '' ORDER BY host"
        return {row["host"]: row["problem"] for row in self.database.rows(sql, snapshot)}

    def outputs(
        self, snapshot: int, *, host: str = "", command: str = "", texts: bool = True
    ) -> Iterator[tuple[str, Output]]:
        """Yield (host, output), by host and command. Without *texts* the answers' words stay in the store."""
        what = _OUTPUT if texts else _OUTPUT.replace(" text,", "")
        sql = (
            f"SELECT {what} FROM snapshot_outputs WHERE snapshot = ? AND host = ?"
            " AND ? IN ('', command) ORDER BY command"
        )
        for one in [host] if host else self.hosts(snapshot):  # a host at a time: a fleet may be large
            for row in self.database.rows(sql, snapshot, one, command):
                yield one, packed.output(row)

    def hosts(self, snapshot: int) -> tuple[str, ...]:
        """Return the hosts of a snapshot, those with problems too."""
        sql = "SELECT host FROM snapshot_hosts WHERE snapshot = ? ORDER BY host"
        return tuple(row["host"] for row in self.database.rows(sql, snapshot))

    def commands(self, snapshot: int) -> tuple[str, ...]:
        """Return the commands that were answered."""
        sql = "SELECT DISTINCT command FROM snapshot_outputs WHERE snapshot = ? ORDER BY command"
        return tuple(row["command"] for row in self.database.rows(sql, snapshot))

    def rows(self, snapshot: int, command: str) -> list[Row]:
        """Return the rows of a command over all hosts, each with its ``host`` in front.

        *command* may be the name of a table (``arp``): then the rows of all vendors' commands for it.
        """
        sql = (
            "SELECT host, table_rows FROM snapshot_outputs WHERE snapshot = ? AND row_count > 0"
            " AND (command = ? OR table_name = ?) ORDER BY host, command"
        )
        found = self.database.rows(sql, snapshot, command, command)
        return [
            {"host": one["host"], **row} for one in found for row in packed.rows(bytes(one["table_rows"]))
        ]

    def frame(self, snapshot: int | None = None, command: str = "") -> "DataFrame":
        """Return the rows of a command or table as a DataFrame; without a number of the newest snapshot."""
        import pandas

        return pandas.DataFrame(self.rows(self.snapshot(snapshot).id, command))

    def identical(self, before: int, after: int) -> set[tuple[str, str]]:
        """Return (host, command) that both snapshots hold, read whole, with the very same rows."""
        sql = (
            "SELECT b.host, b.command FROM snapshot_outputs b JOIN snapshot_outputs a"
            " ON a.snapshot = ? AND a.host = b.host AND a.command = b.command AND a.table_rows = b.table_rows"
            " WHERE b.snapshot = ? AND b.table_name IS NOT NULL AND a.lost = 0 AND b.lost = 0"
        )
        return {(row["host"], row["command"]) for row in self.database.rows(sql, after, before)}

    def prune(self, *, keep: int, before: str = "") -> int:
        """Delete snapshots and return how many; the newest *keep* (at least 1) finished ones always stay.

        With *before* (ISO 8601) only those that began earlier go. What is newer than all that stay may be
        under way and is left alone.
        """
        with self.database.transaction():
            everything = self.listing()
            stay = [one.id for one in everything if one.finished][-max(keep, 1) :]
            old = [
                one.id
                for one in everything
                if stay
                and one.id < stay[-1]
                and one.id not in stay
                and (not before or _earlier(one.started, before))
            ]
            for id in old:
                self.database.write("DELETE FROM snapshots WHERE id = ?", id)
        return len(old)


def _earlier(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) < datetime.fromisoformat(other)
