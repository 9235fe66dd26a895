"""The tables of each room, made or completed version by version; the same way in every kind of store."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from nornir_itsm.errors import ChangeError

if TYPE_CHECKING:
    from nornir_itsm.store import Database, Version

ROOMS = "CREATE TABLE IF NOT EXISTS rooms (room TEXT PRIMARY KEY, version INTEGER NOT NULL)"


def complete(
    database: "Database", room: str, versions: "Sequence[Version]", types: Mapping[str, str]
) -> None:
    """Run what is missing; call it inside a transaction that keeps others from doing the same."""
    database.write(ROOMS)
    found = database.rows("SELECT version FROM rooms WHERE room = ?", room)
    present = int(found[0]["version"]) if found else 0
    if present > len(versions):
        raise ChangeError(
            database.name, f"{room} was made by a newer version ({present})", "use the newer nornir_itsm"
        )
    for version in versions[present:]:
        if callable(version):
            version(database)
            continue
        for statement in _statements(version):
            database.write(statement.format(**types))
    if present < len(versions):
        database.write("DELETE FROM rooms WHERE room = ?", room)
        database.write("INSERT INTO rooms (room, version) VALUES (?, ?)", room, len(versions))


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; a semicolon in a comment needs a line of its own."""
    lines = (line for line in script.splitlines() if not line.lstrip().startswith("--"))
    yield from (part for part in "\n".join(lines).split(";") if part.strip())
