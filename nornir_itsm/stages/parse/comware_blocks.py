"""The text of ``display current-configuration`` of a Comware 7 device -> its lines as a tree.

Layout (public samples): parts stand between lines ``#``, what is set within a view is indented below it,
single lines (``ip route-static``, ``time-range``) may be indented as a whole; the last line is ``return``.
"""

from collections.abc import Iterator

from nornir_itsm.errors import SourceError
from nornir_itsm.stages.parse.vrp_blocks import WHERE, Line

_AGAIN = "take it again, with screen-length disable and to the end"


def lines_of(text: str) -> tuple[Line, ...]:
    """Return the configuration. Raises SourceError where the text was cut off."""
    lines = [line.rstrip() for line in text.removeprefix("\ufeff").replace("\t", " ").splitlines()]
    ends = [at for at, line in enumerate(lines) if line == "return"]
    after = [line for line in lines[ends[0] + 1 :] if line] if ends else []
    if not ends or len(after) > 1:
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
