"""What a line means in its view: which form it is, and what stands in its slots."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from nornir_itsm.stages.foretell.grammar import Form, Grammar, View
from nornir_itsm.stages.foretell.template import Bound, matches, parted, template
from nornir_itsm.stages.foretell.tree import Node, UnforeseenError
from nornir_itsm.stages.foretell.words import Word, split


class Understood(NamedTuple):
    """What a typed line does: with which form (or move) of its view, and what stands in its slots."""

    act: Literal["set", "take away", "move", "nothing"]
    at: int
    bound: Bound


class Reading:
    """Reads lines as one grammar knows them."""

    def __init__(self, grammar: Grammar) -> None:
        """Keep the grammar."""
        self.grammar = grammar

    def typed(self, line: str, view: View, within: str) -> list[Understood]:
        """Return what a typed line may do: as it stands, else with abbreviated keywords. Raises
        UnforeseenError.

        The first one counts; of lines that take away that which finds something to take.

        A device takes an abbreviation only where one of its commands fits. Ours are some of these: where just
        one of ours fits it is that one, or the device refuses the line.
        """
        words = split(line)
        for short in (False, True):
            found = list(self._readings(words, view, within, short=short))
            if short and len({(one.act, view.group(one.at)) for one in found}) > 1:
                raise UnforeseenError("缩写可以是几条不同的命令")
            if found:
                return found
        raise UnforeseenError("此视图中没有已知的这种命令")

    def _readings(
        self, words: Sequence[Word], view: View, within: str, *, short: bool
    ) -> Iterator[Understood]:
        negated = not words[0].quoted and words[0].text.lower() == self.grammar.negation
        said = words[1:] if negated else words
        for at, move in enumerate(view.moves):
            bound = self._match(move.says, words, short=short)
            if bound is not None and move.within == within:
                yield Understood("move", at, bound)
        for at, form in enumerate(view.forms):
            if form.within != within:
                continue
            ways = (
                [("take away", one) for one in takers(form)]
                if negated
                else [("set", one) for one in spellings(form)]
            )
            ways += [] if negated else [("take away", one) for one in form.off]
            for act, says in ways:
                if (bound := self._match(says, said, short=short)) is not None:
                    yield Understood("set" if act == "set" else "take away", at, bound)
        for says in view.none:
            if self._match(says, words, short=short) is not None:
                yield Understood("nothing", -1, {})

    def _match(self, says: str, words: Sequence[Word], *, short: bool = False) -> Bound | None:
        return matches(template(says), words, self.grammar.readers, short=short)

    def form(self, node: Node, view: View) -> int:
        """Return which form of its view a printed line is, -1 for none, and keep what is in its slots."""
        if node.form is None:
            node.form = -1
            words = split(node.text)
            for at, form in enumerate(view.forms):
                found = (self._match(says, words) for says in spellings(form))
                bound = next((one for one in found if one is not None), None)
                if bound is not None:
                    node.form, node.bound, node.silent = at, own(bound), bool(form.joins)
                    break
        return node.form

    def of(self, at: int, where: Node, view: View) -> list[Node]:
        """Return the lines of one form."""
        return [node for node in where.below if self.form(node, view) == at]

    def beside(self, at: int, where: Node, view: View) -> list[Node]:
        """Return the lines of one form and of those that it is printed mixed with."""
        group = view.group(at)
        return [n for n in where.below if (one := self.form(n, view)) >= 0 and view.group(one) == group]

    def agreeing(self, at: int, bound: Bound, where: Node, view: View) -> list[Node]:
        """Return the lines of a form that say all of this, themselves or in a line below."""
        return [
            node for node in self.of(at, where, view) if bound.items() <= self._said(node, view, at).items()
        ]

    def _said(self, node: Node, view: View, at: int) -> Bound:
        inner = self.grammar.views.get(view.forms[at].opens or "-")
        said = dict(node.bound)
        for below in node.below if inner else ():
            found = self.form(below, inner) if inner else -1
            if inner and found >= 0 and template(inner.forms[found].says).valued:
                said = {**below.bound, **said}
        return said

    def users(self, where: Node, view: View | None, without: set[int]) -> Iterator[tuple[Node, str, str]]:
        """Yield every line that names something, of which kind and which name, but for some lines."""
        for node in where.below:
            if id(node) in without:
                continue
            at = self.form(node, view) if view else -1
            inner = None
            if view and at >= 0:
                form = view.forms[at]
                inner = self.grammar.views.get(form.opens) if form.opens else None
                for slot in (slot for says in spellings(form) for slot in template(says).slots):
                    if slot.kind[0] == "@" and slot.name in node.bound:
                        yield node, slot.kind[1:], node.bound[slot.name]
            yield from self.users(node, inner, without)


def spellings(form: Form) -> tuple[str, ...]:
    """Return the templates of a line, the printed one first."""
    return (form.says, *form.typed)


def takers(form: Form) -> tuple[str, ...]:
    """Return the templates of what takes a line away, without the negation."""
    if form.undo:
        return form.undo
    before, valued, after = parted(form.says)
    return tuple(dict.fromkeys((before, f"{before} {after}".strip()))) if valued else spellings(form)


def own(bound: Bound) -> Bound:
    """Return what belongs to a line itself, without where it was put."""
    return {
        slot: words for slot, words in bound.items() if slot != "where" and not slot.startswith("anchor-")
    }
