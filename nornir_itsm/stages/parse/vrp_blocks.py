"""The text of ``display current-configuration`` of a Huawei USG -> its lines as a tree, one virtual system's.

Layout (public sample configurations, V500R001 to R005): parts of a configuration stand between lines ``#``,
what is set within a view is indented below it, a part as a whole may be indented by one. The root's
configuration ends with ``return``; that of each virtual system follows, from ``switch vsys NAME`` to a
``return`` of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nornir_itsm.errors import SourceError

WHERE = "display current-configuration"
_AGAIN = "take it again, with screen-length 0 temporary and to the end"
_PAGER = re.compile(r" *---- More ----(?:\x1b\[\d*D *\x1b\[\d*D|\x08+ *\x08*|\r *\r)?")
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_PROMPT = re.compile(r"(?:HRP_[MS])?[<\[][^<>\[\]]+[>\]].*")
_SWITCH = re.compile(r"switch vsys (?P<name>\"[^\"]+\"|\S+)")
_WORD = re.compile(r'"([^"]*)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its indentation, and the lines below it."""

    text: str
    below: list["Line"] = field(default_factory=list)

    def flat(self) -> Iterator[str]:
        """Yield this line and all below it."""
        yield self.text
        for line in self.below:
            yield from line.flat()


def lines_of(text: str, vsys: str = "") -> tuple[Line, ...]:
    """Return the configuration of one virtual system, or of the root.

    Raises SourceError where the text was cut off or has no such system.
    """
    systems = _systems(text)
    if vsys not in systems:
        known = ", ".join(name for name in systems if name) or "none"
        raise SourceError(
            WHERE, f"there is no virtual system {vsys!r} in it (there are: {known})", "take it from the root"
        )
    declared = (re.fullmatch(r"vsys name (\S+)(?: \d+)?", one.text) for one in systems[""])
    missing = [found[1].strip('"') for found in declared if found and found[1].strip('"') not in systems]
    if missing and len(systems) > 1:
        raise SourceError(WHERE, f"it was cut off: virtual system {missing[0]!r} is missing", _AGAIN)
    return systems[vsys]


def words(text: str) -> tuple[str, ...]:
    """Return the words of a line; what is quoted is one word."""
    return tuple(quoted or bare for quoted, bare in _WORD.findall(text))


def _systems(text: str) -> dict[str, tuple[Line, ...]]:
    tidy = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\t", " ")
    tidy = _CONTROL.sub("", _PAGER.sub("", tidy))
    found: dict[str, tuple[Line, ...]] = {}
    part: list[str] = []
    for line in tidy.split("\n"):
        if line.rstrip() != "return":
            part.append(line.rstrip())
            continue
        name, listed = _named(part)
        if name in found or (found and not name):
            raise SourceError(WHERE, f"virtual system {name!r} is there twice", "take it again")
        found[name], part = tuple(_tree(listed)), []
    left = [line for line in part if line not in ("", "#") and not _PROMPT.fullmatch(line)]
    if left or "" not in found:
        raise SourceError(WHERE, "the configuration was cut off: its last line return is missing", _AGAIN)
    return found


def _named(part: list[str]) -> tuple[str, list[str]]:
    """Return the virtual system whose part of the text this is, and its lines."""
    for at, line in enumerate(part):
        if found := _SWITCH.fullmatch(line.strip()):
            before = [one for one in part[:at] if one not in ("", "#") and not _PROMPT.fullmatch(one)]
            if before:
                break  # within the lines of another system, whose own end is missing
            return found["name"].strip('"'), part[at + 1 :]
    else:
        return "", part
    raise SourceError(WHERE, "the configuration was cut off before a line switch vsys", _AGAIN)


def _tree(listed: list[str]) -> Iterator[Line]:
    above: list[tuple[int, Line]] = []
    for raw in listed:
        text = raw.strip()
        if text == "#":
            above = []
            continue
        if not text or text[0] == "!" or _PROMPT.fullmatch(raw):
            continue
        indent = len(raw) - len(raw.lstrip())
        while above and above[-1][0] >= indent:
            above.pop()
        line = Line(text)
        if above:
            above[-1][1].below.append(line)
        else:
            yield line
        above.append((indent, line))
