"""What a packet is, as numbers: one line per property, each with its full range.

Addresses of both families and names share one line, so that one set can hold all of them:
IPv4 first, then IPv6, then names. A name is written with its labels reversed (``com.example.www``), so
that a wildcard is a span; it is a symbol and never equals an address.
"""

import re
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from nornir_itsm.space.ranges import Ranges

SOURCE = "source"
DESTINATION = "destination"
SERVICE = "service"
"""protocol * 65536 + destination port; for ICMP the port is type * 256 + code."""
SOURCE_PORT = "source_port"
TIME = "time"
"""Minute of the week, Monday 00:00 is 0."""
IN_ZONE = "in_zone"
OUT_ZONE = "out_zone"
LINK = "link"
"""The outer link of an ADC on which a packet arrives or leaves."""
UNKNOWN = "?"
"""Prefix of dimensions that stand for a predicate nobody can evaluate: 1 where it holds, 0 where not.
The same predicate has the same name before and after a change, so it cancels out where it did not change."""

_LETTER = re.compile(r"[^\W\d_]")
"""What tells a name such as 163.example from an address."""

_V6 = 1 << 32
_NAMES = _V6 + (1 << 128)
_NAME_BYTES = 256
_NAME_SIZE = 1 << (8 * _NAME_BYTES)

V4 = Ranges.span(0, _V6 - 1)
V6 = Ranges.span(_V6, _NAMES - 1)
NAMES = Ranges.span(_NAMES, _NAMES + _NAME_SIZE - 1)
ADDRESSES = V4 | V6
PORTS = Ranges.span(0, 65535)
MINUTES = 7 * 24 * 60

_SYMBOLS = Ranges.span(0, (1 << 64) - 1)
_FULL = {
    SOURCE: Ranges.span(0, _NAMES + _NAME_SIZE - 1),
    DESTINATION: Ranges.span(0, _NAMES + _NAME_SIZE - 1),
    SERVICE: Ranges.span(0, (256 << 16) - 1),
    SOURCE_PORT: PORTS,
    TIME: Ranges.span(0, MINUTES - 1),
    IN_ZONE: _SYMBOLS,
    OUT_ZONE: _SYMBOLS,
    LINK: _SYMBOLS,
}
_EITHER = Ranges.span(0, 1)
_spelling: dict[int, str] = {}


def full(dimension: str) -> Ranges:
    """Return every number of a dimension."""
    return _EITHER if dimension.startswith(UNKNOWN) else _FULL[dimension]


def number(address: IPv4Address | IPv6Address) -> int:
    """Return the place of an address on the line."""
    return int(address) + (_V6 if address.version == 6 else 0)


def address_at(place: int) -> IPv4Address | IPv6Address:
    """Return the address at a place of the line."""
    return IPv6Address(place - _V6) if place >= _V6 else IPv4Address(place)


@lru_cache(maxsize=1 << 16)
def addresses(text: str) -> Ranges:
    """Read ``any``, CIDR, ``a-b``, a name or a wildcard ``*.x`` (ValueError for anything else).

    ``any`` is every address of both families and every name.
    """
    if text.lower() == "any":
        return _FULL[DESTINATION]
    if ":" in text or not _LETTER.search(text):
        if "-" in text:
            first, last = (ip_address(part.strip()) for part in text.split("-", 1))
            if first.version != last.version or number(first) > number(last):
                raise ValueError(f"{text!r}: the range runs backwards or from one family into the other")
            return Ranges.span(number(first), number(last))
        net = ip_network(text, strict=False)
        return Ranges.span(number(net.network_address), number(net.broadcast_address))
    return _name(text)


def _name(text: str) -> Ranges:
    wild = text.startswith("*.")
    labels = text.removeprefix("*.").rstrip(".").lower().split(".")
    if not all(labels):
        raise ValueError(f"{text!r} is neither an address nor a name")
    key = ".".join(reversed(labels)).encode() + (b"." if wild else b"\0")
    if len(key) > _NAME_BYTES:
        raise ValueError(f"{text[:60]!r}... is longer than any name")
    low = int.from_bytes(key.ljust(_NAME_BYTES, b"\0"))
    high = int.from_bytes(key.ljust(_NAME_BYTES, b"\xff")) if wild else low
    return Ranges.span(_NAMES + low, _NAMES + high)


def name_at(place: int) -> str:
    """Return the name at a place of the line."""
    return _spelt(_key(place).partition(b"\0")[0])


def name_above(low: int, high: int) -> str:
    """Return the name that all names of a span stand below; empty where there is none."""
    first, last = _key(low), _key(high)
    apart = next((i for i in range(_NAME_BYTES) if first[i] != last[i]), _NAME_BYTES)
    return _spelt(first[: first.rfind(b".", 0, apart) + 1])


def _key(place: int) -> bytes:
    return (place - _NAMES).to_bytes(_NAME_BYTES)


def _spelt(key: bytes) -> str:
    return ".".join(reversed(key.decode(errors="replace").rstrip(".").split(".")))


def is_wildcard(low: int, high: int) -> bool:
    """Tell whether a span of names is everything below one name."""
    key = _key(low).rstrip(b"\0")
    return key.endswith(b".") and high - _NAMES == int.from_bytes(key.ljust(_NAME_BYTES, b"\xff"))


def is_name(place: int) -> bool:
    """Tell whether a place of the line is a name."""
    return place >= _NAMES


def is_v6(place: int) -> bool:
    """Tell whether a place of the line is an IPv6 address."""
    return _V6 <= place < _NAMES


def symbol(name: str) -> Ranges:
    """Return the point that stands for a zone or link; names never seen are points too."""
    place = int.from_bytes(sha256(name.encode()).digest()[:8])
    _spelling[place] = name
    return Ranges.span(place)


def spelled(place: int) -> str | None:
    """Return the zone or link that a point stands for, if it was named in this process."""
    return _spelling.get(place)


def services(protocol: int | None, low: int = 0, high: int = 65535) -> Ranges:
    """Return the span of destination ports of a protocol; None is every protocol (ports ignored)."""
    if protocol is None:
        return _FULL[SERVICE]
    return Ranges.span((protocol << 16) | low, (protocol << 16) | high)
