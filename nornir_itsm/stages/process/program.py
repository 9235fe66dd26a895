"""A TTP template -> a program that reads an answer line by line and loses none.

TTP's own compiler makes an expression of each line of a template. Running them is ours: TTP's runner skips
lines that no expression takes, lets a second value of a field replace the first, and searches the text once
per expression. Here every line is matched once against what may stand at that place, and whatever is not
taken, or taken twice, is said. A program is immutable: threads share it.

What a template may use: groups ``NAME*`` without nesting, ``_start_``, ``_end_``, ``ignore``, ``set``,
``to_list``, ``joinmatches``, patterns and ``re``. Values are brought into one notation by the declared
tables, not by functions of a template. ``rows*`` are the rows; a group of another name completes them, by
their key or, where it has none, the row above it. Groups of these names, or ``NAME_more*``, are no rows:

``noise*``    lines that say nothing                  ``header*``  one of them must be there
``context*``  fields that hold for the rows below     ``within*``  the same, and no row may stand outside
``total*``    says how many rows there are            ``end*``     one of them must be the last line

The field ``total_rows`` of any of these is held against the rows that were found; several add up. Where a
context begins, what was said in it and in the groups behind it is forgotten.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from nornir_itsm.errors import SourceError

ROWS = "rows"
NOISE, HEADER, CONTEXT, WITHIN, TOTAL, END = "noise", "header", "context", "within", "total", "end"
TOTAL_ROWS = "total_rows"
"""The field of a mark that says how many rows there are; several add up."""
MARKS = frozenset((NOISE, HEADER, CONTEXT, WITHIN, TOTAL, END))

type Action = Literal["start", "add", "close"]
_NOT_DATA = re.compile(r"<\s*(macro|lookup|input|output|extend|template)\b", re.I)
_TAIL = r"[\t ]*(?=\n|\r\n)"
_GROUP = re.compile(r"\(\?P<(\w+)>")
_compiling = threading.Lock()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a line of a template does with a line that it matches. ``mark`` is empty for a row's line.

    ``fields``: (name, index of its regex group, whether it gathers values); ``constants``: (name, value).
    """

    group: str
    mark: str
    action: Action
    fields: tuple[tuple[str, int, bool], ...]
    constants: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What may stand at one place of an answer: all expressions as one, and what each of them does."""

    expression: re.Pattern[str]
    taken: Mapping[str, Taken]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled template. ``places``: by the group whose row is open, empty for none."""

    table: str
    places: Mapping[str, Place]
    contexts: tuple[str, ...]
    """Groups of context, the outer before the inner."""
    required: frozenset[str]
    """Of ``header`` and ``end``, those that the template has."""


@dataclass(frozen=True, slots=True)
class _Expression:
    """One line of a template as TTP compiled it."""

    group: str
    action: Action
    pattern: str
    names: tuple[tuple[str, bool], ...]
    constants: tuple[tuple[str, str], ...]
    any_line: bool


@lru_cache(maxsize=512)
def program(template: str) -> Program:
    """Compile the text of a template, once in a process. Raises SourceError for what is no template."""
    if found := _NOT_DATA.search(template):
        raise _broken(f"<{found[1]}> is not used here", "say it in the declared tables")
    with _compiling:  # TTP fills module globals while it compiles
        parts, variables = _compiled(template)
    groups = tuple(dict.fromkeys(one.group for one in parts))
    open_rows = ("", *(name for name in groups if not mark(name)))
    if ROWS not in open_rows:
        raise _broken("it has no group of rows", 'begin one with <group name="rows*">')
    places = {name: _place(tuple(_order(parts, name))) for name in open_rows}
    contexts = tuple(name for name in groups if mark(name) in (CONTEXT, WITHIN))
    required = frozenset({HEADER, END} & {mark(name) for name in groups})
    return Program(str(variables.get("TABLE", "")), places, contexts, required)


def mark(group: str) -> str:
    """Return what a group marks by its name; empty for a group of rows."""
    word = group.partition("_")[0]
    return word if word in MARKS else ""


def _compiled(template: str) -> tuple[tuple[_Expression, ...], Mapping[str, Any]]:
    from ttp import ttp

    untyped: Any = ttp
    try:
        made = untyped(template="\n" + template, log_level="ERROR")._templates[0]
    except (Exception, SystemExit) as error:  # TTP ends the process for some mistakes
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise _broken(said, "check the template, e.g. for a | in an argument") from error
    return tuple(one for group in made.groups for one in _expressions(group)), made.vars


def _expressions(group: Any) -> Iterator[_Expression]:
    name = group.name.rstrip("*")
    if group.children or group.funcs or not group.name.endswith("*") or "." in name:
        raise _broken(f"group {group.name} nests, has functions or no *", 'write <group name="rows*">')
    if group.defaults:  # TTP leaves the whole line out where nothing but variables stands beside ``set``
        raise _broken(f"group {group.name} has defaults, or set beside variables alone", "set needs words")
    for listed in (group.start_re, group.re, group.end_re):
        for one in listed:
            yield _expression(name, one)


def _expression(group: str, one: Mapping[str, Any]) -> _Expression:
    pattern = str(one["REGEX"].pattern).removeprefix(r"\n").removesuffix(_TAIL)
    named, constants = list[tuple[str, bool]](), list[tuple[str, str]]()
    said = {variable.var_name: variable for variable in one["VARIABLES"].values()}
    for name, variable in said.items():
        functions = [function["name"] for function in variable.functions]
        if unknown := set(functions) - {"set", "to_list", "joinmatches"}:
            raise _broken(f"{name} uses {unknown.pop()}", "say it in the declared tables")
        if f"(?P<{name}>" in pattern:
            named.append((variable.var_name_original, "to_list" in functions))
        elif "set" in functions:
            constants.append((variable.var_name_original, str(variable.functions[0]["args"][0])))
    word = str(one["ACTION"])
    action: Action = "start" if word.startswith("start") else "close" if word == "end" else "add"
    return _Expression(group, action, pattern, tuple(named), tuple(constants), bool(one["IS_LINE"]))


def _order(parts: tuple[_Expression, ...], row: str) -> Iterator[_Expression]:
    """Yield what may stand where a row of group *row* is open: starts, its own lines, marks, any line."""
    own = [one for one in parts if one.group == row and one.action != "start"]
    yield from (one for one in parts if not mark(one.group) and one.action == "start")
    yield from (one for one in own if not one.any_line)
    yield from (one for one in parts if mark(one.group))
    yield from (one for one in own if one.any_line)


def _place(parts: tuple[_Expression, ...]) -> Place:
    """Join expressions to one; the group that closes last tells which of them matched."""
    alternatives = (
        f"(?P<L{number}>{_GROUP.sub(rf'(?P<L{number}_\1>', one.pattern)})" for number, one in enumerate(parts)
    )
    expression = re.compile("|".join(alternatives))
    index = expression.groupindex
    taken = {
        f"L{number}": Taken(
            one.group,
            mark(one.group),
            one.action,
            tuple((name, index[f"L{number}_{name}"] - 1, many) for name, many in one.names),
            one.constants,
        )
        for number, one in enumerate(parts)
    }
    return Place(expression, taken)


def _broken(problem: str, hint: str) -> SourceError:
    return SourceError("TTP template", f"it cannot be used: {problem}", hint)
