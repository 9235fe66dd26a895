"""What the IPAM says, normalised."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class IpamRecord:
    """One address of the IPAM. People's names never get here."""

    address: str
    hostname: str = ""
    description: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class IpamSubnet:
    """One subnet of the IPAM."""

    prefix: str
    description: str = ""
    section: int = 0


@dataclass(frozen=True, slots=True)
class IpamFacts:
    """What the IPAM says."""

    subnets: tuple[IpamSubnet, ...] = ()
    records: Mapping[str, IpamRecord] = field(default_factory=dict)
