"""How objects are named: what of a name is known from the object itself, what is fixed, what is free.

A name is taken apart: known values (a customer, an address, a port) become fields; of the rest, what comes
again in names of other customers is fixed; what does not is free text, for which naming has ``{system}``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FREE = "{system}"
_PIECES = re.compile(r"(\{[a-z]+(?::\d+)?\})")
_BRACKETS = re.compile(r"（([^（）]+)）")
_WORDS = re.compile(r"([-_（）()&]+)")


@dataclass(frozen=True, slots=True)
class Named:
    """An object's name and the values that it may have been made from: field -> spellings."""

    name: str
    values: Mapping[str, Sequence[str]]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern and the names that it explains."""

    text: str
    names: tuple[str, ...]


def remarks(names: Iterable[str]) -> frozenset[str]:
    """Return what stands in brackets: a remark, which is no part of a system's name."""
    return frozenset(word for name in names for word in _BRACKETS.findall(name))


def patterns(listed: Sequence[Named], noted: frozenset[str] = frozenset()) -> list[Pattern]:
    """Return the patterns of these names, that which explains most first; names without a field are left.

    *noted*: words that are fixed wherever they stand.
    """
    shapes = [(one, _with_fields(one)) for one in listed]
    shapes = [(one, shape) for one, shape in shapes if _PIECES.search(shape)]
    fixed = _fixed(shapes) | noted
    found: dict[str, list[str]] = {}
    for one, shape in shapes:
        found.setdefault(_generalised(shape, fixed), []).append(one.name)
    explained = {text: _explained(text, shapes) for text in found}
    ranked = sorted(found, key=lambda text: (-len(explained[text]) * _weight(text), text))
    return [Pattern(text, tuple(explained[text])) for text in ranked]


def _weight(text: str) -> float:
    """Return what an explanation is worth: free text explains much, and right beside a field anything."""
    if FREE not in text:
        return 1.0
    return 0.3 if re.search(r"\}\{system\}|\{system\}\{", text) else 0.6


def _with_fields(one: Named) -> str:
    """Return a name with its known values replaced, the longest first."""
    spellings = [(value, field) for field, values in one.values.items() for value in values if value]
    text = one.name.replace("{", "").replace("}", "")
    for value, field in sorted(spellings, key=lambda pair: -len(pair[0])):
        parts = _PIECES.split(text)
        if f"{{{field}}}" in parts:
            continue
        for index, part in enumerate(parts):
            if not _PIECES.fullmatch(part) and value in part:
                parts[index] = part.replace(value, f"{{{field}}}", 1)
                break
        text = "".join(parts)
    return text


def _fixed(shapes: Sequence[tuple[Named, str]]) -> set[str]:
    """Return the words that stand between marks in names of several owners."""
    owners: dict[str, set[str]] = {}
    for one, shape in shapes:
        for word in _words(shape):
            owners.setdefault(word, set()).add(one.owner or one.name)
    return {word for word, held in owners.items() if len(held) > 1}


def _words(shape: str) -> list[str]:
    literal = (piece for piece in _PIECES.split(shape) if not _PIECES.fullmatch(piece))
    return [word for piece in literal for word in _WORDS.split(piece) if word]


def _generalised(shape: str, fixed: set[str]) -> str:
    """Return a shape with free text where its words are nobody else's; several in a row are one."""
    made: list[str] = []
    for piece in _PIECES.split(shape):
        if _PIECES.fullmatch(piece):
            made.append(piece)
            continue
        for word in _WORDS.split(piece):
            known = not word or word in fixed or _WORDS.fullmatch(word)
            made.append(word if known else _tail(word, fixed))
    text = "".join(made)
    return re.sub(r"\{system\}(?:[-_]+\{system\})+", FREE, text)


def _tail(word: str, fixed: set[str]) -> str:
    """Return free text, with an end that other names have too kept as it is (``示例系统上网``)."""
    ends = [end for end in fixed if len(end) > 1 and word.endswith(end) and word != end]
    return FREE + max(ends, key=len) if ends else FREE


def _explained(text: str, shapes: Iterable[tuple[Named, str]]) -> list[str]:
    wanted = re.compile("".join(".+" if p == FREE else re.escape(p) for p in _PIECES.split(text)))
    return [one.name for one, shape in shapes if wanted.fullmatch(shape)]


def counted(names: Iterable[str]) -> list[Pattern]:
    """Return patterns of names that end in a number: ``VPC互访{number:03}``."""
    heads: Counter[tuple[str, int]] = Counter()
    held: dict[tuple[str, int], list[str]] = {}
    for name in names:
        if found := re.fullmatch(r"(.*\D)(\d{1,6})", name):
            key = (found[1], len(found[2]) if found[2].startswith("0") else 0)
            heads[key] += 1
            held.setdefault(key, []).append(name)
    listed = [Pattern(_numbered(head, width), tuple(held[head, width])) for head, width in heads]
    return sorted(listed, key=lambda pattern: -len(pattern.names))


def _numbered(head: str, width: int) -> str:
    return f"{head}{{number:0{width}}}" if width else f"{head}{{number}}"
