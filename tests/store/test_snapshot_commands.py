"""snapshot list, diff, export, prune: what was collected, from the command line."""

import json
import os
from pathlib import Path

import pytest
from openpyxl import load_workbook

from nornir_itsm.cli.boundary import guarded
from nornir_itsm.errors import ChangeError
from nornir_itsm.model.collected import Collected, Output
from nornir_itsm.snapshots import SnapshotStore
from nornir_itsm.snapshots.folder import write_folder
from nornir_itsm.sources.snapshot import read_snapshot
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


def test_a_snapshot_becomes_a_folder_that_plan_reads(project: Path, tmp_path: Path) -> None:
    """A firewall's collected configuration is where ``plan --snapshot`` looks for it; names are no paths."""
    configuration = 'address "a"\n  ip 10.1.1.0/24\nexit\nEnd\n'
    store = SnapshotStore(open_store(tmp_path / "store.sqlite"))
    number = store.begin("collect", NOW)
    outputs = (Output("show configuration", configuration, NOW, LATER), Output("../../x", "y", NOW, LATER))
    store.keep(number, [Collected("FW-A", "hillstone_stoneos", outputs), collected("../SW-A")])
    assert write_folder(store, number, tmp_path / "out", {"FW-A": "firewall_edge"}) == 4
    assert {
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()
    } == {
        *("manifest.json", "firewall_edge/configuration.txt", "firewall_edge/answers/_.._x.txt"),
        *("_SW-A/answers/display_arp.txt", "_SW-A/answers/display_clock.txt"),
    }
    assert os.name == "nt" or (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    for name in ("cloud", "ipam"):
        (tmp_path / "out" / name).symlink_to(project / "inventory" / "snapshot" / name)
    template = (project / "ttp_templates/hillstone_stoneos/show_configuration.ttp").read_text("utf-8")
    facts = read_snapshot(tmp_path / "out", {"FW-A": ("hillstone_stoneos", "firewall_edge")}, template)
    assert facts.points["FW-A"].addresses["a"].members == ("10.1.1.0/24",)  # type: ignore[union-attr]
    assert facts.taken["firewall_edge/configuration.txt"] == LATER
    with pytest.raises(ChangeError, match="there already"):
        write_folder(store, number, tmp_path / "out", {})
