"""Files that are there whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace(path: Path, content: bytes) -> None:
    """Put *content* at *path* in one move, over what was there."""
    with _written(path, content) as temporary:
        os.replace(temporary, path)


def create(path: Path, content: bytes) -> None:
    """Put *content* at *path* in one move; raises FileExistsError where something is there already."""
    with _written(path, content) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:  # no hard links on this file system: as near as it can be had
            if path.exists():
                raise FileExistsError(path) from None
            os.replace(temporary, path)


@contextmanager
def _written(path: Path, content: bytes) -> Iterator[Path]:
    """Write a temporary file beside *path*, safe on disk; it is gone afterwards, whatever happens."""
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)
