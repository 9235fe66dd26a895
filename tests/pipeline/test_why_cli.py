"""why on live devices and on exports: exit codes, both streams, and the change that made a rule."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.cli.boundary import guarded
from nornir_itsm.lab import Lab
from nornir_itsm.pipeline import carry_out

from .bench import ADD_04

QUESTION = ("why", "10.60.134.61", "192.0.2.131", "tcp/37791")
Says = Callable[..., tuple[int, str, str]]


@pytest.fixture
def says(lab: Lab, capfd: pytest.CaptureFixture[str]) -> Says:
    """Run a command on the lab's configuration; return exit code, standard output and standard error."""

    def run(*words: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = guarded([*words, "--config", str(lab.config)])
        return code, *capfd.readouterr()

    return run


def test_before_and_after_an_order(
    says: Says, lab: Lab, approved: Callable[[str], str], installation: App
) -> None:
    """Live: blocked with the same answer as the plan's; carried out, it passes and names the change."""
    change = approved(ADD_04)
    code, out, _ = says(*QUESTION, "--json", "--answer", "D1.public=203.0.113.213,198.51.100.53")
    before = json.loads(out)
    assert (code, before["verdict"]) == (10, "blocked")
    assert before["parts"][0]["hops"][-1]["rule"] == "Default-Deny"
    assert before["smallest"][0]["proof"][0]["opened"] == ["10.60.134.61 → 192.0.2.131 TCP 37791"]
    sent = len(lab.firewall.lines)
    carry_out(change, installation)
    assert len(lab.firewall.lines) > sent
    code, out, _ = says(*QUESTION, "--json")
    after = json.loads(out)
    assert (code, after["verdict"], after["smallest"]) == (0, "passes", [])
    made_by = {hop["rule"]: hop["made_by"] for part in after["parts"] for hop in part["hops"]}
    assert made_by["示例期货公司A-示例本地行情上网"] == f"{change}（{ADD_04}）"
    assert made_by["示例期货公司A3-源转换-电信IPV4"] is None


def test_on_exports_nothing_is_written(says: Says, lab: Lab, project: Path) -> None:
    """A question makes no store, asks no device, and its drawing stays off standard output."""
    snapshot = str(project / "inventory" / "snapshot")
    asked = len(lab.firewall.lines)
    code, out, err = says("why", "10.60.134.43", "update.example.com", "tcp/80", "--snapshot", snapshot)
    assert (code, out) == (0, "")
    assert err.index("示例期货公司A访问互联网（id 21）") < err.index("示例期货公司A2-源转换-移动IPV4")
    assert len(lab.firewall.lines) == asked
    assert not App.open(lab.config).settings.state_file.exists()


@pytest.mark.parametrize(
    ("destination", "zone", "verdict"),
    [
        ("192.0.2.7", "会员自有专线", "manual"),
        ("192.0.2.7", "证联网-生产", "unsupported"),
    ],
)
def test_a_path_that_is_not_ours_is_said(says: Says, destination: str, zone: str, verdict: str) -> None:
    """Exit code 1, the reason, and no answer that nobody could give."""
    code, out, _ = says("why", "10.60.134.61", destination, "tcp/80", "--to", zone, "--json")
    said = json.loads(out)
    assert (code, said["verdict"], said["parts"]) == (1, verdict, [])
    assert said["reason"]


def test_a_wrong_word_is_named(says: Says) -> None:
    """Place, problem and remedy on standard error; nothing on standard output."""
    code, out, err = says("why", "10.60.134.999", "any", "tcp/80")
    assert (code, out) == (1, "")
    assert "✗ SRC" in err
    assert "→" in err
