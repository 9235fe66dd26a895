"""The smallest change that would open what does not pass: what an order for exactly that would plan.

There is no second design: a synthetic order goes the way of every order, through ``make_plan``. Hours and
source ports are not narrowed: a rule beside one that works at other hours opens nothing but the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import summarize_address_range

from nornir_itsm.model.cloud import Binding, Host
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.order import Demand, Order, Protocol, Schedule
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.topology import Path
from nornir_itsm.space.dimensions import (
    DESTINATION,
    LINK,
    SERVICE,
    SOURCE,
    V4,
    V6,
    address_at,
    addresses,
    full,
    is_name,
    name_above,
    name_at,
    services,
)
from nornir_itsm.space.packets import NOTHING, Box, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rules, trace
from nornir_itsm.stages.hops import UNPUBLISHED, isp_ranges, outbound, pool_ranges
from nornir_itsm.stages.plan import Known, make_plan
from nornir_itsm.stages.resolve import lined
from nornir_itsm.stages.rulebase import port_span, single
from nornir_itsm.stages.stateless import ANSWERS
from nornir_itsm.stages.why import Why, lists_of

MOST = 8
"""So many public addresses are named one by one."""
NO_TARGET = "没有转换规则：以云内主机地址为目的再问一次，才知道要发布到哪台主机"
_PROTOCOLS: dict[int, Protocol] = {6: "tcp", 17: "udp", 1: "icmp"}


@dataclass(frozen=True, slots=True)
class Smallest:
    """One plan for each customer who would have to order; *notes* say what no order can."""

    plans: tuple[Plan, ...] = ()
    notes: tuple[str, ...] = ()


def smallest(answer: Why, known: Known) -> Smallest:
    """Plan what would open the part that does not pass for certain. Changes nothing anywhere."""
    out = outbound(answer.path, known.site)
    found = list(_leaving(answer, known)) if out else [*_arriving(answer, known), *_to_publish(answer, known)]
    by_customer: dict[str, list[Demand]] = {}
    for one in found:
        host = _host((one.sources if out else one.destinations)[0], known.facts)
        by_customer.setdefault(_customer(host, known), []).append(one)
    orders = (_order(name, demands, known, out=out) for name, demands in by_customer.items())
    return Smallest(tuple(make_plan(order, known) for order in orders), tuple(_notes(answer, known)))


def _order(customer: str, demands: Sequence[Demand], known: Known, *, out: bool) -> Order:
    ends = (end for one in demands for end in (one.sources if out else one.destinations))
    names = {_host(end, known.facts).name for end in ends}
    numbered = tuple(replace(one, id=f"D{n}", rows=(f"R{n}",)) for n, one in enumerate(demands, 1))
    return Order("why", customer, names.pop() if len(names) == 1 else "", demands=numbered)


def _host(address: str, facts: Facts) -> Binding:
    """Return what the cloud knows of a host by its own address or its EIP."""
    bare = address.removesuffix("/32").removesuffix("/128")
    bound = (b for b in facts.cloud.bindings if bare in (b.private, b.eip))
    host = facts.cloud.hosts.get(bare, Host(bare))
    return next(bound, Binding(bare, "", "", owner=host.owner, name=host.name))


def _customer(host: Binding, known: Known) -> str:
    found = known.site.customer(host.owner)
    return found.name if found else host.owner


def _hull(packets: Packets) -> Box:
    """Return the box around some packets: of a question's part it is a part of the question too."""
    sides: dict[str, Ranges] = {}
    for box in packets:
        for side in (SOURCE, DESTINATION, SERVICE):
            sides[side] = sides.get(side, Ranges()) | box.get(side, full(side))
    return sides


def _leaving(answer: Why, known: Known) -> Iterator[Demand]:
    """Yield demands of tenants' hosts, one for each set of public addresses that the ADC gives them now."""
    box = _hull(answer.judged.blocked | answer.judged.undecidable)
    by_public: dict[tuple[str, ...], list[str]] = {}
    for host in _hosts_of(box, answer.path, known) if box else ():
        by_public.setdefault(_public_of(host, box, answer.path, known), []).append(host)
    for public, hosts in by_public.items():
        for protocol, ports in _services(box[SERVICE]):
            pairs = tuple(("any", port) for port in ports)
            yield _demand(answer.path, tuple(hosts), _texts(box[DESTINATION]), public, protocol, pairs)


def _hosts_of(box: Box, path: Path, known: Known) -> tuple[str, ...]:
    """Return the hosts among the sources that have an EIP of the path's pool; without any, what was asked."""
    pool = pool_ranges(path, known.site, known.facts.cloud)
    bound = {single(b.private): b.private for b in known.facts.cloud.bindings if single(b.eip) in pool}
    return tuple(bound[place] for place in sorted(bound) if place in box[SOURCE]) or _texts(box[SOURCE])


def _public_of(host: str, box: Box, path: Path, known: Known) -> tuple[str, ...]:
    """Return the public addresses that a host's packets would leave with today, were they let through."""
    lists = [one for one in lists_of(path, known.site, known.facts) if not isinstance(one.rules, Rules)]
    packets = Packets(({**box, SOURCE: addresses(host)},))
    found = {o.translation.source for o in trace(lists, packets) if o.passes}
    public = Ranges.of(span for ranges in isp_ranges(known.site).values() for span in ranges)
    places = sorted(place for place in found if place is not None and place in public)
    return tuple(str(address_at(place)) for place in places)


def _arriving(answer: Why, known: Known) -> Iterator[Demand]:
    """Yield demands for what a translation brings to a tenant's EIP and a filter stops there.

    What the filter cannot tell apart, such as the same port of another line, is asked for together.
    """
    missing = answer.judged.blocked | answer.judged.undecidable
    if not lined(answer.path, known.site):
        yield from _addressed(answer, _hull(missing))
        return
    dnat = lists_of(answer.path, known.site, known.facts)[0]
    stopped = (o.translation.image(o.origin.without(LINK).may() & missing) for o in answer.judged.outcomes)
    alike = dnat.preimage(union(stopped)).may()
    found: dict[tuple[int, int], Packets] = {}
    for outcome in trace((dnat,), alike):
        to = outcome.translation
        if to.destination is not None and _is_tenants(to.destination, known):
            packets = found.get((to.destination, to.shift), NOTHING)
            found[to.destination, to.shift] = packets | outcome.origin.without(LINK).may()
    for (place, shift), packets in found.items():
        box = _hull(packets)
        ends = _texts(box[SOURCE]), (str(address_at(place)),), _singles(box[DESTINATION])
        for protocol, ports in _services(box[SERVICE]):
            yield _demand(answer.path, *ends, protocol, tuple((p, _moved(p, shift)) for p in ports))


def _addressed(answer: Why, box: Box) -> Iterator[Demand]:
    """Yield a demand for what comes in to EIPs themselves, on a path without lines."""
    for protocol, ports in _services(box[SERVICE]) if box else ():
        ends = _texts(box[SOURCE]), _singles(box[DESTINATION]), ()
        yield _demand(answer.path, *ends, protocol, tuple((p, p) for p in ports))


def _to_publish(answer: Why, known: Known) -> Iterator[Demand]:
    """Yield demands for what no public address leads to, on those that lead to the host already."""
    rules = lists_of(answer.path, known.site, known.facts)[0].rules
    for host in _texts(_hull(answer.unpublished)[DESTINATION]) if answer.unpublished else ():
        box = _hull(answer.unpublished.within(**{DESTINATION: addresses(host)}))
        bound = (b for b in known.facts.cloud.bindings if addresses(b.private) == addresses(host))
        eips = {single(b.eip) for b in bound}
        leading = (r.match for r in rules if r.translation.destination in eips)
        public = Ranges.of(s for match in leading for b in match for s in b.get(DESTINATION, Ranges()))
        for protocol, ports in _services(box[SERVICE]):
            ends = _texts(box[SOURCE]), (host,), _singles(public)
            yield _demand(answer.path, *ends, protocol, tuple((p, p) for p in ports))


def _notes(answer: Why, known: Known) -> Iterator[str]:
    """Say what stands in the way that no order can change."""
    stopped = [o for o in answer.judged.outcomes if not o.passes]
    if any(o.rules[-1].label == UNPUBLISHED for o in stopped):
        yield NO_TARGET
    for point, label in dict.fromkeys(o.labels[-1] for o in stopped):
        if label.startswith(ANSWERS):
            yield f"回程报文被 {point} 的“{label}”拦截：先在回程的 ACL 中放行"
    for place in dict.fromkeys(o.translation.destination for o in stopped):
        if place is not None and not outbound(answer.path, known.site) and not _is_tenants(place, known):
            yield f"先行匹配的转换通向 {address_at(place)}，它不是云内主机"


def _is_tenants(place: int, known: Known) -> bool:
    return any(place in (single(b.eip), single(b.private)) for b in known.facts.cloud.bindings)


def _moved(port: str, shift: int) -> str:
    low, high = port_span(port)
    return port if not shift or port == "any" else _port(low + shift, high + shift)


def _demand(
    path: Path,
    sources: tuple[str, ...],
    destinations: tuple[str, ...],
    public: tuple[str, ...],
    protocol: Protocol,
    pairs: tuple[tuple[str, str], ...],
) -> Demand:
    ends = path.source, path.destination
    return Demand("", (), "add", *ends, sources, destinations, public, protocol, pairs, Schedule())


def _services(service: Ranges) -> Iterator[tuple[Protocol, tuple[str, ...]]]:
    """Yield protocols with ports; all of them together where a form has no word for one."""
    numbers = {n for low, high in service for n in range(low >> 16, (high >> 16) + 1)}
    if not numbers <= _PROTOCOLS.keys():
        yield "any", ("any",)
        return
    for number in sorted(numbers):
        ports = (service & services(number)).shift(-(number << 16))
        yield _PROTOCOLS[number], ("any",) if number == 1 else tuple(_port(low, high) for low, high in ports)


def _port(low: int, high: int) -> str:
    return "any" if (low, high) == (0, 65535) else str(low) if low == high else f"{low}-{high}"


def _singles(ranges: Ranges) -> tuple[str, ...]:
    """Return few addresses one by one, many as ranges (which a plan asks about)."""
    if ranges.size > MOST:
        return tuple(f"{address_at(low)}-{address_at(high)}" for low, high in ranges)
    return tuple(str(address_at(place)) for low, high in ranges for place in range(low, high + 1))


def _texts(ranges: Ranges) -> tuple[str, ...]:
    """Return one side as a form would have it."""
    if ranges >= V4 or ranges >= V6:
        return ("any",)
    return tuple(text for low, high in ranges for text in _span(low, high))


def _span(low: int, high: int) -> Iterator[str]:
    if is_name(low):
        yield name_at(low) if low == high else f"*.{name_above(low, high)}"
        return
    first, last = address_at(low), address_at(high)
    nets = [str(net) for net in summarize_address_range(first, last)]
    yield nets[0] if len(nets) == 1 else f"{first}-{last}"
