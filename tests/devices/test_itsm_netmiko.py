"""The connection itsm-netmiko over real SSH: all arrives exactly, and nobody else is trusted."""

import math
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from netmiko.exceptions import (
    NetmikoAuthenticationException,
    NetmikoTimeoutException,
    ReadException,
    ReadTimeout,
)

from nornir_itsm.devices.until import Cancelled, Expired, Until
from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.crowd import VENDORS, Crowd, Device, Temper
from nornir_itsm.lab.crowd.printing import printed

from .crowded import PASSWORD, connected, trusted

NAMES = (
    "interface GE0/0/1\n description 到示例期货公司甲楼\n  #\n\n description 测试<x>{blank}\nreturn".format(
        blank="  "
    )
)
LOOKALIKE = "before\n{prompt}\nbehind\n"
TEMPERS = {
    "plain": Temper(),
    "paging": Temper(pager_stays=True),
    "dripping": Temper(drip=11, pause=0.0005, pager_stays=True),
    "banner": Temper(banner="***********\n*** [Warning] <a>b# 仅限授权用户 ***\n########"),
    "noise": Temper(newline="\r\r\n", pager_stays=True),
    "gbk": Temper(encoding="gb18030", banner="警告：仅限授权用户"),
}


def fleet() -> dict[tuple[str, str], Device]:
    """One device for each vendor and temper."""
    made: dict[tuple[str, str], Device] = {}
    for vendor, manners in VENDORS.items():
        word = "display" if vendor in ("huawei_vrp", "hp_comware") else "show"
        for name, temper in TEMPERS.items():
            number = 1 + len(made)
            prompt = manners.prompt.format(name=f"LAB-{number:04}")
            says = {f"{word} names": NAMES, f"{word} history": LOOKALIKE.format(prompt=prompt)}
            made[vendor, name] = Device(number, vendor, temper, says)
    return made


DEVICES = fleet()


@pytest.fixture(scope="module")
def crowd() -> Iterator[Crowd]:
    with Crowd(DEVICES.values(), PASSWORD) as running:
        yield running


@pytest.mark.parametrize(
    ("temper", "transport"),
    [*((temper, "libssh2") for temper in TEMPERS), ("plain", "paramiko"), ("paging", "paramiko")],
)
@pytest.mark.parametrize("vendor", VENDORS)
def test_what_the_device_holds_arrives_exactly(
    crowd: Crowd, tmp_path: Path, vendor: str, temper: str, transport: str
) -> None:
    """Pagers, drops, banners, odd line ends and GBK names leave no trace, on both transports."""
    device = DEVICES[vendor, temper]
    connection = connected(crowd, device, {**trusted(crowd, tmp_path), "transport": transport})
    texts = {**{c: say() for c, say in printed(vendor, device.number).items()}, **device.says}
    heard = {one.command: one.text for one in connection.ask_all(list(texts))}
    connection.disconnect()
    assert heard == {command: text.removesuffix("\n") for command, text in texts.items()}


def test_a_login_question_is_answered(tmp_path: Path) -> None:
    """VRP's question for a new password is declined by netmiko's driver; then everything is as usual."""
    ask = "Warning: The password has expired.\nThe password needs to be changed. Change now? [Y/N]:"
    device = Device(1, "huawei_vrp", Temper(ask=ask))
    with Crowd([device], PASSWORD) as crowd:
        text = connected(crowd, device, trusted(crowd, tmp_path)).send_command("display version")
        assert text == printed("huawei_vrp", 1)["display version"]().removesuffix("\n")
        assert crowd.heard[device.name][0] == "N"


@pytest.mark.parametrize("banner", ["", "<x>"])
def test_nothing_is_saved_because_a_device_offers_it(tmp_path: Path, banner: str) -> None:
    """VRP's offer to save at login, which netmiko's driver would accept, is left to a person."""
    ask = "Warning: There are security risks in the configuration file. Continue to save? [Y/N]:"
    device = Device(1, "huawei_vrp", Temper(ask=ask, banner=banner))
    with Crowd([device], PASSWORD) as crowd:
        with pytest.raises(ReadException, match="only a person"):
            connected(crowd, device, trusted(crowd, tmp_path))
        assert crowd.heard[device.name] == []


def test_netmiko_itself_is_still_there(crowd: Crowd, tmp_path: Path) -> None:
    """expect_string, TTP and prompts work as netmiko's; the class is the vendor's."""
    from netmiko.huawei.huawei import HuaweiSSH

    connection = connected(crowd, DEVICES["huawei_vrp", "plain"], trusted(crowd, tmp_path))
    assert isinstance(connection, HuaweiSSH)
    assert "VRP (R)" in connection.send_command("display version", expect_string=r">")
    parsed = connection.send_command(
        "display version",
        use_ttp=True,
        ttp_template="VRP (R) software, Version {{ version }} {{ ignore('.*') }}",
    )
    assert parsed == [[{"version": "5.170"}]]
    assert connection.find_prompt() == "<LAB-0001>"
    assert connection.is_alive()
    connection.disconnect()
    assert not connection.is_alive()


@pytest.mark.parametrize(
    ("known", "transport"),
    [
        ("", "libssh2"),
        ("another", "libssh2"),
        ("revoked", "libssh2"),
        ("", "paramiko"),
        ("another", "paramiko"),
    ],
)
def test_only_the_known_host_key_is_trusted(crowd: Crowd, tmp_path: Path, known: str, transport: str) -> None:
    """An unknown, a changed and a revoked key are refused before the password leaves; nobody has heard it."""
    extras = {**trusted(crowd, tmp_path), "transport": transport}
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()[1]
    place, kind, key = crowd.known_host.split()
    lines = {
        "": "",
        "another": f"{place} {kind} {other}\n",
        "revoked": f"{crowd.known_host}@revoked * {kind} {key}\n",
    }
    Path(extras["alt_key_file"]).write_text(lines[known], encoding="utf-8")
    before = crowd.logins
    with pytest.raises(NetmikoTimeoutException):
        connected(crowd, DEVICES["cisco_ios", "plain"], extras)
    assert crowd.logins == before


def test_a_wrong_password_is_tried_once(crowd: Crowd, tmp_path: Path) -> None:
    """Twice could lock the account."""
    before = crowd.refused
    with pytest.raises(NetmikoAuthenticationException):
        connected(crowd, DEVICES["cisco_ios", "plain"], trusted(crowd, tmp_path), "wrong")
    assert crowd.refused == before + 1


def test_a_key_file_opens_the_session(tmp_path: Path) -> None:
    """netmiko's options use_keys, key_file and passphrase mean the same here."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "id").write_bytes(key.export_private_key("openssh", passphrase="示例", rounds=2))
    keys = tmp_path / "authorized"
    key.write_public_key(str(keys))
    device = Device(1, "cisco_ios")
    with Crowd([device], PASSWORD, authorized_client_keys=str(keys)) as crowd:
        more = {
            "use_keys": True,
            "key_file": str(tmp_path / "id"),
            "passphrase": "示例",
            "transport": "libssh2",
        }
        connection = connected(crowd, device, {**trusted(crowd, tmp_path), **more}, password="")
        assert connection.find_prompt() == "LAB-0001#"
        assert crowd.logins == 0


def test_algorithms_that_libssh2_does_not_have_are_paramikos(tmp_path: Path) -> None:
    """A host with nothing in common is reached by paramiko, per host; with libssh2 alone it is an error."""
    device = Device(1, "hp_comware")
    with Crowd([device], PASSWORD, kex_algs=["mlkem768x25519-sha256"]) as crowd:
        extras = trusted(crowd, tmp_path)
        with pytest.raises(NetmikoTimeoutException, match="no algorithm in common"):
            connected(crowd, device, {**extras, "transport": "libssh2"})
        assert connected(crowd, device, extras).ask("display version").startswith("H3C Comware")


def test_a_jump_host_is_paramikos(tmp_path: Path, crowd: Crowd) -> None:
    """OpenSSH's configuration is followed: a ProxyCommand leads to the device, by paramiko."""
    config = tmp_path / "ssh_config"
    code = (
        f"import socket,sys,threading as t;s=socket.create_connection(('127.0.0.1',{crowd.port}))"
        + ";r=sys.stdin.buffer.raw"
        + ";f=lambda:[s.sendall(d) for d in iter(lambda:r.read(9999),b'')]"
        + ";t.Thread(target=f,daemon=True).start()"
        + ";[(sys.stdout.buffer.write(d),sys.stdout.flush()) for d in iter(lambda:s.recv(9999),b'')]"
    )
    script = tmp_path / "relay.py"
    script.write_text(code, encoding="utf-8")
    import sys

    config.write_text(f"Host 127.0.0.1\n  ProxyCommand {sys.executable} {script}\n", encoding="utf-8")
    extras = {**trusted(crowd, tmp_path), "ssh_config_file": str(config)}
    connection = connected(crowd, DEVICES["cisco_ios", "plain"], extras)
    assert connection.remote_conn_pre is not None  # paramiko's client
    assert connection.ask("show version").startswith("Cisco IOS")
    connection.disconnect()


class Slow:
    """A relay that holds every packet back: every step of a login is interrupted and taken up again."""

    def __init__(self, port: int, seconds: float) -> None:
        self._target, self._seconds = port, seconds
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        near, _ = self._listener.accept()
        far = socket.create_connection(("127.0.0.1", self._target))
        threading.Thread(target=self._pump, args=(near, far, 0.0), daemon=True).start()
        self._pump(far, near, self._seconds)

    def _pump(self, source: socket.socket, target: socket.socket, seconds: float) -> None:
        while data := source.recv(65536):
            time.sleep(seconds)
            target.sendall(data)
        target.close()


def test_a_slow_line_is_no_error(crowd: Crowd, tmp_path: Path) -> None:
    """Waits that are longer than a slice of them go on where they were, through the whole login."""
    slow = Slow(crowd.port, 0.25)
    known = trusted(crowd, tmp_path)
    Path(known["alt_key_file"]).write_text(crowd.known_host.replace(str(crowd.port), str(slow.port)), "utf-8")
    device = DEVICES["huawei_vrp", "plain"]
    from nornir_itsm.devices.itsm_netmiko import NetmikoConnection

    plugin = NetmikoConnection()
    plugin.open(
        "127.0.0.1", device.name, PASSWORD, slow.port, device.vendor, {**known, "transport": "libssh2"}
    )
    assert plugin.connection.send_command("display version").startswith("Huawei Versatile")
    plugin.close()


def test_nobody_answers(tmp_path: Path) -> None:
    """A port that accepts and says nothing costs the answer's time and no more."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        crowd: Any = type("Silent", (), {"port": silent.getsockname()[1], "known_host": ""})
        begun = time.monotonic()
        with pytest.raises(NetmikoTimeoutException, match="no answer within"):
            connected(crowd, Device(1, "cisco_ios"), {**trusted(crowd, tmp_path), "auth_timeout": 0.5})
    assert time.monotonic() - begun < 3


def test_a_device_that_falls_silent_is_told_with_what_it_said(tmp_path: Path) -> None:
    """No prompt: ReadTimeout, never half an answer."""
    device = Device(1, "cisco_ios", Temper(mute="show tech"))
    with Crowd([device], PASSWORD) as crowd:
        connection = connected(crowd, device, trusted(crowd, tmp_path))
        with pytest.raises(ReadTimeout, match="show tech"):
            connection.ask("show tech", 0.3)


@pytest.mark.parametrize("how", ["deadline", "stop"])
def test_a_wait_ends_with_the_deadline_or_a_stop(tmp_path: Path, how: str) -> None:
    """Within a slice of time, whatever the command's own patience says."""
    device = Device(1, "cisco_ios", Temper(mute="show tech"))
    with Crowd([device], PASSWORD) as crowd:
        until = Until(time.monotonic() + 1.0 if how == "deadline" else math.inf)
        connection = connected(crowd, device, {**trusted(crowd, tmp_path), "until": until})
        if how == "stop":
            threading.Timer(0.3, until.stop.set).start()
        begun = time.monotonic()
        with pytest.raises(Expired if how == "deadline" else Cancelled):
            connection.ask("show tech", 60)
        assert time.monotonic() - begun < 2


def test_a_cut_connection_is_told(tmp_path: Path) -> None:
    """The device goes away in the middle: ReadException at once."""
    device = Device(1, "hillstone_stoneos", Temper(mute="show tech"))
    with Crowd([device], PASSWORD) as crowd:
        connection = connected(crowd, device, trusted(crowd, tmp_path))
        threading.Timer(0.2, crowd.cut).start()
        with pytest.raises(ReadException, match=r"closed the connection|lost"):
            connection.ask("show tech", 20)


@pytest.mark.parametrize(
    ("extras", "platform"), [({"global_cmd_verify": False}, "cisco_ios"), ({}, "no_such_os")]
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    crowd: Crowd, extras: dict[str, Any], platform: str
) -> None:
    """Without echoes answers cannot be told apart; a driver must exist."""
    with pytest.raises(ConfigError):
        connected(crowd, Device(1, platform), extras)
