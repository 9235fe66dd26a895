"""What a store promises, kept by a real PostgreSQL server."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.errors import ChangeError
from nornir_itsm.store import Database, open_store
from tests.store.promises import *  # noqa: F403
from tests.store.promises import Opened

from .postgres import MISSING, Postgres, programs

pytestmark = pytest.mark.skipif(programs() is None, reason=MISSING)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """One server for all tests of this file, in a folder that its own user may enter."""
    with tempfile.TemporaryDirectory(prefix="nornir-itsm-") as folder:
        Path(folder).chmod(0o755)
        postgres = Postgres(Path(folder) / "postgres")
        postgres.make()
        yield postgres.url
        postgres.stop("immediate")


@pytest.fixture
def where(url: str) -> str:
    """A database of the test's own."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS one WITH (FORCE)")
        connection.execute("CREATE DATABASE one")
    return url.removesuffix("postgres") + "one"


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


def test_a_server_that_is_not_there_is_told_without_the_password(url: str) -> None:
    """The error names the server and a remedy, and repeats no password."""
    with pytest.raises(ChangeError) as caught:
        open_store("postgresql://tester:geheim@127.0.0.1:1/postgres")
    assert "127.0.0.1" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_server_that_comes_again_is_found_again(opened: Opened, where: str) -> None:
    """A connection that the server cut is not noticed outside of a transaction; inside it is an error."""
    import psycopg

    database = opened()
    others = "datname = 'one' AND pid <> pg_backend_pid()"
    with psycopg.connect(where, autocommit=True) as other:
        other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
    assert database.rows("SELECT 1 AS one") == [{"one": 1}]

    def cut_in_the_middle() -> None:
        with database.transaction(), psycopg.connect(where, autocommit=True) as other:
            other.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
            database.rows("SELECT 1 AS one")

    with pytest.raises(ChangeError, match="cannot be used"):
        cut_in_the_middle()
    assert database.rows("SELECT 1 AS one") == [{"one": 1}]
