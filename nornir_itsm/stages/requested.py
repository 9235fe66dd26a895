"""What a demand asks for, as packets: in the requester's view, at the filters, and where they must arrive."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nornir_itsm.model.cloud import Binding
from nornir_itsm.model.firewall import ServiceEntry
from nornir_itsm.model.order import Demand, Schedule
from nornir_itsm.model.plan import PathNode, Question
from nornir_itsm.model.topology import Hop, Isp, Path, Site
from nornir_itsm.space.dimensions import (
    DESTINATION,
    LINK,
    SERVICE,
    SOURCE,
    TIME,
    V4,
    V6,
    addresses,
    full,
    services,
    symbol,
)
from nornir_itsm.space.packets import Box, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import IDENTITY, Translation
from nornir_itsm.stages.attach import Attachment
from nornir_itsm.stages.hops import CLOUD, GROUPS, outbound, outside
from nornir_itsm.stages.rulebase import port_span, single, weekly
from nornir_itsm.stages.vpcs import Place
from nornir_itsm.stages.words import address_words, service_words

PROTOCOLS: Mapping[str, tuple[int | None, ...]] = {
    "tcp": (6,),
    "udp": (17,),
    "tcp+udp": (6, 17),
    "icmp": (1,),
    "any": (None,),
}
"""The words for protocols, and the numbers they stand for; None is every protocol."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Packets in the requester's view, and what must have become of them at the end."""

    packets: Packets
    translation: Translation


@dataclass(frozen=True, slots=True)
class Line:
    """A public address and the ISP that brings it."""

    address: str
    isp: Isp


@dataclass(frozen=True, slots=True)
class View:
    """A demand as one hop of the path sees it. ``sources`` and ``destinations`` are members or ("any",).

    ``packets``: the same, zones not named. ``public``: the tenant has its public addresses there.
    """

    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    entries: tuple[ServiceEntry, ...]
    schedule: Schedule
    packets: Packets
    public: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """A demand with everything that its path needs; with ``questions`` open the rest may be partial."""

    demand: Demand
    path: Path
    customer: str
    system: str
    hosts: tuple[Binding, ...] = ()
    lines: tuple[Line, ...] = ()
    expected: tuple[Expected, ...] = ()
    requested: Packets = field(default=Packets())
    """The request in the requester's view, links forgotten."""
    views: tuple[View, ...] = ()
    """The request as each hop of the path sees it."""
    at_hosts: Packets = field(default=Packets())
    """The request as the interfaces of the tenant's hosts see it."""
    inside: tuple[str, ...] = ()
    """The tenant's own side there: private addresses."""
    wide_sources: tuple[str, ...] = ()
    """Where the site lets a rule name the tenant's whole prefix instead of its hosts: that prefix."""
    allowed: Packets = field(default=Packets())
    """What passes besides the request where it does: shown as excess, and for the approver to accept."""
    v6: bool = False
    """Whether all of it is IPv6."""
    places: tuple[Place, ...] = ()
    """On a path between VPCs: the VPC of each address."""
    attachments: tuple[Attachment, ...] = ()
    """How those VPCs are connected."""
    aside: str = ""
    """Why no point of the path is concerned; empty where they are."""
    questions: tuple[Question, ...] = ()
    nodes: tuple[PathNode, ...] = ()
    evidence: tuple[str, ...] = ()

    def seen_at(self, hop: Hop) -> View:
        """Return the request as a hop of the path sees it."""
        return self.views[self.path.hops.index(hop)]


def with_flows(made: Resolved, site: Site, *, arriving: bool = False) -> Resolved:
    """Return a resolved demand with what it asks for.

    On the way out a host appears as its EIP behind the cloud, and as the line's address behind the ADC; on
    the way in it is addressed by the line's address, or by its EIP where the path has no lines. A path
    without a pool translates nothing. *arriving*: a firewall that translates on the way in filters before.
    """
    demand, out = made.demand, outbound(made.path, site)
    entries = target_services(demand)
    inside, others = (demand.sources, demand.destinations) if out else (demand.destinations, demand.sources)
    eips = tuple(_host(h.eip) for h in made.hosts) or inside
    public = tuple(_host(line.address) for line in made.lines)
    v6 = any(addresses(text) <= V6 for text in public or eips)
    family = V6 if v6 else V4
    hours = {TIME: weekly(demand.schedule.periods)} if demand.schedule.periods else {}
    base: Box = {**hours, (DESTINATION if out else SOURCE): _any_of(others, family)}

    def seen(tenant: tuple[str, ...], services: tuple[ServiceEntry, ...], *, public: bool = False) -> View:
        packets = _boxes({**base, (SOURCE if out else DESTINATION): _any_of(tenant, family)}, services)
        ends = (tenant, demand.destinations) if out else (demand.sources, tenant)
        return View(*ends, services, demand.schedule, packets, public)

    expected = tuple(_outbound(base, made, entries, site) if out else _inbound(base, made))
    inner, outer = seen(eips, entries), seen(public, entries if out else _arriving(demand), public=True)
    private = tuple(_host(h.private) for h in made.hosts) or inside
    made = replace(
        made,
        expected=expected,
        requested=union(e.packets.without(LINK) for e in expected),
        views=tuple(outer if there else inner for there in outside(made.path, site, arriving)),
        v6=v6,
        inside=private,
        at_hosts=seen(private, entries).packets,
    )
    return replace(made, nodes=_nodes(made, inner, site), evidence=(*_bound(made), *made.evidence))


def _outbound(base: Box, made: Resolved, entries: tuple[ServiceEntry, ...], site: Site) -> Iterator[Expected]:
    private = [(h.private, h.eip) for h in made.hosts] or [(text, text) for text in made.demand.sources]
    whole = {**base, SOURCE: Ranges.of(span for text, _ in private for span in addresses(text))}
    if made.lines:
        asked = _boxes(whole, entries)
        for line in made.lines:
            by_link = any(site.points[hop.point].role == "adc" for hop in made.path.hops)
            over = asked.within(**{LINK: symbol(line.isp.link)}) if by_link else asked
            yield Expected(over, Translation(source=single(line.address)))
    elif made.hosts:
        for text, eip in private:
            to = IDENTITY if text == eip else Translation(source=single(eip))
            yield Expected(_boxes({**base, SOURCE: addresses(text)}, entries), to)
    else:
        yield Expected(_boxes(whole, entries), IDENTITY)


def _inbound(base: Box, made: Resolved) -> Iterator[Expected]:
    """Yield what must become of each port pair; a path without lines has no public ports."""
    public = [line.address for line in made.lines]
    for host in made.hosts if not public else made.hosts[:1]:
        box = {**base, DESTINATION: Ranges.of(s for text in public or [host.eip] for s in addresses(text))}
        to = None if host.private == host.eip and not public else single(host.private)
        for protocol in _protocols(made.demand):
            for outer, inner in made.demand.port_pairs:
                low, high = port_span(outer if public else inner)
                packets = Packets.of({**box, SERVICE: services(protocol, low, high)})
                yield Expected(packets, Translation(destination=to, shift=port_span(inner)[0] - low))


def _boxes(base: Box, entries: Sequence[ServiceEntry]) -> Packets:
    return Packets.of(*({**base, SERVICE: services(e.protocol, e.low, e.high)} for e in entries))


def _protocols(demand: Demand) -> tuple[int | None, ...]:
    return PROTOCOLS[demand.protocol or "any"]


def target_services(demand: Demand) -> tuple[ServiceEntry, ...]:
    """Return the services at the target ports: so whoever stands behind a translation sees them."""
    return _services_at(demand, [target for _, target in demand.port_pairs])


def _arriving(demand: Demand) -> tuple[ServiceEntry, ...]:
    """Return the services at the ports that the requester names."""
    return _services_at(demand, [outer for outer, _ in demand.port_pairs])


def _services_at(demand: Demand, ports: Sequence[str]) -> tuple[ServiceEntry, ...]:
    spans = Ranges.of(port_span(port) for port in ports) if ports else Ranges.span(0, 65535)
    return tuple(ServiceEntry(p, low, high) for p in _protocols(demand) for low, high in spans)


def _host(address: str) -> str:
    return address if "/" in address else f"{address}/{128 if ':' in address else 32}"


def _any_of(texts: Sequence[str], family: Ranges) -> Ranges:
    if "any" in texts or not texts:
        return family
    return Ranges.of(span for text in texts for span in addresses(text))


def _bound(made: Resolved) -> Iterator[str]:
    for h in (host for host in made.hosts if host.via):
        whose = f"（{h.via}，{made.path.pool} 池，{h.owner or '归属未知'}）"
        yield f"{h.private} → EIP {h.eip}{whose}" if h.private != h.eip else f"EIP {h.eip}{whose}"


def _nodes(made: Resolved, inner: View, site: Site) -> tuple[PathNode, ...]:
    """Return the flow as each point on the way sees it, in words. *inner*: as it is next to the cloud."""
    out = outbound(made.path, site)
    services = _services_said(inner.entries)
    outer = service_words(Ranges.of(s for box in made.requested for s in box.get(SERVICE, full(SERVICE))))
    eips = _said(inner.sources if out else inner.destinations)
    behind = tuple(h.private for h in made.hosts if h.private != h.eip)
    private = _said(behind or (made.demand.sources if out else made.demand.destinations))
    bound = eips if private == eips else f"{private} ⇒ {eips}" if out else f"{eips} ⇒ {private}"
    public = " / ".join(f"{ln.isp.code} {ln.address}" for ln in made.lines)
    remote = _said(inner.destinations if out else inner.sources)
    cloud = PathNode(CLOUD, "cloud", *((bound, remote) if out else (remote, bound)), services)

    def node(hop: Hop, view: View) -> PathNode:
        role, there = site.points[hop.point].role, site.translating(made.path)
        if there and there.point == hop.point and out:
            return PathNode(hop.point, role, f"{eips} ⇒ {public}", remote, services)
        if role == GROUPS:
            return PathNode(hop.point, role, *((private, remote) if out else (remote, private)), services)
        if there and there.point == hop.point:
            return PathNode(hop.point, role, remote, f"{public} ⇒ {eips}", f"{outer} ⇒ {services}")
        ends = _said(view.sources), _said(view.destinations)
        return PathNode(hop.point, role, *ends, _services_said(view.entries))

    hops = tuple(node(hop, view) for hop, view in zip(made.path.hops, made.views, strict=True))
    if not made.path.pool:
        return hops
    guards = tuple(one for one in hops if one.role == GROUPS)
    others = tuple(one for one in hops if one.role != GROUPS)
    return (*guards, cloud, *others) if out else (*others, cloud, *guards)


def _said(texts: tuple[str, ...]) -> str:
    return "任意" if "any" in texts else address_words(Ranges.of(s for t in texts for s in addresses(t)))


def _services_said(entries: Sequence[ServiceEntry]) -> str:
    return service_words(Ranges.of(s for e in entries for s in services(e.protocol, e.low, e.high)))
