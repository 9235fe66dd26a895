"""The proof of an order and the answer to a question, held against every packet of a small site, one by one.

What becomes of a packet is told by ``naive_devices``, which knows nothing of the code under test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nornir_itsm.model.adc import AdcFacts, RouteRule
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import FirewallFacts, SecurityPolicy, Selector
from nornir_itsm.model.order import Demand, Order, Period, Schedule
from nornir_itsm.model.plan import Proof
from nornir_itsm.space.dimensions import DESTINATION, SERVICE, SOURCE, TIME, addresses
from nornir_itsm.stages.asked import asked
from nornir_itsm.stages.prove import prove
from nornir_itsm.stages.resolve import resolve
from nornir_itsm.stages.why import why
from tests.stages.naive_devices import Sent, hidden, matches, published, routed
from tests.stages.small_site import (
    ADC,
    ADDRESSES,
    BOOKED,
    BOOKS,
    CLOUD,
    DMZ,
    EIPS,
    LINES,
    MINUTES,
    OUTSIDE,
    SERVICES,
    SITE,
    TENANT,
    TRUST,
    UNTRUST,
    WALL,
    edits,
    inward,
    links,
    outward,
    states,
)

thorough = settings(
    max_examples=min(25, MOST) if (MOST := settings.default.max_examples) <= 100 else MOST,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Each example tries thousands of packets: few of them, unless ``nox -s proofs`` wants many."""
Place = tuple[str, int]
"""Where a packet arrives: address and port."""
Choice = Mapping[str, bool]
"""Of rules whose state nobody understands: whether they are enabled."""
OUT, IN = list(outward()), list(inward())
PRIVATE = {eip: private for private, eip in EIPS.items()}


CELLS = list(product(ADDRESSES, ADDRESSES, SERVICES, MINUTES))
PLACES = {cell: n for n, cell in enumerate(CELLS)}
"""Every packet between two zones, by its bit in a mask."""


@dataclass
class World:
    """One state of the site, packet by packet."""

    facts: Facts
    _masks: dict[object, int] = field(default_factory=dict)
    _nat: dict[object, object] = field(default_factory=dict)

    @cached_property
    def rules(self) -> list[tuple[SecurityPolicy, int]]:
        """Return rules with the mask of what they match; a rule matches where all of its sides do."""
        wall, found = self.facts.firewall(WALL), []
        some = Sent("192.0.2.1", "192.0.2.1", 6, 80)
        for rule in wall.rules:
            bare = SecurityPolicy(rule.name, rule.action)
            source, target = replace(bare, source=rule.source), replace(bare, destination=rule.destination)
            service, time = replace(bare, services=rule.services), replace(bare, schedules=rule.schedules)
            sides = (
                {a for a in ADDRESSES if matches(source, wall, replace(some, source=a))},
                {a for a in ADDRESSES if matches(target, wall, replace(some, destination=a))},
                {s for s in SERVICES if matches(service, wall, replace(some, protocol=s[0], port=s[1]))},
                {m for m in MINUTES if matches(time, wall, replace(some, minute=m))},
            )
            found.append((rule, sum(1 << PLACES[cell] for cell in product(*sides))))
        return found

    def permitted(self, zones: tuple[str, str], choice: Choice) -> int:
        """Return the mask of what the firewall lets through: the first rule that takes a packet decides."""
        key = zones, tuple(choice.values())
        if key not in self._masks:
            left, passed = (1 << len(CELLS)) - 1, 0
            for rule, mask in self.rules:
                if (choice[rule.name] if rule.enabled is None else rule.enabled) and _between(rule, zones):
                    passed |= left & mask if rule.action == "permit" else 0
                    left &= ~mask
            self._masks[key] = passed
        return self._masks[key]

    def permits(self, sent: Sent, choice: Choice) -> bool:
        """Tell whether the firewall lets a packet through."""
        cell = sent.source, sent.destination, (sent.protocol, sent.port), sent.minute
        return bool(self.permitted(sent.zones, choice) >> PLACES[cell] & 1)

    def leaves(self, sent: Sent, link: str, choice: Choice) -> str | None:
        """Return the source with which a packet leaves over a link, None where it does not."""
        eip = EIPS.get(sent.source, sent.source if sent.source.startswith("10.70.") else "")
        if not eip or not self.permits(replace(sent, source=eip), choice):
            return None
        key = "out", eip, sent.destination, sent.protocol, sent.port, link
        if key not in self._nat:
            adc, seen = self.facts.adc(ADC), replace(sent, source=eip, link=link)
            self._nat[key] = (hidden(adc, seen) or ("", eip))[1] if routed(adc, seen) else None
        return self._nat[key]  # type: ignore[return-value]

    def arrives(self, sent: Sent, link: str, choice: Choice) -> Place | None:
        """Return where a packet from outside arrives, None where it does not."""
        key = "in", sent.source, sent.destination, sent.protocol, sent.port, link
        if key not in self._nat:
            self._nat[key] = published(self.facts.adc(ADC), replace(sent, link=link))
        if self._nat[key] is None:
            return None
        _, target, port = self._nat[key]  # type: ignore[misc]
        seen = replace(sent, destination=target, port=port)
        return (PRIVATE.get(target, target), port) if self.permits(seen, choice) else None

    def places(self, sent: Sent, choice: Choice) -> set[Place]:
        """Return every place that a packet reaches over some link."""
        if sent.zones == (TRUST, UNTRUST):
            left = any(self.leaves(sent, link, choice) for link in LINES)
            return {(sent.destination, sent.port)} if left else set()
        return {place for link in links(sent) if (place := self.arrives(sent, link, choice))}


def _between(rule: SecurityPolicy, zones: tuple[str, str]) -> bool:
    sides = (rule.source_zones, rule.destination_zones)
    return all(not named or zone in named for named, zone in zip(sides, zones, strict=True))


def choices(*worlds: World) -> list[Choice]:
    """Return every way in which the unknown states may be."""
    names = sorted({rule.name for world in worlds for rule, _ in world.rules if rule.enabled is None})
    assume(len(names) <= 2)
    return [dict(zip(names, taken, strict=True)) for taken in product((True, False), repeat=len(names))]


ALWAYS, HOURS = Schedule(), Schedule("工作时间", (Period(("mon",), "08:00", "18:00"),))


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    """Draw a demand in either direction."""
    action = draw(st.sampled_from(("add", "add", "delete")))
    public = draw(st.sampled_from([("203.0.113.1",), ("198.51.100.1",), tuple(LINES.values())]))
    protocol = draw(st.sampled_from(("tcp", "udp", "tcp+udp")))
    schedule = draw(st.sampled_from((ALWAYS, ALWAYS, HOURS)))
    others = draw(st.sampled_from([("any",), OUTSIDE[:1], OUTSIDE[1:3], ("192.0.2.0/24",)]))
    if draw(st.booleans()):
        ours = draw(st.sampled_from([("10.60.0.1",), ("10.60.0.2",), tuple(EIPS)]))
        protocol = draw(st.sampled_from((protocol, "any", "icmp")))
        port = "any" if protocol in ("any", "icmp") else draw(st.sampled_from(("80", "80-81", "any")))
        pairs = (("any", port),)
        return Demand("D1", ("R1",), action, "云", "外", ours, others, public, protocol, pairs, schedule)
    ours = (draw(st.sampled_from(tuple(EIPS))),)
    pairs = draw(st.sampled_from([(("80", "80"),), (("80-81", "80-81"),), (("80", "81"),)]))
    return Demand("D1", ("R1",), action, "外", "云", others, ours, public, protocol, pairs, schedule)


def asks_for(one: Demand, sent: Sent) -> bool:
    """Tell whether a demand names a packet."""
    out = one.source_zone == "云"
    numbers = {"tcp": (6,), "udp": (17,), "tcp+udp": (6, 17), "icmp": (1,), "any": range(256)}
    port = one.port_pairs[0][1 if out else 0]
    low, _, high = port.partition("-")
    ends = (one.sources, one.destinations) if out else (one.sources, one.public)
    return (
        sent.zones == ((TRUST, UNTRUST) if out else (UNTRUST, TRUST))
        and all(_among(a, texts) for a, texts in zip((sent.source, sent.destination), ends, strict=True))
        and sent.protocol in numbers[one.protocol or ""]
        and (port == "any" or int(low) <= sent.port <= int(high or low))
        and (one.schedule is ALWAYS or sent.minute == MINUTES[0])
    )


def _among(address: str, texts: Sequence[str]) -> bool:
    return "any" in texts or address in texts or ("192.0.2.0/24" in texts and address in OUTSIDE)


def as_asked(one: Demand, world: World, sent: Sent, every: Sequence[Choice]) -> bool:
    """Tell whether a requested packet certainly passes, translated as the demand wants it, on each line."""
    if one.source_zone == "云":
        wanted = {link: public for link, public in LINES.items() if public in one.public}
        return all(world.leaves(sent, link, c) == to for link, to in wanted.items() for c in every)
    outer, inner = (int(port.partition("-")[0]) for port in one.port_pairs[0])
    goal = one.destinations[0], sent.port + inner - outer
    return all(world.arrives(sent, link, choice) == goal for link in links(sent) for choice in every)


ELSEWHERE = set(product((TRUST, UNTRUST, DMZ), repeat=2)) - {(TRUST, UNTRUST), (UNTRUST, TRUST)}
"""Zones between which no path of the site leads, but the firewall may."""


@dataclass
class Effect:
    """What a change does to the packets of the site, one by one."""

    opened: bool = False
    closed: bool = False
    excess: bool = False
    wrongly_closed: bool = False

    def see(self, more: bool, less: bool, wanted: bool, action: str) -> None:
        self.opened |= more and wanted
        self.closed |= less and wanted
        self.excess |= more and not (wanted and action == "add")
        self.wrongly_closed |= less and not (wanted and action == "delete")


def effect(one: Demand, before: World, after: World, every: Sequence[Choice]) -> Effect:
    """Try every packet of both directions, and of the firewall alone between all other zones."""
    found = Effect()
    for choice in every:
        for sent in (*OUT, *IN):
            was, becomes = before.places(sent, choice), after.places(sent, choice)
            found.see(bool(becomes - was), bool(was - becomes), asks_for(one, sent), one.action)
        for zones in ELSEWHERE:
            was_open, is_open = (world.permitted(zones, choice) for world in (before, after))
            found.see(bool(is_open & ~was_open), bool(was_open & ~is_open), False, one.action)
    return found


def told(flows: Sequence[str]) -> bool:
    """Tell whether a proof names addresses: that a domain name may be among them is beyond a brute force."""
    return any("→ 任意域名 " not in text for text in flows)


@thorough
@given(st.data(), states(), demands())
def test_a_proof_says_what_every_packet_says(data: st.DataObject, facts: Facts, one: Demand) -> None:
    """Opened, closed, excess, wrongly closed, already, missing: each exactly where some packet shows it."""
    later = data.draw(edits(facts))
    before, after = World(facts), World(later)
    every = choices(before, after)
    order = Order("", TENANT, "s", demands=(one,))
    resolved = resolve(one, order, SITE, facts, {})
    assert not resolved.questions
    (proof,) = prove([resolved], SITE, facts, later)
    _hold(one, proof, before, after, every)


def test_a_delete_is_not_exact_while_one_rule_or_another_lets_the_flow_pass() -> None:
    """A rule that may be off and a sure one below it: neither is certain to decide, the flow is to pass."""
    maybe = SecurityPolicy("maybe", "permit", Selector(("Any",)), Selector(("Any",)), ("Any",), enabled=None)
    wall = FirewallFacts((maybe, replace(maybe, name="sure", enabled=True)), BOOKS, BOOKED)
    adc = AdcFacts(routes=(RouteRule("rest", ("CT", "CM")),))
    facts = Facts({WALL: wall, ADC: adc}, CLOUD)
    one = Demand(
        "D1",
        ("R1",),
        "delete",
        "云",
        "外",
        ("10.60.0.1",),
        ("any",),
        ("203.0.113.1",),
        "tcp",
        (("any", "80"),),
        ALWAYS,
    )
    resolved = resolve(one, Order("", TENANT, "s", demands=(one,)), SITE, facts, {})
    (proof,) = prove([resolved], SITE, facts, facts)
    assert not proof.exact
    assert any("maybe" in text for text in proof.shortfall)
    assert any("sure" in text for text in proof.shortfall)


def _hold(one: Demand, proof: Proof, before: World, after: World, every: Sequence[Choice]) -> None:
    seen = effect(one, before, after, every)
    requested = [sent for sent in (*OUT, *IN) if asks_for(one, sent)]
    assert told(proof.excess) == seen.excess
    assert told(proof.wrongly_closed) == seen.wrongly_closed
    if one.action == "add":
        good = [as_asked(one, after, sent, every) for sent in requested]
        assert told(proof.opened) == seen.opened
        assert bool(proof.shortfall) == (not all(good))
        assert bool(proof.already) == any(as_asked(one, before, sent, every) for sent in requested)
    else:
        assert told(proof.closed) == seen.closed
        certain = [sent for sent in requested if all(after.places(sent, choice) for choice in every)]
        assert bool(proof.shortfall) or not certain
    if proof.exact:
        assert not seen.excess
        assert not seen.wrongly_closed


def number(sent: Sent) -> dict[str, int]:
    """Return a packet as the algebra has it."""
    ends = {SOURCE: sent.source, DESTINATION: sent.destination}
    return {
        **{side: addresses(text).low for side, text in ends.items()},
        SERVICE: sent.protocol << 16 | sent.port,
        TIME: sent.minute,
    }


@thorough
@given(states(), st.booleans())
def test_an_answer_says_what_every_packet_says(facts: Facts, out: bool) -> None:
    """Passes for certain: translated, over every link that its route takes; else blocked, or undecidable."""
    world = World(facts)
    every = choices(world)
    path = SITE.paths[0 if out else 1]
    judged = why(asked("any", "any", "any"), path, SITE, facts, {}).judged
    for sent in OUT if out else IN:
        if not out and sent.destination in PRIVATE:
            continue  # an EIP means its host, which no packet from outside names
        ends = {end for choice in every for end in _ends(world, sent, choice)}
        packet = number(sent)
        assert judged.passes.holds(packet) == (ends == {True})
        assert judged.blocked.holds(packet) == (ends == {False})
        assert judged.undecidable.holds(packet) == (ends == {True, False})


def _ends(world: World, sent: Sent, choice: Choice) -> set[bool]:
    """Tell what may become of a packet, over each link that it may take."""
    if sent.zones == (UNTRUST, TRUST):
        return {world.arrives(sent, link, choice) is not None for link in links(sent)}
    adc, eip = world.facts.adc(ADC), EIPS.get(sent.source, sent.source)
    taken = [link for link in LINES if routed(adc, replace(sent, source=eip, link=link))]
    left = {world.leaves(sent, link, choice) for link in taken}
    return {to is not None and to != eip for to in left} or {False}
