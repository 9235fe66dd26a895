"""Proposals as the text of a site.yaml: each line below its evidence, and off until it is confirmed."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nornir_itsm.model.change import Json
from nornir_itsm.stages.learn.proposal import ITEM, Ask, Found, Proposal

OFF = "#? "
"""Before a line that nobody has confirmed: taking it away confirms the line."""
_PLAIN = re.compile(r"[A-Za-z_一-鿿][\w./一-鿿-]*(?:[A-Za-z_一-鿿)）]|\d)?")
_PREFIX = re.compile(r"[0-9a-fA-F:.]+/\d{1,3}|\d{1,3}(?:\.\d{1,3}){3}")
_RESERVED = ("true", "false", "yes", "no", "on", "off", "null", "none", "y", "n", "any")
_CONFIDENCE = {"high": "高", "medium": "中", "low": "低"}
_HEAD = """\
# 由 site learn 从导出推出，逐条确认后才生效 / proposed from exports: nothing holds before it is confirmed
# 确认一行：去掉行首的“#? ”（连同它上面的节标题），或重新执行 site learn --confirm 键
# 高/中/低：置信度 / confidence；其下是依据 / its evidence；“或”是也在使用的另一种写法 / also in use
"""


@dataclass
class _Node:
    """A key or an item with the lines below it."""

    lines: list[Proposal] = field(default_factory=list)
    below: dict[str, "_Node"] = field(default_factory=dict)


def site_yaml(found: Iterable[Found], confirmed: Collection[str]) -> str:
    """Return the proposals as YAML, in their order; a line is on where its key is *confirmed*.

    What exports cannot tell stands at the end, as comments.
    """
    listed = list(found)
    top = _Node()
    for line in listed:
        if isinstance(line, Proposal):
            node = top
            for part in line.at:
                node = node.below.setdefault(part if part != ITEM else f"{ITEM} {line.name}", _Node())
            node.lines.append(line)
    parts = [_HEAD]
    for key, node in top.below.items():
        parts.append("\n".join(_written(key, node, 0, set(confirmed))))
    parts.append("\n".join(_questions(one for one in listed if isinstance(one, Ask))))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def _written(key: str, node: _Node, depth: int, confirmed: set[str]) -> Iterator[str]:
    pad = "  " * depth
    item = key.startswith(f"{ITEM} ")
    for line in node.lines:
        yield from _evidence(line, pad)
        on = "" if line.key in confirmed else OFF
        value = flow(line.value)
        yield f"{on}{pad}- {value}" if item else f"{on}{pad}{scalar(key)}: {value}"
    if node.below:
        on = "" if any(_any_confirmed(child, confirmed) for child in node.below.values()) else OFF
        yield f"{on}{pad}{scalar(key)}:"
        for name, child in node.below.items():
            yield from _written(name, child, depth + 1, confirmed)


def _any_confirmed(node: _Node, confirmed: set[str]) -> bool:
    held = any(line.key in confirmed for line in node.lines)
    return held or any(_any_confirmed(child, confirmed) for child in node.below.values())


def _evidence(line: Proposal, pad: str) -> Iterator[str]:
    first, *rest = line.evidence
    yield f"{pad}# [{_CONFIDENCE[line.confidence]}] {_one_line(first)}"
    yield from (f"{pad}#   {_one_line(text)}" for text in rest)
    yield from (f"{pad}#   或 {_one_line(flow(text))}" for text in line.alternatives)


def _questions(asked: Iterable[Ask]) -> Iterator[str]:
    yield "# 导出里看不出来的，请回答后写入 / what exports cannot tell:"
    for one in asked:
        yield f"#   {_one_line(one.key)}：{_one_line(one.text)}" + (f" → {one.hint}" if one.hint else "")


def _one_line(text: str) -> str:
    """Return text that cannot leave its comment."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def flow(value: Json) -> str:
    """Return a value as YAML on one line."""
    match value:
        case bool() | int() | float() | None:
            return json.dumps(value)
        case str():
            return scalar(value)
        case dict():
            return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
        case _:
            items: Sequence[Json] = value
            return "[" + ", ".join(flow(item) for item in items) + "]"


def scalar(text: str) -> str:
    """Return text as YAML: as it is where it can only be read as that, else in quotes."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _RESERVED
    prefix = _PREFIX.fullmatch(text) and "::" not in text
    return text if plain or prefix else f'"{"".join(map(_escaped, text))}"'


def _escaped(sign: str) -> str:
    """Return a sign as YAML has it in double quotes; what nobody sees is written as its number."""
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\U{ord(sign):08x}"
