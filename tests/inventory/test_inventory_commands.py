"""inventory show, check, export, and doctor."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nornir_itsm.cli.boundary import guarded
from nornir_itsm.inventory.exports import imported
from nornir_itsm.lab import Lab

PROJECT = Path(__file__).parents[2]
EXPORT = PROJECT / "inventory" / "monitoring_export.xlsx"
CONFIG = str(PROJECT / "config.yaml")


def asked(capfd: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run a command that must succeed, and return its JSON."""
    assert guarded([*arguments, "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def test_show_lists_devices_with_references_and_the_age_of_the_list(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """JSON on standard output; of a password only the reference; filters by attribute, group and data."""
    said = asked(
        capfd, "inventory", "show", "--config", CONFIG, "--filter", "group=edge", "--filter", "role=a*"
    )
    (device,) = said["devices"]
    assert (device["name"], device["port"], device["password"]) == (
        "DC1-ISP-LB01",
        443,
        "env:NETOPS_PASSWORD",
    )
    assert {"source", "taken", "cached", "loaded", "skipped"} <= set(said["sources"][0])


def test_check_tells_what_was_left_out_and_what_told_the_platform(capfd: pytest.CaptureFixture[str]) -> None:
    """For people: on standard error, whole; for scripts the same as JSON."""
    assert guarded(["inventory", "check", "--excel", str(EXPORT)]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    for words in ("读入 13 台", "跳过 4", "DC1C04-BADIP", "10.99.10.300", "huawei vrp", "s5700", "宏_"):
        assert words in err
    (source,) = asked(capfd, "inventory", "check", "--excel", str(EXPORT))["sources"]
    assert (source["loaded"], len(source["skipped"])) == (13, 4)


def test_a_wrong_list_is_an_error_with_place_and_remedy(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, sheet and row are named, a password is not repeated."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(("名称", "IP", "平台", "用户名", "密码"))
    book.worksheets[0].append(("A", "10.0.0.999", "huawei_vrp", "u", "hidden-1"))
    book.save(tmp_path / "a.xlsx")
    assert guarded(["inventory", "check", "--excel", str(tmp_path / "a.xlsx")]) == 1
    err = capfd.readouterr().err
    assert "row 2: '10.0.0.999' is no address" in err
    assert "hidden-1" not in err


@pytest.mark.parametrize("form", ["json", "json-simple", "ini", "yaml"])
def test_export_writes_files_that_can_be_read_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    """Into a new folder, never over an old one."""
    call = ["inventory", "export", form, "--excel", str(EXPORT), "--filter", "platform=hp_*"]
    for _ in range(2):
        assert guarded([*call, "--out", str(tmp_path / "out")]) == 0
    for folder in (tmp_path / "out", tmp_path / "out-2"):
        path = folder if form == "yaml" else next(folder.iterdir())
        assert set(imported(path).hosts) == {
            "DC1A01-CORE-SW01",
            "10.99.10.77",
            "DC1C02-DUP-SW",
            "DC1C05-SPACE",
        }
    assert guarded(call) == 0
    assert "DC1C05-SPACE" in capfd.readouterr().out


def test_export_refuses_what_is_no_format(capfd: pytest.CaptureFixture[str]) -> None:
    """With the formats that there are."""
    assert guarded(["inventory", "export", "xml", "--excel", str(EXPORT)]) == 1
    assert "json-simple" in capfd.readouterr().err


def test_doctor_on_the_lab_finds_everything_well(lab: Lab, capfd: pytest.CaptureFixture[str]) -> None:
    """Packages, configuration, references and a sample of devices that answer in parallel."""
    found = asked(capfd, "doctor", "--config", str(lab.config), "--sample", "4")["findings"]
    assert {one["level"] for one in found} == {"ok"}
    assert len([one for one in found if one["what"] == "reach"]) == 4


def test_doctor_says_what_does_not_answer_or_is_missing(lab: Lab, capfd: pytest.CaptureFixture[str]) -> None:
    """A device that is down, a secret that is not there: said each, and what is well besides."""
    lab.firewall.stop()
    (lab.directory / "adc.password").unlink()
    found = asked(capfd, "doctor", "--config", str(lab.config), "--sample", "9")["findings"]
    said = [f"{one['what']} {one['said']}" for one in found if one["level"] == "warning"]
    assert any(words.startswith("reach DC1-ISP-FW01") for words in said)
    assert any("adc.password" in words for words in said)
    assert len(said) == 2


def test_doctor_tells_an_error_by_its_exit_code(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A configuration that cannot be read is an error with its remedy, and no device is asked."""
    (tmp_path / "config.yaml").write_text("inventory: 3\n", "utf-8")
    assert guarded(["doctor", "--config", str(tmp_path / "config.yaml")]) == 1
    assert "config" in capfd.readouterr().err


def test_an_inventory_of_several_parts_finds_its_files_from_the_configurations_folder(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Relative paths count from the folder of config.yaml, those of parts and caches too."""
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.csv").write_text(
        "名称,IP,平台,用户名,密码\nA,10.0.0.1,huawei_vrp,u,env:P\n", "utf-8"
    )
    part = {
        "plugin": "itsm-excel",
        "options": {"path": ["lists/a.csv"], "cache": {"path": "kept.json", "age": 9}},
    }
    inventory = {"plugin": "itsm-combined", "options": {"inventories": [part]}}
    whole = {"inventory": inventory, "user_defined": {"itsm": {}}}
    (tmp_path / "config.yaml").write_text(json.dumps(whole), "utf-8")
    said = asked(capfd, "inventory", "show", "--config", str(tmp_path / "config.yaml"))
    assert [device["name"] for device in said["devices"]] == ["A"]
    assert (tmp_path / "kept.json").is_file()
