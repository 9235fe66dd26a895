"""Random changes of random access lists, typed into the lab's router: predicted, and undone from anywhere."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.lab.ios.router import Router
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import SecurityPolicy, Selector
from nornir_itsm.model.intent import AddressSet, Anchor, Intent, SecurityRule
from nornir_itsm.platforms.cisco_places import located
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import one_point
from nornir_itsm.stages.verify import back_to, differences
from tests.stages.small_facts import STATES

from .case_folders import POINT, readers, site, templates

MOST = settings.default.max_examples
NAMES = ("a", "b", "c")
SITE = site("cisco_ios")
READ = readers("cisco_ios")[POINT]
HEAD = """hostname R1
object-group network NETS
 host 10.0.0.9
interface Gi0
 ip access-group EDGE-IN in
interface Gi1
 ip access-group EDGE-OUT in
ip access-list extended EDGE-OUT
 10 permit tcp any any established
ip access-list extended EDGE-IN
"""


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


SIDES = st.builds(
    Selector, st.just(()), some(("10.0.0.1/32", "10.0.1.0/24", "192.0.2.0/25"))
) | st.sampled_from((Selector(("Any",)), Selector(("NETS",))))
RULES = st.builds(
    SecurityPolicy,
    st.sampled_from(NAMES),
    st.sampled_from(("permit", "deny")),
    SIDES,
    SIDES,
    some(("tcp eq 80", "udp range 53 69", "icmp 8", "Any")),
    id=st.just("1"),
)
ANCHORS = st.builds(Anchor, st.sampled_from(("before", "after")), st.sampled_from(NAMES)) | st.sampled_from(
    (Anchor("first"), Anchor("last"))
)
INTENTS: st.SearchStrategy[Intent] = st.builds(
    SecurityRule, st.just(POINT), RULES, ANCHORS, STATES
) | st.builds(
    AddressSet,
    st.just(POINT),
    st.sampled_from(("NETS", "MORE")),
    some(("10.0.0.9/32", "10.0.2.0/24")),
    st.booleans(),
)


def typed(router: Router, lines: tuple[str, ...]) -> bool:
    """Type lines with their numbers until one is refused; return whether all were taken."""
    placed = located(lines, router.running_text())
    shell, _, _ = router.greet()
    router.leave(shell)
    return all(router.receive(shell, line)[1].accepted for line in ("configure terminal", *placed))


def read(router: Router) -> PointFacts:
    return READ(router.running_text())


def taken_back(router: Router, back: tuple[Intent, ...]) -> None:
    facts = Facts({POINT: read(router)})
    for change in back_to(back, facts, {POINT: frozenset()}, SITE, templates()):
        assert typed(router, change.commands)


@settings(max_examples=40 if MOST <= 100 else MOST)
@given(
    st.lists(RULES, max_size=3, unique_by=lambda rule: rule.name),
    st.lists(INTENTS, min_size=1, max_size=3),
    st.integers(1, 25),
)
def test_predicted_and_taken_back_from_anywhere(
    held: list[SecurityPolicy], wanted: list[Intent], stop: int
) -> None:
    """What is accepted leads to what was predicted and back; what is refused, or stopped, leads back."""
    router = Router.from_text(HEAD)
    first = [SecurityRule(POINT, rule, Anchor("last")) for rule in held]
    facts = Facts({POINT: read(router)})
    assume(typed(router, one_point(POINT, first, facts, SITE, templates()).commands))
    before = read(router)
    facts = Facts({POINT: before})
    try:
        change = one_point(POINT, wanted, facts, SITE, templates())
        done = typed(router, change.commands)
    except ChangeError:
        assume(False)  # no room, or an anchor that is not there: nothing was sent
        return
    if done:
        assert differences(after(wanted, facts).points[POINT], read(router)) == ()
    taken_back(router, change.back)
    assert differences(before, read(router)) == ()
    router.faults.refuse(stop)
    typed(router, change.commands)
    router.faults.clear()
    taken_back(router, change.back)
    assert differences(before, read(router)) == ()
