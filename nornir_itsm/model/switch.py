"""What an interconnect switch (并网交换机) says of itself: VLANs, VPN instances, interfaces, routes.

Each thing has a name that is unique among its kind on the switch; what stands beside it and has no effect
on who reaches whom (descriptions, route distinguishers, preferences) takes no part in equality.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SwitchVlan:
    """A VLAN."""

    id: int

    @property
    def name(self) -> str:
        """Return its number."""
        return str(self.id)


@dataclass(frozen=True, slots=True)
class SwitchInstance:
    """A VPN instance (a routing table of its own)."""

    name: str
    route_distinguisher: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class SwitchInterface:
    """The layer-3 interface of a VLAN. ``address`` is ``10.70.63.139/29``; empty where it has none."""

    vlan: int
    instance: str = ""
    address: str = ""

    @property
    def name(self) -> str:
        """Return a name that no vendor uses and everybody reads."""
        return f"Vlan{self.vlan}"


@dataclass(frozen=True, slots=True)
class SwitchRoute:
    """A static route from one VPN instance into another; several next hops are several routes.

    ``to`` is empty where the next hop is in the same instance, ``instance`` in the global table.
    """

    instance: str
    prefix: str
    to: str
    next_hop: str

    @property
    def name(self) -> str:
        """Return everything that tells it from others."""
        place, to = (f"{word} " if word else "" for word in (self.instance, self.to))
        return f"{place}{self.prefix} → {to}{self.next_hop}"


@dataclass(frozen=True, slots=True)
class PrefixList:
    """A named set of networks that routing policies refer to.

    ``complete`` is False where it says more than "these, exactly": a denial, lengths, a description.
    """

    name: str
    members: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class SwitchFacts:
    """A switch or router, each kind by name. Not ``known``: it was not collected, its state is unknown."""

    vlans: Mapping[str, SwitchVlan] = field(default_factory=dict)
    instances: Mapping[str, SwitchInstance] = field(default_factory=dict)
    interfaces: Mapping[str, SwitchInterface] = field(default_factory=dict)
    routes: Mapping[str, SwitchRoute] = field(default_factory=dict)
    prefix_lists: Mapping[str, PrefixList] = field(default_factory=dict)
    known: bool = True
    unread: tuple[str, ...] = field(default=(), compare=False)
    """Lines about these things that nobody understood."""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)
    """Interface or instance by its name -> further lines of it: no change makes and no undo restores them."""
