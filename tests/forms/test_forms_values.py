"""Cell values, valid and invalid, with what each grammar makes of them: ``cell_values.csv``.

Columns: *grammar*; *cell* with ``\\n``, ``\\t`` and ``\\uXXXX`` as in JSON; *type* of the cell (``text``
where Excel holds text); *read as*: the values, ``blank``, ``na``, ``any`` or ``bad``, behind ``!`` the
levels of what is said of it. ``?`` is a question, with its proposal; for a word, that it is not understood.
"""

import csv
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

import pytest

from nornir_itsm.forms.addresses import read_addresses
from nornir_itsm.forms.ports import read_ports
from nornir_itsm.forms.reading import TEXT_LIMIT, Reading, free_text
from nornir_itsm.forms.schedules import read_schedule
from nornir_itsm.forms.words import read_action, read_date, read_protocol, read_validity, read_zone
from nornir_itsm.model.order import Schedule
from tests.forms.rows import ZONES

with (Path(__file__).parent / "cell_values.csv").open(encoding="utf-8", newline="") as stream:
    VALUES = [(row["grammar"], row["cell"], row["type"], row["read as"]) for row in csv.DictReader(stream)]

TYPES: Mapping[str, Callable[[str], object]] = {
    "text": lambda text: json.loads('"' + text.replace('"', '\\"') + '"'),
    "empty": lambda _: None,
    "int": int,
    "float": float,
    "bool": lambda text: text == "true",
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
}


def _list(reading: Reading[tuple[str, ...]]) -> str:
    text = " ".join(reading.value) if reading.kind == "list" else reading.kind
    levels = sorted({note.level for note in reading.notes})
    return f"{text} !{','.join(levels)}" if levels else text


def _schedule(reading: Reading[Schedule | None]) -> str:
    if reading.value is None:
        proposals = " ".join(note.proposal or "" for note in reading.notes)
        return f"? {proposals}".strip() if reading.kind == "bad" else reading.kind
    periods = (f"{p.days[0]}-{p.days[-1]} {p.start}-{p.end}" for p in reading.value.periods)
    return ", ".join(periods) or "always"


def _word(reading: Reading[str] | Reading[str | None]) -> str:
    return "?" if any(note.level in ("error", "question") for note in reading.notes) else reading.value or ""


def _validity(raw: object) -> str:
    reading = read_validity(raw)
    first, last = reading.value or (None, None)
    return "?" if reading.kind == "bad" else f"{first or ''}..{last or ''}"


GRAMMARS: Mapping[str, Callable[[object], str]] = {
    "address": lambda raw: _list(read_addresses(raw)),
    "port": lambda raw: _list(read_ports(raw)),
    "schedule": lambda raw: _schedule(read_schedule(raw)),
    "protocol": lambda raw: _word(read_protocol(raw)),  # type: ignore[arg-type]
    "action": lambda raw: _word(read_action(raw)),  # type: ignore[arg-type]
    "zone": lambda raw: _word(read_zone(raw, ZONES)),
    "date": lambda raw: _word(read_date(raw)),
    "validity": _validity,
}


@pytest.mark.parametrize(("grammar", "cell", "kind", "told"), VALUES, ids=lambda text: text[:24])
def test_a_cell_value(grammar: str, cell: str, kind: str, told: str) -> None:
    """A cell reads as the table says, with notes of just these levels."""
    assert GRAMMARS[grammar](TYPES[kind](cell)) == told


def test_the_table_is_large() -> None:
    """Every grammar has values that it reads and values that it refuses."""
    assert len(VALUES) >= 120
    for grammar in GRAMMARS:
        told = [row[3] for row in VALUES if row[0] == grammar]
        refused = [text for text in told if text.startswith(("bad", "?"))]
        assert 0 < len(refused) < len(told), grammar


EXTREMES = [
    (read_addresses, "a" * 300 + ".com"),
    (read_addresses, "10.0.0.1 " * 1001),
    (read_addresses, "x" * 30_000),
    (read_addresses, "1.1.1.1/" * 4000),
    (read_ports, "1" * 5000),
    (read_ports, "9" * 30_000),
    (read_ports, 10**40),
    (read_ports, 10**5000),
    (read_schedule, "x" * 40_000),
    (read_schedule, "工作日" * 10_000),
    (read_validity, "至" * 30_000),
]


@pytest.mark.parametrize(("grammar", "cell"), EXTREMES, ids=range(len(EXTREMES)))
def test_a_hostile_cell_is_refused_in_few_words(
    grammar: Callable[[object], Reading[object]], cell: object
) -> None:
    """However long a cell, it is refused, and what is said of it is short."""
    reading = grammar(cell)
    assert reading.kind == "bad"
    assert all(len(note.problem) < TEXT_LIMIT for note in reading.notes)


def test_a_weekend_past_midnight_ends_on_monday() -> None:
    """The day after Sunday is Monday, and the day after Saturday is Sunday."""
    schedule = read_schedule("周末-早8次3").value
    assert schedule is not None
    assert schedule.periods[1].days == ("mon", "sun")


def test_a_proposal_for_a_part_of_a_cell_keeps_the_rest() -> None:
    """Confirming the proposal reads the whole cell, not only the part that was odd."""
    (note,) = read_addresses("10.0.0.1\nhttps://update.example.com/x").notes
    assert note.proposal is not None
    assert read_addresses(note.proposal).value == ("10.0.0.1/32", "update.example.com")


@pytest.mark.parametrize(("grammar", "cell", "kind"), [row[:3] for row in VALUES], ids=lambda text: text[:24])
def test_a_refusal_says_what_to_do(grammar: str, cell: str, kind: str) -> None:
    """Whatever is refused or asked has a problem, a hint, and a proposal only if that is readable."""
    readers: Mapping[str, Callable[[object], Reading[object]]] = {
        "address": read_addresses, "port": read_ports, "schedule": read_schedule, "protocol": read_protocol,
        "action": read_action, "date": read_date, "validity": read_validity,
        "zone": lambda raw: read_zone(raw, ZONES),
    }  # fmt: skip
    for note in readers[grammar](TYPES[kind](cell)).notes:
        assert note.problem
        if note.level in ("error", "question"):
            assert note.hint
        if note.proposal is not None:
            assert readers[grammar](note.proposal).kind != "bad"


def test_free_text_is_stable() -> None:
    """Cleaning text twice changes nothing more."""
    for text in ("a \u200b b", "\x00x\x1f y", "选填\u200b", "长 " * 600, "\u202eabc", "/"):
        once = free_text(text)
        assert free_text(once) == once
        assert len(once) <= TEXT_LIMIT
