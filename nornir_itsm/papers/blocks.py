"""Markdown as a list of blocks: headings, paragraphs, list items, tables and code. HTML in it is text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_TICK = "[ ] "


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text in one look."""

    text: str
    bold: bool = False
    code: bool = False


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list; ``mark`` is ``•``, ``☐`` or its number."""

    mark: str
    level: int
    spans: Spans


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first row is its header."""

    rows: tuple[tuple[Spans, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines as they are; ``info`` says of what kind: ``text``, ``path D1``."""

    lines: tuple[str, ...]
    info: str


Block = Heading | Paragraph | Item | Table | Code


def plain(spans: Spans) -> str:
    """Return spans as text."""
    return "".join(span.text for span in spans)


def blocks(markdown: str) -> tuple[Block, ...]:
    """Read Markdown (CommonMark with tables)."""
    return tuple(_blocks(_reader().parse(markdown)))


def chapter(blocks: Sequence[Block], title: str) -> tuple[Block, ...]:
    """Return what stands under the heading of level 2 with that title, without the heading."""
    held: list[Block] = []
    inside = False
    for block in blocks:
        if isinstance(block, Heading) and block.level <= 2:
            inside = plain(block.spans) == title
        elif inside:
            held.append(block)
    return tuple(held)


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _blocks(tokens: Sequence["Token"]) -> Iterator[Block]:
    lists: list[str] = []
    heading = 0
    opening = False
    for at, token in enumerate(tokens):
        match token.type:
            case "heading_open":
                heading = int(token.tag[1])
            case "bullet_list_open" | "ordered_list_open":
                lists.append("•" if token.type[0] == "b" else "1")
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                opening = True
            case "fence" | "code_block":
                yield Code(tuple(token.content.splitlines()), token.info.strip())
            case "table_open":
                yield Table(tuple(_rows(tokens[at:])))
            case "inline" if token.level and tokens[at - 1].type in ("th_open", "td_open"):
                pass  # read with its table
            case "inline":
                spans = tuple(_spans(token.children or ()))
                if heading:
                    yield Heading(heading, spans)
                    heading = 0
                elif opening and lists:
                    mark = f"{tokens[at - 2].info}." if lists[-1] == "1" else "•"
                    ticked = lists[-1] == "•" and token.content.startswith(_TICK)
                    yield Item("☐" if ticked else mark, len(lists), _without_tick(spans) if ticked else spans)
                    opening = False
                else:
                    yield Paragraph(spans)


def _without_tick(spans: Spans) -> Spans:
    first, *rest = spans
    return (Span(first.text.removeprefix(_TICK), first.bold, first.code), *rest)


def _rows(tokens: Sequence["Token"]) -> Iterator[tuple[Spans, ...]]:
    row: list[Spans] = []
    for at, token in enumerate(tokens):
        match token.type:
            case "tr_open":
                row = []
            case "inline" if tokens[at - 1].type in ("th_open", "td_open"):
                row.append(tuple(_spans(token.children or ())))
            case "tr_close":
                yield tuple(row)
            case "table_close":
                return


def _spans(tokens: Sequence["Token"]) -> Iterator[Span]:
    """Yield runs of one look, joined."""
    text, look, bold = "", (False, False), 0
    for token in tokens:
        bold += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
        piece = " " if token.type in ("softbreak", "hardbreak") else token.content
        now = (bold > 0, token.type == "code_inline")
        if piece and now != look:
            if text:
                yield Span(text, *look)
            text, look = "", now
        text += piece
    if text:
        yield Span(text, *look)
