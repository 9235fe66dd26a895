"""The text that a device shows against the text that was foretold, line by line."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.stages.foretell.grammar import Grammar, View
from nornir_itsm.stages.foretell.reading import Reading
from nornir_itsm.stages.foretell.template import rendered, template
from nornir_itsm.stages.foretell.tree import Node, read
from nornir_itsm.stages.foretell.typist import FRESH, early

Kind = Literal["missing", "extra", "moved", "elsewhere"]
_MARKS = {"missing": "-", "extra": "+", "moved": "≠", "elsewhere": "~"}


@dataclass(frozen=True, slots=True)
class Deviation:
    """A line in which a device differs from what was foretold, with the lines that it stands in.

    ``missing``: foretold and not there; ``extra``: there and not foretold; ``moved``: its place counts, and
    is
    another one; ``elsewhere``: printed at another place, which means nothing.
    """

    kind: Kind
    line: str

    @property
    def matters(self) -> bool:
        """Whether the configuration says something else, and not only in another place."""
        return self.kind != "elsewhere"

    def __str__(self) -> str:
        """Return one line of evidence."""
        return f"{_MARKS[self.kind]} {self.line}"


@dataclass(frozen=True, slots=True)
class _Line:
    path: str
    ordered: str
    """Where its place counts: what it stands in; else empty."""


def deviations(platform: str, grammar: Grammar, foretold: str, held: str) -> tuple[Deviation, ...]:
    """Return every line in which two texts differ. Raises UnforeseenError where one cannot be read."""
    ours, theirs = (_statements(platform, grammar, text) for text in (foretold, held))
    _recognise(ours, theirs)
    mine, other = (list(_flat(root, grammar, grammar.views[""], "")) for root in (ours, theirs))
    a, b = (Counter(line.path for line in lines) for lines in (mine, other))
    found = [Deviation("missing", path) for path in (a - b).elements()]
    found += [Deviation("extra", path) for path in (b - a).elements()]
    common = a & b
    kept = [[line for line in lines if line.path in common] for lines in (mine, other)]
    for place in dict.fromkeys(line.ordered for line in mine if line.ordered):
        here = [[line for line in lines if line.ordered == place] for lines in kept]
        found += [Deviation("moved", path) for path in _out_of_order(*here)]
    moved = {one.line for one in found}
    rest = ([x for x in k if x.path not in moved] for k in kept)
    return (*found, *(Deviation("elsewhere", path) for path in _out_of_order(*rest)))


def _out_of_order(a: list[_Line], b: list[_Line]) -> list[str]:
    """Return the first line that stands elsewhere in the other list: what else does follows from it."""
    return next(([x.path] for x, y in zip(a, b, strict=False) if x.path != y.path), [])


def _statements(platform: str, grammar: Grammar, text: str) -> Node:
    """Read a configuration without what says nothing: headers, early declarations."""
    known = PLATFORMS.get(platform)
    headers = known.cli.headers if known and known.cli else ()
    root, tail = read(text, grammar.layout)
    for line in tail[1:]:
        root.below.append(Node(line))
    root.below = [one for one in root.below if one.text and not any(p.fullmatch(one.text) for p in headers)]
    reading = Reading(grammar)
    _canonical(root, grammar.views[""], reading)
    view = grammar.views[""]
    root.below = [
        one
        for one in root.below
        if one.form is None or one.form < 0 or not view.forms[one.form].declared or not early(one, root)
    ]
    return root


def _canonical(where: Node, view: View | None, reading: Reading) -> None:
    """Spell every known line as the device prints it now: an older release may have printed it otherwise."""
    for node in where.below:
        at = reading.form(node, view) if view else -1
        inner = None
        if view and at >= 0:
            form = view.forms[at]
            inner = reading.grammar.views.get(form.opens) if form.opens else None
            if all(s.name in node.bound for s in template(form.says).slots) and not form.gathers:
                node.text = rendered(template(form.says), node.bound)
        _canonical(node, inner, reading)


def _recognise(ours: Node, theirs: Node) -> None:
    """Give lines whose number only the device knew the number that it gave them."""
    foretold = {one.text for one in ours.below}
    strangers = [one for one in theirs.below if one.text not in foretold]
    for node in ours.below:
        slots = {slot for slot, words in node.bound.items() if set(words) == {FRESH}}
        said = {slot: words for slot, words in node.bound.items() if slot not in slots}
        alike = [
            one for one in strangers if slots and one.form == node.form and said.items() <= one.bound.items()
        ]
        if alike:
            below = [inner.text for inner in node.below]
            best = next((one for one in alike if [inner.text for inner in one.below] == below), alike[0])
            strangers.remove(best)
            node.text = best.text
    there = {one.text: one for one in theirs.below}
    for node in ours.below:
        if node.below and node.text in there:
            _recognise(node, there[node.text])


def _flat(where: Node, grammar: Grammar, view: View | None, above: str) -> Iterator[_Line]:
    for node in where.below:
        form = view.forms[node.form] if view and node.form is not None and node.form >= 0 else None
        path = f"{above}{node.text}"
        per = node.bound.get(form.number.per, "") if form and form.number else ""
        yield _Line(path, f"{above}/{per}" if form and form.ordered else "")
        inner = grammar.views.get(form.opens) if form and form.opens else None
        yield from _flat(node, grammar, inner, f"{path} / ")
