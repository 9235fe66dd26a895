"""A firewall's own translations -> first-match rules over packets: where servers stand, ``hops`` says.

A USG has servers before its rules and sources after (inferred): these see the server's inside address and the
untranslated source. StoneOS has both after (manual): its rules see the public address (``filters_first``).
"""

import re
from collections.abc import Iterator

from nornir_itsm.model.firewall import FirewallFacts, PublishedServer, SourceTranslation
from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    OUT_ZONE,
    SERVICE,
    SOURCE,
    SOURCE_PORT,
    V4,
    address_at,
    addresses,
    services,
    symbol,
)
from nornir_itsm.space.packets import Box, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, Translation
from nornir_itsm.stages.rulebase import label, policy_packets, unknown

_WORD = re.compile(r'"[^"]*"|\S+')


def server_rules(facts: FirewallFacts) -> tuple[Rule, ...]:
    """Return what becomes of destinations; overlapping servers match in the device's order (assumed)."""
    return tuple(_server(server) for server in facts.servers if server.enabled)


def _server(server: PublishedServer) -> Rule:
    box: Box
    if server.unread:
        box = {DESTINATION: addresses(server.address)} if server.address else {}
        there = Packets(({**box, **({IN_ZONE: symbol(server.zone)} if server.zone else {})},))
        doubt = unknown(f"转换 {server.name}：{'；'.join(server.unread)}")
        return Rule(server.name, there & doubt, passes=False)
    entry = server.service
    box = {
        SOURCE: V4,
        DESTINATION: addresses(server.address),
        SERVICE: services(entry.protocol, entry.low, entry.high),
        **({IN_ZONE: symbol(server.zone)} if server.zone else {}),
    }
    to = Translation(destination=addresses(server.target).low, shift=_shift(server))
    return Rule(server.name, Packets((box,)), translation=to)


def _shift(server: PublishedServer) -> int:
    return server.port - server.service.low if server.service.protocol is not None else 0


def source_rules(facts: FirewallFacts, *, last: bool) -> tuple[Rule, ...]:
    """Return what becomes of sources. *last*: no filter further on looks at what one became."""
    back = (_reverse(server) for server in facts.servers if not (server.one_way or server.unread))
    return (*back, *(rule for nat in facts.translations for rule in _translated(nat, facts, last=last)))


def _reverse(server: PublishedServer) -> Rule:
    """Return the translation of what a server sends out by itself, which goes before the policy's rules."""
    entry = server.service
    box = {
        SOURCE: addresses(server.target),
        **({OUT_ZONE: symbol(server.zone)} if server.zone else {}),
    }
    if entry.protocol is not None:
        box[SERVICE] = services(entry.protocol)
    if (entry.low, entry.high) != (0, 65535):
        box[SOURCE_PORT] = Ranges.span(server.port, server.port + entry.high - entry.low)
    to = Translation(source=addresses(server.address).low)
    return Rule(f"{server.name}（反向）", Packets((box,)), translation=to)


def words_of(facts: FirewallFacts) -> frozenset[str]:
    """Return every word of the lines of translations as they were printed: objects may be named by any."""
    lines = [server.said for server in facts.servers] + [nat.said for nat in facts.translations]
    lines += [f'"{server.book}"' for server in facts.servers if server.book]
    lines += [line for server in facts.servers for line in server.unread]
    lines += [line for nat in facts.translations for line in nat.match.unread]
    return frozenset(word.strip('"') for line in lines for word in _WORD.findall(line))


def public_address(nat: SourceTranslation) -> str | None:
    """Return the one address that sources become; None where there are several or nobody can tell."""
    to = Ranges.of(span for text in nat.to for span in addresses(text))
    return str(address_at(to.low)) if to.size == 1 and not nat.keeps else None


def _translated(nat: SourceTranslation, facts: FirewallFacts, *, last: bool) -> Iterator[Rule]:
    if nat.match.enabled is False:
        return
    name, match = label(nat.match), policy_packets(nat.match, facts)
    if public := public_address(nat):
        yield Rule(name, match, translation=Translation(source=addresses(public).low))
    elif nat.keeps or last:
        yield Rule(name, match)
    else:
        yield Rule(name, match & unknown(f"{name} 转换后的源地址"))
