"""Taking flows away from a firewall: rules go, or lose the part that was asked; shared things stay, named."""

from collections.abc import Iterable, Iterator

from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.model.intent import AddressSet, Anchor, SecurityRule, ServiceSet
from nornir_itsm.model.plan import Finding
from nornir_itsm.space.dimensions import IN_ZONE, LINK, OUT_ZONE
from nornir_itsm.space.packets import NOTHING, Packets, union
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import trace
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.narrow import narrowed
from nornir_itsm.stages.design.objects import own_books
from nornir_itsm.stages.design.permit import view_packets
from nornir_itsm.stages.firewall_nat import words_of
from nornir_itsm.stages.hops import firewall_list, outbound
from nornir_itsm.stages.naming import service_name
from nornir_itsm.stages.predict import anchor_at
from nornir_itsm.stages.rulebase import as_matched, covering, policy_packets
from nornir_itsm.stages.words import flows


def close_permits(case: Case, *, narrow: bool = True) -> Iterator[Wanted]:
    """Yield the removal of the rules that let nothing through but what is to be closed, at every firewall.

    Objects that were made for an order like this one go with the last rule that named them.

    A rule of this tenant that lets more through is narrowed where *narrow* is set; else it stays, is named,
    and the translation alone closes the flow.
    """
    for one in case.at_firewalls():
        removed = list(_permits(one, narrow=narrow))
        yield from removed
        yield from _forget_unused(one, removed)


def _permits(case: Case, *, narrow: bool) -> Iterator[Wanted]:
    hop, firewall = case.hop("firewall"), case.firewall()
    wanted = view_packets(case)
    closing = wanted - _of_other_hosts(case)
    permits = {r.name: r for r in firewall.rules if r.action == "permit" and r.enabled is not False}
    for decided, share in firewall_list(hop, firewall, case.site).shares(wanted):
        rule = permits.get(decided.label)
        if rule is None or not share:
            continue
        if not share & closing:
            yield Finding(hop.point, rule.name, "其他主机仍经同一公网地址使用，予以保留")
            continue
        beyond = policy_packets(rule, firewall) - as_matched(closing, case.view.destinations)
        if not beyond and (reason := _no_way_back(rule, firewall)):
            yield case.question("undo", f"规则 {rule.name} {reason}，删除后无法原样恢复：请人工处理")
        elif not beyond:
            yield SecurityRule(hop.point, rule, Anchor(), state="absent")
        elif not (policy_packets(rule, firewall) & closing).must():
            yield Finding(hop.point, rule.name, "是否放行需求部分无法判定（见证明），予以保留")
        elif not _only_for_us(case, rule.name):
            still = "、".join(flows(share.must().without(IN_ZONE, OUT_ZONE)))
            yield Finding(hop.point, rule.name, f"共用规则，继续放行 {still}")
        elif not narrow:
            yield Finding(hop.point, rule.name, "还服务于其他流量，予以保留：需求部分由地址转换关闭")
        else:
            yield from _narrowed(case, rule, closing)


def _of_other_hosts(case: Case) -> Packets:
    """Return what other hosts still send as the demand does, where a firewall sees public addresses only."""
    out = outbound(case.resolved.path, case.site)
    if not (out and case.view.public):
        return NOTHING  # each packet there is one of the requester's view
    lists = case.lists()
    at = [one.point for one in lists].index(case.hop("firewall").point)
    came = case.view.packets
    for one in reversed(lists[:at]):
        came = one.preimage(came)
    passed = (one for one in trace(lists, came - case.resolved.requested) if one.passes)
    return union(one.translation.image(one.origin).without(LINK) for one in passed).may() & case.view.packets


def _narrowed(case: Case, rule: SecurityPolicy, closing: Packets) -> Iterator[Wanted]:
    asked = as_matched(closing, case.view.destinations)
    if found := narrowed(case, rule, asked):
        less, made = found
        yield from made
        names = [held.name for held in case.firewall().rules]
        yield SecurityRule(case.hop("firewall").point, less, anchor_at(names.index(rule.name), names))
    else:
        beyond = policy_packets(rule, case.firewall()) - asked
        more = "、".join(flows(beyond.without(IN_ZONE, OUT_ZONE)))
        yield case.question("partial", f"规则 {rule.name} 还放行 {more}：去掉需求部分须拆分规则，请人工处理")


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
    """Tell whether one side of a rule names nothing but what is the tenant's own, so that it is its rule."""
    found = case.firewall().rule(rule)
    assert found is not None
    public = [line.address for line in case.resolved.lines] if case.view.public else []
    ours = covering([*(h.eip for h in case.resolved.hosts), *public]) | _of_the_tenant(case)
    for side in (found.source, found.destination):
        books = (case.firewall().addresses.get(b) for b in side.books)
        members = [*side.literals, *(m for book in books if book for m in book.members)]
        if members and covering(members) <= ours:
            return True
    return False


def _of_the_tenant(case: Case) -> Ranges:
    """Return the tenant's EIPs, and its prefixes where the demand is between VPCs."""

    def owned(name: str) -> bool:
        customer = case.site.customer(name)
        return customer is not None and customer.name == case.resolved.customer

    prefixes = [place.prefix for place in case.resolved.places if owned(place.vpc.owner)]
    return covering([*prefixes, *(e.address for e in case.facts.cloud.eips.values() if owned(e.owner))])


def _forget_unused(case: Case, removed: Iterable[Wanted]) -> Iterator[Wanted]:
    """Yield the removal of objects made for an order like this one that nothing refers to any more.

    Only objects that bear the site's pattern for this order are taken; other unused ones are named.
    """
    firewall, point = case.firewall(), case.hop("firewall").point
    changed = {w.rule.name: w for w in removed if isinstance(w, SecurityRule) and w.rule.name}
    gone = [rule for rule in firewall.rules if rule.name in changed]
    kept = [w.rule for w in changed.values() if w.state == "ensure"]
    left = [rule for rule in firewall.rules if rule not in gone] + kept
    left += [nat.match for nat in firewall.translations]
    ours, translating = own_books(case), words_of(firewall)
    named = {book for rule in gone for book in (*rule.source.books, *rule.destination.books)}
    for book in sorted(named - translating):
        if any(book in (*r.source.books, *r.destination.books) for r in left) or _predefined(firewall, book):
            continue
        held = firewall.addresses[book]
        # One that names others could not be made again as it was.
        if book in ours and held.complete and not held.nested:
            yield AddressSet(point, book, held.members, whole=True, state="absent")
        else:
            yield Finding(point, book, "删除后不再被任何策略引用，予以保留")
    yield from unused_services(case, {s for rule in gone for s in rule.services} - translating, left)


def unused_services(case: Case, named: Iterable[str], left: Iterable[SecurityPolicy]) -> Iterator[ServiceSet]:
    """Yield the removal of services that an order like this one made, and that no rule *left* names."""
    firewall, listed = case.firewall(), list(left)
    for service in sorted(named):
        if _service_used(firewall, service, listed):
            continue
        found = firewall.services[service]
        (entry, *more) = found.entries or (None,)
        if entry and not more and entry.protocol in (6, 17) and service == service_name(case.site, entry, ()):
            yield ServiceSet(case.hop("firewall").point, service, found.entries, state="absent")


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
