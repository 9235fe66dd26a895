"""Order forms: workbooks, CSV and JSON in, a checked Order out, every problem of a form at once.

A form that cannot be read at all raises FormError (exit code 3). Everything about single cells is an Issue;
while an ``error`` or ``question`` stands, the field it names is empty and the order must not be approved.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from nornir_itsm.errors import FormError
from nornir_itsm.forms.contract import order_json
from nornir_itsm.forms.merge import merge
from nornir_itsm.model.order import Order

if TYPE_CHECKING:
    from nornir_itsm.forms.book import Form

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".csv", ".json")
"""What in a folder is taken for an order form; two of these are refused with a remedy."""

_NONE: Mapping[str, str] = MappingProxyType({})


def read_form(
    path: Path,
    *,
    zones: Mapping[str, str],
    answers: Mapping[str, str] = _NONE,
    isps: Mapping[str, str] = _NONE,
) -> "Form":
    """Read one order form (.xlsx, .csv, or JSON in the contract's shape) with all its issues.

    *zones* maps every spelling of a zone to its canonical name, *answers* an issue's key to what the cell is
    to be read as, *isps* a public prefix to its carrier (to check remarks like （电信）). Answers in the form
    itself count too; *answers* win over them. Raises FormError.
    """
    from dataclasses import replace

    from nornir_itsm.forms.book import Form, read_sheets
    from nornir_itsm.forms.bounds import is_workbook
    from nornir_itsm.forms.cells import Vocabulary
    from nornir_itsm.forms.rows_csv import read_csv
    from nornir_itsm.forms.rows_json import read_json
    from nornir_itsm.forms.workbook import read_workbook

    data, words, suffix = _bytes(path), Vocabulary.of(zones, isps), path.suffix.lower()
    if is_workbook(data):
        return replace(read_sheets(read_workbook(data, path.name), path.name, words, answers), data=data)
    if suffix == ".csv":
        return read_sheets([read_csv(data, path.name)], path.name, words, answers)
    if suffix == ".json" or data.lstrip()[:1] in (b"{", b"["):
        return Form(read_json(data, path.name, words, answers), answers)
    raise FormError(str(path), "不是 Excel 工作簿（.xlsx），也不是 JSON", "提交网络资源服务申请单 .xlsx")


def read_order(
    path: Path,
    *,
    zones: Mapping[str, str],
    answers: Mapping[str, str] = _NONE,
    isps: Mapping[str, str] = _NONE,
) -> Order:
    """Return the order of a form; see :func:`read_form`."""
    return read_form(path, zones=zones, answers=answers, isps=isps).order


def forms_in(path: Path) -> list[Path]:
    """Return the order forms of a folder by name, or the file itself.

    Hidden and temporary files (``~$…``) are left out. Raises FormError for a folder without any.
    """
    if not path.is_dir():
        return [path]
    found = sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in SUFFIXES and not file.name.startswith((".", "~$")) and file.is_file()
    )
    if not found:
        raise FormError(str(path), "文件夹里没有申请单", f"放入 {'、'.join(SUFFIXES)} 文件")
    return found


def _bytes(path: Path) -> bytes:
    from nornir_itsm.forms.bounds import FILE_LIMIT

    try:
        with path.open("rb") as stream:
            data = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise FormError(str(path), f"不能打开：{error.strerror}", "检查路径和权限") from error
    if len(data) > FILE_LIMIT:
        raise FormError(str(path), "文件超过 20 MB", "删除附件和图片后重新提交")
    return data


__all__ = ["forms_in", "merge", "order_json", "read_form", "read_order"]
