"""Opening a workbook that may be hostile: bounded before it is parsed, and read as plain values.

Macros and external links are never followed: only cell values, merges and visibility are read.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

from nornir_itsm.errors import FormError

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FILE_LIMIT = 20 * 1024 * 1024
UNPACKED_LIMIT = 200 * 1024 * 1024
PARTS_LIMIT = 5000
ROW_LIMIT = 20_000
AREA_LIMIT = 2_000_000
"""Cells in the rectangle that a sheet spans, and cells under merged ranges."""

BROKEN_FORMULA = "#VALUE!"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_SAVE_AGAIN = "在 Excel 中另存为 .xlsx 后重新提交"

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


def is_workbook(data: bytes) -> bool:
    """Tell a workbook (or what was one before it was damaged or protected) by its first bytes."""
    return data.startswith((b"PK", _OLE))


def read_workbook(data: bytes, where: str) -> tuple[Sheet, ...]:
    """Return the worksheets of an .xlsx file in their order. Raises FormError, never anything else."""
    if data.startswith(_OLE):
        protected = "EncryptedPackage".encode("utf-16-le") in data
        problem = "工作簿设有打开密码" if protected else "旧版 .xls 工作簿，不能读取"
        raise FormError(where, problem, "取消密码后重新提交" if protected else _SAVE_AGAIN)
    try:
        formulas = _check(data, where)
        book = _load(data, values=True)
        formula_book = _load(data, values=False) if formulas else None
        return tuple(_sheet(sheet, formula_book, where) for sheet in book.worksheets)
    except FormError:
        raise
    except Exception as error:
        raise FormError(where, f"不是可读的 Excel 工作簿（{type(error).__name__}）", _SAVE_AGAIN) from error


def _check(data: bytes, where: str) -> bool:
    """Refuse what is too large or odd before anything builds objects from it; tell whether formulas occur."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
            raise FormError(where, "工作簿解压后过大", "删除附件和空白行列后重新提交")
        if any(part.flag_bits & 1 for part in parts):
            raise FormError(where, "工作簿被加密", "取消密码后重新提交")
        scans = [_Scan(where) for _ in parts]
        for part, scan in zip(parts, scans, strict=True):
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                with archive.open(part) as stream:
                    scan.read(stream)
    return any(scan.formulas for scan in scans)


class _Scan:
    """Counts what a sheet's XML would make the reader build, and stops at the limits."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.formulas = False
        self.rows = self.cells = self.last_row = self.last_column = self.merged = 0
        self.in_cell = False

    def read(self, stream: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        while chunk := stream.read(1 << 18):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)

    def _doctype(self, *_: object) -> None:
        raise FormError(self.where, "工作簿里有文档类型声明，拒绝读取", _SAVE_AGAIN)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self.rows += 1
                self._reach(attributes.get("r", ""), 0)
            case "c":
                self.cells += 1
                self.in_cell = True
                if match := _REF.fullmatch(attributes.get("r", "")):
                    self._reach(match[2], _column(match[1]))
            case "f":
                self.formulas |= self.in_cell
            case "mergeCell":
                corners = _REF.findall(attributes.get("ref", ""))
                if len(corners) == 2:
                    (left, top), (right, bottom) = corners
                    self.merged += (int(bottom) - int(top) + 1) * (_column(right) - _column(left) + 1)
        if self.rows > ROW_LIMIT or self.last_row > ROW_LIMIT:
            raise FormError(self.where, f"工作表超过 {ROW_LIMIT} 行", "删除多余的空白行后重新提交")
        if max(self.cells, self.last_row * self.last_column, self.merged) > AREA_LIMIT:
            raise FormError(self.where, "工作表范围过大", "删除多余的空白列和合并后重新提交")

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "c":
            self.in_cell = False

    def _reach(self, row: str, column: int) -> None:
        if row.isascii() and row.isdigit():
            self.last_row = max(self.last_row, int(row[:9]))
        self.last_column = max(self.last_column, column)


def _column(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 26 + ord(letter) - 64
    return number


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
