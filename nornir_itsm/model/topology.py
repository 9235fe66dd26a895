"""What a site knows of itself: zones, enforcement points, paths, pools, names. Read from site.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from nornir_itsm.model.policy import Policy

Role = Literal["firewall", "adc", "switch", "router", "security_group"]
_BY_ROLE = {("hp_comware", "firewall"), ("huawei_vrp", "switch")}
"""Devices that are something else than what their platform mostly is."""


@dataclass(frozen=True, slots=True)
class Point:
    """An enforcement point (控制点): a device that can pass, block or translate a flow.

    ``snapshot`` is its folder in a snapshot directory. ``above`` names the rule that new rules are
    placed above. ``protected`` names rules that keep their effect on purpose. ``profiles`` and
    ``logs`` are what new permits carry. ``menus`` are GUI paths by kind of intent, for documents.
    ``plain_addresses``: rules name addresses themselves instead of address objects. ``by_hand``: why a
    person carries out what is planned here; empty where the tool does. ``vsys``: the virtual system that the
    point is, where its device's configuration holds several; empty for the root.
    """

    name: str
    platform: str
    role: Role
    snapshot: str
    above: str = ""
    protected: tuple[str, ...] = ()
    profiles: tuple[tuple[str, str], ...] = ()
    logs: tuple[str, ...] = ()
    inside_links: tuple[str, ...] = ()
    menus: Mapping[str, str] = field(default_factory=dict)
    implicit: str = "deny"
    plain_addresses: bool = False
    by_hand: str = ""
    vsys: str = ""
    acl: str = ""
    """The access list that a point of a router is."""
    answers: str = ""
    """The access list that its answers meet; ``any`` where none does."""

    @property
    def reads_as(self) -> str:
        """What its configuration is read as: its platform, and the role where that decides what it is.

        A Comware device may be a switch or a SecPath firewall: ``hp_comware``, ``hp_comware.firewall``; one
        with VRP V5 a USG or an S-series switch: ``huawei_vrp``, ``huawei_vrp.switch``.
        """
        own = (self.platform, self.role) in _BY_ROLE
        return f"{self.platform}.{self.role}" if own else self.platform


@dataclass(frozen=True, slots=True)
class Hop:
    """One enforcement point on a path; zones where the point has zones.

    ``translates``: a firewall that turns public addresses into inside ones here, or the other way. An ADC
    always does.
    """

    point: str
    source_zone: str = ""
    destination_zone: str = ""
    translates: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """How traffic of a zone pair travels, in the direction of the first packet.

    ``pool``: the purpose of the EIPs that the cloud translates tenants to; empty where it does not.
    ``manual`` holds the reason where the path is known and a device on it is not ours to configure.
    """

    source: str
    destination: str
    scenario: str
    runbook: str
    kind: str
    pool: str = ""
    hops: tuple[Hop, ...] = ()
    manual: str = ""
    wide_source: bool = False
    """Let rules name the tenant's whole prefix of the pool instead of its hosts."""


@dataclass(frozen=True, slots=True)
class Isp:
    """A line to the Internet: which public prefixes arrive on which link of the ADC."""

    name: str
    code: str
    link: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """EIPs of one purpose; ``isp`` is the cloud's own word for it (BGP, private_eip, ZLW_CS ...)."""

    isp: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    """A tenant and the other names that forms, IPAM and the cloud use for it."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """How VPCs are connected to the interconnect switch (VPC 并网).

    VLAN ``base_vlan`` + k has the k-th network of ``length`` bits of the ``pools``, in their order.
    ``interface`` and ``next_hops`` count usable addresses of that network from 1: the switch's own, and
    those of the cloud. ``instance`` and ``route_distinguisher`` are patterns with ``{vlan}``; without the
    latter an instance gets none. Every VPC's instance reaches ``tenants`` through ``shared_instance`` and
    the ``firewall`` behind it.
    """

    base_vlan: int
    pools: tuple[str, ...]
    length: int
    interface: int
    next_hops: tuple[int, ...]
    instance: str
    shared_instance: str
    firewall: str
    tenants: str
    route_distinguisher: str = ""


@dataclass(frozen=True, slots=True)
class ProbeHost:
    """A host of ours in a zone, a name of the inventory, that tries connections from its *address*."""

    host: str
    zone: str
    address: str


Verdict = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old what a source says may be (seconds, 0: any), and what follows where it is older or partial."""

    max_age: int = 0
    stale: Verdict = "warn"
    partial: Verdict = "warn"


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that is said in site.yaml, checked."""

    name: str
    cloud: str
    """The zone in which the tenants are."""
    zones: Mapping[str, str]
    """Every spelling of a zone -> its canonical name."""
    points: Mapping[str, Point]
    paths: tuple[Path, ...]
    isps: tuple[Isp, ...]
    pools: tuple[Pool, ...]
    customers: tuple[Customer, ...]
    naming: Mapping[str, str]
    schedules: Mapping[str, str]
    """Form text of a schedule -> name of the object to prefer."""
    assumed: tuple[str, ...] = ()
    """Sentences that every proof prints under "assumed"."""
    plain_services: bool = True
    """Prefer plain port objects over predefined ones, which may carry a gateway."""
    allocation: Allocation | None = None
    """How VPCs are connected; None where no path leads over a switch."""
    public_services: tuple[str, ...] = ()
    """Tenants that every tenant may reach without being asked who he is to them."""
    probe_hosts: tuple[ProbeHost, ...] = ()
    """Hosts that try what a change should have opened, and what it should not."""
    pairs: tuple[tuple[str, ...], ...] = ()
    """Devices that stand in for each other: never two of a pair are worked on at one time."""
    sources: Mapping[str, Freshness] = field(default_factory=dict)
    """``cloud``, ``ipam``, ``points`` (every device) or the name of a point -> how old it may be."""
    policy: Policy = field(default_factory=Policy)
    """Who may and when."""

    def path(self, source: str, destination: str) -> Path | None:
        """Return the path of a zone pair, or None where the site knows none."""
        pair = (source, destination)
        return next((p for p in self.paths if (p.source, p.destination) == pair), None)

    def translating(self, path: Path) -> Hop | None:
        """Return the hop at which public addresses and inside ones meet; None where a path has none."""
        return next((h for h in path.hops if h.translates or self.points[h.point].role == "adc"), None)

    def customer(self, name: str) -> Customer | None:
        """Return the tenant that goes by *name* (its own or an alias)."""
        return next((c for c in self.customers if name in (c.name, *c.aliases)), None)
