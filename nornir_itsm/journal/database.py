"""One SQLite file: made safely, opened durably, written in transactions, its errors in plain words."""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nornir_itsm.errors import ChangeError
from nornir_itsm.journal.upgrade import statements

APPLICATION = 0x4E49544D  # "NITM": tells our file from another program's
VERSION = 3
PATIENCE = 10.0
"""Seconds to wait for another process that writes."""

_OUTSIDE = (
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL),
)
"""Error codes whose cause is the system around us and not a statement of ours."""


class Database:
    """A connection that threads may share: one statement or transaction at a time."""

    def __init__(self, path: Path) -> None:
        """Open *path*, made with mode 0600 in a folder of mode 0700 where it is not there yet."""
        self.path = path
        self._lock = threading.RLock()
        _make(path)
        with self.errors():
            self._connection = sqlite3.connect(
                path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock, self.errors():
            return self._connection.execute(sql, values).fetchall()

    def write(self, sql: str, *values: Any) -> int:
        """Run one statement inside a ``transaction`` and return the id of the row it made."""
        with self.errors():
            clean_values = [clean(value) if isinstance(value, str) else value for value in values]
            return self._connection.execute(sql, clean_values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written, or nothing; other writers wait. One inside another is part of it."""
        with self._lock, self.errors():
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
    def errors(self) -> Iterator[None]:
        """Turn what is wrong with the file into a ChangeError; a wrong statement stays a bug."""
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise self.damaged(str(error)) from None
            if code not in _OUTSIDE:
                raise
            hint = "look for another process that writes, free space and permissions"
            raise ChangeError(str(self.path), f"the store cannot be used: {error}", hint) from None

    def damaged(self, problem: str) -> ChangeError:
        """Return the error that says that the file's content is not what was written."""
        hint = "keep the file as it is for examination and restore a copy of it"
        return ChangeError(str(self.path), f"the store is damaged: {problem}", hint)

    def _prepare(self) -> None:
        self._connection.execute("BEGIN")  # one look, though another process may be making the tables
        application, version = self._pragma("application_id"), self._pragma("user_version")
        empty = not self._connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        self._connection.execute("COMMIT")
        if not empty and application != APPLICATION:
            raise ChangeError(str(self.path), "is not a store of nornir_itsm", "see user_defined.itsm.state")
        if version > VERSION:
            hint = "use the newer nornir_itsm"
            raise ChangeError(str(self.path), f"was made by a newer version ({version})", hint)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._journal_in_wal()
        if version < VERSION:
            self._upgrade()
        self._connection.execute("PRAGMA foreign_keys = ON")

    def _upgrade(self) -> None:
        """Make the tables, or make those of an older version over; all of it or nothing."""
        self._connection.execute("PRAGMA foreign_keys = OFF")
        self._connection.execute("PRAGMA legacy_alter_table = ON")  # a table's new name is not followed
        with self.transaction():
            # Another process may have been faster.
            if (version := self._pragma("user_version")) < VERSION:
                there = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'changes'")
                for statement in statements(version if there.fetchone() else None):
                    self._connection.execute(statement)
                self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
                self._connection.execute(f"PRAGMA user_version = {VERSION}")
        self._connection.execute("PRAGMA legacy_alter_table = OFF")

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

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])


def clean(text: str) -> str:
    """Return *text* as SQLite can hold it: what a device sent need not be clean Unicode."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _make(path: Path) -> None:
    """Make the file for its owner's eyes only; never through a symbolic link that somebody laid."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        handle = os.open(path, flags, 0o600)
        try:
            mode = os.fstat(handle).st_mode
            if not stat.S_ISREG(mode):
                raise ChangeError(str(path), "is no file", "see user_defined.itsm.state")
            if mode & 0o077 and hasattr(os, "fchmod"):
                os.fchmod(handle, 0o600)
        finally:
            os.close(handle)
    except OSError as error:
        hint = "user_defined.itsm.state must be a file of your own, not a link"
        raise ChangeError(str(path), f"the store cannot be opened: {error.strerror}", hint) from None
