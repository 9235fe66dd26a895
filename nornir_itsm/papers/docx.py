"""Blocks as a Word document (python-docx). Text is written as text: no field, no link, no macro.

Tables are built as XML at once: python-docx looks a cell up in time that grows with its table.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from nornir_itsm.papers.blocks import Block, Code, Heading, Item, Paragraph, Spans, Table, plain
from nornir_itsm.papers.steady import steady
from nornir_itsm.stages.document.inert import visible
from nornir_itsm.stages.document.model import Picture

if TYPE_CHECKING:
    from docx.document import Document

LATIN, CHINESE, MONO = "Segoe UI", "Microsoft YaHei", "Consolas"
_WIDE = 9600
"""Width of a page's text in twentieths of a point."""
_WIDTHS = {2: (2300, 7300), 3: (800, 3300, 5500)}
_SIZES = {1: 20, 2: 15, 3: 12.5, 4: 11}
_ACCENT, _LINE, _HEAD, _BOX = "1D5FBF", "C9D1DC", "F2F5F9", "E8F1FD"


def word(blocks: Sequence[Block], pictures: Mapping[str, Picture], footer: str) -> bytes:
    """Return the document as .docx; the same blocks give the same bytes."""
    document = _empty()
    title = next((plain(b.spans) for b in blocks if isinstance(b, Heading)), "")
    document.core_properties.title = title[:255]
    _foot(document, footer)
    body = document.element.body
    end = body.sectPr
    for block in blocks:
        for element in _elements(block, pictures):
            end.addprevious(element)
    return _saved(document)


def _empty() -> "Document":
    """Return a document with the looks of ours and nothing in it."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm, Pt, RGBColor

    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(18), Mm(18)
    normal = document.styles["Normal"]
    _font(normal, LATIN, 10.5)
    normal.paragraph_format.space_after = Pt(4)
    for level, size in _SIZES.items():
        style = document.styles[f"Heading {level}"]
        _font(style, LATIN, size)
        style.font.bold = True
        style.font.italic = False
        style.font.color.rgb = RGBColor.from_string(_ACCENT if level == 3 else "1F2937")
        style.paragraph_format.space_before = Pt(16 - 2 * level)
        style.paragraph_format.space_after = Pt(4)
        style.paragraph_format.keep_with_next = True
    return document


def _font(style: Any, name: str, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = name, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(key), None)
    fonts.set(qn("w:eastAsia"), CHINESE)


def _foot(document: "Document", footer: str) -> None:
    """Write the footer: what this is, and the page's number."""
    paragraph = document.sections[0].footer.paragraphs[0]._p
    look = '<w:rPr><w:color w:val="6B7280"/><w:sz w:val="16"/></w:rPr>'
    for run in (
        f"<w:r>{look}<w:t xml:space='preserve'>{_text(footer)}　　</w:t></w:r>",
        f'<w:fldSimple w:instr=" PAGE "><w:r>{look}<w:t>1</w:t></w:r></w:fldSimple>',
        f"<w:r>{look}<w:t xml:space='preserve'> / </w:t></w:r>",
        f'<w:fldSimple w:instr=" NUMPAGES "><w:r>{look}<w:t>1</w:t></w:r></w:fldSimple>',
    ):
        paragraph.append(_xml(run))


def _elements(block: Block, pictures: Mapping[str, Picture]) -> Iterable[Any]:
    match block:
        case Heading():
            style = f'<w:pPr><w:pStyle w:val="Heading{block.level}"/></w:pPr>'
            yield _xml(f"<w:p>{style}{_runs(block.spans)}</w:p>")
        case Paragraph():
            yield _xml(f"<w:p>{_runs(block.spans)}</w:p>")
        case Item():
            left = 360 * block.level
            look = f'<w:pPr><w:spacing w:after="30"/><w:ind w:left="{left}" w:hanging="320"/></w:pPr>'
            mark = f"<w:r><w:t>{_text(block.mark)}</w:t><w:tab/></w:r>"
            yield _xml(f"<w:p>{look}{mark}{_runs(block.spans)}</w:p>")
        case Table():
            yield _table(block)
            yield _xml('<w:p><w:pPr><w:spacing w:after="0" w:line="160"/></w:pPr></w:p>')
        case Code():
            kind, _, key = block.info.partition(" ")
            yield _path(pictures[key]) if kind == "path" and key in pictures else _code(block)
            yield _xml('<w:p><w:pPr><w:spacing w:after="0" w:line="160"/></w:pPr></w:p>')


def _table(table: Table) -> Any:
    columns = len(table.rows[0])
    widths = _WIDTHS.get(columns, (_WIDE // columns,) * columns)
    rows = []
    for number, row in enumerate(table.rows):
        head = "<w:tblHeader/>" if number == 0 else ""
        cells = "".join(
            _cell(spans, width, head=not number) for spans, width in zip(row, widths, strict=True)
        )
        rows.append(f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{cells}</w:tr>")
    return _xml(_framed(widths, "".join(rows)))


def _framed(widths: Sequence[int], rows: str, line: str = _LINE) -> str:
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{line}"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )


def _cell(spans: Spans, width: int, *, head: bool) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{_HEAD}"/>' if head else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr>'
        '<w:p><w:pPr><w:spacing w:before="20" w:after="20"/></w:pPr>'
        f"{_runs(spans, bold=head, size=19)}</w:p></w:tc>"
    )


def _code(block: Code) -> Any:
    """Return lines in one shaded cell; it may break over pages, and is copied as lines."""
    look = (
        f'<w:rPr><w:rFonts w:ascii="{MONO}" w:hAnsi="{MONO}" w:cs="{MONO}" w:eastAsia="{CHINESE}"/>'
        '<w:sz w:val="17"/></w:rPr>'
    )
    lines = "".join(
        '<w:p><w:pPr><w:spacing w:after="0" w:line="250" w:lineRule="auto"/></w:pPr>'
        f'<w:r>{look}<w:t xml:space="preserve">{_text(line)}</w:t></w:r></w:p>'
        for line in block.lines or ("",)
    )
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="F7F8FA"/>'
    cell = f'<w:tc><w:tcPr><w:tcW w:w="{_WIDE}" w:type="dxa"/>{shade}</w:tcPr>{lines}</w:tc>'
    return _xml(_framed((_WIDE,), f"<w:tr>{cell}</w:tr>"))


def _path(picture: Picture) -> Any:
    """Return the path as a row of boxes with arrows between them, and below it what opens and stops."""
    boxes = len(picture.stations)
    arrow = 260
    box = (_WIDE - arrow * (boxes - 1)) // boxes
    widths, cells = [], []
    for number, one in enumerate(picture.stations):
        if number:
            widths.append(arrow)
            cells.append(_box(("▶",), arrow, "FFFFFF", bold=False))
        fill = _BOX if one.mark == "changed" else _HEAD if one.mark == "end" else "FFFFFF"
        widths.append(box)
        cells.append(_box(tuple(filter(None, (one.name, one.detail, *one.lines))), box, fill))
    below = [(picture.words[0], picture.opens, "15703A"), (picture.words[1], picture.closes, "B42318")]
    said = "".join(
        f'<w:p><w:pPr><w:spacing w:after="0"/></w:pPr>{_run(word, bold=True, size=17, colour=colour)}</w:p>'
        + "".join(
            f'<w:p><w:pPr><w:spacing w:after="0"/></w:pPr>{_run(f"● {flow}", size=17, colour=colour)}</w:p>'
            for flow in flows
        )
        for word, flows, colour in below
        if flows
    )
    last = (
        f'<w:tr><w:tc><w:tcPr><w:tcW w:w="{sum(widths)}" w:type="dxa"/><w:gridSpan w:val="{len(widths)}"/>'
        f"</w:tcPr>{said}</w:tc></w:tr>"
    )
    row = f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"
    return _xml(_framed(widths, row + (last if said else "")))


def _box(lines: Sequence[str], width: int, fill: str, *, bold: bool = True) -> str:
    said = "".join(
        '<w:p><w:pPr><w:spacing w:after="0"/><w:jc w:val="center"/></w:pPr>'
        f"{_run(line, bold=bold and not number, size=15)}</w:p>"
        for number, line in enumerate(lines)
    )
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/><w:tcMar><w:top w:w="60" w:type="dxa"/>'
        '<w:left w:w="30" w:type="dxa"/><w:bottom w:w="60" w:type="dxa"/><w:right w:w="30" w:type="dxa"/>'
        "</w:tcMar>"
        f'<w:vAlign w:val="center"/></w:tcPr>{said}</w:tc>'
    )


def _runs(spans: Spans, *, bold: bool = False, size: int = 0) -> str:
    return "".join(_run(s.text, bold=bold or s.bold, code=s.code, size=size) for s in spans)


def _run(text: str, *, bold: bool = False, code: bool = False, size: int = 0, colour: str = "") -> str:
    look = f'<w:rFonts w:ascii="{MONO}" w:hAnsi="{MONO}" w:eastAsia="{CHINESE}"/>' if code else ""
    look += "<w:b/>" if bold else ""
    look += f'<w:color w:val="{colour}"/>' if colour else ""
    look += f'<w:sz w:val="{size}"/>' if size else ""
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{_text(text)}</w:t></w:r>'


def _text(text: str) -> str:
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@cache
def _namespaces() -> str:
    from docx.oxml.ns import nsdecls

    return str(nsdecls("w"))


def _xml(text: str) -> Any:
    from docx.oxml import parse_xml

    name = text[1 : min(i for i in (text.find(" "), text.find(">"), text.find("/")) if i > 0)]
    return parse_xml(text.replace(f"<{name}", f"<{name} {_namespaces()}", 1))


def _saved(document: "Document") -> bytes:
    core = document.core_properties
    core.author, core.comments = "nornir_itsm", ""
    buffer = BytesIO()
    document.save(buffer)
    return steady(buffer.getvalue())
