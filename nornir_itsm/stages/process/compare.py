"""Two tables compared by the identity of their rows: what came, what went, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nornir_itsm.model.collected import Row, Value
from nornir_itsm.stages.process.tables import TABLES


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that is there before and after: field -> (before, after)."""

    key: Row
    fields: Mapping[str, tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two tables."""

    added: tuple[Row, ...] = ()
    removed: tuple[Row, ...] = ()
    changed: tuple[Changed, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.added or self.removed or self.changed)


def compare(table: str, before: Iterable[Row], after: Iterable[Row], *, counters: bool = False) -> Difference:
    """Compare two states of a declared table by its key; lists are compared as sets.

    Fields that count or measure (``volatile``) only where *counters* is true. Rows of an undeclared table
    are their own identity. A key that occurs twice keeps its last row: processed rows have none.
    """
    declared = TABLES.get(table)
    if declared is None:
        return _whole_rows(before, after)
    ignored = frozenset() if counters else declared.volatile
    key = declared.key
    old = {tuple([row.get(name) for name in key]): row for row in before}
    new = {tuple([row.get(name) for name in key]): row for row in after}
    changed = []
    for identity, row in new.items():
        was = old.get(identity)
        if was is not None and was != row and (fields := _fields(was, row, ignored)):
            changed.append(Changed({name: row.get(name) for name in key}, fields))
    return Difference(
        tuple([row for identity, row in new.items() if identity not in old]),
        tuple([row for identity, row in old.items() if identity not in new]),
        tuple(changed),
    )


def _fields(was: Row, row: Row, ignored: frozenset[str]) -> dict[str, tuple[Value, Value]]:
    return {
        name: (was.get(name), value)
        for name, value in row.items()
        if was.get(name) != value and name not in ignored and not _same(was.get(name), value)
    }


def _same(one: Value, other: Value) -> bool:
    return isinstance(one, list) and isinstance(other, list) and sorted(one) == sorted(other)


def _whole_rows(before: Iterable[Row], after: Iterable[Row]) -> Difference:
    def identities(rows: Iterable[Row]) -> dict[str, Row]:
        return {repr(sorted(row.items(), key=str)): row for row in rows}

    old, new = identities(before), identities(after)
    return Difference(
        tuple(row for identity, row in new.items() if identity not in old),
        tuple(row for identity, row in old.items() if identity not in new),
    )
