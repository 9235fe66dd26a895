"""PostgreSQL by URL: the same statements, durable as the server is set up; errors without the password."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from nornir_itsm.errors import ChangeError
from nornir_itsm.store.rooms import complete

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
        from psycopg.rows import dict_row

        parts = urlsplit(url)
        self.name = f"postgresql://{parts.hostname or 'localhost'}{parts.path}"
        self._secret = unquote(parts.password or "") or "\0"
        self._lock = threading.RLock()
        self._error: type[Exception] = psycopg.OperationalError
        with self._errors():
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=PATIENCE, row_factory=dict_row
            )

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return all rows of a query."""
        with self._lock, self._errors():
            return self._connection.execute(_placed(sql), values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it touched."""
        with self._lock, self._errors():
            return self._connection.execute(_placed(sql), [_clean(value) for value in values]).rowcount

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of these."""
        with self._lock, self._errors(), self._connection.cursor() as cursor:
            cursor.executemany(_placed(sql), [[_clean(value) for value in row] for row in values])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is durable when it ends, or nothing is; one inside another is part of it."""
        with self._lock, self._errors(), self._connection.transaction():
            yield

    def prepare(self, room: str, versions: Sequence[str]) -> None:
        """Bring a room's tables to the newest of these versions."""
        with self.transaction():
            self.rows(_TURN)
            complete(self, room, versions, TYPES)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._connection.close()

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
