"""Files that are broken or meant to harm, each made on the spot."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

SAMPLE = sorted((Path(__file__).parent / "samples").glob("*.xlsx"))[0]
SHEET = "xl/worksheets/sheet1.xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def with_parts(parts: Mapping[str, bytes]) -> bytes:
    """Return the sample workbook with some of its parts replaced or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(SAMPLE) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        for name in source.namelist():
            if name not in parts:
                target.writestr(name, source.read(name))
        for name, data in parts.items():
            target.writestr(name, data)
    return out.getvalue()


def with_sheet(xml: str) -> bytes:
    """Return the sample workbook with its first sheet's XML replaced."""
    return with_parts({SHEET: xml.encode()})


def sheet(data: str, after: str = "", head: str = "") -> bytes:
    """Return a workbook with these rows."""
    return with_sheet(f'{head}<worksheet xmlns="{SPACE}"><sheetData>{data}</sheetData>{after}</worksheet>')


def bomb() -> bytes:
    """Return a zip of few bytes that unpacks to more than a hundred megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        block = b"0" * (1 << 20)
        with archive.open("xl/workbook.xml", "w", force_zip64=True) as stream:
            for _ in range(210):
                stream.write(block)
    return out.getvalue()


def lying() -> bytes:
    """Return a zip whose directory says that a large part is small."""
    data = bytearray(with_parts({SHEET: b"0" * 1_000_000}))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(SHEET.encode()))
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(data)


def twice() -> bytes:
    """Return a workbook with two parts of one name."""
    out = io.BytesIO(SAMPLE.read_bytes())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(SHEET.upper(), b"<worksheet/>")
    return out.getvalue()


def rows(count: int) -> bytes:
    """Return a workbook with so many rows of sixteen cells."""
    cells = "<c><v>7</v></c>" * 16
    return sheet(f"<row>{cells}</row>" * count)


_XF = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
_RULE = '<dataValidation sqref="A1:XFD1048576" type="list"><formula1>x</formula1></dataValidation>'
_CONDITION = '<conditionalFormatting sqref="A1"><cfRule type="expression"/></conditionalFormatting>'
_MACRO_TYPE = b'<Types><Override ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>'
_MACRO = "xl/vbaProject.bin"


def _merges(ref: str, count: int) -> str:
    item = f'<mergeCell ref="{ref}"/>'
    return f"<mergeCells>{item * count}</mergeCells>"


def _styles(count: int) -> bytes:
    return f"<styleSheet><cellXfs>{_XF * count}</cellXfs></styleSheet>".encode()


def _attributes(count: int) -> str:
    return " ".join(f'a{n}="x"' for n in range(count))


FILES: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "不是 Excel 工作簿"),
    "text": ("源归属,源IP\n".encode, "不是 Excel 工作簿"),
    "truncated": (lambda: SAMPLE.read_bytes()[:4000], "不是可读的 Excel 工作簿"),
    "zip of nothing": (lambda: b"PK\x05\x06" + b"\0" * 18, "不是可读的 Excel 工作簿"),
    "protected": (lambda: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
    "old": (lambda: OLE + b"\0" * 600, "旧版"),
    "bomb": (bomb, "解压后过大"),
    "lying zip": (lying, "不是可读的 Excel 工作簿"),
    "two parts of one name": (twice, "重名"),
    "macros": (lambda: with_parts({_MACRO: OLE}), "带有宏"),
    "macros by type": (lambda: with_parts({"[Content_Types].xml": _MACRO_TYPE}), "带有宏"),
    "macro sheet": (lambda: with_parts({"xl/macrosheets/sheet1.xml": b"<a/>"}), "带有宏"),
    "external links": (lambda: with_parts({"xl/externalLinks/externalLink1.xml": b"<a/>"}), "链接到外部"),
    "connections": (lambda: with_parts({"xl/connections.xml": b"<connections/>"}), "链接到外部"),
    "damaged sheet": (lambda: with_sheet("<worksheet><sheetData><row>"), "不是可读的 Excel 工作簿"),
    "entities": (lambda: sheet("", head=LAUGHS), "文档类型声明"),
    "entities in a drawing": (
        lambda: with_parts({"xl/drawings/x.vml": LAUGHS.encode() + b"<xml/>"}), "文档类型声明",
    ),
    "far cell": (lambda: sheet('<row r="4999"><c r="XFD4999"><v>1</v></c></row>'), "范围过大"),
    "far row": (lambda: sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "超过 5000 行"),
    "rows out of order": (lambda: sheet('<row r="5"/><row r="4"/>'), "次序混乱"),
    "a cell of another row": (lambda: sheet('<row r="1"><c r="A2"><v>1</v></c></row>'), "次序混乱"),
    "a cell twice": (lambda: sheet('<row r="1"><c r="A1"/><c r="A1"/></row>'), "次序混乱"),
    "100,000 rows": (lambda: rows(100_000), "超过 5000 行"),
    "unplaced cells": (lambda: sheet(f"<row>{'<c/>' * 99}</row>" * 4000), "范围过大"),
    "vast merge": (lambda: sheet(CELL, _merges("A1:XFD1048576", 1)), "范围过大"),
    "many merges": (lambda: sheet(CELL, _merges("A1:A1", 390_000)), "范围过大"),
    "many rules": (lambda: sheet(CELL, f"<dataValidations>{_RULE * 100_000}</dataValidations>"), "内容过多"),
    "many conditions": (lambda: sheet(CELL, _CONDITION * 100_000), "内容过多"),
    "many styles": (lambda: with_parts({"xl/styles.xml": _styles(200_000)}), "内容过多"),
    "deep": (lambda: sheet("<a>" * 500_000 + "</a>" * 500_000), "内容过多"),
    "one vast tag": (lambda: with_sheet(f"<worksheet {_attributes(1_000_000)}/>"), "内容过多"),
    "one vast text": (lambda: sheet(f"<row><c><v>{'x' * 90_000_000}</v></c></row>"), "内容过多"),
    "no table": (lambda: sheet(CELL), "没有找到需求表"),
}  # fmt: skip
"""Name -> how to make it, and what is said of it."""
