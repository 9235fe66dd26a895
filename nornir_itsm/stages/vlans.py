"""VLANs and interconnect networks of VPCs: what the IPAM has registered, and which number is next.

The IPAM says a VLAN only in the text of a subnet: ``【并网vlan2617】``, ``[Vlan2617]``, ``&Vlan2635``.
Networks follow from numbers by the site's law: a number is free only where its network is free too.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from nornir_itsm.model.cloud import Vpc
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.ipam import IpamFacts, IpamSubnet
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.model.topology import Allocation
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.vpcs import length

_VLAN = re.compile(r"(?<![A-Za-z])vlan\s*(\d{1,4})(?!\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Registered:
    """VLANs that the description of one subnet names: one, or several that nobody can choose from."""

    vlans: frozenset[int]
    subnet: IpamSubnet

    def __str__(self) -> str:
        return f"IPAM {self.subnet.prefix} “{self.subnet.description}”"


def vlans_in(text: str) -> frozenset[int]:
    """Return the VLANs that a description names."""
    return frozenset(n for n in map(int, _VLAN.findall(text)) if 1 <= n <= 4094)


def vlan_of(text: str, vpc: Vpc, ipam: IpamFacts) -> Registered | None:
    """Return the VLANs of an address: of its nearest subnet that names any, else of its VPC's prefixes."""
    if own := _nearest(addresses(text), ipam):
        return own
    shared = [found for prefix in vpc.prefixes if (found := _nearest(addresses(prefix), ipam))]
    return Registered(frozenset().union(*(s.vlans for s in shared)), shared[0].subnet) if shared else None


def _nearest(place: Ranges, ipam: IpamFacts) -> Registered | None:
    around = (s for s in ipam.subnets if vlans_in(s.description) and place <= addresses(s.prefix))
    nearest = max(around, key=lambda subnet: length(subnet.prefix), default=None)
    return Registered(vlans_in(nearest.description), nearest) if nearest else None


def interconnects(vlan: int, law: Allocation, ipam: IpamFacts) -> tuple[IpamSubnet, ...]:
    """Return the interconnect networks that are registered for a VLAN."""
    found = (s for s in _in_pools(law, ipam) if length(s.prefix) == law.length)
    return tuple(subnet for subnet in found if vlan in vlans_in(subnet.description))


def _in_pools(law: Allocation, ipam: IpamFacts) -> Iterator[IpamSubnet]:
    """Yield the subnets that take addresses of the pools: those that are no mere folder of smaller ones."""
    pools = Ranges.of(span for pool in law.pools for span in addresses(pool))
    inside = [s for s in ipam.subnets if s.prefix not in law.pools and addresses(s.prefix) <= pools]
    for subnet in inside:
        own = addresses(subnet.prefix)
        below = (addresses(s.prefix) for s in inside if length(s.prefix) > length(subnet.prefix))
        if length(subnet.prefix) >= law.length or not any(ranges <= own for ranges in below):
            yield subnet


def networks(law: Allocation) -> dict[int, str]:
    """Return VLAN -> its network by the site's law, for every number that the pools have room for."""
    listed = (str(n) for pool in law.pools for n in IPv4Network(pool).subnets(new_prefix=law.length))
    return {law.base_vlan + k: network for k, network in enumerate(listed)}


def usable(network: str, ordinal: int) -> str:
    """Return a usable address of a network, counted from 1."""
    return str(IPv4Network(network)[ordinal])


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a site: ``free`` ones with their networks, and the one that follows all that are in use.

    ``next`` is None where the pools are used up to their end; then only holes are left.
    """

    free: Mapping[int, str]
    next: int | None

    @property
    def holes(self) -> tuple[int, ...]:
        """The free numbers below those in use: somebody's old ones, perhaps."""
        return tuple(vlan for vlan in self.free if self.next is None or vlan < self.next)


def numbers(law: Allocation, facts: Facts, switch: SwitchFacts, vpc: str) -> Numbers:
    """Return what is free for a VPC; what an open change took for the same VPC is next for it.

    What such a change has done on the switch already does not stand in its way.
    """
    ours = {int(vlan) for vlan, owner in facts.reserved.items() if owner == vpc}
    taken = {int(vlan) for vlan, owner in facts.reserved.items() if owner != vpc}
    taken |= {n for subnet in facts.ipam.subnets for n in vlans_in(subnet.description)}
    interfaces = [one for one in switch.interfaces.values() if one.vlan not in ours]
    taken |= {vlan.id for vlan in switch.vlans.values()} - ours | {one.vlan for one in interfaces}
    texts = [s.prefix for s in _in_pools(law, facts.ipam)]
    texts += [one.address.partition("/")[0] for one in interfaces if one.address]
    held = Ranges.of(span for text in texts for span in addresses(text))
    law_networks = networks(law)
    free = {v: n for v, n in law_networks.items() if v not in taken and not addresses(n) & held}
    highest = max((vlan for vlan in taken if vlan in law_networks), default=law.base_vlan - 1)
    mine = next((vlan for vlan in sorted(ours) if vlan in free), None)
    return Numbers(free, mine or next((vlan for vlan in free if vlan > highest), None))
