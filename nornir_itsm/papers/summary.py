"""The summary workbook of a batch: a line for each order, what came of it, and where its papers are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nornir_itsm.papers.xlsx import looks, printed, put, saved
from nornir_itsm.stages.document.language import Language

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = {
    "file": 32, "organization": 18, "system": 18, "change": 17, "standing": 11, "kind": 13, "demands": 6,
    "todo": 7, "covered": 7, "blocked": 6, "manual": 6, "devices": 22, "affecting": 9, "risk": 6,
    "questions": 6, "folder": 26, "note": 44,
}  # fmt: skip
"""Columns and their widths; their titles are words."""
Cell = str | int


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one order; what is not known is left out. ``standing``: a word of ``summary``."""

    file: str
    standing: str
    cells: dict[str, Cell]
    link: str = ""
    """A file below the summary's folder."""


def summary(lines: Iterable[Line], say: Language) -> bytes:
    """Return the workbook."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = say("summary.title")
    for number, (name, width) in enumerate(COLUMNS.items(), 1):
        cell = put(sheet, 1, number, say(f"summary.{name}"), "bold")
        cell.fill, cell.border = looks().fonts["head"], looks().thin
        sheet.column_dimensions[get_column_letter(number)].width = width
    row = 1
    for row, line in enumerate(lines, 2):
        _write(sheet, row, line, say)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{row}"
    printed(sheet, "landscape")
    return saved(book)


def _write(sheet: "Worksheet", row: int, line: Line, say: Language) -> None:
    cells = {"file": line.file, "standing": say(f"summary.{line.standing}"), **line.cells}
    for number, name in enumerate(COLUMNS, 1):
        value = cells.get(name, "")
        cell = put(sheet, row, number, str(value))
        if isinstance(value, int):
            cell.value = value
        cell.border = looks().thin
        if name == "folder" and line.link:
            cell.hyperlink = line.link
            cell.font = looks().fonts["link"]
        if name == "standing" and line.standing in looks().fonts:
            cell.fill = looks().fonts[line.standing]
