"""Old and partial exports through the command line and at the moment of carrying out."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.app import App
from nornir_itsm.cli.boundary import guarded
from nornir_itsm.errors import Refused
from nornir_itsm.lab import Lab
from nornir_itsm.pipeline import rehearse

from .same_state import ROOT

Capture = pytest.CaptureFixture[str]
FORM = "orders/05-白名单-公司全称-协议下拉.xlsx"


@pytest.fixture
def strict(tmp_path: Path) -> Path:
    """A site that lets nothing be decided from a cloud older than a week."""
    for name in ("runbooks", "templates", "ttp_templates", "orders"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "inventory", tmp_path / "inventory")
    shutil.copy(ROOT / "config.yaml", tmp_path)
    text = (ROOT / "inventory/site.yaml").read_text("utf-8")
    changed = text.replace("cloud: {max_age: 7d, stale: warn", "cloud: {max_age: 7d, stale: block")
    assert changed != text
    (tmp_path / "inventory/site.yaml").write_text(changed, "utf-8")
    return tmp_path


def planned(folder: Path, capsys: Capture, *more: str) -> tuple[int, dict[str, Any]]:
    """Run ``plan --json`` over the March snapshot; return exit code and answer."""
    call = ["--config", str(folder / "config.yaml"), "--json", "plan", str(ROOT / FORM)]
    code = guarded([*call, "--snapshot", str(folder / "inventory/snapshot"), *more])
    return code, json.loads(capsys.readouterr().out)


def test_plan_asks_about_an_old_cloud_and_goes_on_when_told(strict: Path, capsys: Capture) -> None:
    """Exit 4 and a question with its key; answered with yes, exit 10, and the proof says how old it is."""
    code, blocked = planned(strict, capsys)
    assert code == 4
    assert [question["key"] for question in blocked["questions"]] == ["source.cloud"]
    code, taken_on = planned(strict, capsys, "--answer", "source.cloud=是")
    assert code == 10
    unknown = taken_on["proof"][0]["scope"]["unknown"]
    assert any(words.startswith("cloud 采集于 2026-03-02") for words in unknown)
    assert any(words.startswith("DC1-ISP-FW01 采集于 2026-03-02") for words in unknown)


def test_a_partial_cloud_blocks_as_the_example_site_says(strict: Path, capsys: Capture) -> None:
    """One page of several: its own count says so."""
    file = strict / "inventory/snapshot/cloud/eips.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"TotalCount": 247}), "utf-8")
    code, blocked = planned(strict, capsys, "--answer", "source.cloud=否")
    assert code == 4
    assert "cloud/eips.json holds 26 of 247 records" in blocked["questions"][0]["text"]


def test_an_approved_change_is_not_carried_out_on_facts_that_have_become_old(
    approved: Callable[[str], str], lab: Lab
) -> None:
    """Planned while any age was good; what holds at the moment of carrying out decides."""
    change = approved("05-白名单-公司全称-协议下拉.xlsx")
    app = App.open(lab.config)
    assert rehearse(change, app) > 0
    site = lab.directory / "site.yaml"
    text = (ROOT / "inventory/site.yaml").read_text("utf-8")
    site.write_text(text.replace("7d, stale: warn", "7d, stale: block"), "utf-8")
    config = lab.directory / "strict.yaml"
    config.write_text(lab.config.read_text("utf-8").replace(str(ROOT / "inventory/site.yaml"), str(site)))
    with pytest.raises(Refused, match="漂移"):
        rehearse(change, App.open(config))


def test_who_only_looks_is_told_and_not_stopped(strict: Path, capsys: Capture) -> None:
    """``run hygiene`` says how old the cloud is and goes on."""
    call = ["--config", str(strict / "config.yaml"), "--json", "run", "hygiene"]
    assert guarded([*call, "--snapshot", str(strict / "inventory/snapshot")]) == 0
    assert any(gap.startswith("cloud 采集于") for gap in json.loads(capsys.readouterr().out)["gaps"])
