"""A program run over an answer: records, what the answer says of itself, and what nobody took."""

from dataclasses import dataclass, field

from nornir_itsm.model.collected import Anomaly, Line
from nornir_itsm.stages.process.program import CONTEXT, ROWS, TOTAL_ROWS, WITHIN, Program, Taken

LONGEST = 2000
"""Letters of a line that is read; a longer one is unread: no device prints one, and expressions take long."""

type Fields = dict[str, str | list[str]]


@dataclass(slots=True)
class Record:
    """One row, or part of one, as it was found. ``doubts``: why it must not be trusted.

    ``numbers``: of its lines, from 1.
    """

    group: str
    fields: Fields
    numbers: list[int]
    above: "Record | None" = None
    """The record of group ``rows`` before it."""
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Found:
    """All that a program found in an answer. ``last``: what kind of group took the last line."""

    lines: list[str]
    records: list[Record] = field(default_factory=list)
    unread: list[Line] = field(default_factory=list)
    doubts: list[Anomaly] = field(default_factory=list)
    total: int | None = None
    seen: set[str] = field(default_factory=set)
    last: str = ""

    def named(self, numbers: list[int]) -> tuple[Line, ...]:
        """Return these lines with their numbers."""
        return tuple(Line(number, self.lines[number - 1]) for number in numbers)


@dataclass(slots=True)
class _Run:
    """Where a run stands: the row that is open, the last of group ``rows``, what holds for all."""

    program: Program
    found: Found
    context: dict[str, Fields]
    row: Record | None = None
    above: Record | None = None

    def start(self, taken: Taken, fields: Fields, number: int) -> None:
        """Open a row; it stands in the context that holds here."""
        self.row = row = Record(taken.group, fields, [number], self.above)
        self.found.records.append(row)
        for name, held in self.context.items():
            if not held and name.startswith(WITHIN):
                row.doubts.append(f"it stands outside of any part of {self.program.table or 'the answer'}")
            elif taken.group == ROWS:
                row.fields = {**held, **row.fields}
        if taken.group == ROWS:
            self.above = row

    def add(self, taken: Taken, fields: Fields, number: int) -> None:
        """Complete the open row; a second value of a field means that the line between is missing."""
        assert self.row is not None  # a place without an open row has no such line
        self.row.numbers.append(number)
        self.row.doubts += _added(self.row.fields, fields)
        if taken.action == "close":
            self.row = None

    def mark(self, taken: Taken, fields: Fields, number: int) -> None:
        """Take a line that is no part of a row."""
        self.found.seen.add(taken.mark)
        if (count := fields.pop(TOTAL_ROWS, None)) is not None:
            self.found.total = (self.found.total or 0) + int(str(count))
        if taken.mark in (CONTEXT, WITHIN):
            self.row = None
            held = self.context[taken.group]
            if taken.action != "add":
                inner = self.program.contexts[self.program.contexts.index(taken.group) :]
                for name in inner:
                    self.context[name] = {}
                self.context[taken.group] = fields
            elif doubts := _added(held, fields):
                self.found.doubts.append(
                    Anomaly(f"the part before is not closed: {doubts[0]}", self.found.named([number]))
                )


def run(program: Program, lines: list[str]) -> Found:
    """Match each non-blank line once. A line that belongs to no open row is unread."""
    found = Found(lines)
    at = _Run(program, found, {name: {} for name in program.contexts})
    places = program.places
    number = 0
    for text in lines:
        number += 1
        said = text.rstrip()
        if not said:
            continue
        place = places[at.row.group if at.row else ""]
        match = place.expression.fullmatch(said) if len(said) <= LONGEST else None
        if match is None:
            found.unread.append(Line(number, text))
            found.last = ""
            continue
        taken = place.taken[match.lastgroup or ""]
        found.last = taken.mark or taken.group
        values = match.groups()
        fields: Fields = {}
        for name, index, many in taken.fields:
            value = values[index]
            if value is not None:
                fields[name] = [value] if many else value
        if taken.constants:
            fields.update(taken.constants)
        if taken.mark:
            at.mark(taken, fields, number)
        elif taken.action == "start":
            at.start(taken, fields, number)
        else:
            at.add(taken, fields, number)
    return found


def _added(held: Fields, more: Fields) -> list[str]:
    """Put *more* into *held* and say which fields were there already and gather nothing."""
    doubts: list[str] = []
    for name, value in more.items():
        before = held.get(name)
        if before is None:
            held[name] = value
        elif isinstance(before, list) and isinstance(value, list):
            held[name] = [*before, *value]
        else:
            doubts.append(f"{name} is said twice: {before}, {value}")
    return doubts
