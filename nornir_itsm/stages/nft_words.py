"""How names, addresses and services are said in nftables: what one side writes the other side reads.

A name that is no plain identifier is a set's comment, and its identifier is made of its digest; a set whose
identifier is neither, somebody's ``office``, is named ``@office``. A service that a rule says itself is named
after what it is: ``tcp/22``, ``tcp/80+udp/500-510``.
"""

import re
from collections.abc import Iterable
from hashlib import sha256

from nornir_itsm.model.firewall import ServiceBook, ServiceEntry

ANY_ADDRESS, ANY_SERVICE = "Any", "Any"
LONGEST_COMMENT = 127
"""Bytes (nftables 1.0.6 refuses 129 characters; one more is kept clear)."""
PROTOCOLS = {6: "tcp", 17: "udp"}
_PLAIN = re.compile(r"[A-Z][A-Za-z0-9_-]{0,62}")
"""Begins with a capital: words of nftables (``udp``) never do."""
_THEIRS = re.compile(r"@[A-Za-z_.][A-Za-z0-9_./-]{0,126}")
_ONE = re.compile(r"(tcp|udp)/(\d{1,5})(?:-(\d{1,5}))?")

ICMP = {
    "ICMP": ("meta l4proto icmp", ServiceEntry(1)),
    "PING": ("icmp type echo-request", ServiceEntry(1, 8 * 256, 8 * 256 + 255)),
}
"""Services that every rule can say: their words, and what they are."""
PREDEFINED = {
    ANY_SERVICE: ServiceBook(ANY_SERVICE, (ServiceEntry(None),), predefined=True),
    **{name: ServiceBook(name, (entry,), predefined=True) for name, (_, entry) in ICMP.items()},
}


def identifier(name: str) -> str:
    """Return the identifier of the set of this name."""
    if _THEIRS.fullmatch(name):
        return name[1:]
    return name if _PLAIN.fullmatch(name) else f"n_{sha256(name.encode()).hexdigest()[:16]}"


def set_name(own: str, comment: str) -> str:
    """Return the name of the set with this identifier and comment: what ``identifier`` makes it of."""
    return next((name for name in (comment, own) if name and identifier(name) == own), f"@{own}")


def inline_name(entries: Iterable[ServiceEntry]) -> str:
    """Return the name of a service that a rule says itself."""
    return "+".join(f"{PROTOCOLS[e.protocol or 0]}/{ports(e)}" for e in sorted(entries))


def inline_entries(name: str) -> tuple[ServiceEntry, ...]:
    """Return what a service is that a rule says itself; nothing where *name* is that of an object."""
    found = [_ONE.fullmatch(part) for part in name.split("+")]
    numbers = {word: number for number, word in PROTOCOLS.items()}
    if None in found:
        return ()
    return tuple(ServiceEntry(numbers[m[1]], int(m[2]), int(m[3] or m[2])) for m in found if m)


def ports(entry: ServiceEntry) -> str:
    """Say the ports of one entry."""
    return str(entry.low) if entry.low == entry.high else f"{entry.low}-{entry.high}"
