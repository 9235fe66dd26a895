"""What is wrong with a template, without rendering it: names that nobody gives, names that nobody uses.

The check follows the types of what a template is given: ``intent.anchr`` is found in a branch that no
example takes. What it cannot follow (macro parameters, results of filters) it says nothing about.
"""

import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from jinja2 import Environment, TemplateSyntaxError, nodes

from nornir_itsm.stages.document.model import Draft

_VERSION = re.compile(r"\A(?:\{#|#)\s*version:\s*(\d+)")
_BUILTIN = {"loop", "range", "dict", "namespace", "joiner", "cycler", "lipsum", "caller", "varargs", "kwargs"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something about one line. An ``undefined`` name stops a document; an ``unused`` one is dead text."""

    line: int
    kind: Literal["syntax", "undefined", "unused"]
    what: str


def version(text: str) -> int:
    """Return the version that a template says it has; 1 where it says none."""
    found = _VERSION.match(text)
    return int(found[1]) if found else 1


def faults(text: str, given: Mapping[str, Any], environment: Environment) -> tuple[Fault, ...]:
    """Return what is wrong with a template that is given names of these types (Any: not followed)."""
    try:
        environment.from_string(text)
        tree = environment.parse(text)
    except TemplateSyntaxError as error:
        return (Fault(error.lineno, "syntax", error.message or str(error)),)
    walk = _Walk(dict(given))
    walk.body(tree.body, dict(given))
    unused = [Fault(1, "unused", name) for name in given if name not in walk.used]
    unsaid = [
        Fault(1, "unused", f"{name}.{part.name}")
        for name, kind in given.items()
        if kind is Draft and name in walk.used
        for part in fields(kind)
        if part.name not in walk.parts.get(name, set())
    ]
    return tuple(sorted({*walk.found, *unused, *unsaid}, key=lambda fault: (fault.line, fault.what)))


@dataclass(slots=True)
class _Walk:
    """A walk over a template's tree with the types of its names."""

    given: Mapping[str, Any]
    found: list[Fault] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    parts: dict[str, set[str]] = field(default_factory=dict)

    def body(self, listed: list[nodes.Node], scope: dict[str, Any]) -> None:
        made: dict[str, int] = {}
        for node in listed:
            self.node(node, scope, made)
        for name, line in made.items():
            if name not in self.used:
                self.found.append(Fault(line, "unused", name))

    def node(self, node: nodes.Node, scope: dict[str, Any], made: dict[str, int]) -> None:
        match node:
            case nodes.For():
                item = _item(self.kind(node.iter, scope))
                inside = {**scope, **dict(_targets(node.target, item))}
                if node.test is not None:
                    self.kind(node.test, inside)
                self.body([*node.body, *node.else_], inside)
            case nodes.Assign():
                scope |= dict(_targets(node.target, self.kind(node.node, scope)))
                made |= {name: node.lineno for name, _ in _targets(node.target, Any)}
            case nodes.Macro():
                scope[node.name] = Any
                made[node.name] = node.lineno
                inside = {**scope, **{arg.name: Any for arg in node.args}}
                self.body(list(node.body), inside)
                made |= {arg.name: node.lineno for arg in node.args}
            case nodes.Expr():
                self.kind(node, scope)
            case _:
                for child in node.iter_child_nodes():
                    self.node(child, scope, made)

    def kind(self, node: nodes.Node, scope: Mapping[str, Any]) -> Any:
        """Return the type of an expression, Any where it is not known; note what it uses."""
        match node:
            case nodes.Name():
                self.used.add(node.name)
                if node.name not in scope and node.name not in _BUILTIN:
                    self.found.append(Fault(node.lineno, "undefined", node.name))
                return scope.get(node.name, Any)
            case nodes.Getattr():
                return self._attribute(node, scope)
            case _:
                for child in node.iter_child_nodes():
                    self.kind(child, scope)
                return Any

    def _attribute(self, node: nodes.Getattr, scope: Mapping[str, Any]) -> Any:
        if isinstance(node.node, nodes.Name):
            self.parts.setdefault(node.node.name, set()).add(node.attr)
        holder = self.kind(node.node, scope)
        kinds = [_attribute(kind, node.attr) for kind in _members(holder)]
        if kinds and all(kind is None for kind in kinds):
            name = " | ".join(kind.__name__ for kind in _members(holder))
            self.found.append(Fault(node.lineno, "undefined", f"{name}.{node.attr}"))
            return Any
        return next((kind for kind in kinds if kind is not None), Any)


def _members(kind: Any) -> list[Any]:
    """Return the types that a value may have; nothing where it is not followed."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return [one for arg in typing.get_args(kind) for one in _members(arg)]
    return [kind] if is_dataclass(kind) else []


def _attribute(kind: Any, name: str) -> Any:
    """Return the type of an attribute of a dataclass; None where it has none of that name."""
    hints = typing.get_type_hints(kind)
    if name in hints:
        return hints[name]
    found = getattr(kind, name, None)
    if isinstance(found, property):
        return typing.get_type_hints(found.fget).get("return", Any)
    return Any if callable(found) else None


def _item(kind: Any) -> Any:
    """Return the type of what a loop over *kind* gives."""
    if typing.get_origin(kind) is tuple and typing.get_args(kind)[-1:] == (Ellipsis,):
        return typing.get_args(kind)[0]
    return Any


def _targets(target: nodes.Node, kind: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names that are set, each with its type."""
    if isinstance(target, nodes.Name):
        yield target.name, kind
    elif isinstance(target, nodes.Tuple):
        kinds = typing.get_args(kind) if typing.get_origin(kind) is tuple else ()
        for number, one in enumerate(target.items):
            yield from _targets(one, kinds[number] if number < len(kinds) else Any)


def spoken(text: str, environment: Environment) -> set[str]:
    """Return the keys of words that a template says: ``say("head.reason")``."""
    calls = environment.parse(text).find_all(nodes.Call)
    said = [c for c in calls if isinstance(c.node, nodes.Name) and c.node.name == "say"]
    first = (arg for call in said for arg in call.args[:1])
    return {
        str(const.value)
        for arg in first
        for const in ([arg] if isinstance(arg, nodes.Const) else arg.find_all(nodes.Const))
        if isinstance(const.value, str)
    }


def word_faults(words: Mapping[str, Any], other: Mapping[str, Any], said: set[str]) -> tuple[Fault, ...]:
    """Return what is wrong with the words of a language, held against another's and what templates say.

    ``head`` holds the words that templates say and nothing else does.
    """
    ours, theirs = _keys(words), _keys(other)
    missing = {key for key in {*theirs, *(k for k in said if "." in k)} if key not in ours}
    strange = {key for key in ours if key not in theirs}
    unsaid = {key for key in ours if key.startswith("head.") and key not in said}
    return (
        *(Fault(1, "undefined", what) for what in sorted(missing)),
        *(Fault(1, "unused", what) for what in sorted(strange | unsaid)),
    )


def _keys(words: Mapping[str, Any]) -> dict[str, str]:
    sections = ((name, held) for name, held in words.items() if name != "said" and isinstance(held, dict))
    return {f"{name}.{key}": str(text) for name, held in sections for key, text in held.items()}
