"""Letting a flow through a firewall: exactly what is missing, above the deny that would shadow it."""

from collections.abc import Iterator, Sequence

from nornir_itsm.model.firewall import AddressBook, FirewallFacts, SecurityPolicy, Selector
from nornir_itsm.model.intent import AddressSet, Anchor, Reuse, Schedule, SecurityRule
from nornir_itsm.model.plan import Finding, Question
from nornir_itsm.space.dimensions import SOURCE
from nornir_itsm.space.packets import Packets
from nornir_itsm.stages.compiled import firewall_rules
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.objects import selector, services
from nornir_itsm.stages.hops import firewall_list, outbound, zones
from nornir_itsm.stages.naming import alternatives, name
from nornir_itsm.stages.parse.weekly import normal
from nornir_itsm.stages.rulebase import covering, weekly


def view_packets(case: Case, sources: tuple[str, ...] | None = None) -> Packets:
    """Return the demand as the firewall sees it, zones included; only from *sources* where given."""
    seen = case.view.packets & zones(case.hop("firewall"))
    return seen if sources is None else seen.within(**{SOURCE: covering(sources)})


def permit(case: Case, rule_kind: str) -> Iterator[Wanted]:
    """Yield what lets the demand through every firewall of the path; nothing at one where all of it passes.

    *rule_kind* is the naming pattern of the rules. In any order: nothing passes before the last one opens.
    """
    for one in case.at_firewalls():
        yield from _permit(one, rule_kind)


def _permit(case: Case, rule_kind: str) -> Iterator[Wanted]:
    missing = uncovered_sources(case)
    if not missing:
        yield from _deciding(case)
        return
    yield from _ineffective(case)
    schedules, made = _schedules(case)
    yield from made
    if any(isinstance(one, Question) for one in made):
        return
    yield from _rule(case, missing, schedules, rule_kind)


def _rule(case: Case, sources: tuple[str, ...], schedules: tuple[str, ...], kind: str) -> Iterator[Wanted]:
    point, hop, firewall = case.point("firewall"), case.hop("firewall"), case.firewall()
    if outbound(case.resolved.path, case.site):
        source, objects = _own_side(case, sources)
    else:
        source, objects = selector(case, sources, "whitelist_book")
    destination, more = selector(case, case.view.destinations, "destination_book")
    names, made = services(case, case.view.entries)
    yield from (*objects, *more, *made)
    rule = SecurityPolicy(
        name=name(
            case.site,
            kind,
            case.taken("firewall", "SecurityRule", (r.name for r in firewall.rules)),
            customer=case.resolved.customer,
            system=case.resolved.system,
        ),
        action="permit",
        source=source,
        destination=destination,
        services=names,
        source_zones=(hop.source_zone,) if hop.source_zone else (),
        destination_zones=(hop.destination_zone,) if hop.destination_zone else (),
        schedules=schedules,
        logs=tuple(sorted(point.logs)),
        profiles=tuple(sorted(point.profiles)),
    )
    if point.above and firewall.rule(point.above) is None:
        yield case.question("position", f"{point.name} 上没有规则 {point.above}，无法确定新策略的位置")
        return
    yield SecurityRule(point.name, rule, Anchor("before", point.above) if point.above else Anchor("last"))


def _own_side(case: Case, sources: tuple[str, ...]) -> tuple[Selector, list[Wanted]]:
    """Choose how a rule names the tenant's hosts: one by one, or by their prefix where the site says so.

    EIPs of one tenant are few and change one by one: literals keep the rule readable.
    """
    wide = () if case.view.public else case.resolved.wide_sources
    if wide or case.resolved.v6:
        return selector(case, wide or sources, "whitelist_book")
    return Selector(literals=sources), []


def passes(case: Case) -> bool:
    """Tell whether every firewall of the path lets all of the demand pass for certain."""
    return not any(map(uncovered_sources, case.at_firewalls()))


def uncovered_sources(case: Case) -> tuple[str, ...]:
    """Return the sources of the demand of which some flow does not pass the firewall for certain."""
    hop, firewall = case.hop("firewall"), case.firewall()
    rules = firewall_list(hop, firewall, case.site)
    sources = case.view.sources
    parts = [(s,) for s in sources] if "any" not in sources else [sources]
    held = set(case.point("firewall").protected)
    missing: list[str] = []
    for part in parts:
        wanted = view_packets(case, part)
        shares = list(rules.shares(wanted))
        stopped = [share for rule, share in shares if not rule.passes and rule.label not in held]
        unsure = [share for rule, share in shares if rule.passes and not share.same_as(share.must())]
        if any(stopped) or any(unsure):
            missing += part
    return tuple(missing)


def _deciding(case: Case) -> Iterator[Wanted]:
    hop = case.hop("firewall")
    for rule, share in firewall_list(hop, case.firewall(), case.site).shares(view_packets(case)):
        if share and rule.passes:
            yield Reuse(hop.point, "SecurityRule", rule.label, "已放行")


def _ineffective(case: Case) -> Iterator[Wanted]:
    """Name permits that would do, were they not below a deny."""
    wanted, above = view_packets(case), ""
    for rule in firewall_rules(case.firewall()).near(wanted):
        covers = wanted <= rule.match.must()
        if not rule.passes:
            above = rule.label if covers and not above else above
        elif covers and above:
            problem = f"内容满足需求但位于 {above} 之下，不生效：应上移"
            yield Finding(case.hop("firewall").point, rule.label, problem)


def _schedules(case: Case) -> tuple[tuple[str, ...], list[Wanted]]:
    schedule = case.view.schedule
    if not schedule.periods:
        return (), []
    firewall: FirewallFacts = case.firewall()
    wanted = weekly(schedule.periods)
    same = sorted(b.name for b in firewall.schedules.values() if b.complete and weekly(b.periods) == wanted)
    preferred = case.site.schedules.get(schedule.text, "")
    if same:
        return (preferred if preferred in same else same[0],), []
    if not preferred:
        return (), [
            case.question("schedule", f"站点没有为“{schedule.text}”登记时间表名称，请在 site.yaml 补充")
        ]
    if preferred in firewall.schedules:
        return (), [case.question("schedule", f"时间表 {preferred} 已存在而内容不同，请确认")]
    return (preferred,), [Schedule(case.hop("firewall").point, preferred, normal(schedule.periods))]


def bandwidth(case: Case) -> Iterator[Wanted]:
    """Yield the membership of the tenant's bandwidth books (IQoS), where the site names such books.

    A firewall behind the translation of sources sees no EIPs: bandwidth is not for it.
    """
    spellings = alternatives(case.site, "iqos_book", customer=case.resolved.customer)
    walls = [one for one in case.at_firewalls() if not one.view.public]
    if not (spellings and walls):
        return
    known = [(one, book) for one in walls if (book := _book(one, spellings))]
    if not known:
        point = walls[0].hop("firewall").point
        yield Finding(point, spellings[0], "没有该客户的带宽地址簿，请确认带宽策略")
    elif not passes(case):
        eips = tuple(f"{h.eip}/32" for h in case.resolved.hosts)
        yield from (_member(one, book, eips) for one, book in known)


def _book(case: Case, spellings: Sequence[str]) -> AddressBook | None:
    books = case.firewall().addresses
    return next((books[s] for s in spellings if s in books), None)


def _member(case: Case, book: AddressBook, eips: tuple[str, ...]) -> AddressSet:
    point = case.hop("firewall").point
    if missing := tuple(e for e in eips if not covering((e,)) <= covering(book.members)):
        return AddressSet(point, book.name, missing)
    return AddressSet(point, book.name, eips, reuse=True)
