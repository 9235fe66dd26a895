"""Changes of which a person carries out a part: devices keep their order, states follow from the turns."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError, Refused, RolledBack
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import ADC, CORE, FIREWALL
from nornir_itsm.pipeline import carry_out, prepare, rehearse, resume, take_back, withdraw
from nornir_itsm.pipeline.gates import turns_of
from nornir_itsm.pipeline.hands import Attestation, attest, hand_over, verify_executed
from nornir_itsm.pipeline.life import hold, release
from tests.acceptance import typist

from .bench import ADD_04, ORDERS, open_as_approver, open_as_author, received, states
from .fragile import Crash, fragile

AE_09 = Path(__file__).parents[1] / "orders" / "AE-09.json"
SNAPSHOT = Path(__file__).parents[2] / "inventory" / "snapshot"
SWITCH = "DC1-CORE-SW01"
ME = Attestation("示例工程师", note="夜间窗口")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One lab for all of this module."""
    project, home = Path(__file__).parents[2], tmp_path_factory.mktemp("mixed") / "lab"
    with Lab(home, snapshot=project / "inventory" / "snapshot", project=project) as lab:
        yield lab


@pytest.fixture
def lab(running: Lab) -> Lab:
    """The same, as it was."""
    running.reset()
    return running


@pytest.fixture
def author(lab: Lab) -> App:
    return open_as_author(lab)


def approved(lab: Lab, author: App, form: Path) -> str:
    """Plan an order on the live lab and have it approved."""
    order = author.read(form, {})
    made = prepare(order, author, {})
    change = author.changes.new_change(order, made, author.author(), author.clock.now())
    open_as_approver(lab).approve(change, None, "同意")
    return change


def turns(app: App, change: str) -> list[str]:
    return [cell.state for cell in turns_of(app.changes.change(change), app)]


def attested(lab: Lab, author: App) -> str:
    """AE-09 with the switch's part, which goes first, carried out by a person."""
    change = approved(lab, author, AE_09)
    assert carry_out(change, author).state == "handed_over"
    assert attest(change, author, ME).state == "partly"
    return change


def test_the_tool_waits_for_the_person_and_goes_on_after_him(lab: Lab, author: App) -> None:
    """Switch by hand, then the firewall by the tool: nothing is sent before the first is attested."""
    change, wall = approved(lab, author, AE_09), lab.firewalls[CORE]
    assert rehearse(change, author) == 0
    assert carry_out(change, author).state == "handed_over"
    assert (turns(author, change), wall.lines) == (["handed_over", "waiting"], ())
    for work in (carry_out, take_back, rehearse, lambda id, app: withdraw(id, app, "")):
        with pytest.raises(Refused, match="handed_over"):
            work(change, author)
    assert attest(change, author, ME).state == "partly"
    done = carry_out(change, author)
    assert (done.state, turns(author, change)) == ("attested", ["attested", "applied"])
    assert [r.text for r in wall.lines][-1] == "save"
    ticket = author.desk.read(author.changes.change(change).ticket)
    assert (ticket["state"], ticket["执行人"]) == ("implementing", "示例工程师")
    assert author.changes.locks() == ()
    again = exports(lab, lab.directory / f"after-{change}")
    ended, found = verify_executed(change, open_on(lab, again))
    assert (ended.state, found.as_planned, found.devices[SWITCH][:3]) == ("done", True, "未采集")
    assert author.desk.read(author.changes.change(change).ticket)["state"] == "closed"


def exports(lab: Lab, target: Path) -> Path:
    """Take exports in which the firewall between VPCs is as it is now."""
    shutil.copytree(SNAPSHOT, target)
    shutil.rmtree(target / "firewall_core")
    (target / "firewall_core").mkdir()
    (target / "firewall_core" / "running.cfg").write_text(lab.firewalls[CORE].running_text(), "utf-8")
    return target


def open_on(lab: Lab, snapshot: Path) -> App:
    """Open the installation on exports."""
    app = open_as_author(lab)
    app.snapshot = snapshot
    return app


def test_what_goes_back_goes_in_the_other_order(lab: Lab, author: App) -> None:
    """The tool takes its part back first; the person's is his to take back, and only then it is over."""
    baseline = lab.firewalls[CORE].state()
    change = attested(lab, author)
    carry_out(change, author)
    assert lab.firewalls[CORE].state() != baseline
    assert take_back(change, author).state == "partly"
    assert (lab.firewalls[CORE].state(), turns(author, change)) == (baseline, ["attested", "waiting"])
    with pytest.raises(Refused, match="由人回退"):
        take_back(change, author)
    assert attest(change, author, replace(ME, undone=True)).state == "rolled_back"
    assert author.desk.read(author.changes.change(change).ticket)["state"] == "rolled_back"


def test_a_tool_that_fails_after_the_person_leaves_his_part_and_says_so(lab: Lab, author: App) -> None:
    """Only what the tool sent is led back; the same change is applied again and ends."""
    change, wall = attested(lab, author), lab.firewalls[CORE]
    baseline = wall.state()
    wall.faults.refuse(5)
    with pytest.raises(RolledBack, match="重新 apply"):
        carry_out(change, author)
    assert (wall.state(), turns(author, change)) == (baseline, ["attested", "waiting"])
    assert author.changes.change(change).state == "partly"
    wall.faults.clear()
    assert carry_out(change, author).state == "attested"


@pytest.mark.parametrize("at", [1, 16])
def test_a_process_that_dies_in_the_tools_part_is_resumed(lab: Lab, author: App, at: int) -> None:
    """Wherever it died: the tool's part ends at its target or its baseline, the person's stays attested."""
    change, wall = attested(lab, author), lab.firewalls[CORE]
    baseline = wall.state()
    with pytest.raises(Crash):
        carry_out(change, fragile(author.settings, at))
    assert {lock.device for lock in author.changes.locks()} == {CORE}
    ended = resume(change, author).state
    assert (ended, turns(author, change)) in (
        ("partly", ["attested", "waiting"]),
        ("attested", ["attested", "applied"]),
    )
    assert (wall.state() == baseline) == (ended == "partly")
    assert author.changes.locks() == ()
    if ended == "partly":
        assert carry_out(change, author).state == "attested"


def test_what_is_held_in_the_middle_goes_on_there(lab: Lab, author: App) -> None:
    """A change of which a part is carried out can wait, and cannot be given up as if nothing were there."""
    change = attested(lab, author)
    hold(change, author, "示例工程师", "等窗口")
    with pytest.raises(Refused, match=SWITCH):
        withdraw(change, author, "不要了")
    assert release(change, author, "示例工程师", "") == "partly"
    assert carry_out(change, author).state == "attested"


@pytest.fixture
def by_hand(lab: Lab, project: Path, tmp_path: Path) -> Callable[[str], App]:
    """Open the installation of a site where a person works on one of the devices."""

    def opened(device: str) -> App:
        site = (project / "inventory" / "site.yaml").read_text("utf-8")
        at = site.index("\n", site.index(f"\n  {device}:") + 1)
        path = tmp_path / "site.yaml"
        path.write_text(f"{site[:at]}\n    by_hand: 由网络组执行{site[at:]}", "utf-8")
        config = lab.directory / "by-hand.yaml"
        text = lab.config.read_text("utf-8")
        config.write_text(text.replace(str(project / "inventory" / "site.yaml"), str(path)), "utf-8")
        return replace(open_as_author(lab), settings=App.open(config).settings)

    return opened


def test_the_person_gets_his_part_when_the_tool_has_done_its_own(
    lab: Lab, by_hand: Callable[[str], App], tmp_path: Path
) -> None:
    """Controller by the tool, then the firewall by hand: typed from the document, proved, closed."""
    app = by_hand(FIREWALL)
    change = approved(lab, app, ORDERS / ADD_04)
    done = carry_out(change, app)
    assert (done.state, turns(app, change), received(lab)) == (
        "handed_over",
        ["applied", "handed_over"],
        (0, 2),
    )
    document = app.changes.evidence(change, "变更方案.md")[-1].content.decode()
    typist.carry_out(document, lab, but=ADC)
    assert attest(change, app, ME).state == "attested"
    app.snapshot = typist.export(lab, SNAPSHOT, tmp_path / "after")
    app.__dict__.pop("knowledge", None)  # it was live
    ended, found = verify_executed(change, app)
    assert (ended.state, found.as_planned) == ("done", True)
    assert {*found.devices} == {ADC, FIREWALL}


def test_a_part_that_was_attested_and_is_not_there_stops_the_tool(
    lab: Lab, by_hand: Callable[[str], App]
) -> None:
    """Controller by hand, then the firewall: what he said is looked up before anything is sent."""
    app = by_hand(ADC)
    change, baseline = approved(lab, app, ORDERS / ADD_04), states(lab)
    carry_out(change, app)
    attest(change, app, ME)
    with pytest.raises(Refused, match=f"{ADC} 缺"):
        carry_out(change, app)
    assert (states(lab), received(lab)) == (baseline, (0, 0))
    assert attest(change, app, replace(ME, undone=True)).state == "rolled_back"


def test_what_was_handed_over_and_not_begun_is_approved_as_before(lab: Lab, author: App) -> None:
    """Given back without anything done it can be handed over again; devices keep their order for him too."""
    change = approved(lab, author, AE_09)
    given = hand_over(change, author, "示例工程师")
    assert (given.state, turns(author, change)) == ("handed_over", ["handed_over"] * 2)
    assert hand_over(change, author, "示例工程师").state == "handed_over"
    with pytest.raises(Refused, match=SWITCH):
        attest(change, author, replace(ME, devices=(CORE,)))
    for at in ("gestern", "2999-01-01T00:00"):
        with pytest.raises(ChangeError, match="--at"):
            attest(change, author, replace(ME, at=at))
    assert attest(change, author, replace(ME, undone=True)).state == "approved"
    hand_over(change, author, "示例工程师")
    assert attest(change, author, replace(ME, devices=(SWITCH,))).state == "handed_over"
    assert attest(change, author, replace(ME, at="2020-01-01T00:00:00+08:00")).state == "attested"
