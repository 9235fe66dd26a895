"""What must hold between the parts of site.yaml; each rule yields its faults."""

import ipaddress
import keyword
import re
import string
from collections.abc import Iterable, Iterator

from nornir_itsm.model.topology import Hop
from nornir_itsm.settings.allocation_checks import allocation_faults
from nornir_itsm.settings.lengths import seconds
from nornir_itsm.settings.policy import policy_faults
from nornir_itsm.settings.site_shape import PathShape, PointShape, SiteShape
from nornir_itsm.settings.yaml_file import Fault, Loc

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FIELDS = ("customer", "system", "protocol", "ports", "ips", "ends", "isp", "number")
"""What a naming pattern may be made of."""
TRANSLATING = ("hillstone_stoneos", "huawei_vrp", "linux_nftables")
"""Firewalls whose own translations are written."""
_NUMBER = re.compile(r"(0[1-9])?")
"""How a number may be said: as it is, or with leading zeros (``{number:03}``)."""

INTENTS = (
    *("AddressSet", "ServiceSet", "Schedule", "SecurityRule", "SourceNat", "DestinationNat", "PolicyRoute"),
    *("AddressPool", "Vlan", "VpnInstance", "Interface", "StaticRoute", "CloudRule"),
)
"""Kinds of intent that a GUI path may be given for."""


def faults(site: SiteShape) -> Iterator[Fault]:
    """Yield everything that is wrong with a site of the right shape."""
    if not site.site.strip():
        yield Fault(("site",), "is empty", "write the site's name")
    yield from _names_once("zones", site.zones)
    yield from _zone(("cloud",), site.cloud, site)
    yield from _names_once("customers", site.customers)
    for name, point in site.points.items():
        yield from _point(("points", name), point)
    # A router's configuration may be several points: its lists, and its routes.
    folders = (
        (("points", name, "snapshot"), f"{p.snapshot} {p.acl}".rstrip()) for name, p in site.points.items()
    )
    yield from _twice(folders)
    for index, path in enumerate(site.paths):
        yield from _path(("paths", index), path, site)
    yield from _twice(
        (("paths", i), f"{path.source} → {path.destination}") for i, path in enumerate(site.paths)
    )
    yield from _isps(site)
    yield from _prefixes(site)
    yield from _naming(site)
    yield from allocation_faults(site)
    yield from _sources(site)
    yield from _probe_hosts(site)
    yield from _pairs(site)
    yield from policy_faults(site.policy, frozenset(site.zones), frozenset(p.kind for p in site.paths))
    for index, name in enumerate(site.public_services):
        if name not in site.customers:
            yield Fault(
                ("public_services", index), f"no customer is called {name!r}", _one_of(site.customers)
            )
    for text, target in site.schedules.items():
        yield from _blank(("schedules", text), target)
    for index, sentence in enumerate(site.assumed):
        yield from _blank(("assumed", index), sentence)


def _blank(at: Loc, text: str) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(at, "is empty", "write it, or leave the key out where it may be missing")


def _twice(places: Iterable[tuple[Loc, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, value in places:
        if value in seen:
            yield Fault(at, f"{value!r} is there already", "each may stand once")
        seen.add(value)


def _names_once(key: str, owners: dict[str, tuple[str, ...]]) -> Iterator[Fault]:
    """A spelling must lead to one name only."""
    names: list[tuple[Loc, str]] = [((key, name), name) for name in owners]
    aliases = [((key, name, i), alias) for name, all_ in owners.items() for i, alias in enumerate(all_)]
    for at, word in (*names, *aliases):
        yield from _blank(at, word)
    yield from _twice((*names, *aliases))


def _point(at: Loc, point: PointShape) -> Iterator[Fault]:
    yield from _blank((*at, "platform"), point.platform)
    if not re.fullmatch(r"[\w-]+", point.snapshot):
        yield Fault((*at, "snapshot"), f"{point.snapshot!r} is no folder name", "letters, digits, - and _")
    for key in ("protected", "inside_links"):
        for index, word in enumerate(getattr(point, key)):
            yield from _blank((*at, key, index), word)
        yield from _twice(((*at, key, i), word) for i, word in enumerate(getattr(point, key)))
    yield from _twice(((*at, "logs", i), word) for i, word in enumerate(point.logs))
    for kind, profile in point.profiles.items():
        yield from _blank((*at, "profiles", kind), profile)
    for intent, menu in point.menus.items():
        yield from _blank((*at, "menus", intent), menu)
        if intent not in INTENTS:
            yield Fault((*at, "menus", intent), "is no kind of intent", f"one of {', '.join(INTENTS)}")
    if (point.platform == "aliyun") != (point.role == "security_group"):
        yield Fault((*at, "role"), "platform aliyun and role security_group belong together", "give both")
    filters = (point.platform, point.role) == ("cisco_ios", "firewall")
    if filters != bool(point.acl) or (point.answers and not point.acl):
        hint = "acl: the list that is the point; answers: the one that answers meet, any where none does"
        yield Fault((*at, "acl"), "belongs to a cisco_ios point of role firewall, and to no other", hint)
    if point.role == "adc" and not point.inside_links:
        yield Fault((*at, "inside_links"), "is missing", "name the links that lead inside")


def _path(at: Loc, path: PathShape, site: SiteShape) -> Iterator[Fault]:
    for key in ("source", "destination"):
        yield from _zone((*at, key), getattr(path, key), site)
    for key in ("scenario", "kind"):
        yield from _blank((*at, key), getattr(path, key))
    if (path.runbook or not path.manual) and not _is_module(path.runbook):
        hint = "name a file of the runbooks folder without .py, e.g. cloud_to_internet"
        yield Fault((*at, "runbook"), f"{path.runbook!r} is no identifier", hint)
    if path.pool and path.pool not in site.pools:
        yield Fault((*at, "pool"), f"no pool is called {path.pool!r}", _one_of(site.pools))
    if not path.hops and not path.manual.strip():
        yield Fault((*at, "hops"), "is missing", "list the points on the way, or say under manual why not")
    for index, hop in enumerate(path.hops):
        yield from _hop((*at, "hops", index), hop, path, site)
        if any(h.point == hop.point and _is(h.point, "firewall", site) for h in path.hops[:index]):
            yield Fault(
                (*at, "hops", index, "point"), f"{hop.point!r} is there already", "one hop per firewall"
            )
        others = {h.point for h in path.hops[:index] if h.translates or _is(h.point, "adc", site)}
        if others and (hop.translates or _is(hop.point, "adc", site)):
            problem = f"{', '.join(others)} translates on this path already"
            yield Fault((*at, "hops", index), problem, "one point of a path does")


def _hop(at: Loc, hop: Hop, path: PathShape, site: SiteShape) -> Iterator[Fault]:
    point = site.points.get(hop.point)
    if point is None:
        yield Fault((*at, "point"), f"no point is called {hop.point!r}", _one_of(site.points))
    elif point.role == "security_group" and site.cloud not in (path.source, path.destination):
        yield Fault(at, "security groups are at the tenants' ends", f"name them on paths of {site.cloud}")
    elif point.role == "firewall" and not (hop.source_zone and hop.destination_zone):
        hint = "add source_zone and destination_zone; Any where its rules name none"
        yield Fault(at, "a firewall needs its zones", hint)
    elif point.acl and {hop.source_zone.lower(), hop.destination_zone.lower()} != {"any"}:
        yield Fault(at, "an access list has no zones: its interface says them", "write any for both")
    elif hop.translates and point.role != "firewall":
        yield Fault((*at, "translates"), f"{hop.point} is no firewall", "an ADC translates by itself")
    elif hop.translates and point.platform not in TRANSLATING:
        hint = f"one of {', '.join(TRANSLATING)}; let an ADC or a person translate"
        yield Fault((*at, "translates"), f"{point.platform} is not told translations", hint)


def _is(point: str, role: str, site: SiteShape) -> bool:
    return point in site.points and site.points[point].role == role


def _zone(at: Loc, zone: str, site: SiteShape) -> Iterator[Fault]:
    if zone in site.zones:
        return
    owner = next((name for name, aliases in site.zones.items() if zone in aliases), None)
    hint = f"write {owner!r}, whose alias it is" if owner else _one_of(site.zones)
    yield Fault(at, f"no zone is called {zone!r}", hint)


def _isps(site: SiteShape) -> Iterator[Fault]:
    inside = {link for point in site.points.values() for link in point.inside_links}
    for name, isp in site.isps.items():
        yield from _blank(("isps", name, "code"), isp.code)
        yield from _blank(("isps", name, "link"), isp.link)
        if isp.link in inside:
            yield Fault(
                ("isps", name, "link"), f"{isp.link!r} is an inside link of a point", "name the outside link"
            )
        if not isp.prefixes:
            yield Fault(("isps", name, "prefixes"), "is empty", "list the public prefixes of this line")
    for key in ("code", "link"):
        yield from _twice((("isps", name, key), getattr(isp, key)) for name, isp in site.isps.items())


def _prefixes(site: SiteShape) -> Iterator[Fault]:
    """Prefixes tell what an address is for, so none may be in two places."""
    places: list[tuple[Loc, str]] = [
        *(
            (("isps", n, "prefixes", i), text)
            for n, isp in site.isps.items()
            for i, text in enumerate(isp.prefixes)
        ),
        *((("pools", n, i), text) for n, prefixes in site.pools.items() for i, text in enumerate(prefixes)),
    ]
    seen: list[tuple[Loc, Network]] = []
    for at, text in places:
        try:
            network = ipaddress.ip_network(text)
        except ValueError as error:
            yield Fault(at, f"{text!r} is no prefix: {error}", "write e.g. 203.0.113.0/24, without host bits")
            continue
        for other, taken in seen:
            if network.version == taken.version and network.overlaps(taken):
                yield Fault(
                    at, f"{text} overlaps {taken} of {other[0]}.{other[1]}", "a prefix has one purpose"
                )
        seen.append((at, network))


def _naming(site: SiteShape) -> Iterator[Fault]:
    for key in site.naming.__dataclass_fields__:
        at: Loc = ("naming", key)
        alternatives = (
            getattr(site.naming, key).split("|") if key == "iqos_book" else [getattr(site.naming, key)]
        )
        for pattern in alternatives:
            yield from _pattern(at, pattern)


def _pattern(at: Loc, pattern: str) -> Iterator[Fault]:
    allowed = " ".join(f"{{{field}}}" for field in FIELDS)
    try:
        parts = list(string.Formatter().parse(pattern))
    except ValueError as error:
        yield Fault(at, f"{pattern!r} is no pattern: {error}", f"use {allowed}")
        return
    fields = [field for _, field, _, _ in parts if field is not None]
    for _, field, spec, conversion in parts:
        said = _NUMBER.fullmatch(spec or "") if field == "number" else not spec
        if field is not None and (field not in FIELDS or not said or conversion):
            written = field + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            yield Fault(at, f"{{{written}}} is no known field", f"use {allowed}")
    if not fields:
        yield Fault(at, f"{pattern!r} names every object alike", f"use {allowed}")


def _probe_hosts(site: SiteShape) -> Iterator[Fault]:
    for index, one in enumerate(site.probe_hosts):
        at: Loc = ("probe_hosts", index)
        yield from _blank((*at, "host"), one.host)
        yield from _zone((*at, "zone"), one.zone, site)
        try:
            ipaddress.ip_address(one.address)
        except ValueError:
            yield Fault((*at, "address"), f"{one.address!r} is no address", "write the one it connects from")


def _pairs(site: SiteShape) -> Iterator[Fault]:
    for index, pair in enumerate(site.pairs):
        at: Loc = ("pairs", index)
        if len(pair) < 2:
            yield Fault(at, "is no pair", "name two points or more, e.g. [DC1-FW01, DC1-FW02]")
        for place, name in enumerate(pair):
            if name not in site.points:
                yield Fault((*at, place), f"no point is called {name!r}", _one_of(site.points))
    yield from _twice(
        (("pairs", i, j), name) for i, pair in enumerate(site.pairs) for j, name in enumerate(pair)
    )


def _sources(site: SiteShape) -> Iterator[Fault]:
    known = ("cloud", "ipam", "points", *site.points)
    for name, one in site.sources.items():
        if name not in known:
            yield Fault(("sources", name), "is no source", _one_of(known))
        if one.max_age and seconds(one.max_age) is None:
            problem = f"{one.max_age!r} is no length of time"
            yield Fault(("sources", name, "max_age"), problem, "write e.g. 30m, 24h or 7d")


def _is_module(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _one_of(names: Iterable[str]) -> str:
    return f"one of {', '.join(names)}"
