"""When: nothing begins outside its window, and what would pass its end stops between two devices."""

import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.errors import ChangeError, Refused, RolledBack
from nornir_itsm.pipeline import carry_out, rehearse, wait
from nornir_itsm.pipeline.hands import hand_over
from nornir_itsm.pipeline.standing import standing
from nornir_itsm.pipeline.window import set_window

from .bench import ADD_04, DEVICES, states
from .office import AUTHOR, Office

NIGHTS = {
    "time_zone": "Asia/Shanghai",
    "hours": [
        {"when": {"destination": "互联网"}, "open": [{"days": ["sun"], "start": "22:00", "end": "06:00"}]},
        {"when": {"kind": "专线接入"}, "open": [{"days": ["sat"], "start": "01:00", "end": "02:00"}]},
    ],
}


def approved(office: Office, policy: dict[str, object] = NIGHTS) -> str:
    change = office.rules(policy, "乙").plan(ADD_04)
    office.app("乙").approve(change, None, "")
    return change


def test_before_its_time_a_change_says_when_and_waits_for_it(office: Office) -> None:
    """``apply`` is refused with the hour; with ``--wait`` it tells how long, and begins on time."""
    change, author = approved(office), office.app()
    for work in (carry_out, rehearse):
        with pytest.raises(Refused, match=r"2026-11-22 22:00 \+08:00 开始"):
            work(change, author)
    assert (standing(author.changes.change(change), author).phase, office.sent()) == ("approved", 0)
    office.clock.at += timedelta(hours=8)
    wait(change, author, AUTHOR)
    assert office.clock.now() == "2026-11-22T22:00:00+08:00"
    assert sum(office.clock.waits) == 2 * 3600
    assert max(office.clock.waits) <= 600
    assert any("还有 2 小时；Ctrl-C" in line for line in office.told)
    assert standing(author.changes.change(change), author).phase == "in_window"
    assert rehearse(change, author) > 0


def test_a_change_that_could_not_begin_is_not_waited_for(office: Office) -> None:
    """An approval that is too old by then is refused at once."""
    change, author = approved(office, {**NIGHTS, "valid_for": "9h"}), office.app()
    with pytest.raises(Refused, match="已过期：乙"):
        wait(change, author, AUTHOR)
    assert office.clock.waits == []


def test_a_late_order_is_expired_and_not_run(office: Office) -> None:
    """After its own end nothing is sent, until somebody gives it another time; that is on its ticket,
    and where a second person gave it the author leaves it alone."""
    change, author = approved(office, {}), office.app()
    set_window(change, author, AUTHOR, ("2026-11-22T20:00", "2026-11-22T21:00+08:00"), "客户约定")
    ticket = author.desk.read(author.changes.change(change).ticket)
    assert (ticket["计划开始时间"], ticket["计划结束时间"]) == (
        "2026-11-22T20:00:00+08:00",
        "2026-11-22T21:00:00+08:00",
    )
    office.clock.at += timedelta(hours=9)
    with pytest.raises(Refused, match="过期未执行"):
        carry_out(change, author, AUTHOR)
    assert (standing(author.changes.change(change), author).phase, office.sent()) == ("expired", 0)
    set_window(change, author, AUTHOR, ("", "2026-11-22T23:00"))
    assert rehearse(change, author) > 0
    set_window(change, author, "乙", ("", "2026-11-22T22:30"))
    with pytest.raises(Refused, match="由 乙 安排"):
        set_window(change, author, AUTHOR, ("", ""))


def test_a_freeze_is_refused_with_its_reason_and_not_for_an_exempt_kind(office: Office) -> None:
    """A person may be given the work meanwhile: what he gets is for later."""
    freeze = {"first": "2026-11-20", "last": "2026-11-22", "reason": "年终封网"}
    change, author = approved(office, {"time_zone": "Asia/Shanghai", "freezes": [freeze]}), office.app()
    with pytest.raises(Refused, match=r"2026-11-23 00:00 \+08:00 开始（.*年终封网"):
        carry_out(change, author, AUTHOR)
    assert hand_over(change, author, AUTHOR).state == "handed_over"
    exempt = {"time_zone": "Asia/Shanghai", "freezes": [{**freeze, "exempt": ["互联网接入"]}]}
    assert rehearse(approved(office, exempt), office.app()) > 0


def slow_after_the_first(office: Office, seconds: float) -> None:
    """Let time pass while the first device is written to."""
    office.clock.ahead = lambda: seconds if office.sent() else 0


def test_a_run_that_would_pass_its_end_leads_back_between_two_devices(office: Office) -> None:
    """The first device was slow: the second is not begun, the first is back where it was, and why is said."""
    change, baseline = approved(office), states(office.lab)
    office.clock.at = datetime.fromisoformat("2026-11-23T05:00:00+08:00")
    slow_after_the_first(office, 40 * 60)
    with pytest.raises(RolledBack, match=r"2026-11-23 06:00 .*余下的时间不够"):
        carry_out(change, office.app(), AUTHOR)
    assert states(office.lab) == baseline
    assert min(len(office.lab.device(name).lines) for name in DEVICES) == 0


def test_a_run_goes_on_past_its_end_where_the_site_says_so(office: Office) -> None:
    """And says that it does."""
    change = approved(office, {**NIGHTS, "past_end": "finish"})
    office.clock.at = datetime.fromisoformat("2026-11-23T05:59:00+08:00")
    slow_after_the_first(office, 3600)
    assert carry_out(change, office.app(), AUTHOR).state == "done"
    assert any("继续做完" in line for line in office.told)


def test_a_change_is_not_begun_where_too_little_time_is_left(office: Office) -> None:
    """The site says how much a run must find."""
    change = approved(office, {**NIGHTS, "spare": "30m"})
    office.clock.at = datetime.fromisoformat("2026-11-23T05:31:00+08:00")
    with pytest.raises(Refused, match="只剩 29 分"):
        carry_out(change, office.app(), AUTHOR)
    assert office.sent() == 0


NO_WINDOWS = {
    ("今晚", ""): "不是时间",
    ("2026-11-22T22:00", "2026-11-22T22:00"): "不晚于",
    ("", "2026-11-22T11:59"): "不晚于",
    ("2026-11-22T10:00", "2026-11-22T11:00"): "已经过去",
}


def test_a_window_that_is_none_is_refused(office: Office) -> None:
    """And nothing is kept of it."""
    change, author = office.rules(NIGHTS).plan(ADD_04), office.app()
    for times, why in NO_WINDOWS.items():
        with pytest.raises(ChangeError, match=why):
            set_window(change, author, AUTHOR, times)
    assert author.changes.approvals(change) == ()


def test_waiting_is_broken_off_without_a_trace(office: Office, project: Path) -> None:
    """Ctrl-C while ``apply --wait`` waits: exit code 130, nothing begun, nothing locked."""
    office.clock.at = datetime.now().astimezone()
    change, author = approved(office, {}), office.app()
    start = (office.clock.at + timedelta(hours=5)).isoformat(timespec="seconds")
    words = "from nornir_itsm.cli import main; main()"
    set_window(change, author, AUTHOR, (start, ""))
    call = [sys.executable, "-c", words, "--config", str(office.lab.config), "apply", change, "--wait"]
    environ = {key: value for key, value in os.environ.items() if key != TOKEN_VARIABLE}
    process = subprocess.Popen(call, cwd=project, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "还有" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    assert (process.returncode, "Traceback" in said) == (130, False), said
    assert (author.changes.change(change).state, author.changes.locks()) == ("approved", ())
