"""snapshot list, diff, export, prune: what was collected, from the command line."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from nornir_itsm.cli.boundary import guarded
from nornir_itsm.snapshots import SnapshotStore
from nornir_itsm.store import open_store

from .examples import LATER, NOW, collected


def test_the_commands(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A fresh installation with two snapshots: listed, compared, written as a workbook, let go."""
    for name in ("config.yaml", "inventory", "runbooks", "templates", "ttp_templates"):
        (tmp_path / name).symlink_to(project / name)
    at = ["--config", str(tmp_path / "config.yaml")]
    assert guarded([*at, "snapshot", "export", str(tmp_path / "none.xlsx")]) == 1
    store = SnapshotStore(open_store(tmp_path / "var" / "state.sqlite"))
    for mac in ("00:00:00:00:00:01", "00:00:00:00:00:02"):
        number = store.begin("collect", NOW)
        store.keep(number, [collected("SW-A", ("10.1.1.1", mac))])
        store.finish(number, LATER)
    assert guarded([*at, "--json", "snapshot", "list"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["snapshots"]] == [1, 2]
    assert guarded([*at, "--json", "snapshot", "diff", "1", "2"]) == 0
    (said,) = json.loads(capsys.readouterr().out)["differences"]
    assert said["changed"][0]["fields"] == {"mac": ["00:00:00:00:00:01", "00:00:00:00:00:02"]}
    assert guarded([*at, "snapshot", "diff", "1", "2"]) == 0
    assert "10.1.1.1" in capsys.readouterr().err
    assert guarded([*at, "snapshot", "export", str(tmp_path / "采集.xlsx")]) == 0
    assert "display arp" in load_workbook(tmp_path / "采集.xlsx").sheetnames
    assert guarded([*at, "snapshot", "prune", "--keep", "1", "--days", "0"]) == 0
    assert [one.id for one in store.listing()] == [2]
    assert guarded([*at, "snapshot", "diff", "1", "2"]) == 1
