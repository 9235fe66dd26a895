"""All changes of an order with their proof, and the fingerprint an approval is bound to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nornir_itsm.model.change import Change, Json

YES = ("是", "yes", "y", "确认", "true")
NO = ("否", "no", "n", "false")
"""What a person may answer where a question wants no more; blanks and case do not count."""

Verdict = Literal["change", "covered", "partial", "blocked", "manual", "unsupported"]


@dataclass(frozen=True, slots=True)
class Question:
    """Something a person must say before the plan can go on. ``key`` is ``<demand>.<field>``."""

    key: str
    text: str
    proposal: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathNode:
    """A flow as one enforcement point sees it, in words."""

    point: str
    role: str
    source: str
    destination: str
    service: str


@dataclass(frozen=True, slots=True)
class DemandVerdict:
    """What came of one demand."""

    id: str
    rows: tuple[str, ...]
    action: str
    scenario: str
    verdict: Verdict
    path: tuple[PathNode, ...] = ()
    evidence: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a proof covers, what it takes for granted, and what nobody knows."""

    proved: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """What newly passes and what newly stops for one demand, each as flows in words.

    ``already``: was as asked before. ``excess``: newly passes, not asked for; ``allowed``: the
    part of it that the site lets rules open, for the approver to accept. ``wrongly_closed``: stops,
    though nobody asked. ``shortfall``: asked for, still is not so; the part of it held by rules that the
    site protects stands in ``protected`` too. ``residue``: one point lets through or translates more than
    asked, which the others on the path keep closed. ``treatment``: passes before and after, but
    translated differently.
    """

    demand: str
    exact: bool
    action: str = "add"
    already: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    excess: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    wrongly_closed: tuple[str, ...] = ()
    shortfall: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    residue: tuple[str, ...] = ()
    treatment: tuple[str, ...] = ()
    undecidable: tuple[str, ...] = ()
    counterexample: str | None = None
    scope: Scope = Scope()

    @property
    def beyond(self) -> tuple[str, ...]:
        """The excess that nobody can accept."""
        return tuple(text for text in self.excess if text not in self.allowed)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the site that somebody should look at, though the order does not need it."""

    point: str
    object: str
    problem: str


@dataclass(frozen=True, slots=True)
class Reservation:
    """A number or name that a plan takes, and for whom; no other open change takes it for somebody else."""

    kind: str
    """``VLAN`` or ``name``."""
    value: str
    owner: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is going to be done for one order."""

    order_file: str
    organization: str
    system: str
    title: str
    kind: str
    fingerprint: str
    demands: tuple[DemandVerdict, ...]
    changes: tuple[Change, ...]
    proofs: tuple[Proof, ...]
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()
    checks: tuple[str, ...] = ()
    """What a person should try afterwards."""
    service_affecting: bool = False
    reserved: tuple[Reservation, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    avoided: Mapping[str, str] = field(default_factory=dict)
    """The names that were others' when it was made: it stays clear of them whenever it is made again."""
    canonical: Mapping[str, Json] = field(default_factory=dict)
    """What the fingerprint is made of; kept so that drift can be shown and not only noticed."""

    @property
    def to_do(self) -> tuple[Change, ...]:
        """The changes that send something, in execution order."""
        return tuple(change for change in self.changes if not change.empty)
