"""A demand along its path: private addresses to EIPs, public addresses to lines, the flow at each hop.

Pure: what is not known or not allowed becomes a question with a key, never a guess.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nornir_itsm.model.facts import Binding, Facts, ServiceEntry
from nornir_itsm.model.order import Demand, Order, Schedule
from nornir_itsm.model.plan import PathNode, Question
from nornir_itsm.model.topology import Isp, Path, Site
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
from nornir_itsm.space.packets import Box, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Translation
from nornir_itsm.stages.hops import CLOUD, isp_ranges, outbound, pool_ranges
from nornir_itsm.stages.rulebase import port_span, single, weekly
from nornir_itsm.stages.words import address_words, service_words

ANSWERED_YES = ("yes", "y", "是", "确认", "true")


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
    """A demand as a filter on the path sees it. ``sources`` and ``destinations`` are members or ("any",)."""

    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    entries: tuple[ServiceEntry, ...]
    schedule: Schedule


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
    view: View | None = None
    at_firewall: Packets = field(default=Packets())
    """The request as the firewall on the path sees it, zones not named."""
    questions: tuple[Question, ...] = ()
    nodes: tuple[PathNode, ...] = ()
    evidence: tuple[str, ...] = ()


def resolve(demand: Demand, order: Order, site: Site, facts: Facts, answers: Mapping[str, str]) -> Resolved:
    """Resolve one demand along the path of its zone pair, which must be known to the site."""
    path = site.path(demand.source_zone, demand.destination_zone)
    assert path is not None
    customer = site.customer(order.organization)
    name = customer.name if customer else order.organization
    out = outbound(path, site)
    tenant_side = demand.sources if out else demand.destinations
    hosts, host_questions = _hosts(demand, tenant_side, path, site, facts, answers)
    lines, line_questions = _lines(demand, site, answers)
    made = Resolved(demand, path, name, order.system or name, hosts, lines)
    questions = (
        *_shape(demand, out=out),
        *host_questions,
        *line_questions,
        *_owners(made, site, facts, answers),
    )
    return replace(made, questions=questions) if questions else _flows(made, out=out)


def _shape(demand: Demand, *, out: bool) -> Iterator[Question]:
    """Ask about requests that no path can carry as they stand."""
    key = demand.id
    if demand.protocol is None:
        yield Question(f"{key}.protocol", "协议未知", "tcp", ("tcp", "udp", "icmp"))
    if out:
        return
    if demand.protocol == "icmp":
        yield Question(f"{key}.protocol", "入向 ICMP 不能按端口发布，请与客户确认是否需要")
    if len(demand.destinations) != 1:
        yield Question(f"{key}.destination", "同一公网端口只能转换到一个目的地址，请拆分需求")
    if demand.protocol != "icmp" and any("any" in pair for pair in demand.port_pairs):
        yield Question(f"{key}.ports", "请求发布全部端口：请给出具体端口")


def _hosts(
    demand: Demand, addrs: tuple[str, ...], path: Path, site: Site, facts: Facts, answers: Mapping[str, str]
) -> tuple[tuple[Binding, ...], list[Question]]:
    pool = pool_ranges(path, site, facts.cloud)
    found: list[Binding] = []
    questions: list[Question] = []
    for text in addrs:
        try:
            place = single(text)
        except ValueError:
            questions.append(Question(f"{demand.id}.host", f"{text} 不是单个主机地址，无法确定 EIP"))
            continue
        address = text.split("/", maxsplit=1)[0]
        if place in pool:
            found.append(_backwards(address, facts))
            continue
        options = sorted(
            {b.eip for b in facts.cloud.bindings if b.private == address and single(b.eip) in pool}
        )
        answer = answers.get(f"{demand.id}.eip", "")
        chosen = answer if answer in options else options[0] if len(options) == 1 else ""
        if chosen:
            found.append(next(b for b in facts.cloud.bindings if (b.private, b.eip) == (address, chosen)))
        else:
            questions.append(_no_eip(demand, address, options, path, facts))
    return tuple(found), questions


def _backwards(eip: str, facts: Facts) -> Binding:
    known = facts.cloud.eips.get(eip)
    owner = known.owner if known else ""
    return next((b for b in facts.cloud.bindings if b.eip == eip), Binding(eip, eip, "eip", owner=owner))


def _no_eip(demand: Demand, address: str, options: list[str], path: Path, facts: Facts) -> Question:
    if options:
        return Question(
            f"{demand.id}.eip", f"{address} 有多个 {path.pool} EIP，请选择", options[0], tuple(options)
        )
    place = single(address)
    vpcs = [v for v in facts.cloud.vpcs if any(place in addresses(p) for p in v.prefixes)]
    longest = max(
        vpcs, key=lambda v: max(_length(p) for p in v.prefixes if place in addresses(p)), default=None
    )
    others = sorted(b.eip for b in facts.cloud.bindings if b.private == address)
    if others:
        return Question(
            f"{demand.id}.eip", f"{address} 的 EIP {'、'.join(others)} 不属于 {path.pool} 池：没有互联网 EIP"
        )
    if longest and longest.nat_gateways:
        return Question(
            f"{demand.id}.eip",
            f"{address} 没有 EIP，所在 VPC 有 NAT 网关：请确认经 NAT 网关出网，或先绑定 EIP",
        )
    return Question(f"{demand.id}.eip", f"{address} 没有 {path.pool} 池的 EIP，请先绑定")


def _length(prefix: str) -> int:
    return int(prefix.partition("/")[2] or 32)


def _lines(demand: Demand, site: Site, answers: Mapping[str, str]) -> tuple[tuple[Line, ...], list[Question]]:
    key = f"{demand.id}.public"
    public = tuple(p.strip() for p in answers.get(key, "").split(",") if p.strip()) or demand.public
    if not public:
        return (), [Question(key, "没有公网 IP：请填写使用哪些公网地址")]
    prefixes = isp_ranges(site)
    lines: list[Line] = []
    questions: list[Question] = []
    for text in public:
        try:
            place = single(text)
        except ValueError:
            questions.append(Question(key, f"{text} 不是单个公网地址"))
            continue
        isp = next((i for i in site.isps if place in prefixes[i.link]), None)
        if isp is None:
            questions.append(Question(key, f"{text} 不在已登记的运营商地址段内：可能是客户自有线路，请确认"))
        else:
            lines.append(Line(text.split("/", maxsplit=1)[0], isp))
    twice = {line.isp.name for line in lines if sum(other.isp == line.isp for other in lines) > 1}
    if twice:
        questions.append(Question(key, f"{'、'.join(sorted(twice))} 有一个以上的公网地址，请确认使用哪一个"))
    order = [isp.link for isp in site.isps]
    return tuple(sorted(lines, key=lambda line: order.index(line.isp.link))), questions


def _owners(made: Resolved, site: Site, facts: Facts, answers: Mapping[str, str]) -> Iterator[Question]:
    """Ask where an address belongs to somebody else than the applicant."""
    key = f"{made.demand.id}.owner"
    if answers.get(key, "").lower() in ANSWERED_YES:
        return
    if site.customer(made.customer) is None:
        yield Question(key, f"申请组织 {made.customer} 不在客户表中，请确认身份", "是")
        return
    owned = [(host.private, host.owner) for host in made.hosts]
    for line in made.lines:
        record = facts.ipam.records.get(line.address)
        owned.append((line.address, record.hostname.removeprefix("行业云-") if record else ""))
    for address, owner in owned:
        other = site.customer(owner)
        if other is not None and other.name != made.customer:
            yield Question(
                key, f"{address} 属于 {other.name}，申请组织是 {made.customer}：请确认跨租户访问", "否"
            )


def _flows(made: Resolved, *, out: bool) -> Resolved:
    demand = made.demand
    protocols = {"tcp": (6,), "udp": (17,), "tcp+udp": (6, 17), "icmp": (1,)}.get(
        demand.protocol or "any", (None,)
    )
    v6 = any(addresses(line.address) <= V6 for line in made.lines)
    base: Box = {TIME: weekly(demand.schedule.periods)} if demand.schedule.periods else {}
    family = V6 if v6 else V4
    ports = [target for _, target in demand.port_pairs]
    eips = tuple(_host(h.eip) for h in made.hosts)
    inner = _entries(protocols, ports)
    if out:
        view = View(eips, demand.destinations, inner, demand.schedule)
        box = {
            **base,
            SOURCE: _any_of([h.private for h in made.hosts], family),
            DESTINATION: _any_of(demand.destinations, family),
        }
        asked = Packets.of(*({**box, SERVICE: services(e.protocol, e.low, e.high)} for e in inner))
        expected = tuple(
            Expected(asked.within(**{LINK: symbol(ln.isp.link)}), Translation(source=single(ln.address)))
            for ln in made.lines
        )
        tenant = SOURCE
    else:
        view = View(demand.sources, eips, inner, demand.schedule)
        box = {
            **base,
            SOURCE: _any_of(demand.sources, family),
            DESTINATION: _any_of([ln.address for ln in made.lines], family),
        }
        expected = tuple(_inbound(box, made.hosts[0], protocols, demand))
        asked = Packets.of(*(b for e in expected for b in e.packets))
        tenant = DESTINATION
    seen = {**box, tenant: _any_of(eips, family)}
    at_firewall = Packets.of(*({**seen, SERVICE: services(e.protocol, e.low, e.high)} for e in inner))
    nodes = _nodes(made, view, asked, out=out)
    proof = tuple(
        f"{h.private} → EIP {h.eip}（{h.via}，{made.path.pool} 池，{h.owner or '归属未知'}）"
        for h in made.hosts
    )
    return replace(
        made,
        expected=expected,
        requested=asked,
        view=view,
        nodes=nodes,
        evidence=proof,
        at_firewall=at_firewall,
    )


def _inbound(
    box: Box, host: Binding, protocols: tuple[int | None, ...], demand: Demand
) -> Iterator[Expected]:
    target = single(host.private)
    for protocol in protocols:
        for public, inner in demand.port_pairs:
            low, high = port_span(public)
            packets = Packets.of({**box, SERVICE: services(protocol, low, high)})
            yield Expected(packets, Translation(destination=target, shift=port_span(inner)[0] - low))


def _host(address: str) -> str:
    return address if "/" in address else f"{address}/{128 if ':' in address else 32}"


def _any_of(texts: Sequence[str], family: Ranges) -> Ranges:
    if "any" in texts or not texts:
        return family
    return Ranges.of(span for text in texts for span in addresses(text))


def _entries(protocols: tuple[int | None, ...], ports: list[str]) -> tuple[ServiceEntry, ...]:
    spans = Ranges.of(port_span(port) for port in ports) if ports else Ranges.span(0, 65535)
    return tuple(ServiceEntry(p, low, high) for p in protocols for low, high in spans)


def _nodes(made: Resolved, view: View, asked: Packets, *, out: bool) -> tuple[PathNode, ...]:
    def say(texts: tuple[str, ...]) -> str:
        return "任意" if "any" in texts else address_words(Ranges.of(s for t in texts for s in addresses(t)))

    inner = service_words(Ranges.of(s for e in view.entries for s in services(e.protocol, e.low, e.high)))
    outer = service_words(Ranges.of(s for box in asked for s in box.get(SERVICE, full(SERVICE))))
    private, eips = say(tuple(h.private for h in made.hosts)), say(tuple(h.eip for h in made.hosts))
    public = " / ".join(f"{ln.isp.code} {ln.address}" for ln in made.lines)
    remote = say(view.destinations if out else view.sources)
    points = [hop.point for hop in made.path.hops]
    if out:
        return (
            PathNode(CLOUD, "cloud", f"{private} ⇒ {eips}", remote, inner),
            PathNode(points[0], "firewall", eips, remote, inner),
            *(PathNode(p, "adc", f"{eips} ⇒ {public}", remote, inner) for p in points[1:]),
        )
    return (
        PathNode(points[0], "adc", remote, f"{public} ⇒ {eips}", f"{outer} ⇒ {inner}"),
        *(PathNode(p, "firewall", remote, eips, inner) for p in points[1:]),
        PathNode(CLOUD, "cloud", remote, f"{eips} ⇒ {private}", inner),
    )
