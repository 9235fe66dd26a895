"""A form as a customer would fill it in, built cell by cell."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

ZONES = {
    "行业云": "行业云",
    "互联网": "互联网",
    "证联网测试网": "证联网-测试",
    "证联网-测试": "证联网-测试",
    "证联网-生产": "证联网-生产",
    "交易网": "交易网",
    "会员自有专线": "会员自有专线",
}
LABELS = (
    "*源归属", "源主机", "*源IP", "*源端口", "公网IP", "公网端口", "*目的归属", "目的主机",
    "*目的IP/域名", "*目的端口", "*协议", "*操作", "*生效时间", "用途",
)  # fmt: skip
OUTBOUND: Mapping[str, object] = {
    "源归属": "行业云", "源主机": "GW", "源IP": "10.60.134.61", "源端口": 0, "公网IP": "203.0.113.213",
    "公网端口": 0, "目的归属": "互联网", "目的主机": "行情", "目的IP/域名": "192.0.2.131", "目的端口": 443,
    "协议": "TCP", "操作": "新增", "生效时间": "全天24小时", "用途": "行情",
}  # fmt: skip
INBOUND: Mapping[str, object] = {
    **OUTBOUND, "源归属": "互联网", "源IP": "/", "公网端口": 8080, "目的归属": "行业云",
    "目的IP/域名": "10.60.134.61", "目的端口": 8080,
}  # fmt: skip

Row = Mapping[str, object]
MakeForm = Callable[..., Path]


@pytest.fixture
def zones() -> Mapping[str, str]:
    return ZONES


@pytest.fixture
def make_form(tmp_path: Path) -> MakeForm:
    """Return a writer of workbooks: sheet title -> rows by label; the table starts at column B, row 4."""

    def make(
        sheets: Mapping[str, Sequence[Row]], *, labels: Sequence[str] = LABELS, merges: Sequence[str] = ()
    ) -> Path:
        book = openpyxl.Workbook()
        assert book.active is not None
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            sheet["B1"], sheet["F1"] = "*申请组织", "示例期货公司A"
            sheet["B2"], sheet["F2"] = "*系统名称", "示例系统"
            for column, label in enumerate(labels, 3):
                sheet.cell(4, column, label)
            for number, row in enumerate(rows):
                sheet.cell(5 + number, 2, f"需求{number + 1}")
                for column, label in enumerate(labels, 3):
                    sheet.cell(5 + number, column, row.get(label.strip("*")))
            sheet.cell(6 + len(rows), 2, "注1：首行是示例。")
            for area in merges:
                sheet.merge_cells(area)
        path = tmp_path / "form.xlsx"
        book.save(path)
        return path

    return make
