"""Sessions with devices that do what nobody expected. Real SSH, scripted words."""

import time
from pathlib import Path

import pytest

from nornir_itsm.devices.libssh2 import Libssh2Stream, Login
from nornir_itsm.devices.until import Until
from nornir_itsm.errors import SourceError
from nornir_itsm.model.change import Change
from nornir_itsm.ports import PushResult

from .scripted import NAME, USER, ScriptedDevice

WIPE = b"\b" * 10 + b" " * 10 + b"\b" * 10
SHOW = "show configuration"


def _push(device: ScriptedDevice, folder: Path, *lines: str) -> PushResult:
    change = Change(NAME, "hillstone_stoneos", (), commands=lines)
    return device.fleet(folder).push(change, lambda line: None)


def test_a_pager_that_cannot_be_switched_off(tmp_path: Path) -> None:
    """Pages are turned, wiped pagers leave no trace, and no character is cut at a packet's border."""
    text = 'address "示例对象"\r\n --More-- <key>' + WIPE.decode() + "  ip 10.1.1.0/24\r\nexit\r\nEnd\r\n"
    script = {SHOW: text.encode(), "terminal length 0": b"      ^-----unrecognized keyword length\r\n"}
    with ScriptedDevice(script, drip=True) as device:
        read = str(device.fleet(tmp_path).read([NAME])[NAME])
    assert [line.rstrip() for line in read.splitlines()] == [
        'address "示例对象"',
        "  ip 10.1.1.0/24",
        "exit",
        "End",
    ]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ('address "示例"\r\nEnd\r\n'.encode("gb18030"), "not utf-8"),
        (b'address "a"\r\nexit\r\n', "not whole"),
        (b"      ^-----unrecognized keyword configuration\r\n", "syntax"),
        (b"", "not whole"),
        (b"End\r\n<stay>", "no prompt within"),
        (b"Really show it? [y]/n: <stay>", "not answered as typed"),
        (b"<no echo>End\r\n", "not answered as typed"),
        (b"<hang up>", "the device closed the connection"),
    ],
)
def test_a_configuration_that_is_not_whole_is_an_error(tmp_path: Path, output: bytes, said: str) -> None:
    """A configuration counts only when it is complete, decodable and the answer to what was asked."""
    with ScriptedDevice({SHOW: output}) as device, pytest.raises(SourceError, match=said) as caught:
        device.fleet(tmp_path).read([NAME])
    assert caught.value.where == NAME


def test_what_comes_before_a_key_is_typed_is_not_waited_for() -> None:
    """libssh2 takes it in while it types; a device that says nothing more keeps nobody waiting."""
    with ScriptedDevice({SHOW: b"End\r\n"}) as device:
        stream = Libssh2Stream(Login("127.0.0.1", device.port, USER, password="any", strict=False), Until())
        assert stream.read(5.0).endswith(b"# ")
        stream.write(f"{SHOW}\n".encode())
        time.sleep(0.3)
        stream.write(b" ")
        begun = time.monotonic()
        assert b"End" in stream.read(5.0)
        assert time.monotonic() - begun < 2.5
        stream.close()


def test_master_and_vsys_prompts_are_no_configuration_mode(tmp_path: Path) -> None:
    """A name that ends in ``)`` does not make the session believe that it is configuring already."""
    for name in ("SG-6000(M)", "FW(vsys-a)"):
        with ScriptedDevice({}, prompt=name) as device:
            assert _push(device, tmp_path, "policy-global").problem == ""
            assert device.heard[-3:] == ["configure", "policy-global", "end"]


@pytest.mark.parametrize("mark", ["(B)", "[TRN]"])
def test_nothing_is_sent_to_a_standby_or_into_a_trial(tmp_path: Path, mark: str) -> None:
    """The prompt's mark stops both the preflight and a push before a line is sent."""
    with ScriptedDevice({}, prompt=f"FW{mark}") as device:
        assert NAME in device.fleet(tmp_path).preflight([NAME])
        result = _push(device, tmp_path, "policy-global")
        assert (result.sent, bool(result.problem)) == ((), True)
        assert "configure" not in device.heard


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"Warning: this may take a while\r\n", "unexpected answer: Warning: this may take a while"),
        (b"      ^-----unrecognized keyword b\r\n", "refused (syntax)"),
        (b"All sessions will be lost, are you sure? [y]/n: <stay>", "a question nobody expected"),
        (b"FW-2(config)# <stay>", "the prompt changed from FW-1 to FW-2"),
        (b"FW-1# <stay>", "left configuration mode"),
        (b"<no echo>line \r\n", "echoed something else"),
    ],
)
def test_the_first_unexpected_answer_stops_the_push(tmp_path: Path, answer: bytes, said: str) -> None:
    """Whatever nobody expected is kept, nothing more of the change is sent, no question is answered."""
    with ScriptedDevice({"line b": answer}) as device:
        result = _push(device, tmp_path, "line a", "line b", "line c")
    assert [(sent.what, sent.accepted) for sent in result.sent] == [("line a", True), ("line b", False)]
    assert result.sent[-1].answer is not None
    assert said in result.problem
    assert "line c" not in device.heard
    assert not {"", "y", "n"} & set(device.heard)


@pytest.mark.parametrize(("answer", "said"), [(b"<stay>", "no prompt within"), (b"<hang up>", "closed")])
def test_silence_is_an_unknown_effect(tmp_path: Path, answer: bytes, said: str) -> None:
    """A line that was never answered has no answer in the transcript, and its effect is called unknown."""
    with ScriptedDevice({"line b": answer}) as device:
        result = _push(device, tmp_path, "line a", "line b", "line c")
    assert [(sent.what, sent.answer, sent.accepted) for sent in result.sent[1:]] == [("line b", None, False)]
    assert said in result.problem
    assert "unknown" in result.problem


def test_a_refused_configure_sends_nothing(tmp_path: Path) -> None:
    """Where configuration mode cannot be entered, no line of the change is typed."""
    with ScriptedDevice({"configure": b"Error: The configuration is locked\r\n"}) as device:
        result = _push(device, tmp_path, "line a")
    assert result.sent == ()
    assert "refused (locked by another administrator)" in result.problem
    assert "line a" not in device.heard


@pytest.mark.parametrize("line", ["", "  ", 'name "a\nb"', "description what?", "name \x03", "name\tx"])
def test_a_line_that_cannot_be_typed_stops_everything(tmp_path: Path, line: str) -> None:
    """Control characters, help and completion keys never reach the device, nor do the lines before them."""
    with ScriptedDevice({}) as device:
        result = _push(device, tmp_path, "line a", line)
        assert (result.sent, device.heard) == ((), [])
    assert "cannot be typed" in result.problem


SAVE = (
    b"Save configuration, are you sure? [y]/n: <stay>",
    b"Backup start configuration file, are you sure? y/[n]: <stay>",
)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"save": SAVE[0], "y": SAVE[1], "n": b"Building configuration..\r\n"}, "did not say that it saved"),
        ({"save": SAVE[0], "y": b"Error: disk is full\r\n"}, "refused (error): Error: disk is full"),
        ({"save": b"Overwrite the other one? [y]/n: <stay>"}, "not answered as expected"),
        ({"save": SAVE[0], "y": b"<hang up>"}, "unknown"),
        (
            {
                "save": b"\r\nSaving configuration is finished\r\n",
                SHOW + " running": b"a\r\nEnd\r\n",
                SHOW + " startup": b"b\r\nEnd\r\n",
            },
            "differs: - b; + a",
        ),
    ],
)
def test_a_save_counts_only_when_it_is_confirmed(tmp_path: Path, script: dict[str, bytes], said: str) -> None:
    """Without the device's confirmation and an equal saved configuration, nothing is saved."""
    with ScriptedDevice(script) as device:
        result = device.fleet(tmp_path).save(NAME)
    assert said in result.problem


def test_the_save_dialogue_in_chinese(tmp_path: Path) -> None:
    """Both questions are answered, yes and no, in the device's other language too."""
    script = {
        "save": "保存配置，请确认 [y]/n: <stay>".encode(),
        "y": "备份启动配置文件，请确认 y/[n]: <stay>".encode(),
        "n": "正在保存配置..\r\n保存配置完成\r\n".encode(),
        **{f"{SHOW} {which}": b"Building configuration..\r\nEnd\r\n" for which in ("running", "startup")},
    }
    with ScriptedDevice(script) as device:
        assert device.fleet(tmp_path).save(NAME).problem == ""
        assert [line for line in device.heard if line in ("save", "y", "n")] == ["save", "y", "n"]
