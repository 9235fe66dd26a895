"""``display current-configuration`` of a Comware 7 switch -> VLANs, VPN instances, interfaces and routes.

Layout (public samples, H3C and HPE guides): sections apart by ``#``, sub-views and single lines
(``ip route-static``) indented by one blank, a last line ``return``; static routes with lengths,
interfaces with masks; ``vlan 2 to 9`` for neighbours that say nothing else.
"""

import re
from collections.abc import Iterator

from nornir_itsm.errors import SourceError
from nornir_itsm.model.switch import SwitchFacts, SwitchInstance, SwitchInterface, SwitchVlan
from nornir_itsm.stages.parse.switch_lines import beside, by_name, interface, route

_INTERFACE = re.compile(r"interface Vlan-interface ?(\d{1,4})")


def switch_facts(text: str) -> SwitchFacts:
    """Return the facts of a switch. Raises SourceError for a configuration that is cut off."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines or "return" not in (line.strip() for line in lines[-2:]):
        hint = "take display current-configuration again, with screen-length disable"
        raise SourceError("configuration", "has no last line 'return': it is cut off", hint)
    unread: list[str] = []
    vlans = [SwitchVlan(n) for line in lines for n in _vlans(line)]
    instances: list[SwitchInstance] = []
    interfaces: list[SwitchInterface] = []
    others: dict[str, tuple[str, ...]] = {}
    for head, body in _blocks(lines):
        if found := re.fullmatch(r"ip vpn-instance (\S+)", head):
            distinguisher = _said(body, r"route-distinguisher (\S+)")
            instances.append(SwitchInstance(found[1], distinguisher))
            others[found[1]] = beside(body, ("route-distinguisher ",))
        elif found := _INTERFACE.fullmatch(head):
            interfaces.append(interface(head, int(found[1]), body, unread))
            others[interfaces[-1].name] = beside(body, ("ip binding ", "ip address "))
    said = (line.strip() for line in lines)
    routes = [route(line, unread) for line in said if line.startswith("ip route-static ")]
    return SwitchFacts(
        by_name(vlans),
        by_name(instances),
        by_name(interfaces),
        by_name([one for one in routes if one]),
        unread=tuple(unread),
        others={name: said for name, said in others.items() if said},
    )


def _vlans(line: str) -> Iterator[int]:
    """Yield the VLANs of ``vlan 10``, ``vlan 2 to 9`` or ``vlan 2 4 to 9``."""
    if not re.fullmatch(r"vlan(?: \d{1,4}(?: to \d{1,4})?)+", line):
        return
    for low, high in re.findall(r"(\d+)(?: to (\d+))?", line):
        yield from range(int(low), min(int(high or low), 4094) + 1)


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each unindented line with the lines of its view."""
    head, body = "", list[str]()
    for line in [*lines, "#"]:
        if line.startswith(" "):
            body.append(line.strip())
        else:
            if head:
                yield head, body
            head, body = line, []


def _said(body: list[str], pattern: str) -> str:
    return next((found[1] for line in body if (found := re.fullmatch(pattern, line))), "")
