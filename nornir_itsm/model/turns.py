"""The turns of a change, one for each device in its order, and the state that each of them has of its own."""

from dataclasses import dataclass
from typing import Literal, get_args

CellState = Literal["waiting", "applying", "applied", "handed_over", "attested", "verified", "differs"]
Outcome = Literal["handed_over", "differs", "rolled_back", "partly", "attested", "done"]
"""What the turns of a change come to: its state while nobody is pushing."""
CELL_STATES: tuple[CellState, ...] = get_args(CellState)


@dataclass(frozen=True, slots=True)
class Cell:
    """One turn. ``by_hand``: a person carries it out, because the tool may not or the change was handed over.

    ``waiting``: nothing of it is on the device; ``applying``: the tool is at it; ``applied``: the tool did
    it; ``handed_over``: a person has it; ``attested``: he says that it is done; ``verified``, ``differs``:
    what exports say of that.
    """

    turn: int
    device: str
    by_hand: bool = False
    state: CellState = "waiting"

    @property
    def in_effect(self) -> bool:
        """True where the turn was carried out, as far as anybody said."""
        return self.state in ("applied", "attested", "verified", "differs")
