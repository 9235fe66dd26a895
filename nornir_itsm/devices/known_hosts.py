"""OpenSSH's known_hosts: which keys a host may show. A file is read once, and again when it has changed.

Plain, hashed and negated names and wildcards are understood; a revoked key is refused whatever else is
said of it; lines of certificate authorities are passed over, as libssh2 checks no certificates.
"""

import base64
import binascii
import hmac
import os
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

Verdict = Literal["known", "unknown", "changed", "revoked"]


@dataclass(frozen=True, slots=True)
class _Entry:
    names: str
    key: bytes

    def is_for(self, name: str) -> bool:
        if self.names.startswith("|1|"):
            return _hashed(self.names, name)
        patterns = self.names.replace("[", "[[]").split(",")  # brackets are no wildcard in this file
        if any(p.startswith("!") and fnmatchcase(name, p[1:]) for p in patterns):
            return False
        return any(fnmatchcase(name, p) for p in patterns)


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The keys of one file. Names are ``host``, or ``[host]:port`` for another port than 22."""

    plain: dict[str, list[bytes]] = field(default_factory=dict)
    other: list[_Entry] = field(default_factory=list)
    revoked: list[_Entry] = field(default_factory=list)

    def keys(self, name: str) -> list[bytes]:
        """Return the keys that *name* may show."""
        return self.plain.get(name, []) + [entry.key for entry in self.other if entry.is_for(name)]

    def is_revoked(self, name: str, key: bytes) -> bool:
        """Say whether *key* must not be trusted any more."""
        return any(entry.key == key and entry.is_for(name) for entry in self.revoked)


_read: dict[str, tuple[float, tuple[int, int], KnownHosts]] = {}
_reading = threading.Lock()
_FRESH = 1.0
"""Seconds for which it is not looked up whether a file has changed."""


def known_hosts(path: Path | str) -> KnownHosts:
    """Return the keys of *path*; a file that is not there knows nobody. Raises OSError, ValueError."""
    path, now = str(path), time.monotonic()
    kept = _read.get(path)
    if kept and now - kept[0] < _FRESH:
        return kept[2]
    try:
        seen = os.stat(path)
    except FileNotFoundError:
        return KnownHosts()
    stamp = (seen.st_mtime_ns, seen.st_size)
    with _reading:
        kept = _read.get(path)
        if kept is None or kept[1] != stamp:
            kept = (now, stamp, _parsed(Path(path).read_text("utf-8").splitlines(), path))
        _read[path] = (now, *kept[1:])
        return kept[2]


def place(host: str, port: int) -> str:
    """Return the name of *host* as the file has it."""
    return host if port == 22 else f"[{host}]:{port}"


def verdict(files: Iterable[KnownHosts], name: str, key: bytes) -> Verdict:
    """Judge the *key* that *name* showed."""
    files = tuple(files)
    if any(file.is_revoked(name, key) for file in files):
        return "revoked"
    trusted = [one for file in files for one in file.keys(name)]
    if key in trusted:
        return "known"
    return "changed" if trusted else "unknown"


def kinds(keys: Iterable[bytes]) -> Iterator[str]:
    """Yield the kinds of *keys*, such as ``ssh-ed25519``, each once."""
    yield from dict.fromkeys(key[4 : 4 + int.from_bytes(key[:4])].decode("ascii", "replace") for key in keys)


def _parsed(lines: Iterable[str], where: str) -> KnownHosts:
    found = KnownHosts()
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        mark = words.pop(0) if words[0].startswith("@") else ""
        if len(words) < 3:
            raise ValueError(f"{where} line {number} is no host key")
        try:
            key = base64.b64decode(words[2], validate=True)
        except binascii.Error:
            raise ValueError(f"{where} line {number} is no host key") from None
        entry = _Entry(words[0], key)
        if mark == "@revoked":
            found.revoked.append(entry)
        elif not mark:
            _add(found, entry)
    return found


def _add(found: KnownHosts, entry: _Entry) -> None:
    if entry.names.startswith("|1|") or any(sign in entry.names for sign in "*?!"):
        found.other.append(entry)
        return
    for name in entry.names.split(","):
        found.plain.setdefault(name, []).append(entry.key)


def _hashed(entry: str, name: str) -> bool:
    """``|1|salt|digest``: HMAC-SHA1 of the name."""
    try:
        salt, digest = (base64.b64decode(part, validate=True) for part in entry[3:].split("|"))
    except ValueError:
        return False
    return hmac.compare_digest(hmac.digest(salt, name.encode(), "sha1"), digest)
