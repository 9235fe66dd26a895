"""What must hold in ``allocation`` of site.yaml, and between it and the paths that need it."""

import re
import string
from collections.abc import Iterator
from ipaddress import IPv4Network, ip_address, ip_network

from nornir_itsm.settings.site_shape import AllocationShape, SiteShape
from nornir_itsm.settings.yaml_file import Fault

LAST_VLAN = 4094
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,30}")


def allocation_faults(site: SiteShape) -> Iterator[Fault]:
    """Yield what is wrong with the numbers and names that VPCs are connected by."""
    switches = {name for name, point in site.points.items() if point.role == "switch"}
    if site.allocation is not None:
        yield from _own(site.allocation)
        return
    for index, path in enumerate(site.paths):
        if any(hop.point in switches for hop in path.hops):
            hint = "add the section allocation: base_vlan, pools, length, interface, next_hops ..."
            yield Fault(("paths", index, "hops"), "leads over a switch and there is no allocation", hint)


def _own(given: AllocationShape) -> Iterator[Fault]:
    yield from _words(given)
    networks = list(_networks(given))
    yield from (fault for fault in networks if isinstance(fault, Fault))
    pools = [network for network in networks if not isinstance(network, Fault)]
    yield from _places(given)
    last = given.base_vlan + sum(2 ** max(given.length - pool.prefixlen, 0) for pool in pools) - 1
    if given.base_vlan < 1 or last > LAST_VLAN:
        problem = f"the pools reach from VLAN {given.base_vlan} to {last}"
        yield Fault(("allocation", "base_vlan"), problem, f"VLANs are 1-{LAST_VLAN}")


def _words(given: AllocationShape) -> Iterator[Fault]:
    for key in ("instance", "route_distinguisher"):
        pattern = getattr(given, key)
        if pattern or key == "instance":
            yield from _pattern(key, pattern)
    if not _WORD.fullmatch(given.shared_instance):
        problem, hint = f"{given.shared_instance!r} is no name", "1-31 letters, digits and _ . : -"
        yield Fault(("allocation", "shared_instance"), problem, hint)


def _pattern(key: str, pattern: str) -> Iterator[Fault]:
    try:
        fields = [(name, spec, how) for _, name, spec, how in string.Formatter().parse(pattern) if name]
        said = pattern.format(vlan=LAST_VLAN) if {("vlan", "", None)} == set(fields) else ""
    except (ValueError, KeyError, IndexError):
        said = ""
    if not _WORD.fullmatch(said):
        problem, hint = f"{pattern!r} is no pattern of a name", "e.g. VPC-{vlan}: letters, digits and _ . : -"
        yield Fault(("allocation", key), problem, hint)


def _networks(given: AllocationShape) -> Iterator[IPv4Network | Fault]:
    """Yield the pools, or what is wrong with them."""
    seen: list[IPv4Network] = []
    for index, text in enumerate(given.pools):
        at = ("allocation", "pools", index)
        try:
            pool = ip_network(text)
        except ValueError as error:
            yield Fault(at, f"{text!r} is no prefix: {error}", "write e.g. 10.70.63.0/24")
            continue
        if not isinstance(pool, IPv4Network) or not pool.prefixlen <= given.length <= 30:
            yield Fault(at, f"{text} has no networks of length {given.length}", "IPv4, length 30 at most")
        elif taken := next((other for other in seen if pool.overlaps(other)), None):
            yield Fault(at, f"{text} overlaps {taken}", "each address belongs to one pool")
        else:
            seen.append(pool)
            yield pool
    if not given.pools:
        yield Fault(("allocation", "pools"), "is empty", "list the prefixes that interconnects come from")


def _places(given: AllocationShape) -> Iterator[Fault]:
    usable = 2 ** (32 - min(max(given.length, 0), 32)) - 2
    for key, places in (("interface", (given.interface,)), ("next_hops", given.next_hops)):
        for place in places:
            if not 1 <= place <= usable:
                problem = f"a network of length {given.length} has no usable address {place}"
                yield Fault(("allocation", key), problem, f"count from 1 to {usable}")
    if not given.next_hops or len({given.interface, *given.next_hops}) != len(given.next_hops) + 1:
        problem = "next_hops is empty, or an address serves two purposes"
        yield Fault(("allocation", "next_hops"), problem, "name other addresses than the switch's own")
    try:
        ip_address(given.firewall)
    except ValueError:
        yield Fault(("allocation", "firewall"), f"{given.firewall!r} is no address", "the next hop to it")
    try:
        ip_network(given.tenants)
    except ValueError as error:
        problem = f"{given.tenants!r} is no prefix: {error}"
        yield Fault(("allocation", "tenants"), problem, "write e.g. 10.60.0.0/16")
