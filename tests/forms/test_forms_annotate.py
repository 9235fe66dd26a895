"""The annotated copy: everything said where it belongs, everything else as the requester left it."""

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from nornir_itsm.errors import FormError
from nornir_itsm.forms import read_form
from nornir_itsm.forms.annotate import annotate
from nornir_itsm.forms.book import Form
from nornir_itsm.forms.notes import AUDIENCES, Audience
from nornir_itsm.forms.verdicts import notes_of
from nornir_itsm.model.order import Order
from tests.forms.excel_like import LIST, excel_like
from tests.forms.rows import INBOUND, LABELS, OUTBOUND
from tests.forms.test_forms_json import CELLS

Zones = Mapping[str, str]
MakeForm = Callable[..., Path]
Row = Mapping[str, object]
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.xlsx"))
ASKED = "网络策略服务申请单!H12.public.addresses"  # of form 06
TOUCHED = re.compile(
    r"\[Content_Types\]\.xml|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml|"
    r"xl/worksheets/(_rels/)?sheet\d+\.xml(\.rels)?|xl/comments.*|xl/drawings/.*\.vml"
)


def _copy(form: Form, audience: Audience, folder: Path) -> Path:
    path = folder / f"{form.order.file.removesuffix('.xlsx')}.{audience}.xlsx"
    path.write_bytes(annotate(form, notes_of(form, audience)))
    return path


def _same(left: Order, right: Order) -> bool:
    return replace(left, file="") == replace(right, file="")


def _look(cell: Cell) -> tuple[object, ...]:
    styles = (cell.font, cell.border, cell.alignment, cell.protection)
    return (cell.number_format, *map(repr, styles))  # openpyxl hands out proxies, which are never equal


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def excel(tmp_path: Path) -> Path:
    """A workbook as Excel writes one, with a warning, a question and an error."""
    rows: Sequence[Row] = [
        {**OUTBOUND, "源IP": "10.60.134.61/26"},
        {**OUTBOUND, "公网IP": "选填", "目的端口": 8443},
        {**INBOUND, "目的端口": 70000},
    ]  # fmt: skip
    path = tmp_path / "excel.xlsx"
    path.write_bytes(excel_like(rows))
    return path


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_a_copy_reads_as_the_form_does(path: Path, audience: Audience, tmp_path: Path, zones: Zones) -> None:
    """Marks, comments, verdicts and the summary change nothing of the order; nor does a copy of the copy."""
    form = read_form(path, zones=zones)
    copy = read_form(_copy(form, audience, tmp_path), zones=zones)
    assert _same(copy.order, form.order)
    assert _same(read_form(_copy(copy, audience, tmp_path), zones=zones).order, form.order)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_a_sample_keeps_its_parts(path: Path, tmp_path: Path, zones: Zones) -> None:
    """Parts that need no change are the same bytes; so is all behind a sheet's rows, lists and merges."""
    before, form = _parts(path), read_form(path, zones=zones)
    after = _parts(_copy(form, "engineer", tmp_path))
    assert {name for name in before if before[name] != after[name]} <= set(filter(TOUCHED.fullmatch, before))
    for name in (n for n in before if n.startswith("xl/worksheets/sheet")):
        _, _, tail = before[name].partition(b"</sheetData>")
        kept = re.sub(rb"<legacyDrawing [^>]*rIdCheck[^>]*>", b"", after[name].partition(b"</sheetData>")[2])
        assert kept == tail


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_a_sample_keeps_its_looks(path: Path, tmp_path: Path, zones: Zones) -> None:
    """Values, formats, merges, notes and hidden sheets are as they were; only fills of marks differ."""
    form = read_form(path, zones=zones)
    marked = {(note.sheet, note.cell) for note in notes_of(form, "customer").cells}
    before, after = openpyxl.load_workbook(path), openpyxl.load_workbook(_copy(form, "customer", tmp_path))
    assert after.sheetnames == [*before.sheetnames, "核对汇总"]
    for sheet in before.worksheets:
        copy = after[sheet.title]
        assert copy.sheet_state == sheet.sheet_state
        assert sorted(map(str, copy.merged_cells.ranges)) == sorted(map(str, sheet.merged_cells.ranges))
        assert set(copy.tables) == set(sheet.tables)
        for row in sheet.iter_rows():
            for cell in row:
                twin = copy[cell.coordinate]
                assert (twin.value, _look(twin)) == (cell.value, _look(cell))
                if (sheet.title, cell.coordinate) not in marked:
                    assert repr(twin.fill) == repr(cell.fill)
                    assert (twin.comment and twin.comment.text) == (cell.comment and cell.comment.text)


def test_what_is_said_stands_at_its_place(tmp_path: Path, zones: Zones) -> None:
    """Form 03: six cells marked and commented, a verdict and room for three answers beside each row."""
    (path,) = (p for p in SAMPLES if p.name.startswith("03"))
    form = read_form(path, zones=zones)
    book = openpyxl.load_workbook(_copy(form, "customer", tmp_path))
    sheet = book["网络资源服务申请表单"]
    for ref in ("K10", "L10", "M10", "K11", "L11", "M11"):
        assert sheet[ref].fill.fgColor.rgb == "FFFFEB9C"
        assert "右移一列" in sheet[ref].comment.text
    assert [sheet["Q9"].value, str(sheet["R9"].value)[:2]] == ["核对结果", "回答"]
    assert str(sheet["Q10"].value).startswith("待回答\n1. 目的IP/域名（K10）")
    assert sheet["R10"].value == "目的IP/域名：\n目的端口：\n协议："
    assert (sheet.column_dimensions["Q"].width, sheet.column_dimensions["R"].width) == (46, 30)
    summary = book["核对汇总"]
    assert [row[0].value for row in summary["A7:A12"]] == list("123456")
    assert summary["B7"].hyperlink.location == "'网络资源服务申请表单'!K10"
    assert summary.column_dimensions["I"].hidden


def test_a_workbook_of_excel_keeps_what_excel_wrote(excel: Path, tmp_path: Path, zones: Zones) -> None:
    """Extensions, heights a person has set, columns, notes of others and odd drawings stay; spans grow."""
    form = read_form(excel, zones=zones)
    parts = _parts(_copy(form, "engineer", tmp_path))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    assert LIST in sheet
    assert 'mc:Ignorable="x14ac xr"' in sheet
    assert '<row r="6" spans="2:18" ht="40" customHeight="1" x14ac:dyDescent="0.2">' in sheet
    assert '<col min="3" max="16" width="14" style="3"/>' in sheet
    assert '<col min="19" max="20" width="14" style="3"/>' in sheet
    assert '<dimension ref="B1:R7"/>' in sheet
    comments = parts["xl/comments1.xml"].decode()
    assert "<t>请尽快</t></r><r>" in comments  # ours stands behind the customer's
    assert parts["xl/drawings/vmlDrawing1.vml"].count(b"<x:Row>4</x:Row>") == 1  # in the customer's box
    assert b"a button<br>" in parts["xl/drawings/vmlDrawing1.vml"]
    before = _parts(excel)
    kept = ("xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "xl/calcChain.xml")
    assert all(parts[n] == before[n] for n in kept)


def test_a_copy_of_an_answered_form_loses_its_marks(excel: Path, tmp_path: Path, zones: Zones) -> None:
    """Annotated again after its cells were put right, a form looks as it did, and says that all is well."""
    form = read_form(excel, zones=zones)
    path = _copy(form, "customer", tmp_path)
    book = openpyxl.load_workbook(path)
    book["申请单"]["E5"], book["申请单"]["G6"], book["申请单"]["L7"] = "10.60.134.61", "203.0.113.213", 8080
    book.save(path)
    good = read_form(path, zones=zones)
    assert good.order.issues == ()
    again = openpyxl.load_workbook(_copy(good, "customer", tmp_path))
    first = openpyxl.load_workbook(excel)
    for ref in ("E5", "G6", "L7"):
        assert repr(again["申请单"][ref].fill) == repr(first["申请单"][ref].fill)
    assert again["申请单"]["E5"].comment.text == first["申请单"]["E5"].comment.text
    assert again["申请单"]["G6"].comment is None
    assert [again["申请单"][f"Q{n}"].value for n in (5, 6, 7)] == ["可受理"] * 3
    assert "没有问题" in str(again["核对汇总"]["A3"].value)
    assert again.sheetnames == ["申请单", "参数表", "核对汇总"]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_annotating_twice_is_annotating_once(
    excel: Path, audience: Audience, tmp_path: Path, zones: Zones
) -> None:
    """A copy of a copy has the same cells, comments and columns as the copy."""
    once = _copy(read_form(excel, zones=zones), audience, tmp_path)
    first = openpyxl.load_workbook(once)
    twice = openpyxl.load_workbook(_copy(read_form(once, zones=zones), audience, tmp_path))
    for sheet in first.worksheets:
        assert sheet.dimensions == twice[sheet.title].dimensions
        for row in sheet.iter_rows():
            for cell in row:
                twin = twice[sheet.title][cell.coordinate]
                assert "文件" in str(cell.value) or twin.value == cell.value
                assert (repr(twin.fill), _look(twin)) == (repr(cell.fill), _look(cell))
                assert (twin.comment and twin.comment.text) == (cell.comment and cell.comment.text)


def test_any_form_reads_the_same_annotated(make_form: MakeForm, tmp_path: Path, zones: Zones) -> None:
    """However dirty a form and however it was answered, its copies read back to the same order."""
    bases = (OUTBOUND, INBOUND)
    rows = [{**base, label: value} for base in bases for label, values in CELLS.items() for value in values]
    path = make_form({"表": rows, "另": rows[:3]}, merges=["G5:G7"])
    order = read_form(path, zones=zones).order
    for answer in (None, "10.60.2.1", "=1+1", "源IP：10.0.0.1"):
        answers = {i.key: answer for i in order.issues_of("error", "question") if answer}
        form = read_form(path, zones=zones, answers=answers)
        for audience in AUDIENCES:
            assert _same(read_form(_copy(form, audience, tmp_path), zones=zones).order, form.order)


@pytest.mark.parametrize("prefix", ["", "x"])
def test_a_prefix_changes_nothing(prefix: str, tmp_path: Path, zones: Zones) -> None:
    """Sheets whose elements carry a prefix are written into with that prefix."""
    path = tmp_path / "form.xlsx"
    path.write_bytes(excel_like([{**OUTBOUND, "协议": None}], prefix=prefix))
    form = read_form(path, zones=zones)
    copy = _copy(form, "customer", tmp_path)
    assert openpyxl.load_workbook(copy)["申请单"]["Q5"].value
    assert _same(read_form(copy, zones=zones).order, form.order)


def test_text_is_never_a_formula(make_form: MakeForm, tmp_path: Path, zones: Zones) -> None:
    """Whatever a form or an answer says, what we write of it is text and stays text when it is edited."""
    evil = '=HYPERLINK("http://192.0.2.1","x")'
    row = {**OUTBOUND, "源IP": evil, "用途": "@SUM(1)", "协议": "+1", "操作": "-2", "生效时间": "=1+1"}
    path = make_form({"=表": [row]})
    book = openpyxl.load_workbook(path)
    sheet = book["=表"]
    for cell in (c for line in sheet.iter_rows() for c in line if str(c.value).startswith("=")):
        cell.data_type = "s"
    book.save(path)
    keys = [i.key for i in read_form(path, zones=zones).order.issues]
    form = read_form(path, zones=zones, answers=dict.fromkeys(keys, evil))
    before, after = _parts(path), _parts(_copy(form, "engineer", tmp_path))
    for name, data in after.items():
        assert data.count(b"<f>") == before.get(name, b"").count(b"<f>")
    written = openpyxl.load_workbook(_copy(form, "engineer", tmp_path))
    assert any(evil in str(c.value) for line in written["核对汇总"].iter_rows() for c in line)
    for text in (c for line in written["核对汇总"].iter_rows() for c in line if c.value):
        assert text.data_type == "s"
        assert text.number_format == "@" or text.column == 10


def test_columns_that_are_taken_are_left(make_form: MakeForm, tmp_path: Path, zones: Zones) -> None:
    """Verdicts stand right of whatever stands right of the table."""
    path = make_form({"表": [OUTBOUND]})
    book = openpyxl.load_workbook(path)
    book["表"]["Q9"] = "旁注"
    book["表"].merge_cells("S5:T6")
    book.save(path)
    copy = openpyxl.load_workbook(_copy(read_form(path, zones=zones), "customer", tmp_path))["表"]
    heads = [c.coordinate for c in copy[4] if c.value == "核对结果"]
    assert heads == ["U4"]


def test_a_sheet_of_the_requester_may_be_called_as_ours(
    make_form: MakeForm, tmp_path: Path, zones: Zones
) -> None:
    """A sheet 核对汇总 that is not ours is left alone."""
    path = make_form({"表": [OUTBOUND]})
    book = openpyxl.load_workbook(path)
    book.create_sheet("核对汇总")["A1"] = "我的"
    book.save(path)
    copy = openpyxl.load_workbook(_copy(read_form(path, zones=zones), "customer", tmp_path))
    assert copy.sheetnames == ["表", "核对汇总", "核对汇总 (2)"]
    assert copy["核对汇总"]["A1"].value == "我的"


def test_nothing_is_written_into_what_is_no_workbook(tmp_path: Path, zones: Zones) -> None:
    """An order from JSON has no copy, and says so."""
    path = tmp_path / "order.json"
    path.write_text('{"requests": []}', encoding="utf-8")
    form = read_form(path, zones=zones)
    with pytest.raises(FormError, match="不是工作簿"):
        annotate(form, notes_of(form, "customer"))


def _sheet_of(path: Path) -> Worksheet:
    book = openpyxl.load_workbook(path)
    return next(sheet for sheet in book.worksheets if sheet.title != "核对汇总")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_another_program_opens_and_saves_a_copy(excel: Path, tmp_path: Path, zones: Zones) -> None:
    """Saved by LibreOffice a copy is the same order; annotated again, its marks come and go."""
    form = read_form(excel, zones=zones)
    copy = _copy(form, "customer", tmp_path)
    out = tmp_path / "saved"
    call = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    call += ["--convert-to", "xlsx", "--outdir", str(out), str(copy)]
    subprocess.run(call, check=True, capture_output=True, timeout=120)
    saved = read_form(out / copy.name, zones=zones)
    assert _same(saved.order, form.order)
    again = _sheet_of(_copy(saved, "customer", tmp_path))
    assert again["G6"].fill.fgColor.rgb == "FFFFEB9C"
    answered = read_form(out / copy.name, zones=zones, answers={"申请单!G6.public.addresses": "/"})
    settled = _sheet_of(_copy(answered, "customer", tmp_path))
    assert settled["G6"].fill.fgColor.rgb == _sheet_of(excel)["G6"].fill.fgColor.rgb
    assert LABELS[4] == settled["G4"].value
