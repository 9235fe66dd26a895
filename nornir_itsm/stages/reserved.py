"""Names that a plan gives to new objects, so that no other open plan gives them to something else.

A rule's name belongs to the form that it is for: that form, corrected and planned again, has it again. An
object that holds the same belongs to everybody who makes it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from nornir_itsm.model.change import Change, Json
from nornir_itsm.model.intent import (
    AddressPool,
    AddressSet,
    DestinationNat,
    Intent,
    PolicyRoute,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
    kind_of,
    name_of,
)
from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Reservation
from nornir_itsm.stages.fingerprint import digest, plain

_NUMBER = re.compile(r"-?[0-9]+")
_KEPT = 40
NAME = "name"
"""The kind of these reservations."""


def submission(order: Order) -> str:
    """Return the owner of rules: whoever plans this form, whatever it says by then."""
    return digest([order.organization, order.system, order.file])


def names(changes: Iterable[Change], order: Order) -> Iterator[Reservation]:
    """Yield what these changes of an order make anew: what their undo takes away whole."""
    owner = submission(order)
    for change in changes:
        made = {(kind_of(i), name_of(i)): i for i in change.intents if not i.reuse and i.state == "ensure"}
        for gone in change.back:
            intent = made.get((kind_of(gone), name_of(gone)))
            if intent is not None and _whole(gone) and (who := _owner(intent, owner)):
                yield Reservation(NAME, key(intent.point, kind_of(intent), name_of(intent)), who)


def key(point: str, kind: str, name: str) -> str:
    """Return what one name on one point is reserved as."""
    return f"{point}/{kind}/{name}"


def _whole(gone: Intent) -> bool:
    """Tell whether an undo takes an object away as a whole; members alone were somebody's before."""
    return gone.state == "absent" and (not isinstance(gone, AddressSet) or gone.whole)


def near(named: Mapping[str, str], own: Iterable[Reservation]) -> dict[str, str]:
    """Return the names of others that a plan may have stayed clear of: like its *own* but for numbers."""
    shapes = {_shape(one.value) for one in own}
    return {name: owner for name, owner in named.items() if _shape(name) in shapes}


def _shape(key: str) -> str:
    """Return a name without its numbers, and without what a long one loses to them."""
    before, _, name = key.rpartition("/")
    return f"{before}/{_NUMBER.sub('', name)[:_KEPT]}"


def point_of(key: str) -> str:
    """Return the point that a reserved name is on."""
    return key.partition("/")[0]


def holding(members: Iterable[str]) -> str:
    """Return the owner of an address set: everybody who makes one of these members."""
    return digest([*sorted(members)])


def taken(named: Mapping[str, str], point: str, kind: str, owner: str = "") -> set[str]:
    """Return the names on a point that are reserved for somebody else than *owner*."""
    before = key(point, kind, "")
    return {one.removeprefix(before) for one, who in named.items() if one.startswith(before) and who != owner}


def _owner(intent: Intent, form: str) -> str:
    match intent:
        case SecurityRule() | DestinationNat() | SourceNat() | PolicyRoute():
            return form
        case AddressSet() | AddressPool():
            return holding(intent.members)
        case ServiceSet():
            return content(intent.entries)
        case Schedule():
            return content(intent.periods)
        case _:
            return ""  # what a switch has goes by its numbers


def content(value: object) -> str:
    """Return the owner of an object that holds this."""
    found: Json = plain(value)
    return digest(found)
