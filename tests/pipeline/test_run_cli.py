"""run: a runbook that only looks, on live devices and on exports."""

import json
from pathlib import Path

import pytest

from nornir_itsm.cli.boundary import guarded
from nornir_itsm.lab import Lab

from .bench import states


def test_hygiene_of_live_devices_is_that_of_their_exports(
    lab: Lab, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same findings both ways, but for what a configuration text does not say: hits, cut off members."""
    before = states(lab)
    config, snapshot = str(lab.config), str(project / "inventory" / "snapshot")
    assert guarded(["run", "hygiene", "--json", "--config", config]) == 0
    live = json.loads(capfd.readouterr().out)
    assert guarded(["run", "hygiene", "--json", "--config", config, "--snapshot", snapshot]) == 0
    saved = json.loads(capfd.readouterr().out)
    assert [f["object"] for f in live["findings"] if f["kind"] == "dead"] == [
        "示例期货公司C上网",
        "示例历史测试",
    ]
    told = {"zero-hit", "unclear", "truncated", "disabled"}
    first, second = ([f for f in said["findings"] if f["kind"] not in told] for said in (live, saved))
    assert sorted(map(str, first)) == sorted(map(str, second))
    assert states(lab) == before
    assert set(saved["findings"][0]) == {"kind", "point", "object", "problem"}


@pytest.mark.parametrize("name", ["nothing", "cloud_to_internet"])
def test_what_cannot_be_run_is_said(lab: Lab, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A runbook that is not there, and one that orders choose: a remedy, exit code 1."""
    assert guarded(["run", name, "--config", str(lab.config)]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert "→" in err


def test_the_table_holds_every_finding_whole(
    lab: Lab, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """For people: on standard error, nothing of it cut off."""
    snapshot = str(project / "inventory" / "snapshot")
    assert guarded(["run", "hygiene", "--config", str(lab.config), "--snapshot", snapshot]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert "…" not in err
    for words in ("位于拒绝之下", "TCP-25", "198.51.100.64", "DC1-ISP-LB01"):
        assert words in err
