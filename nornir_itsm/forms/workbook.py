"""A workbook as plain values: only cell values, merges and visibility are read."""

import io
import warnings
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import FormError
from nornir_itsm.forms.bounds import AREA_LIMIT, ROW_LIMIT, SAVE_AGAIN, Marks, check
from nornir_itsm.forms.package import Package, sheet_parts

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

BROKEN_FORMULA = "#VALUE!"

Position = tuple[int, int]
"""(row, column), both from 0."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet as values. ``merged`` maps a cell to the top cell of its column in a merged range."""

    title: str
    hidden: bool
    rows: tuple[tuple[object, ...], ...]
    merged: Mapping[Position, Position]
    hidden_rows: frozenset[int]
    formulas: frozenset[Position]

    def at(self, row: int, column: int) -> object:
        """Return the value of a cell, in a merged range that of its top cell; None outside."""
        row, column = self.merged.get((row, column), (row, column))
        inside = 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row])
        return self.rows[row][column] if inside else None


def letters(column: int) -> str:
    """Return the letters of a column that counts from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def coordinate(row: int, column: int) -> str:
    """Return ``B10`` for a row and column that count from 0."""
    return f"{letters(column)}{row + 1}"


def read_workbook(data: bytes, where: str) -> tuple[Sheet, ...]:
    """Return the worksheets of an .xlsx file in their order. Raises FormError, never anything else."""
    try:
        marks, parts = check(data, where), sheet_parts(Package(data))
        with warnings.catch_warnings(), closing(_load(data)) as book:
            warnings.simplefilter("ignore")  # x14 lists and the like are dropped, and not needed
            return tuple(_sheet(sheet, marks[parts[sheet.title]], where) for sheet in book.worksheets)
    except FormError:
        raise
    except Exception as error:
        raise FormError(where, f"不是可读的 Excel 工作簿（{type(error).__name__}）", SAVE_AGAIN) from error


def _load(data: bytes) -> "Workbook":
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)


def _sheet(sheet: Any, marks: Marks, where: str) -> Sheet:
    """Return the values of a sheet; *sheet* is openpyxl's read-only worksheet, which reads its XML once."""
    sheet.reset_dimensions()  # what a file says of its size may be wrong
    rows: list[list[object]] = []
    size = 0
    for row in sheet.iter_rows(values_only=True):
        rows.append(list(row))
        size += len(row)
        if len(rows) > ROW_LIMIT or size > AREA_LIMIT:
            raise FormError(where, "工作表范围过大", "删除多余的空白行列后重新提交")
    for top, left, bottom, right in marks.merges:
        _cover(rows, (top, left, bottom, right))
    for row, column in marks.formulas:
        if rows[row][column] is None:
            rows[row][column] = BROKEN_FORMULA
    return Sheet(
        title=sheet.title,
        hidden=sheet.sheet_state != "visible",
        rows=tuple(map(tuple, rows)),
        merged={
            (row, left): (top, left)
            for top, left, bottom, _ in marks.merges
            for row in range(top + 1, bottom + 1)
        },
        hidden_rows=frozenset(marks.hidden_rows),
        formulas=frozenset(marks.formulas),
    )


def _cover(rows: Sequence[list[object]], area: tuple[int, int, int, int]) -> None:
    """Empty the cells under a merged range: they do not show. ``merged`` fans its first column out."""
    top, left, bottom, right = area
    for row in range(top, min(bottom + 1, len(rows))):
        for column in range(left, min(right + 1, len(rows[row]))):
            if (row, column) != (top, left):
                rows[row][column] = None
