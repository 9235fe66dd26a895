"""What is sent to one device: command lines or API calls, and their undo."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nornir_itsm.model.intent import Anchor, Intent

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Call:
    """One API call. ``path`` is below the API's base, each name in it percent-encoded.

    Where a position matters it is *anchor*, resolved to a number only when the call is sent.
    """

    method: str
    path: str
    body: Mapping[str, Json] = field(default_factory=dict)
    anchor: Anchor | None = None
    collection: str = ""
    """The collection that *anchor* counts in."""


@dataclass(frozen=True, slots=True)
class Change:
    """All that is to be done on one device for one plan, in order.

    ``commands`` or ``calls`` carry out ``intents``; ``undo`` or ``undo_calls`` carry out ``back``.
    """

    device: str
    platform: str
    intents: tuple[Intent, ...]
    back: tuple[Intent, ...] = ()
    commands: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    undo: tuple[str, ...] = ()
    undo_calls: tuple[Call, ...] = ()
    by_hand: tuple[str, ...] = ()
    """Why a person carries this out, and what he looks at first; empty where the tool does."""

    @property
    def empty(self) -> bool:
        """True where nothing has to be sent."""
        return not (self.commands or self.calls)
