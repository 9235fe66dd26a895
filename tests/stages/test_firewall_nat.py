"""A firewall's own translations, packet by packet: what arrives, and as what."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts, PublishedServer, ServiceEntry, SourceTranslation
from nornir_itsm.model.intent import Anchor, DestinationNat, Intent, SourceNat, State
from nornir_itsm.model.topology import Hop, Path
from nornir_itsm.space.dimensions import (
    DESTINATION,
    IN_ZONE,
    OUT_ZONE,
    SERVICE,
    SOURCE,
    SOURCE_PORT,
    TIME,
    address_at,
    addresses,
    symbol,
)
from nornir_itsm.space.packets import EVERYTHING, NOTHING
from nornir_itsm.space.rules import trace
from nornir_itsm.stages.follow import follow
from nornir_itsm.stages.hops import rule_lists
from nornir_itsm.stages.predict import after
from tests.stages.naive_devices import Sent, matches
from tests.stages.small_site import SITE, TRUST, UNTRUST, WALL, policies, walls

PATH = Path("外", "云", "x", "", "", hops=(Hop(WALL, UNTRUST, TRUST),))
PUBLIC, INSIDE, HIDDEN = "203.0.113.2", ("10.70.0.1", "10.70.0.2"), "198.51.100.1"
POOLS = ((), (HIDDEN,), ("198.51.100.1-198.51.100.9",))


@st.composite
def servers(draw: st.DrawFn, name: str) -> PublishedServer:
    entry, port = draw(
        st.sampled_from(
            [(ServiceEntry(None), 0), (ServiceEntry(6, 80, 81), 90), (ServiceEntry(17, 80, 80), 80)]
        )
    )
    zone = draw(st.sampled_from(("", UNTRUST, TRUST)))
    target = draw(st.sampled_from(INSIDE))
    on = draw(st.sampled_from((True, True, False)))
    return PublishedServer(name, PUBLIC, target, entry, port, zone, draw(st.booleans()), enabled=on)


@st.composite
def translated(draw: st.DrawFn, name: str) -> SourceTranslation:
    match = replace(draw(policies(name, doubts=False)), action="permit")
    return SourceTranslation(match, draw(st.sampled_from(POOLS)), draw(st.booleans()))


@st.composite
def translating(draw: st.DrawFn) -> FirewallFacts:
    count, more = draw(st.integers(0, 2)), draw(st.integers(0, 3))
    return replace(
        draw(walls(doubts=False)),
        servers=tuple(draw(servers(f"server{n}")) for n in range(count)),
        translations=tuple(draw(translated(f"nat{n}")) for n in range(more)),
        filters_first=draw(st.booleans()),
    )


PACKETS = st.lists(
    st.builds(
        lambda source, to, service, port: Sent(
            source, to, *service, source_port=port, zones=(UNTRUST, TRUST)
        ),
        st.sampled_from((*INSIDE, "192.0.2.1", "192.0.2.9")),
        st.sampled_from((PUBLIC, *INSIDE, "192.0.2.1")),
        st.sampled_from([(number, port) for number in (6, 17) for port in (80, 81, 90)]),
        st.sampled_from((90, 1500)),
    ),
    min_size=20,
    max_size=40,
)


def naive(wall: FirewallFacts, sent: Sent, *, only_public: bool = False) -> tuple[str, str, int] | None:
    """Return source, destination and port of a packet that passes, step by step as a person would.

    *only_public*: nothing arrives but what some server is for.
    """
    untranslated = sent
    for server in (one for one in wall.servers if one.enabled):
        entry = server.service
        alike = entry.protocol is None or (
            entry.protocol == sent.protocol and entry.low <= sent.port <= entry.high
        )
        if sent.destination == server.address and alike and server.zone in ("", UNTRUST):
            moved = 0 if entry.protocol is None else server.port - entry.low
            sent = replace(sent, destination=server.target, port=sent.port + moved)
            break
    if only_public and sent is untranslated:
        return None
    seen = untranslated if wall.filters_first else sent
    first = next((rule for rule in wall.rules if matches(rule, wall, seen)), None)
    if first is None or first.action != "permit":
        return None
    return _hidden(wall, sent), sent.destination, sent.port


def _hidden(wall: FirewallFacts, sent: Sent) -> str:
    for server in (one for one in wall.servers if one.enabled):
        entry = server.service
        own = entry.protocol is None or (
            entry.protocol == sent.protocol
            and server.port <= sent.source_port <= server.port + entry.high - entry.low
        )
        if not server.one_way and sent.source == server.target and own and server.zone in ("", TRUST):
            return server.address
    found = next((nat for nat in wall.translations if matches(nat.match, wall, sent)), None)
    # A pool of several, or the interface's own address, is behind the last filter: nobody looks at it.
    return HIDDEN if found and found.to == (HIDDEN,) and not found.keeps else sent.source


def place(sent: Sent) -> dict[str, int]:
    """Return a packet as the algebra has it."""
    return {
        SOURCE: addresses(sent.source).low,
        DESTINATION: addresses(sent.destination).low,
        SERVICE: sent.protocol << 16 | sent.port,
        SOURCE_PORT: sent.source_port,
        TIME: sent.minute,
        IN_ZONE: symbol(UNTRUST).low,
        OUT_ZONE: symbol(TRUST).low,
    }


MOST = settings.default.max_examples


@settings(
    max_examples=min(MOST, 40) if MOST <= 100 else MOST,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(translating(), PACKETS)
def test_every_packet_arrives_as_the_device_would_send_it(wall: FirewallFacts, packets: list[Sent]) -> None:
    """Servers come before the rules and sources after; first match each time."""
    outcomes = list(trace(rule_lists(PATH, SITE, Facts({WALL: wall})), EVERYTHING))
    for sent in packets:
        (one,) = [outcome for outcome in outcomes if outcome.origin.holds(place(sent))]
        to = one.translation
        arrived = (
            sent.source if to.source is None else str(address_at(to.source)),
            sent.destination if to.destination is None else str(address_at(to.destination)),
            sent.port + to.shift,
        )
        assert (arrived if one.passes else None) == naive(wall, sent)


PUBLISHING = replace(PATH, hops=(Hop(WALL, UNTRUST, TRUST, translates=True),))
HERE = replace(SITE, paths=(*SITE.paths, PUBLISHING))
ANCHORS = st.sampled_from(
    (Anchor("first"), Anchor("last"), Anchor("before", "nat0"), Anchor("after", "server0"))
)
STATES: st.SearchStrategy[State] = st.sampled_from(("ensure", "absent"))


@st.composite
def edits(draw: st.DrawFn) -> Intent:
    """Draw one change of a translation: a new one, another target, other ports, or none."""
    name = draw(st.sampled_from(("0", "1", "9")))
    if draw(st.booleans()):
        return DestinationNat(WALL, draw(servers(f"server{name}")), draw(ANCHORS), draw(STATES))
    return SourceNat(WALL, draw(translated(f"nat{name}")), draw(ANCHORS), draw(STATES))


@settings(
    max_examples=min(MOST, 40) if MOST <= 100 else MOST,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(translating(), st.lists(edits(), min_size=1, max_size=3), PACKETS, st.booleans())
def test_what_changed_translations_open_and_close(
    wall: FirewallFacts, wanted: list[Intent], packets: list[Sent], publishes: bool
) -> None:
    """A packet is opened or closed, or translated otherwise, exactly where the device would do so."""
    path = PUBLISHING if publishes else PATH
    old, new = Facts({WALL: wall}), after(wanted, Facts({WALL: wall}))
    both = follow(rule_lists(path, HERE, old), rule_lists(path, HERE, new), NOTHING)
    for sent in packets:
        was, becomes = (naive(f.firewall(WALL), sent, only_public=publishes) for f in (old, new))
        arrives, arrived = becomes and becomes[1:], was and was[1:]
        at = place(sent)
        assert both.opened.holds(at) == (arrives is not None and arrives != arrived)
        assert both.closed.holds(at) == (arrived is not None and arrives != arrived)
        if was != becomes:
            assert any(one.origin.holds(at) for one in both.after)
