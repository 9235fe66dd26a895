"""A workbook as plain values: only cell values, merges and visibility are read."""

import io
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nornir_itsm.errors import FormError
from nornir_itsm.forms.bounds import AREA_LIMIT, ROW_LIMIT, SAVE_AGAIN, check

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

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
        formulas = check(data, where)
        book = _load(data, values=True)
        formula_book = _load(data, values=False) if formulas else None
        return tuple(_sheet(sheet, formula_book, where) for sheet in book.worksheets)
    except FormError:
        raise
    except Exception as error:
        raise FormError(where, f"不是可读的 Excel 工作簿（{type(error).__name__}）", SAVE_AGAIN) from error


def _load(data: bytes, *, values: bool) -> "Workbook":
    from openpyxl import load_workbook

    with warnings.catch_warnings():  # x14 lists and the like are dropped, and not needed
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(data), data_only=values, keep_links=False)


def _sheet(sheet: "Worksheet", formula_book: "Workbook | None", where: str) -> Sheet:
    if sheet.max_row > ROW_LIMIT or sheet.max_row * sheet.max_column > AREA_LIMIT:
        raise FormError(where, "工作表范围过大", "删除多余的空白行列后重新提交")
    rows = [list(row) for row in sheet.iter_rows(min_row=1, min_col=1, values_only=True)]
    formulas = set(_formulas(formula_book[sheet.title])) if formula_book else set()
    for row, column in formulas:
        if rows[row][column] is None:
            rows[row][column] = BROKEN_FORMULA
    hidden_rows = frozenset(n - 1 for n, dimension in sheet.row_dimensions.items() if dimension.hidden)
    return Sheet(
        title=sheet.title,
        hidden=sheet.sheet_state != "visible",
        rows=tuple(map(tuple, rows)),
        merged=dict(_merged(sheet)),
        hidden_rows=hidden_rows,
        formulas=frozenset(formulas),
    )


def _formulas(sheet: "Worksheet") -> Iterator[Position]:
    for row, cells in enumerate(sheet.iter_rows(min_row=1, min_col=1)):
        for column, cell in enumerate(cells):
            if cell.data_type == "f":
                yield row, column


def _merged(sheet: "Worksheet") -> Iterator[tuple[Position, Position]]:
    """Fan a merged range out downwards; to the right its cells stay empty, for they are other columns."""
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row):
            yield (row, area.min_col - 1), (area.min_row - 1, area.min_col - 1)
