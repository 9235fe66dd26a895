"""Text of an order, a device or an export, made inert in Markdown."""

import re
from collections.abc import Sequence

_MARKUP = re.compile(r"([\\`*_{}\[\]<#|~!&])")
_LIST = re.compile(r"^(\d+)([.)])(?=\s|$)")
_BLOCK = re.compile(r"^([-+=>])")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
"""Controls, marks that turn the direction of text, and what no XML file may hold."""


def visible(text: str) -> str:
    """Return a text in which everything can be seen, and held by any file: the rest becomes U+FFFD."""
    return _UNSEEN.sub("\ufffd", text)


def plain(text: object) -> str:
    """Return a text on one line; what nobody could see, or no file could hold, becomes U+FFFD."""
    return visible(" ".join(str(text).split()))


def md(text: object) -> str:
    """Make any text inert in Markdown: one line, no markup, no HTML."""
    flat = _MARKUP.sub(r"\\\1", plain(text))
    return _BLOCK.sub(r"\\\1", _LIST.sub(r"\1\\\2", flat))


def fenced(lines: Sequence[str], language: str = "text") -> str:
    """Return lines as a code block that none of them can close."""
    body = [visible(" ".join(line.splitlines())) for line in lines]
    ticks = max((len(run) for line in body for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return "\n".join((f"{fence}{language}", *body, fence))


def hosts(addresses: Sequence[str], anything: str = "任意", comma: str = "、") -> str:
    """Say addresses the way people write them: hosts without their prefix length."""
    return comma.join(
        anything if a == "any" else a.removesuffix("/32").removesuffix("/128") for a in addresses
    )
