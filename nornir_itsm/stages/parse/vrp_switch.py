"""``display current-configuration`` of a Huawei switch (S, CE) -> VLANs, instances, interfaces, routes.

Layout (public sample configurations): that of other devices with VRP, see ``vrp_blocks``; VLANs in lines
``vlan batch 10 20 30 to 40`` with neighbours as ranges, once more where they say more; the route
distinguisher within ``ipv4-family``; interfaces and static routes with dotted masks.
"""

import re
from collections.abc import Iterator

from nornir_itsm.model.switch import SwitchFacts, SwitchInstance, SwitchInterface, SwitchVlan
from nornir_itsm.stages.parse.switch_lines import beside, by_name, interface, route
from nornir_itsm.stages.parse.vrp_blocks import lines_of

_VLANS = re.compile(r"vlan (?:batch )?(?P<listed>\d{1,4}(?: (?:to )?\d{1,4})*)")
_INSTANCE = re.compile(r"ip vpn-instance (\S+)")
_INTERFACE = re.compile(r"interface Vlanif ?(\d{1,4})")
_DISTINGUISHER = re.compile(r"route-distinguisher (\S+)")


def switch_facts(text: str) -> SwitchFacts:
    """Return the facts of a switch. Raises SourceError for a configuration that is cut off."""
    lines = lines_of(text)
    unread: list[str] = []
    routes = [route(line.text, unread) for line in lines if line.text.startswith("ip route-static ")]
    instances: list[SwitchInstance] = []
    interfaces: list[SwitchInterface] = []
    others: dict[str, tuple[str, ...]] = {}
    for line in lines:
        body = [text for below in line.below for text in below.flat()]
        if head := _INSTANCE.fullmatch(line.text):
            said = (_DISTINGUISHER.fullmatch(text) for text in body)
            instances.append(SwitchInstance(head[1], next((one[1] for one in said if one), "")))
            others[head[1]] = beside(body, ("route-distinguisher ", "ipv4-family"))
        elif head := _INTERFACE.fullmatch(line.text):
            interfaces.append(interface(line.text, int(head[1]), body, unread))
            others[interfaces[-1].name] = beside(body, ("ip binding ", "ip address "))
    return SwitchFacts(
        by_name(SwitchVlan(n) for line in lines for n in _vlans(line.text, unread)),
        by_name(instances),
        by_name(interfaces),
        by_name(one for one in routes if one),
        unread=tuple(unread),
        others={name: said for name, said in others.items() if said},
    )


def _vlans(line: str, unread: list[str]) -> Iterator[int]:
    said = _VLANS.fullmatch(line)
    if said is None:
        if re.match(r"vlan (?:batch|\d)", line):
            unread.append(line)
        return
    for low, high in re.findall(r"(\d+)(?: to (\d+))?", said["listed"]):
        yield from range(int(low), min(int(high or low), 4094) + 1)
