"""A snapshot directory -> facts, with the time of each file and what is missing."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.lab.stoneos.firewall import Firewall
from nornir_itsm.sources import exports
from nornir_itsm.sources.discover import discover, unseen
from nornir_itsm.sources.snapshot import read_cloud, read_ipam, read_snapshot

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "inventory" / "snapshot"
TEMPLATE = (ROOT / "ttp_templates" / "hillstone_stoneos" / "show_configuration.ttp").read_text(
    encoding="utf-8"
)
POINTS = {
    "DC1-ISP-FW01": ("hillstone_stoneos", "firewall_edge"),
    "DC1-ISP-LB01": ("sangfor_ad", "adc"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "snapshot"))


def _change(file: Path, change: Callable[[Any], Any]) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(change(document)), encoding="utf-8")


def test_the_sample_snapshot_is_read_whole() -> None:
    """Points, cloud and IPAM are there, each file with its time from the manifest, and nothing is missing."""
    facts = read_snapshot(SAMPLE, POINTS, TEMPLATE)
    assert len(facts.firewall("DC1-ISP-FW01").rules) == 22
    assert len(facts.adc("DC1-ISP-LB01").dnat) == 24
    assert (len(facts.cloud.eips), len(facts.ipam.records)) == (26, 76)
    assert facts.taken["firewall_edge/policy.json"] == "2026-03-02T02:15:00+08:00"
    assert facts.taken["ipam/subnets.json"] == "2026-03-02T02:05:00+08:00"
    assert len(facts.taken) == 5 + 4 + 6 + 2
    assert facts.gaps == ()


def test_cloud_and_ipam_can_be_read_alone() -> None:
    """Live runs ask devices and take only these two from exports."""
    whole = read_snapshot(SAMPLE, {}, TEMPLATE)
    cloud, cloud_taken, cloud_gaps, _ = read_cloud(SAMPLE)
    ipam, ipam_taken, ipam_gaps, _ = read_ipam(SAMPLE)
    assert (cloud, ipam) == (whole.cloud, whole.ipam)
    assert {**cloud_taken, **ipam_taken} == whole.taken
    assert set(ipam_taken) == {"ipam/subnets.json", "ipam/addresses.json"}
    assert (cloud_gaps, ipam_gaps) == ((), ())


def test_a_configuration_serves_where_there_are_no_documents(copy: Path) -> None:
    """The printed configuration of the same firewall gives the same rules by name and order."""
    folder = copy / "firewall_edge"
    text = Firewall.from_snapshot("FW", folder).running_text()
    expected = read_snapshot(copy, POINTS, TEMPLATE).firewall("DC1-ISP-FW01")
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "fw.cfg").write_text(text.replace("End", "policy-global\n  default-action permit\nexit\nEnd"))
    facts = read_snapshot(copy, POINTS, TEMPLATE)
    names = [rule.name for rule in facts.firewall("DC1-ISP-FW01").rules]
    assert names == [rule.name for rule in expected.rules]
    assert facts.firewall("DC1-ISP-FW01").default == "permit"
    assert "firewall_edge/fw.cfg" in facts.taken


def test_without_a_manifest_the_files_say_when_they_were_written(copy: Path) -> None:
    """The time is that of the file, in UTC."""
    (copy / "manifest.json").unlink()
    os.utime(copy / "adc" / "dnat.json", (1_772_000_000, 1_772_000_000))
    facts = read_snapshot(copy, POINTS, TEMPLATE)
    assert facts.taken["adc/dnat.json"] == "2026-02-25T06:13:20+00:00"
    assert facts == read_snapshot(SAMPLE, POINTS, TEMPLATE)


@pytest.mark.parametrize(
    ("file", "key", "total", "gap"),
    [
        ("firewall_edge/policy.json", "total", "106", "firewall_edge/policy.json holds 22 of 106 records"),
        ("cloud/eips.json", "TotalCount", 247, "cloud/eips.json holds 26 of 247 records"),
        ("adc/dnat.json", "total_items", 101, "adc/dnat.json holds 24 of 101 records"),
    ],
)
def test_an_export_of_one_page_of_several_is_said(
    copy: Path, file: str, key: str, total: object, gap: str
) -> None:
    """The envelope's own count is held against what is there."""
    _change(copy / file, lambda document: document | {key: total})
    assert read_snapshot(copy, POINTS, TEMPLATE).gaps == (gap,)


def test_an_export_that_can_be_missed_is_said(copy: Path) -> None:
    """Without schedules, groups or load balancers the rest can still be read."""
    for name in ("firewall_edge/schedule.json", "adc/policy_routes.json", "cloud/slbs.json"):
        (copy / name).unlink()
    (copy / "adc/lc_policy-route_export.csv").unlink()
    gaps = read_snapshot(copy, POINTS, TEMPLATE).gaps
    assert [gap.split(" is missing")[0] for gap in gaps] == [
        "firewall_edge/schedule.json",
        "adc/policy_routes.json",
        "cloud/slbs.json",
    ]


@pytest.mark.parametrize(
    "file",
    ["firewall_edge/policy.json", "adc/dnat.json", "cloud/eips.json", "ipam/addresses.json"],
)
def test_an_export_that_cannot_be_missed_is_asked_for(copy: Path, file: str) -> None:
    """The error names the file that has to be put there."""
    (copy / file).unlink()
    with pytest.raises(SourceError, match=rf"{file}: this export is missing"):
        read_snapshot(copy, POINTS, TEMPLATE)


def test_a_folder_that_is_not_there_is_named(copy: Path) -> None:
    """A missing directory, folder or reader is an error with a remedy."""
    with pytest.raises(SourceError, match="no such snapshot directory"):
        read_snapshot(copy / "nowhere", POINTS, TEMPLATE)
    with pytest.raises(SourceError, match=r"nowhere: there is no such folder"):
        read_snapshot(copy, {"X": ("hillstone_stoneos", "nowhere")}, TEMPLATE)
    with pytest.raises(SourceError, match=r"X: snapshots of platform 'cisco_nxos' cannot be read"):
        read_snapshot(copy, {"X": ("cisco_nxos", "adc")}, TEMPLATE)
    shutil.rmtree(copy / "ipam")
    with pytest.raises(SourceError, match=r"ipam: there is no such folder"):
        read_ipam(copy)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "no JSON document"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"result": [NaN]}', "NaN is no JSON"),
        (b"[" * 100_000, "no JSON document"),
        (b"9" * 5000, "no JSON document"),
        (b'{"result": [{"name": 7}]}', r"adc: dnat: there is no items"),
        (b'{"items": [{"name": 7, "dnat_process": 5}]}', r"adc: dnat\[0\] 7: dnat_process is a number"),
    ],
)
def test_a_file_that_is_no_export_is_named(copy: Path, content: bytes, problem: str) -> None:
    """The error says which file, and which record of it."""
    (copy / "adc" / "dnat.json").write_bytes(content)
    with pytest.raises(SourceError, match=problem) as caught:
        read_snapshot(copy, POINTS, TEMPLATE)
    assert "adc" in caught.value.where
    assert caught.value.hint


def test_a_byte_order_mark_is_no_content(copy: Path) -> None:
    """Windows editors write one; it changes nothing."""
    file = copy / "adc" / "dnat.json"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_snapshot(copy, POINTS, TEMPLATE) == read_snapshot(SAMPLE, POINTS, TEMPLATE)


def test_a_file_that_is_too_large_is_not_opened(copy: Path) -> None:
    """The limit is checked before anything is read (the file here is sparse)."""
    with (copy / "adc" / "dnat.json").open("r+b") as file:
        file.truncate(exports.LARGEST + 1)
    with pytest.raises(SourceError, match="larger than 200 MB"):
        read_snapshot(copy, POINTS, TEMPLATE)


@pytest.mark.parametrize(
    "manifest", ["[]", '{"taken": []}', '{"taken": {"adc/dnat.json": "yesterday"}}', "{"]
)
def test_a_manifest_that_says_no_times_is_refused(copy: Path, manifest: str) -> None:
    """A wrong time would make old data look new."""
    (copy / "manifest.json").write_text(manifest)
    with pytest.raises(SourceError, match=r"manifest\.json"):
        read_cloud(copy)


def test_several_configurations_are_a_question(copy: Path) -> None:
    """Nobody guesses which of two configurations counts."""
    (copy / "firewall_edge" / "policy.json").unlink()
    for name in ("a.cfg", "b.txt"):
        (copy / "firewall_edge" / name).write_text("End\n")
    with pytest.raises(SourceError, match=r"several configurations: a\.cfg, b\.txt"):
        read_snapshot(copy, POINTS, TEMPLATE)


def test_an_export_of_a_usg_is_read_like_any_other(copy: Path) -> None:
    """One folder with the root's configuration serves each of its virtual systems; the file is named."""
    folder = copy / "firewall_usg"
    folder.mkdir()
    rule = "security-policy\n rule name {}\n  action permit\n#\nreturn\n"
    text = rule.format("root") + "#\nswitch vsys tenant\n#\n" + rule.format("theirs")
    (folder / "usg.cfg").write_text(text)
    points = {**POINTS, **dict.fromkeys(("USG", "USG-TENANT"), ("huawei_vrp", "firewall_usg"))}
    facts = read_snapshot(copy, points, TEMPLATE, {"USG-TENANT": "tenant"})
    assert [facts.firewall(name).rules[0].name for name in ("USG", "USG-TENANT")] == ["root", "theirs"]
    assert "firewall_usg/usg.cfg" in facts.taken
    (folder / "usg.cfg").write_text(text.replace("return", "", 1))
    with pytest.raises(SourceError, match=r"usg\.cfg"):
        read_snapshot(copy, points, TEMPLATE)
    (folder / "usg.cfg").unlink()
    with pytest.raises(SourceError, match="no configuration"):
        read_snapshot(copy, points, TEMPLATE)


@pytest.mark.parametrize("read_as", ["huawei_vrp.switch", "huawei_vrpv8"])
def test_an_export_of_a_huawei_switch_is_read(copy: Path, read_as: str) -> None:
    """What a point is read as decides; without a text nothing is known of it."""
    folder = copy / "switch_core"
    points = {**POINTS, "SW": (read_as, "switch_core")}
    assert not read_snapshot(copy, points, TEMPLATE).switch("SW").known
    folder.mkdir()
    (folder / "sw.txt").write_text("#\nvlan batch 10 12 to 13\n#\nreturn\n")
    assert set(read_snapshot(copy, points, TEMPLATE).switch("SW").vlans) == {"10", "12", "13"}


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("Version 5.5R4\nrule id 1\n  action permit\nexit\nEnd\n", "hillstone_stoneos"),
        ("#\nsecurity-policy\n rule name x\n  action permit\n#\nreturn\n", "huawei_vrp"),
        ("#\n version 7.1.070\n#\nvlan 1\n#\nreturn\n", "hp_comware"),
        ("#\n version 7.1.064\n#\nsecurity-policy ip\n rule 0 name x\n#\nreturn\n", "hp_comware.firewall"),
        ("hello\n", ""),
    ],
)
def test_a_configuration_tells_whose_it_is(tmp_path: Path, text: str, platform: str) -> None:
    """By lines that only this platform prints; a folder that says nothing is none of a device."""
    (tmp_path / "firewall_edge").mkdir()
    (tmp_path / "firewall_edge" / "a.txt").write_text(text)
    (tmp_path / "devices.json").write_text('[{"name": "FW1", "kind": "edge_firewall"}, {"name": "SW1"}]')
    found = discover(tmp_path)
    assert [(one.platform, one.name) for one in found] == ([(platform, "FW1")] if platform else [])
    assert unseen(tmp_path, found) == (("SW1",) if platform else ("FW1", "SW1"))
