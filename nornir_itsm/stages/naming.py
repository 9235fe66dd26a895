"""Names for new objects: the site's patterns, filled with what an order says, made safe for devices."""

import re
from collections.abc import Collection
from unicodedata import category

from nornir_itsm.model.facts import ServiceEntry
from nornir_itsm.model.topology import Site

LONGEST = 63
"""Characters of a name. Assumed: StoneOS takes more (95 for services); shorter reads better."""

_UNSAFE = re.compile(r"""[\x00-\x1f\x7f,'";\\/<>&#?|`$%{}\[\]\s]+""")
_PROTOCOLS = {6: "TCP", 17: "UDP", 1: "ICMP", 58: "ICMPv6"}


def safe(text: str) -> str:
    """Take out what devices refuse or read as syntax (StoneOS CLI manual: , ' " ; \\ / < > & # and tabs).

    So are characters that no eye sees: controls, directions, joiners, halves of a pair.
    """
    seen = "".join("_" if category(sign).startswith("C") else sign for sign in text)
    return _UNSAFE.sub("_", seen).strip("_ -")[:LONGEST].rstrip("_ -")


def name(site: Site, kind: str, taken: Collection[str], **fields: str) -> str:
    """Return the name of a new object by the site's first pattern for *kind*, numbered where it is taken."""
    pattern = site.naming[kind].split("|", maxsplit=1)[0]
    wanted = safe(pattern.format_map({key: safe(value) for key, value in fields.items()})) or kind
    if wanted not in taken:
        return wanted
    return next(made for n in range(2, 10_000) if (made := f"{wanted[: LONGEST - 6]}-{n}") not in taken)


def alternatives(site: Site, kind: str, **fields: str) -> tuple[str, ...]:
    """Return every spelling of an existing object's name that the site has known."""
    patterns = site.naming.get(kind, "").split("|")
    return tuple(safe(p.format_map({k: safe(v) for k, v in fields.items()})) for p in patterns if p)


def service_name(site: Site, entry: ServiceEntry, taken: Collection[str]) -> str:
    """Return the name of a service object for one line: ``TCP-443``, ``UDP-500-510``."""
    protocol = "ANY" if entry.protocol is None else _PROTOCOLS.get(entry.protocol, f"IP{entry.protocol}")
    ports = str(entry.low) if entry.low == entry.high else f"{entry.low}-{entry.high}"
    return name(site, "service", taken, protocol=protocol, ports=ports)
