"""Which parser reads what a device of each platform answers: the registry, one line for each."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.topology import Point
from nornir_itsm.stages.parse import (
    cloud_groups,
    comware_firewall,
    comware_text,
    frr_text,
    ios_text,
    nft_json,
    sangfor_json,
    stoneos_text,
    vrp_switch,
    vrp_text,
)


def parsers(stoneos_template: str) -> Mapping[str, Callable[[Any], PointFacts]]:
    """Return the parsers by what a point is read as: of configuration text, or of documents by name."""
    return {
        "hillstone_stoneos": lambda text: stoneos_text.firewall_facts(text, stoneos_template),
        "huawei_vrp": vrp_text.firewall_facts,
        "huawei_vrp.switch": vrp_switch.switch_facts,
        "huawei_vrpv8": vrp_switch.switch_facts,
        "sangfor_ad": sangfor_json.adc_facts,
        "linux_nftables": nft_json.firewall_facts,
        "frr": frr_text.router_facts,
        "hp_comware": comware_text.switch_facts,
        "hp_comware.firewall": comware_firewall.firewall_facts,
        "aliyun": cloud_groups.group_facts,
        "cisco_ios": ios_text.router_facts,
    }


def access_lists(points: Iterable[Point]) -> Mapping[str, Callable[[Any], PointFacts]]:
    """Return the parsers of the points that are one access list of their device, by point."""
    return {
        point.name: partial(ios_text.firewall_facts, acl=point.acl, answers=point.answers)
        for point in points
        if point.acl
    }
