"""Templates of lines: ``address [<n:number>] <net>``.

Words stand for themselves, ``<slot>`` or ``<slot:kind>`` for words that a reader of that kind takes,
``<slot:a|b>`` for one of these words (``<slot:|a>`` for just one), ``[...]`` for what may be left out.
``=`` is no word: what stands before it tells which line this is, what follows is its value. Keywords may be
abbreviated where that is asked for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from nornir_itsm.stages.foretell.words import Reader, Word

Bound = dict[str, str]
"""Slot -> its words as they are printed."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a line; ``choices`` where only some words may stand there."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Maybe:
    """Parts that may be left out, all together."""

    parts: "tuple[Part, ...]"


Part = str | Slot | Maybe


@dataclass(frozen=True, slots=True)
class Template:
    """A line taken apart. ``identity``: the slots before ``=``; all of them where there is none."""

    parts: tuple[Part, ...]
    identity: frozenset[str]
    valued: bool
    """Whether there is a ``=``: such a line is overwritten by another with the same identity."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Every slot, those that may be left out too."""
        return tuple(_slots(self.parts))


_TOKEN = re.compile(r"<[^>]+>|\[|\]|[^\s\[\]<>]+")


@cache
def template(text: str) -> Template:
    """Take a template apart."""
    before, valued, after = parted(text)
    stack: list[list[Part]] = [[]]
    for token in _TOKEN.findall(f"{before} {after}"):
        if token == "[":
            stack.append([])
        elif token == "]":
            inner = tuple(stack.pop())
            stack[-1].append(Maybe(inner))
        elif token[0] == "<":
            stack[-1].append(_slot(token[1:-1]))
        else:
            stack[-1].append(token)
    (parts,) = stack
    named = re.findall(r"<([^>:]+)", before)
    return Template(tuple(parts), frozenset(named), valued)


def parted(text: str) -> tuple[str, bool, str]:
    """Return what stands before ``=``, whether there is one, and what follows."""
    before, sign, after = f"{text} ".partition(" = ")
    return before.strip(), bool(sign), after.strip()


def _slot(said: str) -> Slot:
    name, _, kind = said.partition(":")
    choices = tuple(filter(None, kind.split("|"))) if "|" in kind else ()
    return Slot(name, kind or name, choices)


def _slots(parts: Sequence[Part]) -> Iterator[Slot]:
    for part in parts:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Maybe):
            yield from _slots(part.parts)


def matches(
    found: Template, words: Sequence[Word], readers: Mapping[str, Reader], *, short: bool = False
) -> Bound | None:
    """Return what stands in the slots of a line, or None where it is another line."""
    for at, bound in _along(found.parts, words, 0, readers, short):
        if at == len(words):
            return bound
    return None


def _along(
    parts: Sequence[Part], words: Sequence[Word], at: int, readers: Mapping[str, Reader], short: bool
) -> Iterator[tuple[int, Bound]]:
    if not parts:
        yield at, {}
        return
    first, rest = parts[0], parts[1:]
    heads: Iterator[tuple[int, Bound]]
    if isinstance(first, Maybe):
        heads = iter((*_along(first.parts, words, at, readers, short), (at, {})))
    else:
        heads = _here(first, words, at, readers, short)
    for then, bound in heads:
        for end, more in _along(rest, words, then, readers, short):
            yield end, {**bound, **more}


def _here(
    part: str | Slot, words: Sequence[Word], at: int, readers: Mapping[str, Reader], short: bool
) -> Iterator[tuple[int, Bound]]:
    if isinstance(part, str):
        if _keyword(words, at, (part,), short):
            yield at + 1, {}
    elif part.choices:
        if found := _keyword(words, at, part.choices, short):
            yield at + 1, {part.name: found}
    else:
        read = readers[part.kind.lstrip("@")](words, at)
        if read is not None:
            yield read[1], {part.name: read[0]}


def _keyword(words: Sequence[Word], at: int, known: Sequence[str], short: bool) -> str:
    if at >= len(words) or words[at].quoted:
        return ""
    said = words[at].text.lower()
    for one in known:
        if said == one.lower():
            return one
    found = [one for one in known if one.lower().startswith(said)] if short else []
    return found[0] if len(found) == 1 else ""


def rendered(found: Template, bound: Mapping[str, str]) -> str:
    """Return the line as it is printed; parts without anything in their slots are left out."""
    return " ".join(_said(found.parts, bound))


def _said(parts: Sequence[Part], bound: Mapping[str, str]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Slot):
            yield bound[part.name]
        elif all(slot.name in bound for slot in _slots(part.parts)):
            yield from _said(part.parts, bound)
