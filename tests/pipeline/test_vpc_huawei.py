"""A VPC order whose switch is a CE of Huawei: what arrives is put in force by a commit, or none of it is."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import RolledBack
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import CORE
from nornir_itsm.lab.vrp.switch import TwoStageSwitch
from nornir_itsm.pipeline import carry_out, check, prepare, take_back

from .bench import open_as_approver, open_as_author

AE_09 = Path(__file__).parents[1] / "orders" / "AE-09.json"
SWITCH = "DC1-CORE-SW01"
BEFORE = """#
vlan batch 100 999
#
ip vpn-instance VPC-trust
 ipv4-family
  route-distinguisher 65000:1
#
interface Vlanif999
 description 示例
#
return
"""


@pytest.fixture
def switch(lab: Lab, project: Path) -> Iterator[TwoStageSwitch]:
    """A CE switch in the place of the site's: in site.yaml, in the device list, by its host key."""
    device = TwoStageSwitch.from_text(SWITCH, BEFORE)
    port = device.start((lab.directory / "firewall.password").read_text("utf-8"))
    site = (project / "inventory" / "site.yaml").read_text("utf-8")
    head, rest = site.split(f"  {SWITCH}:", maxsplit=1)
    rest = rest.replace("hp_comware", "huawei_vrpv8", 1)
    kept = [line for line in rest.splitlines(keepends=True) if not line.startswith("    by_hand:")]
    own = lab.directory / "site.yaml"
    own.write_text(f"{head}  {SWITCH}:{''.join(kept)}", "utf-8")
    text = lab.config.read_text("utf-8")
    lab.config.write_text(text.replace(str(project / "inventory" / "site.yaml"), str(own)), "utf-8")
    book = openpyxl.load_workbook(lab.directory / "devices.xlsx")
    sheet = book.worksheets[0]
    rows = {row[0].value: [cell.value for cell in row] for row in sheet.iter_rows(min_row=2)}
    for row in sheet.iter_rows(min_row=2):
        if row[0].value == SWITCH:
            sheet.delete_rows(row[0].row)
    _, host, _, _, *more = rows[CORE]
    sheet.append([SWITCH, host, port, "huawei_vrpv8", *more])
    book.save(lab.directory / "devices.xlsx")
    with (lab.directory / "known_hosts").open("a", encoding="utf-8") as known:
        known.write(f"[127.0.0.1]:{port} {device.host_key}\n")
    yield device
    device.stop()


@pytest.fixture
def author(lab: Lab, switch: TwoStageSwitch) -> App:
    assert switch.host_key
    return open_as_author(lab)


@pytest.fixture
def change(lab: Lab, author: App) -> str:
    """AE-09, planned on the live lab and approved."""
    order = author.read(AE_09, {})
    made = prepare(order, author, {})
    id = author.changes.new_change(order, made, author.author(), author.clock.now())
    open_as_approver(lab).approve(id, None, "同意")
    return id


def test_from_form_to_closed_ticket_and_back(
    lab: Lab, switch: TwoStageSwitch, author: App, change: str
) -> None:
    """Committed, saved, read again, closed; after a restart it is there; then taken back to what was."""
    baseline = switch.state(), lab.firewalls[CORE].state()
    plan = author.changes.change(change).plan
    assert [one.device for one in plan.to_do] == [SWITCH, CORE]
    assert not any(one.by_hand for one in plan.to_do)
    assert all(proof.exact for proof in plan.proofs)
    assert carry_out(change, author).state == "done"
    sent = [line.text for line in switch.lines]
    assert sent[-3:] == ["commit", "return", "save"]
    assert "ip binding vpn-instance VPC-2617" in sent
    switch.reboot()
    assert switch.startup_state() == switch.state() != baseline[0]
    assert author.desk.read(author.changes.change(change).ticket)["state"] == "closed"
    assert check(change, author).sent == 0
    assert take_back(change, author).state == "rolled_back"
    assert (switch.state(), lab.firewalls[CORE].state()) == baseline
    assert switch.startup_state() == baseline[0]


def test_a_commit_that_fails_leads_back(lab: Lab, switch: TwoStageSwitch, author: App, change: str) -> None:
    """Nothing of it was in force and nothing waits; the firewall was not touched."""
    baseline = switch.state(), lab.firewalls[CORE].state()
    (on_switch,) = (one for one in author.changes.change(change).plan.to_do if one.device == SWITCH)
    # Counted are the lines in system view: preflight's way out of it, the lines, the commit.
    switch.faults.refuse(1 + len(on_switch.commands) + 1)
    with pytest.raises(RolledBack, match="commit"):
        carry_out(change, author)
    assert (switch.state(), lab.firewalls[CORE].state()) == baseline
    assert switch.startup_state() == baseline[0]
    assert lab.firewalls[CORE].lines == ()
    assert author.fleet.preflight([SWITCH]) == {}
