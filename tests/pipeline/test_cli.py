"""The life of an order as a user lives it: the installed command, its exit codes, its two streams."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from nornir_itsm.accounts import TOKEN_VARIABLE
from nornir_itsm.errors import Refused
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL
from nornir_itsm.pipeline import carry_out, resume, take_back

from .bench import ADD_04, DEVICES, ORDERS, Bench, states

COMMAND = Path(sys.executable).with_name("nornir-itsm")
FORM = str(ORDERS / ADD_04)


@dataclass
class User:
    """Somebody at a shell in the project's folder, on one configuration."""

    project: Path
    config: Path
    token: str = ""

    def begins(self, *words: str) -> "subprocess.Popen[str]":
        environ = {k: v for k, v in os.environ.items() if k != TOKEN_VARIABLE}
        if self.token:
            environ[TOKEN_VARIABLE] = self.token
        return subprocess.Popen(
            [str(COMMAND), *words, "--config", str(self.config)],
            cwd=self.project,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def types(self, *words: str, code: int = 0) -> str:
        """Run a command that must end with *code*; return its standard output."""
        out, err = self.begins_and_ends(*words, code=code)
        assert "Traceback" not in out + err
        return out

    def begins_and_ends(self, *words: str, code: int) -> tuple[str, str]:
        process = self.begins(*words)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, (words, process.returncode, out, err)
        return out, err

    def asks(self, *words: str, code: int = 0) -> Any:
        """Run a command with --json; standard output holds JSON and nothing else."""
        return json.loads(self.types(*words, "--json", code=code))

    def fails(self, *words: str, code: int) -> str:
        """Run a command that must fail with a message: place, problem, remedy; nothing on standard output."""
        out, err = self.begins_and_ends(*words, code=code)
        assert (out, "Traceback" in err, "缺陷" in err) == ("", False, False), err
        assert "✗ " in err
        assert "→" in err
        return err


@pytest.fixture
def author(project: Path, lab: Lab) -> User:
    return User(project, lab.config)


@pytest.fixture
def started(project: Path, tmp_path: Path) -> Iterator[User]:
    """A lab that was started by its command, with the author in front of it; stopped in any case."""
    home = tmp_path / "started"
    user = User(project, home / "config.yaml")
    assert user.asks("lab", "start", "--dir", str(home), "--drop-after", f"{FIREWALL}:20")["pid"] > 0
    yield user
    if (home / "lab.json").exists():
        user.types("lab", "stop", "--dir", str(home))


def test_an_order_goes_from_the_form_to_the_closed_ticket_and_back(started: User, project: Path) -> None:
    """Every command of the way, each with its exit code and its JSON; the first apply meets a fault."""
    home = started.config.parent
    approver = User(project, started.config, (home / "approver.token").read_text())
    plan = started.asks("plan", FORM, code=10)
    failed = plan["change"]
    assert "planned" in started.fails("apply", failed, code=5)
    started.fails("approve", failed, code=5)
    approver.asks("approve", failed, "--note", "同意")
    approver.fails("apply", failed, code=5)
    assert FIREWALL in started.fails("apply", failed, code=6)

    again = started.asks("plan", FORM, code=10)
    change = again["change"]
    assert again["fingerprint"] == plan["fingerprint"]
    assert approver.asks("approve", change)["state"] == "approved"
    assert started.asks("apply", change, "--dry-run")["state"] == "approved"
    done = started.asks("apply", change)
    assert (done["state"], done["sent"] > 0, done["ticket"] != "") == ("done", True, True)
    assert [d["calls"] or d["commands"] for d in started.asks("plan", FORM)["devices"]] == [[], []]
    shown = started.asks("show", change)
    assert (shown["state"], shown["fingerprint"]) == ("done", plan["fingerprint"])
    assert {step["accepted"] for step in shown["steps"]} == {True}
    assert "示例期货公司A" in started.types("show", change, "--document")
    assert started.asks("verify", change)["state"] == "done"
    listed = [(c["id"], c["state"]) for c in started.asks("list")["changes"]]
    assert listed[:2] == [(failed, "rolled_back"), (change, "done")]
    assert started.asks("rollback", change)["state"] == "rolled_back"
    started.fails("verify", change, code=7)
    started.types("lab", "stop", "--dir", str(home))
    started.fails("lab", "status", "--dir", str(home), code=1)


@pytest.mark.parametrize("lines", [0, 12], ids=["at the controller", "at the firewall"])
def test_an_apply_killed_with_signal_9_is_resumed(lab: Lab, author: User, lines: int) -> None:
    """Its devices stay locked; resume leads them back, and the order can be carried out anew."""
    baseline, bench = states(lab), Bench(lab)
    change, other = bench.approved(ADD_04), bench.approved(ADD_04)
    for name in DEVICES:
        lab.device(name).faults.slow(0.2)
    process = author.begins("apply", change)
    arrived(lab, 1, lines)
    process.kill()
    process.communicate(timeout=20)
    for name in DEVICES:
        lab.device(name).faults.clear()
    assert states(lab) != baseline
    assert bench.author.changes.change(change).state == "applying"
    with pytest.raises(Refused, match=change):
        carry_out(other, bench.author)
    assert author.asks("resume", change)["state"] == "rolled_back"
    assert states(lab) == baseline
    assert lab.firewall.startup_state() == lab.firewall.state()
    assert carry_out(other, bench.author).state == "done"


def arrived(lab: Lab, calls: int, lines: int) -> None:
    """Wait until so many calls and lines have come to the devices."""
    deadline = time.monotonic() + 60
    while len(lab.adc.lines) < calls or len(lab.firewall.lines) < lines:
        assert time.monotonic() < deadline, "nothing comes"
        time.sleep(0.02)


def test_an_apply_that_runs_is_not_resumed_by_somebody_else(lab: Lab, author: User) -> None:
    """Only what was interrupted is resumed; the one who works goes on undisturbed."""
    bench = Bench(lab)
    change = bench.approved(ADD_04)
    lab.firewall.faults.slow(0.1)
    process = author.begins("apply", change)
    arrived(lab, 2, 5)
    for work in (resume, carry_out, take_back):
        with pytest.raises(Refused, match="另一个进程"):
            work(change, bench.author)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, (out, err)
    assert bench.author.changes.change(change).state == "done"


def test_an_apply_interrupted_by_its_user_says_how_to_go_on(lab: Lab, author: User) -> None:
    """Ctrl-C in the middle: exit code 130, no traceback, resume leads back."""
    baseline, bench = states(lab), Bench(lab)
    change = bench.approved(ADD_04)
    lab.firewall.faults.slow(0.1)
    process = author.begins("apply", change)
    arrived(lab, 2, 5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, "resume" in err, "Traceback" in err) == (130, "", True, False), err
    assert resume(change, bench.author).state == "rolled_back"
    assert states(lab) == baseline
