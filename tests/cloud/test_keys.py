"""The vendor's chain of credentials."""

import json
from pathlib import Path

import pytest

from nornir_itsm.errors import ConfigError
from nornir_itsm.sources.aliyun_keys import Keys, chained

INI = "[default]\ntype = access_key\naccess_key_id = ini\naccess_key_secret = s4\n"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a file of the command line tool and one of credentials."""
    profiles = [
        {"name": "default", "mode": "AK", "access_key_id": "tool", "access_key_secret": "s2"},
        {
            "name": "sts",
            "mode": "StsToken",
            "access_key_id": "t",
            "access_key_secret": "s3",
            "sts_token": "k",
        },
        {"name": "role", "mode": "EcsRamRole", "ram_role_name": "netops"},
        {"name": "oauth", "mode": "OAuth"},
    ]
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(
        json.dumps({"current": "default", "profiles": profiles})
    )
    (tmp_path / "credentials").write_text(INI)
    return {"HOME": str(tmp_path), "ALIBABA_CLOUD_CREDENTIALS_FILE": str(tmp_path / "credentials")}


def test_the_order_of_the_chain(home: dict[str, str], tmp_path: Path) -> None:
    """The environment, the tool's profile, the file, the role of this instance; the first that has keys."""
    own = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "env", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s1"}
    role = {"ALIBABA_CLOUD_ECS_METADATA": "netops"}
    assert chained("x", {**home, **own, **role}) == Keys("env", "s1")
    assert chained("x", {**home, **own, "ALIBABA_CLOUD_SECURITY_TOKEN": "t"}) == Keys("env", "s1", "t")
    assert chained("x", {**home, **role}) == Keys("tool", "s2")
    (tmp_path / ".aliyun" / "config.json").unlink()
    assert chained("x", {**home, **role}) == Keys("ini", "s4")
    (tmp_path / "credentials").unlink()
    assert chained("x", {**home, **role}) == Keys(role="netops")
    with pytest.raises(ConfigError, match="no access key"):
        chained("x", {**home, **role, "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"})


def test_a_profile_is_chosen_by_name(home: dict[str, str]) -> None:
    """By the configuration or by the environment; a mode that is not followed is said."""
    assert chained("x", {**home, "ALIBABA_CLOUD_PROFILE": "sts"}) == Keys("t", "s3", "k")
    assert chained("x", home, profile="role") == Keys(role="netops")
    for name, said in {"oauth": "is not followed", "nobody": "no access key in profile nobody"}.items():
        with pytest.raises(ConfigError, match=said):
            chained("x", home, profile=name)


@pytest.mark.parametrize("content", ["{", "[]", '{"profiles": 3}', '{"profiles": ["x"]}'])
def test_a_broken_file_is_said(home: dict[str, str], content: str) -> None:
    """Not passed over: other keys than those that were meant might be used."""
    Path(home["HOME"], ".aliyun", "config.json").write_text(content)
    with pytest.raises(ConfigError, match=r"config\.json cannot be read"):
        chained("x", home)
