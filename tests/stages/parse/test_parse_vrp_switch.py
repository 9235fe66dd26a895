"""A Huawei switch's printed configuration -> VLANs, VPN instances, interfaces and routes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import SourceError
from nornir_itsm.model.switch import SwitchInterface, SwitchRoute
from nornir_itsm.stages.parse.vrp_switch import switch_facts

SAMPLE = """\
!Software Version V200R005C10SPC800
!Last configuration was updated at 2026-11-20 10:00:00
#
sysname SW
#
vlan reserved for main-interface 4064 to 4093
#
vlan batch 10 to 12 20
vlan batch 2617
#
vlan 2617
 name 示例
#
ip vpn-instance VPC-2617
 description 示例客户A
 ipv4-family
  route-distinguisher 65000:2617
  vpn-target 65000:2617 export-extcommunity
#
ip vpn-instance VPC-trust
 ipv4-family
#
interface Vlanif10
 ip address dhcp-alloc
#
interface Vlanif2617
 description x
 ip binding vpn-instance VPC-2617
 ip address 10.70.63.139 255.255.255.248
 ip address 10.70.99.1 255.255.255.0 sub
#
interface GE1/0/1
 port default vlan 10
 ip address 10.98.0.1 255.255.255.0
#
ip route-static 0.0.0.0 0.0.0.0 10.99.10.1
ip route-static vpn-instance VPC-trust 10.60.128.192 255.255.255.192 vpn-instance VPC-2617 10.70.63.140 tag 7
ip route-static vpn-instance VPC-trust 10.60.128.192 26 vpn-instance VPC-2617 10.70.63.141
ip route-static vpn-instance VPC-trust 10.8.0.0 255.255.0.0 10.99.10.2 public
ip route-static 10.9.0.0 255.255.0.0 NULL0
ip route-static 10.10.0.0 255.255.0.0 Vlanif10 10.99.10.3
#
return
"""


def test_a_configuration_is_read() -> None:
    """Ranges of VLANs, both ways to write a mask, attributes left aside; what is not understood is named."""
    found = switch_facts(SAMPLE)
    assert found.known
    assert set(found.vlans) == {"10", "11", "12", "20", "2617"}
    assert found.instances["VPC-2617"].route_distinguisher == "65000:2617"
    assert set(found.instances) == {"VPC-2617", "VPC-trust"}
    assert found.interfaces == {
        "Vlan10": SwitchInterface(10),
        "Vlan2617": SwitchInterface(2617, "VPC-2617", "10.70.63.139/29"),
    }
    hops = [SwitchRoute("VPC-trust", "10.60.128.192/26", "VPC-2617", f"10.70.63.{n}") for n in (140, 141)]
    assert set(found.routes.values()) == {*hops, SwitchRoute("", "0.0.0.0/0", "", "10.99.10.1")}
    assert [line.partition(": ")[2] or line.split()[-1] for line in found.unread] == [
        *("public", "NULL0", "10.99.10.3"),
        *("ip address dhcp-alloc", "ip address 10.70.99.1 255.255.255.0 sub"),
    ]


@given(st.integers(0, len(SAMPLE) - len("return\n") - 1))
def test_a_configuration_that_was_cut_off_is_refused(end: int) -> None:
    """Without its last line nobody knows what is missing."""
    with pytest.raises(SourceError, match="cut off"):
        switch_facts(SAMPLE[:end])


@given(st.lists(st.sampled_from(SAMPLE.splitlines()) | st.text(max_size=20)))
def test_whatever_is_printed_is_read_or_refused(lines: list[str]) -> None:
    """Lines in any order, and ones that no switch prints."""
    text = "\n".join([*lines, "return"])
    with contextlib.suppress(SourceError):
        assert switch_facts(text).known
