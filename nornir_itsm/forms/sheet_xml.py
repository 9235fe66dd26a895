"""Editing the XML of one worksheet: a few cells, two columns, a drawing; everything else stays as it was."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nornir_itsm.forms.bounds import column_of
from nornir_itsm.forms.package import RELATIONSHIPS
from nornir_itsm.forms.splice import Element, Splice, elements, text_xml, with_attributes
from nornir_itsm.forms.workbook import Position, coordinate

TEXT_LIMIT = 32_000
"""Excel holds 32,767 characters in a cell."""

_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_INSIDE = {"row", "c", "col", "mergeCell"}
_BEHIND_DRAWING = {
    "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
    "extLst",
}  # fmt: skip


@dataclass(slots=True)
class _Row:
    element: Element
    cells: dict[int, Element] = field(default_factory=dict)


class SheetXml:
    """A worksheet part. Positions are (row, column) from 0."""

    def __init__(self, data: bytes) -> None:
        """Find the rows, cells and columns of a part."""
        self.splice = Splice(data)
        found = elements(data, lambda name, _a, depth: depth <= 1 or name in _INSIDE)
        self._root = found[0]
        self._top = {e.name: e for e in found if e.parent is self._root}
        self._cols = [e for e in found if e.name == "col" and e.parent is self._top.get("cols")]
        self._merges = [e.attributes.get("ref", "") for e in found if e.name == "mergeCell"]
        self._rows = _rows(found, self._top["sheetData"])
        self._new: dict[int, list[tuple[int, str]]] = {}
        self._reach = 0
        self._prefix = self._root.prefix

    def style(self, place: Position) -> int:
        """Return the number of the style that a cell shows."""
        row, column = place
        line = self._rows.get(row)
        if line and column in line.cells:
            return _number(line.cells[column], "s")
        if line and line.element.attributes.get("customFormat") in ("1", "true"):
            return _number(line.element, "s")
        return next((_number(c, "style") for c in self._cols if _first(c) <= column <= _last(c)), 0)

    def restyle(self, place: Position, style: int) -> None:
        """Give a cell another style; a cell that was not there is added without a value."""
        row, column = place
        line = self._rows.get(row)
        if line and column in line.cells:
            self.splice.set(line.cells[column], "s", style)
        else:
            self._add(place, f'<{self._prefix}c r="{coordinate(*place)}" s="{style}"/>')

    def put(self, place: Position, text: str, style: int) -> None:
        """Write a text into a cell. It is an inline text and never a formula, whatever it begins with."""
        if len(text) > TEXT_LIMIT:
            raise ValueError(f"{coordinate(*place)}: a text of {len(text)} characters")
        p = self._prefix
        inside = f"<{p}is>{text_xml(f'{p}t', text)}</{p}is>" if text else ""
        kind = ' t="inlineStr"' if text else ""
        xml = f'<{p}c r="{coordinate(*place)}" s="{style}"{kind}>{inside}</{p}c>'
        line = self._rows.get(place[0])
        if line and place[1] in line.cells:
            cell = line.cells[place[1]]
            self.splice.replace(cell.start, cell.end, xml)
        else:
            self._add(place, xml)

    def has(self, place: Position) -> bool:
        """Tell whether a cell is there."""
        line = self._rows.get(place[0])
        return line is not None and place[1] in line.cells

    def merged(self, columns: Iterable[int], top: int) -> bool:
        """Tell whether a merged range touches one of the columns in the row *top* or below."""
        for ref in self._merges:
            corners = _REF.findall(ref)
            if len(corners) == 2 and int(corners[1][1]) > top:
                left, right = column_of(corners[0][0]) - 1, column_of(corners[1][0]) - 1
                if any(left <= column <= right for column in columns):
                    return True
        return False

    def width(self, column: int) -> float:
        """Return how many characters a column is wide."""
        format = self._top.get("sheetFormatPr")
        default = _decimal(format, "defaultColWidth") if format else 0.0
        said = (_decimal(col, "width") for col in self._cols if _first(col) <= column <= _last(col))
        return next(said, default) or 8.43

    def fit(self, row: int, height: float) -> None:
        """Make a row at least *height* points high, unless a person has set its height."""
        line = self._rows.get(row)
        if line is None or line.element.attributes.get("customHeight") in ("1", "true"):
            return
        if _decimal(line.element, "ht") < height:
            self.splice.set(line.element, "ht", min(round(height, 1), 409.0))

    def widen(self, widths: Mapping[int, float]) -> None:
        """Set the width of columns; those beside them keep theirs."""
        p, data = self._prefix, self.splice.data
        ours = sorted(widths)
        pieces = [
            (n, f'<{p}col min="{n + 1}" max="{n + 1}" width="{w}" customWidth="1"/>'.encode())
            for n, w in widths.items()
        ]
        for col in self._cols:
            xml, low = data[col.start : col.end], _first(col)
            for stop in [*(n for n in ours if low <= n <= _last(col)), _last(col) + 1]:
                if low < stop:
                    pieces.append((low, with_attributes(xml, min=low + 1, max=stop)))
                low = stop + 1
        inside = b"".join(xml for _, xml in sorted(pieces, key=lambda piece: piece[0])).decode()
        cols = self._top.get("cols")
        if cols is None:
            self.splice.insert(self._top["sheetData"].start, f"<{p}cols>{inside}</{p}cols>")
        else:
            self.splice.replace(cols.start, cols.end, f"<{p}cols>{inside}</{p}cols>")

    def name_drawing(self, relation: str) -> None:
        """Name the drawing of the comments' boxes at the place that the format gives it."""
        xml = f'<{self._prefix}legacyDrawing xmlns:r="{RELATIONSHIPS}" r:id="{relation}"/>'
        later = (e.start for name, e in self._top.items() if name in _BEHIND_DRAWING)
        self.splice.insert(min(later, default=self._root.close), xml)

    def done(self) -> bytes:
        """Return the part with all edits."""
        for row, cells in sorted(self._new.items()):
            self._insert(row, sorted(cells))
        self._dimension()
        return self.splice.done()

    def _add(self, place: Position, xml: str) -> None:
        row, column = place
        self._new.setdefault(row, []).append((column, xml))
        self._reach = max(self._reach, column)

    def _insert(self, row: int, cells: list[tuple[int, str]]) -> None:
        line = self._rows.get(row)
        if line is None:
            self._insert_row(row, "".join(xml for _, xml in cells))
            return
        if line.element.empty:
            self.splice.append(line.element, "".join(xml for _, xml in cells))
        else:
            for column, xml in cells:
                later = (e.start for c, e in line.cells.items() if c > column)
                self.splice.insert(min(later, default=line.element.close), xml)
        if spans := line.element.attributes.get("spans"):
            low, _, high = spans.partition(":")
            reach = max([int(high), *(c + 1 for c, _ in cells)])
            self.splice.set(line.element, "spans", f"{low}:{reach}")

    def _insert_row(self, row: int, cells: str) -> None:
        p, data = self._prefix, self._top["sheetData"]
        xml = f'<{p}row r="{row + 1}">{cells}</{p}row>'
        later = [line.element.start for number, line in self._rows.items() if number > row]
        if later:
            self.splice.insert(min(later), xml)
        else:
            self.splice.append(data, xml)

    def _dimension(self) -> None:
        element = self._top.get("dimension")
        corners = _REF.findall(element.attributes.get("ref", "")) if element else []
        if element and corners and self._new:
            column = max(column_of(corners[-1][0]) - 1, self._reach)
            row = max(int(corners[-1][1]) - 1, *self._new)
            self.splice.set(element, "ref", f"{''.join(corners[0])}:{coordinate(row, column)}")


def _rows(found: Iterable[Element], data: Element) -> dict[int, _Row]:
    """Return the rows by number; where a row or cell does not say its place, it follows the one before."""
    rows: dict[int, _Row] = {}
    line, number, column = None, -1, -1
    for element in found:
        place = element.attributes.get("r", "")
        if element.name == "row" and element.parent is data:
            number, column = (int(place) - 1 if place.isdigit() else number + 1), -1
            line = rows[number] = _Row(element)
        elif element.name == "c" and line is not None and element.parent is line.element:
            match = _REF.fullmatch(place)
            column = column_of(match[1]) - 1 if match else column + 1
            line.cells[column] = element
    return rows


def _number(element: Element, name: str) -> int:
    text = element.attributes.get(name, "0")
    return int(text) if text.isdigit() else 0


def _decimal(element: Element, name: str) -> float:
    try:
        return float(element.attributes.get(name, "0"))
    except ValueError:
        return 0.0


def _first(col: Element) -> int:
    return _number(col, "min") - 1


def _last(col: Element) -> int:
    return _number(col, "max") - 1
