"""Random firewalls and random changes, typed into the lab's USG: predicted, and undone from anywhere."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.lab.vrp import printing
from nornir_itsm.lab.vrp.configuration import Condition, Configuration, Members
from nornir_itsm.lab.vrp.firewall import Firewall
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import (
    AddressBook,
    FirewallFacts,
    PublishedServer,
    ScheduleBook,
    SecurityPolicy,
    Selector,
    ServiceBook,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.model.intent import (
    AddressPool,
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    Schedule,
    SecurityRule,
    ServiceSet,
    SourceNat,
)
from nornir_itsm.model.order import Period
from nornir_itsm.stages.parse.vrp_text import firewall_facts
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import one_point
from nornir_itsm.stages.verify import back_to, differences
from tests.stages.small_facts import STATES
from tests.stages.test_printed_usg import configured

from .case_folders import POINT, site, templates

BOOKS, SERVICES, TIMES, RULES = (
    tuple(f"{kind} {n}" if n else kind for n in range(3)) for kind in ("book", "svc", "time", "rule")
)
OUTER = "outer"
LAST = "Default-Deny"
MOST = settings.default.max_examples


def some[T](values: st.SearchStrategy[T], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, min_size=least, max_size=most, unique=True).map(tuple)


MEMBERS = some(
    st.sampled_from(("10.0.0.1/32", "10.0.0.2/32", "10.0.1.0/24", "10.0.2.1-10.0.2.9", "2001:db8::/64")), 1
)
ENTRIES = some(
    st.sampled_from((ServiceEntry(6, 80, 80), ServiceEntry(17, 80, 90), ServiceEntry(47), ServiceEntry(1))), 1
)
PERIODS = st.sampled_from([(Period(("mon", "sun"), "08:00", end),) for end in ("18:00", "24:00")])
SIDES = st.builds(
    Selector, some(st.sampled_from((*BOOKS, OUTER)), 1, 2), some(st.just("10.9.0.0/24"))
) | st.just(Selector(("Any",)))
ANCHORS = st.builds(
    Anchor, st.sampled_from(("before", "after")), st.sampled_from((*RULES, LAST))
) | st.sampled_from((Anchor("first"), Anchor("last")))


@st.composite
def rules(draw: st.DrawFn, name: str) -> SecurityPolicy:
    return SecurityPolicy(
        name,
        draw(st.sampled_from(("permit", "deny"))),
        draw(SIDES),
        draw(SIDES),
        draw(some(st.sampled_from(SERVICES), 1, 2) | st.just(("Any",))),
        draw(st.sampled_from(((), ("trust",)))),
        schedules=draw(some(st.sampled_from(TIMES), most=1)),
        enabled=draw(st.booleans()),
        logs=draw(st.sampled_from(((), ("deny",), ("deny", "end")))),
        id=name,
    )


@st.composite
def devices(draw: st.DrawFn) -> Configuration:
    """Draw what a USG holds: objects, a set of sets, and rules that name some of them, there or not."""
    books = {n: AddressBook(n, draw(MEMBERS)) for n in draw(some(st.sampled_from(BOOKS)))}
    services = {n: ServiceBook(n, draw(ENTRIES)) for n in draw(some(st.sampled_from(SERVICES)))}
    times = {n: ScheduleBook(n, draw(PERIODS)) for n in draw(some(st.sampled_from(TIMES)))}
    drawn = [draw(rules(name)) for name in draw(some(st.sampled_from(RULES)))]
    there = {*books, OUTER, "Any"}
    kept = [
        rule
        for rule in drawn
        if {*rule.source.books, *rule.destination.books} <= there
        and {*rule.services} <= {*services, "Any"}
        and {*rule.schedules} <= {*times}
    ]
    wall = FirewallFacts(
        (*kept, SecurityPolicy(LAST, "deny", Selector(("Any",)), Selector(("Any",)), ("Any",))),
        books,
        services,
        {},
        times,
    )
    config = configured(wall, "mask length", inline=False)
    inner: list[Condition] = [("address-set", name) for name in books]
    config.addresses[OUTER] = Members(OUTER, "group", dict(enumerate([*inner, ("10.8.0.1", "mask", "32")])))
    return config


POOLS, SERVERS, NATS = (tuple(f"{kind} {n}" for n in range(2)) for kind in ("pool", "server", "nat"))
POOLED = some(st.sampled_from(("203.0.113.1", "203.0.113.8-203.0.113.9")), 1)


@st.composite
def servers(draw: st.DrawFn, name: str) -> PublishedServer:
    low = draw(st.sampled_from((80, 90)))
    service = draw(st.sampled_from((ServiceEntry(6, low, low), ServiceEntry(17, low, low + 9))))
    target, zone = draw(st.sampled_from(("10.0.0.1", "10.0.0.2"))), draw(st.sampled_from(("", "untrust")))
    public = draw(st.sampled_from(("203.0.113.1", "203.0.113.2")))
    return PublishedServer(name, public, target, service, low + draw(st.sampled_from((0, 8000))), zone)


@st.composite
def translations(draw: st.DrawFn, name: str, pools: dict[str, AddressBook]) -> SourceTranslation:
    rule = replace(draw(rules(name)), action="permit", schedules=(), logs=())
    pool = draw(st.sampled_from(("", *pools)))
    return SourceTranslation(
        rule, pools[pool].members if pool else (), draw(st.booleans()) and not pool, pool
    )


@st.composite
def nat_changes(draw: st.DrawFn) -> list[Intent]:
    """Draw a change of translations: a pool that is made or goes, a rule by it, servers."""
    members, state = draw(POOLED), draw(STATES)
    pool = AddressPool(POINT, draw(st.sampled_from(POOLS)), members, state)
    there = {pool.name: AddressBook(pool.name, members)} if state == "ensure" else {}
    nat = draw(st.sampled_from(NATS).flatmap(lambda name: translations(name, there)))
    anchors = st.builds(Anchor, st.sampled_from(("before", "after")), st.sampled_from(NATS))
    anchor = draw(anchors | st.sampled_from((Anchor("first"), Anchor("last"))))
    server = draw(st.sampled_from(SERVERS).flatmap(servers))
    return [
        pool,
        SourceNat(POINT, nat, anchor, draw(STATES)),
        DestinationNat(POINT, server, Anchor("last"), draw(STATES)),
    ]


INTENTS: st.SearchStrategy[Intent] = st.one_of(
    st.builds(AddressSet, st.just(POINT), st.sampled_from(BOOKS), MEMBERS, st.booleans(), STATES),
    st.builds(ServiceSet, st.just(POINT), st.sampled_from(SERVICES), ENTRIES, STATES),
    st.builds(Schedule, st.just(POINT), st.sampled_from(TIMES), PERIODS, STATES),
    st.builds(SecurityRule, st.just(POINT), st.sampled_from(RULES).flatmap(rules), ANCHORS, STATES),
)


def typed(device: Firewall, lines: tuple[str, ...]) -> bool:
    """Type lines in system view until one is refused; return whether all were taken."""
    shell, _, _ = device.greet()
    device.leave(shell)
    for line in ("system-view", *lines):
        _, reply = device.receive(shell, line.strip())
        if not reply.accepted:
            return False
        if shell.asking:
            device.receive(shell, "y")
    return True


def read(device: Firewall) -> FirewallFacts:
    return firewall_facts(device.running_text())


@settings(max_examples=60 if MOST <= 100 else MOST)
@given(devices(), st.lists(INTENTS, min_size=1, max_size=4), st.integers(1, 40))
def test_predicted_and_taken_back_from_anywhere(
    config: Configuration, wanted: list[Intent], stop: int
) -> None:
    """What is accepted leads to what was predicted and back; what is refused, or stopped, leads back."""
    device = Firewall.from_text("FW-1", printing.running(config))
    baseline, held = device.state(), read(device)
    facts = Facts({POINT: held})
    change = one_point(POINT, wanted, facts, site("huawei_vrp"), templates())
    if typed(device, change.commands):
        assert differences(after(wanted, facts).points[POINT], read(device)) == ()
        assert typed(device, change.undo)
        assert differences(held, read(device)) == ()
    else:
        taken_back(device, change.back)
    assert differences(held, read(device)) == ()
    device.faults.refuse(stop)
    typed(device, change.commands)
    device.faults.clear()
    taken_back(device, change.back)
    assert differences(held, read(device)) == ()
    assert [rule["name"] for rule in device.state()["rules"]] == [rule["name"] for rule in baseline["rules"]]  # type: ignore[attr-defined]


@settings(max_examples=30 if MOST <= 100 else MOST)
@given(devices(), st.lists(nat_changes(), min_size=2, max_size=3), st.integers(1, 20))
def test_translations_are_predicted_and_taken_back(
    config: Configuration, wanted: list[list[Intent]], stop: int
) -> None:
    """The same of servers, pools and source translations: on what earlier changes left, stopped anywhere."""
    device = Firewall.from_text("FW-1", printing.running(config))
    for intents in wanted:
        held = read(device)
        facts = Facts({POINT: held})
        change = one_point(POINT, intents, facts, site("huawei_vrp"), templates())
        device.faults.refuse(stop)
        typed(device, change.commands)
        device.faults.clear()
        taken_back(device, change.back)
        assert differences(held, read(device)) == ()
        if typed(device, change.commands):
            assert differences(after(intents, facts).points[POINT], read(device)) == ()
        else:
            taken_back(device, change.back)
            assert differences(held, read(device)) == ()


def taken_back(device: Firewall, back: tuple[Intent, ...]) -> None:
    facts = Facts({POINT: read(device)})
    (change,) = back_to(back, facts, {POINT: frozenset()}, site("huawei_vrp"), templates()) or (None,)
    assert change is None or typed(device, change.commands)
