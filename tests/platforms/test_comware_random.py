"""Random changes of a switch and of a firewall, typed into the lab: predicted, undone from anywhere."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.lab.comware.device import Device
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    Intent,
    Interface,
    Schedule,
    SecurityRule,
    ServiceSet,
    StaticRoute,
    Vlan,
    VpnInstance,
)
from nornir_itsm.model.order import Period
from nornir_itsm.model.switch import SwitchInstance, SwitchInterface, SwitchRoute, SwitchVlan
from nornir_itsm.platforms.comware_numbers import numbered
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import one_point
from nornir_itsm.stages.verify import back_to, differences
from tests.stages.small_facts import STATES

from .case_folders import CASES, PARSERS, POINT, site, templates

SWITCH, WALL = "hp_comware", "hp_comware.firewall"
BOOKS = ("示例客户A", "old servers", "new book")
SERVICES, TIMES = ("TCP-8443", "未用", "new"), ("workday", "old-hours", "new")
RULES = ("示例访问", "old rule", "new rule", "newer")


def some[T](values: st.SearchStrategy[T], least: int = 0, most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, min_size=least, max_size=most, unique=True).map(tuple)


MEMBERS = some(st.sampled_from(("10.0.0.1/32", "10.60.140.1/32", "10.60.134.0/24", "10.0.2.1-10.0.2.9")), 1)
ENTRIES = some(st.sampled_from((ServiceEntry(6, 80, 80), ServiceEntry(17, 80, 90), ServiceEntry(47))), 1)
PERIODS = st.sampled_from([(Period(("mon", "sun"), "08:00", end),) for end in ("18:00", "24:00")])
SIDES = st.builds(Selector, some(st.sampled_from(BOOKS), 1, 2), some(st.just("10.9.0.0/24"))) | st.just(
    Selector(("Any",))
)
ANCHORS = st.builds(
    Anchor, st.sampled_from(("before", "after")), st.sampled_from((*RULES, "Default-Deny"))
) | st.sampled_from((Anchor("first"), Anchor("last")))
DRAWN = st.builds(
    SecurityPolicy,
    st.sampled_from(RULES),
    st.sampled_from(("permit", "deny")),
    SIDES,
    SIDES,
    some(st.sampled_from(SERVICES), 1, 2) | st.just(("Any",)),
    st.sampled_from(((), ("Trust",))),
    schedules=some(st.sampled_from(TIMES), most=1),
    enabled=st.booleans(),
    logs=st.sampled_from(((), ("deny",))),
    profiles=st.sampled_from(((), (("counting", "enable"),))),
)
ON_WALL: st.SearchStrategy[Intent] = st.one_of(
    st.builds(AddressSet, st.just(POINT), st.sampled_from(BOOKS), MEMBERS, st.booleans(), STATES),
    st.builds(ServiceSet, st.just(POINT), st.sampled_from(SERVICES), ENTRIES, STATES),
    st.builds(Schedule, st.just(POINT), st.sampled_from(TIMES), PERIODS, STATES),
    st.builds(SecurityRule, st.just(POINT), DRAWN, ANCHORS, STATES),
)
VLANS = st.sampled_from((10, 11, 2606, 2617))
VRFS = st.sampled_from(("VPC-trust", "VPC-2606", "VPC-2700", "VPC-2617"))
INSTANCES = st.builds(SwitchInstance, VRFS, st.sampled_from(("", "65000:7")))
ADDRESSES = st.sampled_from(("10.70.63.139/29", "10.99.10.2/24", "10.70.63.51/29"))
INTERFACES = st.builds(SwitchInterface, VLANS, VRFS | st.just(""), ADDRESSES)
ROUTES = st.builds(
    SwitchRoute,
    VRFS | st.just(""),
    st.sampled_from(("10.60.2.0/24", "0.0.0.0/0", "10.77.0.0/16")),
    VRFS | st.just(""),
    st.sampled_from(("10.70.63.52", "10.70.63.53", "10.99.10.1")),
)
ON_SWITCH: st.SearchStrategy[Intent] = st.one_of(
    st.builds(Vlan, st.just(POINT), st.builds(SwitchVlan, VLANS), STATES),
    st.builds(VpnInstance, st.just(POINT), INSTANCES, STATES),
    st.builds(Interface, st.just(POINT), INTERFACES, STATES),
    st.builds(StaticRoute, st.just(POINT), ROUTES, STATES),
)


def typed(device: Device, lines: Sequence[str]) -> bool:
    """Type lines in system view, with their numbers, until one is refused; return whether all were taken."""
    shell, _, _ = device.greet()
    device.leave(shell)
    try:
        placed = numbered([line.strip() for line in lines], device.running_text())
    except ChangeError:
        return False
    return all(device.receive(shell, line)[1].accepted for line in ("system-view", *placed))


def read(device: Device, what: str) -> PointFacts:
    return PARSERS[what](device.running_text())


@pytest.mark.parametrize(("what", "kinds"), [(WALL, ON_WALL), (SWITCH, ON_SWITCH)], ids=[WALL, SWITCH])
def test_predicted_and_taken_back_from_anywhere(what: str, kinds: st.SearchStrategy[Intent]) -> None:
    """What is accepted leads to what was predicted and back; what is refused, or stopped, leads back."""
    before = (CASES / what / "before.cfg").read_text("utf-8")

    @settings(max_examples=min(60, settings.default.max_examples))
    @given(st.lists(kinds, min_size=1, max_size=4), st.integers(1, 30))
    def holds(wanted: list[Intent], stop: int) -> None:
        device = Device.from_text(POINT, before)
        held = read(device, what)
        facts = Facts({POINT: held})
        change = one_point(POINT, wanted, facts, site(what), templates())
        if typed(device, change.commands):
            assert differences(after(wanted, facts).points[POINT], read(device, what)) == ()
            assert typed(device, change.undo)
        else:
            taken_back(device, change.back, what)
        assert differences(held, read(device, what)) == ()
        device.faults.refuse(stop)
        typed(device, change.commands)
        device.faults.clear()
        taken_back(device, change.back, what)
        assert differences(held, read(device, what)) == ()

    holds()


def taken_back(device: Device, back: tuple[Intent, ...], what: str) -> None:
    facts = Facts({POINT: read(device, what)})
    (change,) = back_to(back, facts, {POINT: frozenset()}, site(what), templates()) or (None,)
    assert change is None or typed(device, change.commands)
