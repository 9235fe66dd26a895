"""Texts of an order in the change document: a reader sees them as they are, no renderer acts on them."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nornir_itsm.stages.document import md
from nornir_itsm.stages.document.inert import fenced

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


LINES = st.lists(
    st.text(st.sampled_from('`~ \tab中\r\n"#>-') | st.characters(), max_size=12), min_size=1, max_size=6
)


@given(LINES)
@example(["```", "# a", "~~~"])
@example(["````", "`"])
def test_no_line_of_a_block_can_close_it(lines: list[str]) -> None:
    """A block of commands is one block, whatever its lines hold, and what follows is outside of it."""
    tokens = READER.parse(fenced(lines) + "\n\n# after\n")
    fence, *rest = tokens
    assert fence.type == "fence"
    assert [token.type for token in rest] == ["heading_open", "inline", "heading_close"]
    assert len(fence.content.split("\n")) - 1 == len(lines)
