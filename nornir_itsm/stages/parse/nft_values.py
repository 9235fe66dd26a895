"""Values in libnftables JSON: addresses, ports, services."""

from typing import Any

from nornir_itsm.model.firewall import ServiceEntry
from nornir_itsm.stages.nft_words import PROTOCOLS
from nornir_itsm.stages.parse.members import network, span

_NUMBERS = {word: number for number, word in PROTOCOLS.items()}


def listed(value: Any) -> list[Any]:
    """Return the elements of an anonymous set, or the one value that stands in its place."""
    if isinstance(value, dict) and isinstance(value.get("set"), list):
        return list(value["set"])
    return [value]


def address(value: Any) -> str | None:
    """Return CIDR or ``a-b``; None for anything else."""
    match value:
        case str():
            return network(value) if not value.startswith("@") else None
        case {"prefix": {"addr": str(base), "len": int(length)}}:
            return network(f"{base}/{length}")
        case {"range": [str(low), str(high)]}:
            return span(f"{low}-{high}")
        case _:
            return None


def port_span(value: Any) -> tuple[int, int] | None:
    """Return low and high; None for anything else (names of ports are not used: ``-j`` prints numbers)."""
    match value:
        case bool():
            return None
        case int():
            return value, value
        case {"range": [int(low), int(high)]}:
            return low, high
        case _:
            return None


def entries(value: Any) -> tuple[ServiceEntry, ...]:
    """Return the entry of ``tcp . 443``; nothing for anything else."""
    match value:
        case {"concat": [str(word), ports]} if word in _NUMBERS and (found := port_span(ports)):
            return (ServiceEntry(_NUMBERS[word], *found),)
        case _:
            return ()
