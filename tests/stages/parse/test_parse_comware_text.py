"""A switch's printed configuration -> VLANs, VPN instances, interfaces and routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import SourceError
from nornir_itsm.model.switch import (
    SwitchFacts,
    SwitchInstance,
    SwitchInterface,
    SwitchRoute,
    SwitchVlan,
)
from nornir_itsm.stages.parse.comware_text import switch_facts

SAMPLE = """\
#
 version 7.1.070, Release 6710
#
 sysname SW
#
vlan 1
#
vlan 10 to 12
#
vlan 2617
 description 并网
#
ip vpn-instance VPC-2617
 route-distinguisher 65000:2617
 vpn-target 65000:2617 import-extcommunity
#
ip vpn-instance VPC-trust
#
interface Vlan-interface2617
 description x
 ip binding vpn-instance VPC-2617
 ip address 10.70.63.139 255.255.255.248
#
interface Vlan-interface1
 ip address dhcp-alloc
#
interface GigabitEthernet1/0/1
 port access vlan 10
#
 ip route-static 0.0.0.0 0 10.99.10.1
 ip route-static vpn-instance VPC-trust 10.60.128.192 26 vpn-instance VPC-2617 10.70.63.140 preference 70
 ip route-static vpn-instance VPC-trust 10.60.128.192 255.255.255.192 vpn-instance VPC-2617 10.70.63.141
 ip route-static 10.9.0.0 16 NULL0
#
return
"""


def test_a_configuration_is_read() -> None:
    """Ranges of VLANs, both ways to write a mask, attributes left aside; what is not understood is named."""
    found = switch_facts(SAMPLE)
    assert found.known
    assert set(found.vlans) == {"1", "10", "11", "12", "2617"}
    assert found.instances["VPC-2617"].route_distinguisher == "65000:2617"
    assert found.interfaces["Vlan2617"] == SwitchInterface(2617, "VPC-2617", "10.70.63.139/29")
    assert found.interfaces["Vlan1"] == SwitchInterface(1)
    assert found.others == {"VPC-2617": ("vpn-target 65000:2617 import-extcommunity",)}
    hops = [SwitchRoute("VPC-trust", "10.60.128.192/26", "VPC-2617", f"10.70.63.{n}") for n in (140, 141)]
    own = SwitchRoute("", "0.0.0.0/0", "", "10.99.10.1")
    assert set(found.routes.values()) == {*hops, own}
    assert found.unread == ("Vlan-interface1: ip address dhcp-alloc", "ip route-static 10.9.0.0 16 NULL0")


def test_what_has_no_effect_takes_no_part_in_equality() -> None:
    """Descriptions and route distinguishers do not make a VLAN or an instance another one."""
    assert SwitchInstance("a", "65000:1") == SwitchInstance("a")
    assert SwitchVlan(1) == SwitchVlan(1)


@pytest.mark.parametrize("cut", [1, 3, 30])
def test_a_configuration_that_is_cut_off_is_refused(cut: int) -> None:
    """Without its last line nobody knows what else is there."""
    text = "\n".join(SAMPLE.splitlines()[:-cut])
    with pytest.raises(SourceError, match="cut off"):
        switch_facts(text)


def test_an_answer_that_is_no_configuration_is_refused() -> None:
    """Nothing at all, or an error of the device."""
    for text in ("", "\n\n", "% Unrecognized command found at '^' position.\n"):
        with pytest.raises(SourceError, match="cut off"):
            switch_facts(text)


@given(st.lists(st.sampled_from(SAMPLE.splitlines()) | st.text(max_size=40), max_size=30))
def test_any_text_is_facts_or_an_error_that_says_where(listed: list[str]) -> None:
    """Lines in any order, with anything between them, end in facts: never in a traceback."""
    assert isinstance(switch_facts("\n".join([*listed, "return"])), SwitchFacts)
