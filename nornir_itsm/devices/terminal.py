"""What a terminal would show of the characters that a device sends."""

import re

from nornir_itsm.platforms.platform import NEVER

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[@-~]|[()][A-Z0-9]|[=>78MDEHc])")
_LEFT = re.compile(r"\x1b\[([0-9]{0,4})D")
_WIDEST = 512
_MOVES = re.compile(r"[\r\b]")
_DROPPED = re.compile(r"[\x00-\x07\x0b-\x0c\x0e-\x1f\x7f]")


def as_seen(text: str) -> str:
    """Return *text* as lines on a screen: backspaces and carriage returns obeyed, escapes dropped.

    Pagers wipe their question with backspaces and blanks; the line's own indentation must survive that.
    """
    obeyed = _LEFT.sub(lambda left: "\b" * min(int(left[1] or 1), _WIDEST), text)
    visible = _DROPPED.sub("", _ESCAPE.sub("", obeyed))
    return "\n".join(_line(line) for line in visible.split("\n"))


def _line(line: str) -> str:
    line = line.rstrip("\r")
    return _moved(line) if _MOVES.search(line) else line


def _moved(line: str) -> str:
    shown: list[str] = []
    at = 0
    for character in line:
        if character == "\r":
            at = 0
        elif character == "\b":
            at = max(0, at - 1)
        else:
            shown[at : at + 1] = [character]
            at += 1
    return "".join(shown)


def undisturbed(seen: str, noise: re.Pattern[str], prompt: re.Pattern[str]) -> str:
    """Return what is seen without the lines of *noise*, and without a prompt that was repeated after one."""
    lines = [] if noise is NEVER else seen.split("\n")
    if not any(map(noise.fullmatch, lines)):
        return seen
    kept, after = list[str](), False
    for line in lines:
        if noise.fullmatch(line):
            after = True
            continue
        again = prompt.match(line) if after else None
        if again and kept and kept[-1] == again[0]:
            kept.pop()  # the prompt that the message was put behind
        kept.append(line[again.end() :] if again and again.end() < len(line) else line)
        after = False
    if kept and kept[-1] == "" and len(lines) > 1 and noise.fullmatch(lines[-2]):
        kept.pop()  # what was on the screen before, a prompt perhaps, is at its end again
    return "\n".join(kept)


def after_echo(text: str, typed: str) -> str | None:
    """Return what follows the echo of *typed* in *text*, None where the device echoed something else.

    Blanks and line ends are not compared: a terminal wraps a long line wherever it likes.
    """
    wanted = "".join(typed.split())
    at = 0
    for character in wanted:
        while at < len(text) and text[at].isspace():
            at += 1
        if at >= len(text) or text[at] != character:
            return None
        at += 1
    return text[at:].removeprefix("\n")
