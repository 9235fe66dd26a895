"""A device behind a bastion is worked on as if it were reached directly; else it is said why not."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.devices.cli_session import Patience
from nornir_itsm.devices.fleet import NornirFleet, init_nornir
from nornir_itsm.errors import ChangeError
from nornir_itsm.lab.bastion import Bastion, Visit
from nornir_itsm.lab.stoneos.firewall import Firewall
from nornir_itsm.model.change import Change

from .conftest import ROOT
from .scripted import as_read

DEVICE, PASSWORD, GATE = "DC1-ISP-FW01", "示例-口令-设备", "示例-口令-堡垒机"
STEPS = [
    {"expect": "OTP: ?", "send": "{otp}"},
    {"expect": "Ticket: ?", "send": "{ticket}"},
    {"expect": "Select> ?", "send": "{name}"},
    {"expect": "Password: ?", "send": "{password}"},
]


@dataclass
class Site:
    """A firewall that listens, and a bastion in front of it that alone is known."""

    folder: Path
    firewall: Firewall
    bastion: Bastion
    port: int

    def fleet(self, **changed: Any) -> NornirFleet:
        """Return a fleet that goes by the bastion, declared with some keys changed."""
        codes = self.folder / "codes"
        self.bastion.codes += [f"{n:06}" for n in range(20)]
        codes.write_text("".join(f"{code}\n" for code in self.bastion.codes))
        for name, text in (("device", PASSWORD), ("gate", GATE), ("ticket", "RFC-示例-1")):
            (self.folder / name).write_text(text, encoding="utf-8")
        script = "import sys, pathlib as p; f = p.Path(sys.argv[1]); a, *r = f.read_text().split(); "
        script += "f.write_text(' '.join(r)); print(a)"
        bastion = {
            "hostname": "127.0.0.1",
            "port": self.port,
            "username": "ops@{username}@{hostname}",
            "password": f"file:{self.folder / 'gate'}",
            "values": {
                "otp": f'command:{sys.executable} -c "{script}" {codes}',
                "ticket": f"file:{self.folder / 'ticket'}",
            },
            "steps": STEPS,
            "refused": "Permission denied",
        }
        host = {
            "hostname": "192.0.2.9",  # nobody can reach it directly
            "platform": "hillstone_stoneos",
            "username": "admin",
            "password": f"file:{self.folder / 'device'}",
            "data": {"bastion": {**bastion, **changed}},
        }
        (self.folder / "hosts.yaml").write_text(json.dumps({DEVICE: host}), encoding="utf-8")
        none = str(self.folder / "none.yaml")
        options = {"host_file": str(self.folder / "hosts.yaml"), "group_file": none, "defaults_file": none}
        config = {"inventory": {"plugin": "SimpleInventory", "options": options}}
        (self.folder / "config.yaml").write_text(json.dumps(config), encoding="utf-8")
        known = self.folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{self.port} {self.bastion.host_key}\n", encoding="utf-8")
        nornir = init_nornir(self.folder / "config.yaml", known)
        patience = Patience(connect=5, line=5, listing=5)
        return NornirFleet(nornir, known, {"hillstone_stoneos": as_read}, patience=patience)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    firewall = Firewall.from_snapshot(DEVICE, ROOT / "inventory" / "snapshot" / "firewall_edge")
    port = firewall.start(PASSWORD)
    bastion = Bastion({"DC1-OTHER": (1, ""), DEVICE: (port, firewall.host_key)}, GATE)
    yield Site(tmp_path, firewall, bastion, bastion.start())
    bastion.stop()
    firewall.stop()


def test_a_device_is_read_written_and_saved_through_a_bastion(site: Site) -> None:
    """Every session takes a one-time password; the bastion knows who went where for which ticket."""
    fleet = site.fleet()
    assert fleet.read([DEVICE])
    assert not fleet.preflight([DEVICE])
    lines = ('address "示例-经堡垒机"', "  ip 10.60.9.9/32", "exit")
    pushed = fleet.push(Change(DEVICE, "hillstone_stoneos", (), commands=lines), lambda line: None)
    assert not pushed.problem
    assert not fleet.save(DEVICE).problem
    assert "示例-经堡垒机" in str(site.firewall.startup_state())
    assert set(site.bastion.visits) == {Visit("ops", "RFC-示例-1", DEVICE)}
    assert len(site.bastion.visits) == 4
    assert len(site.bastion.codes) == 20 - 4


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a code that is no longer good": (
        {"values": {"otp": "file:{folder}/device", "ticket": "file:{folder}/ticket"}},
        "step 2: the bastion refused: Permission denied",
    ),
    "a ticket that is unknown": (
        {"steps": [STEPS[0], {"expect": "Ticket: ?", "send": "没有"}, *STEPS[2:]]},
        "step 3: the bastion refused",
    ),
    "a device that is not on the menu": (
        {"steps": [*STEPS[:2], {"expect": "Select> ?", "send": "7"}, STEPS[3]]},
        "step 4: the bastion refused",
    ),
    "a question that nobody declared": (
        {"steps": [STEPS[0], *STEPS[2:]], "refused": None},
        "step 2: asked for something else",
    ),
    "a field that nothing gives": (
        {"steps": [{"expect": "OTP: ?", "send": "{code}"}]},
        "nothing gives code",
    ),
    "an answer of two lines": (
        {"steps": [{"expect": "OTP: ?", "send": "1\n2"}]},
        "more than one line",
    ),
    "a key that is none": ({"user": "x"}, "unknown key user"),
    "a bastion that is not there": ({"port": 1}, "unreachable"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_goes_wrong_is_said_and_no_secret_is(site: Site, wrong: str) -> None:
    """Step and words of the bastion, without passwords and codes; nothing reached the device."""
    changed, said = WRONG[wrong]
    filled = json.loads(json.dumps(changed).replace("{folder}", str(site.folder)))
    with pytest.raises(ChangeError) as caught:
        site.fleet(**filled).read([DEVICE])
    assert said in str(caught.value)
    assert not any(secret in str(caught.value) for secret in (PASSWORD, GATE, "000000"))
    assert site.firewall.lines == ()


def test_a_wrong_password_of_the_device_is_noticed(site: Site) -> None:
    """The bastion lets nobody through with it; no prompt of its own is taken for the device's."""
    fleet = site.fleet()
    (site.folder / "device").write_text("示例-错误", encoding="utf-8")
    with pytest.raises(ChangeError, match="closed the connection"):
        fleet.read([DEVICE])


def test_a_collection_goes_through_a_bastion(site: Site) -> None:
    """By paramiko, the dialog before the driver's first word; a refusal is not tried again."""
    from nornir_itsm.devices.collector import Collector
    from nornir_itsm.devices.until import Until
    from nornir_itsm.model.questions import Gathered, Pace, Questions

    found: list[Gathered] = []
    for changed in ({}, {"steps": [{"expect": "Nobody asks this", "send": "x"}]}):
        site.fleet(**changed)
        nornir = init_nornir(site.folder / "config.yaml", site.folder / "known_hosts")
        questions = Questions({"hillstone_stoneos": {"all": ("show version",)}}, Pace(connect=2.0))
        collector = Collector(nornir, site.folder / "known_hosts", questions)
        collector.run(collector.asked(), Until(), found.append)
    good, refused = found
    assert good.collected.outputs[0].text.startswith("Hillstone Networks StoneOS")
    assert (refused.cause, refused.attempts) == ("login", 1)
    assert "asked for something else" in refused.collected.problem
    assert PASSWORD not in str(found)
