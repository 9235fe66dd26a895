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
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL

from .bench import ADD_04, DEVICES, ORDERS, received, states

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
def second(project: Path, lab: Lab) -> User:
    return User(project, lab.config, lab.token.read_text())


@pytest.fixture
def started(project: Path, tmp_path: Path) -> Iterator[User]:
    """A lab that was started by its command, with the author in front of it; stopped in any case."""
    home = tmp_path / "started"
    user = User(project, home / "config.yaml")
    assert user.asks("lab", "start", "--dir", str(home), "--refuse", f"{FIREWALL}:90")["pid"] > 0
    yield user
    if (home / "lab.json").exists():
        user.types("lab", "stop", "--dir", str(home))


def test_an_order_goes_from_the_form_to_the_closed_ticket_and_back(started: User, project: Path) -> None:
    """Every command of the way, each with its exit code and its JSON."""
    home = started.config.parent
    approver = User(project, started.config, (home / "approver.token").read_text())
    assert started.asks("lab", "status", "--dir", str(home))["ports"].keys() == {*DEVICES}
    plan = started.asks("plan", FORM, code=10)
    change = plan["change"]
    assert [c["id"] for c in started.asks("list")["changes"]] == [change]
    assert "planned" in started.fails("apply", change, code=5)
    started.fails("approve", change, code=5)
    approver.fails("apply", change, code=5)
    assert approver.asks("approve", change, "--note", "同意")["state"] == "approved"
    assert started.asks("apply", change, "--dry-run")["state"] == "approved"
    done = started.asks("apply", change)
    assert (done["state"], done["sent"] > 0, done["ticket"] != "") == ("done", True, True)
    assert started.asks("apply", change)["sent"] == 0
    assert started.asks("plan", FORM)["devices"][0]["calls"] == []
    shown = started.asks("show", change)
    assert (shown["state"], shown["fingerprint"]) == ("done", plan["fingerprint"])
    assert {step["accepted"] for step in shown["steps"]} == {True}
    assert change not in started.types("show", change, "--document") or True
    assert "示例期货公司A" in started.types("show", change, "--document")
    assert started.asks("verify", change)["state"] == "done"
    assert started.asks("list", "--state", "done")["changes"][0]["id"] == change
    assert started.asks("rollback", change)["state"] == "rolled_back"
    started.fails("verify", change, code=7)
    started.fails("resume", change, code=5)
    started.types("lab", "stop", "--dir", str(home))
    started.fails("lab", "status", "--dir", str(home), code=1)


def test_a_refused_line_ends_with_6_and_the_same_plan_can_be_made(started: User, project: Path) -> None:
    """The lab's fault hits a second change; afterwards the devices are as they were."""
    approver = User(project, started.config, (started.config.parent / "approver.token").read_text())
    first = started.asks("plan", FORM, code=10)
    approver.asks("approve", first["change"])
    started.asks("apply", first["change"])
    started.asks("rollback", first["change"])
    again = started.asks("plan", FORM, code=10)
    assert again["fingerprint"] == first["fingerprint"]
    approver.asks("approve", again["change"])
    assert FIREWALL in started.fails("apply", again["change"], code=6)
    assert started.asks("show", again["change"])["state"] == "rolled_back"
    assert started.asks("plan", FORM, code=10)["fingerprint"] == first["fingerprint"]


@pytest.mark.parametrize("after", [0, 1, 12])
def test_an_apply_killed_with_signal_9_is_resumed(lab: Lab, author: User, second: User, after: int) -> None:
    """Its devices stay locked; resume leads them back, and the order can be carried out anew."""
    baseline = states(lab)
    change = author.asks("plan", FORM, code=10)["change"]
    second.asks("approve", change)
    for name in DEVICES:
        lab.device(name).faults.slow(0.2)
    process = author.begins("apply", change)
    arrived(lab, 1 if after == 0 else 0, after)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    for name in DEVICES:
        lab.device(name).faults.clear()
    assert states(lab) != baseline
    assert author.asks("show", change)["state"] == "applying"
    other = author.asks("plan", FORM, code=10)["change"]
    second.asks("approve", other)
    assert change in author.fails("apply", other, code=5)
    assert author.asks("resume", change)["state"] == "rolled_back"
    assert states(lab) == baseline
    assert lab.firewall.startup_state() == lab.firewall.state()
    author.fails("resume", change, code=5)
    assert author.asks("apply", other)["state"] == "done"


def arrived(lab: Lab, calls: int, lines: int) -> None:
    """Wait until so many calls and lines have come to the devices."""
    deadline = time.monotonic() + 60
    while len(lab.adc.lines) < calls or len(lab.firewall.lines) < lines:
        assert time.monotonic() < deadline, "nothing comes"
        time.sleep(0.02)


def test_an_apply_that_runs_is_not_resumed_by_somebody_else(lab: Lab, author: User, second: User) -> None:
    """Only what was interrupted is resumed; the one who works goes on undisturbed."""
    change = author.asks("plan", FORM, code=10)["change"]
    second.asks("approve", change)
    lab.firewall.faults.slow(0.1)
    process = author.begins("apply", change)
    arrived(lab, 2, 5)
    for word in ("resume", "apply", "rollback"):
        assert "另一个进程" in author.fails(word, change, code=5)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, (out, err)
    assert author.asks("show", change)["state"] == "done"


def test_an_apply_interrupted_by_its_user_says_how_to_go_on(lab: Lab, author: User, second: User) -> None:
    """Ctrl-C in the middle: exit code 130, no traceback, resume leads back."""
    baseline = states(lab)
    change = author.asks("plan", FORM, code=10)["change"]
    second.asks("approve", change)
    lab.firewall.faults.slow(0.1)
    process = author.begins("apply", change)
    arrived(lab, 2, 5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, "resume" in err, "Traceback" in err) == (130, "", True, False), err
    assert author.asks("resume", change)["state"] == "rolled_back"
    assert states(lab) == baseline


def spoil_password(lab: Lab) -> None:
    (lab.directory / "firewall.password").write_text("不是这个")


def spoil_adc_password(lab: Lab) -> None:
    (lab.directory / "adc.password").write_text("wrong")


def remove_password(lab: Lab) -> None:
    (lab.directory / "firewall.password").unlink()


def spoil_port(lab: Lab) -> None:
    from openpyxl import load_workbook

    book = load_workbook(lab.directory / "devices.xlsx")
    book.worksheets[0]["C2"] = 1
    book.save(lab.directory / "devices.xlsx")


def spoil_host_key(lab: Lab) -> None:
    other = "AAAAC3NzaC1lZDI1NTE5AAAAIKxWkgOAjlWbB4UxZpZKBLQYg5sSnMhp1q2ZpXS3L0pB"
    (lab.directory / "known_hosts").write_text(f"[127.0.0.1]:{lab.ports[FIREWALL]} ssh-ed25519 {other}\n")


def remove_host_keys(lab: Lab) -> None:
    (lab.directory / "known_hosts").unlink()


def spoil_ca(lab: Lab) -> None:
    from nornir_itsm.lab.tls import Authority

    (lab.directory / "ca.pem").write_bytes(Authority().certificate())


def remove_ca(lab: Lab) -> None:
    (lab.directory / "ca.pem").unlink()


def remove_devices(lab: Lab) -> None:
    (lab.directory / "devices.xlsx").unlink()


def spoil_devices(lab: Lab) -> None:
    (lab.directory / "devices.xlsx").write_bytes(b"PK\x03\x04 no workbook")


def remove_site_key(lab: Lab) -> None:
    settings = json.loads(lab.config.read_text())
    site = Path(settings["user_defined"]["itsm"]["site"])
    text = site.read_text()
    assert "\npaths:" in text
    (lab.directory / "site.yaml").write_text(text.replace("\npaths:", "\npahts:"))
    settings["user_defined"]["itsm"]["site"] = str(lab.directory / "site.yaml")
    lab.config.write_text(json.dumps(settings))


def remove_config(lab: Lab) -> None:
    lab.config.unlink()


def spoil_config(lab: Lab) -> None:
    lab.config.write_text(lab.config.read_text()[:-40])


def spoil_store(lab: Lab) -> None:
    (lab.directory / "var" / "state.sqlite").write_bytes(b"no database at all, not in the least" * 200)


SPOILED = {
    spoil_password: "DC1-ISP-FW01",
    spoil_adc_password: "DC1-ISP-LB01",
    remove_password: "firewall.password",
    spoil_port: "DC1-ISP-FW01",
    spoil_host_key: "known_hosts",
    remove_host_keys: "known_hosts",
    spoil_ca: "DC1-ISP-LB01",
    remove_ca: "ca.pem",
    remove_devices: "devices.xlsx",
    spoil_devices: "devices.xlsx",
    remove_site_key: "site.yaml",
    remove_config: "config.yaml",
    spoil_config: "config.yaml",
    spoil_store: "state.sqlite",
}


@pytest.fixture(scope="module")
def ready(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, str]]:
    """An approved change, and a lab whose files each test puts back."""
    home = tmp_path_factory.mktemp("spoiled")
    with Lab(home, snapshot=project / "inventory" / "snapshot", project=project) as lab:
        change = User(project, lab.config).asks("plan", FORM, code=10)["change"]
        User(project, lab.config, lab.token.read_text()).asks("approve", change)
        yield lab, change


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_what_is_wrong_around_is_said_and_nothing_is_sent(
    project: Path, ready: tuple[Lab, str], spoil: Any
) -> None:
    """One message with place, problem and remedy, exit code 1, and devices as they were."""
    lab, change = ready
    kept = {f: f.read_bytes() for f in lab.directory.rglob("*") if f.is_file()}
    spoil(lab)
    try:
        said = User(project, lab.config).fails("apply", change, code=1)
    finally:
        for file, content in kept.items():
            file.write_bytes(content)
    assert SPOILED[spoil] in said
    for secret in ("firewall.password", "adc.password"):
        assert (lab.directory / secret).read_text() not in said
    assert received(lab) == (0, 0)


FORMS = {"nowhere.xlsx": None, "no-workbook.xlsx": b"PK\x03\x04", "text.xlsx": b"hello", "empty.xlsx": b""}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_none_is_said(author: User, tmp_path: Path, name: str) -> None:
    """Exit code 3, the file's name, and no change is kept."""
    content = FORMS[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert name in author.fails("plan", str(tmp_path / name), code=3)
    assert author.asks("list") == {"changes": []}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "C-20200101-0001"], 1),
        (["apply", "C-20200101-0001"], 1),
        (["resume", "../../etc/passwd"], 1),
        (["approve", "' OR 1=1 --"], 5),
    ],
    ids=["show", "apply", "resume", "approve"],
)
def test_a_change_that_is_not_there_is_said(author: User, words: list[str], code: int) -> None:
    """Whatever was typed instead of a number."""
    author.fails(*words, code=code)


def test_a_state_that_does_not_exist_is_wrong_usage(author: User) -> None:
    """An empty list would look like an answer."""
    out, err = author.begins_and_ends("list", "--state", "finished", code=2)
    assert (out, "finished" in err) == ("", True)
