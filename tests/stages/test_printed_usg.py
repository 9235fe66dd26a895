"""A random rule base, printed as USG configuration by the lab and read back by us, decides alike.

Three hands: the lab prints what it was given, our parser and algebra read that, and the naive firewall
answers from what was meant.
"""

from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.lab.vrp.configuration import Condition, Configuration, Members, Rule, TimeRange
from nornir_itsm.lab.vrp.printing import running
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.topology import Hop
from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    OUT_ZONE,
    SERVICE,
    SOURCE,
    TIME,
    addresses,
    symbol,
)
from nornir_itsm.space.packets import EVERYTHING
from nornir_itsm.stages.hops import firewall_list
from nornir_itsm.stages.parse.vrp_text import firewall_facts
from tests.stages.naive_devices import Sent
from tests.stages.small_site import SITE, WALL, walls
from tests.stages.test_printed_stoneos import PACKETS, naive, thorough

PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}
FORMS = ("mask length", "dotted mask", "wildcard", "length alone", "group")
"""In how many ways a USG prints the members of the same set."""
EMPTY = running(Configuration())


def configured(wall: FirewallFacts, form: str, *, inline: bool) -> Configuration:
    """Return the lab's configuration of the same firewall; *inline*: rules say their services themselves."""
    config = Configuration()
    for book in wall.addresses.values():
        if book.name != "Any":
            config.addresses[book.name] = _set(book.name, [_member(text, form) for text in book.members])
            if form == "group":
                config.addresses[f"in {book.name}"] = _set(f"in {book.name}", [("address-set", book.name)])
    for service in wall.services.values():
        if service.name != "Any":
            config.services[service.name] = _set(service.name, [_entry(one) for one in service.entries])
    for group in wall.groups.values():
        members: list[Condition] = [("service-set", name) for name in group.members]
        config.services[group.name] = Members(group.name, "group", dict(enumerate(members)))
    for book in wall.schedules.values():
        ends = ["23:59:59" if p.end == "24:00" else f"{p.end}:00" for p in book.periods]
        days = [" ".join(day.capitalize() for day in p.days) for p in book.periods]
        spans = zip(book.periods, ends, days, strict=True)
        lines = [f"period-range {p.start}:00 to {end} {on}" for p, end, on in spans]
        config.times[book.name] = TimeRange(book.name, lines)
    config.rules = [_rule(rule, wall, form, inline=inline) for rule in wall.rules]
    return config


def _set(name: str, members: list[Condition]) -> Members:
    return Members(name, "group" if members[0][0] == "address-set" else "object", dict(enumerate(members)))


def _member(text: str, form: str) -> Condition:
    low, dash, high = text.partition("-")
    net = ip_network(low)
    match form:
        case _ if dash:
            return "range", low, high
        case _ if net.version == 6:
            return str(net.network_address), str(net.prefixlen)
        case "dotted mask":
            return str(net.network_address), "mask", str(net.netmask)
        case "wildcard":
            return str(net.network_address), str(net.hostmask) if net.num_addresses > 1 else "0"
        case "length alone":
            return str(net.network_address), str(net.prefixlen)
        case _:
            return str(net.network_address), "mask", str(net.prefixlen)


def _entry(entry: ServiceEntry) -> Condition:
    word = PROTOCOLS.get(entry.protocol or 0, str(entry.protocol))
    if entry.protocol == 1 or (entry.low, entry.high) == (0, 65535):
        return "protocol", word
    ports = (str(entry.low),) if entry.low == entry.high else (str(entry.low), "to", str(entry.high))
    return "protocol", word, "destination-port", *ports


def _rule(rule: SecurityPolicy, wall: FirewallFacts, form: str, *, inline: bool) -> Rule:
    sides = {"source": rule.source, "destination": rule.destination}
    zones = {"source": rule.source_zones, "destination": rule.destination_zones}
    return Rule(
        rule.name,
        rule.action,
        disabled=not rule.enabled,
        zones={side: list(listed) for side, listed in zones.items()},
        addresses={side: _side(of, form) for side, of in sides.items()},
        services=_services(rule, wall, inline=inline),
        time_range=rule.schedules[0] if rule.schedules else "",
    )


def _side(of: Selector, form: str) -> list[Condition]:
    named: list[Condition] = [
        ("address-set", f"in {book}" if form == "group" else book) for book in of.books if book != "Any"
    ]
    return [*named, *(_member(text, form) for text in of.literals)]


def _services(rule: SecurityPolicy, wall: FirewallFacts, *, inline: bool) -> list[Condition]:
    if "Any" in rule.services:
        return []
    found: list[Condition] = []
    for name in rule.services:
        book = wall.services.get(name)
        found += [_entry(one) for one in book.entries] if inline and book else [(name,)]
    return found


@thorough
@given(
    walls(most=7, doubts=False),
    st.lists(PACKETS, min_size=30, max_size=60),
    st.sampled_from(FORMS),
    st.booleans(),
    st.sampled_from(("", "tenant-a")),
)
def test_what_is_printed_and_read_back_decides_alike(
    wall: FirewallFacts, packets: list[Sent], form: str, inline: bool, vsys: str
) -> None:
    """Nothing is lost between the configuration's text and the answer, whatever the packet."""
    text = running(configured(wall, form, inline=inline))
    if vsys:  # one of two virtual systems, in the root's export
        text = "\n".join((EMPTY, f"#\nswitch vsys {vsys}", text, "#\nswitch vsys tenant-b", EMPTY))
    read = firewall_facts(text, vsys)
    assert read.unread == ()
    passing = firewall_list(Hop(WALL), read, SITE).passing(EVERYTHING)
    for sent in packets:
        place = {
            SOURCE: addresses(sent.source).low,
            DESTINATION: addresses(sent.destination).low,
            SERVICE: sent.protocol << 16 | sent.port,
            TIME: sent.minute,
            IN_ZONE: symbol(sent.zones[0]).low,
            OUT_ZONE: symbol(sent.zones[1]).low,
        }
        assert passing.must().holds(place) == passing.may().holds(place) == naive(wall, sent)
