"""Texts of an order in the change document: a reader sees them as they are, no renderer acts on them."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nornir_itsm.forms import read_order
from nornir_itsm.stages.document import document, md
from nornir_itsm.stages.plan import make_plan
from tests.stages.example_site import PROJECT, known

TEXTS = st.text(st.sampled_from("ab1 .)(-+=*_`~#|<>[]!&\\:/@\n\t\"'{}中") | st.characters(), max_size=30)
READER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
INERT = {"text", "text_special"}
PLACES = [
    "{}",
    "- {}",
    "1. {}",
    "# {}",
    "- [ ] {}",
    "   - 标签：{}",
    "| a | b |\n|---|---|\n| {} | x |",
    "**粗** {}",
]


def texts(markdown: str) -> Iterator[Token]:
    """Yield what a renderer with tables and links makes of inline text."""
    for token in READER.parse(markdown):
        yield from token.children or ()


def rendered(markdown: str) -> tuple[list[str], str]:
    """Return the blocks, and the text that a reader sees."""
    seen = "".join(token.content for token in texts(markdown) if token.type in INERT)
    return [token.type for token in READER.parse(markdown)], seen


@given(TEXTS)
@example("1. a")
@example("- a")
@example("<script>")
@example("[a](javascript:b)")
@example("a | b")
@example("&lt;")
def test_a_text_is_inert_wherever_the_template_puts_it(text: str) -> None:
    """No markup, no HTML, no table cell, no list of its own: the same blocks as for a plain word."""
    inert = md(text)
    for place in PLACES:
        plain, _ = rendered(place.format("x"))
        kinds = INERT | {token.type for token in texts(place.format("x"))}
        for shown in (f"x{inert}", inert or "x", f"x {inert}"):
            assert rendered(place.format(shown))[0] == plain
            assert {token.type for token in texts(place.format(shown))} <= kinds


@pytest.mark.parametrize(
    "text", ["10.0.0.1/32", "a_b", "*.example.com", "(213-53)", "a\\b", "<a>", "1. 行情", "-x"]
)
def test_a_reader_sees_the_text_itself(text: str) -> None:
    """What is escaped comes out as it went in."""
    _, seen = rendered(md(text))
    assert seen == text


def test_a_text_is_one_line() -> None:
    """Ends of lines and runs of blanks become one blank."""
    assert md("a\n\n# b\r\n\tc") == "a \\# b c"


def test_a_person_can_do_what_the_calls_do() -> None:
    """Every step names its kind and its fields; what is changed is there before, what is made is not."""
    asked = read_order(PROJECT / "tests" / "orders" / "AE-25.json", zones=known().site.zones)
    text = (PROJECT / "templates" / "documents" / "change.zh.md.j2").read_text("utf-8")
    said = document(asked, make_plan(asked, known()), known().site, text).replace("\\", "")
    assert "新建源地址转换 “示例期货公司A3-源转换-联通IPV4”" in said
    assert "修改智能路由 “示例期货公司A3路由”" in said
    assert "出口链路：vlan3101-CT-V4(公用)、vlan3102-CM-V4(公用)、vlan3103-CU-V4(公用)" in said
    assert "转换后地址：192.0.2.73" in said
    assert "源地址转换 “示例期货公司A3-源转换-联通IPV4” 应不存在" in said
    assert "智能路由 “示例期货公司A3路由” 应已存在" in said
    assert not [path for path in ("/net/", "/lc/", "/rc/") if path in said]
