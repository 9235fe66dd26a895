"""site.yaml: what a site knows of itself, read into ``model.topology.Site``."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path as FilePath
from typing import ClassVar, Literal

from nornir_itsm.model.topology import (
    Allocation,
    Customer,
    Freshness,
    Hop,
    Isp,
    Path,
    Point,
    Pool,
    ProbeHost,
    Role,
    Site,
    Verdict,
)
from nornir_itsm.settings.lengths import seconds
from nornir_itsm.settings.policy import PolicyShape, policy_of
from nornir_itsm.settings.shape import CLOSED, shaped
from nornir_itsm.settings.yaml_file import read_yaml

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


def load_site(path: FilePath) -> Site:
    """Read and check site.yaml.

    Raises ConfigError that names file, line and key of everything that is wrong.
    """
    from nornir_itsm.settings.site_checks import faults

    file = read_yaml(path, "config.yaml says where it is (user_defined.itsm.site)")
    shape = shaped(file, SiteShape)
    file.refuse(faults(shape))
    return _site(shape)


def _site(shape: SiteShape) -> Site:
    spellings = ((word, name) for name, aliases in shape.zones.items() for word in (name, *aliases))
    return Site(
        name=shape.site,
        cloud=shape.cloud,
        zones=dict(spellings),
        points={name: _point(name, point) for name, point in shape.points.items()},
        paths=tuple(_path(path) for path in shape.paths),
        isps=tuple(Isp(name, isp.code, isp.link, isp.prefixes) for name, isp in shape.isps.items()),
        pools=tuple(Pool(name, prefixes) for name, prefixes in shape.pools.items()),
        customers=tuple(Customer(name, aliases) for name, aliases in shape.customers.items()),
        naming={key: getattr(shape.naming, key) for key in NamingShape.__dataclass_fields__},
        schedules=shape.schedules,
        assumed=shape.assumed,
        plain_services=shape.plain_services,
        allocation=Allocation(**asdict(shape.allocation)) if shape.allocation else None,
        public_services=shape.public_services,
        sources={
            name: Freshness(seconds(one.max_age) or 0, one.stale, one.partial)
            for name, one in shape.sources.items()
        },
        probe_hosts=shape.probe_hosts,
        pairs=shape.pairs,
        policy=policy_of(shape.policy),
    )


def _path(shape: PathShape) -> Path:
    return Path(
        source=shape.source,
        destination=shape.destination,
        scenario=shape.scenario,
        runbook=shape.runbook,
        kind=shape.kind,
        pool=shape.pool,
        hops=tuple(
            Hop(h.point, _named(h.source_zone), _named(h.destination_zone), h.translates) for h in shape.hops
        ),
        manual=shape.manual,
        wide_source=shape.wide_source,
    )


def _named(zone: str) -> str:
    """Return a zone of a point, empty where its rules are for any."""
    return "" if zone.lower() == "any" else zone


def _point(name: str, shape: PointShape) -> Point:
    return Point(
        name=name,
        platform=shape.platform,
        role=shape.role,
        snapshot=shape.snapshot,
        above=shape.above,
        protected=shape.protected,
        profiles=tuple(sorted(shape.profiles.items())),
        logs=tuple(sorted(shape.logs)),
        inside_links=shape.inside_links,
        menus=shape.menus,
        implicit=shape.implicit,
        plain_addresses=shape.plain_addresses,
        by_hand=shape.by_hand,
        vsys=shape.vsys,
        acl=shape.acl,
        answers=shape.answers,
    )
