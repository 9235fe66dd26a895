"""A form as a customer would fill it in, built cell by cell."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nornir_itsm.cli.boundary import guarded
from tests.forms.rows import LABELS, ZONES

PROJECT = Path(__file__).parents[2]
NEEDED = ("config.yaml", "inventory", "runbooks", "templates", "ttp_templates")

Row = Mapping[str, object]
MakeForm = Callable[..., Path]
Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def zones() -> Mapping[str, str]:
    return ZONES


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the project's site, and room for its own state."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(PROJECT / name)
    return tmp_path


@pytest.fixture
def command(site: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command with --json; return its exit code and what it printed."""

    def run(*arguments: object) -> tuple[int, Any]:
        capsys.readouterr()
        code = guarded(["--config", str(site / "config.yaml"), "--quiet", "--json", *map(str, arguments)])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    return run


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
