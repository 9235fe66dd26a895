"""What the errors of transports mean, in plain words and by cause."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nornir_itsm.devices.libssh2 import HostKeyRefused, LoginRefused
from nornir_itsm.devices.until import Cancelled, Expired
from nornir_itsm.devices.wire import SessionLost
from nornir_itsm.errors import SourceError

Cause = Literal[
    "unreachable", "host key", "login", "protocol", "lost", "silent", "refused", "late", "stopped", "setup"
]
WORTH_ANOTHER_TRY: frozenset[Cause] = frozenset(("unreachable", "protocol", "lost", "silent"))
"""A login that was refused is not: it could lock the account."""


@dataclass(frozen=True, slots=True)
class Way:
    """A device, where it is, as whom, and the file of trusted keys."""

    device: str
    place: str
    username: str
    known_hosts: Path


def explained(way: Way, error: BaseException) -> tuple[Cause, SourceError]:
    """Say what an error of netmiko's means; what it wraps tells more than its own text."""
    from netmiko.exceptions import ReadTimeout
    from paramiko.ssh_exception import (  # type: ignore[import-untyped]
        AuthenticationException,
        BadHostKeyException,
        SSHException,
    )

    inner = error.__context__ or error
    cause: Cause
    match inner:
        case HostKeyRefused(verdict="revoked"):
            cause, problem = "host key", f"{way.place} shows a host key that {way.known_hosts} revokes"
        case BadHostKeyException() | HostKeyRefused(verdict="changed"):
            cause, problem = "host key", f"{way.place} shows another host key than {way.known_hosts} has"
        case AuthenticationException() | LoginRefused():
            cause, problem = "login", f"{way.place} does not accept user {way.username} with this password"
        case HostKeyRefused():
            return _stranger(way)
        case SSHException() if "known_hosts" in str(inner):
            return _stranger(way)
        case Expired():
            cause, problem = "late", "its time was over before everything was asked"
        case Cancelled():
            cause, problem = "stopped", "stopped before everything was asked"
        case SessionLost():
            cause, problem = "lost", f"{way.place}: {_line(inner)}"
        case ReadTimeout():
            cause, problem = "silent", _line(inner)
        case SSHException() | EOFError():
            cause, problem = "protocol", f"{way.place} does not speak SSH as expected: {_line(inner)}"
        case _:
            reason = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
            cause, problem = "unreachable", f"unreachable at {way.place}: {' '.join(reason.split())[:200]}"
    return cause, SourceError(way.device, problem, _HINTS[cause])


def _stranger(way: Way) -> tuple[Cause, SourceError]:
    problem = f"{way.place} shows a host key that {way.known_hosts} does not have"
    return "host key", SourceError(way.device, problem, "compare its fingerprint by another way, then add it")


_HINTS: dict[Cause, str] = {
    "host key": "replaced, or somebody in between? ask before trusting it",
    "login": "check user and password reference; it is not tried again",
    "protocol": "check port and SSH algorithms of the device",
    "unreachable": "check address, port and routing",
    "lost": "try again; look at the device",
    "silent": "look at the device by hand; give it more time in collect.yaml",
    "late": "give it more time, or ask less",
    "stopped": "run again",
}


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]
