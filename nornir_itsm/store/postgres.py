"""PostgreSQL by URL: the same statements, durable as the server is set up; errors without the password."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from nornir_itsm.errors import ChangeError
from nornir_itsm.store.rooms import complete

if TYPE_CHECKING:
    from psycopg import Connection

PATIENCE = 10
"""Seconds to wait for the server."""
TYPES = {"serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"}
_TURN = "SELECT pg_advisory_xact_lock(20261122)"
"""One process at a time makes tables."""


class Postgres:
    """A store on a server."""

    def __init__(self, url: str) -> None:
        """Connect to ``postgresql://USER@HOST:PORT/NAME``. Raises ChangeError where that fails."""
        import psycopg

        parts = urlsplit(url)
        self._url = url
        self.name = f"postgresql://{parts.hostname or 'localhost'}{parts.path}"
        self._secret = unquote(parts.password or "") or "\0"
        self._lock = threading.RLock()
        self._depth = 0
        self._error: type[Exception] = psycopg.OperationalError
        with self._errors():
            self._connection = self._connect()

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return all rows of a query."""
        with self._lock, self._errors():
            return self._live().execute(_placed(sql), values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it touched."""
        with self._lock, self._errors():
            return self._live().execute(_placed(sql), [_clean(value) for value in values]).rowcount

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of these."""
        with self._lock, self._errors(), self._live().cursor() as cursor:
            cursor.executemany(_placed(sql), [[_clean(value) for value in row] for row in values])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is durable when it ends, or nothing is; one inside another is part of it."""
        with self._lock, self._errors(), self._live().transaction():
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    def prepare(self, room: str, versions: Sequence[str]) -> None:
        """Bring a room's tables to the newest of these versions."""
        with self.transaction():
            self.rows(_TURN)
            complete(self, room, versions, TYPES)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._connection.close()

    def _connect(self) -> "Connection[dict[str, Any]]":
        import psycopg
        from psycopg.rows import dict_row

        return psycopg.connect(self._url, autocommit=True, connect_timeout=PATIENCE, row_factory=dict_row)

    def _live(self) -> "Connection[dict[str, Any]]":
        """Return the connection; outside of a transaction a new one where the server cut the old one."""
        if self._connection.closed and not self._depth:
            self._connection = self._connect()
        return self._connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what is wrong with the server or the way to it into a ChangeError."""
        try:
            yield
        except self._error as error:
            said = " ".join(str(error).replace(self._secret, "******").split())[:200]
            hint = "is the server up, and may this user log in?"
            raise ChangeError(self.name, f"the store cannot be used: {said}", hint) from None


def _placed(sql: str) -> Any:
    return sql.replace("%", "%%").replace("?", "%s")


def _clean(value: Any) -> Any:
    """Return text as PostgreSQL can hold it: clean Unicode without NUL."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
