"""Order forms: workbooks and JSON in, a checked Order out, every problem of a form at once.

A form that cannot be read at all raises FormError (exit code 3). Everything about single cells is an Issue;
while an ``error`` or ``question`` stands, the field it names is empty and the order must not be approved.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from nornir_itsm.errors import FormError
from nornir_itsm.forms.contract import order_json, read_json
from nornir_itsm.forms.merge import merge
from nornir_itsm.model.order import Order

_NONE: Mapping[str, str] = MappingProxyType({})


def read_order(
    path: Path,
    *,
    zones: Mapping[str, str],
    answers: Mapping[str, str] = _NONE,
    isps: Mapping[str, str] = _NONE,
) -> Order:
    """Read one order form (.xlsx, or JSON in the contract's shape) with all its issues.

    *zones* maps every spelling of a zone to its canonical name, *answers* an issue's key to what the cell is
    to be read as, *isps* a public prefix to its carrier (to check remarks like （电信）). Raises FormError.
    """
    from nornir_itsm.forms.book import read_book
    from nornir_itsm.forms.cells import Vocabulary
    from nornir_itsm.forms.workbook import FILE_LIMIT, is_workbook

    try:
        with path.open("rb") as stream:
            data = stream.read(FILE_LIMIT + 1)
    except OSError as error:
        raise FormError(str(path), f"不能打开：{error.strerror}", "检查路径和权限") from error
    if len(data) > FILE_LIMIT:
        raise FormError(str(path), "文件超过 20 MB", "删除附件和图片后重新提交")
    words = Vocabulary.of(zones, isps)
    if is_workbook(data):
        return read_book(data, path.name, words, answers)
    if path.suffix.lower() == ".json" or data.lstrip()[:1] in (b"{", b"["):
        return read_json(data, path.name, words, answers)
    raise FormError(str(path), "不是 Excel 工作簿（.xlsx），也不是 JSON", "提交网络资源服务申请单 .xlsx")


__all__ = ["merge", "order_json", "read_order"]
