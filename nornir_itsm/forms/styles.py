"""Cell styles of a workbook: those that are there stay, ours are added behind them."""

import re
from dataclasses import dataclass
from typing import Literal

from nornir_itsm.forms.package import SPREADSHEET, Package
from nornir_itsm.forms.splice import Element, Splice, elements, with_attributes

Tone = Literal["bad", "ask", "note", "good", "plain"]

FILLS: dict[Tone, str] = {"bad": "FFFFC7CE", "ask": "FFFFEB9C", "note": "FFDDEBF7", "good": "FFC6EFCE"}
_HEAD = "FF305496"
_PART, _TYPE = "xl/styles.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_LISTS = ("fonts", "fills", "borders", "cellXfs")
_NAME = re.compile(rb"<(?:\w+:)?name\s[^<>]*/>")
_SIDES = "".join(
    f'<{side} style="thin"><color rgb="FFBFBFBF"/></{side}>' for side in ("left", "right", "top", "bottom")
)
_TEXT_FORMAT = 49
"""The built-in number format @: what is typed stays text."""
_EMPTY = f"""<styleSheet xmlns="{SPREADSHEET}">\
<fonts><font><sz val="11"/><name val="Calibri"/></font></fonts><fills>\
<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>"""


@dataclass(slots=True)
class _List:
    """One list of the part: its element, and its items with those that are added."""

    element: Element
    items: list[bytes]
    there: int

    def add(self, item: bytes) -> int:
        """Return the number of an item, which is added where it is not there yet."""
        if item not in self.items:
            self.items.append(item)
        return self.items.index(item)


class Styles:
    """The style part of a workbook with what is added to it."""

    def __init__(self, package: Package, workbook: str) -> None:
        """Read the styles that the part *workbook* is related to."""
        self._package = package
        self._part = package.related(workbook, "styles") or _new_part(package, workbook)
        self._data = package.read(self._part)
        self._lists = _lists(self._data)
        self._prefix = self._lists["cellXfs"].element.prefix

    def marked(self, base: int, tone: Tone) -> int:
        """Return a style that is *base* in another colour."""
        formats = self._lists["cellXfs"].items
        clone = formats[base if 0 <= base < len(formats) else 0]
        return self._format(with_attributes(clone, fillId=self._fill(FILLS[tone]), applyFill=1))

    def text(self, tone: Tone = "plain", *, centred: bool = False) -> int:
        """Return a style for text that is only shown: wrapped, framed, never taken for a formula."""
        fill = self._fill(FILLS[tone]) if tone in FILLS else 0
        return self._own(fill=fill, align="center" if centred else "left")

    def answer(self) -> int:
        """Return a style for a cell that a person fills in: as text, also on a protected sheet."""
        return self._own(fill=self._fill("FFFFFFF2"), unlocked=True)

    def head(self) -> int:
        """Return the style of a column's head."""
        return self._own(fill=self._fill(_HEAD), font=self._bold("FFFFFFFF"), align="center")

    def title(self) -> int:
        """Return the style of a sheet's title: large and without a frame."""
        return self._own(font=self._bold("FF305496", 16), framed=False)

    def words(self) -> int:
        """Return the style of running text: without a frame."""
        return self._own(framed=False)

    def save(self) -> None:
        """Write the part back."""
        splice = Splice(self._data)
        for listed in self._lists.values():
            more = b"".join(listed.items[listed.there :])
            if more:
                splice.append(listed.element, more.decode())
                if "count" in listed.element.attributes:
                    splice.set(listed.element, "count", len(listed.items))
        self._package.write(self._part, splice.done())

    def _own(
        self,
        *,
        fill: int = 0,
        font: int = 0,
        align: str = "left",
        unlocked: bool = False,
        framed: bool = True,
    ) -> int:
        border = (
            self._lists["borders"].add(self._xml(f"<border>{_SIDES}<diagonal/></border>")) if framed else 0
        )
        vertical = "center" if align == "center" else "top"
        lock = '<protection locked="0"/>' if unlocked else ""
        return self._format(
            self._xml(
                f'<xf numFmtId="{_TEXT_FORMAT}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0" '
                f'quotePrefix="{int(not unlocked)}" applyNumberFormat="1" applyFont="1" applyFill="1" '
                f'applyBorder="1" applyAlignment="1" applyProtection="1">'
                f'<alignment horizontal="{align}" vertical="{vertical}" wrapText="1"/>{lock}</xf>'
            )
        )

    def _format(self, xf: bytes) -> int:
        return self._lists["cellXfs"].add(xf)

    def _fill(self, colour: str) -> int:
        xml = (
            f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/>'
            f'<bgColor indexed="64"/></patternFill></fill>'
        )
        return self._lists["fills"].add(self._xml(xml))

    def _bold(self, colour: str, size: int = 11) -> int:
        """Return a bold font of the workbook's own family."""
        fonts = self._lists["fonts"]
        name = _NAME.search(fonts.items[0]) if fonts.items else None
        xml = self._xml(f'<font><b/><sz val="{size}"/><color rgb="{colour}"/></font>')
        before, _, after = xml.rpartition(b"</")
        return fonts.add(before + (name[0] if name else b"") + b"</" + after)

    def _xml(self, xml: str) -> bytes:
        """Give our own elements the part's prefix."""
        if self._prefix:
            xml = xml.replace("</", "\0").replace("<", f"<{self._prefix}").replace("\0", f"</{self._prefix}")
        return xml.encode()


def _lists(data: bytes) -> dict[str, _List]:
    found = elements(data, lambda name, _, depth: (depth == 1 and name in _LISTS) or depth == 2)
    lists = {e.name: _List(e, [], 0) for e in found if e.parent is None and e.name in _LISTS}
    for element in found:
        if element.parent is not None and element.parent.name in lists:
            lists[element.parent.name].items.append(data[element.start : element.end])
    for listed in lists.values():
        listed.there = len(listed.items)
    return lists


def _new_part(package: Package, workbook: str) -> str:
    part = package.unused("xl/stylesCheck{}.xml")
    package.write(part, _EMPTY.encode())
    package.declare(part, _TYPE)
    package.relate(workbook, "styles", part)
    return part
