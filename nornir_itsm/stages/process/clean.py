"""What a terminal adds to an answer is taken out: carriage returns, pagers, escapes, echo and prompt."""

import re

_LINES = str.maketrans("", "", "\n\t")
_PAGER = re.compile(
    r"[ \t]*(?:-{2,4} ?More ?-{2,4}|<--- More --->)(?:\s*\((?:\d+%|[^)\n]{0,20})\))?"
    r"(?:\x1b\[[0-9;?]*[A-Za-z]|[\x08\r]| (?= *[\x08\r\x1b]))*"
)
_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NAME = (
    r"(?:HRP_[MS]|RBM_[PS])?"
    r"(?:<[^<>\s]{1,80}>|\[[~*]?[^\[\]\n]{1,120}\]|[\w.:/-]{1,80}(?:\([\w./-]{1,60}\))?[#>$])"
)
_PROMPT = re.compile(_NAME + r"\s*")
_ECHO = re.compile(rf"(?:{_NAME}\s*)?(?P<command>.*)")


def clean(text: str, command: str = "") -> list[str]:
    """Return the lines of an answer; echo and prompt become blank lines, so that numbers stay.

    A pager's mark goes with what was sent to erase it. Other control characters go; tabs become blanks.
    """
    if "More" in text or not text.translate(_LINES).isprintable():
        text = _PAGER.sub("", text)
        text = _ESCAPE.sub("", text)
        text = re.sub(r"\r+\n", "\n", text).replace("\r", "\n")
        text = _CONTROL.sub("", text)
    lines = text.expandtabs(8).split("\n") if "\t" in text else text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return lines
    if command and (said := _ECHO.fullmatch(lines[first].strip())) and said["command"].strip() == command:
        lines[first] = ""
    last = next((n for n in range(len(lines) - 1, first, -1) if lines[n].strip()), None)
    if last is not None and _PROMPT.fullmatch(lines[last].strip()):
        lines[last] = ""
    return lines
