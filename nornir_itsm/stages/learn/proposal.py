"""What was learned: lines of a site.yaml, each with its evidence, and what nobody can learn as questions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nornir_itsm.model.change import Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Period

Confidence = Literal["high", "medium", "low"]
ITEM = "-"
"""Last part of a place that is an item of a list."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line to be confirmed. ``at``: keys from the top of site.yaml; ITEM where it is added to a list."""

    at: tuple[str, ...]
    value: Json
    confidence: Confidence
    evidence: tuple[str, ...]
    alternatives: tuple[str, ...] = ()
    """What else is in use: values that fit some of the evidence."""

    @property
    def key(self) -> str:
        """The name by which the line is confirmed: ``pools.BGP[10.70.16.0/22]``."""
        if self.at[-1] == ITEM:
            return f"{'.'.join(self.at[:-1])}[{self.name}]"
        return ".".join(self.at)

    @property
    def name(self) -> str:
        """What tells an item of a list from the others."""
        if isinstance(self.value, dict):
            return "→".join(str(self.value[k]) for k in ("source", "destination") if k in self.value)
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that exports cannot tell; ``hint`` says where the answer may be known."""

    key: str
    text: str
    hint: str = ""


Found = Proposal | Ask


@dataclass(frozen=True, slots=True)
class Words:
    """What order forms say, where there are any: zones, schedules and applicants as people write them."""

    zones: tuple[str, ...] = ()
    schedules: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    organizations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exports:
    """All that is learned from. Points are called by the names that ``facts.points`` has."""

    facts: Facts
    platforms: dict[str, str]
    """Point -> platform."""
    folders: dict[str, str]
    """Point -> its folder in the snapshot."""
    site: str = ""
    unnamed: tuple[str, ...] = ()
    """Points that go by the name of their folder, for want of another."""
    unseen: tuple[str, ...] = ()
    """Devices of which there is no export."""
    words: Words = field(default_factory=Words)


def shown(names: Iterable[str], most: int = 3) -> str:
    """Return some names of many, for an evidence that can be read."""
    listed = list(dict.fromkeys(names))
    more = f" 等 {len(listed)} 个" if len(listed) > most else ""
    return "、".join(listed[:most]) + more
