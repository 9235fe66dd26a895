"""The command collect: exit codes, what is kept, what is said; over real SSH against the crowd."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.crowd import Crowd, Device, Temper
from nornir_itsm.snapshots import SnapshotStore
from nornir_itsm.store import open_store

PROJECT = Path(__file__).parents[2]
SECRET = "示例-secret"
MUTE = Device(3, "cisco_ios", Temper(mute="show version"))


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    with Crowd([Device(1, "huawei_vrp"), Device(2, "hp_comware"), MUTE], SECRET) as running:
        yield running


def site(folder: Path, crowd: Crowd, *names: str) -> Path:
    """Write an installation whose inventory is these devices of the crowd, and return its config.yaml."""
    hosts = {
        name: {
            "hostname": "127.0.0.1", "port": crowd.port, "username": name, "password": "env:CROWD_SECRET",
            "platform": crowd.devices[name].vendor,
        }
        for name in names
    }  # fmt: skip
    questions = {
        "commands": {
            "huawei_vrp": {"all": ["display version", "display arp"]},
            "hp_comware": {"all": ["display version"]},
            "cisco_ios": {"all": ["show version"]},
        },
        "attempts": {"count": 1},
        "seconds": {"command": 60},
    }
    (folder / "hosts.yaml").write_text(json.dumps(hosts), encoding="utf-8")
    (folder / "collect.yaml").write_text(json.dumps(questions), encoding="utf-8")
    (folder / "known_hosts").write_text(crowd.known_host, encoding="utf-8")
    files = {f"{kind}_file": str(folder / f"{name}.yaml") for kind, name in
             (("host", "hosts"), ("group", "groups"), ("defaults", "defaults"))}  # fmt: skip
    itsm = {"state": "state.sqlite", "collect": "collect.yaml", "known_hosts": "known_hosts",
            "ttp_templates": str(PROJECT / "ttp_templates")}  # fmt: skip
    config = {"inventory": {"plugin": "SimpleInventory", "options": files}, "user_defined": {"itsm": itsm}}
    (folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
    return folder / "config.yaml"


def started(config: Path, *words: str) -> "subprocess.Popen[str]":
    code = "from nornir_itsm.cli import main; main()"
    command = [sys.executable, "-c", code, "--config", str(config), *words]
    environ = {**os.environ, "CROWD_SECRET": SECRET}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


def collected(config: Path, *words: str) -> tuple[int, Any, str]:
    process = started(config, "collect", *words)
    out, err = process.communicate(timeout=60)
    return process.returncode, json.loads(out) if out else None, err


def test_all_of_it(tmp_path: Path, crowd: Crowd) -> None:
    """Exit 0; the answers are kept, read into rows, and counted."""
    config = site(tmp_path, crowd, "LAB-0001", "LAB-0002")
    code, said, _ = collected(config, "--json")
    assert (code, said["hosts"], said["complete"], said["outputs"], said["failed"]) == (0, 2, 2, 3, [])
    code, _, told = collected(config, "--commands", "display arp")
    assert code == 0
    assert "1/1" in told
    assert SECRET not in told


def test_a_part_of_it(tmp_path: Path, crowd: Crowd) -> None:
    """Exit 8; who is missing is said under its cause."""
    config = site(tmp_path, crowd, "LAB-0001", "LAB-0003")
    code, _, told = collected(config, "--deadline", "2")
    assert code == 8
    assert "1/2 台采全" in told
    assert "超过时限：1 台\n    LAB-0003" in told


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_what_is_complete_is_kept_whatever_happens(tmp_path: Path, crowd: Crowd, end: int) -> None:
    """Ctrl-C ends with 130 within a moment; killed or not, who was through is in the store, nobody else."""
    config = site(tmp_path, crowd, "LAB-0001", "LAB-0003")
    process = started(config, "--json", "collect")
    deadline = time.monotonic() + 20
    while not (crowd.heard["LAB-0003"] and crowd.ended["LAB-0001"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(end)
    out, err = process.communicate(timeout=10)
    if end == signal.SIGINT:
        assert (process.returncode, json.loads(out)["complete"]) == (130, 1), err
    store = SnapshotStore(open_store(tmp_path / "state.sqlite"))
    (snapshot,) = store.listing()
    assert (snapshot.finished, store.hosts(snapshot.id)) == ("", ("LAB-0001",))
    assert dict(store.problems(snapshot.id)) == {}
    assert store.commands(snapshot.id) == ("display arp", "display version")
    assert len(store.rows(snapshot.id, "display arp")) == 24


def test_nobody_is_asked_what_is_not_declared(tmp_path: Path, crowd: Crowd) -> None:
    """Exit 1 before a single login."""
    code, _, told = collected(site(tmp_path, crowd, "LAB-0001"), "--commands", "reload")
    assert code == 1
    assert "→" in told
    assert crowd.logins == 0


def test_a_region_of_the_cloud_is_collected_like_a_device(tmp_path: Path, crowd: Crowd) -> None:
    """Its lists, whole and by name, beside what devices answer; a wrong secret is its failure alone."""
    cloud = Cloud.from_snapshot(PROJECT / "inventory" / "snapshot" / "cloud")
    config, port, key = site(tmp_path, crowd, "LAB-0001"), cloud.start(), cloud.key()
    secret = tmp_path / "secret"
    secret.write_text(key.secret, encoding="utf-8")
    account = {
        **{"regions": ["demo-region-1"], "endpoint": f"http://127.0.0.1:{port}"},
        **{"access_key_id": key.id, "access_key_secret": f"file:{secret}"},
    }
    hosts = json.loads((tmp_path / "hosts.yaml").read_text("utf-8"))
    options = {"itsm-aliyun-api": {"extras": account}}
    hosts["示例云"] = {"hostname": "127.0.0.1", "platform": "aliyun", "connection_options": options}
    (tmp_path / "hosts.yaml").write_text(json.dumps(hosts), encoding="utf-8")
    questions = json.loads((tmp_path / "collect.yaml").read_text("utf-8"))
    questions["commands"]["aliyun"] = {"all": ["instances", "snat_entries"]}
    (tmp_path / "collect.yaml").write_text(json.dumps(questions), encoding="utf-8")
    try:
        code, said, told = collected(config, "--json")
        assert (code, said["complete"], said["outputs"]) == (0, 2, 4), told
        secret.write_text("示例-错误", encoding="utf-8")
        code, said, told = collected(config, "--json")
        assert (code, said["complete"], [one["host"] for one in said["failed"]]) == (8, 1, ["示例云"]), told
        assert "示例-错误" not in told
    finally:
        cloud.stop()
    store = SnapshotStore(open_store(tmp_path / "state.sqlite"))
    first = store.listing()[0].id
    assert {"instances", "snat_entries"} <= set(store.commands(first))
