"""Refusing a hostile workbook before anything builds objects from it: counted while its XML streams by.

Limits are far above any form (a thousand rows is a large one) and so low that whatever passes is read
within 200 MB.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from nornir_itsm.errors import FormError

FILE_LIMIT = 20 * 1024 * 1024
UNPACKED_LIMIT = 100 * 1024 * 1024
XML_LIMIT = 32 * 1024 * 1024
PARTS_LIMIT = 2000
ELEMENT_LIMIT = 600_000
"""XML elements of all parts together."""
HEAVY_LIMIT = 150_000
"""Elements that are neither cells nor shared texts: styles, rules, lists. Each costs a reader a kilobyte."""
COVER_LIMIT = 10_000
"""Merged ranges of one sheet."""
DEPTH_LIMIT = 100
TAG_LIMIT = 1 << 20
"""Bytes of one tag with its attributes."""
ROW_LIMIT = 5_000
AREA_LIMIT = 300_000
"""Cells in the rectangle that a sheet spans, and cells under merged ranges."""

SAVE_AGAIN = "在 Excel 中另存为 .xlsx 后重新提交"
_LESS = "只保留申请单，删除其他内容后重新提交"
_WITH_MACROS = ("工作簿带有宏，拒绝读取", "在 Excel 中另存为不带宏的 .xlsx 后重新提交")
_TYPES = "[Content_Types].xml"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MACROS = re.compile(r"vbaproject|/macrosheets/|\.xlm$")
_OUTSIDE = re.compile(r"/externallinks/|/connections\.xml$|/querytables/")


def is_workbook(data: bytes) -> bool:
    """Tell a workbook (or what was one before it was damaged or protected) by its first bytes."""
    return data.startswith((b"PK", _OLE))


@dataclass(slots=True)
class Marks:
    """What a sheet's XML says besides values, from 0. A merge is top, left, bottom, right."""

    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    formulas: set[tuple[int, int]] = field(default_factory=set)


def check(data: bytes, where: str) -> dict[str, Marks]:
    """Raise FormError for a file that must not be read; return what its parts say besides values, by name.

    Raises BadZipFile, ExpatError and their like where the file is damaged.
    """
    if data.startswith(_OLE):
        protected = "EncryptedPackage".encode("utf-16-le") in data
        problem = "工作簿设有打开密码" if protected else "旧版 .xls 工作簿，不能读取"
        raise FormError(where, problem, "取消密码后重新提交" if protected else SAVE_AGAIN)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > PARTS_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
            raise FormError(where, "工作簿解压后过大", "删除附件和空白行列后重新提交")
        if any(part.flag_bits & 1 for part in parts):
            raise FormError(where, "工作簿被加密", "取消密码后重新提交")
        _names([part.filename.lower() for part in parts], where)
        if _TYPES in archive.namelist() and b"macroEnabled" in archive.read(_TYPES):
            raise FormError(where, *_WITH_MACROS)
        counter, found = _Counter(where), {}
        for part in parts:
            name = part.filename.lower()
            if name.endswith((".xml", ".rels", ".vml")):
                with archive.open(part) as stream:
                    found[part.filename] = counter.read(stream, lenient=name.endswith(".vml"))
    return found


def _names(names: Iterable[str], where: str) -> None:
    """Refuse what the names of the parts give away."""
    seen: set[str] = set()
    for name in names:
        if _MACROS.search(f"/{name}"):
            raise FormError(where, *_WITH_MACROS)
        if _OUTSIDE.search(f"/{name}"):
            hint = "在 Excel 的“数据”里断开外部链接和查询，保存后重新提交"
            raise FormError(where, "工作簿链接到外部文件或数据源，拒绝读取", hint)
        if name in seen:
            raise FormError(where, "工作簿里有重名的部件", SAVE_AGAIN)
        seen.add(name)


class _Counter:
    """Counts what the XML would make a reader build, and stops at the limits."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.elements = self.heavy = self.bytes = 0
        self._next_part()

    def _next_part(self) -> None:
        self.marks = Marks()
        self.depth = self.row = self.column = self.covers = self.covered = 0
        self.last_row = self.last_column = 0
        self.in_cell = self.in_data = False

    def read(self, stream: IO[bytes], *, lenient: bool) -> Marks:
        """Count one part. *lenient*: Excel writes drawings of notes that are no XML; nobody reads them."""
        self._next_part()
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        fed = 0
        try:
            while chunk := stream.read(1 << 18):
                fed += len(chunk)
                parser.Parse(chunk, False)
                if fed - parser.CurrentByteIndex > TAG_LIMIT or self.bytes + fed > XML_LIMIT:
                    raise FormError(self.where, "工作簿内容过多", _LESS)
            parser.Parse(b"", True)
        except expat.ExpatError:
            if not lenient:
                raise
        self.bytes += fed
        return self.marks

    def _doctype(self, *_: object) -> None:
        raise FormError(self.where, "工作簿里有文档类型声明，拒绝读取", SAVE_AGAIN)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.heavy += not self.in_data
        self.depth += 1
        match name.rpartition(":")[2]:
            case "row" if self.in_data:
                self._row(attributes)
            case "c" if self.in_data:
                self._cell(attributes.get("r", ""))
            case "f" if self.in_cell:
                self.marks.formulas.add((self.row - 1, self.column - 1))
            case "mergeCell":
                self._merge(attributes.get("ref", ""))
            case "sheetData" | "sst":
                self.in_data = True
        self._stop()

    def _stop(self) -> None:
        """Raise FormError where a limit is passed."""
        if self.last_row > ROW_LIMIT:
            raise FormError(self.where, f"工作表超过 {ROW_LIMIT} 行", "删除多余的空白行后重新提交")
        if max(self.last_row * self.last_column, self.covered) > AREA_LIMIT or self.covers > COVER_LIMIT:
            raise FormError(self.where, "工作表范围过大", "删除多余的空白列和合并后重新提交")
        if self.elements > ELEMENT_LIMIT or self.heavy > HEAVY_LIMIT or self.depth > DEPTH_LIMIT:
            raise FormError(self.where, "工作簿内容过多", _LESS)

    def _end(self, name: str) -> None:
        self.depth -= 1
        match name.rpartition(":")[2]:
            case "c":
                self.in_cell = False
            case "sheetData" | "sst":
                self.in_data = False

    def _row(self, attributes: dict[str, str]) -> None:
        place, before = attributes.get("r", ""), self.row
        self.row = int(place[:9]) if place.isascii() and place.isdigit() else self.row + 1
        self.column, self.last_row = 0, self.row
        if self.row <= before:
            raise FormError(self.where, "工作表的行次序混乱", SAVE_AGAIN)
        if attributes.get("hidden") in ("1", "true"):
            self.marks.hidden_rows.add(self.row - 1)

    def _cell(self, place: str) -> None:
        before, match = self.column, _REF.fullmatch(place)
        self.in_cell, self.column = True, column_of(match[1]) if match else self.column + 1
        self.last_column = max(self.last_column, self.column)
        if self.column <= before or (match and int(match[2]) != self.row):
            raise FormError(self.where, "工作表的单元格次序混乱", SAVE_AGAIN)

    def _merge(self, ref: str) -> None:
        """Count a range that covers cells."""
        self.covers += 1
        corners = _REF.findall(ref)
        if len(corners) == 2:
            rows, columns = sorted(int(row) for _, row in corners), sorted(column_of(c) for c, _ in corners)
            self.covered += (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1)
            self.marks.merges.append((rows[0] - 1, columns[0] - 1, rows[1] - 1, columns[1] - 1))


def column_of(letters: str) -> int:
    """Return the number of a column, ``A`` is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
