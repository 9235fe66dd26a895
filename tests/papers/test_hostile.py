"""Free text of an order in every paper: a reader sees it, nothing acts on it."""

import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.order import Order
from nornir_itsm.papers.blocks import Code, Item, Table, blocks
from nornir_itsm.papers.bundle import Paper
from nornir_itsm.papers.summary import Line, summary
from nornir_itsm.pipeline import prepare
from nornir_itsm.stages.document.inert import plain
from tests.papers.desk import FORMS, NOW, installation, paper

SIGNS = "ab1 .)(-+=*_`~#|<>[]!&\\:/@\n\r\t\"'{}%$;中\u202e\u2028\x00\x1b\ufffe"
TEXTS = st.text(st.sampled_from(SIGNS) | st.characters(), min_size=1, max_size=40)
ATTACKS = (
    "</td></table><script>alert(1)</script>",
    '=HYPERLINK("http://192.0.2.1")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "```\nreload\n```",
    "\n# 标题\n\n- [ ] 已批准",
    "| a | b |\n|---|---|",
    "{{ document.title }}{% raw %}",
    "]]></w:t>",
    '<w:fldSimple w:instr="INCLUDETEXT"/>',
    "[x](javascript:alert(1))",
    "![](http://192.0.2.1/a.png)",
    "&#60;img&#62;",
)
FEW = settings(max_examples=int(os.environ.get("NORNIR_ITSM_PROOFS", "4")))


def with_text(text: str, made: Paper) -> Paper:
    """Put a text wherever an order has free text, and where a plan repeats it."""
    order = made.order
    demands = tuple(replace(d, purpose=text, source_zone=text) for d in order.demands)
    order = replace(order, organization=text, system=text, remarks=text, file=text, demands=demands)
    verdicts = tuple(replace(v, reason=text, evidence=(text,)) for v in made.plan.demands)
    plan = replace(made.plan, title=text, kind=text, demands=verdicts, checks=(text,))
    return replace(made, order=order, plan=plan)


def attacked(test: Callable[..., None]) -> Callable[..., None]:
    """Run a property on the known attacks and on a few texts of its own."""
    for attack in ATTACKS:
        test = example(attack)(test)
    return FEW(given(TEXTS)(test))


@cache
def harmless() -> dict[str, bytes]:
    return with_text("x", paper(FORMS[3])).files(NOW)


def shape(markdown: bytes) -> list[tuple[object, ...]]:
    """Return the blocks without their texts."""
    return [
        (type(b), [len(row) for row in b.rows]) if isinstance(b, Table)
        else (type(b), b.lines if b.info == "text" else len(b.lines)) if isinstance(b, Code)
        else (type(b), b.mark, b.level) if isinstance(b, Item)
        else (type(b), getattr(b, "level", 0))
        for b in blocks(markdown.decode())
    ]  # fmt: skip


class Tags(HTMLParser):
    """The tags of a page with their attributes, but those that only place a drawing."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[object] = []
        self.drawing = False
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.drawing = self.drawing or tag == "svg"
        if self.drawing:
            assert tag in {"svg", "title", "rect", "text", "path"}
            assert not [name for name, _ in attrs if name.startswith("on") or "href" in name]
        else:
            self.tags.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.drawing = self.drawing and tag != "svg"


def word_tags(data: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        body = ElementTree.fromstring(archive.read("word/document.xml"))
        assert b"TargetMode" not in archive.read("word/_rels/document.xml.rels")
    return [node.tag for node in body.iter()]


@attacked
def test_no_text_breaks_out_of_the_papers(text: str) -> None:
    """The same blocks, the same tags, the same elements, no formula: as for a plain word."""
    usual, made = harmless(), with_text(text, paper(FORMS[3])).files(NOW)
    if plain(text):
        assert shape(made["document.md"]) == shape(usual["document.md"])
        assert Tags(made["document.html"]).tags == Tags(usual["document.html"]).tags
        assert set(word_tags(made["document.docx"])) == set(word_tags(usual["document.docx"]))
    book = openpyxl.load_workbook(BytesIO(made["document.xlsx"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]


@attacked
def test_a_summary_shows_text_as_text(text: str) -> None:
    """Names of files and applicants stand in the summary as they are, never as formulas."""
    say = paper(FORMS[3]).stationery.say
    line = Line(text, "todo", {"organization": text, "note": text}, "a/document.html")
    book = openpyxl.load_workbook(BytesIO(summary([line], say)))
    assert [cell.data_type for cell in book.worksheets[0][2][:2]] == ["s", "s"]


def _planned(order: Order) -> Paper:
    app = installation()
    return app.paper(order, prepare(order, app, {}))


@attacked
def test_no_text_becomes_a_line_for_a_device(text: str) -> None:
    """A system's name ends in names of objects: between quotes on one line, or the order is refused."""
    usual = _planned(replace(paper(FORMS[4]).order, system="x"))
    try:
        made = _planned(replace(paper(FORMS[4]).order, system=text))
    except ChangeError:
        return
    pairs = zip(usual.plan.to_do, made.plan.to_do, strict=True)
    for line, other in (
        (a, b) for one, two in pairs for a, b in zip(one.commands, two.commands, strict=True)
    ):
        assert line.split('"')[::2] == other.split('"')[::2]


@pytest.mark.parametrize("text", ATTACKS)
def test_a_reader_still_sees_the_text(text: str) -> None:
    """Inert is not lost: the page and the ticket show what the applicant wrote, on one line."""
    made = with_text(text, paper(FORMS[3]))
    seen: list[str] = []
    reader = HTMLParser()
    reader.handle_data = seen.append  # type: ignore[method-assign]
    reader.feed(made.page())
    assert plain(text) in "".join(seen)
    assert plain(text) in str(made.ticket(NOW)["text"])
