"""A small site with a firewall and an ADC, random rule bases for it, and every packet that they tell apart.

All addresses, ports and hours that rules name are drawn from short lists, and the packets hold one of each
and one of none: what holds for all of these packets holds for all packets there are.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from hypothesis import strategies as st

from nornir_itsm.model.adc import AdcFacts, AdcGroup, AddressMatch, DnatRule, RouteRule, SnatRule
from nornir_itsm.model.cloud import Binding, CloudFacts, Eip
from nornir_itsm.model.facts import Facts
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
from nornir_itsm.model.topology import Customer, Hop, Isp, Path, Point, Pool, Site
from tests.stages.naive_devices import Sent

WALL, ADC, TENANT = "wall", "adc", "示例租户"
TRUST, UNTRUST, DMZ = "trust", "untrust", "dmz"
EIPS = {"10.60.0.1": "10.70.0.1", "10.60.0.2": "10.70.0.2"}
"""Private address -> EIP; 10.60.0.3 has none, and SPARE are bound to nothing."""
SPARE = ("10.70.0.3", "10.70.0.5")
OUTSIDE = ("192.0.2.1", "192.0.2.2", "192.0.2.5", "192.0.2.9")
LINES = {"CT": "203.0.113.1", "CM": "198.51.100.1"}
PUBLIC = (*LINES.values(), "203.0.113.2")
ADDRESSES = (*EIPS.values(), *SPARE, *OUTSIDE, *PUBLIC)
"""One address of every kind that some rule tells from the others, seen from behind the cloud."""
SERVICES = (*((number, port) for number in (6, 17) for port in (80, 81, 90)), (1, 8 << 8), (47, 0))
MINUTES = (600, 1300)
"""Monday 10:00, within the hours that rules name, and Monday 21:40."""

_OUT, _IN = "outward", "inward"
SITE = Site(
    name="small",
    cloud="云",
    zones={"云": "云", "外": "外"},
    points={
        WALL: Point(WALL, "hillstone_stoneos", "firewall", "", above="Default-Deny"),
        ADC: Point(ADC, "sangfor_ad", "adc", "", inside_links=("inside",)),
    },
    paths=(
        Path("云", "外", _OUT, "cloud_to_internet", "", "BGP", (Hop(WALL, TRUST, UNTRUST), Hop(ADC))),
        Path("外", "云", _IN, "internet_to_cloud", "", "BGP", (Hop(ADC), Hop(WALL, UNTRUST, TRUST))),
    ),
    isps=(Isp("电信", "CT", "CT", ("203.0.113.0/24",)), Isp("移动", "CM", "CM", ("198.51.100.0/24",))),
    pools=(Pool("BGP", ("10.70.0.0/29",)),),
    customers=(Customer(TENANT),),
    naming={},
    schedules={},
)
CLOUD = CloudFacts(
    eips={eip: Eip(eip, "BGP", TENANT, "EcsInstance") for eip in EIPS.values()},
    bindings=tuple(Binding(private, eip, "eni", owner=TENANT) for private, eip in EIPS.items()),
)

BOOKS = {
    name: AddressBook(name, members, predefined=name == "Any")
    for name, members in {
        "Any": ("0.0.0.0/0",),
        "one": ("10.70.0.1/32",),
        "both": ("10.70.0.0/30",),
        "first": ("192.0.2.1/32",),
        "few": ("192.0.2.1-192.0.2.2", "10.70.0.2/32"),
    }.items()
}
_LITERALS = ("10.70.0.1/32", "10.70.0.0/29", "192.0.2.0/24", "192.0.2.2-192.0.2.8")
ENTRIES = {
    "Any": (ServiceEntry(None),),
    "web": (ServiceEntry(6, 80, 80),),
    "pair": (ServiceEntry(6, 80, 81),),
    "udp": (ServiceEntry(17, 80, 80),),
    "all tcp": (ServiceEntry(6),),
    "ping": (ServiceEntry(1),),
}
BOOKED = {name: ServiceBook(name, entries, predefined=name == "Any") for name, entries in ENTRIES.items()}
GROUPS = {"mixed": ServiceGroup("mixed", ("web", "udp"))}
HOURS = {"hours": ScheduleBook("hours", (Period(("mon",), "08:00", "18:00"),))}


def _some[T](values: st.SearchStrategy[T], least: int, most: int) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, min_size=least, max_size=most, unique=True).map(tuple)


@st.composite
def selectors(draw: st.DrawFn) -> Selector:
    """Draw one side of a rule: any, books, literals, or both."""
    if draw(st.integers(0, 2)) == 0:
        return Selector(("Any",))
    books = draw(_some(st.sampled_from([name for name in BOOKS if name != "Any"]), 0, 2))
    return Selector(books, draw(_some(st.sampled_from(_LITERALS), 0 if books else 1, 1)))


@st.composite
def policies(draw: st.DrawFn, name: str, *, hours: bool = True, doubts: bool = True) -> SecurityPolicy:
    """Draw a rule; with *doubts* its state may be one that nobody understands."""
    zones = st.sampled_from([(), (TRUST,), (UNTRUST,)])
    return SecurityPolicy(
        name,
        draw(st.sampled_from(("permit", "permit", "deny"))),
        draw(selectors()),
        draw(selectors()),
        draw(_some(st.sampled_from((*ENTRIES, *GROUPS)), 1, 2)),
        draw(zones),
        draw(zones),
        ("hours",) if hours and draw(st.integers(0, 3)) == 0 else (),
        draw(st.sampled_from((True, True, True, False, *((None,) if doubts else ())))),
    )


@st.composite
def walls(draw: st.DrawFn, most: int = 5, *, hours: bool = True, doubts: bool = True) -> FirewallFacts:
    """Draw a firewall of a few rules; what none of them decides is denied."""
    count = draw(st.integers(0, most))
    rules = tuple(draw(policies(f"r{n}", hours=hours, doubts=doubts)) for n in range(count))
    return FirewallFacts(rules, BOOKS, BOOKED, GROUPS, HOURS)


def _match(texts: tuple[str, ...]) -> st.SearchStrategy[AddressMatch]:
    singles = [AddressMatch("IP-ADDRESS", text) for text in texts]
    return st.sampled_from([AddressMatch(), AddressMatch("CUSTOM-ADDRESS-GROUP", "group"), *singles])


@st.composite
def dnats(draw: st.DrawFn, name: str, links: tuple[str, ...] = ("CT", "CM")) -> DnatRule:
    """Draw a destination translation: a range, a pair of ports, or every port kept."""
    pairs = [(("80",), ("81",)), (("80-81",), ("0",)), (("80", "90"), ("80", "80"))]
    ports, to = draw(st.sampled_from(pairs))
    return DnatRule(
        name,
        draw(_some(st.sampled_from(links), 0, 1)) if links else (),
        draw(_match(OUTSIDE[:1])),
        draw(_match(PUBLIC[:2])),
        draw(st.sampled_from(("TCP", "UDP", "TCP_UDP"))),
        "ALL",
        ports,
        AddressMatch("IP-ADDRESS", draw(st.sampled_from((*EIPS.values(), "10.70.0.3")))),
        to,
        draw(st.integers(0, 4)) > 0,
    )


@st.composite
def snats(draw: st.DrawFn, name: str, links: tuple[str, ...] = ("CT", "CM")) -> SnatRule:
    """Draw a source translation."""
    return SnatRule(
        name,
        ("inside",),
        draw(_some(st.sampled_from(links), 0, 1)) if links else (),
        draw(_match(tuple(EIPS.values()))),
        draw(_match(OUTSIDE[:1])),
        draw(st.sampled_from(("ALL", "TCP"))),
        translated=AddressMatch("IP-ADDRESS", draw(st.sampled_from(PUBLIC))),
        enabled=draw(st.integers(0, 4)) > 0,
    )


@st.composite
def routes(draw: st.DrawFn, name: str) -> RouteRule:
    """Draw a policy route over one line or both."""
    source = draw(_match(tuple(EIPS.values())))
    return RouteRule(name, draw(st.sampled_from([("CT",), ("CM",), ("CT", "CM")])), source=source)


MEMBERS = ("10.70.0.1", "192.0.2.2", "203.0.113.1-203.0.113.2")
GROUP = {"group": AdcGroup("group", MEMBERS)}


@st.composite
def adcs(draw: st.DrawFn) -> AdcFacts:
    """Draw an ADC of a few translations; its last route is for everybody more often than not."""
    one, two, three = (draw(st.integers(0, 3)) for _ in range(3))
    ways = [draw(routes(f"route{n}")) for n in range(min(three, 2))]
    ways += [RouteRule("rest", ("CT", "CM"))] if draw(st.integers(0, 3)) else []
    return AdcFacts(
        GROUP,
        tuple(draw(dnats(f"dnat{n}")) for n in range(one)),
        tuple(draw(snats(f"snat{n}")) for n in range(two)),
        tuple(ways),
    )


@st.composite
def states(draw: st.DrawFn) -> Facts:
    """Draw all that is known of the site."""
    return Facts({WALL: draw(walls()), ADC: draw(adcs())}, CLOUD)


@st.composite
def edits(draw: st.DrawFn, facts: Facts) -> Facts:
    """Draw what became of a state: rules and translations deleted, inserted, changed, swapped."""
    wall, adc = facts.firewall(WALL), facts.adc(ADC)
    rules, dnat, snat = list(wall.rules), list(adc.dnat), list(adc.snat)
    for n in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(("rules", "rules", "dnat", "snat")))
        if kind == "rules":
            _edit(draw, rules, draw(policies(f"new{n}")))
        elif kind == "dnat":
            _edit(draw, dnat, draw(dnats(f"new{n}")))
        else:
            _edit(draw, snat, draw(snats(f"new{n}")))
    points = {
        WALL: replace(wall, rules=tuple(rules)),
        ADC: replace(adc, dnat=tuple(dnat), snat=tuple(snat)),
    }
    return replace(facts, points=points)


def _edit[T: (SecurityPolicy, DnatRule, SnatRule)](draw: st.DrawFn, listed: list[T], new: T) -> None:
    here, there = (draw(st.integers(0, max(len(listed) - 1, 0))) for _ in range(2))
    match draw(st.sampled_from(("insert", "delete", "change", "swap"))):
        case "delete" if listed:
            del listed[here]
        case "change" if listed:
            listed[here] = replace(new, name=listed[here].name)
        case "swap" if listed:
            listed[here], listed[there] = listed[there], listed[here]
        case _:
            listed.insert(here, new)


def outward() -> Iterator[Sent]:
    """Yield every packet that may set out from the cloud, as it leaves its host; on either line."""
    for source, to, (protocol, port), minute in product(
        (*EIPS, "10.60.0.3", *SPARE), ADDRESSES, SERVICES, MINUTES
    ):
        yield Sent(source, to, protocol, port, minute=minute, zones=(TRUST, UNTRUST))


def inward() -> Iterator[Sent]:
    """Yield every packet that may arrive; see ``links``."""
    for source, to, (protocol, port), minute in product(ADDRESSES, ADDRESSES, SERVICES, MINUTES):
        yield Sent(source, to, protocol, port, minute=minute, zones=(UNTRUST, TRUST))


def links(sent: Sent) -> tuple[str, ...]:
    """Return the links on which a packet can arrive: a public address on its line, others on any link."""
    if sent.destination.startswith("203."):
        return ("CT",)
    return ("CM",) if sent.destination.startswith("198.") else ("CT", "CM", "another")
