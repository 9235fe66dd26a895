"""Small firewalls, ADCs and switches, and intents about them, for tests over many of them."""

from hypothesis import strategies as st

from nornir_itsm.model.adc import AdcFacts, AdcGroup, AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    ScheduleBook,
    SecurityPolicy,
    Selector,
    ServiceBook,
    ServiceEntry,
)
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    Interface,
    PolicyRoute,
    Reuse,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
    State,
    StaticRoute,
    Vlan,
    VpnInstance,
)
from nornir_itsm.model.order import Period
from nornir_itsm.model.switch import (
    SwitchFacts,
    SwitchInstance,
    SwitchInterface,
    SwitchRoute,
    SwitchVlan,
)

WALL, ADC, SWITCH = "wall", "adc", "switch"
BOOKS, SERVICES, TIMES, RULES, NATS = (
    tuple(f"{kind}{n}" for n in range(3)) for kind in ("book", "service", "time", "rule", "nat")
)
FIRST, LAST = "first", "Default-Deny"
"""Rules that no intent is about, so that every other one has a neighbour with a name."""

_MEMBERS = ("10.0.0.1/32", "10.0.0.2", "10.0.1.0/24", "10.0.2.1-10.0.2.9", "www.example.com")
_NUMBERS = ("10.0.0.1", "10.0.0.2/32", "10.0.1.0/24", "2001:db8::1")


def _some[T](values: st.SearchStrategy[T], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, min_size=least, max_size=most, unique=True).map(tuple)


MEMBERS = _some(st.sampled_from(_MEMBERS), least=1)
NUMBERS = _some(st.sampled_from(_NUMBERS), least=1)
_ENTRY = st.builds(ServiceEntry, st.sampled_from((6, 17)), st.just(80), st.sampled_from((80, 90)))
ENTRIES = _some(_ENTRY, least=1)
PERIODS = st.sampled_from([(Period(("mon", "sun"), "08:00", end),) for end in ("18:00", "24:00")])
_BOOKS, _LITERALS = (_some(st.sampled_from(pool), most=2) for pool in (BOOKS, _MEMBERS))
SELECTORS = st.builds(Selector, _BOOKS, _LITERALS)


def security_rules(name: str) -> st.SearchStrategy[SecurityPolicy]:
    """Draw a rule of this name."""
    return st.builds(
        SecurityPolicy,
        st.just(name),
        st.sampled_from(("permit", "deny")),
        SELECTORS,
        SELECTORS,
        _some(st.sampled_from(SERVICES), most=2),
        logs=_some(st.sampled_from(("start", "end")), most=1),
        id=st.sampled_from(("", "3")),
    )


def nat_rules(name: str) -> st.SearchStrategy[DnatRule]:
    """Draw a translation of this name."""
    target = st.builds(AddressMatch, st.just("IP-ADDRESS"), st.sampled_from(("10.70.0.1", "10.70.0.2")))
    return st.builds(DnatRule, st.just(name), target=target, ports=_some(st.sampled_from(("80", "443"))))


def source_nat_rules(name: str) -> st.SearchStrategy[SnatRule]:
    """Draw a source translation of this name."""
    return st.builds(SnatRule, st.just(name), outbound_links=_some(st.sampled_from(("ct", "cm")), least=1))


def route_rules(name: str) -> st.SearchStrategy[RouteRule]:
    """Draw a policy route of this name."""
    return st.builds(RouteRule, st.just(name), links=_some(st.sampled_from(("ct", "cm")), least=1))


@st.composite
def _named_rules(draw: st.DrawFn) -> tuple[SecurityPolicy, ...]:
    names = draw(st.permutations(RULES))[: draw(st.integers(0, len(RULES)))]
    nameless = [SecurityPolicy("", "permit", id="7")] if draw(st.booleans()) else []
    fixed = [SecurityPolicy(name, "deny") for name in (FIRST, LAST)]
    return (*nameless, fixed[0], *(draw(security_rules(name)) for name in names), fixed[1])


_VLANS = st.sampled_from((2600, 2601, 2602))
SWITCH_VLANS = st.builds(SwitchVlan, _VLANS)
SWITCH_INSTANCES = st.builds(SwitchInstance, _VLANS.map("VPC-{}".format), st.just("65000:1"))
SWITCH_INTERFACES = st.builds(
    SwitchInterface,
    _VLANS,
    _VLANS.map("VPC-{}".format),
    st.sampled_from(("10.70.63.3/29", "10.70.63.11/29")),
)
SWITCH_ROUTES = st.builds(
    SwitchRoute,
    st.sampled_from(("VPC-trust", "VPC-2600")),
    st.sampled_from(("10.60.0.0/16", "10.60.2.0/24")),
    st.sampled_from(("VPC-2601", "")),
    st.sampled_from(("10.70.63.4", "10.70.63.5")),
)


@st.composite
def switches(draw: st.DrawFn) -> SwitchFacts:
    """Draw the facts of a switch, collected or not."""
    kinds = (SWITCH_VLANS, SWITCH_INSTANCES, SWITCH_INTERFACES, SWITCH_ROUTES)
    held = ({one.name: one for one in draw(_some(kind))} for kind in kinds)  # type: ignore[arg-type,attr-defined]
    return SwitchFacts(*held, known=draw(st.booleans()))


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Draw the facts of a firewall, an ADC and a switch."""
    wall = FirewallFacts(
        draw(_named_rules()),
        {n: AddressBook(n, draw(MEMBERS)) for n in draw(_some(st.sampled_from(BOOKS)))},
        {n: ServiceBook(n, draw(ENTRIES)) for n in draw(_some(st.sampled_from(SERVICES)))},
        {},
        {n: ScheduleBook(n, draw(PERIODS)) for n in draw(_some(st.sampled_from(TIMES)))},
    )
    nats, snats, routes = (
        [draw(kind(name)) for name in draw(_some(st.sampled_from(NATS)))]
        for kind in (nat_rules, source_nat_rules, route_rules)
    )
    adc = AdcFacts(
        {n: draw(groups(n)) for n in draw(_some(st.sampled_from(BOOKS)))},
        (DnatRule(FIRST), *nats, DnatRule(LAST)),
        (SnatRule(FIRST), *snats, SnatRule(LAST)),
        (RouteRule(FIRST), *routes, RouteRule(LAST)),
    )
    return Facts({WALL: wall, ADC: adc, SWITCH: draw(switches())})


def groups(name: str) -> st.SearchStrategy[AdcGroup]:
    """Draw an ADC group with members of both families in their lists."""
    return NUMBERS.map(
        lambda drawn: AdcGroup(
            name, tuple(m for m in drawn if ":" not in m), tuple(m for m in drawn if ":" in m), "说明"
        )
    )


_BOTH: tuple[State, State] = ("ensure", "absent")
STATES = st.sampled_from(_BOTH)
ANCHORS = st.builds(
    Anchor, st.sampled_from(("before", "after")), st.sampled_from((*RULES, *NATS, LAST, "gone"))
) | st.sampled_from((Anchor("first"), Anchor("last")))


@st.composite
def address_sets(draw: st.DrawFn) -> AddressSet:
    """Draw an intent about the members of an object or the object itself."""
    point = draw(st.sampled_from((WALL, ADC)))
    members = draw(MEMBERS if point == WALL else NUMBERS)
    return AddressSet(point, draw(st.sampled_from(BOOKS)), members, draw(st.booleans()), draw(STATES))


INTENTS: st.SearchStrategy[Intent] = st.one_of(
    address_sets(),
    st.builds(ServiceSet, st.just(WALL), st.sampled_from(SERVICES), ENTRIES, STATES),
    st.builds(Schedule, st.just(WALL), st.sampled_from(TIMES), PERIODS, STATES),
    st.builds(SecurityRule, st.just(WALL), st.sampled_from(RULES).flatmap(security_rules), ANCHORS, STATES),
    st.builds(DestinationNat, st.just(ADC), st.sampled_from(NATS).flatmap(nat_rules), ANCHORS, STATES),
    st.builds(SourceNat, st.just(ADC), st.sampled_from(NATS).flatmap(source_nat_rules), ANCHORS, STATES),
    st.builds(PolicyRoute, st.just(ADC), st.sampled_from(NATS).flatmap(route_rules), ANCHORS, STATES),
    st.builds(Vlan, st.just(SWITCH), SWITCH_VLANS, STATES),
    st.builds(VpnInstance, st.just(SWITCH), SWITCH_INSTANCES, STATES),
    st.builds(Interface, st.just(SWITCH), SWITCH_INTERFACES, STATES),
    st.builds(StaticRoute, st.just(SWITCH), SWITCH_ROUTES, STATES),
    st.builds(ServiceSet, st.just(WALL), st.sampled_from(SERVICES), ENTRIES, reuse=st.just(True)),
    st.builds(AddressSet, st.just(WALL), st.sampled_from(BOOKS), MEMBERS, reuse=st.just(True)),
    st.builds(Reuse, st.just(ADC), st.just("PolicyRoute"), st.just("route")),
)
PLANS = st.lists(INTENTS, max_size=6)
