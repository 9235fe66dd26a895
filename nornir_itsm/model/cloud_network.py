"""What the cloud does with packets itself: subnets, security groups, NAT gateways and routes of tenants.

Each list may be missing: ``collected`` says which were there, so that nothing is taken for none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class VSwitch:
    """A subnet of a VPC (交换机)."""

    id: str
    vpc: str
    prefix: str
    name: str = ""


PeerKind = Literal["cidr", "group", "prefix_list"]


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One rule of a security group. ``ports``: ``80/80``, ``-1/-1`` for any (as the cloud writes them).

    ``peer``: a CIDR, the id of a group or of a prefix list. The smaller ``priority`` wins, at the same one
    a drop does. ``own``: the CIDR on the group's side, and ``source_ports``, where the rule names them.
    """

    direction: str
    """``ingress`` or ``egress``."""
    policy: str
    """``accept`` or ``drop``."""
    protocol: str
    ports: str
    peer: str
    priority: int = 1
    peer_kind: PeerKind = "cidr"
    own: str = ""
    source_ports: str = "-1/-1"
    description: str = ""
    id: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """What makes it this rule, in the cloud's own words; its description does not."""
        own = f" own {self.own}" if self.own else ""
        ports = "" if self.source_ports == "-1/-1" else f" from {self.source_ports}"
        said = f"{self.direction} {self.policy} {self.protocol} {self.ports} {self.peer}"
        return f"{said}{own}{ports} priority {self.priority}"


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group with its rules in the order in which they are matched.

    ``inner``: its members may reach each other whatever its rules say; None where the cloud did not tell.
    ``enterprise``: an advanced group (企业安全组), which lets nothing out by itself either.
    """

    id: str
    name: str = ""
    vpc: str = ""
    rules: tuple[GroupRule, ...] = ()
    enterprise: bool = False
    inner: bool | None = None

    def rule(self, name: str) -> GroupRule | None:
        """Return the rule of that name."""
        return next((rule for rule in self.rules if rule.name == name), None)


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What filters at the network interfaces of tenants (安全组), in a region of the cloud.

    ``memberships``: private address -> the groups that its interface is in; empty where two hosts have it.
    Not ``known``: their rules were not collected.
    """

    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    memberships: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    known: bool = True


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway and the tables that its entries are in."""

    id: str
    vpc: str
    snat_tables: tuple[str, ...] = ()
    forward_tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SnatEntry:
    """Hosts of ``source`` (a prefix) leave through one of ``eips``."""

    id: str
    table: str
    source: str
    eips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForwardEntry:
    """A DNAT entry: what arrives at ``eip`` and ``port`` goes to ``private`` and ``private_port``.

    Ports are ``443``, ``10/20`` or ``any``; ``protocol`` is ``tcp``, ``udp`` or ``any``.
    """

    id: str
    table: str
    protocol: str
    eip: str
    port: str
    private: str
    private_port: str


@dataclass(frozen=True, slots=True)
class CloudRoute:
    """An entry of a route table of a VPC. ``next_hop`` is an id, ``kind`` says of what (NatGateway ...)."""

    table: str
    vpc: str
    prefix: str
    kind: str
    next_hop: str


@dataclass(frozen=True, slots=True)
class CloudNetwork:
    """All of that."""

    vswitches: Mapping[str, VSwitch] = field(default_factory=dict)
    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    memberships: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Private address -> the security groups that its interfaces are in; empty where two hosts have it."""
    gateways: Mapping[str, NatGateway] = field(default_factory=dict)
    snat: tuple[SnatEntry, ...] = ()
    forward: tuple[ForwardEntry, ...] = ()
    routes: tuple[CloudRoute, ...] = ()
    collected: tuple[str, ...] = field(default=(), compare=False)
    """The documents that were there."""
