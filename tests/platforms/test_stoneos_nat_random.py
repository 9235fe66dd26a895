"""Random translations and changes, typed into the lab's StoneOS: predicted, and undone from anywhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.lab.stoneos.firewall import Firewall
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import (
    FirewallFacts,
    PublishedServer,
    SecurityPolicy,
    Selector,
    ServiceEntry,
    SourceTranslation,
)
from nornir_itsm.model.intent import Anchor, DestinationNat, Intent, ServiceSet, SourceNat
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import one_point
from nornir_itsm.stages.verify import back_to, differences
from tests.stages.small_facts import STATES

from .case_folders import PARSERS, POINT, site, templates
from .conftest import made

MOST = settings.default.max_examples
PLATFORM = "hillstone_stoneos"
NUMBERS = st.sampled_from(("2", "3", "7", "20"))
SERVICES = {"svc 80": ServiceEntry(6, 80, 80), "svc 90": ServiceEntry(17, 90, 99)}
ANY = Selector(("Any",))


def anchors(kind: str) -> st.SearchStrategy[Anchor]:
    # Rules that are there before every change, and stay: others may be gone by then.
    there = st.sampled_from({"dnatrule": ("dnatrule 8",), "snatrule": ("snatrule 9",)}[kind])
    return st.builds(Anchor, st.sampled_from(("before", "after")), there) | st.sampled_from(
        (Anchor("first"), Anchor("last"))
    )


@st.composite
def servers(draw: st.DrawFn) -> DestinationNat:
    number, book = draw(NUMBERS), draw(st.sampled_from(tuple(SERVICES)))
    entry = SERVICES[book]
    moved = 8000 if draw(st.booleans()) and entry.low == entry.high else 0
    rule = PublishedServer(
        f"dnatrule {number}",
        draw(st.sampled_from(("203.0.113.10", "203.0.113.11", "203.0.113.20"))),
        draw(st.sampled_from(("10.0.0.1", "10.0.0.2"))),
        entry,
        entry.low + moved,
        draw(st.sampled_from(("", "untrust"))),
        rest=draw(st.sampled_from(("", "log"))),
        enabled=draw(st.booleans()),
        book=book,
        id=number,
    )
    return DestinationNat(POINT, rule, draw(anchors("dnatrule")), draw(STATES))


@st.composite
def sources(draw: st.DrawFn) -> SourceNat:
    number, keeps = draw(NUMBERS), draw(st.booleans())
    side = st.sampled_from((ANY, Selector(("示例客户A",)), Selector(literals=("10.0.0.0/24",))))
    match = SecurityPolicy(
        f"snatrule {number}",
        "permit",
        draw(side),
        draw(side),
        ("Any",),
        draw(st.sampled_from(((), ("trust",)))),
        draw(st.sampled_from(((), ("untrust",)))),
        enabled=draw(st.booleans()),
        id=f"snatrule {number}",
    )
    to = () if keeps else ("203.0.113.30",)
    rule = SourceTranslation(match, to, keeps, id=number)
    return SourceNat(POINT, rule, draw(anchors("snatrule")), draw(STATES))


CHANGES: st.SearchStrategy[list[Intent]] = st.lists(servers() | sources(), min_size=1, max_size=4).map(list)


def typed(device: Firewall, lines: tuple[str, ...]) -> bool:
    """Type lines in configuration mode until one is refused; return whether all were taken."""
    shell, _, _ = device.greet()
    for line in ("configure", *lines):
        _, reply = device.receive(shell, line.strip())
        if not reply.accepted:
            return False
    return True


def read(device: Firewall) -> FirewallFacts:
    facts = PARSERS[PLATFORM](device.running_text())
    assert isinstance(facts, FirewallFacts)
    return facts


def taken_back(device: Firewall, back: tuple[Intent, ...]) -> None:
    facts = Facts({POINT: read(device)})
    (change,) = back_to(back, facts, {POINT: frozenset()}, site(PLATFORM), templates()) or (None,)
    assert change is None or typed(device, change.commands)


@settings(max_examples=12 if MOST <= 100 else MOST)
@given(st.lists(CHANGES, min_size=1, max_size=3), st.integers(1, 20))
def test_translations_are_predicted_and_taken_back(wanted: list[list[Intent]], stop: int) -> None:
    """What is typed leads to what was predicted, and back; stopped anywhere, too, by the same words."""
    device, _ = made(PLATFORM)
    assert isinstance(device, Firewall)
    books = [ServiceSet(POINT, name, (entry,)) for name, entry in SERVICES.items()]
    held = read(device)
    assert typed(device, one_point(POINT, books, Facts({POINT: held}), site(PLATFORM), templates()).commands)
    for intents in wanted:
        held, baseline = read(device), device.state()
        facts = Facts({POINT: held})
        change = one_point(POINT, intents, facts, site(PLATFORM), templates())
        device.faults.refuse(stop)
        typed(device, change.commands)
        device.faults.clear()
        taken_back(device, change.back)
        assert device.state() == baseline
        assert typed(device, change.commands)
        there = read(device)
        assert differences(after(intents, facts).points[POINT], there) == ()
        assert typed(device, change.undo)
        assert device.state() == baseline
        assert typed(device, change.commands)
