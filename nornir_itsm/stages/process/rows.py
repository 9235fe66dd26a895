"""Records -> rows of a declared table: normalised, joined by their key, checked; doubts are kept aside."""

from collections.abc import Iterable, Iterator

from nornir_itsm.model.collected import Anomaly, Row, Value
from nornir_itsm.stages.process.program import ROWS
from nornir_itsm.stages.process.run import Found, Record
from nornir_itsm.stages.process.tables import Each, Kind, Sorted, Table

type _Key = tuple[Value, ...]


def rows_of(table: Table, found: Found) -> tuple[tuple[Row, ...], tuple[Anomaly, ...]]:
    """Return the rows of an answer, and what is wrong with others or with the whole.

    Records of other groups than ``rows`` complete the row with their key, or the row above them where they
    have none. One without a row is an anomaly, as is a row that is missing in a part that has keys.
    """
    rows: dict[_Key, dict[str, Value]] = {}
    anomalies = found.doubts[:]
    keys: dict[int, _Key] = {}
    for record, row, wrong in _normalised(table, found.records, ROWS):
        key = tuple([row.get(name) for name in table.key])
        twice = f"a second row with the same key {_shown(key)}" if key in rows else ""
        if problem := wrong or _missing(table, row) or twice:
            anomalies.append(Anomaly(problem, found.named(record.numbers)))
        else:
            rows[key], keys[id(record)] = row, key
    if len(found.records) > len(rows):
        for group in sorted({record.group for record in found.records} - {ROWS}):
            anomalies += _joined(table, found, group, rows, keys)
    if found.total is not None:
        counted = sum(record.group == ROWS for record in found.records)
        if found.total != counted:
            anomalies.append(Anomaly(f"the answer counts {found.total} rows, {counted} were found"))
    if not (rows or anomalies or table.key):
        anomalies.append(Anomaly("what makes the one row of this table is not in the answer"))
    empty = table.empty
    return tuple([{**empty, **row} for row in rows.values()]), tuple(anomalies)


def _joined(
    table: Table, found: Found, group: str, rows: dict[_Key, dict[str, Value]], keys: dict[int, _Key]
) -> Iterator[Anomaly]:
    """Complete rows by records of another group; yield those that have no row, and rows left out."""
    waiting = set(rows)
    has_keys = False
    for record, more, problem in _normalised(table, found.records, group):
        key: _Key | None = tuple([more.get(name) for name in table.key])
        if any(name in more for name in table.key):
            has_keys = True
        else:
            key = keys.get(id(record.above))
        if problem or key is None or key not in waiting:
            reason = problem or f"there is no row, or none any more, that this part ({group}) completes"
            yield Anomaly(reason, found.named(record.numbers))
            continue
        waiting.discard(key)
        rows[key].update(more)
    for key in sorted(waiting, key=str) if has_keys else ():
        yield Anomaly(f"{_shown(key)} has no line in the part {group}")


def _normalised(
    table: Table, records: Iterable[Record], group: str
) -> Iterator[tuple[Record, dict[str, Value], str]]:
    before: dict[str, Value] = {}
    for record in records:
        if record.group != group:
            continue
        row, problem = _row(table, record)
        if table.carried and table.carried[0] not in row:
            strange = [name for name in table.carried if name in row and row[name] != before.get(name)]
            if strange and not problem:  # the line that it belongs to is missing
                problem = f"it does not go with the row above: {', '.join(strange)}"
            row = {**{name: before[name] for name in table.carried if name in before}, **row}
        before = row
        yield record, row, problem


def _row(table: Table, record: Record) -> tuple[dict[str, Value], str]:
    """Return a record's values in their notation, and what is wrong with it (empty: nothing)."""
    row: dict[str, Value] = {}
    problems = record.doubts
    plain = table.plain
    for name, found in record.fields.items():
        kind = plain.get(name)
        try:
            if kind is not None and isinstance(found, str):
                row[name] = kind(found)
            elif name in table.fields:
                _gathered(row, name, table.fields[name], found)
            else:
                problems.append(f"the table has no field {name}")
        except (ValueError, OverflowError) as error:
            problems.append(f"{name}: {error}")
    return row, "; ".join(problems) if problems else ""


def _gathered(row: dict[str, Value], name: str, kind: Kind | Each | Sorted, found: str | list[str]) -> None:
    """Put a field of several values, or of one that was gathered as several, into the row."""
    listed = [found] if isinstance(found, str) else found
    if isinstance(kind, Sorted):
        row |= kind.split(" ".join(listed).split())
    elif isinstance(kind, Each):
        row[name] = [str(kind.kind(word)) for one in listed for word in one.split(kind.apart)]
    else:
        row[name] = kind(" ".join(listed))


def _missing(table: Table, row: Row) -> str:
    needed = table.required or table.key
    lacking = [name for name in needed if row.get(name) is None]
    return f"without {', '.join(lacking)}" if lacking else ""


def _shown(key: tuple[Value, ...]) -> str:
    return " ".join(str(part) for part in key if part is not None) or "of the answer"
