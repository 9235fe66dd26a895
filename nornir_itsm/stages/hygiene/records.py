"""What cloud and IPAM say against each other, and against the translations in use."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from nornir_itsm.model.adc import AdcFacts, AddressMatch
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.topology import Site
from nornir_itsm.space.dimensions import SOURCE, V4, V6, addresses
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.hops import outbound, pool_ranges
from nornir_itsm.stages.hygiene.flaw import Flaw
from nornir_itsm.stages.hygiene.lists import some
from nornir_itsm.stages.parse.ipam_json import FREE
from nornir_itsm.stages.rulebase import single
from nornir_itsm.stages.translations import snat_rules

CLOUD, IPAM = "云", "IPAM"


def record_flaws(site: Site, facts: Facts) -> Iterator[Flaw]:
    """Yield records that are not, or no longer, true; addresses that nobody can tell apart."""
    yield from _stale(facts)
    yield from _unregistered(facts)
    yield from _same_description(facts)
    yield from _overlaps(facts)
    yield from _eips(site, facts)
    shared = sorted((e.address for e in facts.cloud.eips.values() if e.bound_to == "Nat"), key=single)
    if shared:
        words = "NAT 网关的 EIP，其后的主机未采集：放行它就放行其后的所有主机"
        yield Flaw("shared", CLOUD, "、".join(shared), words)


def _stale(facts: Facts) -> Iterator[Flaw]:
    used = _in_use(facts)
    for record in facts.ipam.records.values():
        if FREE in f"{record.hostname}{record.description}{record.note}" and record.address in used:
            yield Flaw("stale", IPAM, record.address, f"登记为{FREE}，但 {used[record.address]} 正在使用")


def _in_use(facts: Facts) -> Mapping[str, str]:
    """Return address -> who uses it; an address that only lies in a range or network is not in use."""
    found: dict[str, str] = dict.fromkeys(facts.cloud.hosts, "云主机")
    found |= {eip.address: "EIP" for eip in facts.cloud.eips.values() if eip.bound_to}
    for point, adc in facts.points.items():
        if isinstance(adc, AdcFacts):
            for dnat in (nat for nat in adc.dnat if nat.enabled):
                found |= dict.fromkeys(_hosts(dnat.destination, adc), f"{point} 的目的地址转换 {dnat.name}")
            for snat in (nat for nat in adc.snat if nat.enabled):
                found |= dict.fromkeys(_hosts(snat.translated, adc), f"{point} 的源地址转换 {snat.name}")
    return found


def _hosts(match: AddressMatch, adc: AdcFacts) -> list[str]:
    """Return the single addresses that a field names, itself or through its group."""
    group = adc.groups.get(match.value)
    texts = (*group.members, *group.members_ipv6) if group else (match.value,)
    return [text.split("/", maxsplit=1)[0] for text in texts if _is_host(text)]


def _is_host(text: str) -> bool:
    try:
        return addresses(text).size == 1
    except ValueError:
        return False


def _unregistered(facts: Facts) -> Iterator[Flaw]:
    for host in facts.cloud.hosts.values():
        if facts.ipam.records and host.private not in facts.ipam.records:
            yield Flaw("unregistered", IPAM, host.private, f"云内地址（{host.name or host.owner}）没有登记")


def _same_description(facts: Facts) -> Iterator[Flaw]:
    by_words: dict[str, list[str]] = {}
    for subnet in facts.ipam.subnets:
        if subnet.description:
            by_words.setdefault(subnet.description, []).append(subnet.prefix)
    for words, prefixes in by_words.items():
        if len(set(prefixes)) > 1:
            yield Flaw("duplicate", IPAM, "、".join(prefixes), f"说明相同：{words}")


def _overlaps(facts: Facts) -> Iterator[Flaw]:
    wider: dict[tuple[str, str], list[str]] = {}
    for one, other in combinations(facts.cloud.vpcs, 2):
        for mine in one.prefixes:
            for theirs in other.prefixes:
                a, b = addresses(mine), addresses(theirs)
                if a == b:
                    yield Flaw("overlap", CLOUD, f"{one.name}、{other.name}", f"两个 VPC 都有 {mine}")
                elif a <= b:
                    wider.setdefault((other.name, theirs), []).append(one.name)
                elif b <= a:
                    wider.setdefault((one.name, mine), []).append(other.name)
    for (name, prefix), others in wider.items():
        yield Flaw("overlap", CLOUD, name, f"网段 {prefix} 包含其他 VPC 的网段：{some(others)}")


def _eips(site: Site, facts: Facts) -> Iterator[Flaw]:
    """Yield bound EIPs of a pool that leave an ADC untranslated, and those that stand in several groups."""
    for path in site.paths:
        adcs = {hop.point: facts.points.get(hop.point) for hop in path.hops} if outbound(path, site) else {}
        pool = pool_ranges(path, site, facts.cloud)
        for point, adc in adcs.items():
            if isinstance(adc, AdcFacts):
                eips = [b.eip for b in facts.cloud.bindings if single(b.eip) in pool]
                yield from _translated(point, adc, dict.fromkeys(eips))


def _translated(point: str, adc: AdcFacts, eips: Mapping[str, None]) -> Iterator[Flaw]:
    sources = Ranges.of(s for r in snat_rules(adc) for box in r.match for s in box.get(SOURCE, V4 | V6))
    singles = {name: {single(m) for m in g.members if _is_host(m)} for name, g in adc.groups.items()}
    together: dict[tuple[str, ...], list[str]] = {}
    for eip in eips:
        if single(eip) not in sources:
            yield Flaw("untranslated", point, eip, "没有源地址转换包含这个 EIP：它访问互联网没有回程")
        groups = tuple(name for name, held in singles.items() if single(eip) in held)
        together.setdefault(groups, []).append(eip)
    for groups, both in together.items():
        if len(groups) > 1:
            yield Flaw("several-groups", point, "、".join(groups), f"都有 {some(both)}：改动其一要核对其他")
