"""Configuration text as a tree of lines, and back; what is not understood stays as it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nornir_itsm.stages.foretell.template import Bound


class UnforeseenError(Exception):
    """Something that cannot be predicted, and why."""


@dataclass(slots=True, eq=False)
class Node:
    """A line and the lines below it."""

    text: str
    below: "list[Node]" = field(default_factory=list)
    parted: bool = False
    """Preceded by a line that parts it from what stands before."""
    closed: bool = False
    """Followed by a line that closes it."""
    indent: int = 0
    """Blanks that a part is indented by as a whole."""
    bound: Bound = field(default_factory=dict)
    form: int | None = None
    """Which form of its view it is: -1 for none, None where that was not asked yet."""
    silent: bool = False
    """Not printed while nothing stands below it."""
    blanks: int | None = None
    """How far it was indented where it was read; a new line is as far as its place says."""

    def all(self) -> "Iterator[Node]":
        """Yield every line below, in order."""
        for one in self.below:
            yield one
            yield from one.all()


@dataclass(frozen=True, slots=True)
class Layout:
    """How a platform prints its configuration."""

    step: int
    """Blanks per level."""
    parting: str = ""
    closing: str = ""
    end: str = ""
    """The last line; what follows (other virtual systems) is kept and not looked at."""


def read(text: str, layout: Layout) -> tuple[Node, tuple[str, ...]]:
    """Return the lines of a configuration below one that has no text, and what comes after its end."""
    root = Node("")
    path, parted, base = [root], False, 0
    lines = [line.rstrip() for line in text.splitlines()]
    for at, line in enumerate(lines):
        if layout.end and line == layout.end:
            return root, tuple(lines[at:])
        blanks = len(line) - len(line.lstrip())
        if layout.parting and line == layout.parting:
            parted, path = True, [root]
            continue
        if parted or len(path) == 1:
            # Some parts are indented as a whole: their first line says by how much.
            base = blanks if layout.parting else 0
        depth = (blanks - base) // layout.step
        if layout.closing and line.strip() == layout.closing:
            if depth + 1 >= len(path):
                raise UnforeseenError(f"配置文本第 {at + 1} 行的 {layout.closing} 没有可结束的段落")
            path[depth + 1].closed = True
            del path[depth + 1 :]
            continue
        if not line:
            path[max(len(path) - 2, 0)].below.append(Node("", blanks=0))
            continue
        depth = min(max(depth, 0), len(path) - 1)
        del path[depth + 1 :]
        node = Node(line.strip(), parted=parted, indent=base if depth == 0 else 0, blanks=blanks)
        path[-1].below.append(node)
        path.append(node)
        parted = False
    if parted:
        root.closed = True
    return root, ()


def printed(root: Node, layout: Layout, tail: tuple[str, ...]) -> str:
    """Return the text of a tree."""
    lines = list(_lines(root, layout, 0, 0))
    # A parting line stands before the end, too.
    if layout.parting and (tail or root.closed) and lines:
        lines.append(layout.parting)
    return "".join(f"{line}\n" for line in (*lines, *tail))


def _lines(node: Node, layout: Layout, depth: int, base: int) -> Iterator[str]:
    parted = False
    for one in node.below:
        parted = parted or one.parted
        if one.silent and not one.below:
            continue
        own = one.indent if depth == 0 else base
        if parted:
            yield layout.parting
        parted = False
        blanks = " " * (own + depth * layout.step if one.blanks is None else one.blanks)
        yield f"{blanks}{one.text}" if one.text else ""
        yield from _lines(one, layout, depth + 1, own)
        if one.closed:
            yield blanks + layout.closing
