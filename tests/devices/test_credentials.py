"""References to secrets."""

import os
from pathlib import Path

import pytest

from nornir_itsm.devices.credentials import resolve, resolve_username
from nornir_itsm.errors import ConfigError


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
