"""SQLite in one file: made for its owner's eyes only, WAL, full sync, errors in plain words."""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ChangeError, StoreError
from nornir_itsm.store.rooms import complete

if TYPE_CHECKING:
    from nornir_itsm.store import Version

APPLICATION = 0x4E49544D
"""Tells our file from another program's ("NITM")."""
FORMAT = 4
"""``user_version`` since a file has rooms. In 3 the journal had the same tables without one; a file with
nothing but snapshots had 0."""
PATIENCE = 10.0
"""Seconds to wait for another process that writes."""
TYPES = {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"}

_OUTSIDE = (
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL),
)
"""Error codes whose cause is the system around us and not a statement of ours."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Sqlite:
    """A store in a file."""

    def __init__(self, path: Path) -> None:
        """Open *path*, made with mode 0600 in a folder of mode 0700 where it is not there yet."""
        self.name = str(path)
        self._beside = path.parent / "working"
        self._lock = threading.RLock()
        _make(path)
        with self._errors():
            self._connection = sqlite3.connect(
                path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self._begin()
            except BaseException:
                self._connection.close()
                raise

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Return all rows of a query."""
        with self._lock, self._errors():
            cleaned = [_clean(value) for value in values]
            return [dict(row) for row in self._connection.execute(sql, cleaned)]

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement and return how many rows it touched."""
        with self._lock, self._errors():
            return self._connection.execute(sql, [_clean(value) for value in values]).rowcount

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of these."""
        with self._lock, self._errors():
            self._connection.executemany(sql, ([_clean(value) for value in row] for row in values))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is durable when it ends, or nothing is; other writers wait."""
        with self._lock, self._errors():
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Tell whether nobody else is inside of this for *name*.

        The mark is a transaction on an empty file beside the store: the system ends it with the process,
        however that ends. The file stays: whoever finds it must lock the same one.
        """
        mark = self._beside / name
        try:
            mark.parent.mkdir(mode=0o700, exist_ok=True)
            connection = sqlite3.connect(mark, timeout=0, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise ChangeError(str(mark), f"cannot be used: {error}", "the folder must be writable") from None
        with closing(connection):
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                yield False
                return
            yield True

    def clean(self, text: str) -> str:
        """Return *text* as it will be read back."""
        return str(_clean(text))

    def prepare(self, room: str, versions: "Sequence[Version]") -> None:
        """Bring a room's tables to the newest of these versions."""
        with self.transaction():
            complete(self, room, versions, TYPES)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _begin(self) -> None:
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._journal_in_wal()
        with self.transaction():
            empty = not self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
            if empty or self._recognised() < FORMAT:
                self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
                self._connection.execute(f"PRAGMA user_version = {FORMAT}")

    def _recognised(self) -> int:
        """Return the version of a file; refuse another program's, and what is not known here."""
        if self._pragma("application_id") != APPLICATION:
            raise ChangeError(self.name, "is not a store of nornir_itsm", "see user_defined.itsm.state")
        version = self._pragma("user_version")
        if version > FORMAT:
            raise ChangeError(
                self.name, f"was made by a newer version ({version})", "use the newer nornir_itsm"
            )
        if version in (1, 2):
            hint = "open it once with the nornir_itsm that made it over to version 3, or begin a new store"
            raise ChangeError(self.name, f"was made by a very old version ({version})", hint)
        return version

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    def _journal_in_wal(self) -> None:
        """Switch to WAL; SQLite does not wait by itself where another process is switching too."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what is wrong with the file into a ChangeError; a wrong statement stays a bug."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
            if code in _DAMAGED:
                hint = "keep the file as it is for examination and restore a copy of it"
                raise ChangeError(self.name, f"the store is damaged: {error}", hint) from None
            if code not in _OUTSIDE:
                raise
            hint = "look for another process that writes, free space and permissions"
            raise StoreError(self.name, f"the store cannot be used: {error}", hint) from None


def _clean(value: Any) -> Any:
    """Return text as SQLite can hold it: what a device sent need not be clean Unicode."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


def _make(path: Path) -> None:
    """Make the file for its owner's eyes only; never through a symbolic link that somebody laid.

    A file that is there is not opened for that: closing it again would take away every lock that this process
    has on it (POSIX), and another process would take the journal of writes from under our feet.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            hint = "user_defined.itsm.state must be a file of your own"
            raise ChangeError(str(path), "the store cannot be opened: it is a link", hint)
        if not stat.S_ISREG(mode):
            raise ChangeError(str(path), "is no file", "see user_defined.itsm.state")
        if mode & 0o077 and os.name == "posix":
            path.chmod(0o600)
    except OSError as error:
        hint = "user_defined.itsm.state must be a file of your own, not a link"
        raise ChangeError(str(path), f"the store cannot be opened: {error.strerror}", hint) from None
