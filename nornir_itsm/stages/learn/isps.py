"""Lines to the Internet: which registered public prefix leaves on which link of the ADC."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.change import Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.ipam import IpamSubnet
from nornir_itsm.stages.learn.proposal import Ask, Found, Proposal, shown

_NAME = re.compile(r"(?:线路|运营商)\W*([一-鿿]{2,6}?)(?=IP|ipv|\W|[0-9(（])", re.IGNORECASE)
_CODE = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2,4})(?![A-Za-z0-9])")
_NOT_CODES = ("IP", "ISP", "NAT", "WAN", "LAN", "VLAN", "BGP", "DMZ")


@dataclass(frozen=True, slots=True)
class Use:
    """A public address that a rule of the ADC uses on a link."""

    address: str
    link: str
    rule: str


def isps(facts: Facts) -> Iterator[Found]:
    """Yield a line per registered public prefix whose addresses are translated on one link."""
    used = list(uses(facts))
    lines = {s: [u for u in used if _inside(u.address, s.prefix)] for s in facts.ipam.subnets}
    public = {s: inside for s, inside in lines.items() if inside and _NAME.search(s.description)}
    shared = _links(public)
    for subnet, inside in public.items():
        name = _NAME.search(subnet.description)
        assert name is not None
        link, count = Counter(u.link for u in inside).most_common(1)[0]
        rules = shown(u.rule for u in inside if u.link == link)
        said = f"{count} 条源地址转换把它的地址用在链路 {link}（{rules}）"
        evidence = (f"IPAM {subnet.prefix}“{subnet.description}”", said, *_named(name[1], link, facts))
        if count < len(inside):
            evidence += (f"不一致：{shown(u.link for u in inside if u.link != link)} 也使用它的地址",)
        sure = count == len(inside) and shared[link] == 1
        value: dict[str, Json] = {"code": _code(link), "link": link, "prefixes": [subnet.prefix]}
        if not value["code"]:
            yield Ask(f"isps.{name[1]}.code", f"链路 {link} 的名字里没有运营商代码：{name[1]} 的代码是？")
        yield Proposal(("isps", name[1]), value, "high" if sure else "medium", evidence)
    yield from _strangers(facts, {u.link for inside in public.values() for u in inside})
    families = {rule.family for adc in adcs(facts).values() for rule in adc.snat}
    if "IPV6" in families | {rule.family for adc in adcs(facts).values() for rule in adc.dnat}:
        yield Ask("isps.IPv6", "ADC 有 IPv6 规则而 IPAM 没有登记 IPv6 线路：各线路的 IPv6 前缀是？")


def uses(facts: Facts) -> Iterator[Use]:
    """Yield the public addresses that enabled source translations of one link use."""
    for adc in adcs(facts).values():
        for rule in adc.snat:
            address = rule.translated.value
            if rule.enabled and len(rule.outbound_links) == 1 and rule.translated.kind == "IP-ADDRESS":
                yield Use(address, rule.outbound_links[0], rule.name)


def adcs(facts: Facts) -> Mapping[str, AdcFacts]:
    """Return the ADCs by name."""
    return {name: point for name, point in facts.points.items() if isinstance(point, AdcFacts)}


def _inside(address: str, prefix: str) -> bool:
    try:
        found, network = ip_address(address.partition("/")[0]), ip_network(prefix)
    except ValueError:
        return False
    return found.version == network.version and found in network


def _links(public: Mapping[IpamSubnet, list[Use]]) -> Counter[str]:
    """Count for how many prefixes a link is the usual one."""
    return Counter(Counter(u.link for u in inside).most_common(1)[0][0] for inside in public.values())


def _code(link: str) -> str:
    found = (code for code in _CODE.findall(link) if code not in _NOT_CODES)
    return next(found, "")


def _named(isp: str, link: str, facts: Facts) -> Iterator[str]:
    """Yield what else says that a link is this provider's: names of translations, ISP address groups."""
    for adc in adcs(facts).values():
        named = [rule.name for rule in adc.snat if isp in rule.name]
        fits = [rule.name for rule in adc.snat if isp in rule.name and rule.outbound_links == (link,)]
        if named:
            yield f"名字含“{isp}”的源地址转换 {len(named)} 条，其中 {len(fits)} 条走这条链路"
        for rule in adc.routes:
            if isp in rule.destination.value and rule.links == (link,):
                yield f"智能路由“{rule.name}”把 {rule.destination.value} 的目的地址送到这条链路"


def _strangers(facts: Facts, known: set[str]) -> Iterator[Found]:
    """Ask about links that rules use and no registered line explains."""
    for name, adc in adcs(facts).items():
        inside = inside_links(adc)
        used: dict[str, list[str]] = {}
        for dnat in adc.dnat:
            for link in dnat.links:
                used.setdefault(link, []).append(dnat.name)
        for snat in adc.snat:
            for link in snat.outbound_links:
                used.setdefault(link, []).append(snat.name)
        for link in sorted(set(used) - known - {"ALL"} - set(inside)):
            text = f"{name} 的链路 {link}（{shown(used[link])}）不属于已登记的公网线路：是客户自有线路吗？"
            yield Ask(f"isps.{link}", text, "线路台账")


def inside_links(adc: AdcFacts) -> Counter[str]:
    """Count the links by which source translations take traffic in: those lead inside."""
    return Counter(link for r in adc.snat if r.enabled for link in r.inbound_links if link != "ALL")
