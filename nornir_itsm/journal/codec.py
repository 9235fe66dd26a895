"""Values of ``nornir_itsm.model`` as JSON and back, exactly.

A dataclass becomes an object with its name under ``type`` and one key per field; tuples become arrays.
Reading is strict: another type, an unknown field or a wrong kind of value is a CodecError. A field that
is missing takes its default, so that what was stored before the field existed stays readable.
"""

import contextlib
import dataclasses
import functools
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, cast

from nornir_itsm.model.change import Json


class CodecError(ValueError):
    """Data that is not what it should be; the message names the place and never the value."""


def dump(value: object) -> Json:
    """Return *value* as JSON data. Raises TypeError for what the model does not hold."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case tuple() | list():
            return [dump(item) for item in value]
        case Mapping():
            return {_key(key): dump(item) for key, item in value.items()}
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} has no JSON form")
    fields = {field.name: dump(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return {"type": type(value).__name__, **fields}


@typing.overload
def load[T](type_: type[T], data: object) -> T: ...
@typing.overload
def load(type_: types.UnionType, data: object) -> Any: ...
def load(type_: Any, data: object) -> Any:
    """Return *data*, as ``dump`` made it, as a value of *type_* (a union such as Intent will do).

    Raises CodecError.
    """
    return _load(type_, data, "$")


def encode(value: object) -> bytes:
    """Return *value* as JSON text in ASCII; mappings keep their order."""
    return json.dumps(dump(value), separators=(",", ":"), allow_nan=False).encode("ascii")


@typing.overload
def decode[T](type_: type[T], content: bytes | str) -> T: ...
@typing.overload
def decode(type_: types.UnionType, content: bytes | str) -> Any: ...
def decode(type_: Any, content: bytes | str) -> Any:
    """Return what ``encode`` made of a value of *type_*. Raises CodecError."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"is not JSON: {type(error).__name__}") from None
    return load(type_, data)


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a mapping has a key of type {type(key).__name__}, not str")
    return key


def _load(kind: Any, data: object, at: str) -> object:
    origin = typing.get_origin(kind)
    if dataclasses.is_dataclass(kind):
        return _dataclass(cast(type, kind), data, at)
    if origin in (types.UnionType, typing.Union):
        return _union(typing.get_args(kind), data, at)
    if origin is tuple:
        return _tuple(typing.get_args(kind), data, at)
    if origin is Mapping:
        value_kind = typing.get_args(kind)[1]
        return {_string(k, at): _load(value_kind, v, f"{at}.{k}") for k, v in _items(data, at)}
    if origin is typing.Literal:
        # by repr, because 1 == True
        if repr(data) not in map(repr, typing.get_args(kind)):
            raise CodecError(f"{at}: is none of the words known here")
        return data
    if type(data) is not (types.NoneType if kind is None else kind):
        raise CodecError(f"{at}: must be {getattr(kind, '__name__', kind)}, is {type(data).__name__}")
    return data


def _dataclass(kind: type, data: object, at: str) -> object:
    found = dict(_items(data, at))
    if found.pop("type", None) != kind.__name__:
        raise CodecError(f"{at}: is no {kind.__name__}")
    hints = _hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name in found.keys() - fields.keys():
        raise CodecError(f"{at}: {kind.__name__} has no field {name!r}")
    for name, field in fields.items():
        defaults = (field.default, field.default_factory)
        if name not in found and all(default is dataclasses.MISSING for default in defaults):
            raise CodecError(f"{at}: {kind.__name__} lacks {name!r}")
    return kind(**{name: _load(hints[name], value, f"{at}.{name}") for name, value in found.items()})


def _union(kinds: tuple[Any, ...], data: object, at: str) -> object:
    if any(typing.get_origin(kind) in (list, dict) for kind in kinds):
        return _json(data, at)  # the only union of the model with lists in it
    for kind in kinds:
        if dataclasses.is_dataclass(kind):
            if isinstance(data, dict) and data.get("type") == cast(type, kind).__name__:
                return _load(kind, data, at)
            continue
        with contextlib.suppress(CodecError):
            return _load(kind, data, at)
    names = ", ".join(getattr(kind, "__name__", str(kind)) for kind in kinds)
    raise CodecError(f"{at}: is none of {names}")


def _tuple(kinds: tuple[Any, ...], data: object, at: str) -> tuple[object, ...]:
    if not isinstance(data, list):
        raise CodecError(f"{at}: must be a list, is {type(data).__name__}")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(data)
    if len(kinds) != len(data):
        raise CodecError(f"{at}: must have {len(kinds)} items, has {len(data)}")
    return tuple(
        _load(kind, item, f"{at}[{i}]") for i, (kind, item) in enumerate(zip(kinds, data, strict=True))
    )


def _json(data: object, at: str) -> object:
    match data:
        case list():
            return [_json(item, at) for item in data]
        case dict():
            return {_string(key, at): _json(item, at) for key, item in data.items()}
        case None | bool() | int() | float() | str():
            return data
    raise CodecError(f"{at}: {type(data).__name__} is not JSON")


def _items(data: object, at: str) -> list[tuple[Any, Any]]:
    if not isinstance(data, dict):
        raise CodecError(f"{at}: must be an object, is {type(data).__name__}")
    return list(data.items())


def _string(key: object, at: str) -> str:
    if not isinstance(key, str):
        raise CodecError(f"{at}: has a key that is no text")
    return key


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
