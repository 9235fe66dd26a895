"""Blocks as HTML: a self-contained page, or the fragment that a rich text field takes."""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from itertools import groupby

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from nornir_itsm.papers.blocks import Block, Code, Heading, Item, Paragraph, Spans, Table


def page(blocks: Sequence[Block], template: str, pictures: Mapping[str, str], **words: str) -> str:
    """Return a page: *template* around the blocks. *pictures*: key -> SVG, for code blocks ``path KEY``."""
    title = next((b for b in blocks if isinstance(b, Heading)), Heading(1, ()))
    body = Markup(fragment(blocks, pictures))
    return _template(template).render(title="".join(s.text for s in title.spans), body=body, **words)


@cache
def _template(text: str) -> Template:
    return Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True).from_string(text)


def fragment(blocks: Sequence[Block], pictures: Mapping[str, str] | None = None) -> str:
    """Return blocks as HTML without a page around them."""
    parts = []
    for listed, grouped in groupby(blocks, key=lambda block: isinstance(block, Item)):
        run = list(grouped)
        parts += [_list(run)] if listed else [_block(block, pictures or {}) for block in run]
    return "\n".join(parts)


def _block(block: Block, pictures: Mapping[str, str]) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{_spans(block.spans)}</h{block.level}>"
        case Paragraph():
            return f"<p>{_spans(block.spans)}</p>"
        case Table():
            return _table(block)
        case Code():
            kind, _, key = block.info.partition(" ")
            if kind == "path" and key in pictures:
                return f"<figure>{pictures[key]}</figure>"
            return f"<pre>{escape(chr(10).join(block.lines))}</pre>"
        case Item():
            return _list([block])


def _list(items: Sequence[Block]) -> str:
    said = "".join(_item(item) for item in items if isinstance(item, Item))
    return f"<ul>{said}</ul>"


def _item(item: Item) -> str:
    look = ' class="tick"' if item.mark == "☐" else ""
    mark = "☐ " if item.mark == "☐" else "" if item.mark == "•" else f"{escape(item.mark)} "
    return f"<li{look}>{mark}{_spans(item.spans)}</li>"


def _table(table: Table) -> str:
    head, *rows = table.rows
    columns = "".join(f"<th>{_spans(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{_spans(cell)}</td>' for cell in row)}</tr>" for row in rows)
    look = f"columns-{len(head)}"
    return f'<table class="{look}"><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>'


def _spans(spans: Spans) -> str:
    said = []
    for span in spans:
        text = escape(span.text)
        text = f"<code>{text}</code>" if span.code else text
        said.append(f"<strong>{text}</strong>" if span.bold else text)
    return "".join(said)
