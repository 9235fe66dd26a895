"""Places in an ordered collection: a relative anchor becomes a number just before it is sent."""

from collections.abc import Iterable, Mapping

from nornir_itsm.model.change import Json
from nornir_itsm.model.intent import Anchor

Item = Mapping[str, Json]


class NoSuchAnchor(Exception):  # noqa: N818
    """The rule that another was to stand next to is not there; says so in words."""


def position(anchor: Anchor, items: Iterable[Item], name: str) -> int:
    """Return the position that puts rule *name* (new, or already among *items*) at *anchor*.

    Positions count from 1 and mean "move to": the others close up and make room (assumed from the
    Sangfor AD 7.0 swagger's "position"). Raises NoSuchAnchor.
    """
    places = {str(item.get("name")): _number(item) for item in items}
    own = places.pop(name, None)
    if anchor.place == "first":
        return 1
    if anchor.place == "last":
        return max(places.values(), default=0) + 1 if own is None else max(own, *places.values(), 1)
    if anchor.name not in places:
        raise NoSuchAnchor(f"there is no rule {anchor.name!r} to stand {anchor.place}")
    other = places[anchor.name]
    closing_up = 1 if own is not None and own < other else 0
    return other - closing_up + (1 if anchor.place == "after" else 0)


def misplaced(anchor: Anchor, items: Iterable[Item], name: str) -> str:
    """Return what stands where *name* should, or an empty string where it is at its *anchor*."""
    order = [str(item.get("name")) for item in sorted(items, key=_number)]
    if name not in order:
        return f"{name!r} is not in the list"
    at = order.index(name)
    wanted = {
        "first": at == 0,
        "last": at == len(order) - 1,
        "before": order[at + 1 : at + 2] == [anchor.name],
        "after": at > 0 and order[at - 1] == anchor.name,
    }
    if wanted[anchor.place]:
        return ""
    around = " / ".join(order[max(0, at - 1) : at + 2])
    return f"it should stand {anchor.place} {anchor.name}".rstrip() + f", the order is {around}"


def _number(item: Item) -> int:
    value = item.get("position")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
