"""A workbook as Excel itself writes one: shared strings, spans, fitted heights, a note, extensions."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from nornir_itsm.forms.workbook import coordinate
from tests.forms.rows import LABELS, OUTBOUND

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
LIST = (
    '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
    '<x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
    '<x14:dataValidation type="list" allowBlank="1" xr:uid="{00000000-0002-0000-0000-000000000000}">'
    "<x14:formula1><xm:f>参数表!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>C5:C9</xm:sqref>"
    "</x14:dataValidation></x14:dataValidations></ext></extLst>"
)
VML = """<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
 xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">
 <o:idmap v:ext="edit" data="1"/></o:shapelayout>
 <v:shape id="_x0000_s1025" type="#_x0000_t202"><x:ClientData ObjectType="Note"><x:Row>4</x:Row>
 <x:Column>4</x:Column></x:ClientData></v:shape>
 <v:shape id="_x0000_s1030" type="#_x0000_t201"><v:textbox><div>a button<br></div></v:textbox></v:shape>
</xml>"""


def excel_like(rows: Sequence[Mapping[str, object]] = (OUTBOUND,), *, prefix: str = "") -> bytes:
    """Return a workbook with these rows from row 5 on; *prefix* is put before every element of its sheets.

    A value (formula, number) is a formula with its saved result.
    """
    strings: list[str] = []
    parts = {
        "[Content_Types].xml": _types(),
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": _workbook(),
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml"),
            ("worksheet", "worksheets/sheet2.xml"),
            ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml"),
        ),
        "xl/worksheets/sheet1.xml": _prefixed(_sheet(rows, strings), prefix),
        "xl/worksheets/sheet2.xml": _prefixed(_list(strings), prefix),
        "xl/worksheets/_rels/sheet1.xml.rels": _relations(
            ("vmlDrawing", "../drawings/vmlDrawing1.vml"), ("comments", "../comments1.xml")
        ),
        "xl/comments1.xml": _comments(),
        "xl/drawings/vmlDrawing1.vml": VML,
        "xl/styles.xml": _styles(),
        "xl/printerSettings/printerSettings1.bin": "\0binary",
        "xl/calcChain.xml": f'{HEAD}<calcChain xmlns="{MAIN}"><c r="L5" i="7"/></calcChain>',
    }
    parts["xl/sharedStrings.xml"] = _strings(strings)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _prefixed(xml: str, prefix: str) -> str:
    if not prefix:
        return xml
    head, body = xml[: len(HEAD)], xml[len(HEAD) :].replace(f'xmlns="{MAIN}"', f'xmlns:{prefix}="{MAIN}"')
    for name in ("worksheet", "dimension", "sheetFormatPr", "cols", "col", "sheetData", "row", "c", "v",
                 "mergeCells", "mergeCell", "pageMargins", "legacyDrawing", "extLst", "ext"):  # fmt: skip
        for end in (" ", ">", "/>"):
            body = body.replace(f"<{name}{end}", f"<{prefix}:{name}{end}")
        body = body.replace(f"</{name}>", f"</{prefix}:{name}>")
    return head + body


def _cell(row: int, column: int, value: object, style: int, strings: list[str]) -> str:
    ref = f'r="{coordinate(row, column)}" s="{style}"'
    if value is None:
        return f"<c {ref}/>"
    if isinstance(value, int):
        return f"<c {ref}><v>{value}</v></c>"
    if isinstance(value, tuple):
        formula, saved = value
        return f"<c {ref}><f>{formula}</f><v>{saved}</v></c>"
    strings.append(str(value))
    return f'<c {ref} t="s"><v>{len(strings) - 1}</v></c>'


def _row(number: int, cells: str, more: str = "") -> str:
    return f'<row r="{number}" spans="2:16"{more} x14ac:dyDescent="0.2">{cells}</row>'


def _sheet(rows: Sequence[Mapping[str, object]], strings: list[str]) -> str:
    lines = [
        _row(1, _cell(0, 1, "*申请组织", 0, strings) + _cell(0, 5, "示例期货公司A", 0, strings)),
        _row(2, _cell(1, 1, "*系统名称", 0, strings) + _cell(1, 5, "示例系统", 0, strings)),
        _row(4, "".join(_cell(3, n, label, 1, strings) for n, label in enumerate(LABELS, 2))),
    ]
    for number, row in enumerate(rows, 4):
        values = (row.get(label.strip("*")) for label in LABELS)
        cells = "".join(_cell(number, n, value, 2, strings) for n, value in enumerate(values, 2))
        height = ' ht="40" customHeight="1"' if number == 5 else ' ht="30"'
        lines.append(_row(number + 1, _cell(number, 1, f"需求{number - 3}", 2, strings) + cells, height))
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{REL}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac xr" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" '
        'xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" xr:uid="{0}">'
        f'<dimension ref="B1:P{4 + len(rows)}"/><sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.2"/>'
        '<cols><col min="1" max="1" width="3" customWidth="1"/>'
        '<col min="3" max="20" width="14" style="3"/></cols>'
        f"<sheetData>{''.join(lines)}</sheetData>"
        '<mergeCells count="2"><mergeCell ref="B1:E1"/><mergeCell ref="B2:E2"/></mergeCells>'
        '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        f'<legacyDrawing r:id="rId1"/>{LIST}</worksheet>'
    )


def _list(strings: list[str]) -> str:
    cells = "".join(_row(n + 1, _cell(n, 0, zone, 0, strings)) for n, zone in enumerate(("互联网", "行业云")))
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">'
        f"<sheetData>{cells}</sheetData></worksheet>"
    )


def _strings(strings: Sequence[str]) -> str:
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
    return f'{HEAD}<sst xmlns="{MAIN}">{items}</sst>'


def _workbook() -> str:
    return (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><bookViews><workbookView activeTab="0"/></bookViews>'
        '<sheets><sheet name="申请单" sheetId="7" r:id="rId1"/>'
        '<sheet name="参数表" sheetId="9" state="veryHidden" r:id="rId2"/></sheets>'
        '<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">\'申请单\'!$A$1:$P$9'
        "</definedName></definedNames></workbook>"
    )


def _relations(*related: tuple[str, str]) -> str:
    items = "".join(
        f'<Relationship Id="rId{n}" Type="{REL}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(related, 1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{HEAD}<Relationships xmlns="{space}">{items}</Relationships>'


def _types() -> str:
    defaults = (
        ("rels", "application/vnd.openxmlformats-package.relationships+xml"), ("xml", "application/xml"),
        ("vml", f"{TYPES}.vmlDrawing"), ("bin", f"{TYPES}.spreadsheetml.printerSettings"),
    )  # fmt: skip
    parts = {
        "workbook": "sheet.main", "worksheets/sheet1": "worksheet", "worksheets/sheet2": "worksheet",
        "styles": "styles", "sharedStrings": "sharedStrings", "comments1": "comments",
    }  # fmt: skip
    items = [f'<Default Extension="{name}" ContentType="{kind}"/>' for name, kind in defaults]
    items += [
        f'<Override PartName="/xl/{name}.xml" ContentType="{TYPES}.spreadsheetml.{kind}+xml"/>'
        for name, kind in parts.items()
    ]
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'{HEAD}<Types xmlns="{space}">{"".join(items)}</Types>'


def _comments() -> str:
    text = "<text><r><rPr><b/></rPr><t>客户：</t></r><r><t>请尽快</t></r></text>"
    return (
        f'{HEAD}<comments xmlns="{MAIN}"><authors><author>客户</author></authors><commentList>'
        f'<comment ref="E5" authorId="0" shapeId="0">{text}</comment></commentList></comments>'
    )


def _styles() -> str:
    solid = '<fill><patternFill patternType="solid"><fgColor rgb="FFD9E1F2"/></patternFill></fill>'
    xf = '<xf numFmtId="{}" fontId="{}" fillId="{}" borderId="0" xfId="0"/>'
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="2" x14ac:knownFonts="1" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">'
        '<font><sz val="11"/><name val="等线"/></font>'
        '<font><b/><sz val="11"/><name val="等线"/></font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill>'
        f'<fill><patternFill patternType="gray125"/></fill>{solid}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="4">{xf.format(0, 0, 0)}{xf.format(0, 1, 2)}{xf.format(49, 0, 2)}'
        f"{xf.format(49, 0, 0)}</cellXfs>"
        '<cellStyles count="1"><cellStyle name="常规" xfId="0" builtinId="0"/></cellStyles>'
        '<dxfs count="0"/></styleSheet>'
    )
