"""A file of comma-separated rows as a sheet: header labels, rows, above them 申请组织,… and 系统名称,…"""

import csv
import io

from nornir_itsm.errors import FormError
from nornir_itsm.forms.bounds import AREA_LIMIT, ROW_LIMIT
from nornir_itsm.forms.table import SIGNATURE, columns_of
from nornir_itsm.forms.workbook import Sheet

TITLE = "CSV"
"""The sheet's name in keys and messages."""
_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = ",\t;"


def read_csv(data: bytes, where: str) -> Sheet:
    """Return the rows of a file as a sheet; a cell holds text, and may hold several lines.

    UTF-8 with or without a mark, GB18030 or UTF-16 with a mark. Raises FormError.
    """
    text = _text(data, where)
    found = [rows for separator in _SEPARATORS if (rows := _rows(text, separator, where))]
    rows = max(found, key=lambda rows: max(len(columns_of(row)) for row in rows), default=())
    if not any(len(columns_of(row)) >= SIGNATURE for row in rows):
        hint = "首行写列名：源归属、源IP、目的归属、目的IP/域名、目的端口、协议、操作、生效时间 …，逗号分隔"
        raise FormError(where, "CSV 里没有找到需求表的列名", hint)
    return Sheet(TITLE, hidden=False, rows=rows, merged={}, hidden_rows=frozenset(), formulas=frozenset())


def _text(data: bytes, where: str) -> str:
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text
    raise FormError(where, "CSV 不是 UTF-8，也不是 GB18030", "另存为“CSV UTF-8”后重新提交")


def _rows(text: str, separator: str, where: str) -> tuple[tuple[str | None, ...], ...]:
    """Return all rows equally wide; an empty cell is None."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            rows.append(row)
            if len(rows) > ROW_LIMIT or len(row) * len(rows) > AREA_LIMIT:
                raise FormError(where, f"CSV 超过 {ROW_LIMIT} 行或范围过大", "拆成几个文件")
    except csv.Error as error:
        raise FormError(where, f"第 {len(rows) + 1} 行不是可读的 CSV：{error}", "检查引号是否成对") from None
    width = max(map(len, rows), default=0)
    if width * len(rows) > AREA_LIMIT:
        raise FormError(where, "CSV 范围过大", "删除多余的列")
    return tuple(tuple(cell or None for cell in [*row, *[""] * (width - len(row))]) for row in rows)
