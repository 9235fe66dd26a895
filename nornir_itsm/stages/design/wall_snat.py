"""Source translation at a firewall: the tenant's hosts leave with exactly the requested public address.

A translation is for hosts, wherever they go: what may leave is for the security rules. A new one stands above
the first that would translate the requested flows otherwise, and no higher: exceptions above it stay.
"""

from collections.abc import Iterator

from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector, SourceTranslation
from nornir_itsm.model.intent import AddressPool, Anchor, Intent, Reuse, SourceNat
from nornir_itsm.model.plan import Finding
from nornir_itsm.model.topology import Hop
from nornir_itsm.space.dimensions import SOURCE
from nornir_itsm.space.packets import EVERYTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, Translation, passing, trace
from nornir_itsm.stages.design.case import Case, Wanted
from nornir_itsm.stages.design.remove import close_permits
from nornir_itsm.stages.design.wall_dnat import no_place, number_of, numbered
from nornir_itsm.stages.firewall_nat import public_address, source_rules
from nornir_itsm.stages.hops import UNTRANSLATED, rule_lists, zones
from nornir_itsm.stages.naming import alternatives, name
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.reserved import holding, taken
from nornir_itsm.stages.rulebase import covering, policy_packets, single

_ANY = ("Any",)


def leave_as(case: Case, hop: Hop) -> Iterator[Wanted]:
    """Yield what makes the hosts leave with the requested public address; nothing but names where they do."""
    wall = case.facts.firewall(hop.point)
    if problem := no_place(case, hop):
        yield case.question("snat", problem)
        return
    (line,) = case.resolved.lines
    wanted = Translation(source=single(line.address))
    hosts: list[str] = []
    decided: dict[str, bool] = {}
    for host in case.resolved.hosts:
        mine = case.resolved.seen_at(hop).packets.within(**{SOURCE: covering([host.eip])})
        shares = [(rule, share) for rule, share in _list(wall, hop).shares(mine) if share]
        right = {r.label: r.translation == wanted and share.same_as(share.must()) for r, share in shares}
        hosts += [] if all(right.values()) else [host.eip]
        decided |= right
    if not hosts:
        yield from (Reuse(hop.point, "SourceNat", one, f"→ {line.address}") for one in decided)
        return
    if elsewhere := _own_already(wall, [one for one, right in decided.items() if not right], hosts):
        text = f"{'、'.join(hosts)} 已由规则 {elsewhere} 转换到其他公网地址：请确认是否迁移"
        yield case.question("snat", text)
        return
    yield from _rule(case, hop, hosts, line.address, [one for one, right in decided.items() if not right])


def _list(wall: FirewallFacts, hop: Hop) -> RuleList:
    rest = Rule(UNTRANSLATED, EVERYTHING)
    return RuleList(hop.point, source_rules(wall, last=True), rest, zones(hop))


def _own_already(wall: FirewallFacts, others: list[str], hosts: list[str]) -> str:
    """Return a translation that is for some of these hosts alone, of those that decide otherwise."""
    mine = covering(hosts)
    for server in wall.servers:
        if f"{server.name}（反向）" in others:
            return server.name
    for nat in (nat for nat in wall.translations if nat.name in others):
        sources = [box.get(SOURCE) for box in policy_packets(nat.match, wall)]
        if sources and all(ranges is not None and ranges <= mine for ranges in sources):
            return nat.name
    return ""


def _rule(case: Case, hop: Hop, hosts: list[str], public: str, others: list[str]) -> Iterator[Wanted]:
    wall = case.facts.firewall(hop.point)
    there = {
        nat.name for state in (case.before, case.facts) for nat in state.firewall(hop.point).translations
    }
    known = {*there, *taken(case.facts.named, hop.point, "SourceNat")}
    isp = case.resolved.lines[0].isp.name
    pool = ""
    if wall.pools is not None:
        pool, wanted = _pool(case, hop, public)
        yield wanted
    above = next((nat.name for nat in wall.translations if nat.name in others), "")
    anchor = Anchor("before", above) if above else Anchor("last")
    # A rule of StoneOS names one address or one object: a rule each is plainer than an object for them.
    for part in [[host] for host in hosts] if wall.numbered else [hosts]:
        called = name(case.site, "snat", known, customer=case.resolved.customer, isp=isp)
        called = numbered("snatrule", known) if wall.numbered else called
        known.add(called)
        match = SecurityPolicy(
            called,
            "permit",
            Selector(literals=tuple(f"{host}/32" for host in part)),
            Selector(_ANY),
            _ANY,
            (hop.source_zone,) if hop.source_zone else (),
            (hop.destination_zone,) if hop.destination_zone else (),
            id=called,
        )
        number = number_of(called) if wall.numbered else ""
        yield SourceNat(hop.point, SourceTranslation(match, (public,), pool=pool, id=number), anchor)


def _pool(case: Case, hop: Hop, public: str) -> tuple[str, AddressPool]:
    """Choose the pool that holds exactly this address, or make it."""
    pools = case.facts.firewall(hop.point).pools or {}
    for pool in sorted(pools):
        if pools[pool].complete and covering(pools[pool].members) == covering([public]):
            return pool, AddressPool(hop.point, pool, (public,), reuse=True)
    known = {*pools, *taken(case.facts.named, hop.point, "AddressPool", holding([public]))}
    made = name(case.site, "public_group", known, ips=public, customer=case.resolved.customer)
    return made, AddressPool(hop.point, made, (public,))


def stay(case: Case, hop: Hop) -> Iterator[Wanted]:
    """Yield the removal of translations that nothing of these hosts needs once the order is carried out.

    Others stay and are named: other flows of the host are translated by them.
    """
    wall = case.facts.firewall(hop.point)
    mine = covering([host.eip for host in case.resolved.hosts])
    own = [nat for nat in wall.translations if _only_for(nat, wall, mine)]
    unused = [nat for nat in own if not _passes(case, nat)]
    for nat in own:
        if nat in unused:
            yield SourceNat(hop.point, nat, Anchor(), state="absent")
        else:
            yield Finding(hop.point, nat.name, "保留：该主机其余放行的流量仍由它转换源地址")
    yield from _unused_pools(case, hop, unused)


def _only_for(nat: SourceTranslation, wall: FirewallFacts, mine: Ranges) -> bool:
    match = nat.match
    plain = not (match.unread or match.logs or match.profiles or match.schedules or match.description)
    sources = [box.get(SOURCE) for box in policy_packets(match, wall)]
    only = bool(sources) and all(ranges is not None and ranges <= mine for ranges in sources)
    return bool(match.name) and plain and only and public_address(nat) is not None and match.enabled is True


def _passes(case: Case, nat: SourceTranslation) -> bool:
    """Tell whether anything that this translates would still pass on the path."""
    closed = [one for one in close_permits(case) if isinstance(one, Intent)]
    lists = rule_lists(case.resolved.path, case.site, after(closed, case.facts))
    private = Packets.of(*({SOURCE: covering([host.private])} for host in case.resolved.hosts))
    return any(
        (point, nat.name) in outcome.labels and passing([outcome])
        for outcome in trace(lists, private)
        for point in {one.point for one in lists}
    )


def _unused_pools(case: Case, hop: Hop, gone: list[SourceTranslation]) -> Iterator[Wanted]:
    wall = case.facts.firewall(hop.point)
    left = {nat.pool for nat in wall.translations if nat not in gone}
    for pool in sorted({nat.pool for nat in gone if nat.pool} - left):
        held = (wall.pools or {}).get(pool)
        members = held.members if held else ()
        said = {"ips": "和".join(members), "customer": case.resolved.customer}
        if held and held.complete and pool in alternatives(case.site, "public_group", **said):
            yield AddressPool(hop.point, pool, members, state="absent")
        else:
            yield Finding(hop.point, pool, "删除后不再被任何转换引用，予以保留")
