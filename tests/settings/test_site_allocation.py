"""site.yaml, allocation: numbers and names that VPCs are connected by; each fault with its line."""

from pathlib import Path

import pytest

from nornir_itsm.errors import ConfigError
from nornir_itsm.settings import load_site
from tests.settings.test_site import EXAMPLE, GOOD, site

SECTION = """\
public_services: [示例期货公司A]
allocation:
  base_vlan: 2600
  pools: [10.70.63.0/24, 10.70.62.0/24]
  length: 29
  interface: 3
  next_hops: [4, 5]
  instance: "VPC-{vlan}"
  shared_instance: VPC-trust
  firewall: 10.70.254.33
  tenants: 10.60.0.0/16
"""
TEXT = GOOD + SECTION
FIRST = len(GOOD.splitlines()) + 1

BROKEN = {
    "a stranger": ("s: [示例期货公司A]", "s: [示例期货公司Z]", 0, "no customer", "示例期货公司A"),
    "text for a number": ("base_vlan: 2600", "base_vlan: 甲", 2, "base_vlan", ""),
    "more networks than numbers": ("base_vlan: 2600", "base_vlan: 4090", 2, "from VLAN 4090 to 4153", "4094"),
    "host bits": ("[10.70.63.0/24, ", "[10.70.63.1/24, ", 3, "no prefix", "10.70.63.0/24"),
    "one pool twice": ("10.70.62.0/24]", "10.70.63.128/25]", 3, "overlaps 10.70.63.0/24", "one pool"),
    "a pool too small": ("10.70.62.0/24]", "10.70.62.0/30]", 3, "no networks of length 29", "30"),
    "no pool": ("[10.70.63.0/24, 10.70.62.0/24]", "[]", 3, "is empty", "prefixes"),
    "an address that is not there": ("interface: 3", "interface: 7", 5, "no usable address 7", "1 to 6"),
    "one address for two": ("[4, 5]", "[3, 5]", 6, "two purposes", "other addresses"),
    "no next hop": ("[4, 5]", "[]", 6, "next_hops is empty", "other addresses"),
    "one name for all": ('"VPC-{vlan}"', '"VPC"', 7, "no pattern", "VPC-{vlan}"),
    "another field": ('"VPC-{vlan}"', '"VPC-{name}"', 7, "no pattern", "VPC-{vlan}"),
    "a way into an object": ('"VPC-{vlan}"', '"{vlan.__class__}"', 7, "no pattern", "VPC-{vlan}"),
    "a name that is two words": ("VPC-trust", "VPC trust", 8, "no name", "letters"),
    "a firewall that is no address": ("10.70.254.33", "firewall", 9, "no address", "next hop"),
    "tenants that are no prefix": ("10.60.0.0/16", "10.60.0.1/16", 10, "no prefix", "10.60.0.0/16"),
    "an unknown key": ("  length: 29", "  lenght: 29", 4, "lenght", "length"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    """One mistake: file, line, key, and what to write instead."""
    old, new, line, problem, hint = BROKEN[name]
    assert old in TEXT
    with pytest.raises(ConfigError) as raised:
        load_site(site(tmp_path, TEXT.replace(old, new, 1)))
    said = f"{raised.value.where} {raised.value.problem} {raised.value.hint}"
    assert f":{FIRST + line}" in said or f"line {FIRST + line}" in said, said
    assert problem in said
    assert hint in said


def test_a_path_over_a_switch_needs_the_section(tmp_path: Path) -> None:
    """Without allocation nobody could connect a VPC."""
    text = GOOD.replace(
        "  LB01:\n", "  SW01: {platform: hp_comware, role: switch, snapshot: switch}\n  LB01:\n", 1
    ).replace("      - {point: LB01}\n", "      - {point: LB01}\n      - {point: SW01}\n", 1)
    with pytest.raises(ConfigError, match="there is no allocation"):
        load_site(site(tmp_path, text))
    assert load_site(site(tmp_path, text + SECTION)).allocation is not None


def test_the_example_says_what_the_site_has() -> None:
    """The example site's numbers arrive as written."""
    found = load_site(EXAMPLE)
    assert found.allocation is not None
    assert (found.allocation.base_vlan, found.allocation.next_hops) == (2600, (4, 5))
    assert found.public_services == ("示例平台-公共服务专区",)
    assert found.points["DC1-CORE-SW01"].by_hand
    assert found.points["DC1-CORE-FW01"].plain_addresses
