"""Blocks as a workbook: a sheet for each chapter, one for each device, lines ready to be copied cell by cell.

Every cell holds text and is marked as such: what begins with ``=`` is shown, never calculated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal

from nornir_itsm.papers.blocks import Block, Code, Heading, Item, Paragraph, Table, plain
from nornir_itsm.papers.steady import steady
from nornir_itsm.stages.document.inert import visible
from nornir_itsm.stages.document.model import Picture

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

WIDTHS = (7, 34, 74, 10)
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST = 32_000
"""A cell holds 32,767 characters."""


def workbook(blocks: Sequence[Block], pictures: Mapping[str, Picture]) -> bytes:
    """Return the document as .xlsx."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for title, chapter in _chapters(blocks):
        _Sheet(_new_sheet(book, title)).write(chapter, pictures)
    return saved(book)


def saved(book: "Workbook") -> bytes:
    """Return a workbook as bytes that do not depend on the time."""
    book.properties.creator = "nornir_itsm"
    buffer = BytesIO()
    book.save(buffer)
    return steady(buffer.getvalue())


def _chapters(blocks: Sequence[Block]) -> Iterator[tuple[str, list[Block]]]:
    """Yield title and blocks of each sheet: the title with the first chapter, the others, each device."""
    title, held, seen = "", list[Block](), 0
    for block in blocks:
        if isinstance(block, Heading) and (block.level <= 2 or _of_device(block)):
            seen += 1
            if len(held) > 1 and seen != 2:  # a heading alone goes before what it is about, so does the title
                yield title, held
                held = []
            title = title if seen == 2 else plain(block.spans)
        held.append(block)
    if held:
        yield title, held


def _of_device(heading: Heading) -> bool:
    return heading.level == 3 and plain(heading.spans)[:1].isdigit()


def _new_sheet(book: "Workbook", title: str) -> "Worksheet":
    base = " ".join(title.translate(_FORBIDDEN).split())[:28] or "-"
    name, number = base, 1
    while name.casefold() in {sheet.title.casefold() for sheet in book.worksheets}:
        number += 1
        name = f"{base[:25]} {number}"
    sheet: Worksheet = book.create_sheet(name)
    for letter, width in zip("ABCD", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.sheet_view.showGridLines = False
    printed(sheet, "portrait")
    return sheet


def printed(sheet: "Worksheet", orientation: Literal["portrait", "landscape"]) -> None:
    """Print a sheet on A4, as wide as the page."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, orientation
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


@dataclass(slots=True)
class _Looks:
    """The looks of cells, made once a workbook."""

    thin: Any = None
    fonts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        side = Side(style="thin", color="C9D1DC")
        self.thin = Border(left=side, right=side, top=side, bottom=side)
        base = "Microsoft YaHei"
        self.fonts = {
            "text": Font(name=base, size=10),
            "bold": Font(name=base, size=10, bold=True),
            "code": Font(name="Consolas", size=10),
            **{
                f"h{n}": Font(name=base, size=s, bold=True, color=c)
                for n, s, c in (
                    (1, 16, "1F2937"),
                    (2, 14, "1F2937"),
                    (3, 12, "1D5FBF"),
                    (4, 11, "1F2937"),
                    (5, 10, "1F2937"),
                    (6, 10, "1F2937"),
                )
            },
            "wrap": Alignment(wrap_text=True, vertical="top"),
            "top": Alignment(vertical="top"),
            "centre": Alignment(horizontal="center", vertical="top"),
            "head": PatternFill("solid", fgColor="F2F5F9"),
            "code_fill": PatternFill("solid", fgColor="F7F8FA"),
            "box": PatternFill("solid", fgColor="E8F1FD"),
            "link": Font(name=base, size=10, color="1D5FBF", underline="single"),
            **{
                word: PatternFill("solid", fgColor=colour)
                for word, colour in (
                    ("todo", "E8F1FD"),
                    ("nothing", "E7F6EC"),
                    ("waiting", "FFF4D6"),
                    ("rejected", "FDE5E3"),
                    ("unreadable", "FDE5E3"),
                    ("failed", "FDE5E3"),
                    ("notours", "FFF4D6"),
                )
            },
        }


@cache
def looks() -> _Looks:
    """Return the looks, made when they are first wanted: openpyxl is loaded then and not before."""
    return _Looks()


def put(sheet: "Worksheet", row: int, column: int, text: str, font: str = "text", fit: str = "wrap") -> Any:
    """Write text as text; what a workbook would take for a formula is shown as it is."""
    cell = sheet.cell(row, column)
    cell.value = visible(text)[:_LONGEST]
    cell.data_type = "s"
    if text[:1] in "=+-@\t":
        cell.quotePrefix = True
    cell.font, cell.alignment = looks().fonts[font], looks().fonts[fit]
    return cell


def _merged() -> Any:
    """Return room for merged ranges, written in order, and added without a search through all others."""
    from openpyxl.worksheet.cell_range import MultiCellRange

    class InOrder(MultiCellRange):
        def __iter__(self) -> Iterator[Any]:
            return iter(self.sorted())

    return InOrder()


class _Sheet:
    """A sheet that is written from top to bottom."""

    def __init__(self, sheet: "Worksheet") -> None:
        from openpyxl.worksheet.cell_range import CellRange

        self.sheet, self.row, self.range = sheet, 1, CellRange
        self.merged = sheet.merged_cells = _merged()

    def write(self, blocks: Sequence[Block], pictures: Mapping[str, Picture]) -> None:
        for block in blocks:
            match block:
                case Heading():
                    self.row += 1 if self.row > 1 else 0
                    put(self.sheet, self.row, 1, plain(block.spans), f"h{block.level}", "top")
                    self.sheet.row_dimensions[self.row].height = 24 if block.level < 3 else 19
                    self.row += 1
                case Paragraph():
                    self._across(plain(block.spans), "bold" if all(s.bold for s in block.spans) else "text")
                case Item():
                    put(self.sheet, self.row, 1, block.mark, "text", "centre")
                    self._across(plain(block.spans), "text", 2)
                case Table():
                    self._table(block)
                case Code():
                    self._code(block, pictures)

    def _across(self, text: str, font: str, first: int = 1) -> None:
        put(self.sheet, self.row, first, text, font)
        self.merged.ranges.add(self.range(min_row=self.row, min_col=first, max_row=self.row, max_col=4))
        self.sheet.row_dimensions[self.row].height = _height(text, sum(WIDTHS[first - 1 :]))
        self.row += 1

    def _table(self, table: Table) -> None:
        wide = len(table.rows[0]) < 3
        for number, row in enumerate(table.rows):
            texts = [plain(spans) for spans in row]
            cells = [put(self.sheet, self.row, n + 1 + wide, text) for n, text in enumerate(texts)]
            for cell in cells:
                cell.border = looks().thin
                if not number:
                    cell.font, cell.fill = looks().fonts["bold"], looks().fonts["head"]
            widths = WIDTHS[wide:]
            self.sheet.row_dimensions[self.row].height = max(
                _height(text, width) for text, width in zip(texts, widths, strict=False)
            )
            self.row += 1
        self.row += 1

    def _code(self, block: Code, pictures: Mapping[str, Picture]) -> None:
        kind, _, key = block.info.partition(" ")
        if kind == "path" and key in pictures:
            self._path(pictures[key])
            return
        for line in block.lines:
            cell = put(self.sheet, self.row, 2, line, "code", "top")
            cell.fill = self.sheet.cell(self.row, 3).fill = looks().fonts["code_fill"]
            self.row += 1
        self.row += 1

    def _path(self, picture: Picture) -> None:
        """Write the path downwards: a box a row, with what it sees beside it."""
        for number, one in enumerate(picture.stations):
            put(self.sheet, self.row, 1, "↓" if number else "", "text", "centre")
            name = put(self.sheet, self.row, 2, f"{one.name}\n{one.detail}".strip(), "bold")
            said = "\n".join(one.lines)
            seen = put(self.sheet, self.row, 3, said)
            name.border = seen.border = looks().thin
            if one.mark == "changed":
                name.fill = looks().fonts["box"]
            lines = (_height(f"{one.name}\n{one.detail}".strip(), WIDTHS[1]), _height(said, WIDTHS[2]))
            self.sheet.row_dimensions[self.row].height = max(lines)
            self.row += 1
        self.row += 1


def _height(text: str, width: float) -> float:
    """Return how many points a wrapped text needs in a column so many characters wide."""
    lines = 0
    for line in text.splitlines() or [""]:
        letters = sum(2 if ord(letter) > 255 else 1 for letter in line)
        lines += max(1, -(-letters * 11 // int(width * 10)))
    return 15.0 * lines + 3
