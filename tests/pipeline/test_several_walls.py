"""An order through two firewalls of different vendors: from form to closed ticket and back, over SSH."""

from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import RolledBack
from nornir_itsm.lab import Lab
from nornir_itsm.lab.vrp.firewall import Firewall
from nornir_itsm.pipeline import carry_out, check, take_back

from .bench import ADD_04, DELETE_04

WALL, INNER = "DC1-ISP-FW01", "DC1-TEN-FW01"
POINT = f"""  {INNER}:
    platform: huawei_vrp
    role: firewall
    snapshot: firewall_tenants
    above: Default-Deny
    logs: [deny, end]
"""
BEFORE = """#
firewall zone trust
 set priority 85
#
firewall zone untrust
 set priority 5
#
security-policy
 rule name Default-Deny
  action deny
#
return
"""


@pytest.fixture
def inner(lab: Lab, project: Path) -> Iterator[Firewall]:
    """A USG before the tenants, behind the lab's StoneOS firewall: on both paths to and from the Internet."""
    device = Firewall.from_text(INNER, BEFORE)
    port = device.start((lab.directory / "firewall.password").read_text("utf-8"))
    site = (project / "inventory" / "site.yaml").read_text("utf-8")
    site = site.replace("\npoints:\n", f"\npoints:\n{POINT}")
    for zones, place in (
        ("source_zone: trust, destination_zone: untrust", 0),
        ("source_zone: untrust, destination_zone: trust", 1),
    ):
        outer = f"      - {{point: {WALL}, {zones}}}\n"
        assert outer in site
        mine = outer.replace(WALL, INNER)
        site = site.replace(outer, outer + mine if place else mine + outer, 1)
    own = lab.directory / "site.yaml"
    own.write_text(site, "utf-8")
    text = lab.config.read_text("utf-8")
    lab.config.write_text(text.replace(str(project / "inventory" / "site.yaml"), str(own)), "utf-8")
    book = openpyxl.load_workbook(lab.directory / "devices.xlsx")
    sheet = book.worksheets[0]
    (there,) = (row for row in sheet.iter_rows(min_row=2, values_only=True) if row[0] == WALL)
    sheet.append([INNER, there[1], port, "huawei_vrp", *there[4:]])
    book.save(lab.directory / "devices.xlsx")
    with (lab.directory / "known_hosts").open("a", encoding="utf-8") as known:
        known.write(f"[127.0.0.1]:{port} {device.host_key}\n")
    yield device
    device.stop()


def test_from_form_to_closed_ticket_and_back(
    inner: Firewall, lab: Lab, approved: Callable[[str], str], installation: App
) -> None:
    """One change, a turn for each device in its own language; verified, closed, rolled back to what was."""
    baseline = inner.state(), lab.firewall.state(), lab.adc.state()
    change = approved(ADD_04)
    plan = installation.changes.change(change).plan
    assert all(proof.exact for proof in plan.proofs)
    assert {one.device for one in plan.to_do} == {WALL, INNER, "DC1-ISP-LB01"}
    assert carry_out(change, installation).state == "done"
    assert [line.text for line in inner.lines][-2:] == ["return", "save"]
    assert [line.text for line in lab.firewall.lines][-1] == "save"
    assert installation.desk.read(installation.changes.change(change).ticket)["state"] == "closed"
    assert check(change, installation).sent == 0
    assert take_back(change, installation).state == "rolled_back"
    assert (inner.state(), lab.firewall.state(), lab.adc.state()) == baseline


def test_what_the_second_refuses_is_taken_back_from_the_first(
    inner: Firewall, lab: Lab, approved: Callable[[str], str], installation: App
) -> None:
    """A path is open or it is not: no half of it stays."""
    baseline = inner.state(), lab.firewall.state(), lab.adc.state()
    change = approved(ADD_04)
    inner.faults.refuse(9)
    with pytest.raises(RolledBack):
        carry_out(change, installation)
    assert (inner.state(), lab.firewall.state(), lab.adc.state()) == baseline


def test_a_deletion_closes_both(
    inner: Firewall, lab: Lab, approved: Callable[[str], str], installation: App
) -> None:
    """The rules that the order made go on each; the proof is exact."""
    baseline = inner.state()
    carry_out(approved(ADD_04), installation)
    assert inner.state() != baseline
    change = approved(DELETE_04)
    plan = installation.changes.change(change).plan
    assert all(proof.exact and proof.closed for proof in plan.proofs)
    assert carry_out(change, installation).state == "done"
    assert inner.state()["rules"] == baseline["rules"]
    assert not any("示例本地行情" in str(rule) for rule in lab.firewall.state()["rules"])
