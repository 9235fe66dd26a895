"""The firewall and the routers, each started once; an installation for each test."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.firewall import PORTS, SERVER, boot, ruleset
from tests.real.machines import lacking, open_ports, soon, started
from tests.real.site import Installation, install

Make = Callable[[], Installation]


def _made(name: str, device: dict[str, str], folder: Path, capture: object, target: Path) -> Installation:
    key = (folder / "hostkey.pub").read_text("utf-8")
    row = {"name": name, "password": f"file:{folder / 'password'}", **device}
    return install(target, [row], {device["hostname"]: key}, capture)


def _machines(name: str, *programs: str) -> Path:
    """Start the machines of a script in a folder of their own below /run, which is this process's own."""
    if reason := lacking("ip", "unshare", "useradd", "chpasswd", "/usr/sbin/sshd", "ssh-keygen", *programs):
        pytest.skip(f"NOTHING WAS RUN: {reason}")
    for noisy in ("paramiko", "netmiko"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    folder = Path("/run") / name
    folder.mkdir()
    (folder / "password").write_text(started(f"{name}.sh", folder), "utf-8")
    return folder


@pytest.fixture(scope="session")
def firewall() -> Path:
    """The folder of a Linux firewall between a client and a server."""
    return _machines("firewall", "nft", "setcap")


@pytest.fixture(scope="session")
def routers() -> Path:
    """The folder of three FRR routers between a client and a server."""
    return _machines("routers", "vtysh", "/usr/lib/frr/ospfd", "ping")


@pytest.fixture
def at_firewall(firewall: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Installation:
    """An installation whose only device is the firewall."""
    device = {"hostname": "10.198.0.1", "platform": "linux_nftables", "username": "fwadm"}
    return _made("LAB-FW01", device, firewall, capsys, tmp_path)


@pytest.fixture
def untouched(firewall: Path) -> str:
    """The firewall as it was made and boots, with the server listening: its rule set."""
    Path("/etc/nftables.d/site.nft").write_text((firewall / "made.nft").read_text("utf-8"), "utf-8")
    boot()
    assert soon(lambda: open_ports("server", SERVER, PORTS) == [*PORTS])
    return ruleset()


PROBING = """
probe_hosts: [{host: LAB-PROBE, zone: 客户区, address: 10.60.1.10}]
"""


@pytest.fixture
def with_probe(firewall: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Installation:
    """An installation with the firewall, and the client as a probing host."""
    key = (firewall / "hostkey.pub").read_text("utf-8")
    login = {"username": "fwadm", "password": f"file:{firewall / 'password'}"}
    devices = [
        {"name": "LAB-FW01", "hostname": "10.198.0.1", "platform": "linux_nftables", **login},
        {"name": "LAB-PROBE", "hostname": "10.197.0.1", "platform": "linux", **login},
    ]
    return install(tmp_path, devices, {"10.198.0.1": key, "10.197.0.1": key}, capsys, PROBING)


@pytest.fixture
def at_router(routers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Installation:
    """An installation whose only device is the third router."""
    device = {"hostname": "10.199.0.3", "platform": "frr", "username": "netadm"}
    return _made("LAB-R3", device, routers, capsys, tmp_path)
