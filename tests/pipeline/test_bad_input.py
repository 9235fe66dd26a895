"""Bad input around an apply: one message with place, problem and remedy; nothing is sent, nothing is kept."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from nornir_itsm.cli.boundary import guarded
from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL

from .bench import ADD_04, Bench, open_as_author, received


class Fails(Protocol):
    def __call__(self, lab: Lab, *words: str, code: int) -> str: ...


@pytest.fixture
def fails(capfd: pytest.CaptureFixture[str]) -> Fails:
    """Run a command that must fail with a message and nothing on standard output; return the message."""

    def run(lab: Lab, *words: str, code: int) -> str:
        capfd.readouterr()
        ended = guarded([*words, "--config", str(lab.config)])
        out, err = capfd.readouterr()
        assert (ended, out) == (code, ""), err
        assert ("✗ " in err, "→" in err, "Traceback" in err) == (True, True, False), err
        return err

    return run


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


SPOILED: dict[Callable[[Lab], None], str] = {
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
        bench = Bench(lab)
        change = bench.approved(ADD_04)
        for app in (bench.author, bench.approver):
            app.changes.close()
        yield lab, change


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_what_is_wrong_around_is_said_and_nothing_is_sent(
    ready: tuple[Lab, str], spoil: Callable[[Lab], None], fails: Fails
) -> None:
    """One message with place, problem and remedy, exit code 1, and devices as they were."""
    lab, change = ready
    kept = {f: f.read_bytes() for f in lab.directory.rglob("*") if f.is_file()}
    spoil(lab)
    try:
        said = fails(lab, "apply", change, code=1)
    finally:
        for file, content in kept.items():
            file.write_bytes(content)
    assert SPOILED[spoil] in said
    for secret in ("firewall.password", "adc.password"):
        assert (lab.directory / secret).read_text() not in said
    assert received(lab) == (0, 0)


FORMS = {"nowhere.xlsx": None, "no-workbook.xlsx": b"PK\x03\x04", "text.xlsx": b"hello", "empty.xlsx": b""}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_none_is_said(ready: tuple[Lab, str], tmp_path: Path, name: str, fails: Fails) -> None:
    """Exit code 3, the file's name, and no change is kept."""
    lab, change = ready
    content = FORMS[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert name in fails(lab, "plan", str(tmp_path / name), code=3)
    assert [kept.id for kept in open_as_author(lab).changes.list()] == [change]


@pytest.mark.parametrize("command", ["show", "approve", "apply", "verify", "resume", "rollback"])
@pytest.mark.parametrize("number", ["C-20200101-0001", "../../etc/passwd", "' OR 1=1 --", ""])
def test_a_change_that_is_not_there_is_said(
    ready: tuple[Lab, str], command: str, number: str, fails: Fails
) -> None:
    """Whatever was typed instead of a number."""
    fails(ready[0], command, number, code=1)


def test_a_state_that_does_not_exist_is_wrong_usage(ready: tuple[Lab, str], fails: Fails) -> None:
    """An empty list would look like an answer."""
    assert "finished" in fails(ready[0], "list", "--state", "finished", code=2)
