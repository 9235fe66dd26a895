"""Finding the order table: by its header labels, on any sheet, at any offset, never by position."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nornir_itsm.forms.addresses import read_addresses
from nornir_itsm.forms.cells import FIELDS, Cell
from nornir_itsm.forms.reading import is_blank, is_na, plain
from nornir_itsm.forms.workbook import Sheet, coordinate

LABEL_LIMIT = 100
"""No label is longer; longer texts are not kept."""
SIGNATURE = 10
"""So many known labels in one row make it the header of an order table."""

_SYNONYMS = {
    "source.zone": "源归属 源区域",
    "source.host": "源主机 源系统 源系统/主机 源主机/系统",
    "source.security_group": "源安全组",
    "source.addresses": "源ip 源ip/公网ip 源地址 源ip地址",
    "source.ports": "源端口",
    "public.addresses": "公网ip 公网地址 公网ip地址",
    "public.ports": "公网端口",
    "destination.zone": "目的归属 目标归属 目的区域",
    "destination.host": "目的主机 目的系统 目的系统/主机 目标系统 目标主机 目标系统/主机",
    "destination.security_group": "目的安全组 目标安全组",
    "destination.addresses": "目的ip 目的ip/域名 目标ip 目标ip/域名 目的地址 目标地址 目的ip地址",
    "destination.ports": "目的端口 目标端口",
    "protocol": "协议 协议类型",
    "action": "操作 操作类型 动作",
    "schedule": "生效时间 开放时间 生效时段",
    "valid.from": "计划开通时间 开通日期",
    "valid.until": "有效期 有效期至 到期时间 截止日期",
    "purpose": "用途 用途说明",
    "note": "备注",
}
LABELS = {label: name for name, labels in _SYNONYMS.items() for label in labels.split()}
_BASE = {
    "organization": {"申请组织", "申请单位", "申请机构"},
    "system": {"系统名称", "项目名称"},
    "remarks": {"补充说明"},
}
_BRACKETS = re.compile(r"\([^()]*\)|【[^【】]*】|\[[^\[\]]*\]")
VERDICT, ANSWER = "核对结果", "回答"
"""Heads of the two columns that a check adds right of the table."""

TITLES = {
    "source.zone": "源归属", "source.host": "源主机", "source.security_group": "源安全组",
    "source.addresses": "源IP", "source.ports": "源端口",
    "public.addresses": "公网IP", "public.ports": "公网端口",
    "destination.zone": "目的归属", "destination.host": "目的主机",
    "destination.security_group": "目的安全组",
    "destination.addresses": "目的IP/域名", "destination.ports": "目的端口", "protocol": "协议",
    "action": "操作", "schedule": "生效时间", "valid.from": "计划开通时间", "valid.until": "有效期至",
    "purpose": "用途", "organization": "申请组织", "system": "系统名称", "remarks": "补充说明",
    "rows": "需求行", "example": "示例行", "header": "表头", "sheet": "工作表", "answer": "回答",
}  # fmt: skip
"""What a field is called when one speaks to people."""

_FOOTNOTE = re.compile(r"注\s*[0-9]*\s*:", re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """The order rows of one sheet. ``late``: cells of rows below the footnotes, which are not read.

    ``headers`` are the header rows from 0, ``width`` the last column from 0 with a label. ``beside`` are the
    columns of verdicts and answers where the form was checked before.
    """

    sheet: Sheet
    headers: tuple[int, ...]
    width: int
    beside: tuple[int, int] | None
    rows: tuple[tuple[int, str, Mapping[str, Cell]], ...]
    doubled: tuple[str, ...]
    late: tuple[str, ...]
    base: Mapping[str, Cell]

    @property
    def header(self) -> int:
        """The first header row, from 0."""
        return self.headers[0]


def label_key(raw: object) -> str:
    """Return a header label without brackets, stars, blanks, width and case."""
    return _short_key(raw) if isinstance(raw, str) and len(raw) <= LABEL_LIMIT else _key(plain(raw))


def _key(text: str) -> str:
    return re.sub(r"\s+", "", _BRACKETS.sub("", text)).strip("*").casefold()


@lru_cache(maxsize=4096)
def _short_key(text: str) -> str:
    return _key(plain(text))


def columns_of(row: Sequence[object]) -> Mapping[str, list[int]]:
    """Return field -> columns that carry one of its labels."""
    found: dict[str, list[int]] = {}
    for column, raw in enumerate(row):
        if isinstance(raw, str) and len(raw) <= LABEL_LIMIT and (name := LABELS.get(label_key(raw))):
            found.setdefault(name, []).append(column)
    return found


def find_table(sheet: Sheet) -> Table | None:
    """Return the order table of a sheet, or None where no row has the header's labels."""
    headers = {
        number: columns
        for number, row in enumerate(sheet.rows)
        if len(columns := columns_of(row)) >= SIGNATURE
    }
    if not headers:
        return None
    width = max(max(places) for columns in headers.values() for places in columns.values())
    rows, late = _rows(sheet, headers)
    doubled = tuple(
        coordinate(number, extra)
        for number, columns in headers.items()
        for name, places in columns.items()
        for extra in places[1:]
        if name not in ("purpose", "note")
    )
    beside = _beside(sheet, headers, width)
    base = _base(sheet, min(headers))
    return Table(sheet, tuple(headers), width, beside, tuple(rows), doubled, tuple(late), base)


def _beside(sheet: Sheet, headers: Iterable[int], width: int) -> tuple[int, int] | None:
    """Return the columns of verdicts and answers, which stand side by side right of the table."""
    for row in headers:
        for column in range(width + 1, len(sheet.rows[row]) - 1):
            keys = label_key(sheet.at(row, column)), label_key(sheet.at(row, column + 1))
            if keys == (VERDICT, ANSWER):
                return column, column + 1
    return None


def nearest_header(sheet: Sheet) -> tuple[int, int]:
    """Return (labels known, row number) of the row that looks most like a header, to say what is missing."""
    return max(((len(columns_of(row)), number + 1) for number, row in enumerate(sheet.rows)), default=(0, 0))


def _rows(
    sheet: Sheet, headers: Mapping[int, Mapping[str, list[int]]]
) -> tuple[list[tuple[int, str, Mapping[str, Cell]]], list[str]]:
    rows: list[tuple[int, str, Mapping[str, Cell]]] = []
    late: list[str] = []
    columns: dict[str, int] = {}
    index = first = 0
    ended = False
    for number in range(min(headers), len(sheet.rows)):
        if number in headers:
            columns = {name: places[0] for name, places in headers[number].items()}
            first, ended = min(columns.values()), False
            index = max(first - 1, 0)
            continue
        texts = [plain(sheet.at(number, column)) for column in range(first + 1)]
        if _FOOTNOTE.match(next((text for text in texts if text), "")):
            ended = True
            continue
        cells = _cells(sheet, number, columns, index)
        if not _asks(cells):
            continue
        if ended:
            late.append(coordinate(number, index))
        else:
            rows.append((number + 1, texts[index], cells))
    return rows, late


def _cells(sheet: Sheet, row: int, columns: Mapping[str, int], index: int) -> Mapping[str, Cell]:
    """Return every field's cell in column order; a field without a column has the row's index cell."""
    columns = dict(columns)
    note = columns.pop("note", None)
    if note is not None and ("purpose" not in columns or not plain(sheet.at(row, columns["purpose"]))):
        columns["purpose"] = note
    found = {
        name: _cell(sheet, row, column) for name, column in sorted(columns.items(), key=lambda item: item[1])
    }
    missing = Cell(None, sheet.title, coordinate(row, index))
    return found | {name: missing for name in FIELDS if name not in found}


def _cell(sheet: Sheet, row: int, column: int) -> Cell:
    anchor = sheet.merged.get((row, column), (row, column))
    return Cell(
        sheet.at(row, column),
        sheet.title,
        coordinate(row, column),
        coordinate(*anchor) if anchor != (row, column) else "",
        formula=anchor in sheet.formulas,
    )


def _asks(cells: Mapping[str, Cell]) -> bool:
    """Tell whether a row asks for something: a prepared row with an index and lists alone does not."""
    zone = plain(cells["source.zone"].value)
    if not is_blank(zone) and not is_na(zone):
        return True
    addresses = ("source.addresses", "destination.addresses", "public.addresses")
    return any(read_addresses(cells[name].value).kind in ("list", "bad", "any") for name in addresses)


def _base(sheet: Sheet, header: int) -> Mapping[str, Cell]:
    """Return organization, system and remarks: the first filled cell between the label and the hints."""
    found: dict[str, Cell] = {}
    hints = _hint_column(sheet, header)
    for row in range(header):
        for column, raw in enumerate(sheet.rows[row]):
            name = next((n for n, labels in _BASE.items() if label_key(raw) in labels), None)
            if name and name not in found:
                found[name] = _right_of(sheet, row, column, hints)
    return found


def _right_of(sheet: Sheet, row: int, label: int, hints: int) -> Cell:
    places = range(label + 1, min(len(sheet.rows[row]), hints))
    column = next((c for c in places if plain(sheet.at(row, c))), label)
    if column == label:
        return Cell(None, sheet.title, coordinate(row, label))
    return _cell(sheet, row, column)


def _hint_column(sheet: Sheet, header: int) -> int:
    marked: Iterator[int] = (
        column
        for row in range(header)
        for column, raw in enumerate(sheet.rows[row])
        if label_key(raw) == "说明"
    )
    return min(marked, default=10**6)
