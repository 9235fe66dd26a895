"""The order in which the points of a change have their turns: nothing is open before or after its time."""

from collections.abc import Collection, Iterable

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts, PublishedServer
from nornir_itsm.model.intent import (
    AddressPool,
    AddressSet,
    DestinationNat,
    Intent,
    Interface,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
    StaticRoute,
    Vlan,
    VpnInstance,
)
from nornir_itsm.model.order import Action
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.settle import settled

FILTERS = ("firewall", "security_group")
"""Roles of points whose rules let something through or not."""


def in_order(
    intents: Iterable[Intent], actions: Collection[Action], site: Site, facts: Facts
) -> tuple[Intent, ...]:
    """Return what the intents of an order come to, in execution order.

    Adding, permits come last: what leads to them is ready. Deleting, they go first. An order that does
    both moves a service: the new permit, then the translations in one go, then the old permit. An
    object of a firewall goes after everything that may still name it; a service comes before its server.
    """
    listed = settled(intents)
    ranks = {point: rank for rank, point in enumerate(dict.fromkeys(intent.point for intent in listed))}
    moves = len(set(actions)) > 1
    adds = "add" in actions

    def turn(intent: Intent) -> int:
        """Return 0 to 2; security groups have theirs beside the firewalls."""
        if site.points[intent.point].role not in FILTERS:
            return 1
        if moves:
            return 1 if _translates(intent) else 2 if _closes(intent, facts) else 0
        return 2 if adds else 0

    servers = ((one.point, one.rule) for one in listed if isinstance(one, DestinationNat))
    books = {(point, rule.book) for point, rule in servers if isinstance(rule, PublishedServer)}

    def place(intent: Intent) -> tuple[int, bool, int, int, int]:
        role = site.points[intent.point].role
        wall, guards = role == "firewall", role == "security_group"
        goes = wall and intent.state == "absent" and isinstance(intent, _OBJECTS)
        comes = isinstance(intent, ServiceSet) and (intent.point, intent.name) in books and not goes
        return turn(intent), guards, _layer(intent), ranks[intent.point] if wall else 0, goes - comes

    return tuple(sorted(listed, key=place))


def _translates(intent: Intent) -> bool:
    return isinstance(intent, DestinationNat | SourceNat | AddressPool)


_OBJECTS = (AddressSet, AddressPool, ServiceSet, Schedule)
_LAYERS = (Vlan, VpnInstance, Interface, StaticRoute)


def _layer(intent: Intent) -> int:
    """Return where an intent of a switch stands among the others: each kind builds on those before it."""
    layer = _LAYERS.index(type(intent)) if isinstance(intent, _LAYERS) else 0
    return -layer if intent.state == "absent" else layer


def _closes(intent: Intent, facts: Facts) -> bool:
    """Tell whether an intent takes something away; a rule that is there already is only ever narrowed."""
    held = facts.points[intent.point]
    narrows = (
        isinstance(intent, SecurityRule) and isinstance(held, FirewallFacts) and held.rule(intent.rule.name)
    )
    return intent.state == "absent" or bool(narrows)
