"""PostgreSQL by URL: the same statements, one writer at a time, durable; errors without the password."""

import hashlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from nornir_itsm.errors import StoreError
from nornir_itsm.store.rooms import complete

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import Connection

    from nornir_itsm.store import Version

PATIENCE = 10
"""Seconds to wait for the server's answer, and for another process that writes."""
RESTART = 30.0
TYPES = {"serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytes": "BYTEA"}
_BEGIN = "BEGIN; SELECT pg_advisory_xact_lock(20261122)"
"""One process at a time writes, as in a file; another waits for ``lock_timeout``."""
_OPTIONS = (
    "-c synchronous_commit=on",
    f"-c lock_timeout={PATIENCE}s",
    "-c idle_in_transaction_session_timeout=60s",  # a machine that vanished does not stop the others for good
)


class Postgres:
    """A store on a server."""

    def __init__(self, url: str) -> None:
        """Connect to ``postgresql://USER@HOST:PORT/NAME``. Raises ChangeError where that fails."""
        import psycopg

        parts = urlsplit(url)
        self._url = url
        self.name = f"postgresql://{parts.hostname or 'localhost'}{parts.path}"
        self._secret = unquote(parts.password or "") or "\0"
        self.restart = RESTART
        """Seconds to wait for a server that went away while the store was open."""
        self._lock = threading.RLock()
        self._inside = False
        self._outage: type[Exception] = psycopg.OperationalError
        self._outside: tuple[type[Exception], ...] = (
            psycopg.OperationalError,
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.ReadOnlySqlTransaction,
        )
        with self._errors():
            self._connection = self._connect()

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return all rows of a query."""
        with self._lock, self._errors():
            if not self._inside and not sql.startswith("SELECT"):
                with self.transaction():
                    return self.rows(sql, *values)
            asked = _placed(sql), [_clean(value) for value in values]
            return self._tried(lambda connection: connection.execute(*asked).fetchall())

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it touched."""
        with self.transaction():
            return self._connection.execute(_placed(sql), [_clean(value) for value in values]).rowcount

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of these."""
        with self.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(_placed(sql), [[_clean(value) for value in row] for row in values])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is durable when it ends, or nothing is; other writers wait.

        That the server was restarted since the last one is not noticed; in the middle it is an error.
        """
        with self._lock, self._errors():
            if self._inside:
                yield
                return
            self._tried(lambda connection: connection.execute(_BEGIN))
            self._inside = True
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(self._outage):  # without a connection the server does it by itself
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._inside = False

    @contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Tell whether nobody else is inside of this for *name*: a lock of a session of its own."""
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        with self._errors():
            session = self._connect()
        try:
            with self._errors():
                got = session.execute("SELECT pg_try_advisory_lock(%s) AS got", [number]).fetchone()
            yield bool(got and got["got"])
        finally:
            session.close()

    def clean(self, text: str) -> str:
        """Return *text* as it will be read back."""
        return str(_clean(text))

    def prepare(self, room: str, versions: "Sequence[Version]") -> None:
        """Bring a room's tables to the newest of these versions."""
        with self.transaction():
            complete(self, room, versions, TYPES)

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._connection.close()

    def _connect(self) -> "Connection[dict[str, Any]]":
        import psycopg
        from psycopg.rows import dict_row

        options = " ".join(_OPTIONS)
        return psycopg.connect(
            self._url, autocommit=True, connect_timeout=PATIENCE, row_factory=dict_row, options=options
        )

    def _tried[T](self, ask: "Callable[[Connection[dict[str, Any]]], T]") -> T:
        """Ask what has no effect; outside of a transaction again, on a new connection, where that broke."""
        until = time.monotonic() + self.restart
        while True:
            try:
                if self._connection.closed and not self._inside:
                    self._connection = self._connect()
                return ask(self._connection)
            except self._outage:
                if self._inside or not self._connection.closed or time.monotonic() > until:
                    raise
                time.sleep(0.2)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what is wrong with the server or the way to it into a StoreError."""
        try:
            yield
        except self._outside as error:
            said = " ".join(str(error).replace(self._secret, "******").split())[:200]
            hint = "is the server up, has it space, and may this user log in and write?"
            raise StoreError(self.name, f"the store cannot be used: {said}", hint) from None


def _placed(sql: str) -> Any:
    return sql.replace("%", "%%").replace("?", "%s")


def _clean(value: Any) -> Any:
    """Return text as PostgreSQL can hold it: clean Unicode without NUL."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
