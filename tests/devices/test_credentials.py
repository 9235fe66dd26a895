"""References to secrets."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nornir.core.inventory import ConnectionOptions, Group, Host, ParentGroups

from nornir_itsm.devices.credentials import account, resolve, resolve_username
from nornir_itsm.devices.fleet import NornirFleet
from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import ADC, FIREWALL
from nornir_itsm.model.change import Call, Change
from nornir_itsm.references import WRITE


def test_environment_variable_and_file(tmp_path: Path) -> None:
    """Both kinds of reference give the secret; a file's line end is no part of it."""
    (tmp_path / "secret").write_text("示例 secret\n", encoding="utf-8")
    assert resolve(f"file:{tmp_path / 'secret'}", "FW") == "示例 secret"
    assert resolve("env:PATH", "FW") == os.environ["PATH"]
    assert resolve_username("netops", "FW") == "netops"


@pytest.mark.parametrize(
    "reference", ["env:NORNIR_ITSM_NOT_SET", "file:/nonexistent/secret", "file:relative/secret"]
)
def test_what_cannot_be_resolved_names_device_and_reference(reference: str) -> None:
    """The message says which device and which reference."""
    with pytest.raises(ConfigError) as caught:
        resolve(reference, "FW-1")
    assert caught.value.where == "FW-1"
    assert reference in str(caught.value)


@pytest.mark.parametrize("text", ["hidden-1", "plain:hidden-1", "", None])
def test_a_password_in_clear_is_not_repeated(text: str | None) -> None:
    """Something that is no reference may be the password: it is refused and not shown."""
    with pytest.raises(ConfigError) as caught:
        resolve(text, "FW-1")
    assert "hidden-1" not in str(caught.value)


KEYRING = """
def get_password(service, user):
    return {("netops", "fw/1"): "示例 secret"}.get((service, user))
"""


@pytest.mark.parametrize(
    ("reference", "said"), [("keyring:netops/fw/1", "示例 secret"), ("keyring:netops/x", "has no")]
)
def test_the_keyring(tmp_path: Path, reference: str, said: str) -> None:
    """Service and user are split at the first slash; the package keyring is asked, here one of the test."""
    (tmp_path / "keyring.py").write_text(KEYRING, encoding="utf-8")
    code = f"from nornir_itsm.references import resolve; print(resolve({reference!r}, 'FW'))"
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, check=False, encoding="utf-8"
    )
    assert said in done.stdout + done.stderr


def test_a_device_is_written_to_with_the_account_for_that(fleet: NornirFleet, lab: Lab) -> None:
    """Reading uses the usual account, saving that of ``itsm-write``; each fails where its own is missing."""
    host = fleet._nornir.inventory.hosts[FIREWALL]
    good, host.password = host.password, "env:NORNIR_ITSM_NOT_SET"
    assert "NORNIR_ITSM_NOT_SET" in fleet.save(FIREWALL).problem
    host.connection_options[WRITE] = ConnectionOptions(username="admin", password=good)
    assert fleet.save(FIREWALL).problem == ""
    with pytest.raises(SourceError, match="NORNIR_ITSM_NOT_SET"):
        fleet.read([FIREWALL])


def test_a_rest_device_is_written_to_with_that_account_too(fleet: NornirFleet) -> None:
    """Without it the call is not sent; with it the device itself answers."""
    host = fleet._nornir.inventory.hosts[ADC]
    good, host.password = host.password, "env:NORNIR_ITSM_NOT_SET"
    change = Change(ADC, "sangfor_ad", (), calls=(Call("DELETE", "/net/dnat/nothing"),))
    first = fleet.push(change, lambda call: None)
    host.connection_options[WRITE] = ConnectionOptions(username="admin", password=good)
    second = fleet.push(change, lambda call: None)
    assert ("NORNIR_ITSM_NOT_SET" in first.problem, len(first.sent)) == (True, 0)
    assert ("404" in second.problem, len(second.sent)) == (True, 1)


def test_the_account_for_writing_may_be_that_of_a_group() -> None:
    """Groups and defaults give it as they give the other; without one the usual account writes."""
    group = Group("edge", connection_options={WRITE: ConnectionOptions(username="w", password="env:W")})
    host = Host("FW", username="r", password="env:R", groups=ParentGroups([group]))
    assert account(host, "netmiko", write=True) == ("w", "env:W")
    assert account(host, "netmiko", write=False) == ("r", "env:R")
    assert account(Host("FW", username="r", password="env:R"), "netmiko", write=True) == ("r", "env:R")
