"""EIP pools: where the EIPs of one kind are, and which prefixes are kept together with those."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import AddressBook, FirewallFacts
from nornir_itsm.model.ipam import IpamSubnet
from nornir_itsm.stages.learn.proposal import ITEM, Ask, Found, Proposal, shown

LIKE = 4
"""Characters that two descriptions must share in one piece to be of one kind (assumed)."""

Network = IPv4Network | IPv6Network


def pools(facts: Facts) -> Iterator[Found]:
    """Yield the prefixes of each pool; the pool's name is the cloud's own word (its ISP attribute)."""
    by_pool: dict[str, list[str]] = {}
    for eip in facts.cloud.eips.values():
        if eip.pool:
            by_pool.setdefault(eip.pool, []).append(eip.address)
    held = {pool: holders(addresses, facts) for pool, addresses in by_pool.items()}
    taken = [ip_network(s.prefix) for subnets in held.values() for s in subnets]
    for pool, subnets in held.items():
        for subnet, inside in subnets.items():
            said = f"{len(inside)} 个 {pool} 的 EIP 在内（{shown(inside)}）"
            yield Proposal(("pools", pool, ITEM), subnet.prefix, "high", (said, *_described(subnet)))
        for prefix, evidence in _beside(list(subnets), taken, facts).items():
            yield Proposal(("pools", pool, ITEM), prefix, "medium", tuple(evidence))
        homeless = [a for a in by_pool[pool] if not any(a in inside for inside in subnets.values())]
        yield from _homeless(pool, homeless, [ip_network(s.prefix) for s in subnets] or taken)


def holders(addresses: Sequence[str], facts: Facts) -> Mapping[IpamSubnet, list[str]]:
    """Return the IPAM subnets with the longest prefix around these addresses, with the addresses."""
    found: dict[IpamSubnet, list[str]] = {}
    networks = [(ip_network(subnet.prefix), subnet) for subnet in facts.ipam.subnets]
    for text in addresses:
        address = ip_address(text)
        around = [(n.prefixlen, s) for n, s in networks if n.version == address.version and address in n]
        if around:
            best = max(around, key=lambda pair: pair[0])[1]
            found.setdefault(best, []).append(text)
    return found


def _described(subnet: IpamSubnet) -> tuple[str, ...]:
    return (f"IPAM 说明“{subnet.description}”",) if subnet.description else ()


def _beside(held: list[IpamSubnet], taken: list[Network], facts: Facts) -> Mapping[str, list[str]]:
    """Return prefixes without EIPs that are kept together with those of the pool, with the evidence."""
    found: dict[str, list[str]] = {}
    own = {subnet.prefix for subnet in held}
    for point, book in _books(facts):
        if own & set(book.members) and all("/" in m for m in book.members):
            for member in book.members:
                if member not in own and not _overlaps(member, taken):
                    said = f"{point} 的地址簿“{book.name}”把它和 {shown(own & set(book.members))} 列在一起"
                    found.setdefault(member, []).append(said)
    for other in facts.ipam.subnets:
        like = next((s for s in held if _alike(s, other)), None)
        if like and other.prefix not in own and not _overlaps(other.prefix, taken):
            said = f"IPAM 说明“{other.description}”与 {like.prefix} 的“{like.description}”同类"
            found.setdefault(other.prefix, []).append(said)
    return found


def _books(facts: Facts) -> Iterator[tuple[str, AddressBook]]:
    for name, point in facts.points.items():
        if isinstance(point, FirewallFacts):
            yield from ((name, b) for b in point.addresses.values() if not b.predefined and b.complete)


def _alike(one: IpamSubnet, other: IpamSubnet) -> bool:
    """Tell whether two subnets are of one section, one length and one kind of description."""
    lengths = {one.prefix.rpartition("/")[2], other.prefix.rpartition("/")[2]}
    if one.section != other.section or len(lengths) > 1:
        return False
    return longest_common(one.description, other.description) >= LIKE


def longest_common(one: str, other: str) -> int:
    """Return the length of the longest piece that is in both texts."""
    best, row = 0, [0] * (len(other) + 1)
    for sign in one:
        row = [0, *(row[i] + 1 if sign == against else 0 for i, against in enumerate(other))]
        best = max(best, *row)
    return best


def _overlaps(prefix: str, taken: list[Network]) -> bool:
    network = ip_network(prefix)
    return any(n.version == network.version and n.overlaps(network) for n in taken)


def _homeless(pool: str, addresses: list[str], siblings: list[Network]) -> Iterator[Found]:
    """Yield a guess for EIPs that no IPAM subnet holds, and ask."""
    for text in addresses:
        lengths = [n.prefixlen for n in siblings if n.version == ip_address(text).version]
        if not lengths:
            continue
        usual = max(set(lengths), key=lambda length: (lengths.count(length), length))
        guess = str(ip_network(f"{text}/{usual}", strict=False))
        said = f"EIP {text} 不在 IPAM 的任何子网内；/{usual} 是其他地址池最常见的长度"
        yield Proposal(("pools", pool, ITEM), guess, "low", (said,))
        yield Ask(
            f"pools.{pool}", f"{pool} 的 EIP {text} 没有登记的网段：这个池有多大？", "云平台的地址池配置"
        )
