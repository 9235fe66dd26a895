"""Random Huawei switches and random changes, typed into the lab: predicted, and undone from anywhere."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.lab.vrp.switch import Switch, TwoStageSwitch
from nornir_itsm.lab.vrp.switch_configuration import Instance, Route, SwitchConfiguration, Vlanif, running
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Interface, StaticRoute, SwitchIntent, Vlan, VpnInstance
from nornir_itsm.model.switch import SwitchFacts, SwitchInstance, SwitchInterface, SwitchRoute, SwitchVlan
from nornir_itsm.stages.parse.vrp_switch import switch_facts
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import one_point
from nornir_itsm.stages.verify import back_to, differences, taken_over
from tests.stages.small_facts import STATES

from .case_folders import POINT, site, templates

VLANS, NAMES = (10, 11, 13), ("VPC-1", "VPC-2")
ADDRESSES = {vlan: f"10.70.{vlan}.1/29" for vlan in VLANS}
PREFIXES, HOPS = ("10.60.0.0/24", "10.60.1.0/24"), ("10.70.10.2", "10.70.10.3")
TABLES = st.sampled_from(("", *NAMES))
MOST = settings.default.max_examples


@st.composite
def devices(draw: st.DrawFn) -> SwitchConfiguration:
    """Draw what a switch holds: what refers to something else refers to what is there."""
    config = SwitchConfiguration(dict.fromkeys(draw(st.sets(st.sampled_from(VLANS))), ""))
    for at, name in enumerate(draw(st.sets(st.sampled_from(NAMES)))):
        config.instances[name] = Instance(name, ipv4=True, distinguisher=f"65000:{at}")
    there = st.sampled_from(("", *config.instances))
    for vlan in config.vlans:
        if draw(st.booleans()):
            config.interfaces[vlan] = Vlanif(vlan, draw(there), draw(st.sampled_from(("", ADDRESSES[vlan]))))
    routes = st.builds(Route, there, st.sampled_from(PREFIXES), there, st.sampled_from(HOPS))
    config.routes = dict.fromkeys(draw(st.lists(routes, max_size=3, unique=True)), "")
    return config


VLAN_IDS = st.sampled_from(VLANS)
INTENTS: st.SearchStrategy[SwitchIntent] = st.one_of(
    st.builds(Vlan, st.just(POINT), st.builds(SwitchVlan, VLAN_IDS), STATES),
    st.builds(VpnInstance, st.just(POINT), st.builds(SwitchInstance, st.sampled_from(NAMES)), STATES),
    st.builds(
        Interface,
        st.just(POINT),
        VLAN_IDS.flatmap(lambda n: st.builds(SwitchInterface, st.just(n), TABLES, st.just(ADDRESSES[n]))),
        STATES,
    ),
    st.builds(
        StaticRoute,
        st.just(POINT),
        st.builds(SwitchRoute, TABLES, st.sampled_from(PREFIXES), TABLES, st.sampled_from(HOPS)),
        STATES,
    ),
)


def typed(device: Switch, lines: tuple[str, ...]) -> bool:
    """Type lines, and commit them where that is how; return whether all of it was taken. What was refused is
    dropped with its session."""
    shell, _, _ = device.greet()
    device.leave(shell)
    end = ("commit",) if isinstance(device, TwoStageSwitch) else ()
    return all(device.receive(shell, line.strip())[1].accepted for line in ("system-view", *lines, *end))


def read(device: Switch) -> SwitchFacts:
    return switch_facts(device.running_text())


@pytest.mark.parametrize(
    ("kind", "platform"), [(Switch, "huawei_vrp.switch"), (TwoStageSwitch, "huawei_vrpv8")]
)
@settings(max_examples=40 if MOST <= 100 else MOST)
@given(config=devices(), wanted=st.lists(INTENTS, min_size=1, max_size=4), stop=st.integers(1, 20))
def test_predicted_and_taken_back_from_anywhere(
    kind: type[Switch], platform: str, config: SwitchConfiguration, wanted: list[SwitchIntent], stop: int
) -> None:
    """What is accepted leads to what was predicted and back; what is refused, or stopped, leads back."""
    device = kind.from_text("SW-1", running(config, "SW-1", "V200R019"))
    baseline, held = device.state(), read(device)
    facts = Facts({POINT: held})
    try:
        change = one_point(POINT, wanted, facts, site(platform), templates())
    except ChangeError:
        return  # an instance that something hangs on would go: nothing is planned then
    assume(change.commands)
    if typed(device, change.commands):
        assert differences(after(wanted, facts).points[POINT], read(device)) == ()
        assert list(taken_over([change], Facts({POINT: read(device)}))) == []
        assert typed(device, change.undo)
    elif kind is TwoStageSwitch:
        assert device.state() == baseline
    back_home(device, platform, held, change.back)
    device.faults.refuse(stop)
    typed(device, change.commands)
    device.faults.clear()
    back_home(device, platform, held, change.back)


def back_home(device: Switch, platform: str, held: SwitchFacts, back: tuple[object, ...]) -> None:
    there = Facts({POINT: read(device)})
    made = back_to(back, there, {}, site(platform), templates())  # type: ignore[arg-type]
    assert all(typed(device, one.commands) for one in made if one.commands)
    assert differences(held, read(device)) == ()


def test_an_instance_that_others_use_by_now_is_not_removed() -> None:
    """Somebody bound an interface to what an order made: taking that back names him, and removes nothing."""
    device = Switch.from_text("SW-1", running(SwitchConfiguration({10: ""}), "SW-1", "V200R019"))
    intents = [VpnInstance(POINT, SwitchInstance("VPC-1"))]
    there = Facts({POINT: read(device)})
    change = one_point(POINT, intents, there, site("huawei_vrp.switch"), templates())
    assert typed(device, change.commands)
    theirs = ("interface Vlanif10", "ip binding vpn-instance VPC-1", "ip address 10.0.0.1 24")
    assert typed(device, theirs)
    facts = Facts({POINT: read(device)})
    assert list(taken_over([change], facts)) == ["FW-1 的 VPN 实例 VPC-1 上还有 Vlan10"]
    with pytest.raises(ChangeError, match="Vlan10 would go with it"):
        back_to(change.back, facts, {}, site("huawei_vrp.switch"), templates())
