"""The files of an export folder: JSON documents, CSV or Excel tables, configurations, each read whole."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.parse.table import Row, apart, missing_positions, table_records

LARGEST = 200 * 1024 * 1024
"""Bytes of one file; a bigger one is no export of ours."""
CONFIGURATIONS = (".txt", ".cfg")
TABLES = (".csv", ".xlsx")

_TOTALS = ("total", "TotalCount", "total_items")


@dataclass(frozen=True, slots=True)
class Kind:
    """What one kind of source exports.

    ``containers``: document -> keys to its records. ``stems``: document -> how the console calls its table,
    where that differs. ``labels``: heading of a column -> key. ``members``: keys whose lists a table writes
    as text.
    """

    containers: Mapping[str, tuple[str, ...]]
    stems: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()


def document_file(folder: Path, name: str, kind: Kind) -> Path | None:
    """Return the file with a document: its JSON, else its one table. Several tables are a SourceError."""
    if (file := folder / f"{name}.json").exists():
        return file
    stems = dict.fromkeys((name, kind.stems.get(name, name)))
    tables = [file for stem in stems for end in TABLES if (file := folder / f"{stem}{end}").exists()]
    if len(tables) > 1:
        names = ", ".join(file.name for file in tables)
        raise SourceError(str(folder), f"several tables: {names}", "leave only the one that counts")
    return tables[0] if tables else None


def configuration_file(folder: Path) -> Path | None:
    """Return the one file with a device's configuration in a folder. Raises SourceError for several."""
    texts = sorted(p for p in folder.iterdir() if p.suffix.lower() in CONFIGURATIONS)
    if len(texts) > 1:
        names = ", ".join(p.name for p in texts)
        raise SourceError(str(folder), f"several configurations: {names}", "leave only the one that counts")
    return texts[0] if texts else None


def read_document(file: Path, kind: Kind) -> object:
    """Return what a file says, as the API would have answered it. Raises SourceError."""
    if file.suffix == ".json":
        return json_document(read_text(file), file)
    rows = _csv_rows(file) if file.suffix == ".csv" else _sheet_rows(file)
    return apart(table_records(rows, kind.labels, str(file)), kind.members)


def partial(document: object, keys: Iterable[str], name: str) -> list[str]:
    """Compare what is there with the length that the envelope, or the position of the last rule, tells."""
    if isinstance(document, list):
        missing = missing_positions([item for item in document if isinstance(item, dict)])
        return [f"{name} holds {len(document)} of {len(document) + missing} records"] if missing else []
    if not isinstance(document, dict):
        return []
    said = next((str(document[key]) for key in _TOTALS if key in document), "")
    listed: object = document
    for key in keys:
        listed = listed.get(key) if isinstance(listed, dict) else None
    count = len(listed) if isinstance(listed, list) else int(bool(listed))
    if said.isascii() and said.isdigit() and int(said[:18]) != count:
        return [f"{name} holds {count} of {said[:18]} records"]
    return []


def read_text(file: Path) -> str:
    """Return a text file. Raises SourceError for one that is too large or not UTF-8."""
    try:
        _demand_size(file)
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(str(file), "it is not UTF-8 text", "save it as UTF-8") from error
    except OSError as error:
        raise SourceError(str(file), f"it cannot be read: {error.strerror}", "check its rights") from error


def json_document(text: str, file: Path) -> object:
    """Return a JSON document. Raises SourceError."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        said = str(error)[:120]
        raise SourceError(str(file), f"it is no JSON document: {said}", "take the export again") from error


def _demand_size(file: Path) -> None:
    if file.stat().st_size > LARGEST:
        raise SourceError(str(file), f"it is larger than {LARGEST >> 20} MB", "is this the right file?")


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def _csv_rows(file: Path) -> list[list[str]]:
    """Return the rows of a CSV file; a quote without an end means that it was cut off."""
    text = read_text(file)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise SourceError(str(file), f"it is no CSV table: {error}", "take the export again") from None


def _sheet_rows(file: Path) -> Sequence[Row]:
    """Return the rows of the first worksheet that has any."""
    from zipfile import BadZipFile, ZipFile

    from python_calamine import CalamineError, load_workbook

    try:
        _demand_size(file)
        with ZipFile(file) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST:
                raise SourceError(str(file), f"unpacked it is larger than {LARGEST >> 20} MB", "export less")
        book = load_workbook(str(file))
        sheets = (book.get_sheet_by_name(name).to_python(skip_empty_area=True) for name in book.sheet_names)
        return next((rows for rows in sheets if rows), [])
    except (BadZipFile, CalamineError, OSError, ValueError) as error:
        said = str(error)[:120]
        raise SourceError(str(file), f"it is no workbook: {said}", "save it as .xlsx") from None
