"""The one store, by path or URL: SQLite in a file of one's own, or PostgreSQL; the same statements for both.

Statements are written with ``?`` for values. A room of the house that keeps something here says its tables
once, version by version, and ``prepare`` makes or completes them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from nornir_itsm.errors import ChangeError, ConfigError

POSTGRES = ("postgresql://", "postgres://")


type Version = str | Callable[["Database"], None]
"""What brings a room's tables from one version to the next: a script, or what a script cannot do."""


class Database(Protocol):
    """What both kinds of store can do. Threads may share it: one statement or transaction at a time."""

    name: str
    """The file or server, without a password."""

    def rows(self, sql: str, *values: Any) -> Sequence[Mapping[str, Any]]:
        """Return all rows of a query."""
        ...

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it touched."""
        ...

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of these."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside is durable when it ends, or nothing is; one inside another is part of it.

        One process at a time is in one that writes: what is read inside is so until the end.
        """
        ...

    def held(self, name: str) -> AbstractContextManager[bool]:
        """Tell whether nobody else, in any process, is inside of this for *name*; the next one is kept out.

        Whatever becomes of the process, what it held is free when it is gone.
        """
        ...

    def clean(self, text: str) -> str:
        """Return *text* as it will be read back: what a device sent need not be what a store can hold."""
        ...

    def prepare(self, room: str, versions: Sequence[Version]) -> None:
        """Bring a room's tables to the newest of these versions.

        In a script ``{serial}`` is the type of a key that counts up, ``{bytes}`` that of binary data.
        Raises ChangeError where the store was made by a newer nornir_itsm.
        """
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


def damaged(database: Database, problem: str) -> ChangeError:
    """Return the error that says that the content of a store is not what was written."""
    hint = "keep it as it is for examination and restore a copy of it"
    return ChangeError(database.name, f"the store is damaged: {problem}", hint)


def open_store(where: Path | str) -> Database:
    """Open the store at a path (SQLite, made where it is missing) or a ``postgresql://`` URL.

    A password in the URL is never repeated. Raises ChangeError.
    """
    text = str(where)
    if text.startswith(POSTGRES):
        from nornir_itsm.store.postgres import Postgres

        return Postgres(text)
    if "://" in text:
        raise ConfigError(
            text.partition("://")[0], "is no kind of store", "write a path or postgresql://HOST/NAME"
        )
    from nornir_itsm.store.sqlite import Sqlite

    return Sqlite(Path(where))
