"""Words of devices in one vocabulary: kinds, protocols, sessions, instances, names, ages."""

import re

from nornir_itsm.stages.process.interfaces import interface
from nornir_itsm.stages.process.notation import duration, host_prefix, integer, mac, text

_KINDS = {
    **{"d": "dynamic", "s": "static", "i": "interface", "o": "openflow", "m": "multiport", "r": "rule"},
    **{"learned": "dynamic", "a": "access", "t": "trunk", "h": "hybrid"},
    **{"pass": "permit", "drop": "deny", "accept": "permit", "reject": "deny"},
}
_PROTOCOLS = {
    **{"c": "direct", "l": "direct", "connected": "direct", "local": "direct", "s": "static", "o": "ospf"},
    **{"b": "bgp", "r": "rip", "i": "isis", "d": "eigrp", "kernel": "direct", "h": "host"},
}
_PUBLIC = {"public", "_public_", "default", "public net", "-", "trust-vr"}
"""What vendors call the routing table that belongs to no VPN instance."""


def phase(value: str) -> str:
    """Return the state of a session in lower case, blanks and slashes as hyphens.

    IOS prints a number of prefixes instead of the state of a BGP session that is up: an empty word is that.
    """
    return "-".join(value.lower().replace("/", " ").split()) or "established"


def kind(value: str) -> str:
    """Return the kind of something in one word of lower case; what stands behind a hyphen or bracket goes."""
    said = re.split(r"[-( ]", value.strip().lower(), maxsplit=1)[0]
    return _KINDS.get(said, said)


def protocol(value: str) -> str:
    """Return the protocol that a route comes from: ``direct``, ``static``, ``ospf``, ``bgp`` ..."""
    said = re.split(r"[ *_-]", value.strip().lower(), maxsplit=1)[0]
    return _PROTOCOLS.get(said, said)


def instance(value: str) -> str | None:
    """Return the VPN instance or VRF; the public one is None."""
    said = value.strip().strip('"')
    return None if said.lower() in _PUBLIC else said


def name(value: str) -> str:
    """Return a name without the quotes it is printed in."""
    return text(value[1:-1]) if len(value) > 1 and value[0] == value[-1] == '"' else text(value)


def condition(value: str) -> str:
    """Return the condition of a rule; what an nftables counter has counted is no part of it."""
    return text(re.sub(r"\bcounter packets \d+ bytes \d+", "counter", value))


def zone(value: str) -> str | None:
    """Return a security zone; StoneOS writes ``NULL`` where an interface is in none."""
    return None if value == "NULL" else name(value)


def own_prefix(value: str) -> str | None:
    """Return an interface's own address with length; ``0.0.0.0/0`` says that it has none."""
    found = host_prefix(value)
    return None if found == "0.0.0.0/0" else found


def chassis(value: str) -> str:
    """Return the MAC address that a chassis is known by, or the words it is."""
    try:
        return mac(value)
    except ValueError:
        return text(value)


def port(value: str) -> str:
    """Return an interface out of a list of members: marks such as ``(U)`` go."""
    return interface(value.partition("(")[0].rstrip(","))


def minutes(value: str) -> int | None:
    """Return seconds of an age in minutes; ``-`` and nothing: None."""
    said = value.strip()
    return None if said in ("-", "--", "", "N/A") else integer(said) * 60


def seconds(value: str) -> int | None:
    """Return an age in seconds; a bare number is that; ``-``, ``~~~``: None."""
    said = value.strip()
    if not said.strip("-~") or said in ("N/A", "noaging", "NA"):
        return None
    return int(said) if said.isdigit() else duration(said)


def kilobits(value: str) -> int:
    """Return bit/s of a number of kbit/s."""
    return integer(value) * 1000
