"""Address members as every source writes them -> one notation."""

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

_LABEL = r"[^\W_](?:[\w-]*[^\W_])?|_[\w-]+"
_DOMAIN = re.compile(rf"(?:\*\.)?(?:{_LABEL})(?:\.(?:{_LABEL}))*\.?")
LONGEST_NAME = 253


def member(text: str) -> str | None:
    """Return CIDR (a host is ``/32`` or ``/128``), ``a-b``, or a name in lower case; None for anything else.

    ``10.1.1.0 255.255.255.0`` and host bits are accepted; a name may begin with ``*.``.
    """
    return network(text) or span(text) or name(text)


def address(text: str) -> str | None:
    """Return one address in its shortest notation, without a length; None for anything else."""
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return None if "%" in text else str(found)


def network(text: str) -> str | None:
    """Return CIDR of an address or network, also of ``10.1.1.0 255.255.255.0``; None for anything else."""
    written = "/".join(text.split())
    try:
        found = ip_network(written, strict=False)
    except ValueError:
        return None
    mask = written.partition("/")[2]
    # Python takes 0.0.0.255 for a mask too; no device here writes masks that way round.
    odd = "%" in text or ("." in mask and mask != str(found.netmask))
    return None if odd else str(found)


def span(text: str) -> str | None:
    """Return a range ``a-b``; one that runs backwards or mixes families is None."""
    low, dash, high = text.partition("-")
    try:
        first, last = ip_address(low.strip()), ip_address(high.strip())
    except ValueError:
        return None
    if not dash or "%" in text or first.version != last.version or int(first) > int(last):
        return None
    return f"{first}-{last}"


def name(text: str) -> str | None:
    """Return a domain name or wildcard in lower case; None for anything else."""
    text = text.strip()
    if len(text) > LONGEST_NAME or not _DOMAIN.fullmatch(text):
        return None
    found = text.lower().removesuffix(".")
    return None if found.rpartition(".")[2].isdigit() else found


def ordered(members: Iterable[str]) -> tuple[str, ...]:
    """Return members once each: networks, ranges, names; within each kind in the order of the source.

    The device's text and its REST API list the kinds in different ways; the order within a kind is kept.
    """
    unique = list(dict.fromkeys(members))
    return tuple(sorted(unique, key=_place))


def _place(text: str) -> int:
    if network(text):
        return 0
    return 1 if span(text) else 2
