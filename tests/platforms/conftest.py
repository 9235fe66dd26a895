"""Simulated devices on real ports, and fleets that work on them."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nornir_itsm.devices.cli_session import Patience
from nornir_itsm.devices.fleet import NornirFleet, init_nornir
from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.comware import device as comware
from nornir_itsm.lab.ios.router import Router
from nornir_itsm.lab.sangfor.adc import Adc
from nornir_itsm.lab.stoneos import firewall as stoneos
from nornir_itsm.lab.stoneos.configuration import Address, Configuration, Entry, Service
from nornir_itsm.lab.stoneos.modes import load
from nornir_itsm.lab.vrp import firewall as vrp
from nornir_itsm.lab.vrp.switch import Switch, TwoStageSwitch
from nornir_itsm.model.change import Change
from nornir_itsm.model.topology import Point
from nornir_itsm.ports import PushResult

from .called import controller, region
from .case_folders import CALLED, LISTS, PARSERS, POINT, ROUTER, before, point, points, readers

PASSWORD = "PATH"  # whatever that variable holds is the password: no test sets one of its own
PARALLEL = 8
PREDEFINED = {
    "Any": Entry("protocol", (0,)),
    **{n: Entry("tcp", (p, p, 0, 65535)) for n, p in (("HTTPS", 443), ("SSH", 22))},
}


Box = vrp.Firewall | Switch | stoneos.Firewall | comware.Device | Router
Device = Box | Adc | Cloud
TYPED: dict[str, type[vrp.Firewall | Switch | comware.Device]] = {
    "huawei_vrp": vrp.Firewall,
    "huawei_vrp.switch": Switch,
    "huawei_vrpv8": TwoStageSwitch,
    "hp_comware": comware.Device,
    "hp_comware.firewall": comware.Device,
}


@dataclass(frozen=True)
class Bench:
    """One device and the fleet on it; ``renew`` makes the device what before.cfg says, without faults."""

    platform: str
    device: Device
    fleet: NornirFleet
    renew: Callable[[], None]
    documents: Callable[[], object]
    """What the device itself says that it runs."""

    def read(self) -> Any:
        return self.fleet.read([POINT])[POINT]

    def running(self) -> Any:
        return readers(self.platform).get(POINT, PARSERS[self.platform])(self.documents())

    def push(self, *lines: str) -> PushResult:
        return self.carry(Change(POINT, point(self.platform).platform, (), commands=lines))

    def carry(self, change: Change) -> PushResult:
        return self.fleet.push(change, lambda line: None)

    def reboot(self) -> None:
        """Restart the device; what is called keeps what it was told (assumed of the controller)."""
        if not isinstance(self.device, Adc | Cloud):
            self.device.reboot()

    def cut(self, k: int, *, executed: bool) -> None:
        """Let the *k*-th line or call get no answer, however often it is repeated."""
        for attempt in range(3 if isinstance(self.device, Cloud) else 1):
            self.device.faults.drop(k + attempt, executed=executed)


def made(platform: str, vsys: str = "") -> tuple[Box, Callable[[], None]]:
    """Return a lab device that holds before.cfg, in its virtual system too, and what makes it so again."""
    text = before(platform)
    if vsys:
        inner = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("sysname"))
        text = f"{text.rstrip()}\nswitch vsys {vsys}\n{inner}"
    if platform in TYPED:
        box = TYPED[platform].from_text(POINT, text)
        return box, lambda: box.reset(text)
    if platform == "cisco_ios":
        router = Router.from_text(text)
        return router, lambda: router.reset(text)
    factory = Configuration(addresses={"Any": Address("Any", [("ip", "0.0.0.0/0")], predefined=True)})
    factory.services = {n: Service(n, [entry], predefined=True) for n, entry in PREDEFINED.items()}
    wall = stoneos.Firewall(POINT, load(text, factory))
    return wall, lambda: wall.reset(load(text, factory))


def bench(platform: str, folder: Path, stack: ExitStack, vsys: str = "") -> Bench:
    """Return a device of its own, listening, until *stack* is closed; worked on in a virtual system of it."""
    folder.mkdir()
    keys, own = "", point(platform, vsys)
    if platform in CALLED:
        password = os.environ[PASSWORD]
        called = region(folder, stack) if platform == "aliyun" else controller(folder, password, stack)
        device: Device = called.device
        renew, documents, reach = called.renew, called.documents, called.reach
    else:
        box, renew = made(platform, vsys)
        port = box.start(os.environ[PASSWORD])
        stack.callback(box.stop)
        device, documents, reach = box, box.running_text, {"port": port}
        keys = f"[127.0.0.1]:{port} {box.host_key}\n"
    book = openpyxl.Workbook()
    book.worksheets[0].append(("name", "hostname", "platform", "username", "password", *reach))
    for name in (POINT, ROUTER) if platform in LISTS else (POINT,):
        row = (name, "127.0.0.1", own.platform, "admin", f"env:{PASSWORD}", *reach.values())
        book.worksheets[0].append(row)
    book.save(folder / "devices.xlsx")
    config = "inventory: {plugin: itsm-excel, options: {path: devices.xlsx}}\n"
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    known = folder / "known_hosts"
    known.write_text(keys, encoding="utf-8")
    return Bench(platform, device, fleet_in(folder, own), renew, documents)


def fleet_in(folder: Path, own: Point) -> NornirFleet:
    """Return a fleet on the device of this folder, of which the site says this."""
    known = folder / "known_hosts"
    patience = Patience(connect=15, line=15, listing=15)
    nornir = init_nornir(folder / "config.yaml", known)
    parse = readers(own.reads_as)
    return NornirFleet(nornir, known, parse, points=points(own), patience=patience)


@pytest.fixture(scope="session")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[Bench]]]:
    """Several devices of a platform: most of a change is waiting for answers."""
    for noisy in ("paramiko", "netmiko"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    home = tmp_path_factory.mktemp("benches")
    with ExitStack() as stack:
        yield cache(lambda name: [bench(name, home / f"{name}-{n}", stack) for n in range(PARALLEL)])


@pytest.fixture
def usg(benches: Callable[[str], list[Bench]]) -> Bench:
    """A USG as before.cfg says."""
    one = benches("huawei_vrp")[0]
    one.renew()
    return one


@pytest.fixture
def router(benches: Callable[[str], list[Bench]]) -> Bench:
    """An IOS router as before.cfg says."""
    one = benches("cisco_ios")[0]
    one.renew()
    return one
