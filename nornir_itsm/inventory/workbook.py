"""The sheets of a workbook or CSV file as rows of text; a small file must not fill the memory."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.references import column_number

MOST_ROWS = 200_000
MOST_CELLS = 6_000_000
"""So many the reader sets aside room for at once, empty ones between two that are used included."""
LARGEST_FILE = 64 << 20
LARGEST_CONTENT = 512 << 20
"""Bytes, packed and unpacked."""

_FAR = re.compile(rb"""r=["'](?:[A-Z]{2,3}[0-9]|[A-Z]?(?:[2-9][0-9]{5}|[0-9]{7}))""")
_PLACE = re.compile(rb"""r=["']([A-Z]{1,3})([0-9]{1,9})""")
_CHUNK = 1 << 20
_CSV = {".csv", ".txt"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``rows`` begin with row 1 and column A; texts are stripped."""

    name: str
    rows: Iterator[list[str]]


def sheets(path: Path) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook (.xlsx, .xlsm), or a CSV file as one sheet.

    Raises ConfigError.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ConfigError(str(path), f"more than {LARGEST_FILE >> 20} MB", "is this the device list?")
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", "see the option path") from None
    yield from _csv(path) if path.suffix.lower() in _CSV else _workbook(path)


def _workbook(path: Path) -> Iterator[Sheet]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    try:
        _refuse_bombs(path)
        with CalamineWorkbook.from_path(str(path)) as book:
            for sheet in book.sheets_metadata:
                if sheet.visible is SheetVisibleEnum.Visible:
                    found = book.get_sheet_by_name(sheet.name)
                    left = [""] * (found.start[1] if found.start else 0)
                    yield Sheet(sheet.name, _texts(found.iter_rows(), left))
    except ConfigError:
        raise
    except Exception as error:  # a broken workbook raises whatever its broken part raises
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not an Excel workbook"
        raise ConfigError(str(path), f"cannot be read: {reason}", "save the device list as .xlsx") from None
    except BaseException as error:  # the reader's own panic is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise ConfigError(str(path), "a sheet cannot be read", "save it again as .xlsx") from None


def _texts(rows: Iterator[list[Any]], left: list[str]) -> Iterator[list[str]]:
    for row in rows:
        yield left + [value.strip() if value.__class__ is str else _text(value) for value in row]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _refuse_bombs(path: Path) -> None:
    """Unpack everything once, piece by piece: sizes and check sums are true, and no cell stands far out."""
    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > LARGEST_CONTENT:
            raise ConfigError(str(path), f"holds more than {LARGEST_CONTENT >> 20} MB", "split the list")
        for part in archive.infolist():
            far = False
            tail = b""
            with archive.open(part) as file:
                while piece := file.read(_CHUNK):
                    far = far or bool(_FAR.search(tail + piece))
                    tail = piece[-16:]
            if far and part.filename.endswith(".xml"):
                _refuse_far_cells(path, archive, part)


def _refuse_far_cells(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    widest = longest = 1
    tail = b""
    with archive.open(part) as file:
        while piece := file.read(_CHUNK):
            places = _PLACE.findall(tail + piece)
            widest = max([widest, *(column_number(letters.decode()) for letters in {p[0] for p in places})])
            longest = max([longest, *(int(digits) for _, digits in places)])
            tail = piece[-16:]
    if longest > MOST_ROWS or widest * longest > MOST_CELLS:
        problem = f"a sheet reaches to row {longest}, {widest} columns wide: that is no device list"
        raise ConfigError(str(path), problem, "delete what stands far outside, or split the list")


def _csv(path: Path) -> Iterator[Sheet]:
    """Read UTF-8, or GB 18030 as spreadsheets save it in Chinese; a semicolon or tab may separate."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise ConfigError(str(path), "is neither UTF-8 nor GB 18030", "save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    yield Sheet(path.stem, _csv_rows(reader, path))


def _csv_rows(reader: Iterator[list[str]], path: Path) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(reader, start=1):
            if number > MOST_ROWS:
                raise ConfigError(str(path), f"more than {MOST_ROWS} rows", "split the list")
            yield [value.strip() for value in row]
    except csv.Error as error:
        raise ConfigError(str(path), f"is not CSV: {error}", "look at its quotes") from None
