"""What every cell grammar shares: one reading of text, blanks, "not applicable", and notes about a value.

A grammar never raises and never guesses: what it cannot read is left empty and a note says so.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Literal

from nornir_itsm.model.order import Level

TEXT_LIMIT = 500
"""Free text of a form is cut after so many characters."""

ANY = ("any",)

Kind = Literal["blank", "na", "any", "list", "bad", "pending"]

_BLANK = re.compile(r"(选填|必填|请填写|请选择|下拉选择|待填写?|待定)(\(.*\))?[.。]?|例[:：].*", re.DOTALL)
_NA = {"/", "\\", "-", "--", "---", "无", "空", "n/a", "na", "none", "null", "不涉及", "不适用"}
_ANY = {"any", "all", "*", "任意", "所有", "全部", "不限", "0.0.0.0/0", "::/0"}
_BROKEN = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)", re.IGNORECASE)
_SIGNS = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-") | dict.fromkeys("〜∼˜", "~"))


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about a value; the row reader adds the place."""

    level: Level
    problem: str
    hint: str = ""
    proposal: str | None = None


@dataclass(frozen=True, slots=True)
class Reading[T]:
    """A value as a grammar read it; ``kind`` tells an empty cell from ``/`` and from nonsense.

    ``pending``: an issue that was raised earlier (a JSON order) still waits for its answer.
    """

    value: T
    kind: Kind = "list"
    notes: tuple[Note, ...] = ()


def plain(raw: object) -> str:
    """Return a cell as normalised text: NFKC, one kind of dash, no invisible characters, stripped."""
    if raw is None:
        return ""
    if isinstance(raw, str) and raw.isascii() and raw.isprintable():  # most cells
        return raw.strip()
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    if is_date(raw):
        return str(raw)
    try:
        text = str(raw)
    except ValueError:  # an integer too long to print
        return "?"
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C").strip()


def free_text(raw: object) -> str:
    """Return text that is only ever shown: as written, on one line, without control characters."""
    kept = (c for c in ("" if raw is None else str(raw)) if c.isspace() or unicodedata.category(c)[0] != "C")
    text = " ".join("".join(kept).split())[:TEXT_LIMIT].strip()
    return "" if is_blank(plain(text)) or is_na(plain(text)) or is_broken(text) else text


def shown(raw: object) -> str:
    """Return a cell's content as an issue shows it."""
    text = plain(raw)
    return text if len(text) <= 200 else text[:200] + "…"


def shorten(text: str) -> str:
    """Return at most forty characters of *text*, to name it in a message."""
    return text if len(text) <= 40 else text[:40] + "…"


def joined(notes: Sequence[Note], *, proposal: str | None = None) -> Note:
    """Return several notes of one level about one cell as one."""
    problems = list(dict.fromkeys(note.problem for note in notes))
    more = f"；等 {len(problems)} 处" if len(problems) > 5 else ""
    return replace(notes[0], problem="；".join(problems[:5]) + more, proposal=proposal or notes[0].proposal)


def is_date(raw: object) -> bool:
    """Tell whether Excel took the entry for a date or a time."""
    return isinstance(raw, date | time | timedelta)


def is_blank(text: str) -> bool:
    """Tell whether *text* is nothing, or a placeholder nobody touched."""
    return not text or _BLANK.fullmatch(text) is not None


def is_na(text: str) -> bool:
    """Tell whether *text* says "not applicable"."""
    return text.casefold() in _NA


def is_any(text: str) -> bool:
    """Tell whether *text* says "any"."""
    return text.casefold() in _ANY


def is_broken(text: str) -> bool:
    """Tell whether *text* is the result of a formula that failed."""
    return _BROKEN.fullmatch(text) is not None


def unreadable(raw: object) -> Note | None:
    """Return what is wrong with a cell before its grammar looks at it."""
    if is_date(raw):
        return Note("error", "Excel 把这一格当成了日期或时间", "把单元格格式改为文本后重新填写")
    if isinstance(raw, bool):
        return Note("error", "这一格是逻辑值", "重新填写")
    if is_broken(plain(raw)):
        return Note("error", "公式出错，没有值", "直接填写值，不用公式")
    return None


def without_list(raw: object) -> Reading[tuple[str, ...]] | None:
    """Return the reading of a list cell that holds no list: unreadable, empty, ``/`` or any; else None."""
    text = plain(raw)
    if note := unreadable(raw):
        return Reading((), "bad", (note,))
    if is_blank(text):
        return Reading((), "blank")
    if is_na(text):
        return Reading((), "na")
    return Reading(ANY, "any") if is_any(text) else None
