"""Translations at the ADC: source NAT by joining the right address group, destination NAT by publishing."""

from collections.abc import Iterator

from nornir_itsm.model.facts import AdcFacts, AddressMatch, DnatRule
from nornir_itsm.model.intent import AddressSet, Anchor, DestinationNat, Reuse
from nornir_itsm.space.dimensions import LINK, SERVICE, SOURCE, services
from nornir_itsm.space.packets import NOTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Translation, trace
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.objects import covering
from nornir_itsm.stages.hops import arriving
from nornir_itsm.stages.naming import name
from nornir_itsm.stages.resolve import Expected
from nornir_itsm.stages.rulebase import port_span, single
from nornir_itsm.stages.translations import dnat_packets, dnat_rules, group_ranges
from nornir_itsm.stages.words import flows

_GROUP = "CUSTOM-ADDRESS-GROUP"


def join_source_nat(case: Case) -> Iterator[Wanted]:
    """Yield the membership of the group whose source NAT gives exactly the requested public addresses."""
    adc, point = case.adc(), case.hop("adc").point
    wanted = {line.isp.link: line.address for line in case.resolved.lines}
    if _translated_as_asked(case):
        for group in _groups_translating_to(adc, wanted):
            if any(single(h.eip) in group_ranges(group, adc) for h in case.resolved.hosts):
                yield from _reused(adc, point, group)
        return
    groups = _groups_translating_to(adc, wanted)
    if not groups:
        said = "、".join(f"{line.isp.name} {line.address}" for line in case.resolved.lines)
        yield case.question("snat", f"{point} 上没有恰好译为 {said} 的源地址转换组，请先建立")
        return
    group = groups[0]
    members = tuple(h.eip for h in case.resolved.hosts if single(h.eip) not in group_ranges(group, adc))
    for eip in members:
        taken = _translated_elsewhere(adc, eip, group)
        if taken:
            yield case.question("snat", f"{eip} 已在地址集 {taken} 中，转换到其他公网地址：请确认是否迁移")
            return
    yield AddressSet(point, group, members)
    yield from _reused(adc, point, group)


def _translated_as_asked(case: Case) -> bool:
    """Tell whether every requested flow already leaves with the requested addresses, passing or not."""
    adc_lists = [one for one in case.lists() if one.point == case.hop("adc").point]
    cloud = case.lists()[0]
    for expected in case.resolved.expected:
        for outcome in trace((cloud, *adc_lists), expected.packets):
            if not outcome.passes or outcome.translation != expected.translation:
                return False
    return bool(case.resolved.expected)


def _groups_translating_to(adc: AdcFacts, wanted: dict[str, str]) -> list[str]:
    by_group: dict[str, dict[str, str]] = {}
    for nat in adc.snat:
        if nat.enabled and nat.source.kind == _GROUP and nat.translated.kind == "IP-ADDRESS":
            for link in nat.outbound_links:
                by_group.setdefault(nat.source.value, {}).setdefault(link, nat.translated.value)
    return sorted(
        group for group, lines in by_group.items() if lines == wanted and _routed(adc, group, wanted)
    )


def _routed(adc: AdcFacts, group: str, wanted: dict[str, str]) -> bool:
    """Tell whether a group's own route uses exactly these links."""
    routes = [r for r in adc.routes if r.enabled and r.source == AddressMatch(_GROUP, group)]
    return bool(routes) and set(routes[0].links) == set(wanted)


def _translated_elsewhere(adc: AdcFacts, eip: str, group: str) -> str:
    used = {nat.source.value for nat in adc.snat if nat.enabled and nat.source.kind == _GROUP}
    others = (g for g in adc.groups if g in used and g != group and single(eip) in group_ranges(g, adc))
    return next(others, "")


def _reused(adc: AdcFacts, point: str, group: str) -> Iterator[Wanted]:
    for nat in adc.snat:
        if nat.enabled and nat.source == AddressMatch(_GROUP, group):
            yield Reuse(point, "SourceNat", nat.name, f"{group} → {nat.translated.value}")
    for route in adc.routes:
        if route.enabled and route.source == AddressMatch(_GROUP, group):
            yield Reuse(point, "PolicyRoute", route.name, "、".join(route.links))


def publish(case: Case) -> Iterator[Wanted]:
    """Yield the destination NAT that brings the public ports to the tenant's EIP."""
    found = [(expected, *_translated(case, expected)) for expected in case.resolved.expected]
    for expected, free, right in found:
        taken = _taken(case, expected, free | right)
        if taken:
            yield case.question("dnat", f"公网端口已被占用：{taken}")
            return
    missing = [expected for expected, free, _ in found if free]
    if missing:
        yield from _dnat(case, missing)
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
            case.site, "public_group", adc.groups.keys(), ips="和".join(public), customer=resolved.customer
        )
        yield AddressSet(point, group, public, whole=True)
    else:
        yield AddressSet(point, group, public, reuse=True)
    pairs = [pair for pair in resolved.demand.port_pairs if _among(pair[0], missing)]
    protocol = {"tcp": "TCP", "udp": "UDP", "tcp+udp": "TCP_UDP"}[resolved.demand.protocol or ""]
    taken = {nat.name for nat in adc.dnat}
    rule = DnatRule(
        name=name(case.site, "dnat", taken, customer=resolved.customer, system=resolved.system),
        links=tuple(line.isp.link for line in resolved.lines),
        destination=AddressMatch(_GROUP, group),
        protocol=protocol,
        ports=tuple(outer for outer, _ in pairs),
        target=AddressMatch("IP-ADDRESS", resolved.hosts[0].eip),
        target_ports=tuple(inner for _, inner in pairs),
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
