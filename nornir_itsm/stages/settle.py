"""Several intents about one object -> what they come to: an order may take away and give again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from nornir_itsm.model.intent import AddressSet, Intent, SecurityRule, kind_of, name_of
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.space.ranges import Ranges


def settled(intents: Iterable[Intent]) -> tuple[Intent, ...]:
    """Return the intents without what later ones about the same object make void, in their order.

    An object that is removed and made again is changed instead: it is never taken from a rule that needs it.
    """
    objects: dict[tuple[str, str, str], _Object] = {}
    kept: list[Intent] = []
    for intent in reversed(list(intents)):
        if intent.reuse:
            kept.append(intent)
            continue
        later = objects.setdefault((intent.point, kind_of(intent), _identity(intent)), _Object())
        kept += later.members(intent) if isinstance(intent, AddressSet) else later.whole(intent)
    return tuple(reversed(kept))


def _identity(intent: Intent) -> str:
    """Return the name, of a rule without one the identifier that the device gave it."""
    if isinstance(intent, SecurityRule) and not intent.rule.name:
        return f"id {intent.rule.id}"
    return name_of(intent)


@dataclass(slots=True)
class _Object:
    """What the later intents about one object have decided."""

    decided: bool = False
    wanted: bool = False
    named: set[Ranges] = field(default_factory=set)

    def whole(self, intent: Intent) -> Iterator[Intent]:
        if not self.decided:
            yield intent
        self.decided = True

    def members(self, intent: AddressSet) -> Iterator[Intent]:
        if self.decided:
            return
        left = tuple(m for m in intent.members if addresses(m) not in self.named)
        removed = intent.state == "absent" and intent.whole
        if removed and not self.wanted:
            yield intent
        elif left or (intent.whole and not removed):
            yield replace(intent, members=left, whole=intent.whole and not removed)
        self.decided = removed
        self.wanted = self.wanted or intent.state == "ensure"
        self.named |= {addresses(m) for m in intent.members}
