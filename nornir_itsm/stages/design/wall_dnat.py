"""Destination translation at a firewall: one server for each public address and port, as its filters see it.

A server has neither white list nor hours: who may come is for the security rules behind it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nornir_itsm.model.firewall import FirewallFacts, PublishedServer, ServiceEntry
from nornir_itsm.model.intent import Anchor, DestinationNat, Intent, Reuse
from nornir_itsm.model.plan import Finding
from nornir_itsm.model.topology import Hop
from nornir_itsm.space.dimensions import DESTINATION, IN_ZONE, LINK, OUT_ZONE, SERVICE, SOURCE, TIME, V4
from nornir_itsm.space.packets import NOTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Translation
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.objects import services
from nornir_itsm.stages.design.remove import close_permits, unused_services
from nornir_itsm.stages.firewall_nat import server_rules, words_of
from nornir_itsm.stages.hops import zones
from nornir_itsm.stages.naming import name
from nornir_itsm.stages.predict import after, anchor_at
from nornir_itsm.stages.reserved import taken
from nornir_itsm.stages.rulebase import single
from nornir_itsm.stages.words import flows

_LAST = 0xFFFF


def publish(case: Case, hop: Hop) -> Iterator[Wanted]:
    """Yield the servers that bring the public ports to the tenant's host."""
    wall = case.facts.firewall(hop.point)
    if problem := no_place(case, hop):
        yield case.question("dnat", problem)
        return
    if case.resolved.demand.protocol not in ("tcp", "udp", "tcp+udp"):
        yield case.question("protocol", "防火墙按 TCP、UDP 端口发布：请给出协议", "tcp")
        return
    missing: dict[int, Packets] = {}
    for expected in case.resolved.expected:
        arriving = expected.packets.without(SOURCE, TIME, LINK).within(**{SOURCE: V4}) & zones(hop)
        free, other = _left(case, wall, arriving, expected.translation.shift)
        if other:
            yield case.question("dnat", f"公网端口已被占用：{other}")
            return
        missing[expected.translation.shift] = missing.get(expected.translation.shift, NOTHING) | free
    if not any(missing.values()):
        yield from _reused(case, hop)
        return
    moved = list(_moved(case, hop, missing))
    yield from moved
    for one in (intent.rule for intent in moved):
        assert isinstance(one, PublishedServer)
        missing[_shift(one)] = missing[_shift(one)] - _packets(one)
    yield from _new(case, hop, missing, [intent.rule.name for intent in moved])


def no_place(case: Case, hop: Hop) -> str:
    """Say why nothing can be translated at a firewall; empty where it can."""
    wall = case.facts.firewall(hop.point)
    if not wall.translates and wall.numbered:
        return f"{hop.point} 的快照（JSON）不含地址转换：请以 show configuration 采集后再出方案"
    if not wall.translates:
        return f"{hop.point} 上没有地址转换链，请先按 docs/how-to/linux.md 建立"
    return ""


def _left(case: Case, wall: FirewallFacts, arriving: Packets, shift: int) -> tuple[Packets, str]:
    """Return what no server translates yet, and which one translates some of it to elsewhere."""
    wanted = Translation(destination=single(case.resolved.hosts[0].eip), shift=shift)
    free = arriving
    for rule in server_rules(wall):
        part = free & rule.match
        if part and rule.translation != wanted:
            return free, f"{rule.label} 已匹配 {'、'.join(flows(part.without(IN_ZONE, OUT_ZONE)))}"
        free = free - rule.match
    return free, ""


def _shift(server: PublishedServer) -> int:
    return server.port - server.service.low


def _packets(server: PublishedServer) -> Packets:
    """Return what one server that was understood matches."""
    (rule,) = server_rules(FirewallFacts(servers=(server,)))
    return rule.match


def _reused(case: Case, hop: Hop) -> Iterator[Wanted]:
    asked = [expected.packets & zones(hop) for expected in case.resolved.expected]
    for rule in server_rules(case.facts.firewall(hop.point)):
        if any(packets & rule.match for packets in asked):
            yield Reuse(hop.point, "DestinationNat", rule.label, "已转换")


def _moved(case: Case, hop: Hop, missing: dict[int, Packets]) -> Iterator[DestinationNat]:
    """Yield servers that the order takes away and that only need another target: they stay in their place."""
    held = {server.name for server in case.facts.firewall(hop.point).servers}
    before = case.before.firewall(hop.point)
    names = [server.name for server in before.servers]
    for at, server in enumerate(before.servers):
        if server.name in held or server.unread or not (server.name and server.enabled):
            continue
        matched = _packets(server) & zones(hop)
        for shift in (shift for shift, packets in missing.items() if matched <= packets):
            port = server.service.low + shift
            rule = replace(server, target=case.resolved.hosts[0].eip, port=port, said="")
            if not (before.numbered and _several(rule)):
                yield DestinationNat(hop.point, rule, anchor_at(at, names))


def _several(rule: PublishedServer) -> bool:
    """Tell whether several ports become others, for which StoneOS has no words."""
    return rule.service.low != rule.service.high and _shift(rule) != 0


def _new(case: Case, hop: Hop, missing: dict[int, Packets], moved: Sequence[str]) -> Iterator[Wanted]:
    """Yield a server for each public address and contiguous range of ports that has none."""
    known = {*_known(case, hop), *moved}
    for line in case.resolved.lines:
        for shift, packets in missing.items():
            mine = packets.within(**{DESTINATION: Ranges.span(single(line.address))})
            for low, high in Ranges.of(span for box in mine for span in box[SERVICE]):
                rule = PublishedServer(
                    _name(case, hop, known),
                    line.address,
                    case.resolved.hosts[0].eip,
                    ServiceEntry(low >> 16, low & _LAST, high & _LAST),
                    (low & _LAST) + shift,
                    hop.source_zone,
                )
                known.add(rule.name)
                yield from _with_book(case, hop, rule, Anchor("last"))


def _known(case: Case, hop: Hop) -> set[str]:
    """Return the names that no new server can have: those there now and before, those of open changes."""
    states = (case.before, case.facts)
    there = {server.name for state in states for server in state.firewall(hop.point).servers}
    return there | taken(case.facts.named, hop.point, "DestinationNat")


def _with_book(case: Case, hop: Hop, rule: PublishedServer, anchor: Anchor) -> Iterator[Wanted]:
    """Yield a server, with the service object that it needs where it is known by a number."""
    if not case.facts.firewall(hop.point).numbered:
        yield DestinationNat(hop.point, rule, anchor)
        return
    if _several(rule):
        low, high, port = rule.service.low, rule.service.high, rule.port
        text = f"端口段 {low}-{high} 不能整段转换到 {port} 起的端口（port 只配单个端口）：请逐个端口申请"
        yield case.question("ports", text)
        return
    (book,), wanted = services(replace(case, at=hop), (rule.service,))
    yield from wanted
    yield DestinationNat(hop.point, replace(rule, book=book, id=number_of(rule.name)), anchor)


def number_of(called: str) -> str:
    """Return the number in a name like ``dnatrule 20``."""
    return called.rpartition(" ")[2]


def numbered(kind: str, known: Iterable[str]) -> str:
    """Return the name of the next rule of a kind: a number above all that are there or were promised."""
    words = (text.split() for text in known)
    return f"{kind} {max((int(w[-1]) for w in words if kind in w and w[-1].isdigit()), default=0) + 1}"


def _name(case: Case, hop: Hop, known: set[str]) -> str:
    if case.facts.firewall(hop.point).numbered:
        return numbered("dnatrule", known)
    return name(case.site, "dnat", known, customer=case.resolved.customer, system=case.resolved.system)


def unpublish(case: Case, hop: Hop, closed: Packets) -> Iterator[Wanted]:
    """Yield the removal of what is to be closed from the servers to the tenant's host.

    *closed*: what nobody else uses, sources and hours not named.
    """
    wall = case.facts.firewall(hop.point)
    names = [server.name for server in wall.servers]
    for at, server in enumerate(wall.servers):
        if server.unread or not server.enabled or server.target != case.resolved.hosts[0].eip:
            continue
        matched = (_packets(server) & zones(hop)).without(IN_ZONE, OUT_ZONE)
        if not matched & closed:
            continue
        if not server.zone:
            problem = "没有限定安全区域：从其他区域到这些公网端口的访问也随之改变"
            yield Finding(hop.point, server.name, problem)
        if not server.one_way:
            problem = f"服务器映射 {server.name} 还转换该主机发出的流量：请人工处理"
            yield case.question("partial", problem)
        elif matched <= closed:
            yield DestinationNat(hop.point, server, Anchor(), state="absent")
        else:
            yield from _less(case, hop, server, matched - closed, anchor_at(at, names))


def _less(case: Case, hop: Hop, server: PublishedServer, left: Packets, anchor: Anchor) -> Iterator[Wanted]:
    """Yield what is left of a server: its ports before the gap under its name, further ones under others."""
    ports = Ranges.of(span for box in left for span in box.get(SERVICE, Ranges()))
    if server.service.protocol is None or not ports:
        more = "、".join(flows(left))
        yield case.question("partial", f"转换 {server.name} 还服务于 {more}：不能只按端口缩小，请人工处理")
        return
    known, called = _known(case, hop), server.name
    for low, high in ports:
        entry = ServiceEntry(server.service.protocol, low & _LAST, high & _LAST)
        rule = replace(server, name=called, service=entry, port=entry.low + _shift(server), said="")
        yield from _with_book(case, hop, rule, anchor)
        known.add(called)
        called = _name(case, hop, known)


def unused(case: Case, hop: Hop, done: Iterable[Wanted], *, narrow: bool) -> Iterator[Wanted]:
    """Yield the removal of service objects that only servers named that go, once the permits are closed too.

    *narrow* as of ``close_permits``.
    """
    changed = [one for one in done if isinstance(one, Intent)]
    closed = [one for one in close_permits(case, narrow=narrow) if isinstance(one, Intent)]
    wall, then = case.facts.firewall(hop.point), after([*closed, *changed], case.facts).firewall(hop.point)
    gone = {server.book for server in wall.servers if server.book} - words_of(then)
    yield from unused_services(
        replace(case, at=hop), gone, (*then.rules, *(nat.match for nat in then.translations))
    )
