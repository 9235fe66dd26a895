"""What the cloud says of its tenants: elastic addresses, what they are bound to, hosts and networks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nornir_itsm.model.cloud_network import CloudNetwork


@dataclass(frozen=True, slots=True)
class Eip:
    """An elastic address of the cloud, itself internal; ``pool`` is the cloud's ISP attribute."""

    address: str
    pool: str
    owner: str = ""
    bound_to: str = ""
    """Kind of what it is bound to: EcsInstance, NetworkInterface, SlbInstance, HaVip, Nat or empty."""
    holder: str = ""
    """The identifier of what it is bound to."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A private address and the EIP that the cloud translates it to, one to one.

    ``via``: ``eni``, ``eni-secondary``, ``instance``, ``slb``, ``havip`` or ``ipam-note``.
    """

    private: str
    eip: str
    via: str
    vpc: str = ""
    owner: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Vpc:
    """A tenant network with its primary and secondary prefixes."""

    id: str
    name: str
    prefixes: tuple[str, ...]
    owner: str = ""
    nat_gateways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """A private address that the cloud knows, with or without an EIP."""

    private: str
    owner: str = ""
    name: str = ""
    vpc: str = ""


@dataclass(frozen=True, slots=True)
class CloudFacts:
    """What the cloud says."""

    eips: Mapping[str, Eip] = field(default_factory=dict)
    bindings: tuple[Binding, ...] = ()
    hosts: Mapping[str, Host] = field(default_factory=dict)
    vpcs: tuple[Vpc, ...] = ()
    network: CloudNetwork = field(default_factory=CloudNetwork)
