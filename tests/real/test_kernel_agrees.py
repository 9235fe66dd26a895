"""The Linux kernel decides real packets as the algebra says: random rule sets with NAT, packet by packet.

Rule sets are loaded into nftables in namespaces of this process; TCP SYNs, UDP datagrams and ICMP echo
requests go through veth pairs, and what comes out at the other end is compared, translated fields included.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nornir_itsm.model.adc import AdcFacts, RouteRule
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, address_at, addresses
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.space.rules import RuleList, trace
from nornir_itsm.stages.hops import rule_lists
from tests.real.kernel import END_PROTOCOL, Packet, Router, lacking, router
from tests.real.nft_printer import ruleset
from tests.stages.small_site import (
    ADC,
    CLOUD,
    EIPS,
    GROUP,
    OUTSIDE,
    PUBLIC,
    SITE,
    SPARE,
    WALL,
    dnats,
    snats,
    walls,
)

OUT, IN = SITE.paths
SERVICES = (*product((6, 17), (80, 81, 90)), (1, 0))
LEAVING = [
    Packet(s, d, *service)
    for s, d, service in product((*EIPS.values(), *SPARE), (*OUTSIDE, *PUBLIC), SERVICES)
]
COMING = [Packet(s, d, *service) for s, d, service in product(OUTSIDE, PUBLIC, SERVICES)]
ENDS = {
    "inside": Packet("10.70.0.200", "192.0.2.200", END_PROTOCOL),
    "outside": Packet("192.0.2.201", "10.70.0.201", END_PROTOCOL),
}
"""What ends a volley: hosts of their own, so that no translation of one meets the other."""

thorough = settings(
    max_examples=3 * MOST if (MOST := settings.default.max_examples) <= 100 else MOST,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Router]:
    """A router of this machine's kernel; where it may not be made, the reason is said."""
    if reason := lacking():
        pytest.skip(f"NOTHING WAS RUN: {reason}")
    with router() as made:
        yield made


@st.composite
def boxes(draw: st.DrawFn) -> tuple[FirewallFacts, AdcFacts]:
    """Draw a firewall and an ADC of one line, of what nftables can say: no hours, nothing unknown."""
    count, more = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    adc = AdcFacts(
        GROUP,
        tuple(draw(dnats(f"dnat{n}", ())) for n in range(count)),
        tuple(draw(snats(f"snat{n}", ())) for n in range(more)),
        (RouteRule("rest"),),
    )
    return draw(walls(hours=False, doubts=False)), adc


def ours(lists: Sequence[RuleList], packet: Packet) -> Packet | None:
    """Return how a packet comes out by the algebra, None where it does not."""
    port = 8 << 8 if packet.protocol == 1 else packet.port  # ICMP: type 8, code 0
    box = {
        SOURCE: addresses(packet.source),
        DESTINATION: addresses(packet.destination),
        SERVICE: Ranges.span(packet.protocol << 16 | port),
    }
    found = list(trace(lists, Packets((box,))))
    assert len({(one.passes, one.translation) for one in found}) == 1
    if not found[0].passes:
        return None
    (after,) = found[0].translation.image(Packets((box,)))
    source, destination = (str(address_at(after[side].low)) for side in (SOURCE, DESTINATION))
    return Packet(source, destination, packet.protocol, after[SERVICE].low & 0xFFFF if packet.port else 0)


def expected(lists: Sequence[RuleList], packets: Sequence[Packet]) -> dict[int, Packet]:
    """Return what comes out, by the place of the packet in the list."""
    return {n: after for n, one in enumerate(packets) if (after := ours(lists, one)) is not None}


@thorough
@given(drawn=boxes())
def test_the_kernel_decides_as_we_do(kernel: Router, drawn: tuple[FirewallFacts, AdcFacts]) -> None:
    """Both directions: a filter with zones, destination translation before it, source translation behind."""
    wall, adc = drawn
    facts = Facts({WALL: wall, ADC: adc}, CLOUD)
    outward, inward = rule_lists(OUT, SITE, facts)[1:], rule_lists(IN, SITE, facts)[:-1]
    kernel.load(ruleset(wall, adc))
    assert kernel.volley("inside", LEAVING, ENDS["inside"]) == expected(outward, LEAVING)
    assert kernel.volley("outside", COMING, ENDS["outside"]) == expected(inward, COMING)


def test_the_router_lets_through_what_it_is_told_and_nothing_else(kernel: Router) -> None:
    """The bench itself: a packet that is let through arrives with its fields, one that is not does not."""
    rules = (
        "type filter hook forward priority 0; policy drop;",
        f"ip protocol {END_PROTOCOL} accept",
        "ip daddr 192.0.2.1 tcp dport 80 accept",
        "ip daddr 192.0.2.1 icmp type echo-request accept",
    )
    kernel.load("\n".join(["table ip t {", "chain c {", *rules, "}", "}"]))
    sent = [Packet("10.70.0.1", "192.0.2.1", *service) for service in SERVICES]
    arrived = kernel.volley("inside", sent, ENDS["inside"])
    assert [sent[n] for n in arrived] == [sent[0], sent[-1]]
    assert all(sent[n] == packet for n, packet in arrived.items())
    assert kernel.volley("outside", COMING, ENDS["outside"]) == {}
