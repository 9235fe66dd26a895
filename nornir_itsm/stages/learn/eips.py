"""Where EIPs and private networks of tenants stand in rules: what each firewall is between."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector

ANY = ("Any", "any", "0.0.0.0/0")


@dataclass(frozen=True, slots=True)
class Side:
    """A rule and the EIPs of one pool that its source (``out``) or its destination names."""

    point: str
    rule: SecurityPolicy
    out: bool
    eips: tuple[str, ...]


def firewalls(facts: Facts) -> Iterator[tuple[str, FirewallFacts]]:
    """Yield the firewalls by name."""
    for name, point in facts.points.items():
        if isinstance(point, FirewallFacts):
            yield name, point


def permits(wall: FirewallFacts) -> list[SecurityPolicy]:
    """Return the rules that let something through and are not known to be off."""
    return [rule for rule in wall.rules if rule.action == "permit" and rule.enabled is not False]


def is_any(selector: Selector) -> bool:
    """Tell whether a side of a rule is for anybody."""
    named = (*selector.books, *selector.literals)
    return not named or any(name in ANY for name in named)


def members(selector: Selector, wall: FirewallFacts) -> set[str]:
    """Return what a side of a rule names, its books opened."""
    books = (wall.addresses[name].members for name in selector.books if name in wall.addresses)
    return {*selector.literals, *(member for listed in books for member in listed)}


def sides(facts: Facts, pool: str) -> Iterator[Side]:
    """Yield the rules that name EIPs of a pool themselves; one that names their networks says little."""
    mine = {f"{eip.address}/32": eip.address for eip in facts.cloud.eips.values() if eip.pool == pool}
    for name, wall in firewalls(facts):
        for rule in permits(wall):
            for selector, out in ((rule.source, True), (rule.destination, False)):
                found = tuple(mine[text] for text in sorted(members(selector, wall)) if text in mine)
                if found:
                    yield Side(name, rule, out, found)


def between_vpcs(facts: Facts) -> Iterator[tuple[str, SecurityPolicy]]:
    """Yield the rules whose both ends are private networks of tenants."""
    held = [ip_network(p) for vpc in facts.cloud.vpcs for p in vpc.prefixes if ip_network(p).prefixlen > 8]
    for name, wall in firewalls(facts):
        for rule in permits(wall):
            ends = (members(rule.source, wall), members(rule.destination, wall))
            if all(end and all(_within(text, held) for text in end) for end in ends):
                yield name, rule


def _within(text: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ip_network(text)
    except ValueError:
        return False
    first, last = int(found[0]), int(found[-1])
    return any(n.version == found.version and int(n[0]) <= first and last <= int(n[-1]) for n in networks)
