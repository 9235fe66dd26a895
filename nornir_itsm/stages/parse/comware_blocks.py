"""The text of ``display current-configuration`` of a Comware 7 device -> its lines as a tree.

Layout (public samples): parts stand between lines ``#``, what is set within a view is indented below it,
single lines (``ip route-static``, ``time-range``) may be indented as a whole; the last line is ``return``.
"""

import re
from collections.abc import Iterator

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.parse.vrp_blocks import WHERE, Line

_AGAIN = "take it again, with screen-length disable and to the end"
_PAGER = re.compile(r" *---- More ----(?:\x1b\[\d*D *\x1b\[\d*D|\x08+ *\x08*|\r *\r)?")
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_TERMINAL = re.compile(r"(?:RBM_[A-Z]+)?[<\[][^<>\[\]]+[>\]].*|%[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d:\d{3} .*")
"""Prompts, and log messages that somebody's terminal showed between two lines."""


def lines_of(text: str) -> tuple[Line, ...]:
    """Return the configuration. Raises SourceError where the text was cut off."""
    tidy = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\t", " ")
    tidy = _CONTROL.sub("", _PAGER.sub("", tidy))
    lines = [line.rstrip() for line in tidy.split("\n") if not _TERMINAL.fullmatch(line.rstrip())]
    ends = [at for at, line in enumerate(lines) if line == "return"]
    if not ends or any(lines[ends[0] + 1 :]):
        raise SourceError(WHERE, "the configuration was cut off: its last line return is missing", _AGAIN)
    return tuple(_tree(lines[: ends[0]]))


def _tree(listed: list[str]) -> Iterator[Line]:
    above: list[tuple[int, Line]] = []
    for raw in listed:
        text, indent = raw.strip(), len(raw) - len(raw.lstrip())
        if text == "#":
            above = []
        if not text or text == "#":
            continue
        while above and above[-1][0] >= indent:
            above.pop()
        line = Line(text)
        if above:
            above[-1][1].below.append(line)
        else:
            yield line
        above.append((indent, line))
