"""A list that was exported as a table (CSV or worksheet) -> the records that the API would have answered.

A console's export flattens records: nested keys stand with dots in the header
(``source_address.ref_custom_address_group``), a list stands in its cell as Python writes it
(``['a', 'b']``), an empty cell is a key that is not set. Source: exports of one ADC console; that other
lists look the same is assumed.
"""

import ast
import json
from collections.abc import Iterable, Mapping, Sequence

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.parse.document import LONGEST_LABEL

LONGEST_CELL = 200_000
_QUOTED = ("['", '["', "[{", "{'", '{"', "[]")
"""How a list or an object begins; ``[旧]`` is a text."""

Row = Sequence[object]


def table_records(rows: Iterable[Row], names: Mapping[str, str], where: str) -> list[dict[str, object]]:
    """Return the records of a table whose first row has the keys.

    *names*: other labels of a key, in lower case. Blank rows are left out. Raises SourceError that names the
    row: a row that is shorter or longer than the header, or a list without an end, was cut off.
    """
    listed = [list(row) for row in rows]
    if not listed:
        raise SourceError(where, "the table is empty", "take the export again, with its header row")
    keys = [names.get(label.lower(), label) for label in map(_text, listed[0])]
    _demand_keys(keys, where)
    found: list[dict[str, object]] = []
    for number, row in enumerate(listed[1:], start=2):
        cells = [cell if isinstance(cell, bool) else _text(cell) for cell in row]
        if not any(cell != "" for cell in cells):
            continue
        here = f"{where} row {number}"
        if len(cells) != len(keys):
            problem = f"it has {len(cells)} cells and the header {len(keys)}"
            raise SourceError(here, problem, "the export was cut off or edited: take it again")
        found.append(_record(keys, cells, here))
    return found


def _demand_keys(keys: list[str], where: str) -> None:
    named = [key for key in keys if key]
    twice = next((key for index, key in enumerate(named) if key in named[:index]), None)
    if not named or twice:
        problem = f"two columns are called {twice[:LONGEST_LABEL]!r}" if twice else "its first row is blank"
        raise SourceError(where, problem, "the first row names each column once")


def _text(cell: object) -> str:
    """Return a cell as text; a whole number that a sheet keeps as a float has no decimals."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    return str(cell).strip()


def _record(keys: list[str], cells: list[str | bool], where: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, cell in zip(keys, cells, strict=True):
        if not key or cell == "":
            continue
        *outer, last = key.split(".")
        inner = found
        for part in outer:
            below = inner.setdefault(part, {})
            if not isinstance(below, dict):
                raise SourceError(where, f"{key[:LONGEST_LABEL]!r} is below a value", "take the export again")
            inner = below
        inner[last] = cell if isinstance(cell, bool) else _value(cell, key, where)
    return found


def _value(cell: str, key: str, where: str) -> object:
    """Return the list or object that a cell holds as Python or JSON would write it, or the text itself."""
    if not cell.startswith(_QUOTED):
        return cell
    for read in (ast.literal_eval, json.loads):
        try:
            if len(cell) <= LONGEST_CELL:
                value: object = read(cell)
                return value
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    problem = f"{key[:LONGEST_LABEL]!r} begins like a list and does not end as one"
    raise SourceError(where, problem, "the cell was cut off: take the export again")


def apart(records: Iterable[Mapping[str, object]], keys: Sequence[str]) -> list[dict[str, object]]:
    """Return the records with the texts under *keys* taken apart at commas and ends of lines."""
    return [
        {
            key: [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]
            if key in keys and isinstance(value, str)
            else value
            for key, value in record.items()
        }
        for record in records
    ]


def missing_positions(records: Sequence[Mapping[str, object]]) -> int:
    """Return how many rules of a list are not there: positions count from 1 without a gap (assumed).

    A table says nothing of its own length; this is what can be known of it.
    """
    places = [str(record.get("position", "")) for record in records]
    last = max((int(place) for place in places if place.isascii() and place.isdigit()), default=0)
    return max(last - len(records), 0)
