"""known_hosts as OpenSSH writes it: names, ports, wildcards, hashes, revocations."""

import base64
import hmac
import os
from pathlib import Path

import pytest

from nornir_itsm.devices.known_hosts import known_hosts, place, verdict

KEY, OTHER = (base64.b64encode(b"\0\0\0\x0bssh-ed25519" + bytes([n]) * 36).decode() for n in (1, 2))


def judged(folder: Path, text: str, host: str = "192.0.2.1", port: int = 22) -> str:
    file = folder / f"known_hosts-{len(list(folder.iterdir()))}"
    file.write_text(text, encoding="utf-8")
    return verdict([known_hosts(file)], place(host, port), base64.b64decode(KEY))


def hashed(name: str) -> str:
    salt = b"s" * 20
    digest = hmac.digest(salt, name.encode(), "sha1")
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"192.0.2.1 ssh-ed25519 {KEY}", "known"),
        (f"fw-1,192.0.2.1 ssh-ed25519 {KEY} comment", "known"),
        (f"192.0.2.* ssh-ed25519 {KEY}", "known"),
        (f"!192.0.2.1,192.0.2.* ssh-ed25519 {KEY}", "unknown"),
        (f"{hashed('192.0.2.1')} ssh-ed25519 {KEY}", "known"),
        (f"{hashed('192.0.2.2')} ssh-ed25519 {KEY}", "unknown"),
        (f"192.0.2.1 ssh-ed25519 {OTHER}", "changed"),
        (f"192.0.2.1 ssh-ed25519 {OTHER}\n192.0.2.1 ssh-ed25519 {KEY}", "known"),
        (f"192.0.2.1 ssh-ed25519 {KEY}\n@revoked * ssh-ed25519 {KEY}", "revoked"),
        (f"@cert-authority * ssh-ed25519 {KEY}", "unknown"),
        (f"[192.0.2.1]:22022 ssh-ed25519 {KEY}", "unknown"),
        ("# nobody\n\n", "unknown"),
    ],
)
def test_a_key_is_judged_as_openssh_does(tmp_path: Path, line: str, expected: str) -> None:
    """Known, unknown, changed or revoked; a key is trusted for its own name only."""
    assert judged(tmp_path, line) == expected


def test_another_port_is_another_name(tmp_path: Path) -> None:
    """Brackets and port, plain or hashed or with a wildcard."""
    for name in ("[192.0.2.1]:22022", hashed("[192.0.2.1]:22022"), "[192.0.2.*]:22022"):
        assert judged(tmp_path, f"{name} ssh-ed25519 {KEY}", port=22022) == "known"
        assert judged(tmp_path, f"{name} ssh-ed25519 {KEY}", port=22023) == "unknown"


@pytest.mark.parametrize("line", ["192.0.2.1 ssh-ed25519", "192.0.2.1 ssh-ed25519 ???"])
def test_a_broken_line_is_told(tmp_path: Path, line: str) -> None:
    """A file that cannot be trusted to be whole trusts nobody."""
    with pytest.raises(ValueError, match="line 1"):
        judged(tmp_path, line)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """A key that was taken out is not trusted for longer than a second."""
    file = tmp_path / "known_hosts"
    file.write_text(f"192.0.2.1 ssh-ed25519 {KEY}\n", encoding="utf-8")
    assert known_hosts(file).keys("192.0.2.1")
    file.write_text("", encoding="utf-8")
    os.utime(file, (1, 1))
    import time

    time.sleep(1.05)
    assert not known_hosts(file).keys("192.0.2.1")
