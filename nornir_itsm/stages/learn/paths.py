"""Zones, the role of each EIP pool, and the paths: which firewall and ADC stand between which networks."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from nornir_itsm.model.change import Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.stages.learn.customers import translations
from nornir_itsm.stages.learn.eips import Side, between_vpcs, firewalls, members, permits, sides
from nornir_itsm.stages.learn.isps import adcs
from nornir_itsm.stages.learn.proposal import ITEM, Ask, Found, Proposal, Words, shown

INTERNET = "互联网"
_PARTS = re.compile(r"[\s\-_()（）\[\]【】:：]+")
_NETWORK = re.compile(r"[一-鿿]+网[一-鿿]*")
FEWEST = 3


def zones_and_paths(facts: Facts, words: Words, names: Mapping[str, str]) -> Iterator[Found]:
    """Yield zones with their spellings, and a path per role of a pool. *names*: spellings of customers."""
    cloud, evidence = _cloud(facts, words, names)
    if not cloud:
        yield Ask("cloud", "租户所在的归属叫什么？", "申请单的归属列表")
        cloud = "云"
    else:
        yield Proposal(("cloud",), cloud, "medium", evidence)
    roles = dict(_roles(facts, names))
    known = {cloud: evidence} if evidence else {}
    seen = known | {zone: said for zone, said in roles.values() if zone}
    yield from _zones(seen, words)
    for pool in pools_of(facts):
        zone, said = roles[pool]
        if not zone:
            yield Ask(
                f"paths.{pool}", f"{pool} 的 EIP 用在哪里（到哪个归属）？{'；'.join(said)}", "云平台管理员"
            )
            continue
        yield from _path(facts, pool, (cloud, zone), said)
    yield from _vpc_path(facts, cloud)
    for zone in words.zones:
        if canonical(zone, words.zones) == zone and zone not in seen:
            yield Ask(f"paths.{zone}", f"申请单里有归属“{zone}”，导出里看不出它的路径和设备", "网络拓扑")


def pools_of(facts: Facts) -> tuple[str, ...]:
    """Return the cloud's words for kinds of EIPs."""
    return tuple(dict.fromkeys(eip.pool for eip in facts.cloud.eips.values() if eip.pool))


def public_pools(facts: Facts) -> tuple[str, ...]:
    """Return the pools whose EIPs an ADC translates to public addresses."""
    used = {eip for _, eips, _ in translations(facts) for eip in eips}
    held = facts.cloud.eips
    return tuple(p for p in pools_of(facts) if any(a in used for a, e in held.items() if e.pool == p))


def canonical(zone: str, zones: Sequence[str]) -> str:
    """Return the spelling that stands for a zone: the first of those that differ in marks and a last 网."""
    return next((other for other in zones if _bare(other) == _bare(zone)), zone)


def _bare(zone: str) -> str:
    return "".join(_PARTS.split(zone)).removesuffix("网")


def _cloud(facts: Facts, words: Words, names: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the word that the IPAM puts before names of several tenants: the zone of the tenants."""
    held: dict[str, set[str]] = {}
    texts = [s.description for s in facts.ipam.subnets] + [r.hostname for r in facts.ipam.records.values()]
    for text in texts:
        first = _PARTS.split(text.strip())[0]
        tenants = {names[name] for name in names if name in text}
        if tenants and first and first not in names and not any(name in first for name in names):
            held.setdefault(first, set()).update(tenants)
    counts = {word: len(tenants) for word, tenants in held.items() if word in words.zones or len(tenants) > 1}
    if not counts:
        return "", ()
    best = max(counts, key=lambda word: (word in words.zones, "云" in word, counts[word]))
    return best, (f"IPAM 用“{best}”开头来登记 {counts[best]} 个客户的地址和网段",)


def _roles(facts: Facts, names: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, tuple[str, ...]]]]:
    """Yield pool -> the zone that its EIPs lead to (empty: nobody says), with the evidence."""
    public = public_pools(facts)
    used = {eip for _, eips, _ in translations(facts) for eip in eips}
    for pool in pools_of(facts):
        mine = [eip for eip in facts.cloud.eips.values() if eip.pool == pool]
        if pool in public:
            said = [f"{sum(e.address in used for e in mine)} 个 EIP 由 {shown(adcs(facts))} 转换成公网地址"]
            yield pool, (INTERNET, tuple(said))
            continue
        said = [f"{len(mine)} 个 EIP，ADC 不转换它们"]
        seen = Counter(side.point for side in sides(facts, pool))
        said += [f"{point} 有 {count} 条规则写到它们" for point, count in seen.items()]
        words = Counter(word for eip in mine for word in _network_words(eip.address, facts, names))
        zone = words.most_common(1)[0][0] if words else ""
        yield pool, (zone, (*said, *([f"IPAM 里这些 EIP 的名字带“{zone}”"] if zone else [])))


def _network_words(address: str, facts: Facts, names: Mapping[str, str]) -> Iterator[str]:
    record = facts.ipam.records.get(address)
    text = f"{record.hostname} {record.description}" if record else ""
    for part in dict.fromkeys(_PARTS.split(text)):
        if _NETWORK.fullmatch(part) and part != INTERNET and not any(name in part for name in names):
            yield part


def _zones(seen: Mapping[str, tuple[str, ...]], words: Words) -> Iterator[Found]:
    listed = (*words.zones, *(zone for zone in seen if zone))
    groups: dict[str, list[str]] = {}
    for zone in dict.fromkeys(listed):
        groups.setdefault(canonical(zone, listed), []).append(zone)
    for zone, spellings in groups.items():
        on_forms = [f"申请单的归属“{s}”" for s in spellings if s in words.zones]
        said = tuple(dict.fromkeys((*on_forms, *(t for s in spellings for t in seen.get(s, ())))))
        aliases: list[Json] = [s for s in spellings if s != zone]
        yield Proposal(("zones", zone), aliases, "high" if on_forms else "medium", said)
    if not words.zones:
        text = "申请单上还有哪些归属、各有哪些写法？导出里只看得到上面这些"
        yield Ask("zones", text, "申请单模板的参数表，或 site learn --orders 申请单文件夹")


def _path(facts: Facts, pool: str, ends: tuple[str, str], said: Sequence[str]) -> Iterator[Found]:
    cloud, zone = ends
    found = list(sides(facts, pool))
    if not found and pool not in public_pools(facts):
        yield Ask(
            f"paths.{cloud}→{zone}",
            f"{cloud}→{zone}（{pool}）经过哪台设备？导出里没有规则写到它的 EIP",
            "拓扑",
        )
        return
    points = Counter(side.point for side in found)
    hops: list[Json] = [_hop(point, [s for s in found if s.point == point and s.out]) for point in points]
    backwards: list[Json] = [_hop(p, [s for s in found if s.point == p and not s.out]) for p in points]
    outside: list[Json] = [{"point": name} for name in adcs(facts)] if pool in public_pools(facts) else []
    order = (_order(facts, list(points)),) if outside else ()
    evidence = (*said, *order, *(f"{p}：{c} 条规则写到 {pool} 的 EIP" for p, c in points.items()))
    to: dict[str, Json] = {"source": cloud, "destination": zone, "pool": pool, "hops": [*hops, *outside]}
    yield Proposal(("paths", ITEM), to, "medium", evidence)
    if any(not side.out for side in found):
        back: dict[str, Json] = {
            "source": zone,
            "destination": cloud,
            "pool": pool,
            "hops": [*outside, *backwards[::-1]],
        }
        yield Proposal(("paths", ITEM), back, "medium", evidence)
    text = f"{cloud}→{zone} 的变更类型（工单分类）、场景名和 runbook？"
    yield Ask(f"paths.{cloud}→{zone}.kind", text, "工单系统的分类；runbooks/ 里的文件名")


def _hop(point: str, found: Sequence[Side]) -> dict[str, Json]:
    """Return a hop with the zones that most of its rules name; Any where there is no rule this way."""
    pairs = Counter((s.rule.source_zones[:1], s.rule.destination_zones[:1]) for s in found)
    source, destination = pairs.most_common(1)[0][0] if pairs else ((), ())
    zones = ("".join(source) or "Any", "".join(destination) or "Any")
    return {"point": point, "source_zone": zones[0], "destination_zone": zones[1]}


def _order(facts: Facts, points: Sequence[str]) -> str:
    """Say why the ADC is outside: the firewalls never name a public address that it translates to."""
    public = {f"{address}/32" for address, _, _ in translations(facts)}
    walls = {name: wall for name, wall in firewalls(facts) if name in points}
    named = {
        text
        for wall in walls.values()
        for rule in permits(wall)
        for text in members(rule.destination, wall) & public
    }
    if named:
        return f"注意：防火墙规则也写到公网地址 {shown(sorted(named))}，先后顺序请核对"
    return f"{shown(points)} 的规则只写 EIP，从不写转换后的公网地址：ADC 在其外侧"


def _vpc_path(facts: Facts, cloud: str) -> Iterator[Found]:
    points = Counter(point for point, _ in between_vpcs(facts))
    if not points:
        return
    best, count = points.most_common(1)[0]
    hops: list[Json] = [{"point": best, "source_zone": "Any", "destination_zone": "Any"}]
    hops += [{"point": n} for n, held in facts.points.items() if isinstance(held, SwitchFacts)]
    value: dict[str, Json] = {"source": cloud, "destination": cloud, "hops": hops}
    said = (f"{best} 有 {count} 条规则两端都是 VPC 的私网网段：地址不经转换",)
    yield Proposal(("paths", ITEM), value, "high" if count >= FEWEST else "medium", said)
    if not any(isinstance(held, SwitchFacts) for held in facts.points.values()):
        text = "VPC 之间除东西向墙外还经过哪台并网交换机？没有它的配置"
        yield Ask(f"paths.{cloud}→{cloud}", text, "display current-configuration 的文本")
