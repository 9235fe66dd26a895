"""``display current-configuration`` of a Huawei switch (S, CE) -> VLANs, instances, interfaces, routes.

Layout (public sample configurations): that of other devices with VRP, see ``vrp_blocks``; VLANs in lines
``vlan batch 10 20 30 to 40`` with neighbours as ranges, once more where they say more; the route
distinguisher within ``ipv4-family``; interfaces and static routes with dotted masks.
"""

import re
from collections.abc import Iterator

from nornir_itsm.model.switch import SwitchFacts, SwitchInstance, SwitchVlan
from nornir_itsm.stages.parse.switch_lines import by_name, interface, route
from nornir_itsm.stages.parse.vrp_blocks import Line, lines_of

_VLANS = re.compile(r"vlan (?:batch )?(?P<listed>\d{1,4}(?: (?:to )?\d{1,4})*)")
_INSTANCE = re.compile(r"ip vpn-instance (\S+)")
_INTERFACE = re.compile(r"interface Vlanif ?(\d{1,4})")
_DISTINGUISHER = re.compile(r"route-distinguisher (\S+)")


def switch_facts(text: str) -> SwitchFacts:
    """Return the facts of a switch. Raises SourceError for a configuration that is cut off."""
    lines = lines_of(text)
    unread: list[str] = []
    found = (route(line.text, unread) for line in lines if line.text.startswith("ip route-static "))
    routes = [one for one in found if one]
    vlanifs = ((head[1], line) for line in lines if (head := _INTERFACE.fullmatch(line.text)))
    return SwitchFacts(
        by_name(SwitchVlan(n) for line in lines for n in _vlans(line.text, unread)),
        by_name(_instances(lines)),
        by_name(
            interface(line.text, int(n), [one.text for one in line.below], unread) for n, line in vlanifs
        ),
        by_name(routes),
        unread=tuple(unread),
    )


def _vlans(line: str, unread: list[str]) -> Iterator[int]:
    said = _VLANS.fullmatch(line)
    if said is None:
        if re.match(r"vlan (?:batch|\d)", line):
            unread.append(line)
        return
    for low, high in re.findall(r"(\d+)(?: to (\d+))?", said["listed"]):
        yield from range(int(low), min(int(high or low), 4094) + 1)


def _instances(lines: tuple[Line, ...]) -> Iterator[SwitchInstance]:
    for line in lines:
        if head := _INSTANCE.fullmatch(line.text):
            said = (_DISTINGUISHER.fullmatch(text) for text in line.flat())
            yield SwitchInstance(head[1], next((one[1] for one in said if one), ""))
