"""Enforcement points: where new rules go, what new permits carry, which links lead inside."""

from collections import Counter
from collections.abc import Iterator

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.stages.learn.eips import is_any, permits
from nornir_itsm.stages.learn.isps import inside_links
from nornir_itsm.stages.learn.proposal import ITEM, Ask, Confidence, Exports, Found, Proposal, shown

_ROLES = {FirewallFacts: "firewall", AdcFacts: "adc"}
FEWEST = 3
"""Rules that a habit must be seen in."""


def points(exports: Exports) -> Iterator[Found]:
    """Yield each point line by line."""
    for name, held in exports.facts.points.items():
        at, folder = ("points", name), exports.folders[name]
        said = (f"快照目录 {folder} 里是它的导出",)
        yield Proposal((*at, "platform"), exports.platforms[name], "high", said)
        yield Proposal((*at, "role"), _ROLES.get(type(held), "switch"), "high", said)
        yield Proposal((*at, "snapshot"), folder, "high", said)
        if name in exports.unnamed:
            yield Ask(
                f"points.{name}", f"目录 {folder} 是哪台设备？设备清单里没有对得上的名字", "devices.xlsx"
            )
        yield from _more(name, held)

    for name in exports.unseen:
        yield Ask(
            f"points.{name}", f"设备清单里有 {name}，没有它的导出：它在哪些路径上？", "采集它，或由人说明"
        )


def _more(name: str, held: PointFacts) -> Iterator[Found]:
    if isinstance(held, FirewallFacts):
        yield from _firewall(name, held)
    elif isinstance(held, AdcFacts):
        yield from _adc(name, held)
    else:
        yield Ask(f"points.{name}.by_hand", f"{name} 由本工具登录，还是由人执行？")
    yield Ask(f"points.{name}.menus", f"{name} 的图形界面菜单路径（写进变更方案）", "设备的管理界面")


def _firewall(name: str, wall: FirewallFacts) -> Iterator[Found]:
    at = ("points", name)
    last = next((r for r in wall.rules if r.enabled and _denies_all(r)), None)
    position = wall.rules.index(last) if last else len(wall.rules)
    if last:
        said = [f"第 {position + 1} 条（共 {len(wall.rules)} 条）拒绝一切"]
        if dead := wall.rules[position + 1 :]:
            said.append(f"其后的规则不生效：{shown(r.name for r in dead)}")
        yield Proposal((*at, "above"), last.name, "high", tuple(said))
    else:
        yield Ask(f"points.{name}.above", f"{name} 没有拒绝一切的规则：新规则放在哪一条之上？")
    above = wall.rules[:position]
    for rule in (r for r in above if r.action == "deny"):
        said = [f"拒绝规则，位于放行规则之间或之后（第 {wall.rules.index(rule) + 1} 条）：像封禁名单"]
        yield Proposal((*at, "protected", ITEM), rule.name, "medium", tuple(said))
        yield Ask(
            f"points.{name}.protected", f"“{rule.name}”是有意保留的封禁，还是可以让位给新申请？", "安全管理员"
        )
    yield from _habits(name, [r for r in permits(wall) if r in above])
    if wall.default:
        yield Proposal((*at, "implicit"), wall.default, "high", ("配置里写明的缺省动作",))
    else:
        yield Ask(f"points.{name}.implicit", f"没有规则命中时 {name} 放行还是拒绝？", "厂商手册或设备配置")


def _denies_all(rule: SecurityPolicy) -> bool:
    return (
        rule.action == "deny"
        and is_any(rule.source)
        and is_any(rule.destination)
        and set(rule.services) <= {"Any", "any"}
        and not (rule.source_zones or rule.destination_zones or rule.schedules)
    )


def _habits(name: str, rules: list[SecurityPolicy]) -> Iterator[Found]:
    """Yield what most permits carry."""
    at = ("points", name)
    if len(rules) < FEWEST:
        yield Ask(
            f"points.{name}.profiles",
            f"{name} 只有 {len(rules)} 条有效的放行规则：新规则带什么安全配置和日志？",
        )
        return
    profiles, count = Counter(rule.profiles for rule in rules).most_common(1)[0]
    if profiles:
        yield Proposal((*at, "profiles"), dict(profiles), *_most(count, len(rules)))
    logs, count = Counter(rule.logs for rule in rules).most_common(1)[0]
    if logs:
        yield Proposal((*at, "logs"), list(logs), *_most(count, len(rules)))
    named = [r for r in rules if not (is_any(r.source) and is_any(r.destination))]
    plain = [r for r in named if not {*r.source.books, *r.destination.books} - {"Any"}]
    if len(named) >= FEWEST and len(plain) == len(named):
        said = (f"{len(named)} 条有地址的放行规则都直接写网段，不用地址簿",)
        yield Proposal((*at, "plain_addresses"), True, "high", said)


def _most(count: int, total: int) -> tuple[Confidence, tuple[str, ...]]:
    """Return the confidence in what so many of so many rules have, and its evidence."""
    return "high" if 10 * count >= 9 * total else "medium", (f"{total} 条放行规则中 {count} 条如此",)


def _adc(name: str, adc: AdcFacts) -> Iterator[Found]:
    at = ("points", name)
    for link, count in inside_links(adc).items():
        said = (f"{count} 条启用的源地址转换以它为入向链路",)
        yield Proposal((*at, "inside_links", ITEM), link, "high" if count >= FEWEST else "medium", said)
    for rule in adc.dnat:
        if rule.enabled and not rule.ports and rule.protocol == "ALL":
            said = ("转换全部协议和端口，并占用其他规则的公网地址：像管理或运维入口",)
            yield Proposal((*at, "protected", ITEM), rule.name, "low", said)
            yield Ask(f"points.{name}.protected", f"目的地址转换“{rule.name}”不可触碰吗？", "设备管理员")
