"""Access lists in both directions, printed by the lab's router and read back, against a naive reading."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.lab.ios.router import Router
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.topology import Hop, Point, Site
from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, SOURCE_PORT, TIME, addresses
from nornir_itsm.space.packets import Packets
from nornir_itsm.space.ranges import Ranges
from nornir_itsm.stages.hops import firewall_list
from nornir_itsm.stages.parse.ios_text import firewall_facts
from nornir_itsm.stages.stateless import more_lists, turned

from .naive_ios import Groups, Packet, session

GROUPS: Groups = {
    "NETS": ["host 10.0.0.2", "192.0.2.0 255.255.255.128"],
    "SPAN": ["range 10.0.0.2 10.0.1.1"],
    "SVC": ["tcp eq 22", "udp range 53 80"],
}
HEAD = """hostname R1
object-group network NETS
 host 10.0.0.2
 192.0.2.0 255.255.255.128
object-group network SPAN
 range 10.0.0.2 10.0.1.1
object-group service SVC
 tcp eq 22
 udp range 53 80
interface Gi0
 ip access-group THERE in
interface Gi1
 ip access-group BACK in
time-range WORK
 periodic weekdays 8:00 to 18:00
"""
SIDES = st.sampled_from(
    (
        *("any", "any", "host 10.0.0.1", "10.0.0.0 0.0.0.255", "10.0.0.0 0.0.1.255", "10.0.0.1 0.0.255.0"),
        *("192.0.2.1 0.0.0.8", "object-group NETS", "object-group SPAN", "0.0.0.0 255.255.255.255"),
    )
)
OPERATORS = st.sampled_from(("", "", "eq www", "eq 22 80", "neq 80", "gt 1023", "lt 80", "range 22 80"))


@st.composite
def entries(draw: st.DrawFn) -> str:
    """Draw an entry as a person types it."""
    action, service = (
        draw(st.sampled_from(("permit", "permit", "deny"))),
        draw(st.sampled_from(("ip", "tcp", "tcp", "udp", "icmp", "gre", "object-group SVC"))),
    )
    ported = service in ("tcp", "udp")
    came, goes = (draw(OPERATORS) if ported else "" for _ in range(2))
    end = ["established"] if service == "tcp" and draw(st.booleans()) else []
    if service == "icmp":
        end.append(draw(st.sampled_from(("", "echo", "echo-reply", "3"))))
    end += draw(st.sampled_from(([], [], ["log"], ["time-range WORK"])))
    said = " ".join(filter(None, (action, service, draw(SIDES), came, draw(SIDES), goes, *end)))
    return said if service == "tcp" else said.replace("www", "80")


LISTS = st.lists(entries(), max_size=5, unique_by=lambda text: text.replace("0.0.0.0 255.255.255.255", "any"))
ENDS = ("10.0.0.1", "10.0.0.2", "10.0.1.1", "192.0.2.1", "192.0.2.9")
PACKETS = [
    Packet(protocol, source, destination, port, came, minute)
    for (protocol, port, came), source, destination, minute in product(
        (*product((6, 17), (22, 80, 2000), (80, 5000)), (1, 8, 0), (1, 0, 0), (1, 3, 0), (47, 0, 0)),
        ENDS,
        ("10.0.0.2", "192.0.2.1", "192.0.2.9"),
        (600, 1200),
    )
]
MOST = settings.default.max_examples
SITE = Site("示例", "云", {}, {"P": Point("P", "cisco_ios", "firewall", "")}, (), (), (), (), {}, {})


def configuration(there: list[str], back: list[str]) -> str:
    """Return what a router prints that was told these entries."""
    typed = [HEAD]
    for name, listed in (("THERE", there), ("BACK", back)):
        typed.append(f"ip access-list extended {name}")
        for number, entry in enumerate(listed, start=1):
            typed += [f" {number * 10} remark rule {number}", f" {number * 10} {entry}"]
    return Router.from_text("\n".join(typed)).running_text()


def printed(text: str, name: str) -> list[str]:
    lines = text.splitlines()
    at = lines.index(f"ip access-list extended {name}") + 1
    return lines[at : lines.index("!", at)]


def decided(facts: FirewallFacts, packet: Packet) -> tuple[bool, bool]:
    """Return whether a session passes for certain, and whether it may."""
    port = packet.port if packet.protocol != 1 else packet.port << 8
    box = {
        SOURCE: addresses(packet.source),
        DESTINATION: addresses(packet.destination),
        SERVICE: Ranges.span(packet.protocol << 16 | port),
        SOURCE_PORT: Ranges.span(packet.source_port),
        TIME: Ranges.span(packet.minute),
    }
    left = Packets((box,))
    for one in (firewall_list(Hop("P"), facts, SITE), *more_lists("P", facts)):
        left = one.passing(left)
    return bool(left.must()), bool(left.may())


@settings(max_examples=40 if MOST <= 100 else MOST)
@given(LISTS, LISTS, st.lists(st.sampled_from(PACKETS), min_size=25, max_size=25, unique=True))
def test_random_lists_decide_as_their_text_says(
    there: list[str], back: list[str], packets: list[Packet]
) -> None:
    """For every packet: its session passes where all of its packets and answers do, and not else."""
    text = configuration(there, back)
    facts = firewall_facts(text, "THERE", "BACK")
    lines = printed(text, "THERE"), printed(text, "BACK")
    for packet in packets:
        wanted = session(packet, *lines, GROUPS)
        assert decided(facts, packet) == (wanted, wanted), packet


ASKED = Packet(6, "10.0.0.1", "192.0.2.1", 80, 5000)
"""A new TCP session."""


@pytest.mark.parametrize(
    ("back", "passes"),
    [
        (["permit tcp any any established"], True),
        (["permit tcp host 192.0.2.1 eq 80 host 10.0.0.1"], True),
        (["permit tcp host 192.0.2.1 eq 22 host 10.0.0.1"], False),
        (["deny tcp any any established", "permit ip any any"], False),
        ([], False),
    ],
)
def test_the_way_back_decides(back: list[str], passes: bool) -> None:
    """An open way there is not enough: answers pass by ``established``, by a mirrored line, or not at all."""
    facts = firewall_facts(configuration(["permit ip any any"], back), "THERE", "BACK")
    assert decided(facts, ASKED) == (passes, passes)


def test_nobody_knows_the_way_back_where_nobody_says_it() -> None:
    """Another list is bound and the site does not say whether answers meet it: never a false permit."""
    text = configuration(["permit ip any any"], ["permit ip any any"])
    assert decided(firewall_facts(text, "THERE"), ASKED) == (False, True)
    assert decided(firewall_facts(text, "THERE", "any"), ASKED) == (True, True)
    alone = text.replace(" ip access-group BACK in\n", "")
    assert decided(firewall_facts(alone, "THERE"), ASKED) == (True, True)


def test_a_wildcard_with_too_many_holes_is_undecidable() -> None:
    """65536 single addresses are not counted out: it may match, and nobody says that it does."""
    facts = firewall_facts(configuration(["permit ip 10.0.0.1 0.255.255.0 any"], []), "THERE", "any")
    assert decided(facts, ASKED) == (False, True)


def test_turned_round_twice_is_the_same() -> None:
    """What is answered by the answers of some packets are these packets."""
    box = {SOURCE: addresses("10.0.0.0/24"), DESTINATION: addresses("192.0.2.1")}
    for port in (443, 0):
        asked = Packets(({**box, SERVICE: Ranges.span(6 << 16 | port)},))
        assert turned(turned(asked)).same_as(asked)


def test_ipv6_is_not_what_an_ipv4_list_stops() -> None:
    """A list says nothing about IPv6: it is undecidable, neither open nor closed."""
    facts = firewall_facts(configuration([], []), "THERE", "any")
    sides = {SOURCE: addresses("2001:db8::1"), DESTINATION: addresses("2001:db8::2")}
    left = firewall_list(Hop("P"), facts, SITE).passing(Packets((sides,)))
    assert (bool(left.must()), bool(left.may())) == (False, True)
