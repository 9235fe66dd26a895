"""A workbook's values are those that everybody sees in it."""

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.forms import read_order
from nornir_itsm.forms.workbook import read_workbook
from tests.forms.excel_like import excel_like
from tests.forms.hostile import sheet
from tests.forms.rows import INBOUND, OUTBOUND, ZONES

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.xlsx"))


def _seen(path: Path) -> Mapping[str, dict[tuple[int, int], object]]:
    """Return the values by sheet and place as openpyxl's own full reading gives them."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        one.title: {(c.row - 1, c.column - 1): c.value for row in one for c in row if c.value is not None}
        for one in book.worksheets
    }


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_values_stand_where_they_stand(path: Path) -> None:
    """Every value of every sheet, at its row and column, and no other."""
    for read in read_workbook(path.read_bytes(), path.name):
        rows = enumerate(read.rows)
        found = {(r, c): value for r, row in rows for c, value in enumerate(row) if value is not None}
        assert found == _seen(path)[read.title]


def test_a_workbook_of_excel_is_read_whole(tmp_path: Path) -> None:
    """Shared strings, gaps between rows and a wrong size of the sheet change nothing."""
    path = tmp_path / "form.xlsx"
    path.write_bytes(excel_like([OUTBOUND, INBOUND]).replace(b'ref="B1:P6"', b'ref="B1:B1"'))
    sheets = {read.title: read for read in read_workbook(path.read_bytes(), path.name)}
    assert [read.hidden for read in sheets.values()] == [False, True]
    for title, values in _seen(path).items():
        assert all(sheets[title].at(*place) == value for place, value in values.items())


def test_a_formula_counts_by_its_saved_result(tmp_path: Path) -> None:
    """The result that Excel saved is the value, with a warning that the cell holds a formula."""
    path = tmp_path / "form.xlsx"
    path.write_bytes(excel_like([{**OUTBOUND, "目的端口": ("400+43", 443)}]))
    order = read_order(path, zones=ZONES)
    assert order.demands[0].port_pairs == (("any", "443"),)
    assert [(issue.level, issue.key) for issue in order.issues] == [
        ("warning", "申请单!L5.destination.ports")
    ]


def test_what_a_merged_cell_covers_is_not_read() -> None:
    """A value under a merged range, which nobody sees, is no value; downwards the range's own counts."""
    cells = "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}"><v>{row}</v></c></row>' for row in (1, 2)
    )
    merged = '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'
    (read, *_) = read_workbook(sheet(cells, merged), "form.xlsx")
    assert [[read.at(row, column) for column in (0, 1)] for row in (0, 1)] == [[1, None], [1, None]]
    assert [value for row in read.rows for value in row if value is not None] == [1]
