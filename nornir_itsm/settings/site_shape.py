"""What may be written in site.yaml: its keys, their types and what they are when they are left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from nornir_itsm.model.topology import Hop, ProbeHost, Role, Verdict
from nornir_itsm.settings.policy import PolicyShape
from nornir_itsm.settings.shape import CLOSED

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointShape:
    """An enforcement point as written; its name is the key."""

    platform: str
    role: Role
    snapshot: str
    above: str = ""
    protected: Words = ()
    profiles: dict[Literal["av", "ips", "profile", "counting"], str] = field(default_factory=dict)
    logs: tuple[Literal["deny", "start", "end"], ...] = ()
    inside_links: Words = ()
    menus: dict[str, str] = field(default_factory=dict)
    implicit: Literal["deny", "permit"] = "deny"
    plain_addresses: bool = False
    by_hand: str = ""
    vsys: str = ""
    acl: str = ""
    answers: str = ""


@dataclass(frozen=True, slots=True)
class PathShape:
    """A path as written; one that is ``manual`` needs neither runbook nor hops."""

    source: str
    destination: str
    scenario: str
    kind: str
    runbook: str = ""
    pool: str = ""
    hops: tuple[Hop, ...] = ()
    manual: str = ""
    wide_source: bool = False


@dataclass(frozen=True, slots=True)
class IspShape:
    """A line to the Internet as written; its name is the key."""

    code: str
    link: str
    prefixes: Words


@dataclass(frozen=True, slots=True)
class NamingShape:
    """How new objects are named; every pattern must be there. ``iqos_book`` may list alternatives with |."""

    outbound_rule: str
    inbound_rule: str
    whitelist_rule: str
    whitelist_book: str
    destination_book: str
    service: str
    dnat: str
    public_group: str
    eip_group: str
    snat: str
    route: str
    exchange_rule: str
    network_book: str
    vpc_rule: str
    iqos_book: str


@dataclass(frozen=True, slots=True)
class AllocationShape:
    """How VPCs are connected to the interconnect switch, as written: see ``model.topology.Allocation``."""

    base_vlan: int
    pools: Words
    length: int
    interface: int
    next_hops: tuple[int, ...]
    instance: str
    shared_instance: str
    firewall: str
    tenants: str
    route_distinguisher: str = ""


@dataclass(frozen=True, slots=True)
class FreshnessShape:
    """How old what a source says may be, as written: ``30m``, ``24h``, ``7d``; empty for any age."""

    max_age: str = ""
    stale: Verdict = "warn"
    partial: Verdict = "warn"


@dataclass(frozen=True, slots=True)
class SiteShape:
    """The whole of site.yaml."""

    site: str
    cloud: str
    """The zone in which the tenants are."""
    zones: dict[str, Words]
    """Canonical name -> other spellings."""
    points: dict[str, PointShape]
    paths: tuple[PathShape, ...]
    isps: dict[str, IspShape]
    pools: dict[str, Words]
    customers: dict[str, Words]
    naming: NamingShape
    schedules: dict[str, str] = field(default_factory=dict)
    assumed: Words = ()
    plain_services: bool = True
    allocation: AllocationShape | None = None
    public_services: Words = ()
    sources: dict[str, FreshnessShape] = field(default_factory=dict)
    """``cloud``, ``ipam``, ``points`` or the name of a point -> how old it may be."""
    probe_hosts: tuple[ProbeHost, ...] = ()
    """Hosts of the inventory that try what a change should have opened."""
    pairs: tuple[Words, ...] = ()
    """Points that stand in for each other."""
    policy: PolicyShape = field(default_factory=PolicyShape)
    """Who may and when."""
    __pydantic_config__: ClassVar[Mapping[str, str]] = CLOSED
