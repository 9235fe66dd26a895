"""Values in one notation, whichever vendor printed them. Each function raises ValueError for what it is not.

MAC ``00:e0:fc:12:34:56``; addresses and prefixes as Python's ipaddress prints them; speed in bit/s; durations
in seconds; times as ISO 8601; states ``up``, ``down``, ``admin-down``; yes and no as booleans.
"""

import re
from datetime import datetime
from functools import lru_cache
from ipaddress import ip_address, ip_interface, ip_network

_HEX = re.compile(
    r"(?:[0-9A-Fa-f]{4}[.-]){2}[0-9A-Fa-f]{4}|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{12}"
)
_SPEED = re.compile(
    r"(?P<number>\d+(?:\.\d+)?) ?(?P<unit>[kmgt]?)(?:bits?/s(?:ec)?|b/s|bps|bit/sec|bit|b)?(?:-speed mode)?"
    r"(?:\(a\))?",
    re.I,
)
_UNITS = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_CLOCK = re.compile(r"(?:(?P<d>\d+):)?(?P<h>\d{1,4}):(?P<m>\d{2}):(?P<s>\d{2})")
_SHORT = re.compile(
    r"(?:(?P<y>\d+)y)?(?:(?P<w>\d+)w)?(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+)s)?"
)
_LONG = re.compile(r"(\d+) ?(year|week|day|hour|minute|second)(?:\(s\)|s)?")
_SECONDS = {"y": 31536000, "w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_YES = {"yes", "y", "true", "enable", "enabled", "on", "up", "configured", "active"}
_NO = {"no", "n", "false", "disable", "disabled", "off", "down", "not configured", "inactive"}
_UP = {"up", "connected", "u", "k"}
_DOWN = {
    *(
        "down",
        "d",
        "c",
        "notconnect",
        "notconnec",
        "^down",
        "!down",
        "#down",
        "stby",
        "lowerlayerdown",
        "dormant",
    ),
    *("xcvrabsen", "xcvrinval", "sfpabsent", "noopermem", "suspnd", "err-disab", "errdisable", "linkflape"),
    *("channeldo", "inactive"),
}
"""Words of links that carry nothing though nobody shut them: of VRP, Comware, StoneOS, IOS, NX-OS, Linux."""
_ADMIN_DOWN = {"*down", "adm", "administratively down", "admin down", "disabled", "admin-down"}
_TIMES = (
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%H:%M:%S %a %m/%d/%Y",
)


def text(value: str) -> str:
    """Return the words of a value, single blanks between."""
    return " ".join(value.split())


def integer(value: str) -> int:
    """Return a whole number; thousands may be apart by commas."""
    if value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    said = value.strip().replace(",", "")
    if not re.fullmatch(r"-?\d{1,18}", said, re.ASCII):
        raise ValueError(f"{value[:40]!r} is no number")
    return int(said)


@lru_cache(maxsize=4096)
def percent(value: str) -> float:
    """Return ``0.01%`` as 0.01."""
    said = value.strip().rstrip("%")
    if not re.fullmatch(r"\d{1,3}(?:\.\d+)?", said, re.ASCII):
        raise ValueError(f"{value[:40]!r} is no percentage")
    return float(said)


@lru_cache(maxsize=65536)
def mac(value: str) -> str:
    """Return a hardware address in lower case, bytes apart by colons."""
    if not _HEX.fullmatch(value.strip()):
        raise ValueError(f"{value[:40]!r} is no MAC address")
    digits = re.sub(r"[^0-9a-f]", "", value.lower())
    return ":".join(digits[n : n + 2] for n in range(0, 12, 2))


@lru_cache(maxsize=65536)
def address(value: str) -> str:
    """Return an IPv4 or IPv6 address."""
    return str(ip_address(value.strip()))


@lru_cache(maxsize=65536)
def host_prefix(value: str) -> str:
    """Return an interface's ``address/length``; the mask may be dotted and apart by a blank."""
    return str(ip_interface("/".join(value.strip().split())))


@lru_cache(maxsize=65536)
def prefix(value: str) -> str:
    """Return a network as ``address/length``; ``default`` and a bare address are understood."""
    said = "/".join(value.strip().split())
    return "0.0.0.0/0" if said == "default" else str(ip_network(said))


@lru_cache(maxsize=4096)
def speed(value: str) -> int | None:
    """Return bit/s. A bare number is Mbit/s (Huawei, NX-OS); ``auto`` and ``A`` say nothing: None."""
    said = value.strip()
    if said.lower() in ("auto", "a", "a-auto", "unknown", "--"):
        return None
    found = _SPEED.fullmatch(said.removeprefix("a-"))
    if found is None:
        raise ValueError(f"{value[:40]!r} is no speed")
    bare = found.end("number") == len(said)
    unit = "m" if bare else found["unit"].lower()
    return round(float(found["number"]) * _UNITS.get(unit, 1))


@lru_cache(maxsize=4096)
def duplex(value: str) -> str | None:
    """Return ``full``, ``half`` or, where only that it is negotiated is said, None."""
    said = value.strip().lower().removeprefix("a-").removesuffix("-duplex").removesuffix("(a)")
    known = {
        "full": "full",
        "f": "full",
        "half": "half",
        "h": "half",
        "auto": None,
        "a": None,
        "unknown": None,
    }
    if said not in known:
        raise ValueError(f"{value[:40]!r} is no duplex mode")
    return known[said]


def boolean(value: str) -> bool:
    """Return whether it says yes."""
    said = value.strip().lower()
    if said not in _YES | _NO:
        raise ValueError(f"{value[:40]!r} says neither yes nor no")
    return said in _YES


@lru_cache(maxsize=4096)
def state(value: str) -> str:
    """Return ``up``, ``down`` or ``admin-down``; marks such as ``(s)`` for spoofing go."""
    said = re.sub(r"\([a-z]+\)$", "", " ".join(value.lower().split()))
    for known, words in (("up", _UP), ("down", _DOWN), ("admin-down", _ADMIN_DOWN)):
        if said in words:
            return known
    raise ValueError(f"{value[:40]!r} is no state of a link")


def duration(value: str) -> int | None:
    """Return seconds of ``00:12:33``, ``1d02h``, ``1 week, 2 days``; ``never`` and ``-`` are None."""
    said = " ".join(value.strip().lower().split())
    if said in ("never", "-", "--", "n/a"):
        return None
    if found := _CLOCK.fullmatch(said):
        return sum(int(found[unit] or 0) * _SECONDS[unit] for unit in "dhms")
    if (found := _SHORT.fullmatch(said)) and said:
        return sum(int(found[unit] or 0) * _SECONDS[unit] for unit in _SECONDS)
    parts = _LONG.findall(said)
    if not parts or _LONG.sub("", said).strip(" ,.and"):
        raise ValueError(f"{value[:40]!r} is no duration")
    return sum(int(number) * _SECONDS[unit[0]] for number, unit in parts)


def moment(value: str) -> str:
    """Return a time as ISO 8601, with zone where the device says one."""
    said = " ".join(value.split()).removesuffix(" UTC")
    for shape in _TIMES:
        try:
            return datetime.strptime(said, shape).isoformat()
        except ValueError:
            continue
    raise ValueError(f"{value[:40]!r} is no time")
