"""A simulated USG on a real SSH port, and a fleet that works on it."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.devices.cli_session import Patience
from nornir_itsm.devices.fleet import NornirFleet, init_nornir
from nornir_itsm.lab.vrp.firewall import Firewall
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import FirewallFacts
from nornir_itsm.ports import PushResult
from nornir_itsm.stages.parse.vrp_text import firewall_facts

from .case_folders import CASES, POINT

BEFORE = (CASES / "huawei_vrp" / "before.cfg").read_text("utf-8")
PASSWORD = "PATH"  # whatever that variable holds is the password: no test sets one of its own


PARALLEL = 8


@dataclass(frozen=True)
class Bench:
    """One device and the fleet on it."""

    device: Firewall
    fleet: NornirFleet

    def read(self) -> FirewallFacts:
        found = self.fleet.read([POINT])[POINT]
        assert isinstance(found, FirewallFacts)
        return found

    def push(self, *lines: str) -> PushResult:
        return self.fleet.push(Change(POINT, "huawei_vrp", (), commands=lines), lambda line: None)


def bench(folder: Path, stack: ExitStack) -> Bench:
    """Return a device of its own, listening, until *stack* is closed."""
    folder.mkdir()
    device = Firewall.from_text(POINT, BEFORE)
    port = device.start(os.environ[PASSWORD])
    stack.callback(device.stop)
    book = openpyxl.Workbook()
    book.worksheets[0].append(("name", "hostname", "port", "platform", "username", "password"))
    book.worksheets[0].append((POINT, "127.0.0.1", port, "huawei_vrp", "admin", f"env:{PASSWORD}"))
    book.save(folder / "devices.xlsx")
    config = "inventory: {plugin: itsm-excel, options: {path: devices.xlsx}}\n"
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    known = folder / "known_hosts"
    known.write_text(f"[127.0.0.1]:{port} {device.host_key}\n", encoding="utf-8")
    nornir = init_nornir(folder / "config.yaml", known)
    parsers, patience = {"huawei_vrp": firewall_facts}, Patience(connect=15, line=15, listing=15)
    return Bench(device, NornirFleet(nornir, known, parsers, patience=patience))


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Bench]]:
    """Several devices: most of a change is waiting for answers."""
    for noisy in ("paramiko", "netmiko"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    home = tmp_path_factory.mktemp("usg")
    with ExitStack() as stack:
        yield [bench(home / str(n), stack) for n in range(PARALLEL)]


@pytest.fixture
def usg(benches: list[Bench]) -> Bench:
    """A device as before.cfg says, without faults."""
    benches[0].device.reset(BEFORE)
    return benches[0]
