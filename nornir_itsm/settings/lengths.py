"""Lengths of time as people write them."""

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LENGTH = re.compile(r"([1-9][0-9]{0,4})([smhd])", re.ASCII)


def seconds(text: str) -> int | None:
    """Return the seconds of ``45s``, ``30m``, ``24h`` or ``7d``; None for what is none of these."""
    found = _LENGTH.fullmatch(text)
    return int(found[1]) * _UNITS[found[2]] if found else None
