"""What the core asks of the world. Adapters implement these; ``Tools`` bundles them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from nornir_itsm.model.change import Change
from nornir_itsm.model.collected import Collected, Snapshot
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan, Reservation
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.model.turns import Cell, CellState

State = Literal[
    "planned",
    "approved",
    "rejected",
    "held",
    "handed_over",
    "partly",
    "attested",
    "differs",
    "applying",
    "verifying",
    "done",
    "rolled_back",
    "needs_person",
    "withdrawn",
]
"""``partly``: some turns are carried out, others wait; ``attested``: all are, a person's await ``verify``;
``differs``: exports show something else than he attested."""
UNBEGUN: tuple[State, ...] = ("planned", "approved", "rejected", "held", "withdrawn")
"""States in which nothing of a change is on a device, or nobody is at it."""
UNFINISHED: tuple[State, ...] = ("applying", "verifying", "needs_person")
"""States in which a device may be somewhere between its baseline and its target."""
Phase = Literal["push", "undo", "save"]
Decision = Literal[
    "approve", "reject", "hold", "release", "hand-over", "attest", "attest-undone", "window", "emergency"
]
"""What people decide and say; each is a link of the change's chain."""
LinkKind = Literal["split from", "removes"]


@dataclass(frozen=True, slots=True)
class Said:
    """Who decided or said something of a change, and why."""

    user: str
    decision: Decision
    note: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A change and what it came of."""

    change: str
    kind: LinkKind
    other: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One line or call as it went: what was sent, what came back, whether it was accepted.

    ``answer`` is None where the connection was lost before one came: the effect is unknown.
    """

    what: str
    answer: str | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class PushResult:
    """What happened on one device. ``problem`` is empty on success."""

    device: str
    sent: tuple[Sent, ...]
    problem: str = ""


class Reading[T](NamedTuple):
    """What one source says, when it was taken (file or source -> ISO time), what is missing: see Facts."""

    facts: T
    taken: Mapping[str, str]
    gaps: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()


class Console[T](Protocol):
    """A system that tells all it knows in one go: a cloud, an IPAM, or the folder of its exports."""

    def __call__(self) -> Reading[T]:
        """Ask. Raises SourceError where the answer is not whole."""
        ...


class Knowledge(Protocol):
    """Where facts come from: live devices and consoles, or a snapshot directory."""

    def facts(self, points: Iterable[str]) -> Facts:
        """Return what is known of these points, of the cloud and of the IPAM. Raises SourceError."""
        ...


class Fleet(Protocol):
    """The devices, asked and written to in threads."""

    def read(self, points: Iterable[str]) -> Mapping[str, PointFacts]:
        """Collect and parse these points in parallel, each in a session of its own.

        Raises SourceError that names every point that could not be read, and why.
        """
        ...

    def texts(self, points: Iterable[str]) -> Mapping[str, str]:
        """Return the configuration text that the last ``read`` of each point gave; none for a REST device."""
        ...

    def preflight(self, points: Iterable[str]) -> Mapping[str, str]:
        """Return point -> why it must not be written to now (empty mapping: all are ready)."""
        ...

    def push(self, change: Change, before: Callable[[str], None]) -> PushResult:
        """Send *change* in order and stop at the first thing that was not expected.

        *before* is called with each line or call before it is sent (the journal's intention).
        Never raises what the device said away: it is in the result.
        """
        ...

    def save(self, point: str) -> PushResult:
        """Make the running configuration survive a restart, where the platform needs that."""
        ...

    def probe(self, host: str, targets: Sequence[Target]) -> Mapping[Target, Echo]:
        """Let a probing host try TCP connections; return what each met. Raises SourceError."""
        ...


class TicketDesk(Protocol):
    """An ITSM system."""

    def open(self, key: str, fields: Mapping[str, str]) -> str:
        """Register a change and return the ticket's number; the same *key* never opens a second one."""
        ...

    def update(self, number: str, state: str, fields: Mapping[str, str]) -> None:
        """Set the state and fields of a ticket, and read them back. Raises ChangeError."""
        ...

    def attach(self, number: str, name: str, content: bytes) -> str:
        """Attach a file whole and return where it can be found."""
        ...

    def read(self, number: str) -> Mapping[str, str]:
        """Return the fields of a ticket, its state under ``state``."""
        ...


class StoredChange(Protocol):
    """A change as the store has it now."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> State: ...  # noqa: D102
    @property
    def order(self) -> Order: ...  # noqa: D102
    @property
    def plan(self) -> Plan: ...  # noqa: D102
    @property
    def author(self) -> str: ...  # noqa: D102
    @property
    def ticket(self) -> str: ...  # noqa: D102


class Summary(Protocol):
    """A change in a list, without its order and plan."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> State: ...  # noqa: D102
    @property
    def updated(self) -> str: ...  # noqa: D102
    @property
    def valid_until(self) -> str: ...  # noqa: D102


class Step(Protocol):
    """One line or call of the journal."""

    @property
    def device(self) -> str: ...  # noqa: D102
    @property
    def phase(self) -> str: ...  # noqa: D102
    @property
    def what(self) -> str: ...  # noqa: D102
    @property
    def accepted(self) -> bool | None: ...  # noqa: D102
    @property
    def answer(self) -> str | None: ...  # noqa: D102


class Record(Protocol):
    """One link of a change's chain: who decided or said what."""

    @property
    def user(self) -> str: ...  # noqa: D102
    @property
    def decision(self) -> Decision: ...  # noqa: D102
    @property
    def note(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> str: ...  # noqa: D102
    @property
    def fingerprint(self) -> str: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102


class Kept(Protocol):
    """A document kept with a change."""

    @property
    def at(self) -> str: ...  # noqa: D102

    @property
    def content(self) -> bytes: ...  # noqa: D102


class Changes(Protocol):
    """The store: changes, approvals, the journal, evidence and locks. Every write is one transaction."""

    def change(self, id: str, /) -> StoredChange:
        """Return a change. Raises ChangeError where there is none."""
        ...

    def reservations(self, without: str = "", /) -> Sequence[Reservation]:
        """Return the numbers and names that changes have taken and not given back; *without* those of one."""
        ...

    def verify_chain(self, id: str, head: str = "", /) -> Sequence[Record]:
        """Return what people decided, after checking that nobody altered it. Raises Refused.

        *head* is the digest that the ticket holds: with it a missing last link is noticed too.
        """
        ...

    def approve(
        self, id: str, user: str, fingerprint: str, note: str, accept_excess: bool, now: str, /
    ) -> Record:
        """Keep an approval; with the last that the site asks for the change is approved. Raises Refused."""
        ...

    def said(self, decision: Decision, /) -> Sequence[str]:
        """Return the changes of which somebody ever said this."""
        ...

    def approval_for(self, id: str, fingerprint: str, /) -> object | None:
        """Return the approval of exactly this fingerprint, or None."""
        ...

    def set_ticket(self, id: str, ticket: str, now: str, /) -> None:
        """Keep the number that the desk gave."""
        ...

    def set_state(self, id: str, state: State, now: str, note: str = "", /) -> None:
        """Go to another state. Raises Refused where that does not follow."""
        ...

    def advance(
        self,
        id: str,
        state: State,
        now: str,
        *,
        cells: Iterable[Cell] = (),
        said: Said | None = None,
        note: str = "",
    ) -> str:
        """Keep turns, what somebody said, and the state that follows and why, all at once.

        Returns the head of the chain. Raises Refused where that state does not follow.
        """
        ...

    def turns(self, id: str, /) -> Mapping[int, CellState]:
        """Return the state of every turn that was kept."""
        ...

    def before_hold(self, id: str, /) -> State:
        """Return the state in which a change was held."""
        ...

    def new_change(self, order: Order, plan: Plan, author: str, now: str, link: Link | None = None, /) -> str:
        """Keep a planned change, and what it came of, and return its number."""
        ...

    def replace_order(self, id: str, order: Order, plan: Plan, now: str, note: str, /) -> None:
        """Put another order and its plan in the place of those before; approvals are void with them."""
        ...

    def split(self, id: str, stays: tuple[Order, Plan], goes: tuple[Order, Plan], now: str, /) -> str:
        """Leave a part of a change and make the rest one of its own, both or nothing; return its number."""
        ...

    def answers(self, id: str, /) -> Mapping[str, str]:
        """Return every answer that was ever given for a change, the latest of each key."""
        ...

    def links(self, id: str = "", /) -> Sequence[Link]:
        """Return what changes came of; those in which *id* has a part where it is given."""
        ...

    def list(self, state: State | None = None, /) -> Sequence[Summary]:
        """Return all changes, or those in a state, oldest first."""
        ...

    def since(self, id: str, /) -> Sequence[str]:
        """Return the changes that came into their present state since *id* was first begun."""
        ...

    def keep_baseline(self, id: str, facts: Facts, now: str, /) -> None:
        """Keep what the devices held before a change was begun; the last one counts."""
        ...

    def baseline(self, id: str, /) -> Facts | None:
        """Return it, or None where none was kept."""
        ...

    def intend(self, id: str, device: str, phase: Phase, what: str, now: str, /) -> int:
        """Keep, durably, that a line or call is about to be sent.

        Raises Refused where another process has taken the change over: nothing may be sent then.
        """
        ...

    def outcome(self, step: int, accepted: bool | None, answer: str | None, now: str, /) -> None:
        """Keep what came of it."""
        ...

    def steps(self, id: str, /) -> Sequence[Step]:
        """Return every line and call of a change, in the order in which they were intended."""
        ...

    def lock(self, devices: Iterable[str], id: str, now: str, /) -> None:
        """Lock all of these devices or none. Raises Locked that names the holder."""
        ...

    def unlock(self, id: str, /) -> None:
        """Let go of every device of a change."""
        ...

    def keep_evidence(self, id: str, name: str, content: bytes, now: str, /) -> None:
        """Keep a document with the change."""
        ...

    def evidence(self, id: str, name: str = "", /) -> Sequence[Kept]:
        """Return the documents of that name (or all), the newest last."""
        ...


class Snapshots(Protocol):
    """Where collections are kept: a snapshot per run, a transaction per ``keep``."""

    def begin(self, source: str, now: str, /) -> int:
        """Open a snapshot and return its number. *source*: what asked, e.g. the command line."""
        ...

    def keep(self, snapshot: int, collected: Iterable[Collected], /) -> None:
        """Keep what these hosts gave, durably and all together: after it returns it survives the process.

        A host that is kept again replaces what was there. Raises ChangeError.
        """
        ...

    def finish(self, snapshot: int, now: str, /) -> Snapshot:
        """Close a snapshot and return what it holds."""
        ...


class Clock(Protocol):
    """The time, so that tests have their own."""

    def now(self) -> str:
        """Return the time as ISO 8601 with zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let this much time pass."""
        ...
