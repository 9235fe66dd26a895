"""A snapshot as a workbook to hand to a colleague: a sheet per command, headers that stay, filters.

Whatever a device said is text there: never a formula, never a link. What looks like a secret in an answer's
own words is masked: a workbook travels.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from nornir_itsm.errors import ChangeError
from nornir_itsm.stages.redaction import redact

if TYPE_CHECKING:
    from openpyxl import Workbook

    from nornir_itsm.snapshots.store import SnapshotStore

type Sheet = tuple[str, Sequence[Mapping[str, Any]]]

ROWS = 1_048_575
"""Rows of a sheet below its header; what is more goes on in a further sheet."""
WIDEST, NARROWEST = 60, 8
_LOOKED_AT = 500
"""Rows whose width decides that of their column."""
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CELL = 32_767
"""Characters that a cell holds."""
_DIGITS = 10**15
"""Excel knows 15 digits: a longer number would become another one."""


def sheets_of(store: "SnapshotStore", snapshot: int) -> Iterator[Sheet]:
    """Yield the hosts, one sheet per command, and last what could not be read."""
    problems = store.problems(snapshot)
    yield "hosts", [{"host": host, "problem": problems.get(host)} for host in store.hosts(snapshot)]
    unread: list[Mapping[str, Any]] = []
    for command in store.commands(snapshot):
        rows: list[Mapping[str, Any]] = []
        for host, output in store.outputs(snapshot, command=command):
            if output.parsed is None:
                rows += [{"host": host, "text": line} for line in redact(output.text).splitlines()]
                continue
            rows += [{"host": host, **row} for row in output.parsed.rows]
            said: list[tuple[int | None, str, str]] = [
                (line.number, redact(line.text), "unread") for line in output.parsed.unread
            ]
            for one in output.parsed.anomalies:
                first = one.lines[0] if one.lines else None
                said.append(
                    (first.number if first else None, redact(first.text) if first else "", one.reason)
                )
            names = ("line", "text", "reason")
            unread += [
                {"host": host, "command": command, **dict(zip(names, one, strict=True))} for one in said
            ]
        yield command, rows
    if unread:
        yield "unread", unread


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write sheets (title, rows) to *path*, whole or not at all. Columns that say nothing are left out.

    Raises ChangeError where the file cannot be written.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    taken: set[str] = set()
    for title, rows in sheets:
        parts = [rows[start : start + ROWS] for start in range(0, max(len(rows), 1), ROWS)]
        for part in parts:
            _sheet(book, _title(title, taken), part)
    if not taken:
        _sheet(book, _title("empty", taken), ())
    _save(book, path)


def _sheet(book: "Workbook", title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    names = [name for name in _names(rows) if any(row.get(name) is not None for row in rows)]
    sheet.freeze_panes = "A2"
    for number, width in enumerate(_widths(names, rows), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    if names:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{len(rows) + 1}"
    header = [_cell(sheet, name) for name in names]
    for cell in header:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="305496")
        cell.alignment = Alignment(vertical="center")
    sheet.append(header)
    for row in rows:
        sheet.append([_cell(sheet, row.get(name)) for name in names])


def _names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return every field of the rows, in the order in which they first stand."""
    return list(dict.fromkeys(name for row in rows for name in row))


def _cell(sheet: Any, value: Any) -> Any:
    """Return what a cell holds: numbers as they are, all else as text that Excel does not evaluate."""
    from openpyxl.cell import WriteOnlyCell

    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is None or (number and abs(value) < _DIGITS):
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = _words(value)
    cell.data_type = "s"
    if str(cell.value)[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True  # stays text when somebody edits it or saves it as CSV from Excel
    return cell


def _words(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            text = ", ".join(str(one) for one in value)
        case _:
            text = str(value)
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)[:_CELL]


def _widths(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Iterator[int]:
    for name in names:
        said = [name, *(_words(row[name]) for row in rows[:_LOOKED_AT] if row.get(name) is not None)]
        yield min(max(NARROWEST, *(_width(text) for text in said)) + 2, WIDEST)


def _width(text: str) -> int:
    """Return how wide text is in columns of a Latin letter."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text[:WIDEST])


def _title(wanted: str, taken: set[str]) -> str:
    """Return a title that Excel takes, is short enough and not there yet."""
    clean = _CONTROL.sub("", _FORBIDDEN.sub(" ", wanted)).strip("' ")[:31] or "sheet"
    title, number = clean, 1
    while title.lower() in taken:
        number += 1
        title = f"{clean[: 31 - len(str(number)) - 3]} ({number})"
    taken.add(title.lower())
    return title


def _save(book: "Workbook", path: Path) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        book.save(part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        hint = "is the folder writable, and the file not open in Excel?"
        raise ChangeError(str(path), f"the workbook cannot be written: {error.strerror}", hint) from None
