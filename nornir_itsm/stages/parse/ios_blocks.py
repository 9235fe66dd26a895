"""The text of an IOS configuration as headings with what stands below them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from nornir_itsm.errors import SourceError
from nornir_itsm.platforms.cisco_places import said

WHERE = "configuration"


@dataclass(slots=True)
class Block:
    """A line that is not indented, and the lines below it, without indentation."""

    text: str
    below: list[str] = field(default_factory=list)


def blocks(text: str) -> list[Block]:
    """Return the blocks of ``show running-config``. Raises SourceError where it is cut off."""
    lines = [line.rstrip() for line in said(text)]
    lines = [line for line in lines if line and not line.startswith("!")]
    if not lines or lines[-1].strip() != "end":
        hint = "take show running-config again, with terminal length 0"
        raise SourceError(WHERE, "has no last line 'end': it is cut off", hint)
    found: list[Block] = []
    for line in lines:
        if line[0] != " " or not found:
            found.append(Block(line.strip()))
        elif (inner := line.strip()) != "!":
            found[-1].below.append(inner)
    return found


def below(listed: Sequence[Block], heading: str) -> dict[str, list[str]]:
    """Return name -> lines of the blocks that begin with *heading*; the same name again adds to it."""
    made: dict[str, list[str]] = {}
    for block in listed:
        if block.text.startswith(f"{heading} "):
            made.setdefault(block.text.removeprefix(heading).strip(), []).extend(block.below)
    return made
