"""What a device holds beyond and short of what it should hold: object by object, in the lines that say it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.adc import AdcFacts, AddressMatch
from nornir_itsm.model.cloud_network import GroupFacts, GroupRule
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    PublishedServer,
    ScheduleBook,
    SecurityPolicy,
    ServiceBook,
    SourceTranslation,
)
from nornir_itsm.model.intent import (
    AddressPool,
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    Interface,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
    StaticRoute,
    Vlan,
    VpnInstance,
)
from nornir_itsm.model.switch import SwitchFacts, SwitchInstance, SwitchInterface, SwitchRoute, SwitchVlan
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.held import canonical
from nornir_itsm.stages.predict import anchor_at
from nornir_itsm.stages.render import Templates, one_way

_DICTS: Mapping[type, Sequence[tuple[str, str]]] = {
    FirewallFacts: (
        ("addresses", "地址对象"),
        ("services", "服务"),
        ("groups", "服务组"),
        ("schedules", "时间表"),
    ),
    AdcFacts: (("groups", "地址集"),),
    SwitchFacts: (
        ("vlans", "VLAN"),
        ("instances", "VPN 实例"),
        ("interfaces", "VLAN 接口"),
        ("routes", "静态路由"),
    ),
    GroupFacts: (("groups", "安全组"),),
}
_LISTS: Mapping[type, Sequence[tuple[str, str]]] = {
    FirewallFacts: (("rules", "策略"), ("servers", "服务器映射"), ("translations", "源地址转换")),
    AdcFacts: (("dnat", "目的地址转换"), ("snat", "源地址转换"), ("routes", "智能路由")),
    SwitchFacts: (),
    GroupFacts: (),
}
_FRAME = {"exit", "quit", "policy-global", "ip vrouter trust-vr", "disable"}
"""Lines that only lead to others, or that a later line of the same block takes back."""
_NAMELESS = "-"
_NOWHERE = Anchor()
_UNNAMED = "\n"
"""What the key of a rule without a name begins with: no name does."""
_LABELS = {
    "members": "地址",
    "rules": "规则",
    "members_ipv6": "IPv6 地址",
    "links": "链路",
    "inbound_links": "入接口链路",
    "outbound_links": "出接口链路",
    "source": "源地址",
    "destination": "目的地址",
    "protocol": "协议",
    "ports": "目的端口",
    "target": "转换后地址",
    "target_ports": "转换后端口",
    "translated": "转换后地址",
    "enabled": "启用",
    "description": "描述",
}
"""Fields as a GUI names them; others go by their own name."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One object of a device that is not as it should be.

    ``short``: lines (of a GUI: ``field：value``) that are not there; ``beyond``: lines that nobody asked for.
    """

    device: str
    object: str
    problem: str
    short: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()


def departures(
    point: str, expected: PointFacts, held: PointFacts, site: Site, templates: Templates
) -> tuple[Departure, ...]:
    """Return how *held* departs from *expected*; what the device predefines is not compared.

    Both must be of one kind of device and known.
    """
    say = _Speaker(point, site, templates)
    a, b = canonical(expected), canonical(held)
    made: list[Departure] = []
    for field, word in _DICTS[type(a)]:
        pairs = _paired(_own(getattr(a, field)), _own(getattr(b, field)))
        made += (say.departure(word, name, *both) for name, both in pairs if both[0] != both[1])
    for field, word in _LISTS[type(a)]:
        made += _rules(say, word, getattr(a, field), getattr(b, field))
    for name, both in _paired(_pools(a), _pools(b)):
        made += [say.departure("转换地址池", name, *both)] if both[0] != both[1] else []
    return tuple(made)


def _pools(facts: PointFacts) -> dict[str, AddressPool]:
    """Return what a firewall translates sources to, as what would make it."""
    held = (facts.pools or {}) if isinstance(facts, FirewallFacts) else {}
    return {name: AddressPool("", name, one.members) for name, one in held.items()}


def undecided(facts: PointFacts) -> tuple[str, ...]:
    """Return the objects and rules of which an export does not say everything."""
    books = (one for field, _ in _DICTS[type(facts)] for one in _own(getattr(facts, field)).values())
    rules = (one for field, _ in _LISTS[type(facts)] for one in getattr(facts, field))
    return tuple(one.name for one in (*books, *rules) if _part(one))


def completed[F: PointFacts](facts: F, other: PointFacts) -> F:
    """Return facts in which what an export leaves open is taken to be as *other*, of the same point, says."""
    if type(facts) is not type(other):
        return facts
    changed: dict[str, Any] = {}
    for field, _ in _DICTS[type(facts)]:
        there = getattr(other, field)
        held = getattr(facts, field)
        changed[field] = {name: there.get(name, one) if _part(one) else one for name, one in held.items()}
    for field, _ in _LISTS[type(facts)]:
        known = {rule.name: rule for rule in getattr(other, field) if rule.name and not _part(rule)}
        changed[field] = tuple(_filled(rule, known.get(rule.name)) for rule in getattr(facts, field))
    return replace(facts, **changed)


def _part(one: Any) -> bool:
    if isinstance(one, SourceTranslation):
        return _part(one.match)
    if isinstance(one, PublishedServer):
        return bool(one.unread)
    if isinstance(one, SecurityPolicy):
        return one.enabled is None or bool(one.unread)
    return not getattr(one, "complete", True)


def _filled(rule: Any, other: Any) -> Any:
    if other is None or not _part(rule):
        return rule
    if not isinstance(rule, SecurityPolicy):
        return other
    enabled = other.enabled if rule.enabled is None else rule.enabled
    return replace(rule, enabled=enabled, unread=())


def _own(held: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in held.items() if not getattr(one, "predefined", False)}


def _paired[K](a: Mapping[K, Any], b: Mapping[K, Any]) -> Iterator[tuple[K, tuple[Any, Any]]]:
    for name in dict.fromkeys((*a, *b)):
        yield name, (a.get(name), b.get(name))


def _rules(say: "_Speaker", word: str, a: Sequence[Any], b: Sequence[Any]) -> Iterator[Departure]:
    mine, theirs = _keyed(a), _keyed(b)
    for key, (wanted, there) in _paired(mine, theirs):
        if wanted != there:
            rules = a if there is None else b
            yield say.departure(
                word, _shown(key, there or wanted), wanted, there, _anchor(rules, there or wanted)
            )
    yield from _moved(say.point, word, [k for k in mine if k in theirs], [k for k in theirs if k in mine])


def _keyed(rules: Sequence[Any]) -> dict[tuple[str, int], Any]:
    """Return rules by name and how many of that name stand above; those without a name by their content."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Any] = {}
    for rule in rules:
        plain = replace(rule, id="", hits=None) if isinstance(rule, SecurityPolicy) else rule
        name = rule.name or f"{_UNNAMED}{plain}"
        seen[name] += 1
        found[name, seen[name]] = rule
    return found


def _shown(key: tuple[str, int], rule: Any) -> str:
    if not rule.name:
        return f"（未命名{'，id ' + rule.id if getattr(rule, 'id', '') else ''}）"
    return f"{rule.name}{f'（第 {key[1]} 条同名）' if key[1] > 1 else ''}"


def _anchor(rules: Sequence[Any], rule: Any) -> Anchor:
    at = next(i for i, one in enumerate(rules) if one is rule)
    return anchor_at(at, [one.name for one in rules])


def _moved(point: str, word: str, a: Sequence[Any], b: Sequence[Any]) -> Iterator[Departure]:
    """Yield the fewest rules that stand elsewhere among those that both have."""
    place = {key: at for at, key in enumerate(b)}
    kept = _ascending([place[key] for key in a])
    for at, key in enumerate(a):
        if place[key] not in kept:
            after = a[at + 1][0] if at + 1 < len(a) else ""
            named = after and not after.startswith(_UNNAMED)
            where = f"应在 {after} 之上" if named else "应在最后" if not after else "顺序与方案不同"
            name = "（未命名）" if key[0].startswith(_UNNAMED) else key[0]
            yield Departure(point, f"{word} {name}", f"位置不同：{where}")


def _ascending(numbers: Sequence[int]) -> set[int]:
    """Return a longest ascending subsequence of distinct numbers (patience sorting)."""
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        at = bisect_left(ends, number)
        before[number] = ends[at - 1] if at else None
        ends[at : at + 1] = [number]
    kept: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        kept.add(last)
        last = before[last]
    return kept


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says objects of one point in its lines, or field by field where it has a GUI only."""

    point: str
    site: Site
    templates: Templates

    def departure(
        self, word: str, name: str, wanted: Any, there: Any, anchor: Anchor = _NOWHERE
    ) -> Departure:
        problem = "缺少" if there is None else "多出" if wanted is None else "内容不同"
        mine, theirs = (Counter(self.lines(one, anchor)) for one in (wanted, there))
        short, beyond = (mine - theirs).elements(), (theirs - mine).elements()
        return Departure(self.point, f"{word} {name}", problem, tuple(short), tuple(beyond))

    def lines(self, one: Any, anchor: Anchor) -> list[str]:
        """Return what makes an object, without what only leads there."""
        if one is None:
            return []
        if type(one) not in _INTENTS:
            return list(_fields(one))
        try:
            intent = _INTENTS[type(one)](self.point, one, anchor)
            said = one_way(self.point, [intent], Facts(), self.site, self.templates).commands
        except ChangeError:  # nothing that we would write
            return list(_fields(one))
        left_out = _FRAME if one.name else {*_FRAME, f'name "{_NAMELESS}"'}
        return [line.strip() for line in said if line.strip() not in left_out]


_INTENTS: Mapping[type, Callable[[str, Any, Anchor], Intent]] = {
    AddressBook: lambda point, one, _: AddressSet(point, one.name, one.members, whole=True),
    ServiceBook: lambda point, one, _: ServiceSet(point, one.name, one.entries),
    ScheduleBook: lambda point, one, _: Schedule(point, one.name, one.periods),
    SecurityPolicy: lambda point, one, anchor: SecurityRule(
        point, one if one.name else replace(one, name=_NAMELESS), anchor
    ),
    PublishedServer: DestinationNat,
    SourceTranslation: SourceNat,
    AddressPool: lambda point, one, _: replace(one, point=point),
    SwitchVlan: lambda point, one, _: Vlan(point, one),
    SwitchInstance: lambda point, one, _: VpnInstance(point, one),
    SwitchInterface: lambda point, one, _: Interface(point, one),
    SwitchRoute: lambda point, one, _: StaticRoute(point, one),
}
"""What would make an object; of others no line does."""


def _fields(one: Any) -> Iterator[str]:
    yield f"名称：{one.name}"
    for field in fields(one):
        value = getattr(one, field.name)
        usual = value == field.default and field.name not in _LABELS
        if field.compare and field.name != "name" and value not in ("", ()) and not usual:
            label = _LABELS.get(field.name, field.name)
            yield from (
                f"{label}：{_value(item)}" for item in (value if isinstance(value, tuple) else (value,))
            )


def _value(value: object) -> str:
    match value:
        case AddressMatch():
            return value.value or value.kind
        case GroupRule():
            return f"{value.name} {value.description}".rstrip()
        case bool():
            return "是" if value else "否"
        case _:
            return str(value)
