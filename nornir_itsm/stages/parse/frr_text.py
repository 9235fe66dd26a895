"""``show running-config`` of FRRouting -> static routes and prefix lists.

Layout (FRR 8.4): single lines ``ip route P NEXTHOP``, blocks ``vrf NAME`` ... ``exit-vrf`` with routes of
that VRF, ``ip prefix-list NAME seq N permit P``, a last line ``end``. All else is about other things.
"""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from nornir_itsm.errors import SourceError
from nornir_itsm.model.switch import PrefixList, SwitchFacts, SwitchRoute

_ROUTE = re.compile(r"ip route (?P<prefix>\S+) (?P<hop>[0-9.]+)(?: vrf (?P<vrf>\S+))?")
_PREFIX = re.compile(r"ip prefix-list (?P<name>\S+) (?:seq \d+ )?(?P<rest>.*)")
_PERMIT = re.compile(r"permit (?P<prefix>[0-9.]+/\d{1,2})")


def router_facts(text: str) -> SwitchFacts:
    """Return the facts of a router. Raises SourceError for a configuration that is cut off."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines or lines[-1].strip() != "end":
        hint = "take show running-config again, with terminal length 0"
        raise SourceError("configuration", "has no last line 'end': it is cut off", hint)
    unread: list[str] = []
    routes = list(_routes(lines, unread))
    lists: dict[str, PrefixList] = {}
    for line in lines:
        if found := _PREFIX.fullmatch(line):
            name = found["name"]
            held = lists.setdefault(name, PrefixList(name))
            lists[name] = _with(held, found["rest"], line, unread)
    return SwitchFacts(
        routes={route.name: route for route in routes}, prefix_lists=lists, unread=tuple(unread)
    )


def _routes(lines: list[str], unread: list[str]) -> Iterator[SwitchRoute]:
    """Yield the routes by next hop; one with a distance, an interface or a tag is named as not read."""
    vrf = ""
    for line in lines:
        said = line.strip()
        if not line.startswith(" "):
            vrf = said.removeprefix("vrf ") if said.startswith("vrf ") else ""
        if not said.startswith("ip route "):
            continue
        found = _ROUTE.fullmatch(said)
        try:
            if found:
                hop = str(ip_address(found["hop"]))
                yield SwitchRoute(found["vrf"] or vrf, str(ip_network(found["prefix"])), "", hop)
                continue
        except ValueError:
            pass
        unread.append(said)


def _with(held: PrefixList, rest: str, line: str, unread: list[str]) -> PrefixList:
    found = _PERMIT.fullmatch(rest)
    try:
        if found:
            return PrefixList(held.name, (*held.members, str(ip_network(found["prefix"]))), held.complete)
    except ValueError:
        pass
    unread.append(line)
    return PrefixList(held.name, held.members, complete=False)
