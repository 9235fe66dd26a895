"""Facts of a firewall and an ADC -> an nftables rule set that should do the same, without our algebra.

Every field is written out: one nftables rule for each combination of members. Both are first match.
"""

from collections.abc import Iterator
from itertools import product

from nornir_itsm.model.adc import AdcFacts, AddressMatch, DnatRule
from nornir_itsm.model.firewall import FirewallFacts, Selector, ServiceEntry
from tests.real.kernel import END_PROTOCOL

_NAMES = {6: "tcp", 17: "udp"}
_PROTOCOLS = {"TCP": ("tcp",), "UDP": ("udp",), "TCP_UDP": ("tcp", "udp")}


def ruleset(wall: FirewallFacts, adc: AdcFacts) -> str:
    """Return filter rules, destination translations before them and source translations behind them."""
    return "\n".join(
        [
            "table ip site {",
            *_chain("filter hook forward priority 0; policy drop", _filters(wall)),
            *_chain("nat hook prerouting priority -100", _destinations(adc)),
            *_chain("nat hook postrouting priority 100", _sources(adc)),
            "}",
        ]
    )


def _chain(kind: str, rules: Iterator[str]) -> list[str]:
    name = kind.split()[2]
    return [f"  chain {name} {{", f"    type {kind};", *(f"    {rule}" for rule in rules), "  }"]


def _filters(wall: FirewallFacts) -> Iterator[str]:
    yield f"ip protocol {END_PROTOCOL} accept"
    for rule in wall.rules:
        verdict = "accept" if rule.action == "permit" else "drop"
        came = [f'iifname "{zone}"' for zone in rule.source_zones] or [""]
        goes = [f'oifname "{zone}"' for zone in rule.destination_zones] or [""]
        sides = (_side("saddr", rule.source, wall), _side("daddr", rule.destination, wall))
        services = [_service(entry) for name in rule.services for entry in _entries(name, wall)]
        for parts in product(came, goes, *sides, services) if rule.enabled else ():
            yield " ".join([*filter(None, parts), verdict])


def _side(word: str, selector: Selector, wall: FirewallFacts) -> list[str]:
    members = [*selector.literals, *(m for book in selector.books for m in wall.addresses[book].members)]
    return [f"ip {word} {member}" for member in members]


def _entries(name: str, wall: FirewallFacts) -> Iterator[ServiceEntry]:
    if name in wall.services:
        yield from wall.services[name].entries
    else:
        for member in wall.groups[name].members:
            yield from _entries(member, wall)


def _service(entry: ServiceEntry) -> str:
    if entry.protocol is None:
        return ""
    if entry.protocol == 1:
        return "ip protocol icmp"
    return f"{_NAMES[entry.protocol]} dport {entry.low}-{entry.high}"


def _addresses(word: str, match: AddressMatch, adc: AdcFacts) -> list[str]:
    if match.kind == "ALL":
        return [""]
    members = adc.groups[match.value].members if match.value in adc.groups else (match.value,)
    return [f"ip {word} {member}" for member in members]


def _destinations(adc: AdcFacts) -> Iterator[str]:
    for nat in (nat for nat in adc.dnat if nat.enabled):
        sides = (_addresses("saddr", nat.source, adc), _addresses("daddr", nat.destination, adc))
        for parts in product(['iifname "untrust"'], *sides, _ports(nat)):
            yield " ".join(filter(None, parts))


def _ports(nat: DnatRule) -> Iterator[str]:
    keep = nat.target_ports in ((), ("0",))
    for protocol in _PROTOCOLS[nat.protocol]:
        for n, ports in enumerate(nat.ports):
            to = nat.target.value if keep else f"{nat.target.value}:{nat.target_ports[n]}"
            yield f"{protocol} dport {ports} dnat to {to}"


def _sources(adc: AdcFacts) -> Iterator[str]:
    for nat in (nat for nat in adc.snat if nat.enabled):
        sides = (_addresses("saddr", nat.source, adc), _addresses("daddr", nat.destination, adc))
        protocol = "" if nat.protocol == "ALL" else f"ip protocol {nat.protocol.lower()}"
        for parts in product(['oifname "untrust"'], *sides, [protocol]):
            yield " ".join([*filter(None, parts), f"snat to {nat.translated.value}"])
