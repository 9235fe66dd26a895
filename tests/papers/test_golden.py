"""The documents of the eight example forms, word for word; and every format says what the Markdown says."""

import json
import os
import zipfile
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest

from nornir_itsm.papers.blocks import Block, Code, Item, Table, blocks, plain
from tests.papers.desk import FORMS, LANGUAGES, PROJECT, files, paper

GOLDEN = Path(__file__).parent / "golden"
NEW_LINE = PROJECT / "tests/orders/AE-25.json"
"""A new source translation and a route that is changed: what a person types into forms of a GUI."""


def name(form: Path) -> str:
    return form.stem[:2] if form in FORMS else form.stem


EACH = pytest.mark.parametrize("form", [*FORMS, NEW_LINE], ids=name)


@EACH
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_document_is_the_one_that_was_reviewed(form: Path, lang: str) -> None:
    """``NORNIR_ITSM_ACCEPT=1`` writes them anew; a person reads the difference."""
    golden = GOLDEN / f"{name(form)}.{lang}.md"
    said = files(form, lang)["document.md"].decode()
    if os.environ.get("NORNIR_ITSM_ACCEPT"):
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8")


def texts(read: tuple[Block, ...]) -> list[str]:
    """Return every text of a document in order, but pictures."""
    found: list[str] = []
    for block in read:
        match block:
            case Table():
                found += [plain(cell) for row in block.rows for cell in row]
            case Code():
                found += [] if block.info.startswith("path") else [line.strip() for line in block.lines]
            case Item():
                found.append(plain(block.spans))
            case _:
                found.append(plain(block.spans))
    return [text for text in found if text.strip()]


class Seen(HTMLParser):
    """The text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text += data


def word_text(data: bytes) -> str:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    return "".join(node.text or "" for node in body.iter() if node.tag.endswith("}t"))


def book_text(data: bytes) -> str:
    book = openpyxl.load_workbook(BytesIO(data))
    return "".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell
    )


@EACH
def test_every_format_says_the_same_in_the_same_order(form: Path) -> None:
    """Each text of the Markdown stands in the page, in Word and in the workbook, none before its turn."""
    made = files(form)
    wanted = texts(blocks(made["document.md"].decode()))
    page = (
        Seen(made["document.html"].decode()).text.partition("</style>")[2]
        or Seen(made["document.html"].decode()).text
    )
    for said in (page, word_text(made["document.docx"]), book_text(made["document.xlsx"])):
        at = 0
        for text in wanted:
            found = said.find(text, at)
            assert found >= 0, text
            at = found + len(text)


@EACH
def test_nobody_is_handed_a_raw_api_body(form: Path) -> None:
    """Steps in a GUI are menus and fields; paths and bodies of the API stay in change.json."""
    said = files(form)["document.md"].decode()
    assert not [
        word for word in ("/net/", "/lc/", "/rc/", "translated_address", "CUSTOM-ADDRESS") if word in said
    ]


@EACH
def test_what_is_pasted_is_what_the_plan_has(form: Path) -> None:
    """Every line of every device, and of its undo, stands in the document in order, device after device."""
    held = paper(form)
    code = [b.lines for b in blocks(held.markdown()) if isinstance(b, Code) and b.info == "text"]
    wanted = [lines for c in held.plan.to_do for lines in (c.commands, c.undo) if lines]
    assert [tuple(lines[1 : len(lines) - 2]) for lines in code] == wanted


def test_a_service_that_moves_is_told_as_such() -> None:
    """AE-23: it interrupts; the new rule, then the translations with both targets, then the old rule."""
    made = files(FORMS[7])
    said = made["document.md"].decode()
    assert "| 是否中断业务 | 是 |" in said
    assert "| 风险等级 | 高 |" in said
    assert "| 转换后地址 | 10.70.17.57 → **10.70.17.200** |" in said
    assert (
        said.index("新建策略")
        < said.index("修改目的地址转换")
        < said.index("删除策略 “示例期货公司A-门户系统对外映射”")
    )
    fields = json.loads(made["itsm.json"])["fields"]
    assert fields["是否中断业务"] == "是"
    assert fields["影响服务"] == "行业云服务-网络服务-互联网接入（网络组）"
    assert (fields["计划开始时间"], fields["计划结束时间"]) == ("2026-11-22 09:30", "2026-11-22 17:00")
    assert fields["变更来源"] == "用户"
    assert "取消原互联网访问的目标IP" in fields["变更原因"]
    assert "10.70.17.57 → 10.70.17.200" in fields["变更方案"]
    assert all(f"==== {name} ====" in json.loads(made["itsm.json"])["text"] for name in fields)


def test_what_only_adds_interrupts_nothing() -> None:
    """AE-14: low risk, and no service stops."""
    fields = json.loads(files(FORMS[4])["itsm.json"])["fields"]
    assert (fields["是否中断业务"], fields["风险等级"]) == ("否", "低")


def test_the_same_plan_gives_the_same_files() -> None:
    """Nothing in them depends on when they are written, but the times of the ticket, byte for byte."""
    again = paper(FORMS[0]).files("2027-01-02T09:30:00+08:00")
    assert {n for n, data in again.items() if data != files(FORMS[0])[n]} == {"itsm.json"}
