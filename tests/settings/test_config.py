"""config.yaml: paths are absolute, unknown keys are errors, secrets are not repeated."""

import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from nornir_itsm.errors import ConfigError
from nornir_itsm.itsm import DESKS
from nornir_itsm.settings import Desk, load_settings

EXAMPLE = Path(__file__).parents[2] / "config.yaml"

GOOD = """\
inventory:
  plugin: itsm-excel
  options: {path: inventory/devices.xlsx}
runner:
  plugin: threaded
  options: {num_workers: 20}
user_defined:
  itsm:
    state: var/state.sqlite
    users:
      - {name: 甲, roles: [author], account: a}
      - {name: 乙, roles: [approver], account: b, acts_for: [甲]}
"""

IPAM = "    sources:\n      ipam:"
BROKEN = {
    "an unknown key of ours": ("    state:", "    stat:", 9, "stat", "state"),
    "an unknown key of Nornir": ("runner:", "runners:", 4, "runners", "runner"),
    "no part of ours": ("  itsm:\n", "  other:\n", 7, "user_defined.itsm", "add 'itsm'"),
    "an unknown role": ("[author]", "[king]", 11, "users[0].roles[0]", "approver"),
    "no role": ("[author]", "[]", 11, "roles: is empty", "author"),
    "an account twice": ("account: b", "account: a", 12, "is that of user '甲' too", "one each"),
    "a name twice": ("name: 乙", "name: 甲", 12, "is that of user '甲' too", "one each"),
    "acting for nobody": ("acts_for: [甲]", "acts_for: [丙]", 12, "no user is called '丙'", "users"),
    "an empty path": ("var/state.sqlite", '""', 9, "is empty", "path"),
    "a path that is a number": ("var/state.sqlite", "7", 9, "must be text", "quotes"),
    "a store's password": ("var/state.sqlite", "postgresql://u:pw@h/n", 9, "holds a password", "env:NAME"),
    "an IPAM nowhere": ("    users:", f"{IPAM} {{}}\n    users:", 11, "names no source", "phpipam"),
    "an IPAM without TLS": (
        "    users:",
        f"{IPAM} {{netbox: {{url: http://x/api, ca: c.pem, token: env:T}}}}\n    users:",
        11,
        "is no https address",
        "https://HOST",
    ),
    "a secret as it is": (
        "    users:",
        f"{IPAM} {{netbox: {{url: https://x/api, ca: c.pem, token: Tr0ub4}}}}\n    users:",
        11,
        "netbox.token: is no reference",
        "env:NAME",
    ),
    "an unknown desk": ("    users:", "    desk: {kind: ticketron}\n    users:", 10, "desk.kind", "folder"),
}


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_sound() -> None:
    """The config.yaml that comes with the project loads; every path in it is absolute."""
    settings = load_settings(EXAMPLE)
    assert settings.config == EXAMPLE
    assert settings.site == EXAMPLE.parent / "inventory" / "site.yaml"
    assert settings.sources.cloud is not None
    assert settings.sources.cloud.snapshot == EXAMPLE.parent / "inventory" / "snapshot"
    assert {role for user in settings.users for role in user.roles} == {"author", "approver"}


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    """Relative paths, those of the inventory too, count from the file's folder and not from the shell's."""
    settings = load_settings(config(tmp_path, GOOD))
    assert settings.state_file == tmp_path / "var" / "state.sqlite"
    assert settings.desk.path == tmp_path / "var" / "tickets"
    assert settings.nornir["inventory"]["options"]["path"] == str(tmp_path / "inventory" / "devices.xlsx")


def test_nornir_takes_its_part(tmp_path: Path) -> None:
    """What is handed on as Nornir's part is what Nornir's own configuration accepts."""
    from nornir.core.configuration import Config

    settings = load_settings(config(tmp_path, GOOD))
    assert Config.from_dict(**settings.nornir).runner.options == {"num_workers": 20}


@pytest.mark.parametrize("case", BROKEN)
def test_an_error_names_line_key_and_remedy(case: str, tmp_path: Path) -> None:
    """Whatever is wrong: the file, the line, what it is about and what to do are said."""
    before, after, line, words, remedy = BROKEN[case]
    assert before in GOOD
    path = config(tmp_path, GOOD.replace(before, after, 1))
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert f"{path}:{line}: " in message or f"line {line}: " in message
    assert words in message
    assert remedy in message


def test_a_bare_token_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """Somebody who writes the token itself is told so; the message does not hold it."""
    text = GOOD.replace("account: a", "token: s3cr3t-s3cr3t")
    with pytest.raises(ConfigError, match="no sha256 digest") as caught:
        load_settings(config(tmp_path, text))
    assert "s3cr3t" not in str(caught.value)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """No config.yaml: the message names the option that says where it is."""
    with pytest.raises(ConfigError, match="--config"):
        load_settings(tmp_path / "config.yaml")


def test_every_kind_of_desk_can_be_opened() -> None:
    """The kinds that config.yaml may name are those that there are adapters for."""
    assert set(get_args(get_type_hints(Desk)["kind"])) == set(DESKS)


def test_importing_the_settings_is_light() -> None:
    """Neither pydantic nor ruamel.yaml is loaded before a file is read."""
    code = "import sys, nornir_itsm.settings; print({'pydantic', 'ruamel.yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
