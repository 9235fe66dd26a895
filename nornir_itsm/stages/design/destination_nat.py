"""Destination translation at the ADC or a firewall: publishing, moving to another target, taking back."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from nornir_itsm.model.adc import AddressMatch, DnatRule
from nornir_itsm.model.intent import AddressSet, Anchor, DestinationNat, Reuse
from nornir_itsm.space.dimensions import LINK, SERVICE, SOURCE, TIME, V4, V6, services
from nornir_itsm.space.packets import NOTHING, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Translation, passing
from nornir_itsm.stages.design import wall_dnat
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.hops import arriving
from nornir_itsm.stages.naming import name
from nornir_itsm.stages.requested import Expected
from nornir_itsm.stages.reserved import holding
from nornir_itsm.stages.rulebase import covering, port_span, single
from nornir_itsm.stages.translations import dnat_packets, dnat_rules, group_ranges, port_pairs
from nornir_itsm.stages.words import flows

_GROUP = "CUSTOM-ADDRESS-GROUP"


def publish(case: Case) -> Iterator[Wanted]:
    """Yield the destination NAT that brings the public ports to the tenant's EIP."""
    if wall := case.wall():
        yield from wall_dnat.publish(case, wall)
        return
    found = [(expected, *_translated(case, expected)) for expected in case.resolved.expected]
    for expected, free, right in found:
        taken = _taken(case, expected, free | right)
        if taken:
            yield case.question("dnat", f"公网端口已被占用：{taken}")
            return
    missing = [expected for expected, free, _ in found if free]
    moved = list(_moved(case, missing))
    yield from (DestinationNat(case.hop("adc").point, rule, Anchor()) for rule in moved)
    gained = union(dnat_packets(rule, case.adc()) for rule in moved).without(LINK, SOURCE)
    left = [expected for expected in missing if expected.packets.without(LINK, SOURCE, TIME) - gained]
    if left:
        yield from _dnat(case, left)
    for label in sorted(_deciding(case)) if not missing else ():
        yield Reuse(case.hop("adc").point, "DestinationNat", label, "已转换")


def _translated(case: Case, expected: Expected) -> tuple[Packets, Packets]:
    """Return the packets that no rule translates for certain, and those that are translated as asked."""
    wanted = Translation(destination=single(case.resolved.hosts[0].eip), shift=expected.translation.shift)
    free, right = expected.packets & arriving(case.site), NOTHING
    for rule in dnat_rules(case.adc()):
        if rule.translation == wanted:
            right = right | (free & rule.match.must())
        free = free - rule.match.must()
    return free.without(LINK), right.without(LINK)


def _taken(case: Case, expected: Expected, usable: Packets) -> str:
    """Say which rule translates some public address and port for every source, to somewhere else."""
    lost = expected.packets.without(SOURCE) - usable.without(SOURCE)
    if not lost:
        return ""
    said = "、".join(flows(lost))
    for nat in case.adc().dnat:
        if nat.enabled and nat.source.kind == "ALL" and dnat_packets(nat, case.adc()) & lost:
            return f"规则 {nat.name}（位置 {nat.position}）把 {said} 转换到 {nat.target.value}"
    return said


def _moved(case: Case, missing: list[Expected]) -> Iterator[DnatRule]:
    """Yield rules that the order takes away and that only need another target: they stay where they are."""
    held = {nat.name for nat in case.adc().dnat}
    asked = {e.translation.shift: NOTHING for e in missing}
    for expected in missing:
        asked[expected.translation.shift] |= expected.packets.without(LINK, SOURCE, TIME)
    target = AddressMatch("IP-ADDRESS", case.resolved.hosts[0].eip)
    for nat in case.before.adc(case.hop("adc").point).dnat:
        if nat.name in held or not nat.enabled or nat.source.kind != "ALL":
            continue
        lines = dnat_rules(replace(case.before.adc(case.hop("adc").point), dnat=(nat,)))
        arrivals = [(r.translation.shift, (r.match & arriving(case.site)).without(LINK)) for r in lines]
        if all(packets <= asked.get(shift, NOTHING) for shift, packets in arrivals):
            yield replace(nat, target=target)


def _deciding(case: Case) -> set[str]:
    adc = case.hop("adc").point
    seen = (o.labels for e in case.resolved.expected for o in case.outcomes(e.packets))
    return {label for labels in seen for point, label in labels if point == adc}


def _dnat(case: Case, missing: list[Expected]) -> Iterator[Wanted]:
    adc, point, resolved = case.adc(), case.hop("adc").point, case.resolved
    public = tuple(line.address for line in resolved.lines)
    group = _public_group(case, public)
    if group is None:
        group = name(
            case.site,
            "public_group",
            case.taken("adc", "AddressSet", adc.groups, holding(public)),
            ips="和".join(public),
            customer=resolved.customer,
        )
        yield AddressSet(point, group, public, whole=True)
    else:
        yield AddressSet(point, group, public, reuse=True)
    pairs = [pair for pair in resolved.demand.port_pairs if _among(pair[0], missing)]
    protocol = {"tcp": "TCP", "udp": "UDP", "tcp+udp": "TCP_UDP"}[resolved.demand.protocol or ""]
    taken = case.taken("adc", "DestinationNat", (nat.name for nat in adc.dnat))
    rule = DnatRule(
        name=name(case.site, "dnat", taken, customer=resolved.customer, system=resolved.system),
        links=tuple(line.isp.link for line in resolved.lines),
        destination=AddressMatch(_GROUP, group),
        protocol=protocol,
        ports=tuple(outer for outer, _ in pairs),
        target=AddressMatch("IP-ADDRESS", resolved.hosts[0].eip),
        target_ports=tuple(inner for _, inner in pairs),
        family="IPV6" if resolved.v6 else "IPV4",
        position=len(adc.dnat) + 1,
    )
    yield DestinationNat(point, rule, Anchor("last"))


def _among(port: str, missing: list[Expected]) -> bool:
    low, high = port_span(port)
    ports = Ranges.of(span for e in missing for box in e.packets for span in box[SERVICE])
    return any(ports & services(protocol, low, high) for protocol in (6, 17))


def _public_group(case: Case, public: tuple[str, ...]) -> str | None:
    adc, wanted = case.adc(), covering(public)
    same = sorted(g for g in adc.groups if group_ranges(g, adc) == wanted)
    return min(same, key=lambda n: (case.resolved.customer not in n, n), default=None)


def others_use(case: Case) -> Packets:
    """Return what else passes over the addresses and ports that are to be closed: other sources, hours."""
    asked = union(e.packets for e in case.resolved.expected)
    return passing(case.outcomes(asked.without(SOURCE, TIME).within(**{SOURCE: V4 | V6}))).may() - asked


def unpublish(case: Case) -> Iterator[Wanted]:
    """Yield the removal of what is to be closed from the destination translations to the tenant's EIP.

    A translation has neither white lists nor hours: what others still use stays, and the firewall closes it.
    """
    asked = union(e.packets for e in case.resolved.expected).without(SOURCE, TIME)
    others = others_use(case)
    closed = asked - others.without(SOURCE, TIME, LINK)
    if wall := case.wall():
        gone = list(wall_dnat.unpublish(case, wall, closed))
        yield from gone
        yield from wall_dnat.unused(case, wall, gone, narrow=bool(others))
        return
    adc, point = case.adc(), case.hop("adc").point
    target = case.resolved.hosts[0].eip
    for nat in adc.dnat:
        if not nat.enabled or nat.target.value != target:
            continue
        matched = (dnat_packets(nat, adc) & arriving(case.site)).without(LINK, SOURCE)
        if not matched & closed:
            continue
        if matched <= closed:
            yield DestinationNat(point, nat, Anchor(), state="absent")
        elif (less := _without_ports(case, nat, closed)) is not None:
            yield DestinationNat(point, less, Anchor())
        else:
            more = "、".join(flows(matched - closed))
            yield case.question("partial", f"转换 {nat.name} 还服务于 {more}：不能只按端口缩小，请人工处理")


def _without_ports(case: Case, nat: DnatRule, closed: Packets) -> DnatRule | None:
    """Return the rule without the ports that are to be closed; None where that is not the same."""
    adc = case.adc()
    matched = (dnat_packets(nat, adc) & arriving(case.site)).without(LINK, SOURCE)
    gone = Ranges.of(span for box in (matched & closed) for span in box.get(SERVICE, Ranges()))
    left = [kept for pair in port_pairs(nat) for kept in _cut(pair, gone)]
    if not left:
        return None
    less = replace(nat, ports=tuple(a for a, _ in left), target_ports=_targets(nat, left))
    kept = (dnat_packets(less, adc) & arriving(case.site)).without(LINK, SOURCE)
    return less if kept.same_as(matched - closed) else None


def _cut(pair: tuple[int, int, int], gone: Ranges) -> Iterator[tuple[str, str]]:
    """Yield the (public, target) port texts that are left of (low, high, shift)."""
    low, high, shift = pair
    protocols = [protocol for protocol in (6, 17) if gone & services(protocol, low, high)]
    left = Ranges.span(low, high)
    for protocol in protocols:
        base = services(protocol, 0, 0).low
        left = left - Ranges.of((a - base, b - base) for a, b in gone & services(protocol, low, high))
    yield from ((_ports(a, b), _ports(a + shift, b + shift)) for a, b in left)


def _ports(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _targets(nat: DnatRule, left: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the target ports in the way the rule had them: ("0",) keeps the port."""
    return nat.target_ports if nat.target_ports in ((), ("0",)) else tuple(b for _, b in left)
