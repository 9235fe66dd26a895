"""Weekly periods: days and clock times as consoles write them -> periods within one day.

The same minutes of the week give the same periods, however they were written.
"""

from collections.abc import Iterable, Sequence

from nornir_itsm.model.order import DAYS, Period

MIDNIGHT = 1440
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS: dict[str, tuple[int, ...]] = {
    "daily": tuple(range(7)),
    "weekdays": tuple(range(5)),
    "weekend": (5, 6),
}

Piece = tuple[int, int, int]
"""Day of the week (Monday is 0), first minute, minute after the last."""


def days(words: Iterable[str]) -> tuple[int, ...] | None:
    """Read day names, ``daily``, ``weekdays``, ``weekend``; None where a word is none of these."""
    found: set[int] = set()
    for word in words:
        low = word.lower()
        if low in _SETS:
            found.update(_SETS[low])
        elif low in _LONG or low in DAYS:
            found.add(DAYS.index(low[:3]))
        else:
            return None
    return tuple(sorted(found)) or None


def minute(text: str) -> int | None:
    """Read ``HH:MM`` (``24:00`` too); None for anything else."""
    hours, colon, minutes = text.partition(":")
    if not colon or not all(
        part.isascii() and part.isdigit() and len(part) <= 2 for part in (hours, minutes)
    ):
        return None
    found = int(hours) * 60 + int(minutes)
    return found if int(minutes) < 60 and found <= MIDNIGHT else None


def daily(on: Sequence[int], start: str, end: str) -> tuple[Piece, ...] | None:
    """Return the pieces of *start* to *end* on each day; an end before the start is on the next day.

    None where a time cannot be read or both are the same.
    """
    first, last = minute(start), _end(end)
    if first is None or last is None or first in (last, MIDNIGHT):
        return None
    if first < last:
        return tuple((day, first, last) for day in on)
    return tuple(piece for day in on for piece in _run(day, first, (day + 1) % 7, last))


def span(start_day: int, start: str, end_day: int, end: str) -> tuple[Piece, ...] | None:
    """Return the pieces of one continuous span per week, e.g. Monday 22:00 to Tuesday 06:00."""
    first, last = minute(start), _end(end)
    if first is None or last is None or first == MIDNIGHT:
        return None
    if start_day == end_day:
        return ((start_day, first, last),) if first < last else None
    return _run(start_day, first, end_day, last)


def _run(day: int, first: int, end_day: int, last: int) -> tuple[Piece, ...]:
    pieces = [(day, first, MIDNIGHT)]
    while (day := (day + 1) % 7) != end_day:
        pieces.append((day, 0, MIDNIGHT))
    return (*pieces, (end_day, 0, last)) if last else tuple(pieces)


def _end(text: str) -> int | None:
    """StoneOS cannot write 24:00, so 23:59 means until midnight (assumed: within one minute)."""
    found = minute(text)
    return MIDNIGHT if found == MIDNIGHT - 1 else found


def periods(pieces: Iterable[Piece]) -> tuple[Period, ...]:
    """Return the fewest periods that hold exactly these minutes, in the order of the week."""
    by_span: dict[tuple[int, int], set[int]] = {}
    for day, first, last in _merged(pieces):
        by_span.setdefault((first, last), set()).add(day)
    found = sorted((tuple(sorted(on)), first, last) for (first, last), on in by_span.items())
    return tuple(Period(tuple(DAYS[d] for d in on), _clock(a), _clock(b)) for on, a, b in found)


def normal(listed: Iterable[Period]) -> tuple[Period, ...]:
    """Return the fewest periods with the same minutes as these."""
    found = (daily([DAYS.index(d) for d in p.days], p.start, p.end) or () for p in listed)
    return periods(piece for pieces in found for piece in pieces)


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for day, first, last in sorted(set(pieces)):
        if merged and merged[-1][0] == day and first <= merged[-1][2]:
            merged[-1] = (day, merged[-1][1], max(last, merged[-1][2]))
        else:
            merged.append((day, first, last))
    return merged


def _clock(at: int) -> str:
    return f"{at // 60:02d}:{at % 60:02d}"
