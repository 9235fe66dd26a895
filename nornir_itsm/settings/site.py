"""site.yaml: what a site knows of itself, read into ``model.topology.Site``."""

from dataclasses import asdict
from pathlib import Path as FilePath

from nornir_itsm.model.topology import (
    Allocation,
    Customer,
    Freshness,
    Hop,
    Isp,
    Path,
    Point,
    Pool,
    Site,
)
from nornir_itsm.settings.lengths import seconds
from nornir_itsm.settings.policy import policy_of
from nornir_itsm.settings.shape import shaped
from nornir_itsm.settings.site_checks import faults
from nornir_itsm.settings.site_shape import NamingShape, PathShape, PointShape, SiteShape
from nornir_itsm.settings.yaml_file import read_yaml


def load_site(path: FilePath) -> Site:
    """Read and check site.yaml.

    Raises ConfigError that names file, line and key of everything that is wrong.
    """
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
