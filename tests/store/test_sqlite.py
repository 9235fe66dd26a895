"""The promises of a store, kept by SQLite; and what only a file can promise."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.errors import ChangeError
from nornir_itsm.journal.store import Store
from nornir_itsm.snapshots import SnapshotStore
from nornir_itsm.store import Database, open_store

from .examples import NOW
from .promises import *  # noqa: F403
from .promises import Opened

POSIX = pytest.mark.skipif(os.name == "nt", reason="modes and links are POSIX here")


@pytest.fixture
def where(tmp_path: Path) -> str:
    """The path of a store."""
    return str(tmp_path / "state" / "store.sqlite")


@pytest.fixture
def opened(where: str) -> Iterator[Opened]:
    """Open the store, as often as a test likes."""
    listed: list[Database] = []

    def one() -> Database:
        listed.append(open_store(where))
        return listed[-1]

    yield one
    for database in listed:
        database.close()


@POSIX
def test_the_file_is_its_owners(opened: Opened, where: str) -> None:
    """Mode 0600 in a folder of mode 0700."""
    opened()
    assert os.stat(where).st_mode & 0o777 == 0o600
    assert os.stat(Path(where).parent).st_mode & 0o777 == 0o700


@POSIX
def test_a_link_and_a_foreign_file_are_refused(tmp_path: Path) -> None:
    """Nothing is written through a link or into another program's database."""
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ChangeError, match="cannot be opened"):
        open_store(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()
    foreign = sqlite3.connect(tmp_path / "foreign.sqlite")
    foreign.execute("CREATE TABLE theirs (id)")
    foreign.close()
    with pytest.raises(ChangeError, match="not a store"):
        open_store(tmp_path / "foreign.sqlite")
    (tmp_path / "text").write_text("no database at all, only some words that are long enough\n" * 50)
    with pytest.raises(ChangeError, match="damaged"):
        open_store(tmp_path / "text")


@pytest.mark.parametrize("first", ["journal", "snapshots"])
def test_snapshots_and_journal_share_one_file(first: str, tmp_path: Path) -> None:
    """Whichever is first makes the file; the other adds its tables."""
    path = tmp_path / "state.sqlite"
    kinds = (lambda: Store(path), lambda: SnapshotStore(open_store(path)))
    for make in kinds if first == "journal" else kinds[::-1]:
        make()
    store = SnapshotStore(open_store(path))
    assert store.begin("collect", NOW) == 1
    assert Store(path).list() == ()


def test_opening_a_store_again_takes_no_lock_away(tmp_path: Path) -> None:
    """A second connection in a process leaves the locks of the first alone: a third, elsewhere, sees them."""
    path = tmp_path / "state" / "store.sqlite"
    one = open_store(path)
    one.write("CREATE TABLE said (what TEXT)")
    open_store(path).close()
    code = "import sys; from nornir_itsm.store import open_store; open_store(sys.argv[1]).close()"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert path.with_name("store.sqlite-wal").exists()
    one.write("INSERT INTO said (what) VALUES ('still')")
    assert open_store(path).rows("SELECT what FROM said") == [{"what": "still"}]
    one.close()
