"""The statements that make a store, or make one of an older version over."""

import sqlite3
from collections.abc import Iterator
from importlib import resources

_CHANGES = (
    "id, state, author, ticket, title, organization, system, kind, fingerprint, order_json, plan_json,"
    " created, updated"
)
_APPROVALS = "change, seq, user, author, fingerprint, note, accept_excess, at, previous, digest"
_MADE_OVER = {"changes": _CHANGES, "approvals": _APPROVALS}
"""Tables whose checks were others before version 3, with the columns that they had."""


def statements(version: int | None) -> Iterator[str]:
    """Yield what makes a store of this version the present one; None: there is none yet."""
    over = _MADE_OVER if version is not None and version < 3 else {}
    yield from (f"ALTER TABLE {table} RENAME TO {table}_before" for table in over)
    schema = resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
    yield from _each(schema)
    for table, columns in over.items():
        yield f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_before"
        yield f"DROP TABLE {table}_before"


def _each(script: str) -> Iterator[str]:
    """Yield the statements of a script, one at a time: a script as a whole cannot be in a transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
