"""Which public addresses an EIP leaves with today: for orders that say "as before" or leave it open."""

from collections.abc import Sequence
from dataclasses import dataclass

from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.topology import Hop, Path, Site
from nornir_itsm.space.dimensions import DESTINATION, SOURCE, V4
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.firewall_nat import public_address
from nornir_itsm.stages.hops import zones
from nornir_itsm.stages.rulebase import policy_packets, single
from nornir_itsm.stages.translations import group_ranges

FREE = ("空闲",)
"""What the IPAM calls an address that nobody has."""


@dataclass(frozen=True, slots=True)
class Existing:
    """Public addresses in the order of the site's lines, where they were found, and what does not fit."""

    addresses: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()


def existing_public(eips: Sequence[str], path: Path, site: Site, facts: Facts) -> Existing:
    """Return the addresses that source translation gives all of these EIPs at the path's translation."""
    wall = next((hop for hop in path.hops if hop.translates), None)
    if wall is not None and eips:
        return _at_wall(eips, wall, facts)
    points = [hop.point for hop in path.hops if site.points[hop.point].role == "adc"]
    if not points or not eips:
        return Existing()
    adc = facts.adc(points[0])
    by_link: dict[str, str] = {}
    evidence: list[str] = []
    for nat in adc.snat:
        group = nat.source.value
        named = nat.source.kind == "CUSTOM-ADDRESS-GROUP" and group in adc.groups
        if not nat.enabled or not named or nat.translated.kind != "IP-ADDRESS":
            continue
        if all(single(eip) in group_ranges(group, adc) for eip in eips):
            for link in nat.outbound_links:
                by_link.setdefault(link, nat.translated.value)
            evidence.append(f"{points[0]} 的 {nat.name}：{group} → {nat.translated.value}")
    found = tuple(by_link[isp.link] for isp in site.isps if isp.link in by_link)
    return Existing(found, tuple(evidence), _conflicts(found, adc, facts))


def _at_wall(hosts: Sequence[str], hop: Hop, facts: Facts) -> Existing:
    """Return the address that a firewall's own translation gives all of these hosts."""
    held = facts.firewall(hop.point)
    asked = Packets.of(*({SOURCE: Ranges.span(single(host)), DESTINATION: V4} for host in hosts)) & zones(hop)
    for nat in held.translations:
        if nat.match.enabled and asked <= policy_packets(nat.match, held).must():
            public = public_address(nat)
            found = f"{hop.point} 的 {nat.name}：→ {public}"
            return Existing((public,), (found,)) if public else Existing()
    return Existing()


def _conflicts(found: Sequence[str], adc: AdcFacts, facts: Facts) -> tuple[str, ...]:
    """Say which addresses stand beside these in a group on the ADC, and are free or unknown in the IPAM."""
    said: dict[str, str] = {}
    for group in adc.groups.values():
        members = [member.removesuffix("/32") for member in group.members]
        for member in members if set(found) & set(members) else ():
            record = facts.ipam.records.get(member)
            if member not in found and (record is None or record.hostname in FREE):
                state = "未登记" if record is None else f"登记为{record.hostname}"
                said[member] = f"{member} 在地址集 {group.name} 中，IPAM 却{state}"
    return tuple(said.values())
