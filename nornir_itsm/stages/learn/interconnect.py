"""VPC and VLAN law: how numbers and networks of the interconnect follow from each other (VPC 并网)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address, ip_network
from itertools import permutations

from nornir_itsm.model.change import Json
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.ipam import IpamSubnet
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.stages.learn.proposal import Ask, Confidence, Found, Proposal, shown
from nornir_itsm.stages.vlans import vlans_in

MOST_BLOCKS = 4
"""So many pieces of the pool are put into every order; more would be no law but an accident."""
FEWEST = 3
"""Registrations that a law must explain."""
_SWITCH = "并网交换机的 display current-configuration"

Registered = tuple[IPv4Network, int, str]
"""A network, its VLAN, and the description that says so."""


@dataclass(frozen=True, slots=True)
class Law:
    """VLAN ``base`` + k has the k-th network of ``length`` bits of the pools in their order."""

    base: int
    pools: tuple[IPv4Network, ...]
    length: int

    def index(self, network: IPv4Network) -> int | None:
        """Return k of a network."""
        before = 0
        for pool in self.pools:
            if network.subnet_of(pool):
                inside = int(network.network_address) - int(pool.network_address)
                return before + (inside >> (32 - self.length))
            before += 1 << (self.length - pool.prefixlen)
        return None

    def network(self, vlan: int) -> IPv4Network | None:
        """Return the network of a VLAN, None beyond the pools."""
        k = vlan - self.base
        for pool in self.pools:
            size = 2 ** (self.length - pool.prefixlen)
            if 0 <= k < size:
                return list(pool.subnets(new_prefix=self.length))[k]
            k -= size
        return None


def interconnect(facts: Facts) -> Iterator[Found]:
    """Yield ``allocation`` line by line, and what only the switch or a person knows."""
    found = _registered(facts)
    law = _law(found)
    if law is None:
        yield Ask("allocation", "IPAM 里没有能看出规律的并网登记（网段说明里的 VLAN）", "并网分配表")
        return
    yield from _numbers(law, found)
    yield from _switch(law, facts)
    yield from _tenants(facts)


def _registered(facts: Facts) -> list[tuple[IpamSubnet, list[Registered]]]:
    """Return each parent subnet with the networks of one length below it that name exactly one VLAN."""
    named: list[Registered] = []
    for subnet in facts.ipam.subnets:
        vlans, network = vlans_in(subnet.description), ip_network(subnet.prefix)
        if len(vlans) == 1 and isinstance(network, IPv4Network):
            named.append((network, min(vlans), subnet.description))
    groups: list[tuple[IpamSubnet, list[Registered]]] = []
    for parent in facts.ipam.subnets:
        around = ip_network(parent.prefix)
        below = [one for one in named if isinstance(around, IPv4Network) and _below(one[0], around)]
        for length in {one[0].prefixlen for one in below}:
            groups.append((parent, [one for one in below if one[0].prefixlen == length]))
    return groups


def _below(network: IPv4Network, around: IPv4Network) -> bool:
    return network != around and network.subnet_of(around)


def _law(groups: Sequence[tuple[IpamSubnet, list[Registered]]]) -> Law | None:
    """Return the law that explains most registrations; of equals the smallest pool in fewest pieces."""
    best: tuple[tuple[int, int, int], Law] | None = None
    for parent, registered in groups:
        whole, length = ip_network(parent.prefix), registered[0][0].prefixlen
        assert isinstance(whole, IPv4Network)
        for pools in _orders(whole, length):
            law = Law(0, pools, length)
            bases = Counter(vlan - (law.index(network) or 0) for network, vlan, _ in registered)
            base, count = bases.most_common(1)[0]
            score = (count, -len(pools), whole.prefixlen)
            if count >= FEWEST and base > 0 and (best is None or score > best[0]):
                best = (score, Law(base, pools, length))
    return best[1] if best else None


def _orders(whole: IPv4Network, length: int) -> Iterator[tuple[IPv4Network, ...]]:
    """Yield a pool as it is, and its halves and quarters in every order."""
    bits = range(MOST_BLOCKS.bit_length())
    for more in (bit for bit in bits if whole.prefixlen + bit < length):
        yield from permutations(whole.subnets(prefixlen_diff=more))


def _numbers(law: Law, groups: Sequence[tuple[IpamSubnet, list[Registered]]]) -> Iterator[Found]:
    inside = {one for _, listed in groups for one in listed if law.index(one[0]) is not None}
    known = sorted(one for one in inside if one[0].prefixlen == law.length)
    fits = sorted(v for network, v, _ in known if law.network(v) == network)
    odd = [f"{network}“{words}”" for network, v, words in known if law.network(v) != network]
    said = [f"{len(fits)} 条并网登记符合 VLAN {law.base}+k ↔ 依次第 k 个 /{law.length}"]
    examples = ((v, law.network(v)) for v in (fits[0], fits[len(fits) // 2], fits[-1]))
    said.append("例如 " + "，".join(f"{v} ↔ {network}" for v, network in examples))
    if odd:
        said.append(f"{len(odd)} 条不符合：{shown(odd)}")
    holes = [str(v) for v in range(law.base, fits[-1]) if v not in {one[1] for one in known}]
    following = fits[-1] + 1
    said.append(f"下一个编号 {following} ↔ {law.network(following)}；其下未见登记的编号：{shown(holes, 8)}")
    sure: Confidence = "high" if len(fits) >= 3 * max(len(odd), 1) else "medium"
    order: list[Json] = [str(pool) for pool in law.pools]
    for key, value in (("base_vlan", law.base), ("pools", order), ("length", law.length)):
        yield Proposal(("allocation", key), value, sure, tuple(said))
    for one in odd:
        yield Ask("allocation.pools", f"{one} 的 VLAN 与规律不符：登记错误，还是另有用途？", "IPAM 登记人")


def _switch(law: Law, facts: Facts) -> Iterator[Found]:
    """Yield what the configuration of the switch shows; without one, ask."""
    for name, switch in facts.points.items():
        if isinstance(switch, SwitchFacts) and switch.known:
            yield from _observed(law, name, switch)
            return
    for key, text in (
        ("interface", "交换机用互连网段的第几个可用地址"),
        ("next_hops", "云侧下一跳是第几个可用地址"),
        ("instance", "VPN 实例如何命名，如 VPC-{vlan}"),
        ("shared_instance", "面向东西向墙的共享 VPN 实例叫什么"),
    ):
        yield Ask(f"allocation.{key}", f"{text}？IPAM 里没有", _SWITCH)
    yield from _firewall(facts)


def _firewall(facts: Facts) -> Iterator[Found]:
    """Yield the address that the IPAM has for the firewall on the side of the switch, if it names one."""
    records = [r for r in facts.ipam.records.values() if "东西向" in r.description]
    inside = [r for r in records if re.search(r"(?<![a-z])trust", r.description, re.IGNORECASE)]
    if len(inside) == 1:
        said = f"IPAM {inside[0].address}“{inside[0].description}”"
        yield Proposal(("allocation", "firewall"), inside[0].address, "medium", (said,))
    else:
        yield Ask("allocation.firewall", "经哪个地址到东西向墙？", _SWITCH)


def _observed(law: Law, name: str, switch: SwitchFacts) -> Iterator[Found]:
    ours = [i for i in switch.interfaces.values() if i.address and law.network(i.vlan)]
    ordinals = Counter(_ordinal(i.address.partition("/")[0], law.network(i.vlan)) for i in ours)
    patterns = Counter(i.instance.replace(str(i.vlan), "{vlan}") for i in ours if str(i.vlan) in i.instance)
    own = {i.instance for i in ours}
    shared = Counter(r.instance for r in switch.routes.values() if r.to in own)
    hops: Counter[tuple[int, ...]] = Counter()
    for one in ours:
        into: dict[str, list[int]] = {}
        for route in switch.routes.values():
            if route.to == one.instance and route.instance not in own:
                into.setdefault(route.prefix, []).append(_ordinal(route.next_hop, law.network(one.vlan)))
        hops.update(tuple(sorted(places)) for places in into.values())
    returning = [r for r in switch.routes.values() if r.instance in own and r.to in shared]
    back = Counter((route.prefix, route.next_hop) for route in returning)
    for key, counted in (
        ("interface", ordinals),
        ("instance", patterns),
        ("shared_instance", shared),
        ("next_hops", hops),
    ):
        if counted:
            value, count = counted.most_common(1)[0]
            shape: Json = list(value) if isinstance(value, tuple) else value
            total = sum(counted.values())
            said = (f"{name} 的配置：{count}/{total} 处一致",)
            yield Proposal(("allocation", key), shape, "high" if count == total else "medium", said)
        else:
            yield Ask(f"allocation.{key}", f"{name} 的配置里看不出来", _SWITCH)
    if back:
        (prefix, hop), count = back.most_common(1)[0]
        said = (f"{name}：{count} 个实例经共享实例的 {hop} 返回 {prefix}",)
        yield Proposal(("allocation", "firewall"), hop, "high", said)


def _ordinal(text: str, network: IPv4Network | None) -> int:
    return int(ip_address(text)) - int(network.network_address) if network else 0


def _tenants(facts: Facts) -> Iterator[Found]:
    """Yield the prefix around the tenants' networks: those that a VPC has and the IPAM too."""
    registered = {s.prefix for s in facts.ipam.subnets}
    held = [ip_network(p) for vpc in facts.cloud.vpcs for p in vpc.prefixes if p in registered]
    v4 = [n for n in held if isinstance(n, IPv4Network)]
    if not v4:
        yield Ask("allocation.tenants", "没有一个 VPC 的网段在 IPAM 登记：租户总段是？", "地址规划")
        return
    around = v4[0]
    while not all(n.subnet_of(around) for n in v4):
        around = around.supernet()
    outside = [str(p) for vpc in facts.cloud.vpcs for p in vpc.prefixes if not _inside(p, around)]
    said = [f"{len(v4)} 个在 IPAM 登记的 VPC 网段都在 {around} 内"]
    if outside:
        said.append(f"未登记、在外的 VPC 网段：{shown(outside)}")
    yield Proposal(("allocation", "tenants"), str(around), "medium", tuple(said))


def _inside(prefix: str, around: IPv4Network) -> bool:
    network = ip_network(prefix)
    return isinstance(network, IPv4Network) and network.subnet_of(around)
