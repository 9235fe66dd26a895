"""Cells of a row by field, their answers, and the place an issue names."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nornir_itsm.forms.reading import Note, shown
from nornir_itsm.forms.words import zone_key
from nornir_itsm.model.order import Issue

OPEN = ("error", "question")
"""Levels that leave a field empty until a person has answered."""

FIELDS = (
    "source.zone", "source.host", "source.security_group", "source.addresses", "source.ports",
    "public.addresses", "public.ports",
    "destination.zone", "destination.host", "destination.security_group", "destination.addresses",
    "destination.ports", "protocol", "action", "schedule", "valid.from", "valid.until", "purpose",
)  # fmt: skip
PROSE = {"source.host", "destination.host", "purpose"}
"""Fields that are only shown: two rows that differ in these alone ask for the same."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of one row. ``anchor`` is the top-left cell where cells are merged.

    ``answer``: what a person said this cell means. ``settled``: it was confirmed earlier. ``pending``: an
    issue that was raised earlier still stands.
    """

    value: object
    sheet: str
    ref: str
    anchor: str = ""
    answer: str | None = None
    settled: bool = False
    pending: bool = False
    formula: bool = False

    @property
    def read_as(self) -> object:
        """The content that counts."""
        return self.value if self.answer is None else self.answer

    @property
    def confirmed(self) -> bool:
        """True where a person has said that the content is meant."""
        return self.settled or self.answer is not None

    def answered(self, name: str, answers: Mapping[str, str]) -> "Cell":
        """Return the cell with the answer to its key, or to the key of the merged cell it is part of."""
        for ref in (self.ref, self.anchor or self.ref):
            if (answer := answers.get(f"{self.sheet}!{ref}.{name}")) is not None:
                return replace(self, answer=answer, pending=False)
        return self

    def issue(self, name: str, note: Note) -> Issue:
        """Return *note* with its place: a merged cell once; that it was answered, for each row."""
        own = self.answer is not None and note.level not in OPEN
        ref = self.ref if own else self.anchor or self.ref
        key = f"{self.sheet}!{ref}.{name}"
        return Issue(
            note.level, key, self.sheet, ref, shown(self.read_as), note.problem, note.hint, note.proposal
        )


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The site's words: ``zones`` by :func:`zone_key`, and public prefix -> carrier."""

    zones: Mapping[str, str]
    isps: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, zones: Mapping[str, str], isps: Mapping[str, str]) -> "Vocabulary":
        """Return the vocabulary; the canonical names are spellings too."""
        spellings = {zone_key(name): name for name in zones.values()}
        return cls(spellings | {zone_key(text): name for text, name in zones.items()}, isps)

    def kind(self, zone: str) -> str:
        """Return ``internet``, ``cloud`` or ``other`` for a canonical zone."""
        known = {self.zones.get("互联网", "互联网"): "internet", self.zones.get("行业云", "行业云"): "cloud"}
        return known.get(zone, "other")


def field_of(issue: Issue) -> str:
    """Return the field that an issue's key ends in."""
    return issue.key.removeprefix(f"{issue.sheet}!{issue.cell}.")
