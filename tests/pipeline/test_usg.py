"""An order from form to closed ticket with a USG at the edge: carried out, found done, taken back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nornir_itsm.app import App
from nornir_itsm.lab import Lab
from nornir_itsm.lab.vrp.firewall import Firewall
from nornir_itsm.pipeline import carry_out, check, take_back

from .bench import ADD_04, ADD_05, DELETE_04, DELETE_05

WALL = "DC1-ISP-FW01"
PROFILES = {"predef_high": "default", "predef_default": "default"}
SYSTEM = "tenant-a"
BEFORE = """#
firewall zone trust
 set priority 85
#
firewall zone untrust
 set priority 5
#
security-policy
 rule name 示例封禁
  source-address 192.0.2.66 mask 255.255.255.255
  action deny
 rule name Default-Deny
  action deny
#
return
"""


@pytest.fixture
def vsys() -> str:
    """The virtual system that is the edge firewall; empty for the root."""
    return ""


@pytest.fixture
def usg(lab: Lab, project: Path, vsys: str) -> Iterator[Firewall]:
    """A USG in the place of the lab's edge firewall: in site.yaml, in the device list, by its host key."""
    device = Firewall.from_text(WALL, f"{BEFORE}switch vsys {vsys}\n{BEFORE}" if vsys else BEFORE)
    port = device.start((lab.directory / "firewall.password").read_text("utf-8"))
    site = (project / "inventory" / "site.yaml").read_text("utf-8")
    head, rest = site.split(f"  {WALL}:", maxsplit=1)
    for old, new in {
        "hillstone_stoneos": f'huawei_vrp\n    vsys: "{vsys}"',
        "[deny, start, end]": "[deny, end]",
        **PROFILES,
    }.items():
        rest = rest.replace(old, new, 1)
    own = lab.directory / "site.yaml"
    own.write_text(f"{head}  {WALL}:{rest}", "utf-8")
    text = lab.config.read_text("utf-8")
    lab.config.write_text(text.replace(str(project / "inventory" / "site.yaml"), str(own)), "utf-8")
    book = openpyxl.load_workbook(lab.directory / "devices.xlsx")
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[0].value == WALL:
            row[2].value, row[3].value = port, "huawei_vrp"
    book.save(lab.directory / "devices.xlsx")
    with (lab.directory / "known_hosts").open("a", encoding="utf-8") as known:
        known.write(f"[127.0.0.1]:{port} {device.host_key}\n")
    yield device
    device.stop()


@pytest.mark.parametrize("vsys", ["", SYSTEM])
def test_from_form_to_closed_ticket_and_back(
    usg: Firewall, approved: Callable[[str], str], installation: App, vsys: str
) -> None:
    """Planned live, approved, sent line by line, saved, verified, closed; then rolled back to what was."""
    baseline = usg.state()
    change = approved(ADD_04)
    done = carry_out(change, installation)
    assert done.state == "done"
    sent = [line.text for line in usg.lines if line.text != f"switch vsys {vsys}"]
    assert sent[-2:] == ["return", "save"]
    assert usg.startup_state() == usg.state() != baseline
    assert not vsys or {**usg.state(), f"vsys {vsys}": ""} == {**baseline, f"vsys {vsys}": ""}
    assert installation.desk.read(installation.changes.change(change).ticket)["state"] == "closed"
    assert check(change, installation).sent == 0
    assert take_back(change, installation).state == "rolled_back"
    assert usg.state() == usg.startup_state() == baseline


def test_a_deletion_closes_what_was_opened(
    usg: Firewall, approved: Callable[[str], str], installation: App
) -> None:
    """The rules and objects that the order made are taken away, in the order in which a USG allows it."""
    baseline: dict[str, Any] = usg.state()
    carry_out(approved(ADD_04), installation)
    change = approved(DELETE_04)
    plan = installation.changes.change(change).plan
    assert all(proof.exact and proof.closed for proof in plan.proofs)
    assert carry_out(change, installation).state == "done"
    assert usg.state()["rules"] == baseline["rules"]
    assert usg.state()["addresses"] == baseline["addresses"]


@pytest.fixture
def publishing(usg: Firewall, lab: Lab) -> Firewall:
    """The same USG where it translates itself, and no ADC stands before it."""
    site = lab.directory / "site.yaml"
    text = site.read_text("utf-8")
    for zones in ("trust, destination_zone: untrust", "untrust, destination_zone: trust"):
        hop = f"- {{point: {WALL}, source_zone: {zones}"
        assert f"{hop}}}" in text
        text = text.replace(f"{hop}}}", f"{hop}, translates: true}}")
    text = text.replace("      - {point: DC1-ISP-LB01}\n", "")
    site.write_text(text, "utf-8")
    return usg


def test_a_port_is_published_by_the_firewall_itself(
    publishing: Firewall, approved: Callable[[str], str], installation: App
) -> None:
    """Servers, then the permit; saved; rolled back to what was; a deletion takes all of it away again."""
    baseline: dict[str, Any] = publishing.state()
    change = approved(ADD_05)
    assert carry_out(change, installation).state == "done"
    servers = [line.text for line in publishing.lines if line.text.startswith("nat server ")]
    assert [line.split(" global ")[1] for line in servers] == [
        "198.51.100.63 8080 inside 10.70.18.77 8080 no-reverse",
        "192.0.2.70 8080 inside 10.70.18.77 8080 no-reverse",
    ]
    assert publishing.startup_state() == publishing.state() != baseline
    assert check(change, installation).sent == 0
    assert take_back(change, installation).state == "rolled_back"
    assert publishing.state() == publishing.startup_state() == baseline
    carry_out(approved(ADD_05), installation)
    gone = approved(DELETE_05)
    assert all(proof.exact for proof in installation.changes.change(gone).plan.proofs)
    assert carry_out(gone, installation).state == "done"
    assert publishing.state() == baseline
