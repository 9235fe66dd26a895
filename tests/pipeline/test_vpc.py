"""A VPC order whose switch the tool logs in to: from form to closed ticket, drift, faults, and back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError, Refused, RolledBack
from nornir_itsm.lab import Lab
from nornir_itsm.lab.comware.shell import Shell
from nornir_itsm.lab.rig import CORE, SWITCH
from nornir_itsm.pipeline import carry_out, check, prepare, take_back
from nornir_itsm.pipeline.gates import turns_of

from .bench import open_as_approver, open_as_author

AE_09 = Path(__file__).parents[1] / "orders" / "AE-09.json"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One lab for all of this module, at a site that lets the tool log in to its switch."""
    project, home = Path(__file__).parents[2], tmp_path_factory.mktemp("vpc") / "lab"
    with Lab(home, snapshot=project / "inventory" / "snapshot", project=project) as lab:
        site = (project / "inventory" / "site.yaml").read_text("utf-8").splitlines(keepends=True)
        own = home / "site.yaml"
        own.write_text("".join(line for line in site if not line.startswith("    by_hand:")), "utf-8")
        text = lab.config.read_text("utf-8")
        lab.config.write_text(text.replace(str(project / "inventory" / "site.yaml"), str(own)), "utf-8")
        yield lab


@pytest.fixture
def lab(running: Lab) -> Lab:
    """The same, as it was."""
    running.reset()
    return running


@pytest.fixture
def author(lab: Lab) -> App:
    return open_as_author(lab)


@pytest.fixture
def approved(lab: Lab, author: App) -> Callable[[], str]:
    """Plan AE-09 on the live lab and have it approved."""

    def call() -> str:
        order = author.read(AE_09, {})
        made = prepare(order, author, {})
        change = author.changes.new_change(order, made, author.author(), author.clock.now())
        open_as_approver(lab).approve(change, None, "同意")
        return change

    return call


def colleague(lab: Lab, *lines: str) -> None:
    """Somebody else types lines at the switch's console, and does not save."""
    shell = Shell(lab.switch)
    for line in ("system-view", *lines, "return"):
        reply = shell.answer(line)
        assert reply.accepted, reply.text


def test_from_form_to_closed_ticket_and_back(lab: Lab, author: App, approved: Callable[[], str]) -> None:
    """Switch first, then the firewall; both saved, read again, closed; then taken back to what was."""
    baseline = lab.switch.state(), lab.firewalls[CORE].state()
    change = approved()
    plan = author.changes.change(change).plan
    assert [one.device for one in plan.to_do] == [SWITCH, CORE]
    assert not any(one.by_hand for one in plan.to_do)
    assert all(proof.exact for proof in plan.proofs)
    assert not any(SWITCH in text for proof in plan.proofs for text in proof.scope.unknown)
    assert carry_out(change, author).state == "done"
    sent = [line.text for line in lab.switch.lines]
    assert sent[-2:] == ["return", "save force"]
    assert "ip binding vpn-instance VPC-2617" in sent
    lab.switch.reboot()
    assert lab.switch.startup_state() == lab.switch.state() != baseline[0]
    assert [cell.state for cell in turns_of(author.changes.change(change), author)] == ["applied", "applied"]
    assert author.desk.read(author.changes.change(change).ticket)["state"] == "closed"
    assert check(change, author).sent == 0
    assert take_back(change, author).state == "rolled_back"
    assert (lab.switch.state(), lab.firewalls[CORE].state()) == baseline
    assert lab.switch.startup_state() == baseline[0]


def test_a_vpc_that_is_connected_is_reused(lab: Lab, author: App, approved: Callable[[], str]) -> None:
    """A second order after the first finds everything there, and changes nothing on the switch."""
    carry_out(approved(), author)
    again = prepare(author.read(AE_09, {}), author, {})
    assert again.to_do == ()
    assert {demand.verdict for demand in again.demands} == {"covered"}


@pytest.mark.parametrize("line", [9])
def test_a_refused_line_leads_back(lab: Lab, author: App, approved: Callable[[], str], line: int) -> None:
    """Whatever arrived on the switch is taken back; the firewall was not touched."""
    baseline = lab.switch.state(), lab.firewalls[CORE].state()
    change = approved()
    lab.switch.faults.refuse(line)
    with pytest.raises(RolledBack):
        carry_out(change, author)
    assert (lab.switch.state(), lab.firewalls[CORE].state()) == baseline
    assert lab.switch.startup_state() == baseline[0]
    assert lab.firewalls[CORE].lines == ()


def test_a_firewall_that_fails_takes_the_switch_back(
    lab: Lab, author: App, approved: Callable[[], str]
) -> None:
    """One change, two devices: no half of it stays."""
    baseline = lab.switch.state(), lab.firewalls[CORE].state()
    change = approved()
    lab.firewalls[CORE].faults.drop(5, executed=True)
    with pytest.raises(RolledBack):
        carry_out(change, author)
    assert (lab.switch.state(), lab.firewalls[CORE].state()) == baseline


def test_a_colleagues_unsaved_vlan_stops_everything(
    lab: Lab, author: App, approved: Callable[[], str]
) -> None:
    """Nothing is pushed, saved or reverted on any device, and the message names the line."""
    change = approved()
    colleague(lab, "vlan 999", "description 同事正在改")
    held = lab.switch.state()
    with pytest.raises(ChangeError, match="同事正在改"):
        carry_out(change, author)
    assert lab.switch.state() == held != lab.switch.startup_state()
    assert (lab.switch.lines, lab.firewalls[CORE].lines) == ((), ())


def test_what_others_put_into_our_interface_since_is_not_taken_away(
    lab: Lab, author: App, approved: Callable[[], str]
) -> None:
    """Taking the change back would remove it with the interface: refused, and the line is named."""
    change = approved()
    carry_out(change, author)
    colleague(lab, "interface Vlan-interface2617", "packet-filter 3000 inbound")
    lab.switch.save()
    held = lab.switch.state()
    with pytest.raises(Refused, match="packet-filter 3000 inbound"):
        take_back(change, author)
    assert lab.switch.state() == held


def test_what_changed_on_the_switch_since_voids_the_approval(
    lab: Lab, author: App, approved: Callable[[], str]
) -> None:
    """Somebody connected one of the VPCs meanwhile, and saved: the plan is another one now."""
    change = approved()
    colleague(lab, "vlan 2617")
    lab.switch.save()
    with pytest.raises(Refused):
        carry_out(change, author)
    assert lab.switch.lines == ()
