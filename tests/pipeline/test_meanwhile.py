"""What happens elsewhere while a change is on its way: the desk fails, a colleague types."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pytest

from nornir_itsm.app import App
from nornir_itsm.errors import ChangeError, NeedsPerson
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.pipeline import carry_out, resume
from nornir_itsm.ports import Fleet, PushResult, TicketDesk

from .bench import ADD_04, colleague, received, states
from .fragile import Crash, fragile

Approved = Callable[[str], str]
OTHERS = ('address "示例他人的地址"', "ip 10.70.200.1/32", "exit")


@dataclass
class MovedDesk:
    """The real desk, which cannot be written to when a ticket is to go into one of these states."""

    real: TicketDesk
    down: tuple[str, ...]

    def open(self, key: str, fields: Mapping[str, str]) -> str:
        return self.real.open(key, fields)

    def update(self, number: str, state: str, fields: Mapping[str, str]) -> None:
        if state in self.down:
            raise ChangeError(number, "the desk does not answer")
        self.real.update(number, state, fields)

    def attach(self, number: str, name: str, content: bytes) -> str:
        return self.real.attach(number, name, content)

    def read(self, number: str) -> Mapping[str, str]:
        return self.real.read(number)


@dataclass
class CrowdedFleet:
    """The real devices, to which somebody else writes when ours have just been written to."""

    real: Fleet
    meanwhile: Callable[[], None]

    def read(self, points: Iterable[str]) -> Mapping[str, PointFacts]:
        return self.real.read(points)

    def texts(self, points: Iterable[str]) -> Mapping[str, str]:
        return self.real.texts(points)

    def preflight(self, points: Iterable[str]) -> Mapping[str, str]:
        return self.real.preflight(points)

    def push(self, change: Change, before: Callable[[str], None]) -> PushResult:
        result = self.real.push(change, before)
        if change.device == FIREWALL:
            self.meanwhile()
        return result

    def save(self, point: str) -> PushResult:
        return self.real.save(point)


@dataclass
class Elsewhere(App):
    """An installation where something happens on the way."""

    down: tuple[str, ...] = ()
    meanwhile: Callable[[], None] = field(default=lambda: None)

    @cached_property
    def desk(self) -> TicketDesk:
        return MovedDesk(super().desk, self.down)

    @cached_property
    def fleet(self) -> Fleet:
        return CrowdedFleet(super().fleet, self.meanwhile)


def test_a_desk_that_fails_before_the_first_line_stops_there(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """Nothing is sent, nothing stays locked, and it can be tried again."""
    change = approved(ADD_04)
    with pytest.raises(ChangeError, match="does not answer") as caught:
        carry_out(change, Elsewhere(installation.settings, down=("implementing",)))
    assert (caught.value.exit_code, received(lab)) == (1, (0, 0))
    assert (installation.changes.change(change).state, installation.changes.locks()) == ("approved", ())
    assert carry_out(change, installation).state == "done"


def test_a_desk_that_fails_at_the_end_leaves_a_change_to_resume(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """The devices are at the target and saved; only the ticket is behind, and resume sends no line."""
    change = approved(ADD_04)
    with pytest.raises(NeedsPerson, match="变更单未能更新"):
        carry_out(change, Elsewhere(installation.settings, down=("closed",)))
    target, before = states(lab), received(lab)
    assert lab.firewall.startup_state() == lab.firewall.state()
    assert resume(change, installation).state == "done"
    assert (states(lab), received(lab)) == (target, (before[0] + 1, before[1]))  # it saves once more
    ticket = installation.changes.change(change).ticket
    assert installation.desk.read(ticket)["state"] == "closed"


def test_a_desk_that_fails_after_a_failed_push_does_not_hide_it(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """The message says both; the devices are back; resume closes the books."""
    baseline, change = states(lab), approved(ADD_04)
    lab.firewall.faults.refuse(7)
    with pytest.raises(NeedsPerson, match=r"(?s)refused.*变更单未能更新"):
        carry_out(change, Elsewhere(installation.settings, down=("rolled_back",)))
    assert states(lab) == baseline
    assert resume(change, installation).state == "rolled_back"
    assert (states(lab), installation.changes.locks()) == (baseline, ())


def test_what_somebody_does_during_the_run_is_noticed_before_it_is_saved(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """It needs a person, who is told what it is; once that is settled the change goes on."""
    change, saved = approved(ADD_04), lab.firewall.startup_state()
    busy = Elsewhere(installation.settings, meanwhile=lambda: colleague(lab, *OTHERS, save=False))
    with pytest.raises(NeedsPerson, match="示例他人的地址"):
        carry_out(change, busy)
    assert lab.firewall.startup_state() == saved
    assert {lock.change for lock in installation.changes.locks()} == {change}
    assert resume(change, installation).state == "done"
    assert "示例他人的地址" in lab.firewall.state()["addresses"]  # type: ignore[operator]


def test_resume_neither_saves_nor_removes_what_a_colleague_has_not_finished(
    lab: Lab, installation: App, approved: Approved
) -> None:
    """Of an interrupted push only our own lines are taken back; what is saved stays what was saved."""
    change, saved = approved(ADD_04), lab.firewall.startup_state()
    with pytest.raises(Crash):
        carry_out(change, fragile(installation.settings, at=20))
    colleague(lab, *OTHERS, save=False)
    assert resume(change, installation).state == "rolled_back"
    assert lab.firewall.startup_state() == saved
    books = lab.firewall.state()["addresses"]
    assert "示例他人的地址" in books  # type: ignore[operator]
    colleague(lab, 'no address "示例他人的地址"', save=False)
    assert lab.firewall.state() == saved
