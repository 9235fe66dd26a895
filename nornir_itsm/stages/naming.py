"""Names for new objects: the site's patterns, filled with what an order says, made safe for devices."""

import re
from collections.abc import Collection, Mapping
from string import Formatter
from unicodedata import category

from nornir_itsm.model.firewall import ServiceEntry
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
    if numbered(pattern):
        return _numbered(pattern, taken, fields)
    wanted = safe(pattern.format_map({key: safe(value) for key, value in fields.items()})) or kind
    if wanted not in taken:
        return wanted
    return next(made for n in range(2, 10_000) if (made := f"{wanted[: LONGEST - 6]}-{n}") not in taken)


def numbered(pattern: str) -> bool:
    """Tell whether a pattern counts its objects: ``VPC互访{number:03}``."""
    return any(field == "number" for _, field, _, _ in Formatter().parse(pattern))


def _numbered(pattern: str, taken: Collection[str], fields: Mapping[str, str]) -> str:
    """Return the name with the number after the highest in use; a gap may be named in somebody's ticket."""
    known = {key: safe(value) for key, value in fields.items()}
    shape = "".join(
        re.escape(text) + ("([0-9]{1,6})" if field == "number" else re.escape(known[field] if field else ""))
        for text, field, _, _ in Formatter().parse(pattern)
    )
    used = (int(found[1]) for one in taken if (found := re.fullmatch(shape, one)))
    return safe(pattern.format_map({**known, "number": max(used, default=0) + 1}))


def alternatives(site: Site, kind: str, **fields: str) -> tuple[str, ...]:
    """Return every spelling of an existing object's name that the site has known."""
    patterns = site.naming.get(kind, "").split("|")
    return tuple(
        safe(p.format_map({k: safe(v) for k, v in fields.items()})) for p in patterns if p and not numbered(p)
    )


def service_name(site: Site, entry: ServiceEntry, taken: Collection[str]) -> str:
    """Return the name of a service object for one line: ``TCP-443``, ``UDP-500-510``."""
    protocol = "ANY" if entry.protocol is None else _PROTOCOLS.get(entry.protocol, f"IP{entry.protocol}")
    ports = str(entry.low) if entry.low == entry.high else f"{entry.low}-{entry.high}"
    return name(site, "service", taken, protocol=protocol, ports=ports)
