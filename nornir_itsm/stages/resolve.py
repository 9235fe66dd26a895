"""A demand along its path: private addresses to EIPs, public addresses to lines, the flow at each hop.

Pure: what is not known or not allowed becomes a question with a key, never a guess.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from nornir_itsm.model.cloud import Binding
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.order import Demand, Order
from nornir_itsm.model.plan import YES, Question
from nornir_itsm.model.topology import Path, Site
from nornir_itsm.space.dimensions import SOURCE, V4, V6, addresses
from nornir_itsm.space.packets import Packets
from nornir_itsm.stages.attach import attach, switch_of
from nornir_itsm.stages.existing import Existing, existing_public
from nornir_itsm.stages.gateways import behind_gateway, known
from nornir_itsm.stages.hops import cloud_list, isp_ranges, outbound, pool_ranges
from nornir_itsm.stages.owners import Owners, tenant_of
from nornir_itsm.stages.requested import Line, Resolved, with_flows
from nornir_itsm.stages.rulebase import single
from nornir_itsm.stages.vpcs import places

_SEPARATORS = re.compile(r"[\s,;、，；]+")


def resolve(demand: Demand, order: Order, site: Site, facts: Facts, answers: Mapping[str, str]) -> Resolved:
    """Resolve one demand along the path of its zone pair, which must be known to the site."""
    path = site.path(demand.source_zone, demand.destination_zone)
    assert path is not None
    customer = site.customer(order.organization)
    name = customer.name if customer else order.organization
    made = Resolved(demand, path, name, order.system or name)
    owners = Owners(order, site, facts, answers)
    questions = [*_shape(made, site), *_validity(demand, answers)]
    if path.pool:
        hosts, more = _hosts(made, site, facts, answers)
        made, questions = replace(made, hosts=hosts), [*questions, *more]
    elif lined(path, site):
        made, questions = _themselves(made, site, questions)
    if lined(path, site):
        lines, evidence, more = _lines(made, owners)
        made, questions = replace(made, lines=lines, evidence=evidence), [*questions, *more]
    elif path.pool:
        questions += _same_eip(made)
    if switch_of(path, site):
        made, more = _between_vpcs(made, site, facts, answers)
        questions += more
    questions += owners.asked(demand, _tenants(made, site, facts), [line.address for line in made.lines])
    if questions:
        return replace(made, questions=tuple(questions))
    if made.aside:
        return made
    return _widened(with_flows(made, site, arriving=_filters_first(path, facts)), site, facts)


def _filters_first(path: Path, facts: Facts) -> bool:
    """Tell whether the firewall that translates here filters by the address that arrives."""
    walls = (facts.points.get(hop.point) for hop in path.hops if hop.translates)
    return any(isinstance(wall, FirewallFacts) and wall.filters_first for wall in walls)


def lined(path: Path, site: Site) -> bool:
    """Tell whether a path leads over the lines of ISPs."""
    return site.translating(path) is not None


def _shape(made: Resolved, site: Site) -> Iterator[Question]:
    """Ask about requests that no path can carry as they stand."""
    demand, key = made.demand, made.demand.id
    if demand.protocol is None:
        yield Question(f"{key}.protocol", "协议未知", "tcp", ("tcp", "udp", "icmp"))
    ends = (*demand.sources, *demand.destinations, *demand.public)
    if any(addresses(text) <= V6 for text in ends) and any(addresses(text) <= V4 for text in ends):
        yield Question(f"{key}.family", "同一需求中既有 IPv4 又有 IPv6 地址，两者不能互通：请更正或拆分")
    if outbound(made.path, site) or not lined(made.path, site):
        return
    if demand.protocol == "icmp":
        yield Question(f"{key}.protocol", "入向 ICMP 不能按端口发布，请与客户确认是否需要")
    if len(demand.destinations) != 1:
        yield Question(f"{key}.destination", "同一公网端口只能转换到一个目的地址，请拆分需求")
    if demand.protocol != "icmp" and any("any" in pair for pair in demand.port_pairs):
        yield Question(f"{key}.ports", "请求发布全部端口：请给出具体端口")


def _validity(demand: Demand, answers: Mapping[str, str]) -> Iterator[Question]:
    """Ask who takes a rule away on its last day: no rule of ours ends by itself (docs/decisions/0005)."""
    key = f"{demand.id}.valid"
    if demand.valid_until and answers.get(key, "").strip().lower() not in YES:
        text = f"有效至 {demand.valid_until}，设备上的规则不会到期自动失效：请确认到期后另行提交删除"
        yield Question(key, text, "是")


def _hosts(
    made: Resolved, site: Site, facts: Facts, answers: Mapping[str, str]
) -> tuple[tuple[Binding, ...], list[Question]]:
    demand, path = made.demand, made.path
    pool = pool_ranges(path, site, facts.cloud)
    found: list[Binding] = []
    questions: list[Question] = []
    for text in demand.sources if outbound(path, site) else demand.destinations:
        try:
            place = single(text)
        except ValueError:
            questions.append(Question(f"{demand.id}.host", f"{text} 不是单个主机地址，无法确定 EIP"))
            continue
        address = text.split("/", maxsplit=1)[0]
        if place in pool:
            found.append(_backwards(address, facts))
            continue
        options = [b for b in facts.cloud.bindings if b.private == address and single(b.eip) in pool]
        options = sorted(options, key=lambda b: b.eip) or [*behind_gateway(address, path, facts)]
        answer = answers.get(f"{demand.id}.eip", "")
        sure = len(options) == 1 and options[0].private == address
        chosen = options[:1] if sure else [b for b in options if b.eip == answer]
        found += chosen
        if not chosen:
            questions.append(_no_eip(made, address, options, facts))
    return tuple(dict.fromkeys(found)), questions


def _themselves(made: Resolved, site: Site, questions: list[Question]) -> tuple[Resolved, list[Question]]:
    """Return the demand with its tenant's ends where no cloud translates them but a firewall directly."""
    ends = made.demand.sources if outbound(made.path, site) else made.demand.destinations
    alone = {text: addresses(text).size == 1 and addresses(text) <= V4 for text in ends}
    hosts = (text.removesuffix("/32") for text, one in alone.items() if one)
    asked = [
        Question(f"{made.demand.id}.host", f"{text} 不是单个 IPv4 主机地址，防火墙无法逐个转换")
        for text, one in alone.items()
        if not one
    ]
    bindings = tuple(Binding(host, host, "") for host in hosts)
    return replace(made, hosts=bindings), [*questions, *asked]


def _backwards(eip: str, facts: Facts) -> Binding:
    known = facts.cloud.eips.get(eip)
    owner = known.owner if known else ""
    return next((b for b in facts.cloud.bindings if b.eip == eip), Binding(eip, eip, "eip", owner=owner))


def _no_eip(made: Resolved, address: str, options: list[Binding], facts: Facts) -> Question:
    key, pool = f"{made.demand.id}.eip", made.path.pool
    choices = tuple(b.eip for b in options)
    if options and options[0].private == address:
        return Question(key, f"{address} 有多个 {pool} EIP，请选择", choices[0], choices)
    around = [place.vpc for place in places(address, facts.cloud)]
    sure = all(known(vpc, facts) for vpc in around)
    others = sorted(b.eip for b in facts.cloud.bindings if b.private == address)
    if others:
        return Question(key, f"{address} 的 EIP {'、'.join(others)} 不属于 {pool} 池：没有互联网 EIP")
    if options:
        said = f"按 {options[0].via.partition('，')[0]} 经" if sure else "所在 VPC 有"
        text = f"{address} 没有 EIP，{said} NAT 网关：请确认经 NAT 网关出网，或先绑定 EIP"
        return Question(key, text, choices[0], choices)
    if sure and any(vpc.nat_gateways for vpc in around):
        text = f"{address} 没有 EIP，NAT 网关的 SNAT 条目也不包含它：请先绑定 EIP 或增加条目"
        return Question(key, text)
    return Question(key, f"{address} 没有 {pool} 池的 EIP，请先绑定")


def _lines(made: Resolved, owners: Owners) -> tuple[tuple[Line, ...], tuple[str, ...], list[Question]]:
    """Return the lines of the public addresses; on the way out none means those that the EIPs have now."""
    key, site, facts = f"{made.demand.id}.public", owners.site, owners.facts
    answer = owners.answers.get(key, "")
    public = tuple(part for part in _SEPARATORS.split(answer) if part) or made.demand.public
    found = Existing()
    if not public and outbound(made.path, site):
        if not made.hosts:
            return (), (), []  # what is in use is looked up once the hosts are known
        found = existing_public([host.eip for host in made.hosts], made.path, site, facts)
        public = found.addresses
    if not public:
        registered = ",".join(owners.registered())
        return (), (), [Question(key, "没有公网 IP：请填写使用哪些公网地址", registered)]
    prefixes = isp_ranges(site)
    lines: list[Line] = []
    questions: list[Question] = []
    for text in public:
        try:
            place = single(text)
        except ValueError:
            questions.append(Question(key, f"{text} 不是单个公网地址"))
            continue
        isp = next((i for i in site.isps if place in prefixes[i.link]), None)
        if isp is None:
            questions.append(Question(key, f"{text} 不在已登记的运营商地址段内：可能是客户自有线路，请确认"))
        else:
            lines.append(Line(text.split("/", maxsplit=1)[0], isp))
    twice = {line.isp.name for line in lines if sum(other.isp == line.isp for other in lines) > 1}
    if twice:
        questions.append(Question(key, f"{'、'.join(sorted(twice))} 有一个以上的公网地址，请确认使用哪一个"))
    at_wall = any(hop.translates for hop in made.path.hops)
    if at_wall and len(lines) > 1 and outbound(made.path, site):
        questions.append(Question(key, "防火墙把源地址转换到一个公网地址，请确认使用哪一个"))
    if at_wall and any(":" in line.address for line in lines):
        questions.append(Question(key, "防火墙上不做 IPv6 地址转换，请确认"))
    order = [isp.link for isp in site.isps]
    in_order = tuple(sorted(lines, key=lambda line: order.index(line.isp.link)))
    evidence = (*(f"公网地址沿用现有：{one}" for one in found.evidence), *found.conflicts)
    return in_order, evidence, questions


def _same_eip(made: Resolved) -> Iterator[Question]:
    """Ask where a path without lines has a public address on the form that is not the host's EIP."""
    said = {text.split("/", maxsplit=1)[0] for text in made.demand.public}
    eips = {host.eip for host in made.hosts}
    if said and eips and said != eips:
        text = f"申请单的公网 IP {'、'.join(sorted(said))} 与 EIP {'、'.join(sorted(eips))} 不一致，请确认"
        yield Question(f"{made.demand.id}.public", text)


def _widened(made: Resolved, site: Site, facts: Facts) -> Resolved:
    """Take note of the tenant's whole prefixes, where the site lets rules name them instead of hosts."""
    if not made.path.wide_source or not outbound(made.path, site):
        return made
    prefixes = [p for pool in site.pools if pool.isp == made.path.pool for p in pool.prefixes]
    wide = [p for p in prefixes if any(single(host.eip) in addresses(p) for host in made.hosts)]
    if not all(any(single(host.eip) in addresses(p) for p in wide) for host in made.hosts):
        return made
    cloud = cloud_list(made.path, site, facts.cloud, out=True)
    behind = cloud.preimage(Packets.of(*({SOURCE: addresses(prefix)} for prefix in wide)))
    allowed = made.requested.without(SOURCE) & behind
    return replace(made, wide_sources=tuple(wide), allowed=allowed - made.requested)


def _between_vpcs(
    made: Resolved, site: Site, facts: Facts, answers: Mapping[str, str]
) -> tuple[Resolved, list[Question]]:
    found = attach(made.demand, made.path, site, facts, answers)
    why = tuple(one.why for one in found.attachments or found.places)
    made = replace(made, places=found.places, attachments=found.attachments, aside=found.aside, evidence=why)
    return made, [*found.questions, *_unknown_owners(made, site, answers)]


def _tenants(made: Resolved, site: Site, facts: Facts) -> list[str]:
    """Return what has to be the applicant's: between VPCs both ends, but for public services."""
    demand = made.demand
    if not made.places:
        return list(demand.sources if outbound(made.path, site) else demand.destinations)
    others = (t for t in demand.destinations if tenant_of(t, site, facts) not in site.public_services)
    return [*demand.sources, *others]


def _unknown_owners(made: Resolved, site: Site, answers: Mapping[str, str]) -> Iterator[Question]:
    """Ask about a VPC whose owner is no customer of the site: is it the applicant's?"""
    key = f"{made.demand.id}.owner"
    unknown = [p for p in made.places if p.vpc.owner and site.customer(p.vpc.owner) is None]
    if unknown and answers.get(key, "").strip().lower() not in YES:
        said = "；".join(f"{place.why}，归 {place.vpc.owner}" for place in unknown)
        yield Question(key, f"{said}：不在客户表中，请确认是否允许 {made.customer} 访问", "否")
