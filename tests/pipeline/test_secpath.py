"""An order from form to closed ticket with a SecPath at the edge: carried out, found done, taken back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import RolledBack
from nornir_itsm.lab import Lab
from nornir_itsm.lab.comware.device import Device
from nornir_itsm.pipeline import carry_out, check, take_back

from .bench import ADD_04, DELETE_04

WALL = "DC1-ISP-FW01"
SAID = {
    "hillstone_stoneos": "hp_comware",
    "[deny, start, end]": "[deny]",
    "      av: predef_high\n      ips: predef_default": "      counting: enable",
}
BEFORE = """#
security-zone name Trust
#
security-zone name Untrust
#
object-group ip address 封禁地址
 0 network host address 192.0.2.66
#
security-policy ip
 rule 5 name 示例封禁
  action drop
  source-ip 封禁地址
 rule 2 name Default-Deny
#
return
"""


@pytest.fixture
def secpath(lab: Lab, project: Path) -> Iterator[Device]:
    """A SecPath in the place of the lab's edge firewall: in site.yaml, the device list, by its host key."""
    device = Device.from_text(WALL, BEFORE)
    port = device.start((lab.directory / "firewall.password").read_text("utf-8"))
    site = (project / "inventory" / "site.yaml").read_text("utf-8")
    head, rest = site.split(f"  {WALL}:", maxsplit=1)
    for old, new in SAID.items():
        assert old in rest
        rest = rest.replace(old, new, 1)
    for zone in ("trust", "untrust"):
        rest = rest.replace(f"_zone: {zone}", f"_zone: {zone.capitalize()}")
    own = lab.directory / "site.yaml"
    own.write_text(f"{head}  {WALL}:{rest}", "utf-8")
    text = lab.config.read_text("utf-8")
    lab.config.write_text(text.replace(str(project / "inventory" / "site.yaml"), str(own)), "utf-8")
    book = openpyxl.load_workbook(lab.directory / "devices.xlsx")
    for row in book.worksheets[0].iter_rows(min_row=2):
        if row[0].value == WALL:
            row[2].value, row[3].value = port, "hp_comware"
    book.save(lab.directory / "devices.xlsx")
    with (lab.directory / "known_hosts").open("a", encoding="utf-8") as known:
        known.write(f"[127.0.0.1]:{port} {device.host_key}\n")
    yield device
    device.stop()


def test_from_form_to_closed_ticket_and_back(
    secpath: Device, approved: Callable[[str], str], installation: App
) -> None:
    """Planned live, sent line by line with numbers, saved, verified, closed; deleted again, rolled back."""
    baseline = secpath.state()
    change = approved(ADD_04)
    plan = installation.changes.change(change).plan
    assert all(proof.exact for proof in plan.proofs)
    assert carry_out(change, installation).state == "done"
    sent = [line.text for line in secpath.lines]
    assert sent[-2:] == ["return", "save force"]
    assert any(line.startswith("rule 6 name ") for line in sent)
    assert "move rule 6 before 2" in sent
    secpath.reboot()
    assert secpath.startup_state() == secpath.state() != baseline
    assert installation.desk.read(installation.changes.change(change).ticket)["state"] == "closed"
    assert check(change, installation).sent == 0
    assert take_back(change, installation).state == "rolled_back"
    assert secpath.state() == secpath.startup_state() == baseline


def test_a_deletion_closes_what_was_opened(
    secpath: Device, approved: Callable[[str], str], installation: App
) -> None:
    """The rules and groups that the order made are taken away, in the order in which the device allows it."""
    baseline = secpath.state()
    carry_out(approved(ADD_04), installation)
    change = approved(DELETE_04)
    assert all(proof.exact and proof.closed for proof in installation.changes.change(change).plan.proofs)
    assert carry_out(change, installation).state == "done"
    assert (secpath.state()["rules"], secpath.state()["groups"]) == (baseline["rules"], baseline["groups"])


def test_a_line_that_is_refused_leads_back(
    secpath: Device, approved: Callable[[str], str], installation: App
) -> None:
    """Half a rule is taken away with what it needed."""
    baseline = secpath.state()
    change = approved(ADD_04)
    secpath.faults.refuse(12)
    with pytest.raises(RolledBack):
        carry_out(change, installation)
    assert secpath.state() == secpath.startup_state() == baseline
