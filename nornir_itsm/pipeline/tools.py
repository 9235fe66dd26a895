"""Everything that the life of an order needs of the world, bundled."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from nornir_itsm.model.change import Json
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Site
from nornir_itsm.ports import Changes, Clock, Fleet, Knowledge, TicketDesk
from nornir_itsm.runbook import Runbook
from nornir_itsm.stages.render import Templates

End = Literal["done", "rolled_back"]
"""The states in which a run can end well."""

PLANNED_FROM = "snapshot.path"
"""The evidence that names the snapshot directory a plan was made from."""


class Tools(Protocol):
    """What the app gives the life of an order; each part is opened when it is first used."""

    @property
    def site(self) -> Site: ...  # noqa: D102
    @property
    def runbooks(self) -> Mapping[str, Runbook]: ...  # noqa: D102
    @property
    def templates(self) -> Templates: ...  # noqa: D102
    @property
    def knowledge(self) -> Knowledge: ...  # noqa: D102
    @property
    def fleet(self) -> Fleet: ...  # noqa: D102
    @property
    def changes(self) -> Changes: ...  # noqa: D102
    @property
    def desk(self) -> TicketDesk: ...  # noqa: D102
    @property
    def clock(self) -> Clock: ...  # noqa: D102

    def document(self, order: Order, plan: Plan, /) -> str:
        """Return the change document: what a person carries out."""
        ...

    def alone(self, id: str, /) -> AbstractContextManager[None]:
        """Keep every other process from working on this change; ends with the process at the latest.

        Raises Refused where another one is at it.
        """
        ...

    def moments(self) -> Iterator[int]:
        """Yield, a moment apart, how many seconds are left for waiting; at least once."""
        ...

    def explain(self, old: Mapping[str, Json], new: Mapping[str, Json], /) -> Sequence[str]:
        """Say in lines how two canonical plans differ."""
        ...

    def tell(self, line: str, /) -> None:
        """Take a line of progress."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """What came of carrying a change out or taking it back."""

    change: str
    state: str
    sent: int
    verdicts: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    """What was tried and came out otherwise, though every device holds what was planned."""
