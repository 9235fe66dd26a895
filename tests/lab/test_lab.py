"""The lab as a whole: the overlay it writes, and running it as a program."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from openpyxl import load_workbook

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab import Lab
from nornir_itsm.lab.sangfor.resources import RESOURCES

from .clients import PROJECT, SNAPSHOT


def test_importing_the_lab_is_light() -> None:
    """No SSH, no cryptography and no workbook library before a lab is started."""
    code = "import sys, nornir_itsm.lab; print({'asyncssh', 'cryptography', 'openpyxl'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_directory_is_private(lab: Lab) -> None:
    """0700, and every secret 0600."""
    assert stat.S_IMODE(lab.directory.stat().st_mode) == 0o700
    for name in ("firewall.password", "adc.password", "adc.key", "approver.token"):
        assert stat.S_IMODE((lab.directory / name).stat().st_mode) == 0o600


def test_the_overlay_points_at_project_and_lab(lab: Lab) -> None:
    """Knowledge comes from the project, whatever is written goes below the lab's directory."""
    config = json.loads(lab.config.read_text(encoding="utf-8"))
    itsm = config["user_defined"]["itsm"]
    for key in ("site", "templates", "ttp_templates", "runbooks"):
        assert Path(itsm[key]).is_relative_to(PROJECT)
    written = (itsm["state"], itsm["output"], itsm["desk"]["path"], itsm["known_hosts"])
    for path in (*written, config["inventory"]["options"]["path"]):
        assert Path(path).is_relative_to(lab.directory)
    assert itsm["sources"]["cloud"]["snapshot"] == str(SNAPSHOT)
    author, approver = itsm["users"]
    assert (author["name"], author["roles"]) == ("示例工程师", ["author"])
    assert author["account"]
    token = lab.token.read_text()
    assert approver["token"] == f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"


def test_the_workbook_names_references_and_no_password(lab: Lab) -> None:
    """devices.xlsx has both devices; a password is a ``file:`` reference to where it is kept."""
    header, *rows = load_workbook(lab.directory / "devices.xlsx").worksheets[0].iter_rows(values_only=True)
    devices = [dict(zip(header, row, strict=True)) for row in rows]
    assert {str(device["name"]): device["port"] for device in devices} == lab.ports
    for device in devices:
        assert device["hostname"] == "127.0.0.1"
        assert Path(str(device["password"]).removeprefix("file:")).read_text()


def test_no_secret_stands_in_an_open_file(lab: Lab) -> None:
    """Passwords and token are in their own files only."""
    secrets = [path.read_text() for path in lab.directory.glob("*.password")] + [lab.token.read_text()]
    for name in ("config.yaml", "known_hosts", "devices.xlsx"):
        content = (lab.directory / name).read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content]


def test_every_start_has_new_keys_and_the_same_state(tmp_path: Path) -> None:
    """Passwords, host key, CA and token are made new; what the devices hold survives a stop."""
    lab = Lab(tmp_path, snapshot=SNAPSHOT, project=PROJECT)
    made = ("known_hosts", "ca.pem", "firewall.password", "adc.password", "approver.token")
    with lab:
        first = [(tmp_path / name).read_text() for name in made]
        lab.firewall.config.rules.pop()
    state = lab.firewall.state()
    with lab:
        second = [(tmp_path / name).read_text() for name in made]
    assert not [one for one, other in zip(first, second, strict=True) if one == other]
    assert lab.firewall.state() == state


def test_a_folder_that_is_no_snapshot_is_named(tmp_path: Path) -> None:
    """The error says which folder is missing."""
    with pytest.raises(ConfigError, match="firewall_edge"):
        Lab(tmp_path, snapshot=tmp_path, project=PROJECT)


def test_a_reset_goes_back_to_the_snapshot(tmp_path: Path) -> None:
    """State, saved configuration, lock, faults and log are those of a new lab."""
    lab = Lab(tmp_path, snapshot=SNAPSHOT, project=PROJECT)
    state = (lab.firewall.state(), lab.adc.state(), lab.firewall.startup_text())
    lab.firewall.config.rules.pop()
    lab.firewall.save()
    lab.firewall.locked = True
    lab.firewall.faults.slow(9)
    lab.adc.store.delete(RESOURCES["/net/dnat"], "日志平台-管理口")
    lab.reset()
    assert (lab.firewall.state(), lab.adc.state(), lab.firewall.startup_text()) == state
    assert (lab.firewall.locked, lab.firewall.faults.delay, lab.firewall.lines) == (False, 0, ())


def test_devices_have_their_names(lab: Lab) -> None:
    """An unknown device is an error that lists the known ones."""
    assert lab.device("DC1-ISP-LB01") is lab.adc
    with pytest.raises(ConfigError) as caught:
        lab.device("DC9")
    assert "DC1-ISP-FW01" in caught.value.hint


def _command(directory: Path, *more: str) -> list[str]:
    options = ("--snapshot", str(SNAPSHOT), "--project", str(PROJECT))
    return [sys.executable, "-m", "nornir_itsm.lab", str(directory), *options, *more]


@contextmanager
def _running(directory: Path, *more: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        _command(directory, *more), text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        status = directory / "lab.json"
        while process.poll() is None and not status.exists():
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_program_runs_until_it_is_told_to_end(tmp_path: Path) -> None:
    """lab.json stands there while it runs, with pid and ports; a second lab does not start beside it."""
    with _running(tmp_path, "--refuse", "DC1-ISP-FW01:2", "--slow", "DC1-ISP-LB01:0.1") as process:
        status = json.loads((tmp_path / "lab.json").read_text())
        assert status["pid"] == process.pid
        assert set(status["ports"]) == {
            "DC1-ISP-FW01",
            "DC1-CDL-FW01-TESTNET",
            "DC1-CORE-FW01",
            "DC1-CORE-SW01",
            "DC1-ISP-LB01",
            "IPAM",
        }
        config = (tmp_path / "config.yaml").read_bytes()
        second = subprocess.run(_command(tmp_path), capture_output=True, text=True, check=False)
        assert (second.returncode, second.stdout) == (1, "")
        assert "already" in second.stderr
        assert (tmp_path / "config.yaml").read_bytes() == config
        os.kill(process.pid, signal.SIGTERM)
        assert process.communicate(timeout=20) == ("", "")
        assert process.returncode == 0
    assert not (tmp_path / "lab.json").exists()


@pytest.mark.parametrize(
    "fault", [("--refuse", "DC9:1"), ("--drop", "DC1-ISP-FW01:x"), ("--drop-after", "x")]
)
def test_a_fault_that_makes_no_sense_is_named(tmp_path: Path, fault: tuple[str, str]) -> None:
    """Exit code 1 and a message, no traceback."""
    done = subprocess.run(_command(tmp_path, *fault), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "→" in done.stderr


def test_a_file_left_by_a_killed_lab_does_not_stop_the_next(tmp_path: Path) -> None:
    """lab.json counts only while somebody answers at its ports."""
    (tmp_path / "lab.json").write_text('{"pid": 1, "ports": {"DC1-ISP-FW01": 1}}')
    with _running(tmp_path) as process:
        assert process.poll() is None
