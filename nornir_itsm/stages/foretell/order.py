"""Where a line is printed among its neighbours."""

from collections.abc import Sequence

from nornir_itsm.stages.foretell.grammar import View
from nornir_itsm.stages.foretell.tree import Node, UnforeseenError

Rank = tuple[int, int]
"""Which form, and which number where lines of a form are sorted."""


def rank(node: Node, view: View, *, early: bool = False) -> Rank | None:
    """Return the rank of a line whose form is known; *early* for a declaration."""
    at = -1 if node.form is None else node.form
    if at < 0:
        return None
    form = view.forms[at]
    number = node.bound.get(form.sorted, "")
    if view.printed:
        key = f"{form.name}+" if early else form.name
        return (view.printed.index(key), int(number) if number.isdigit() else 0)
    return (view.group(at), int(number) if number.isdigit() else 0)


def place(ranks: Sequence[Rank | None], own: Rank) -> int:
    """Return the index for a line of this rank: after the last that comes before it, else before the next.

    A line that is not understood belongs to the one before it.
    """
    same = [at for at, one in enumerate(ranks) if one is not None and one[0] == own[0]]
    if same:
        before = [at for at in same if ranks[at] is not None and _le(ranks[at], own)]
        return before[-1] + 1 if before else same[0]
    above = [at for at, one in enumerate(ranks) if one is not None and one < own]
    below = [at for at, one in enumerate(ranks) if one is not None and one > own]
    if above:
        after = [at for at in below if at > above[-1]]
        return after[0] if after else len(ranks) if above[-1] + 1 == len(ranks) else above[-1] + 1
    return below[0] if below else len(ranks)


def _le(one: Rank | None, other: Rank) -> bool:
    return one is not None and one <= other


def put(node: Node, at: int, where: Node, *, parting: bool, joined: Sequence[Node]) -> None:
    """Put a line before the one at this index; nothing parts it from those of *joined*."""
    if parting:
        before = where.below[at - 1] if at else None
        after = where.below[at] if at < len(where.below) else None
        if before in joined and before is not None:
            node.indent = before.indent
        elif after in joined and after is not None:
            node.parted, after.parted, node.indent = after.parted, False, after.indent
        else:
            node.parted = True
            if after is not None:
                after.parted = True
    where.below.insert(at, node)


def moved(node: Node, peers: list[Node], where: str, anchor: Node | None) -> list[Node]:
    """Return the lines of a form after one was moved. Raises UnforeseenError."""
    others = [one for one in peers if one is not node]
    at = peers.index(node) if node in peers else len(others)
    if anchor is node or (where in ("before", "after") and anchor is None):
        raise UnforeseenError("不知道移到哪里")
    match where:
        case "top":
            to = 0
        case "bottom" | "":
            to = len(others)
        case "before" | "after":
            assert anchor is not None
            to = others.index(anchor) + (where == "after")
        case "up" if at > 0:
            to = at - 1
        case "down" if at < len(others):
            to = at + 1
        case _:
            raise UnforeseenError("已在最前或最后，设备是否拒绝未知")
    return [*others[:to], node, *others[to:]]
