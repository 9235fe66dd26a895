"""Rules and translations that do nothing, or nothing of their own."""

from collections.abc import Iterable, Iterator, Sequence

from nornir_itsm.model.adc import AdcFacts, DnatRule, RouteRule, SnatRule
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.topology import Point
from nornir_itsm.space.dimensions import IN_ZONE, symbol
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.compiled import firewall_rules
from nornir_itsm.stages.hygiene.flaw import Flaw
from nornir_itsm.stages.hygiene.reach import Entry, reaches
from nornir_itsm.stages.rulebase import label
from nornir_itsm.stages.translations import dnat_packets, snat_rules

AdcRule = DnatRule | SnatRule | RouteRule

_MOST = 4
"""So many names are told; the rest is counted."""


def rule_flaws(point: Point, facts: FirewallFacts) -> Iterator[Flaw]:
    """Yield rules that get nothing, do nothing of their own, were never hit, or are switched off."""
    live = [rule for rule in facts.rules if rule.enabled is not False]
    entries = [
        Entry(one.label, one.match, (rule.action, rule.profiles, rule.logs), one.passes)
        for rule, one in zip(live, firewall_rules(facts), strict=True)
    ]
    yield from _unreached(point, entries)
    for rule in facts.rules:
        name = label(rule)
        if rule.enabled is False and not rule.established:
            yield Flaw("disabled", point.name, name, "已停用：不再需要则删除")
        elif rule.enabled is None:
            yield Flaw("unclear", point.name, name, "启用代码的含义未知（停用、临时或过期）：不作为放行依据")
        if rule.hits == 0 and rule.enabled is not False:
            yield Flaw("zero-hit", point.name, name, "命中计数为 0（导出中没有计数的起始时间）")


def _unreached(point: Point, entries: Sequence[Entry]) -> Iterator[Flaw]:
    for entry, reach in zip(entries, reaches(entries), strict=True):
        takers = [entries[k] for k in reach.shadowed]
        names = some([taker.label for taker in takers])
        mark = "（站点标明受保护）" if entry.label in point.protected else ""
        if takers and entry.passes and not any(taker.passes for taker in takers):
            words = f"全部流量已被先行的 {names} 拒绝，不生效：上移或删除"
            yield Flaw("dead", point.name, entry.label, f"{words}{mark}")
        elif takers:
            same = all(taker.effect == entry.effect for taker in takers)
            how = "处理相同，可删除" if same else "处理不同，请核对顺序"
            yield Flaw("shadowed", point.name, entry.label, f"全部流量已由先行的 {names} 决定，{how}{mark}")
        elif reach.redundant:
            heirs = some(entries[k].label for k in reach.redundant)
            words = f"去掉它结果不变：{heirs} 对同样的流量处理相同"
            yield Flaw("redundant", point.name, entry.label, f"{words}{mark}")
        elif reach.undecided:
            yield Flaw("undecided", point.name, entry.label, "与过多规则交叠，未判定是否多余")


def nat_flaws(point: Point, facts: AdcFacts) -> Iterator[Flaw]:
    """Yield translations that earlier ones leave nothing to, and what is switched off."""
    dnat = [nat for nat in facts.dnat if nat.enabled]
    yield from _hidden(point, "目的地址转换", [(nat.name, dnat_packets(nat, facts)) for nat in dnat])
    snat = [nat for nat in facts.snat if nat.enabled]
    matches = (rule.match for rule in snat_rules(facts))
    pairs = [(nat.name, _coming_from(nat, match)) for nat, match in zip(snat, matches, strict=True)]
    yield from _hidden(point, "源地址转换", pairs)
    listed: tuple[tuple[str, Sequence[AdcRule]], ...]
    listed = (("目的地址转换", facts.dnat), ("源地址转换", facts.snat), ("智能路由", facts.routes))
    for what, rules in listed:
        for one in (one for one in rules if not one.enabled):
            yield Flaw("disabled", point.name, one.name, f"{what}已停用：不再需要则删除")


def _coming_from(nat: SnatRule, match: Packets) -> Packets:
    """Bind a match to its inbound links; a kind of link is a link of its own, so it hides no other."""
    if not nat.inbound_links or "ALL" in nat.inbound_links:
        return match
    return match.within(**{IN_ZONE: Ranges.of(span for link in nat.inbound_links for span in symbol(link))})


def _hidden(point: Point, what: str, pairs: Sequence[tuple[str, Packets]]) -> Iterator[Flaw]:
    entries = [Entry(name, match, number) for number, (name, match) in enumerate(pairs)]
    for entry, reach in zip(entries, reaches(entries), strict=True):
        if reach.shadowed:
            names = some([entries[k].label for k in reach.shadowed])
            yield Flaw("shadowed", point.name, entry.label, f"{what}：全部流量已由先行的 {names} 转换")
        elif reach.undecided:
            yield Flaw("undecided", point.name, entry.label, f"{what}：与过多规则交叠，未判定是否多余")


def some(names: Iterable[str]) -> str:
    """Say a few names, and how many more there are."""
    listed = list(dict.fromkeys(names))
    more = f" 等 {len(listed)} 项" if len(listed) > _MOST else ""
    return "、".join(listed[:_MOST]) + more
