"""What the store gives back, and which state may follow which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.ports import Decision, Phase, State

_ENDED: tuple[State, ...] = ("done", "rolled_back", "partly", "attested", "differs")
"""What a run of the tool, or a person's work, may end in."""

NEXT: Mapping[State, tuple[State, ...]] = {
    "planned": ("approved", "rejected", "held", "withdrawn"),
    "approved": ("planned", "rejected", "held", "applying", "handed_over", "withdrawn"),
    "rejected": ("planned", "withdrawn"),
    "held": ("planned", "approved", "partly", "withdrawn"),
    "handed_over": ("approved", "planned", *_ENDED),
    "partly": ("applying", "handed_over", "held", "needs_person", *_ENDED),
    "attested": ("needs_person", *_ENDED),
    "differs": ("needs_person", *_ENDED),
    "applying": ("approved", "verifying", "needs_person", *_ENDED),
    "verifying": ("needs_person", *_ENDED),
    "needs_person": ("applying", "verifying", *_ENDED),
    "done": ("rolled_back", "needs_person", "partly", "attested", "differs"),
    "rolled_back": (),
    "withdrawn": (),
}
"""From applying back to approved only while nothing was sent; done can still be rolled back. A change of
which a part was carried out is not withdrawn: it is led on or back. In an emergency work begins
from planned too."""


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A change as it is now. ``ticket`` is empty until the desk gave a number."""

    id: str
    state: State
    order: Order
    plan: Plan
    author: str
    ticket: str
    created: str
    updated: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A change in a list, without its order and plan."""

    id: str
    state: State
    title: str
    organization: str
    system: str
    kind: str
    fingerprint: str
    author: str
    ticket: str
    created: str
    updated: str
    valid_until: str = ""
    """The first last day of what its order adds."""


@dataclass(frozen=True, slots=True)
class Approval:
    """One link of a change's chain. ``digest`` is the head of the chain where it is the last link."""

    change: str
    seq: int
    user: str
    author: str
    fingerprint: str
    note: str
    accept_excess: bool
    at: str
    previous: str
    digest: str
    decision: Decision = "approve"


@dataclass(frozen=True, slots=True)
class Step:
    """One line or call: the intention, and the outcome where there is one.

    ``accepted`` is None while nothing is known; ``outcome_at`` tells whether an answer was awaited in vain.
    """

    id: int
    change: str
    device: str
    seq: int
    phase: Phase
    what: str
    intended_at: str
    outcome_at: str | None
    accepted: bool | None
    answer: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of evidence, whole."""

    name: str
    content: bytes
    at: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Move:
    """A state a change came into."""

    state: State
    at: str
    note: str


@dataclass(frozen=True, slots=True)
class Lock:
    """A device that one change may write to."""

    device: str
    change: str
    since: str
    process: str = ""
    """``HOST NUMBER``"""
    renewed: str = ""
    """When that process was last heard of."""


def before_hold(history: Sequence[Move]) -> State:
    """Return the state in which a change was held; ``planned`` where it never was."""
    states = [move.state for move in history]
    held = len(states) - 1 - states[::-1].index("held") if "held" in states else 0
    return states[held - 1] if held else "planned"
