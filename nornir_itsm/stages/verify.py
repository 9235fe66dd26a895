"""What devices show against what they should show; what is left to do in either direction."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.change import Change
from nornir_itsm.model.cloud_network import GroupFacts
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    Intent,
    Interface,
    Reuse,
    SecurityRule,
    VpnInstance,
    kind_of,
    name_of,
)
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.model.topology import Site
from nornir_itsm.stages.hanging import hanging
from nornir_itsm.stages.held import address_set, canonical, members
from nornir_itsm.stages.predict import after, remaining
from nornir_itsm.stages.render import Templates, one_way, render


def forward(intents: Sequence[Intent], facts: Facts, site: Site, templates: Templates) -> tuple[Change, ...]:
    """Return what is still to be sent of these intents, given what the devices hold."""
    return render(intents, facts, site, templates)


def back_to(
    back: Sequence[Intent],
    facts: Facts,
    known_rules: Mapping[str, frozenset[str]],
    site: Site,
    templates: Templates,
) -> tuple[Change, ...]:
    """Return what leads back, whatever part of a change arrived; see ``baseline`` for *known_rules*.

    It has no undo of its own: where it fails, what is left of it is found out from the device again.
    """
    left = _left(back, facts, known_rules)
    points = dict.fromkeys(intent.point for intent in back)
    return tuple(
        one_way(point, [i for i in left if i.point == point], facts, site, templates) for point in points
    )


def baseline(back: Sequence[Intent], facts: Facts, known_rules: Mapping[str, frozenset[str]]) -> Facts:
    """Return the facts once everything that arrived of a change is taken back.

    *known_rules*: point -> identifiers of the rules without a name that were there before. Another one
    without a name is ours: its session ended before its name was sent.
    """
    return after(_left(back, facts, known_rules), facts)


def _left(
    back: Sequence[Intent], facts: Facts, known_rules: Mapping[str, frozenset[str]]
) -> tuple[Intent, ...]:
    points = dict.fromkeys(intent.point for intent in back)
    strangers = [s for point in points for s in _half_made(point, facts, known_rules)]
    return remaining([*strangers, *back], facts)


def _half_made(point: str, facts: Facts, known_rules: Mapping[str, frozenset[str]]) -> Iterator[SecurityRule]:
    held = facts.points[point]
    if isinstance(held, FirewallFacts) and point in known_rules:
        for rule in held.rules:
            if _blank(rule) and rule.id and rule.id not in known_rules[point]:
                yield SecurityRule(point, rule, Anchor(), state="absent")


def _blank(rule: SecurityPolicy) -> bool:
    """Tell whether nothing was said of a rule yet: a name is the first thing that ours are given.

    Somebody else's rule may have no name either; it says what it is for.
    """
    sides = (*rule.source.literals, *rule.destination.literals, *rule.source_zones, *rule.destination_zones)
    named = {*rule.source.books, *rule.destination.books, *rule.services}
    return not (rule.name or sides or rule.schedules or rule.description) and named <= {"Any"}


def taken_over(changes: Sequence[Change], facts: Facts) -> Iterator[str]:
    """Yield what somebody else made since of the objects that undoing *changes* would remove or replace."""
    left = {_object(intent): intent for change in changes for intent in change.intents if not intent.reuse}
    then = after([intent for change in changes for intent in change.back], facts)
    for intent in (intent for change in changes for intent in change.back):
        match intent:
            case AddressSet(state="absent", whole=True):
                undone = after([replace(intent, whole=False)], facts).points[intent.point]
                if left_in := members(address_set(intent, undone)):
                    others = "、".join(left_in)
                    yield f"{intent.point} 的地址对象 {intent.name} 中还有 {others}"
            case VpnInstance(state="absent") if others := "、".join(
                hanging(intent, then.points[intent.point])
            ):
                yield f"{intent.point} 的 VPN 实例 {name_of(intent)} 上还有 {others}"
            case AddressSet() | Reuse():
                continue
            case Interface(state="absent") | VpnInstance(state="absent") if foreign := _foreign(
                intent, facts
            ):
                yield f"{intent.point} 的 {name_of(intent)} 中还有 {'、'.join(foreign)}"
            case _:
                there = remaining([replace(intent, state="absent")], facts)
                ours = left.get(_object(intent), replace(intent, state="ensure"))
                if there and remaining([replace(intent, state="ensure")], facts) and remaining([ours], facts):
                    yield f"{intent.point} 的 {name_of(intent)} 已不是本变更留下的内容"


def _foreign(intent: Interface | VpnInstance, facts: Facts) -> tuple[str, ...]:
    """Return the lines of an interface or a VPN instance that no change of ours made."""
    held = facts.points[intent.point]
    return held.others.get(name_of(intent), ()) if isinstance(held, SwitchFacts) else ()


def _object(intent: Intent) -> tuple[str, str, str]:
    return intent.point, kind_of(intent), name_of(intent)


def differences(expected: PointFacts, held: PointFacts) -> tuple[str, ...]:
    """Say in a few words each how two states of a point differ; nothing where they are equal."""
    a, b = canonical(expected), canonical(held)
    return () if a == b else tuple(_differences(a, b)) or ("顺序不同",)


def _differences(a: PointFacts, b: PointFacts) -> Iterator[str]:
    match a, b:
        case FirewallFacts(), FirewallFacts():
            yield from _by_name("地址对象", a.addresses, b.addresses)
            yield from _by_name("服务", a.services, b.services)
            yield from _by_name("服务组", a.groups, b.groups)
            yield from _by_name("时间表", a.schedules, b.schedules)
            yield from _by_name("策略", _named(a.rules), _named(b.rules))
            yield from _order("策略", [r.name for r in a.rules], [r.name for r in b.rules])
            yield from _by_name("服务器映射", _named(a.servers), _named(b.servers))
            yield from _order("服务器映射", [r.name for r in a.servers], [r.name for r in b.servers])
            yield from _by_name("源地址转换", _named(a.translations), _named(b.translations))
            yield from _order(
                "源地址转换", [r.name for r in a.translations], [r.name for r in b.translations]
            )
            yield from _by_name("转换地址池", a.pools or {}, b.pools or {})
            if a.answers != b.answers:
                yield "回程经过的规则不同"
        case AdcFacts(), AdcFacts():
            yield from _by_name("地址集", a.groups, b.groups)
            for word, mine, theirs in (
                ("目的地址转换", a.dnat, b.dnat),
                ("源地址转换", a.snat, b.snat),
                ("智能路由", a.routes, b.routes),
            ):
                yield from _by_name(word, _named(mine), _named(theirs))
                yield from _order(word, [r.name for r in mine], [r.name for r in theirs])
        case SwitchFacts(), SwitchFacts():
            yield from _by_name("VLAN", a.vlans, b.vlans)
            yield from _by_name("VPN 实例", a.instances, b.instances)
            yield from _by_name("VLAN 接口", a.interfaces, b.interfaces)
            yield from _by_name("静态路由", a.routes, b.routes)
            yield from _by_name("前缀列表", a.prefix_lists, b.prefix_lists)
        case GroupFacts(), GroupFacts():
            heads = ({id: replace(g, rules=()) for id, g in facts.groups.items()} for facts in (a, b))
            yield from _by_name("安全组", *heads)
            yield from _by_name("安全组规则", _group_rules(a), _group_rules(b))
        case _:
            yield "设备类型不同"


def _named(rules: Sequence[object]) -> dict[str, object]:
    return {str(getattr(r, "name", "")) or f"（未命名，id {getattr(r, 'id', '')}）": r for r in rules}


def _group_rules(facts: GroupFacts) -> dict[str, object]:
    return {f"{g.id} {rule.name}": rule for g in facts.groups.values() for rule in g.rules}


def _by_name(word: str, expected: Mapping[str, object], held: Mapping[str, object]) -> Iterator[str]:
    for name in [*expected, *(n for n in held if n not in expected)]:
        if name not in held:
            yield f"缺少{word} {name}"
        elif name not in expected:
            yield f"多出{word} {name}"
        elif expected[name] != held[name]:
            yield f"{word} {name} 的内容不同"


def _order(word: str, expected: list[str], held: list[str]) -> Iterator[str]:
    if sorted(expected) == sorted(held) and expected != held:
        yield f"{word}的顺序不同"
