"""Facts of devices and the rules they are compiled to decide every packet alike."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.adc import AdcFacts, AdcGroup, AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    ScheduleBook,
    SecurityPolicy,
    Selector,
    ServiceBook,
    ServiceEntry,
    ServiceGroup,
)
from nornir_itsm.model.order import Period
from nornir_itsm.space import dimensions as dim
from nornir_itsm.space.packets import EVERYTHING, Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import Rule, RuleList, trace
from nornir_itsm.stages.compiled import firewall_rules
from nornir_itsm.stages.rulebase import as_matched, policy_packets, weekly
from nornir_itsm.stages.translations import dnat_rules, route_rules, snat_rules
from tests.stages.naive_devices import Sent, hidden, in_period, matches, published, routed

HOSTS = ("10.0.0.1", "10.0.0.2", "10.0.0.5", "192.0.2.7", "203.0.113.9", "2001:db8::1")
MEMBERS = ("10.0.0.1/32", "10.0.0.0/30", "10.0.0.2-10.0.0.5", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32")
MINUTES = (0, 479, 480, 1079, 1080, 1438, 1439, 1440, 1619, 1620, 9600, 10079)
ENTRIES = (
    ServiceEntry(6, 80, 80),
    ServiceEntry(6, 80, 90),
    ServiceEntry(17, 80, 80),
    ServiceEntry(6, source_low=1000, source_high=2000),
    ServiceEntry(1, 8 * 256, 8 * 256 + 255),
    ServiceEntry(None),
)
NAMES = ("a", "b", "c")
SENT = st.builds(
    Sent,
    st.sampled_from(HOSTS),
    st.sampled_from(HOSTS),
    st.sampled_from((6, 17, 1, 47)),
    st.sampled_from((80, 81, 90, 443, 8 * 256)),
    st.sampled_from((500, 1500)),
    st.sampled_from(MINUTES),
    st.tuples(*(st.sampled_from(("trust", "untrust", "dmz")),) * 2),
    st.sampled_from(("CT", "CM")),
).filter(lambda sent: ip_address(sent.source).version == ip_address(sent.destination).version)
"""Packets as there are: no packet has ends of two families."""
MANY = st.lists(SENT, min_size=20, max_size=30)


def numbers(sent: Sent) -> dict[str, int]:
    """Return a packet as the space has it."""
    return {
        dim.SOURCE: dim.number(ip_address(sent.source)),
        dim.DESTINATION: dim.number(ip_address(sent.destination)),
        dim.SERVICE: sent.protocol << 16 | sent.port,
        dim.SOURCE_PORT: sent.source_port,
        dim.TIME: sent.minute,
        dim.IN_ZONE: dim.symbol(sent.zones[0]).low,
        dim.OUT_ZONE: dim.symbol(sent.zones[1]).low,
        dim.LINK: dim.symbol(sent.link).low,
    }


def some[T](values: st.SearchStrategy[T], most: int = 2) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, max_size=most, unique=True).map(tuple)


NAMED, MEMBER = st.sampled_from((*NAMES, "gone")), st.sampled_from(MEMBERS)
SELECTORS = st.just(Selector()) | st.builds(Selector, some(NAMED), some(MEMBER))
ZONES = some(st.sampled_from(("trust", "untrust")))
PERIODS = some(
    st.builds(
        Period,
        some(st.sampled_from(("mon", "tue", "sun"))),
        st.sampled_from(("00:00", "08:00")),
        st.sampled_from(("18:00", "23:59", "24:00")),
    )
)


@st.composite
def firewalls(draw: st.DrawFn) -> FirewallFacts:
    """Draw a small firewall; books, services and schedules may be incomplete, empty or missing."""

    def by_name[T](one: st.SearchStrategy[T]) -> dict[str, T]:
        return {name: draw(one) for name in NAMES if draw(st.booleans())}

    rules = st.builds(
        SecurityPolicy, st.sampled_from(("r1", "r2", "r3", "r4")), st.sampled_from(("permit", "deny")),
        SELECTORS, SELECTORS, some(st.sampled_from((*NAMES, "g", "h", "gone"))), ZONES, ZONES, some(NAMED),
        st.sampled_from((True, True, True, False, None)), unread=some(st.just("unknown line"), most=1),
    )  # fmt: skip
    members = some(st.sampled_from((*NAMES, "g", "h")), most=3)
    return FirewallFacts(
        draw(some(rules, most=4)),
        by_name(st.builds(AddressBook, st.just(""), some(MEMBER), st.sampled_from((True, True, False)))),
        by_name(st.builds(ServiceBook, st.just(""), some(st.sampled_from(ENTRIES), most=3))),
        {name: ServiceGroup(name, draw(members)) for name in ("g", "h")},
        by_name(st.builds(ScheduleBook, st.just(""), PERIODS, st.sampled_from((True, True, False)))),
    )


@given(firewalls(), MANY)
def test_a_firewall_rule_matches_what_the_naive_reading_matches(
    facts: FirewallFacts, many: list[Sent]
) -> None:
    """For certain where certain, for no outcome where excluded, for some where facts cannot tell."""
    for rule in facts.rules:
        match = policy_packets(rule, facts) if rule.enabled is not False else Packets()
        may, must = match.may(), match.must()
        for sent in many:
            known = matches(rule, facts, sent)
            assert must.holds(numbers(sent)) == (known is True)
            assert may.holds(numbers(sent)) == (known is not False)


@given(firewalls(), MANY)
def test_the_first_match_decides(facts: FirewallFacts, many: list[Sent]) -> None:
    """Disabled rules are left out, the rest keeps its order: where nothing is in doubt, one rule decides."""
    rules = firewall_rules(facts)
    hop = RuleList("fw", rules, Rule("implicit", EVERYTHING, passes=False))
    for sent in many:
        known = [(rule, matches(rule, facts, sent)) for rule in facts.rules]
        if any(outcome is None for _, outcome in known):
            continue
        first = next((rule for rule, outcome in known if outcome), None)
        ((decided, share),) = [(rule, share) for rule, share in hop.shares(only(sent)) if share]
        assert decided.label == (first.name if first else "implicit")
        assert decided.passes == bool(first and first.action == "permit")
        assert share.same_as(only(sent))


@given(PERIODS)
def test_minutes_of_the_week(periods: tuple[Period, ...]) -> None:
    """A day that ends at 23:59 has its last minute; what is not named is not in it; no period is always."""
    found = weekly(periods)
    for minute in MINUTES:
        named = any(in_period(period, minute) for period in periods)
        assert (minute in found) == (named or not periods)


MATCHES = st.sampled_from(
    (
        AddressMatch(),
        AddressMatch("IP-ADDRESS", "10.0.0.1"),
        AddressMatch("IP-ADDRESS", "192.0.2.0/24"),
        AddressMatch("IP-ADDRESS", "10.0.0.2-10.0.0.5"),
        AddressMatch("CUSTOM-ADDRESS-GROUP", "a"),
        AddressMatch("CUSTOM-ADDRESS-GROUP", "b"),
    )
)
GROUPS = st.fixed_dictionaries(
    {name: st.builds(AdcGroup, st.just(name), some(st.sampled_from(MEMBERS[:4]))) for name in ("a", "b")}
)
LINKS = some(st.sampled_from(("CT", "CM", "ALL")))
INBOUND = some(st.sampled_from(("ALL", "inside", "outside", "LAN-KIND", "WAN-KIND")))
PORTS = st.sampled_from(("ALL", "80", "80-90", "443"))
SOURCE_PORTS = st.sampled_from(("ALL", "1000-2000"))
PAIRS = st.sampled_from(
    (
        ((), ()),
        (("80",), ("443",)),
        (("80-90",), ("8080-8090",)),
        (("80-90",), ("8080",)),
        (("80-90", "443"), ("0",)),
        (("80", "81"), ("90", "91")),
        (("80", "81"), ("90",)),
    )
)
TARGETS = st.sampled_from(("10.0.0.1", "10.0.0.5")).map(lambda value: AddressMatch("IP-ADDRESS", value))


ON = st.sampled_from((True, True, False))


@st.composite
def nats(draw: st.DrawFn, name: str) -> DnatRule:
    """Draw a destination translation. With ports a protocol is given: what ALL does with ports is unknown."""
    ports, targets = draw(PAIRS)
    protocol = draw(st.sampled_from(("TCP", "UDP", "TCP_UDP", "ICMP", *(() if ports else ("ALL",)))))
    return DnatRule(
        name, draw(LINKS), draw(MATCHES), draw(MATCHES), protocol, draw(SOURCE_PORTS), ports,
        draw(TARGETS), targets, draw(ON),
    )  # fmt: skip


V4 = MANY.map(lambda many: [sent for sent in many if ":" not in sent.source + sent.destination])


def only(sent: Sent) -> Packets:
    """Return the set of one packet."""
    return Packets(({d: Ranges.span(n) for d, n in numbers(sent).items()},))


@given(GROUPS, st.tuples(nats("n1"), nats("n2"), nats("n3")), V4)
def test_destination_translations(
    groups: dict[str, AdcGroup], listed: tuple[DnatRule, ...], many: list[Sent]
) -> None:
    """Port pairs, ranges to ranges, ranges to one port, kept ports, links, source ports: first match."""
    facts = AdcFacts(groups, listed)
    path = [RuleList("adc", dnat_rules(facts), Rule("none", EVERYTHING, passes=False))]
    for sent in many:
        expected = published(facts, sent)
        (outcome,) = list(trace(path, only(sent)))
        assert outcome.passes == (expected is not None)
        if expected:
            name, target, port = expected
            assert outcome.labels == (("adc", name),)
            assert outcome.translation.destination == dim.number(ip_address(target))
            assert outcome.translation.shift == port - sent.port


PROTOCOLS = st.sampled_from(("TCP", "UDP", "ICMP"))


@st.composite
def outbound(draw: st.DrawFn) -> AdcFacts:
    """Draw routes and source translations; some take in nothing from inside."""
    snat = [
        SnatRule(
            name, draw(INBOUND), draw(LINKS), draw(MATCHES), draw(MATCHES), draw(PROTOCOLS),
            draw(SOURCE_PORTS), draw(PORTS), draw(TARGETS), enabled=draw(ON),
        )
        for name in ("s1", "s2")
    ]  # fmt: skip
    routes = [
        RouteRule(
            name, draw(LINKS), draw(INBOUND), draw(MATCHES), draw(MATCHES), draw(PROTOCOLS),
            draw(SOURCE_PORTS), draw(PORTS), enabled=draw(ON),
        )
        for name in ("r1", "r2")
    ]  # fmt: skip
    return AdcFacts(draw(GROUPS), (), tuple(snat), tuple(routes))


@given(outbound(), V4)
def test_routes_and_source_translations(facts: AdcFacts, many: list[Sent]) -> None:
    """A packet leaves over the links of its first route, with the first translation for its link."""
    inside = ("inside",)
    away = [RuleList("adc", route_rules(facts, inside), Rule("none", EVERYTHING, passes=False))]
    hide = [RuleList("adc", snat_rules(facts, inside), Rule("none", EVERYTHING))]
    for sent in many:
        assert [outcome.passes for outcome in trace(away, only(sent))] == [routed(facts, sent)]
        expected = hidden(facts, sent)
        (outcome,) = list(trace(hide, only(sent)))
        assert outcome.translation.source == (dim.number(ip_address(expected[1])) if expected else None)
        assert outcome.labels == (("adc", expected[0] if expected else "none"),)


@pytest.mark.parametrize(
    "nat",
    [
        DnatRule("x", target=AddressMatch("IP-ADDRESS", "10.0.0.0/24")),
        DnatRule("x", target=AddressMatch("SERVER-POOL", "p")),
        DnatRule("x", target=AddressMatch("IP-ADDRESS", "10.0.0.1"), protocol="OTHER"),
        DnatRule("x", target=AddressMatch("IP-ADDRESS", "10.0.0.1"), ports=("80",)),
    ],
    ids=["many targets", "no address", "a protocol nobody knows", "ports of all protocols"],
)
def test_a_translation_that_cannot_be_read_is_undecidable(nat: DnatRule) -> None:
    """It may match, it never must."""
    (rule,) = dnat_rules(AdcFacts(dnat=(nat,)))
    assert rule.match.may()
    assert not rule.match.must()


@pytest.mark.parametrize(
    "facts",
    [
        FirewallFacts(schedules={"a": ScheduleBook("a")}),
        FirewallFacts(
            schedules={"a": ScheduleBook("a", (Period(("mon",), "08:00", "18:00"),), complete=False)}
        ),
        FirewallFacts(),
    ],
    ids=["no periods", "incomplete", "unknown"],
)
def test_hours_that_cannot_be_read_are_undecidable(facts: FirewallFacts) -> None:
    """A rule with them may match at any time, and never must."""
    match = policy_packets(SecurityPolicy("r", "permit", schedules=("a",)), facts)
    assert match.may() == EVERYTHING
    assert not match.must()


def test_a_route_for_some_source_ports_leaves_the_others() -> None:
    """A packet from another port goes on to the next route."""
    some = RouteRule("some", ("CT",), source_ports="1000-2000")
    facts = AdcFacts(routes=(some, RouteRule("rest", ("CM",))))
    away = [RuleList("adc", route_rules(facts), Rule("none", EVERYTHING, passes=False))]
    for port, link in ((1500, "CT"), (500, "CM")):
        for leaves in ("CT", "CM"):
            sent = Sent("10.0.0.1", "192.0.2.7", 6, 80, port, link=leaves)
            assert [outcome.passes for outcome in trace(away, only(sent))] == [leaves == link]


def test_a_hidden_member_of_a_book_is_not_the_same_question_on_both_sides() -> None:
    """A source may be in an incomplete book and the destination not: a deny for one hides no permit."""
    book, other = Selector(("a",)), Selector(literals=("0.0.0.0/0",))
    facts = FirewallFacts(
        (SecurityPolicy("no", "deny", book, other), SecurityPolicy("yes", "permit", other, book)),
        {"a": AddressBook("a", ("10.0.0.1/32",), complete=False)},
    )
    hop = RuleList("fw", firewall_rules(facts), Rule("rest", EVERYTHING, passes=False))
    unknown = numbers(Sent("192.0.2.7", "203.0.113.9", 6, 80))
    assert hop.passing(EVERYTHING).may().holds(unknown)
    assert not hop.passing(EVERYTHING).must().holds(unknown)


def to(name: str) -> Packets:
    """Return what is sent to a name, from anywhere."""
    return Packets(({dim.DESTINATION: dim.addresses(name)},))


def one_rule(action: str, *destinations: str) -> Packets:
    """Return what a rule for these destinations matches."""
    rule = SecurityPolicy("r", action, destination=Selector(literals=destinations))
    return policy_packets(rule, FirewallFacts((rule,)))


def test_a_permit_for_a_name_is_certain_for_that_name_only() -> None:
    """It covers the same name and, with a wildcard, those below it; of an address nobody can tell."""
    match = one_rule("permit", "*.example.com", "www.example.org")
    assert to("a.example.com") <= match.must()
    assert to("www.example.org") <= match.must()
    assert not match.must() & to("example.com")
    assert not match.must() & to("192.0.2.7")
    assert to("192.0.2.7") <= match.may()


def test_any_address_is_any_name_too() -> None:
    """A rule for every address decides names as well, permit or deny."""
    for action in ("permit", "deny"):
        assert to("www.example.com") <= one_rule(action, "0.0.0.0/0").must()


def test_whether_a_name_lies_in_a_denied_network_nobody_can_tell() -> None:
    """A deny for some addresses may hit a name; a permit for them is asked about the addresses."""
    assert to("www.example.com") <= one_rule("deny", "192.0.2.0/24").may()
    assert not to("www.example.com") & one_rule("deny", "192.0.2.0/24").must()
    assert not to("www.example.com") & one_rule("permit", "192.0.2.0/24").may()


def test_a_request_for_a_name_asks_for_what_it_resolves_to() -> None:
    """What a rule for that name opens is what was asked for, and no other name's addresses."""
    asked = as_matched(to("www.example.com"), ["www.example.com"])
    assert not one_rule("permit", "www.example.com") - asked
    assert (one_rule("permit", "www.example.org") - asked).may()
    assert (one_rule("permit", "*.example.com") - asked).may()
    everything = as_matched(to("0.0.0.0/0"), ["any"])
    assert not one_rule("permit", "0.0.0.0/0") - everything
