"""Two configurations of one device held against each other, in lines that a person can read."""

import difflib
from collections.abc import Iterable

from nornir_itsm.devices.redaction import redact
from nornir_itsm.platforms import CliPlatform


def shown_difference(platform: CliPlatform, running: str, saved: str, most: int = 5) -> tuple[str, ...]:
    """Return the first lines in which two configurations differ, ``+`` running only, ``-`` saved only."""
    ours, theirs = (_with_blocks(platform.statements(text)) for text in (running, saved))
    compared = difflib.unified_diff(theirs, ours, n=0, lineterm="")
    changed = [redact(f"{line[0]} {line[1:]}") for line in list(compared)[2:] if line[0] in "+-"]
    return (*changed[:most], f"and {len(changed) - most} more") if len(changed) > most else tuple(changed)


def _with_blocks(lines: Iterable[str]) -> list[str]:
    """Put what it stands in before each indented line: ``policy-global / rule id 5 / disable``.

    A line ``#`` ends everything that is open: parts of a configuration may be indented as a whole.
    """
    placed: list[str] = []
    above: list[tuple[int, str]] = []
    for line in lines:
        text, indent = line.strip(), len(line) - len(line.lstrip())
        if text == "#":
            above.clear()
            continue
        while above and above[-1][0] >= indent:
            above.pop()
        above.append((indent, text))
        placed.append(" / ".join(one for _, one in above))
    return placed
