"""The annotated copy: the requester's own workbook with marks, verdicts, room for answers, a summary.

Written into the XML of the file itself: what no library of ours knows (validation lists across sheets,
drawings, settings) stays as it was. A copy annotated again has its earlier marks taken away first.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import quoteattr

from nornir_itsm.errors import FormError
from nornir_itsm.forms.answers import SUMMARY, summary_head
from nornir_itsm.forms.book import Form
from nornir_itsm.forms.bounds import column_of
from nornir_itsm.forms.notes import CellNote, Notes, RowNote
from nornir_itsm.forms.package import RELATIONSHIPS, Package, sheet_parts, workbook_part
from nornir_itsm.forms.reading import plain
from nornir_itsm.forms.remarks import write_comments
from nornir_itsm.forms.sheet_xml import SheetXml
from nornir_itsm.forms.splice import Splice, elements
from nornir_itsm.forms.styles import Styles
from nornir_itsm.forms.summary import looks_in, summary_xml, text_height
from nornir_itsm.forms.table import ANSWER, VERDICT, Table
from nornir_itsm.forms.workbook import Position

VERDICT_LIMIT = 2000
_WIDTHS = (46.0, 30.0)
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_ANSWER_HEAD = f"{ANSWER}（填“同意”即采用建议）"

Looks = dict[tuple[str, Position], int]
"""The style that a marked cell had before, by sheet and place."""


def annotate(form: Form, notes: Notes) -> bytes:
    """Return the workbook of a form with *notes* in it. Raises FormError where it cannot be written into."""
    if form.data is None:
        raise FormError(form.order.file, "不是工作簿，没有可批注的副本", "只有 .xlsx 申请单可以批注")
    try:
        return _Copy(form, form.data, notes).written()
    except (KeyError, ValueError, LookupError, ExpatError) as error:
        problem = f"不能写入批注（{type(error).__name__}: {error}）"
        raise FormError(form.order.file, problem, "在 Excel 中另存为 .xlsx 后重新提交") from error


@dataclass(slots=True)
class _Copy:
    """One copy in the making."""

    form: Form
    data: bytes
    notes: Notes
    package: Package = field(init=False)
    workbook: str = field(init=False)
    parts: Mapping[str, str] = field(init=False)
    styles: Styles = field(init=False)

    def __post_init__(self) -> None:
        self.package = Package(self.data)
        self.workbook = workbook_part(self.package)
        self.parts = sheet_parts(self.package)
        self.styles = Styles(self.package, self.workbook)

    def written(self) -> bytes:
        """Return the whole file."""
        summary = next((s for s in self.form.sheets if summary_head(s)), None)
        old = self._looks(summary.title, summary.rows) if summary else {}
        looks: Looks = {}
        for table in self.form.tables:
            looks |= self._sheet(table, old)
        xml = summary_xml(self.form.order, self.notes, self.styles, looks)
        if summary:
            self.package.write(self.parts[summary.title], xml)
        else:
            self._new_sheet(xml)
        self.styles.save()
        return self.package.packed()

    def _looks(self, title: str, rows: Sequence[Sequence[object]]) -> Looks:
        """Return the looks that an earlier copy kept."""
        sheet = SheetXml(self.package.read(self.parts[title]))
        return {(name, _place(cell)): sheet.style(at) for (name, cell), at in looks_in(rows).items()}

    def _sheet(self, table: Table, old: Looks) -> Looks:
        """Write into the sheet of one table; return how the marked cells looked."""
        title = table.sheet.title
        part, looks = self.parts[title], Looks()
        sheet = SheetXml(self.package.read(part))
        cells = [note for note in self.notes.cells if note.sheet == title]
        marked = {_place(note.cell): note for note in cells}
        for place, note in marked.items():
            base = old.get((title, place), sheet.style(place))
            looks[title, place] = base
            sheet.restyle(place, self.styles.marked(base, note.tone))
        for (name, place), base in old.items():
            if name == title and place not in marked and sheet.has(place):
                sheet.restyle(place, base)
        self._columns(table, sheet)
        drawing = write_comments(self.package, part, _comments(cells))
        if drawing:
            sheet.name_drawing(drawing)
        self.package.write(part, sheet.done())
        return looks

    def _columns(self, table: Table, sheet: SheetXml) -> None:
        """Write the columns of verdicts and answers."""
        verdicts, answers = table.beside or _free(table, sheet)
        notes = {note.row - 1: note for note in self.notes.rows if note.sheet == table.sheet.title}
        head, answer = self.styles.head(), self.styles.answer()
        for row in table.headers:
            sheet.put((row, verdicts), VERDICT, head)
            sheet.put((row, answers), _ANSWER_HEAD, head)
        merged = {*table.sheet.merged, *table.sheet.merged.values()}
        for row, note in notes.items():
            sheet.put((row, verdicts), _said(note), self.styles.text(note.tone))
            sheet.put((row, answers), note.answer, answer if note.asks else self.styles.text())
            sheet.fit(row, _height(table, note, sheet, merged))
        for row in range(len(table.sheet.rows)) if table.beside else ():
            for column in (verdicts, answers):
                if row not in notes and row not in table.headers and plain(table.sheet.at(row, column)):
                    sheet.put((row, column), "", 0)
        sheet.widen(dict(zip((verdicts, answers), _WIDTHS, strict=True)))

    def _new_sheet(self, xml: bytes) -> None:
        """Add the summary as the last sheet of the workbook."""
        part = self.package.unused("xl/worksheets/sheetCheck{}.xml")
        self.package.write(part, xml)
        self.package.declare(part, _SHEET)
        relation = self.package.relate(self.workbook, "worksheet", part)
        data = self.package.read(self.workbook)
        found = elements(data, lambda name, _a, _d: name in ("sheets", "sheet"))
        sheets = next(e for e in found if e.name == "sheets")
        number = 1 + max(int(e.attributes["sheetId"]) for e in found if e.name == "sheet")
        splice = Splice(data)
        splice.append(
            sheets,
            f'<{sheets.prefix}sheet xmlns:r="{RELATIONSHIPS}" name={quoteattr(self._title())} '
            f'sheetId="{number}" r:id="{relation}"/>',
        )
        self.package.write(self.workbook, splice.done())

    def _title(self) -> str:
        taken = {title.casefold() for title in self.parts}
        titles = (SUMMARY, *(f"{SUMMARY} ({n})" for n in range(2, len(taken) + 3)))
        return next(title for title in titles if title.casefold() not in taken)


def _free(table: Table, sheet: SheetXml) -> tuple[int, int]:
    """Return two columns side by side right of the table where nothing stands."""
    rows, column = table.sheet.rows, table.width + 1
    while any(plain(v) for row in rows for v in row[column : column + 2]) or sheet.merged(
        (column, column + 1), table.header
    ):
        column += 1
    return column, column + 1


def _said(note: RowNote) -> str:
    text = "\n".join((note.verdict, *note.lines))
    return text if len(text) <= VERDICT_LIMIT else f"{text[:VERDICT_LIMIT]}…"


def _height(table: Table, note: RowNote, sheet: SheetXml, merged: Container[Position]) -> float:
    """Return how high a row must be for all of its texts, in points; merged cells have room elsewhere."""
    row = note.row - 1
    values = enumerate(table.sheet.rows[row][: table.width + 1])
    heights = [text_height(plain(v), sheet.width(c)) for c, v in values if (row, c) not in merged]
    ours = zip((_said(note), note.answer), _WIDTHS, strict=True)
    return max(*heights, *(text_height(text, width) for text, width in ours))


def _comments(cells: Iterable[CellNote]) -> dict[str, str]:
    return {note.cell: note.text for note in cells}


def _place(cell: str) -> Position:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]) - 1, column_of(letters) - 1
