"""The VPCs of a demand on the interconnect switch: who owns an address, by which VLAN it is connected.

Pure. What the IPAM does not say, or says twice, becomes a question; a number is never taken without one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nornir_itsm.model.cloud import CloudFacts, Vpc
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.ipam import IpamSubnet
from nornir_itsm.model.order import Demand
from nornir_itsm.model.plan import Question
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.model.topology import Allocation, Path, Site
from nornir_itsm.space.dimensions import addresses
from nornir_itsm.stages.vlans import (
    Numbers,
    Registered,
    interconnects,
    numbers,
    usable,
    vlan_of,
    vlans_in,
)
from nornir_itsm.stages.vpcs import Place, places

MOST = 12
"""So many holes are spelled out in a question; its choices have all of them."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A prefix of a VPC with the VLAN and the network that connect it.

    ``new``: the numbers are allocated by this order, nothing is registered yet.
    """

    vpc: Vpc
    prefix: str
    vlan: int
    network: str
    why: str
    new: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    """What came of a demand: how its VPCs are connected, or why no device is concerned, or what to ask."""

    places: tuple[Place, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    aside: str = ""
    questions: tuple[Question, ...] = ()


def switch_of(path: Path, site: Site) -> str:
    """Return the interconnect switch of a path; empty where none is on it."""
    return next((hop.point for hop in path.hops if site.points[hop.point].role == "switch"), "")


def attach(demand: Demand, path: Path, site: Site, facts: Facts, answers: Mapping[str, str]) -> Attached:
    """Connect both ends of a demand between VPCs."""
    law = site.allocation
    assert law is not None
    key, both = f"{demand.id}.vpc", (demand.sources, demand.destinations)
    ends = [[_place(text, facts.cloud, key, answers) for text in side] for side in both]
    unclear = tuple(one for side in ends for one in side if isinstance(one, Question))
    if unclear or not all(ends):
        return Attached(questions=unclear or (Question(key, "请给出两端的地址"),))
    sides = [[one for one in side if isinstance(one, Place)] for side in ends]
    found = tuple(one for side in sides for one in side)
    sources, destinations = ({one.vpc.id: one.vpc for one in side} for side in sides)
    if sources.keys() & destinations.keys():
        return _same(demand, sources, destinations, found)
    foreign = [one for one in found if not addresses(one.prefix) <= addresses(law.tenants)]
    if foreign:
        said = "；".join(one.why for one in foreign)
        text = f"{said}，不在租户总段 {law.tenants} 内，返回路由不覆盖：请网络工程师确认"
        return Attached(found, questions=(Question(f"{demand.id}.prefix", text),))
    ground = _Ground(law, facts, facts.switch(switch_of(path, site)), answers)
    if demand.action == "delete":  # what is not connected needs no number to be disconnected
        return Attached(found, _connected(demand, found, replace(ground, answers={})).attachments)
    return replace(_connected(demand, found, ground), places=found)


def _place(text: str, cloud: CloudFacts, key: str, answers: Mapping[str, str]) -> Place | Question:
    """Return the VPC of an address, or what keeps it from being known; of several the one that is named."""
    found = places(text, cloud)
    chosen = found if len(found) == 1 else [one for one in found if one.vpc.id == answers.get(key)]
    if chosen:
        return chosen[0]
    if not found:
        return Question(key, f"{text} 不完整属于任何一个 VPC 的网段，请核对地址")
    owners = "、".join(f"{one.vpc.name or one.vpc.id}（{one.vpc.id}，{one.prefix}）" for one in found)
    said = f"{text} 同时属于 {owners}，无法判断是哪一个 VPC，请确认"
    return Question(key, said, choices=tuple(one.vpc.id for one in found))


def _same(
    demand: Demand, sources: Mapping[str, Vpc], destinations: Mapping[str, Vpc], found: tuple[Place, ...]
) -> Attached:
    """Tell that traffic inside one VPC meets no device of ours."""
    both = "、".join(sources[id].name or id for id in sources if id in destinations)
    if sources.keys() == destinations.keys() and len(sources) == 1:
        return Attached(found, aside=f"两端同属 VPC {both}：不经过本团队的设备，只需在云平台配置安全组")
    text = f"部分源和目的同属 VPC {both}（只需安全组），其余跨 VPC：请拆分需求"
    return Attached(found, questions=(Question(f"{demand.id}.vpc", text),))


@dataclass(frozen=True, slots=True)
class _Ground:
    """What numbers are decided from."""

    law: Allocation
    facts: Facts
    switch: SwitchFacts
    answers: Mapping[str, str]

    def beside(self, spoken: Mapping[str, str]) -> "_Ground":
        """Return it with numbers that are spoken of for other VPCs of the same demand."""
        taken = {str(vlan): vpc for text, vpc in spoken.items() if (vlan := _number(text))}
        return replace(self, facts=replace(self.facts, reserved={**taken, **self.facts.reserved}))


def _connected(demand: Demand, found: Iterable[Place], ground: _Ground) -> Attached:
    """Attach every prefix once; the keys of questions do not depend on which of them are answered."""
    prefixes = {(place.vpc.id, place.prefix): place for place in reversed(list(found))}
    wanted = list(reversed(prefixes.values()))
    bare = replace(ground, answers={})
    unsaid = dict.fromkeys(p.vpc.id for p in wanted if isinstance(_attachment(p, bare, ""), Question))
    keys = {id: f"{demand.id}.vlan" + (f"-{n}" if n > 1 else "") for n, id in enumerate(unsaid, 1)}
    made: list[Attachment] = []
    questions: dict[str, Question] = {}
    for place in wanted:
        key = keys.get(place.vpc.id, "")
        others = {ground.answers.get(key, ""): id for id, key in keys.items() if id != place.vpc.id}
        one = _attachment(place, ground.beside(others), key)
        if isinstance(one, Attachment):
            made.append(one)
            ground = replace(ground, facts=registered([one], ground.facts))
        else:
            questions.setdefault(key, one)
            ground = ground.beside({one.proposal: place.vpc.id})
    return Attached(attachments=tuple(made), questions=tuple(questions.values()))


def _attachment(place: Place, ground: _Ground, key: str) -> Attachment | Question:
    known = vlan_of(place.text, place.vpc, ground.facts.ipam)
    if known is None:
        return _allocated(place, ground, key)
    if len(known.vlans) > 1:
        listed = "、".join(map(str, sorted(known.vlans)))
        return Question(key, f"{place.text} 的并网 VLAN 有多个登记：{listed}（{known}），请在 IPAM 中更正")
    (vlan,) = known.vlans
    return _registered(place, vlan, known, ground, key)


def _registered(
    place: Place, vlan: int, known: Registered, ground: _Ground, key: str
) -> Attachment | Question:
    found = interconnects(vlan, ground.law, ground.facts.ipam)
    if len(found) != 1:
        said = "没有登记互连网段" if not found else f"登记了多个互连网段 {'、'.join(s.prefix for s in found)}"
        text = f"{place.vpc.name} 的 VLAN {vlan}（{known}）{said}，请在 IPAM 中更正后重新采集"
        return Question(key, text)
    if others := _others(place.vpc, vlan, ground):
        said = f"VLAN {vlan} 除 {place.vpc.name}（{known}）外还登记给 {others}"
        return Question(key, f"{said}：一个 VLAN 只属于一个 VPC，请核对 IPAM")
    network = found[0].prefix
    why = f"{place.why}，VLAN {vlan}（{known}），互连 {network}"
    return Attachment(place.vpc, place.prefix, vlan, network, why)


def _others(vpc: Vpc, vlan: int, ground: _Ground) -> str:
    """Name other VPCs that the IPAM has under the same VLAN: their traffic would end in one instance."""
    tenants = addresses(ground.law.tenants)
    subnets = (s for s in ground.facts.ipam.subnets if vlan in vlans_in(s.description))
    held = (place for s in subnets for place in places(s.prefix, ground.facts.cloud))
    owners = [place.vpc for place in held if addresses(place.prefix) <= tenants]
    return "、".join(dict.fromkeys(owner.name or owner.id for owner in owners if owner.id != vpc.id))


def _allocated(place: Place, ground: _Ground, key: str) -> Attachment | Question:
    """Return the attachment that the answer names; without a good one, the question with a proposal."""
    free = numbers(ground.law, ground.facts, ground.switch, place.vpc.id)
    answer = ground.answers.get(key, "")
    vlan = _number(answer)
    if vlan in free.free:
        network = free.free[vlan]
        why = f"{place.why}，本单分配 VLAN {vlan}，互连 {network}"
        return Attachment(place.vpc, place.prefix, vlan, network, why, new=True)
    wrong = f"{answer} 不可用：已被占用、预留或超出范围。" if answer else ""
    choices = tuple(map(str, (*((free.next,) if free.next else ()), *free.holes)))
    text = f"{wrong}{place.vpc.name}（{place.prefix}）首次并网，没有登记 VLAN。{_offer(free, ground.law)}"
    return Question(key, text, str(free.next or ""), choices)


def _number(text: str) -> int:
    """Return the VLAN that somebody wrote, 0 where it is none."""
    said = text.strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 4 else 0


def _offer(free: Numbers, law: Allocation) -> str:
    spoken = []
    if free.next:
        network = free.free[free.next]
        switch, *hops = (usable(network, n) for n in (law.interface, *law.next_hops))
        ends = f"交换机 {switch}，下一跳 {'、'.join(hops)}"
        instance = law.instance.format(vlan=free.next)
        spoken.append(f"建议顺序分配 VLAN {free.next}：VPN 实例 {instance}，互连 {network}（{ends}）")
    else:
        spoken.append("编号已用到地址池末尾")
    if free.holes:
        named = "、".join(f"{vlan}（{free.free[vlan]}）" for vlan in free.holes[:MOST])
        rest = f" 等 {len(free.holes)} 个" if len(free.holes) > MOST else ""
        spoken.append(f"未登记的空号也可选，但可能另有用途，须先核实：{named}{rest}")
    return "；".join(spoken)


def registered(attachments: Iterable[Attachment], facts: Facts) -> Facts:
    """Return the facts once the new numbers are registered, as the demands after this one must see them."""
    new = [one for one in attachments if one.new]
    pending = (subnet for one in new for subnet in registrations(one))
    added = [replace(subnet, description=f"{subnet.description}，本单待登记") for subnet in pending]
    ipam = replace(facts.ipam, subnets=(*facts.ipam.subnets, *added))
    return replace(facts, ipam=ipam) if added else facts


def registrations(one: Attachment) -> Iterator[IpamSubnet]:
    """Yield what is to be registered in the IPAM for a new attachment."""
    yield IpamSubnet(one.prefix, f"{one.vpc.name}【并网Vlan{one.vlan}】")
    yield IpamSubnet(one.network, f"{one.vpc.name}-VPC-并网互连IP&[Vlan{one.vlan}]")
