"""Bring plain data into the shape of a dataclass; say what does not fit in the words of the file."""

import dataclasses
import difflib
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from nornir_itsm.settings.yaml_file import Fault, Loc, YamlFile

CLOSED = {"extra": "forbid"}
"""As ``__pydantic_config__`` of a dataclass: unknown keys are errors, in the dataclasses it holds too."""


def shaped[T](file: YamlFile, kind: type[T]) -> T:
    """Return the file's data as *kind*, or raise ConfigError with every fault of shape."""
    from pydantic import TypeAdapter, ValidationError

    if file.plain is None:
        file.refuse([Fault((), "is empty")])
    try:
        return TypeAdapter(kind).validate_python(file.plain)
    except ValidationError as error:
        file.refuse(_fault(dict(item), kind) for item in error.errors(include_url=False))
        raise  # not reached: a ValidationError has at least one item


_WORDS = {
    "string_type": ("must be text", "put numbers, dates and true or false in quotes"),
    "path_type": ("must be a path", "write text"),
    "bool_type": ("must be true or false", ""),
    "bool_parsing": ("must be true or false", ""),
    "tuple_type": ("must be a list", "write [a, b], or one item a line after a dash"),
    **dict.fromkeys(("dict_type", "mapping_type", "dataclass_type"), ("must be a map", "write key: value")),
}
"""pydantic's kind of error -> problem and hint."""


def _fault(item: Mapping[str, Any], kind: type[Any]) -> Fault:
    at: Loc = item["loc"]
    match item["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            return Fault(at, "unknown key", _known(at, kind))
        case "missing":
            return Fault(at, "is missing", f"add {at[-1]!r} here")
        case "literal_error":
            return Fault(at, "is none of the words known here", f"write {item['ctx']['expected']}")
        case other:
            return Fault(at, *_WORDS.get(other, (str(item["msg"]), "")))


def _known(at: Loc, kind: type[Any]) -> str:
    keys = [field.name for field in _fields_at(at[:-1], kind)]
    near = difflib.get_close_matches(str(at[-1]), keys, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(keys)}"


def _fields_at(at: Loc, kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    """Walk *kind* along *at* to the dataclass that stands there."""
    for part in at:
        holder = next(_dataclasses(kind), None)
        if holder is not None and isinstance(part, str):
            kind = typing.get_type_hints(holder)[part]
        else:  # an item of a list, or a value of a map
            kind = typing.get_args(kind)[1 if typing.get_origin(kind) in (dict, Mapping) else 0]
    holder = next(_dataclasses(kind), None)
    return dataclasses.fields(holder) if holder is not None else ()


def _dataclasses(kind: Any) -> Iterator[Any]:
    if dataclasses.is_dataclass(kind):
        yield kind
    elif isinstance(kind, types.UnionType):
        yield from (arg for arg in typing.get_args(kind) if dataclasses.is_dataclass(arg))
