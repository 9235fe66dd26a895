"""Addresses and services as they are typed, read into the form in which they are printed."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from nornir_itsm.lab.vrp.configuration import PREDEFINED_SERVICES, Condition, Members
from nornir_itsm.lab.vrp.words import Cursor, LineError

_V4, _V6, _ANY = r"[0-9.]+", r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*", r"[0-9A-Fa-f:.]+"


def address(cursor: Cursor, *, dotted: bool) -> Condition:
    """Read ``A mask M``, ``A LENGTH``, ``A WILDCARD``, ``range A B`` or ``V6 LENGTH``.

    Printed with a dotted mask in rules (*dotted*), with a length in sets; bits beyond the mask are dropped.
    """
    if cursor.option(("range",)):
        low, high = (_one(cursor, _ANY) for _ in range(2))
        if low.version != high.version or int(low) > int(high):
            raise LineError("Illegal address range!")
        return "range", str(low), str(high)
    first = _one(cursor, _ANY)
    if isinstance(first, IPv6Address):
        net = IPv6Network((first, cursor.number(0, 128)), strict=False)
        return str(net.network_address), str(net.prefixlen)
    length = _length(cursor)
    base = IPv4Network((first, length), strict=False)
    return str(base.network_address), "mask", str(base.netmask if dotted else length)


def _one(cursor: Cursor, shape: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(cursor.word(shape))
    except ValueError:
        raise cursor.refuse() from None


def _length(cursor: Cursor) -> int:
    """Read a mask after ``mask``, a length, or a wildcard without gaps; a lone 0 is the host's wildcard."""
    masked = cursor.option(("mask",)) is not None
    said = cursor.word(_V4)
    try:
        if "." not in said:
            if not 0 <= int(said) <= 32:
                raise ValueError(said)
            return int(said) if masked or said != "0" else 32
        bits = int(IPv4Address(said))
        ones = bits if masked else ~bits & 0xFFFFFFFF
        length = 32 - (~ones & 0xFFFFFFFF).bit_length()
        if ones != (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF:
            raise ValueError(said)
    except ValueError:
        raise cursor.refuse() from None
    return length


def reference(cursor: Cursor, sets: Mapping[str, Members], kind: str) -> Condition:
    """Read the name of an address set or service set, which must be there."""
    name = cursor.name()
    if name not in sets and not (kind == "service-set" and name in PREDEFINED_SERVICES):
        what = "address or address set" if kind == "address-set" else "service or service set"
        raise LineError(f"The {what} is not created!")
    return kind, name


def service(cursor: Cursor) -> Condition:
    """Read what follows ``protocol``."""
    if cursor.next.isdigit():
        return "protocol", str(cursor.number(0, 255))
    word = cursor.keyword(("tcp", "udp", "sctp", "icmp", "icmpv6"))
    found = ["protocol", word]
    if word in ("icmp", "icmpv6"):
        if cursor.option((f"{word}-type",)):
            found += [f"{word}-type", str(cursor.number(0, 255)), str(cursor.number(0, 255))]
        return tuple(found)
    for side in ("source-port", "destination-port"):
        if cursor.option((side,)):
            found += [side, *_ports(cursor)]
    return tuple(found)


def _ports(cursor: Cursor) -> list[str]:
    found: list[str] = []
    while not found or cursor.next.isdigit():
        low = cursor.number(0, 65535)
        found.append(str(low))
        if cursor.option(("to",)):
            high = cursor.number(0, 65535)
            if high < low:
                raise cursor.refuse()
            found += ["to", str(high)]
    return found
