"""One lab for all tests of this folder; every test finds the devices as the snapshot left them."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import ADC
from nornir_itsm.lab.sangfor.adc import Adc
from nornir_itsm.lab.stoneos.firewall import Firewall

from .clients import PROJECT, SNAPSHOT, Api, Cli, open_cli


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    for noisy in ("paramiko", "netmiko", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    with Lab(tmp_path_factory.mktemp("lab"), snapshot=SNAPSHOT, project=PROJECT) as running:
        yield running


@pytest.fixture
def own(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    """A lab for one test, for what would disturb the others' sessions."""
    with Lab(tmp_path, snapshot=SNAPSHOT, project=PROJECT) as running:
        yield running


@pytest.fixture
def firewall(lab: Lab) -> Firewall:
    lab.reset()
    return lab.firewall


@pytest.fixture(scope="session")
def session(lab: Lab) -> Iterator[Cli]:
    cli = open_cli(lab)
    yield cli
    cli.connection.disconnect()


@pytest.fixture
def cli(session: Cli, firewall: Firewall) -> Iterator[Cli]:
    """A session in exec mode."""
    yield session
    firewall.faults.clear()
    session.type("end")


@pytest.fixture
def adc(lab: Lab) -> Adc:
    lab.reset()
    return lab.adc


@pytest.fixture
def api(lab: Lab, adc: Adc) -> Iterator[Api]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(lab.directory / "ca.pem")
        session.auth = ("admin", (lab.directory / "adc.password").read_text())
        yield Api(f"https://127.0.0.1:{lab.ports[ADC]}/api/ad/v3", session)
