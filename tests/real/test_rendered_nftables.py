"""Random rule bases, said by our templates: the kernel has what was meant, and decides packets as we do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import FirewallFacts, SecurityPolicy
from nornir_itsm.model.intent import AddressSet, Anchor, Intent, SecurityRule, ServiceSet
from nornir_itsm.platforms.linux_nftables import CHAIN, located
from nornir_itsm.stages.held import alike
from nornir_itsm.stages.hops import firewall_list
from nornir_itsm.stages.nft_words import PREDEFINED
from nornir_itsm.stages.parse.nft_json import firewall_facts
from nornir_itsm.stages.render.nftables import lines
from tests.real.kernel import END_PROTOCOL, Packet, Router, lacking, router
from tests.real.test_kernel_agrees import ENDS, IN, LEAVING, OUT, SERVICES, expected, thorough
from tests.stages.small_site import EIPS, GROUPS, OUTSIDE, SITE, SPARE, WALL, walls

FOLDER = Path(__file__).parents[2] / "templates" / "linux_nftables"
TEMPLATES = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.j2")}
INSIDE = (*EIPS.values(), *SPARE)
ARRIVING = [Packet(s, d, *service) for s in OUTSIDE for d in INSIDE for service in SERVICES]
EMPTY = f"""table inet filter {{ chain forward {{ type filter hook forward priority filter; policy drop;
ip protocol {END_PROTOCOL} accept comment "the end of a volley"
}}
}}"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Router]:
    """A router of this machine's kernel; where it may not be made, the reason is said."""
    if reason := lacking():
        pytest.skip(f"NOTHING WAS RUN: {reason}")
    with router() as made:
        yield made


def sayable(drawn: FirewallFacts) -> FirewallFacts:
    """Return a rule base of what nftables can say: no groups, no disabled rules."""

    def said(rule: SecurityPolicy) -> SecurityPolicy:
        flat = (n for name in rule.services for n in (GROUPS[name].members if name in GROUPS else (name,)))
        return replace(rule, services=tuple(dict.fromkeys("ICMP" if n == "ping" else n for n in flat)))

    rules = tuple(said(rule) for rule in drawn.rules if rule.enabled)
    return replace(drawn, rules=rules, services={**drawn.services, **PREDEFINED}, groups={}, schedules={})


def making(wall: FirewallFacts) -> Iterator[Intent]:
    """Yield what makes this rule base."""
    for book in (book for book in wall.addresses.values() if not book.predefined):
        yield AddressSet(WALL, book.name, book.members, whole=True)
    for service in (one for one in wall.services.values() if not one.predefined and one.name != "ping"):
        yield ServiceSet(WALL, service.name, service.entries)
    for rule in wall.rules:
        yield SecurityRule(WALL, rule, Anchor("last"))


fewer = settings(thorough, max_examples=thorough.max_examples // 3)


@fewer
@given(name=st.text(st.characters(), min_size=1, max_size=60))
def test_a_name_comes_back_as_it_was(kernel: Router, name: str) -> None:
    """Of a rule and of a set: whatever an order calls them; what a comment cannot hold is refused before."""
    book, rule = AddressSet(WALL, name, ("10.0.0.1/32",), whole=True), SecurityPolicy(name, "deny")
    try:
        said = lines([book, SecurityRule(WALL, rule, Anchor("last"))], TEMPLATES)
    except ChangeError:
        return
    kernel.load("\n".join((EMPTY, *located(said, ""))))
    held = firewall_facts(kernel.loaded())
    assert [rule.name for rule in held.rules[1:]] == [name]
    assert {*held.addresses} - {"Any"} == {name}


@fewer
@given(drawn=walls(hours=False, doubts=False))
def test_the_kernel_has_what_was_meant(kernel: Router, drawn: FirewallFacts) -> None:
    """Read back it is the same rule base, rule by rule; and every packet fares as the algebra says."""
    wall = sayable(drawn)
    said = located(lines(list(making(wall)), TEMPLATES), "")
    assert all(f"rule {CHAIN}" in line or "set inet filter" in line or "element" in line for line in said)
    kernel.load("\n".join((EMPTY, *said)))
    held = firewall_facts(kernel.loaded())
    assert len(held.rules) == len(wall.rules) + 1
    assert all(map(alike, held.rules[1:], wall.rules))
    for hop, end, packets in ((OUT.hops[0], "inside", LEAVING), (IN.hops[-1], "outside", ARRIVING)):
        fares = expected((firewall_list(hop, wall, SITE),), packets)
        assert kernel.volley(end, packets, ENDS[end]) == fares
