"""What a change document is made of; every text in it is already in the reader's language."""

from dataclasses import dataclass
from typing import Literal

from nornir_itsm.model.policy import RiskLevel


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object with its value; ``was``: what it is before, where it is changed."""

    label: str
    value: str
    was: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One object that is made, changed or removed: what, where in the GUI, and its fields."""

    title: str
    name: str
    menu: str
    fields: tuple[Field, ...]
    summary: str
    """The fields but the name on one line."""


@dataclass(frozen=True, slots=True)
class Section:
    """One turn of one device. ``lines``: it is configured by pasted lines, else in its GUI by ``steps``."""

    number: int
    device: str
    address: str
    """Where a person logs in; empty where nobody says."""
    role: str
    platform: str
    why: str
    """Why a person carries this out; empty where the tool may."""
    note: str
    """What he must know before the first step, e.g. that the device was not collected."""
    reuse: tuple[str, ...]
    checks: tuple[str, ...]
    steps: tuple[Step, ...]
    lines: tuple[str, ...]
    saving: str
    verification: tuple[str, ...]
    undo_note: str
    undo_steps: tuple[Step, ...]
    undo_lines: tuple[str, ...]

    @property
    def idle(self) -> bool:
        """True where nothing is changed."""
        return not (self.lines or self.steps)


Mark = Literal["end", "changed", "same"]


@dataclass(frozen=True, slots=True)
class Station:
    """One box of the picture: an end of the flow, or a point with the flow as it sees it."""

    name: str
    detail: str
    lines: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Picture:
    """The path of one demand, and what newly passes or stops on it."""

    key: str
    title: str
    stations: tuple[Station, ...]
    opens: tuple[str, ...]
    closes: tuple[str, ...]
    words: tuple[str, str]
    """What opening and closing are called."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One demand: what was asked, what came of it, and the proof in words."""

    id: str
    title: str
    verdict: str
    fields: tuple[Field, ...]
    evidence: tuple[str, ...]
    picture: Picture | None
    proved: str
    """``exact`` in words; empty where nothing was proved."""
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    counterexample: str


@dataclass(frozen=True, slots=True)
class Risk:
    """How careful one has to be, and why."""

    level: RiskLevel
    word: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A change document before it is said."""

    title: str
    reason: str
    """Who asks for what, in one sentence."""
    remarks: str
    basics: tuple[Field, ...]
    asked: tuple[Asked, ...]
    affected: tuple[Field, ...]
    """Device, and what happens on it."""
    service_affecting: bool
    risk: Risk
    sections: tuple[Section, ...]
    order: str
    """The way back through the devices, in words."""
    whole: tuple[tuple[str, tuple[str, ...]], ...]
    """What is to be said of the order as a whole, part by part."""
    proved: tuple[str, ...]
    assumed: tuple[str, ...]
    unknown: tuple[str, ...]
    checks: tuple[str, ...]
    questions: tuple[Field, ...]
    findings: tuple[str, ...]
    taken: str

    @property
    def pictures(self) -> dict[str, Picture]:
        """Return the pictures by their key."""
        return {one.picture.key: one.picture for one in self.asked if one.picture}
