"""Blocks as plain text, for fields that take no more."""

from collections.abc import Iterator, Sequence

from nornir_itsm.papers.blocks import Block, Code, Heading, Item, Paragraph, Table, plain


def text(blocks: Sequence[Block]) -> str:
    """Return blocks as lines of text; a table of two columns as ``name：value``."""
    return "\n".join(line for block in blocks for line in _lines(block)).strip("\n") + "\n"


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield ""
            yield f"【{plain(block.spans)}】" if block.level < 4 else plain(block.spans)
        case Paragraph():
            yield plain(block.spans)
        case Item():
            yield f"{'  ' * (block.level - 1)}{block.mark} {plain(block.spans)}"
        case Table():
            _, *rows = block.rows
            for row in rows:
                first, *rest = map(plain, row)
                yield f"{first}：{'　'.join(rest)}"
        case Code():
            yield from (f"    {line}" for line in block.lines)
