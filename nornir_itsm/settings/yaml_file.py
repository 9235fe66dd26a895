"""A YAML file that remembers the line of every value, so that an error can name it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nornir_itsm.errors import ConfigError

Loc = tuple[str | int, ...]
"""Keys and indexes from the top of the file to a value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at one place of a file."""

    at: Loc
    problem: str
    hint: str = ""


@dataclass(eq=False)
class FileFaults(ConfigError):  # noqa: N818 - reads as what it is
    """Everything that is wrong with one file: (line, key, problem, hint) in file order."""

    faults: tuple[tuple[int, str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One YAML document. ``marked`` is the round-trip tree that knows its lines, ``plain`` bare data."""

    path: Path
    marked: Any
    plain: Any

    def line(self, at: Loc) -> int:
        """Return the line (from 1) of the deepest part of *at* that stands in the file."""
        node, line = self.marked, 1
        for part in at:
            try:
                mark = node.lc.item(part) if isinstance(part, int) else node.lc.key(part)
                node = node[part]
            except (AttributeError, KeyError, IndexError, TypeError):
                break  # missing, merged in by ``<<``, or not a collection: its parent's line is the best
            line = mark[0] + 1
        return line

    def refuse(self, faults: Iterable[Fault]) -> None:
        """Raise one ConfigError that tells all *faults* in file order; do nothing where there are none."""
        found = sorted({(self.line(f.at), name(f.at), f.problem, f.hint) for f in faults})
        if not found:
            return
        if len(found) == 1:
            line, key, problem, hint = found[0]
            raise FileFaults(f"{self.path}:{line}", _sentence(key, problem), hint, tuple(found))
        lines = [
            f"\n  line {line}: {_sentence(key, problem)}" + (f"\n    → {hint}" if hint else "")
            for line, key, problem, hint in found
        ]
        told = f"{len(found)} errors{''.join(lines)}"
        raise FileFaults(f"{self.path}:{found[0][0]}", told, "", tuple(found))


def read_yaml(path: Path, hint: str) -> YamlFile:
    """Read one YAML document; *hint* says where such a file comes from. Raises ConfigError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = path.read_text(encoding="utf-8-sig")
        marked = YAML(typ="rt").load(text)
        return YamlFile(path, marked, _plain(marked))
    except FileNotFoundError:
        raise ConfigError(str(path), "there is no such file", hint) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), "is not UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), f"cannot be read: {error.strerror}", hint) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # a duplicate key's message goes on with both values: these are left out
        problem = str(error.problem).partition(" with value ")[0]
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError(where, f"is not YAML: {problem}", "check indentation, colons and quotes") from None
    except YAMLError as error:
        raise ConfigError(str(path), f"is not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise ConfigError(str(path), "is nested too deeply", "a list or map contains itself") from None


def name(at: Loc) -> str:
    """Return *at* as people write it: ``paths[0].hops[1].point``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in at if part != "[key]")
    return "".join(parts).removeprefix(".")


def _sentence(key: str, problem: str) -> str:
    return f"{key}: {problem}" if key else problem


def _plain(node: Any) -> Any:
    """Strip the loader's own types: mappings, lists and text become the built-in ones."""
    match node:
        case dict():
            return {key: _plain(value) for key, value in node.items()}
        case list():
            return [_plain(item) for item in node]
        case str():
            return str(node)
        case bool() | int() | float() | None:
            return node
    return _Foreign(str(node))  # a date or a tagged value: nothing here takes one


@dataclass(frozen=True, slots=True)
class _Foreign:
    text: str

    def __repr__(self) -> str:
        return self.text
