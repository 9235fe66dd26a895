"""site check, show, schema and learn as commands: exit codes, JSON, files."""

import json
from pathlib import Path

import pytest

from nornir_itsm.cli.boundary import guarded

from .example import ROOT, parsed

CONFIG = ("--config", str(ROOT / "config.yaml"))
Capture = pytest.CaptureFixture[str]


def test_check_names_every_fault_with_its_line(tmp_path: Path, capsys: Capture) -> None:
    """Exit 0 for the example, 1 with line, key, problem and remedy for a broken one, also as JSON."""
    assert guarded([*CONFIG, "site", "check"]) == 0
    assert "paths 8" in capsys.readouterr().err
    broken = tmp_path / "site.yaml"
    text = (ROOT / "inventory/site.yaml").read_text("utf-8")
    broken.write_text(
        text.replace("max_age: 7d", "max_age: soon").replace("  points: {max", "  wall: {max"), "utf-8"
    )
    assert guarded([*CONFIG, "site", "check", str(broken)]) == 1
    said = capsys.readouterr().err
    assert "sources.cloud.max_age: 'soon' is no length of time" in said
    assert "sources.wall: is no source" in said
    assert guarded([*CONFIG, "--json", "site", "check", str(broken)]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    lines = text.splitlines()
    assert [lines[error["line"] - 1].split(":")[0].strip() for error in answer["errors"]] == [
        "cloud",
        "points",
    ]
    assert all(error["hint"] for error in answer["errors"])


def test_show_says_the_site_in_json(capsys: Capture) -> None:
    """The whole of it, as it was read."""
    assert guarded([*CONFIG, "--json", "site", "show"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["cloud"] == "行业云"
    assert shown["sources"]["cloud"] == {"max_age": 604800, "stale": "warn", "partial": "block"}


def test_learn_needs_no_site_and_confirms_line_by_line(tmp_path: Path, capsys: Capture) -> None:
    """Nothing is on but what was named; a strange key is wrong usage; nothing is written over."""
    out = tmp_path / "proposal.yaml"
    call = [*CONFIG, "site", "learn", str(ROOT / "inventory/snapshot"), "--out", str(out)]
    orders = ("--orders", str(ROOT / "tests/forms/samples"))
    assert guarded([*call, *orders, "--confirm", "isps.电信", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [p["key"] for p in answer["proposals"] if p["confirmed"]] == ["isps.电信"]
    assert all(p["evidence"] for p in answer["proposals"])
    assert {"key", "text", "hint"} == set(answer["questions"][0])
    zones = {p["at"][1]: p["value"] for p in answer["proposals"] if p["at"][0] == "zones"}
    assert "证联网测试网" in zones
    assert list(parsed(out.read_text("utf-8"))) == ["isps"]
    before = out.read_bytes()
    assert guarded(call) == 1
    assert out.read_bytes() == before
    assert guarded([*call[:-2], "--confirm", "isps.电讯"]) == 2
    assert "isps.电信" in capsys.readouterr().err


def test_what_cannot_be_read_is_named(tmp_path: Path, capsys: Capture) -> None:
    """A folder that is none, and one without exports."""
    assert guarded([*CONFIG, "site", "learn", str(tmp_path / "nowhere")]) == 1
    assert guarded([*CONFIG, "site", "learn", str(tmp_path)]) == 1
    assert "cloud" in capsys.readouterr().err
