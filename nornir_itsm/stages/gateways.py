"""NAT gateways of the cloud: which shared EIP a host without one of its own leaves through."""

from collections.abc import Iterator

from nornir_itsm.model.cloud import Binding, Vpc
from nornir_itsm.model.cloud_network import SnatEntry
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.topology import Path
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.stages.vpcs import length, places

NEEDED = {"nat_gateways", "snat_entries"}
"""Documents of the cloud that say which hosts a gateway translates."""


def known(vpc: Vpc, facts: Facts) -> bool:
    """Tell whether the entries of all gateways of a VPC were collected."""
    network = facts.cloud.network
    return set(network.collected) >= NEEDED and set(vpc.nat_gateways) <= set(network.gateways)


def behind_gateway(address: str, path: Path, facts: Facts) -> Iterator[Binding]:
    """Yield the EIPs of the NAT gateway that a host without one of its own may leave through.

    By the SNAT entries where they were collected, else any EIP of the gateways of its VPC. Others share it,
    so the EIP stands for itself.
    """
    for vpc in (place.vpc for place in places(address, facts.cloud)):
        held = [e for e in facts.cloud.eips.values() if e.bound_to == "Nat" and e.pool == path.pool]
        if not known(vpc, facts):
            for eip in (e for e in held if e.holder in vpc.nat_gateways):
                yield Binding(eip.address, eip.address, f"NAT 网关，{address} 经它出网", vpc.id, eip.owner)
            continue
        for entry in entries(address, vpc, facts):
            why = f"SNAT 条目 {entry.id}（{entry.source}），{address} 经它出网"
            for eip in (e for e in held if e.address in entry.eips):
                yield Binding(eip.address, eip.address, why, vpc.id, eip.owner)


def entries(address: str, vpc: Vpc, facts: Facts) -> tuple[SnatEntry, ...]:
    """Return the SNAT entries that an address leaves by: those with the longest source (assumed)."""
    network = facts.cloud.network
    tables = {t for g in network.gateways.values() if g.vpc == vpc.id for t in g.snat_tables}
    place = addresses(address)
    around = [e for e in network.snat if e.table in tables and place <= addresses(e.source)]
    longest = max((length(entry.source) for entry in around), default=0)
    return tuple(entry for entry in around if length(entry.source) == longest)
