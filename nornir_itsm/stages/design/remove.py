"""Taking flows away: whole rules that hold nothing but the request; shared things stay and are named."""

from collections.abc import Iterable, Iterator

from nornir_itsm.model.facts import FirewallFacts, SecurityPolicy
from nornir_itsm.model.intent import AddressSet, Anchor, DestinationNat, SecurityRule, ServiceSet
from nornir_itsm.model.plan import Finding
from nornir_itsm.space.dimensions import IN_ZONE, LINK, OUT_ZONE, SOURCE, TIME
from nornir_itsm.space.packets import union
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.objects import covering
from nornir_itsm.stages.design.permit import view_packets
from nornir_itsm.stages.hops import arriving, firewall_list
from nornir_itsm.stages.naming import alternatives, service_name
from nornir_itsm.stages.rulebase import as_matched, policy_packets
from nornir_itsm.stages.translations import dnat_packets
from nornir_itsm.stages.words import flows


def close_permits(case: Case) -> Iterator[Wanted]:
    """Yield the removal of the firewall rules that let nothing through but what is to be closed."""
    hop, firewall = case.hop("firewall"), case.firewall()
    wanted = view_packets(case)
    permits = {r.name: r for r in firewall.rules if r.action == "permit" and r.enabled is not False}
    for decided, share in firewall_list(hop, firewall, case.site).shares(wanted):
        rule = permits.get(decided.label)
        if rule is None or not share:
            continue
        beyond = policy_packets(rule, firewall) - as_matched(wanted, case.view.destinations)
        if not beyond and (reason := _no_way_back(rule, firewall)):
            yield case.question("undo", f"规则 {rule.name} {reason}，删除后无法原样恢复：请人工处理")
        elif not beyond:
            yield SecurityRule(hop.point, rule, Anchor(), state="absent")
        elif _only_for_us(case, rule.name):
            more = "、".join(flows(beyond.without(IN_ZONE, OUT_ZONE)))
            yield case.question("partial", f"规则 {rule.name} 还放行 {more}：本版本不缩小规则，请人工处理")
        else:
            yield Finding(
                hop.point,
                rule.name,
                f"共用规则，继续放行 {'、'.join(flows(share.without(IN_ZONE, OUT_ZONE)))}",
            )


def _no_way_back(rule: SecurityPolicy, firewall: FirewallFacts) -> str:
    """Say why a rule could not be put back as it was; nothing where it can."""
    if rule.unread or rule.enabled is None:
        return "含有不能识别的内容"
    at = firewall.rules.index(rule)
    around = firewall.rules[at - 1 : at + 2] if at else ()
    if len(around) == 3 and not (around[0].name or around[2].name):
        return "的上下两条规则都没有名称"
    return ""


def _only_for_us(case: Case, rule: str) -> bool:
    """Tell whether a rule names the demand's own EIPs, so that it is this tenant's rule."""
    found = case.firewall().rule(rule)
    assert found is not None
    eips = covering([h.eip for h in case.resolved.hosts])
    for side in (found.source, found.destination):
        books = (case.firewall().addresses.get(b) for b in side.books)
        members = [*side.literals, *(m for book in books if book for m in book.members)]
        if members and covering(members) <= eips:
            return True
    return False


def unpublish(case: Case) -> Iterator[Wanted]:
    """Yield the removal of destination translations that serve nothing but what is to be closed."""
    adc, point = case.adc(), case.hop("adc").point
    asked = union(e.packets for e in case.resolved.expected)
    target = case.resolved.hosts[0].eip
    for nat in adc.dnat:
        if not nat.enabled or nat.target.value != target:
            continue
        matched = dnat_packets(nat, adc) & arriving(case.site)
        if not matched.without(LINK) & asked:
            continue
        # White lists and hours are kept by the firewall; the translation itself has neither.
        beyond = matched.without(LINK, SOURCE) - asked.without(SOURCE, TIME)
        if beyond:
            more = "、".join(flows(beyond))
            yield case.question("partial", f"转换 {nat.name} 还服务于 {more}：本版本不缩小规则，请人工处理")
        else:
            yield DestinationNat(point, nat, Anchor(), state="absent")


def forget_unused(case: Case, removed: Iterable[Wanted]) -> Iterator[Wanted]:
    """Yield the removal of objects made for an order like this one that nothing refers to any more.

    Only objects that bear the site's pattern for this order are taken; other unused ones are named.
    """
    firewall, point = case.firewall(), case.hop("firewall").point
    gone = [w.rule for w in removed if isinstance(w, SecurityRule) and w.state == "absent"]
    left = [rule for rule in firewall.rules if rule not in gone]
    fields = {"customer": case.resolved.customer, "system": case.resolved.system}
    ours = {n for k in ("whitelist_book", "destination_book") for n in alternatives(case.site, k, **fields)}
    for book in sorted({b for rule in gone for b in (*rule.source.books, *rule.destination.books)}):
        if any(book in (*r.source.books, *r.destination.books) for r in left) or _predefined(firewall, book):
            continue
        if book in ours and firewall.addresses[book].complete:
            members = firewall.addresses[book].members
            yield AddressSet(point, book, members, whole=True, state="absent")
        else:
            yield Finding(point, book, "删除后不再被任何策略引用，予以保留")
    for service in sorted({s for rule in gone for s in rule.services}):
        if _service_used(firewall, service, left):
            continue
        found = firewall.services[service]
        (entry, *more) = found.entries or (None,)
        if entry and not more and entry.protocol in (6, 17) and service == service_name(case.site, entry, ()):
            yield ServiceSet(point, service, found.entries, state="absent")


def _predefined(firewall: FirewallFacts, book: str) -> bool:
    found = firewall.addresses.get(book)
    return found is None or found.predefined or book == "Any"


def _service_used(firewall: FirewallFacts, service: str, left: Iterable[SecurityPolicy]) -> bool:
    found = firewall.services.get(service)
    if found is None or found.predefined:
        return True
    if any(service in group.members for group in firewall.groups.values()):
        return True
    return any(service in rule.services for rule in left)


def keep_source_nat(case: Case) -> Iterator[Wanted]:
    """Name the group membership that stays, because other flows of the EIP are translated by it."""
    adc, point = case.adc(), case.hop("adc").point
    for host in case.resolved.hosts:
        groups = [g for g in adc.groups if host.eip in {m.removesuffix("/32") for m in adc.groups[g].members}]
        used = {nat.source.value for nat in adc.snat if nat.enabled}
        for group in sorted(g for g in groups if g in used):
            yield Finding(point, group, f"{host.eip} 保留在源地址转换组中：其余放行流量仍由它转换")
