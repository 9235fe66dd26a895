"""Intents as lines of FRRouting's vtysh (FRR 8.4 user guide: static routes, prefix lists).

Lines are self-contained: none opens a mode. A static route is written and removed with its next hop.
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.intent import AddressSet, Intent, StaticRoute
from nornir_itsm.model.switch import SwitchRoute
from nornir_itsm.stages.render.cli import Language
from nornir_itsm.stages.render.cli import lines as lines_in

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,62}")
_RESERVED = {"seq", "description", "permit", "deny"}


def lines(intents: Sequence[Intent], templates: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines for these intents, as typed in configuration mode."""
    return lines_in(intents, templates, LANGUAGE)


def word(text: str) -> str:
    """Say a name. Raises ChangeError for what is not one plain word."""
    if not _WORD.fullmatch(text) or text in _RESERVED:
        raise ChangeError(f"name {text!r}", "no name of a router", "1-63 letters, digits and _ . -")
    return text


def prefix(text: str) -> str:
    """Say an IPv4 network with its length. Raises ChangeError for anything else."""
    try:
        found = ip_network(text)
    except ValueError:
        raise ChangeError(f"prefix {text!r}", "no prefix", "write 10.0.0.0/24") from None
    if found.version != 4:
        raise ChangeError(f"prefix {text!r}", "IPv6 is not written", "do it by hand")
    return str(found)


def route(one: SwitchRoute) -> str:
    """Say a static route behind ``ip route``. Raises ChangeError for what FRR is not told."""
    if one.to:
        raise ChangeError(f"route {one.name}", "leads into another VRF", "do it by hand")
    try:
        hop = ip_address(one.next_hop)
    except ValueError:
        raise ChangeError(f"next hop {one.next_hop!r}", "no address", "write 10.0.0.1") from None
    vrf = f" vrf {word(one.instance)}" if one.instance else ""
    return f"{prefix(one.prefix)} {hop}{vrf}"


LANGUAGE = Language(
    "frr",
    {AddressSet: "address_set.j2", StaticRoute: "static_route.j2"},
    {"word": word, "prefix": prefix, "route": route},
)
