"""Random rule bases, said by our templates: the kernel has what was meant, and decides packets as we do."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as FilePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import (
    FirewallFacts,
    PublishedServer,
    SecurityPolicy,
    Selector,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    SecurityRule,
    ServiceSet,
    SourceNat,
)
from nornir_itsm.model.topology import Hop, Path
from nornir_itsm.platforms.linux_nftables import CHAIN, located
from nornir_itsm.stages.held import alike
from nornir_itsm.stages.hops import firewall_list, rule_lists
from nornir_itsm.stages.nft_words import PREDEFINED
from nornir_itsm.stages.parse.nft_json import firewall_facts
from nornir_itsm.stages.render.nftables import lines
from tests.real.kernel import END_PROTOCOL, Packet, Router, lacking, router
from tests.real.test_kernel_agrees import COMING, ENDS, IN, LEAVING, OUT, SERVICES, expected, thorough
from tests.stages.small_site import (
    EIPS,
    GROUPS,
    OUTSIDE,
    PUBLIC,
    SITE,
    SPARE,
    TRUST,
    UNTRUST,
    WALL,
    walls,
)

FOLDER = FilePath(__file__).parents[2] / "templates" / "linux_nftables"
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


WAYS = (
    Path("云", "外", "out", "", "", hops=(Hop(WALL, TRUST, UNTRUST, translates=True),)),
    Path("外", "云", "in", "", "", hops=(Hop(WALL, UNTRUST, TRUST, translates=True),)),
)
HERE = replace(SITE, paths=WAYS)
CHAINS = "\n".join(
    f"add chain inet filter {hook} {{ type nat hook {hook} priority {priority}; policy accept; }}"
    for hook, priority in (("prerouting", "dstnat"), ("postrouting", "srcnat"))
)
SERVED = (
    (ServiceEntry(6, 80, 80), 90),
    (ServiceEntry(17, 80, 81), 80),
    (ServiceEntry(6), 0),
    (ServiceEntry(None), 0),
)


@st.composite
def servers(draw: st.DrawFn, name: str) -> PublishedServer:
    """Draw a server; what comes from inside to a public address is nobody's here."""
    entry, port = draw(st.sampled_from(SERVED))
    ends = draw(st.sampled_from(PUBLIC)), draw(st.sampled_from(tuple(EIPS.values())))
    return PublishedServer(name, *ends, entry, port, UNTRUST)


@st.composite
def sources(draw: st.DrawFn, name: str) -> SourceTranslation:
    """Draw a source translation that is one line."""
    whom = st.sampled_from(
        (Selector(), Selector(("one",)), Selector(("both",)), Selector((), ("10.70.0.1/32",)))
    )
    where = st.sampled_from((Selector(), Selector(("first",)), Selector((), ("192.0.2.0/24",))))
    services = draw(st.sampled_from((("Any",), ("web",), ("udp",))))
    zones = draw(st.sampled_from(((), (UNTRUST,))))
    match = SecurityPolicy(name, "permit", draw(whom), draw(where), services, destination_zones=zones)
    keeps = draw(st.booleans())
    return SourceTranslation(match, () if keeps else (draw(st.sampled_from(PUBLIC)),), keeps)


@st.composite
def translating(draw: st.DrawFn) -> FirewallFacts:
    wall = sayable(draw(walls(hours=False, doubts=False)))
    names = [f"n{n}" for n in range(draw(st.integers(1, 3)))]
    return replace(
        wall,
        servers=tuple(draw(servers(name)) for name in names),
        translations=tuple(draw(sources(name)) for name in names),
    )


def translations(wall: FirewallFacts) -> Iterator[Intent]:
    """Yield what makes these translations."""
    yield from (DestinationNat(WALL, server, Anchor("last")) for server in wall.servers)
    yield from (SourceNat(WALL, nat, Anchor("last")) for nat in wall.translations)


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


@settings(fewer, max_examples=fewer.max_examples // 2)
@given(wall=translating())
def test_the_kernel_translates_as_was_meant(kernel: Router, wall: FirewallFacts) -> None:
    """Read back they are the same translations; every packet comes out as the algebra says, translated."""
    said = located(lines([*making(wall), *translations(wall)], TEMPLATES), "")
    kernel.load("\n".join((EMPTY, CHAINS, *said)))
    held = firewall_facts(kernel.loaded())
    assert (held.servers, len(held.translations)) == (wall.servers, len(wall.translations))
    assert all(map(alike, held.translations, wall.translations))
    for path, end, packets in zip(WAYS, ("inside", "outside"), (LEAVING, COMING), strict=True):
        fares = expected(rule_lists(path, HERE, Facts({WALL: wall})), packets)
        assert kernel.volley(end, packets, ENDS[end]) == fares
