"""Source translation at the ADC or a firewall: an EIP gets, or joins, what leaves with the asked address."""

from collections.abc import Iterator, Mapping

from nornir_itsm.model.adc import AdcFacts, AddressMatch, RouteRule, SnatRule
from nornir_itsm.model.intent import AddressSet, Anchor, PolicyRoute, Reuse, SourceNat
from nornir_itsm.model.plan import Finding
from nornir_itsm.model.topology import Isp
from nornir_itsm.space.dimensions import SOURCE
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import trace
from nornir_itsm.stages.design import wall_snat
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.naming import name
from nornir_itsm.stages.reserved import holding
from nornir_itsm.stages.rulebase import single
from nornir_itsm.stages.translations import group_ranges, route_rules, snat_rules

_GROUP = "CUSTOM-ADDRESS-GROUP"
_Lines = Mapping[str, str]
"""Link -> public address."""


def join_source_nat(case: Case) -> Iterator[Wanted]:
    """Yield what makes the hosts leave with exactly the requested public addresses.

    In this order: nothing, where they do; the missing lines of a group that has all of them; the
    membership of a group with exactly these lines; a group of their own.
    """
    if wall := case.wall():
        yield from wall_snat.leave_as(case, wall)
        return
    wanted = {line.isp.link: line.address for line in case.resolved.lines}
    groups = _groups(case.adc())
    exact = sorted(g for g, lines in groups.items() if lines == wanted and _routed(case.adc(), g, wanted))
    if _translated_as_asked(case):
        yield from (one for g in exact if _hosts_in(case, g) for one in _reused(case, g))
        return
    fewer = sorted(
        g for g, lines in groups.items() if _hosts_all_in(case, g) and lines.items() < wanted.items()
    )
    if fewer:
        yield from _more_lines(case, fewer[0], {k: v for k, v in wanted.items() if k not in groups[fewer[0]]})
        return
    members = tuple(h.eip for h in case.resolved.hosts if not exact or h.eip not in _hosts_in(case, exact[0]))
    for eip in members:
        if taken := _translated_elsewhere(case.adc(), eip, exact[:1]):
            yield case.question("snat", f"{eip} 已在地址集 {taken} 中，转换到其他公网地址：请确认是否迁移")
            return
    if exact:
        yield AddressSet(case.hop("adc").point, exact[0], members)
        yield from _reused(case, exact[0])
    else:
        yield from _own_group(case, members, wanted)


def _translated_as_asked(case: Case) -> bool:
    """Tell whether every requested flow already leaves with the requested addresses, passing or not."""
    adc_lists = [one for one in case.lists() if one.point == case.hop("adc").point]
    cloud = case.lists()[0]
    for expected in case.resolved.expected:
        for outcome in trace((cloud, *adc_lists), expected.packets):
            if not outcome.passes or outcome.translation != expected.translation:
                return False
    return bool(case.resolved.expected)


def _groups(adc: AdcFacts) -> dict[str, dict[str, str]]:
    """Return what each group is translated to, by link."""
    found: dict[str, dict[str, str]] = {}
    for nat in adc.snat:
        if nat.enabled and nat.source.kind == _GROUP and nat.translated.kind == "IP-ADDRESS":
            for link in nat.outbound_links:
                found.setdefault(nat.source.value, {}).setdefault(link, nat.translated.value)
    return found


def _hosts_in(case: Case, group: str) -> list[str]:
    held = group_ranges(group, case.adc()) if group in case.adc().groups else Ranges()
    return [h.eip for h in case.resolved.hosts if single(h.eip) in held]


def _hosts_all_in(case: Case, group: str) -> bool:
    return len(_hosts_in(case, group)) == len(case.resolved.hosts)


def _routed(adc: AdcFacts, group: str, wanted: _Lines) -> bool:
    """Tell whether a group's own route uses exactly these links."""
    route = _route_of(adc, group)
    return route is not None and set(route.links) == set(wanted)


def _route_of(adc: AdcFacts, group: str) -> RouteRule | None:
    return next((r for r in adc.routes if r.enabled and r.source == AddressMatch(_GROUP, group)), None)


def _translated_elsewhere(adc: AdcFacts, eip: str, chosen: list[str]) -> str:
    others = (g for g in adc.groups if g in _groups(adc) and g not in chosen)
    return next((g for g in others if single(eip) in group_ranges(g, adc)), "")


def _reused(case: Case, group: str) -> Iterator[Wanted]:
    point = case.hop("adc").point
    for nat in case.adc().snat:
        if nat.enabled and nat.source == AddressMatch(_GROUP, group):
            yield Reuse(point, "SourceNat", nat.name, f"{group} → {nat.translated.value}")
    for route in case.adc().routes:
        if route.enabled and route.source == AddressMatch(_GROUP, group):
            yield Reuse(point, "PolicyRoute", route.name, "、".join(route.links))


def _more_lines(case: Case, group: str, missing: _Lines) -> Iterator[Wanted]:
    """Yield the source translations of further lines for a group, and its route over them."""
    adc, point = case.adc(), case.hop("adc").point
    yield from (
        one for one in _reused(case, group) if not (isinstance(one, Reuse) and one.kind == "PolicyRoute")
    )
    pattern = next(nat for nat in adc.snat if nat.enabled and nat.source == AddressMatch(_GROUP, group))
    yield from _translations(case, group, missing, pattern)
    members = [m for m in adc.groups[group].members if single(m) not in _eips(case)]
    if members:
        more = "、".join(missing.values())
        yield Finding(point, group, f"同组的 {'、'.join(members)} 也将可以经 {more} 出网")
    for nat in adc.snat:
        if not nat.enabled and nat.translated.value in missing.values():
            yield Finding(point, nat.name, f"已禁用的规则也使用 {nat.translated.value}，请确认是否仍需要")
    route = _route_of(adc, group)
    if route is None:
        yield _new_route(case, group, missing)
    else:
        links = (*route.links, *(link for link in missing if link not in route.links))
        yield PolicyRoute(point, _with_links(route, links), Anchor())


def _eips(case: Case) -> Ranges:
    return Ranges.of((single(h.eip), single(h.eip)) for h in case.resolved.hosts)


def _own_group(case: Case, members: tuple[str, ...], wanted: _Lines) -> Iterator[Wanted]:
    """Yield a group of the demand's own, translated per line, and its route."""
    adc, point = case.adc(), case.hop("adc").point
    ends = "-".join(address.rpartition(".")[2] for address in wanted.values())
    fields = {"customer": case.resolved.customer, "ends": ends}
    taken = case.taken("adc", "AddressSet", adc.groups, holding(members))
    group = name(case.site, "eip_group", taken, **fields)
    yield AddressSet(point, group, members, whole=True)
    yield from _translations(case, group, wanted, None)
    yield _new_route(case, group, wanted)


def _translations(case: Case, group: str, lines: _Lines, pattern: SnatRule | None) -> Iterator[Wanted]:
    adc, point = case.adc(), case.hop("adc").point
    taken = case.taken("adc", "SourceNat", (nat.name for nat in adc.snat))
    inside = case.point("adc").inside_links or ("ALL",)
    for isp in (isp for isp in case.site.isps if isp.link in lines):
        made = SnatRule(
            name=_snat_name(case, isp, pattern, taken),
            inbound_links=pattern.inbound_links if pattern else inside,
            outbound_links=(isp.link,),
            source=AddressMatch(_GROUP, group),
            translated=AddressMatch("IP-ADDRESS", lines[isp.link]),
            family="IPV6" if case.resolved.v6 else "IPV4",
            policy=pattern.policy if pattern else "",
            port_policy=pattern.port_policy if pattern else "",
        )
        taken.add(made.name)
        yield SourceNat(point, made, _above_what_matches(case, adc.snat, isp))


def _snat_name(case: Case, isp: Isp, pattern: SnatRule | None, taken: set[str]) -> str:
    """Name a translation like the group's other one, where that one bears the name of its line."""
    if pattern:
        other = next((i.name for i in case.site.isps if i.link in pattern.outbound_links), "")
        alike = pattern.name.replace(other, isp.name) if other else ""
        if alike and alike not in taken:
            return alike
    return name(case.site, "snat", taken, customer=case.resolved.customer, isp=isp.name)


def _above_what_matches(case: Case, rules: tuple[SnatRule, ...], isp: Isp) -> Anchor:
    """Return the place above the first rule that would translate the hosts on this line otherwise."""
    asked = Packets.of({SOURCE: _eips(case)})
    inside = case.point("adc").inside_links
    for nat in (nat for nat in rules if nat.enabled and {isp.link, "ALL"} & {*nat.outbound_links}):
        matched = snat_rules(AdcFacts(groups=case.adc().groups, snat=(nat,)), inside)
        if any(rule.match & asked for rule in matched):
            return Anchor("before", nat.name)
    return Anchor("last")


def _new_route(case: Case, group: str, lines: _Lines) -> PolicyRoute:
    adc, inside = case.adc(), case.point("adc").inside_links
    asked = Packets.of({SOURCE: _eips(case)})
    anchor = Anchor("last")
    for route in (r for r in adc.routes if r.enabled):
        matched = route_rules(AdcFacts(groups=adc.groups, routes=(route,)), inside)
        if any(rule.match & asked for rule in matched):
            anchor = Anchor("before", route.name)
            break
    taken = case.taken("adc", "PolicyRoute", (route.name for route in adc.routes))
    made = RouteRule(
        name=name(case.site, "route", taken, customer=case.resolved.customer),
        links=tuple(isp.link for isp in case.site.isps if isp.link in lines),
        inbound_links=inside or ("ALL",),
        source=AddressMatch(_GROUP, group),
        family="IPV6" if case.resolved.v6 else "IPV4",
    )
    return PolicyRoute(case.hop("adc").point, made, anchor)


def _with_links(route: RouteRule, links: tuple[str, ...]) -> RouteRule:
    from dataclasses import replace

    return replace(route, links=links)


def keep_source_nat(case: Case) -> Iterator[Wanted]:
    """Name the group membership that stays, because other flows of the EIP are translated by it."""
    if wall := case.wall():
        yield from wall_snat.stay(case, wall)
        return
    adc, point = case.adc(), case.hop("adc").point
    for host in case.resolved.hosts:
        groups = [g for g in adc.groups if host.eip in {m.removesuffix("/32") for m in adc.groups[g].members}]
        used = {nat.source.value for nat in adc.snat if nat.enabled}
        for group in sorted(g for g in groups if g in used):
            yield Finding(point, group, f"{host.eip} 保留在源地址转换组中：其余放行流量仍由它转换")
