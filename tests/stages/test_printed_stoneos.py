"""A random rule base, printed as StoneOS configuration by the lab and read back by us, decides alike.

Three hands: the lab prints what it was given, our parser and algebra read that, and the naive firewall
answers from what was meant.
"""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nornir_itsm.lab.stoneos.configuration import (
    ANY,
    Address,
    Configuration,
    Entry,
    Group,
    Periodic,
    Rule,
    Schedule,
    Service,
    Side,
)
from nornir_itsm.lab.stoneos.printing import running
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
from nornir_itsm.stages.parse.stoneos_text import firewall_facts, unparsed
from tests.stages.example_site import PROJECT
from tests.stages.naive_devices import Sent, matches
from tests.stages.small_site import ADDRESSES, DMZ, MINUTES, SERVICES, SITE, TRUST, UNTRUST, WALL, walls

TEMPLATE = (PROJECT / "ttp_templates" / "hillstone_stoneos" / "show_configuration.ttp").read_text("utf-8")
DAYS = {"mon": "monday"}
NAMES = {6: "tcp", 17: "udp"}
ZONES = st.sampled_from((TRUST, UNTRUST, DMZ))
PACKETS = st.builds(
    lambda source, to, service, minute, zones: Sent(source, to, *service, minute=minute, zones=zones),
    st.sampled_from(ADDRESSES),
    st.sampled_from(ADDRESSES),
    st.sampled_from(SERVICES),
    st.sampled_from(MINUTES),
    st.tuples(ZONES, ZONES),
)
thorough = settings(
    max_examples=min(25, MOST) if (MOST := settings.default.max_examples) <= 100 else MOST,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def configured(wall: FirewallFacts) -> Configuration:
    """Return the lab's configuration of the same firewall."""
    config = Configuration()
    for book in wall.addresses.values():
        members = [_member(text) for text in book.members]
        config.addresses[book.name] = Address(book.name, members, predefined=book.name == ANY)
    for service in wall.services.values():
        entries = [_entry(entry) for entry in service.entries if entry.protocol is not None]
        config.services[service.name] = Service(service.name, entries, predefined=service.name == ANY)
    for group in wall.groups.values():
        config.groups[group.name] = Group(group.name, list(group.members))
    for book in wall.schedules.values():
        spans = [Periodic(tuple(DAYS[day] for day in p.days), p.start, p.end) for p in book.periods]
        config.schedules[book.name] = Schedule(book.name, spans)
    config.rules = [_rule(number, rule) for number, rule in enumerate(wall.rules, start=1)]
    return config


def _member(text: str) -> tuple[str, str]:
    low, dash, high = text.partition("-")
    return ("range", f"{low} {high}") if dash else ("ip", text)


def _entry(entry: ServiceEntry) -> Entry:
    if entry.protocol == 1:
        return Entry("icmp", (-1,))
    return Entry(NAMES[entry.protocol or 0], (entry.low, entry.high, entry.source_low, entry.source_high))


def _rule(number: int, rule: SecurityPolicy) -> Rule:
    pairs: tuple[tuple[Side, tuple[str, ...], Selector], ...] = (
        ("src", rule.source_zones, rule.source),
        ("dst", rule.destination_zones, rule.destination),
    )
    return Rule(
        number,
        rule.name,
        rule.action,
        zones={side: zones[0] for side, zones, _ in pairs if zones},
        sides={
            side: [*(("addr", book) for book in of.books), *(_member(text) for text in of.literals)]
            for side, _, of in pairs
        },
        services=list(rule.services),
        schedules=list(rule.schedules),
        enabled=bool(rule.enabled),
    )


def naive(wall: FirewallFacts, sent: Sent) -> bool:
    """Tell what was meant: the first rule that matches decides, and what none matches is denied."""
    first = next((rule for rule in wall.rules if matches(rule, wall, sent)), None)
    return first is not None and first.action == "permit"


@thorough
@given(walls(most=7, doubts=False), st.lists(PACKETS, min_size=30, max_size=60))
def test_what_is_printed_and_read_back_decides_alike(wall: FirewallFacts, packets: list[Sent]) -> None:
    """Nothing is lost between the configuration's text and the answer, whatever the packet."""
    text = running(configured(wall))
    read = firewall_facts(text, TEMPLATE)
    assert unparsed(text) == ()
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
