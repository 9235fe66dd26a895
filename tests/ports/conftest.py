from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.journal import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store, for what only a file can promise."""
    return tmp_path / "var" / "state.sqlite"


@pytest.fixture
def in_a_file(path: Path) -> Iterator[Store]:
    with Store(path) as opened:
        yield opened


@pytest.fixture
def store(where: str) -> Iterator[Store]:
    """A journal, in a file and then on a server."""
    with Store(where) as opened:
        yield opened
