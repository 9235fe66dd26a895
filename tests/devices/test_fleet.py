"""The fleet on the lab's devices: real SSH and HTTPS, strict devices, faults on demand."""

import json
from pathlib import Path
from threading import current_thread
from typing import Any

import openpyxl
import pytest

from nornir_itsm.devices.fleet import NornirFleet, init_nornir
from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.lab import Lab
from nornir_itsm.model.change import Call, Change, Json
from nornir_itsm.model.intent import Anchor
from nornir_itsm.ports import PushResult

FIREWALL, ADC = "DC1-ISP-FW01", "DC1-ISP-LB01"
LINES = (
    'address "示例新对象"',
    "  ip 10.1.1.0/24",
    "exit",
    "policy-global",
    '  rule before name "Default-Deny"',
    '    name "示例-CHG-1"',
    '    src-zone "trust"',
    '    dst-zone "untrust"',
    '    src-addr "示例新对象"',
    '    dst-addr "Any"',
    '    service "Any"',
    "    action permit",
    "  exit",
    "exit",
)


def _push_lines(fleet: NornirFleet, *lines: str) -> PushResult:
    return fleet.push(Change(FIREWALL, "hillstone_stoneos", (), commands=lines), lambda line: None)


def _push_calls(fleet: NornirFleet, *calls: Call) -> PushResult:
    return fleet.push(Change(ADC, "sangfor_ad", (), calls=calls), lambda call: None)


def _dnat(name: str) -> dict[str, Json]:
    target: Json = {"type": "IP-ADDRESS", "address": "10.70.18.48"}
    process: Json = {"translated_address": target, "translated_ports": ["8443"]}
    return {"name": name, "protocol": "TCP", "destination_ports": ["9443"], "dnat_process": process}


def _order(lab: Lab) -> list[str]:
    rules = lab.adc.state()["/net/dnat"]
    assert isinstance(rules, list)
    return [rule["name"] for rule in rules]


# reading


def test_both_devices_are_read_in_parallel(lab: Lab, fleet: NornirFleet) -> None:
    """The firewall's text and the controller's documents arrive whole, each from a thread of its own."""
    threads: dict[str, str] = {}
    known = lab.directory / "known_hosts"

    def parse(what: Any) -> Any:
        threads[type(what).__name__] = current_thread().name
        return what

    parsers = {"hillstone_stoneos": parse, "sangfor_ad": parse}
    events: list[tuple[str, str, str]] = []
    reader = NornirFleet(
        init_nornir(lab.config, known), known, parsers, tell=lambda *event: events.append(event)
    )
    facts = reader.read([FIREWALL, ADC])
    assert str(facts[FIREWALL]).strip() == lab.firewall.running_text().strip()
    snapshot = Path(__file__).parents[2] / "inventory" / "snapshot" / "adc"
    documents: Any = facts[ADC]
    for name, items in documents.items():
        expected = json.loads((snapshot / f"{name}.json").read_text(encoding="utf-8"))["items"]
        assert {item["name"] for item in items} == {item["name"] for item in expected}
    assert len({*threads.values(), current_thread().name}) == 3
    assert sorted(events) == sorted(
        ("collect", device, event) for device in (FIREWALL, ADC) for event in ("started", "done")
    )


def test_a_wrong_password_is_told_and_every_failed_point_is_named(lab: Lab, fleet: NornirFleet) -> None:
    """Both devices refuse the login: one error names both, and says nothing of the password."""
    for name in ("firewall", "adc"):
        (lab.directory / f"{name}.password").write_text("hidden-1", encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        fleet.read([FIREWALL, ADC])
    assert caught.value.where == f"{FIREWALL}, {ADC}"
    assert "does not accept user admin" in caught.value.problem
    assert "HTTP 401 ERR_UNAUTHORIZED" in caught.value.problem
    assert "hidden-1" not in str(caught.value)


def test_a_failed_device_is_asked_again(lab: Lab, fleet: NornirFleet) -> None:
    """Nornir's memory of failed hosts keeps nobody from trying again."""
    secret = lab.directory / "firewall.password"
    right = secret.read_text(encoding="utf-8")
    secret.write_text("wrong", encoding="utf-8")
    with pytest.raises(SourceError):
        fleet.read([FIREWALL])
    secret.write_text(right, encoding="utf-8")
    assert FIREWALL in fleet.read([FIREWALL])


@pytest.mark.parametrize(
    "known", ["", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_a_host_key_that_is_not_known_ends_the_connection(lab: Lab, fleet: NornirFleet, known: str) -> None:
    """An unknown key and another key than the known one are refused before a password is sent."""
    entry = f"[127.0.0.1]:{lab.ports[FIREWALL]} {known}\n" if known else ""
    (lab.directory / "known_hosts").write_text(entry, encoding="utf-8")
    with pytest.raises(SourceError, match="another host key" if known else "does not have"):
        fleet.read([FIREWALL])


def test_a_damaged_known_hosts_file_is_told(lab: Lab, fleet: NornirFleet) -> None:
    """A key that is none is named with its file; it is no bug of ours and nothing is connected."""
    known = lab.directory / "known_hosts"
    known.write_text("[127.0.0.1]:22 ssh-ed25519 AAAAxxxx\n", encoding="utf-8")
    with pytest.raises(SourceError) as told:
        fleet.read([FIREWALL])
    assert str(known) in told.value.problem


def test_without_a_known_hosts_file_nothing_is_connected(lab: Lab, fleet: NornirFleet) -> None:
    """A missing file of host keys is an error, never a reason to trust anybody."""
    (lab.directory / "known_hosts").unlink()
    with pytest.raises(SourceError, match="no file of known host keys"):
        fleet.read([FIREWALL])


def test_a_certificate_of_another_authority_is_refused(lab: Lab, fleet: NornirFleet) -> None:
    """The controller's certificate must have been signed by the CA of the file."""
    from nornir_itsm.lab.tls import Authority

    (lab.directory / "ca.pem").write_bytes(Authority().certificate())
    with pytest.raises(SourceError, match="certificate is not accepted"):
        fleet.read([ADC])


def test_devices_that_are_switched_off(lab: Lab, fleet: NornirFleet) -> None:
    """Unreachable devices are named with their address, by read and by preflight."""
    lab.stop()
    with pytest.raises(SourceError) as caught:
        fleet.read([FIREWALL, ADC])
    assert f"unreachable at 127.0.0.1:{lab.ports[FIREWALL]}" in caught.value.problem
    assert f"https://127.0.0.1:{lab.ports[ADC]}" in caught.value.problem
    assert set(fleet.preflight([FIREWALL, ADC])) == {FIREWALL, ADC}


def test_a_stranger_is_not_asked(fleet: NornirFleet) -> None:
    """A point that the inventory does not have is an error that names it."""
    with pytest.raises(ConfigError, match="FW-9"):
        fleet.read([FIREWALL, "FW-9"])


def test_an_error_of_a_parser_is_told_and_a_bug_is_not_hidden(lab: Lab) -> None:
    """What a parser cannot read is the point's problem; a bug keeps its own exception."""
    known = lab.directory / "known_hosts"
    nornir = init_nornir(lab.config, known)

    def cannot(text: Any) -> Any:
        raise SourceError("line 3", "no rule")

    def broken(text: Any) -> Any:
        return 1 / 0

    with pytest.raises(SourceError, match="no rule"):
        NornirFleet(nornir, known, {"hillstone_stoneos": cannot}).read([FIREWALL])
    with pytest.raises(ZeroDivisionError):
        NornirFleet(nornir, known, {"hillstone_stoneos": broken}).read([FIREWALL])


# preflight


def test_ready_devices_pass_and_nothing_is_written(lab: Lab, fleet: NornirFleet) -> None:
    """The preflight of two ready devices finds nothing and sends nothing with an effect."""
    assert fleet.preflight([FIREWALL, ADC]) == {}
    assert (lab.firewall.lines, lab.adc.lines) == ((), ())


def test_a_colleagues_unsaved_line_is_named(lab: Lab, fleet: NornirFleet) -> None:
    """What is running and not saved stops us, and is shown with the block it belongs to."""
    _push_lines(fleet, 'address "示例-别人的"', "ip 10.9.9.9/32", "exit")
    reasons = fleet.preflight([FIREWALL, ADC])
    assert set(reasons) == {FIREWALL}
    assert '+ address "示例-别人的" / ip 10.9.9.9/32' in reasons[FIREWALL]


def test_a_locked_configuration_stops_us(lab: Lab, fleet: NornirFleet) -> None:
    """Another administrator's lock is found before a line is sent, and refuses the first line anyway."""
    lab.firewall.locked = True
    assert "locked" in fleet.preflight([FIREWALL])[FIREWALL]
    result = _push_lines(fleet, *LINES)
    assert [sent.accepted for sent in result.sent] == [False]


# lines


def test_lines_arrive_in_order_and_are_recorded_before(lab: Lab, fleet: NornirFleet) -> None:
    """Every line is recorded before it is sent, in the caller's thread, and arrives once, unindented."""
    known: list[tuple[str, int, str]] = []

    def before(line: str) -> None:
        known.append((line, len(lab.firewall.lines), current_thread().name))

    result = fleet.push(Change(FIREWALL, "hillstone_stoneos", (), commands=LINES), before)
    typed = [line.strip() for line in LINES]
    assert result.problem == ""
    assert [(sent.what, sent.accepted) for sent in result.sent] == [(line, True) for line in typed]
    assert known == [(line, at, current_thread().name) for at, line in enumerate(typed)]
    assert [line.text for line in lab.firewall.lines] == [*typed, "end"]
    assert result.sent[4].answer is not None
    assert result.sent[4].answer.startswith("Rule id ")


@pytest.mark.parametrize("at", [1, 5, len(LINES)])
def test_a_refused_line_stops_the_push(lab: Lab, fleet: NornirFleet, at: int) -> None:
    """The lines before stay, the refusal is kept word for word, configuration mode is left."""
    lab.firewall.faults.refuse(at)
    result = _push_lines(fleet, *LINES)
    assert [sent.accepted for sent in result.sent] == [True] * (at - 1) + [False]
    assert "System is busy" in str(result.sent[-1].answer)
    assert "refused" in result.problem
    assert [line.text for line in lab.firewall.lines][at:] == ["end"]


def test_an_undo_is_pushed_to_a_device_that_has_just_failed(lab: Lab, fleet: NornirFleet) -> None:
    """Nornir leaves out hosts that failed; an undo must reach them all the same."""
    lab.firewall.faults.refuse(2)
    assert _push_lines(fleet, *LINES).problem
    undone = _push_lines(fleet, 'no address "示例新对象"')
    assert (undone.problem, len(undone.sent)) == ("", 1)
    assert fleet.preflight([FIREWALL]) == {}


@pytest.mark.parametrize("executed", [False, True])
def test_a_lost_connection_is_an_unknown_effect(lab: Lab, fleet: NornirFleet, executed: bool) -> None:
    """Whether the line was executed before the drop cannot be told, and the next session works."""
    lab.firewall.faults.drop(2, executed)
    result = _push_lines(fleet, *LINES)
    assert [(sent.answer, sent.accepted) for sent in result.sent] == [("", True), (None, False)]
    assert "unknown" in result.problem
    assert lab.firewall.lines[1].accepted is executed
    assert FIREWALL in fleet.read([FIREWALL])


def test_a_line_without_a_recorded_intention_is_not_sent(lab: Lab, fleet: NornirFleet) -> None:
    """Where the journal fails, the push ends and what was sent so far is in the result."""

    def before(line: str) -> None:
        if line == "exit":
            raise OSError("disk full")

    result = fleet.push(Change(FIREWALL, "hillstone_stoneos", (), commands=LINES), before)
    assert len(result.sent) == 2
    assert "disk full" in result.problem
    assert [line.text for line in lab.firewall.lines][2:] == ["end"]


def test_an_interrupt_is_not_swallowed(lab: Lab, fleet: NornirFleet) -> None:
    """Ctrl-C ends the push at once, and the session with it."""

    def before(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fleet.push(Change(FIREWALL, "hillstone_stoneos", (), commands=LINES), before)
    assert lab.firewall.lines == ()
    assert fleet.preflight([FIREWALL]) == {}


def test_a_change_for_another_platform_is_not_sent(lab: Lab, fleet: NornirFleet) -> None:
    """A change that was rendered for another kind of device goes nowhere."""
    result = fleet.push(Change(FIREWALL, "sangfor_ad", (), calls=(Call("DELETE", "/net/dnat/x"),)), print)
    assert (result.sent, bool(result.problem)) == ((), True)


def test_save_answers_both_questions_and_is_seen(lab: Lab, fleet: NornirFleet) -> None:
    """After a save the configuration survives a restart, and the preflight finds nothing unsaved."""
    _push_lines(fleet, *LINES)
    result = fleet.save(FIREWALL)
    assert (result.problem, [sent.accepted for sent in result.sent]) == ("", [True])
    lab.firewall.reboot()
    assert "示例-CHG-1" in lab.firewall.running_text()
    assert fleet.preflight([FIREWALL]) == {}


def test_a_save_that_is_refused_or_lost_is_told(lab: Lab, fleet: NornirFleet) -> None:
    """A refusal is kept; a drop leaves the effect unknown."""
    lab.firewall.faults.refuse(1)
    refused = fleet.save(FIREWALL)
    assert [sent.accepted for sent in refused.sent] == [False]
    assert "System is busy" in refused.problem
    lab.firewall.faults.drop(1)
    lost = fleet.save(FIREWALL)
    assert [(sent.answer, sent.accepted) for sent in lost.sent] == [(None, False)]


# calls


@pytest.mark.parametrize(
    ("anchor", "neighbours"),
    [
        (Anchor("before", "示例期货公司A-移动App"), ("日志平台-管理口", "示例期货公司A-移动App")),
        (Anchor("after", "示例期货公司A-移动App"), ("示例期货公司A-移动App", "示例期货公司A-移动App-2")),
        (Anchor("first"), (None, "安全接入-CT和CM-1")),
    ],
)
def test_a_new_rule_stands_at_its_anchor(
    lab: Lab, fleet: NornirFleet, anchor: Anchor, neighbours: tuple[str | None, str]
) -> None:
    """The relative anchor is resolved on the device as it is, and the place is read back."""
    result = _push_calls(fleet, Call("POST", "/net/dnat", _dnat("示例/新规则"), anchor, "/net/dnat"))
    assert result.problem == ""
    order = [None, *_order(lab)]
    at = order.index("示例/新规则")
    assert (order[at - 1], order[at + 1]) == neighbours


def test_a_rule_is_replaced_in_its_place_then_moved_then_deleted(lab: Lab, fleet: NornirFleet) -> None:
    """PUT without an anchor keeps the place, with one it moves; DELETE is read back as gone."""
    name, path = "示例规则", "/net/dnat/%E7%A4%BA%E4%BE%8B%E8%A7%84%E5%88%99"
    first = Call("POST", "/net/dnat", _dnat(name), Anchor("after", "日志平台-管理口"), "/net/dnat")
    changed = _dnat(name) | {"description": "改"}
    assert _push_calls(fleet, first, Call("PUT", path, changed)).problem == ""
    assert _order(lab).index(name) == 2
    assert _push_calls(fleet, Call("PUT", path, changed, Anchor("last"), "/net/dnat")).problem == ""
    assert _order(lab)[-1] == name
    before = len(_order(lab))
    assert _push_calls(fleet, Call("DELETE", path)).problem == ""
    assert len(_order(lab)) == before - 1
    assert [line.text.split(" ")[0] for line in lab.adc.lines] == ["POST", "PUT", "PUT", "DELETE"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            Call("POST", "/net/dnat", _dnat("x"), Anchor("before", "没有的"), "/net/dnat"),
            "there is no rule '没有的'",
        ),
        (Call("POST", "/net/dnat", _dnat("安全接入-CT和CM-1")), "exists already"),
        (Call("PATCH", "/net/dnat/x", _dnat("x")), "no call to send"),
        (Call("POST", "/net/../sys/reboot", _dnat("x")), "no call to send"),
        (Call("POST", "/net/dnat", {}), "names no object"),
    ],
)
def test_a_call_that_cannot_be_sent_is_not_sent(lab: Lab, fleet: NornirFleet, call: Call, said: str) -> None:
    """A missing anchor, a name that is taken and a call that is not ours stop before the device hears it."""
    result = _push_calls(fleet, call)
    assert result.sent == ()
    assert said in result.problem
    assert lab.adc.lines == ()


def test_a_refused_call_keeps_the_devices_words(lab: Lab, fleet: NornirFleet) -> None:
    """err_code and msg are in the transcript; the calls after it are not sent."""
    body = _dnat("x") | {"protocol": "SCTP"}
    result = _push_calls(fleet, Call("POST", "/net/dnat", body), Call("POST", "/net/dnat", _dnat("y")))
    assert [sent.accepted for sent in result.sent] == [False]
    assert "ERR_INVALID_PARAM" in str(result.sent[0].answer)
    assert len(lab.adc.lines) == 1


@pytest.mark.parametrize("executed", [False, True])
def test_a_lost_call_is_an_unknown_effect(lab: Lab, fleet: NornirFleet, executed: bool) -> None:
    """A call is sent once: where no answer comes it is not repeated, and its effect is unknown."""
    lab.adc.faults.drop(1, executed)
    result = _push_calls(fleet, Call("POST", "/net/dnat", _dnat("x")))
    assert [(sent.answer, sent.accepted) for sent in result.sent] == [(None, False)]
    assert "unknown" in result.problem
    assert [line.accepted for line in lab.adc.lines] == [executed]


def test_calls_are_recorded_with_their_position(lab: Lab, fleet: NornirFleet) -> None:
    """The intention says method, path and body as they are sent, before they are."""
    known: list[tuple[str, int]] = []
    call = Call("POST", "/net/dnat", _dnat("x"), Anchor("first"), "/net/dnat")
    change = Change(ADC, "sangfor_ad", (), calls=(call,))
    result = fleet.push(change, lambda what: known.append((what, len(lab.adc.lines))))
    assert [(what, 0) for what in (result.sent[0].what,)] == known
    assert known[0][0].startswith("POST /net/dnat {")
    assert '"position": 1' in known[0][0]


def test_saving_the_controller_needs_nothing(lab: Lab, fleet: NornirFleet) -> None:
    """A write persists by itself (assumed): a save is a success without a call."""
    assert fleet.save(ADC) == PushResult(ADC, ())
    assert lab.adc.lines == ()


# plain Nornir


def test_the_inventory_works_in_plain_nornir(lab: Lab) -> None:
    """InitNornir finds our plugins by entry points; a task gets a client from the connection itsm-rest."""
    from nornir import InitNornir
    from nornir.core.task import Task

    def count(task: Task) -> int:
        device = task.host.get_connection("itsm-rest", task.nornir.config)
        return len(device.list("/net/dnat").items)

    with InitNornir(config_file=str(lab.config)) as nornir:
        assert nornir.filter(platform="sangfor_ad").run(count)[ADC][0].result == 24


def test_relative_paths_count_from_the_configuration_file(tmp_path: Path) -> None:
    """The device list is found next to config.yaml, wherever the command was started; hosts are strict."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(("name", "hostname", "platform", "username", "password"))
    book.worksheets[0].append(("FW-1", "10.99.10.12", "hillstone_stoneos", "netops", "env:X"))
    book.save(tmp_path / "devices.xlsx")
    config = tmp_path / "config.yaml"
    config.write_text(
        "inventory: {plugin: itsm-excel, options: {path: devices.xlsx}}  # 设备\nlogging: {enabled: false}\n",
        "utf-8",
    )
    host = init_nornir(config, tmp_path / "known").inventory.hosts["FW-1"]
    extras = host.get_connection_parameters("netmiko").extras or {}
    assert (extras["ssh_strict"], extras["alt_key_file"]) == (True, str(tmp_path / "known"))


@pytest.mark.parametrize(
    "text", ["", "- a list", "inventory: {plugin: no-such-plugin}", "inventory: {plug: 1}", "{"]
)
def test_a_wrong_configuration_is_told(tmp_path: Path, text: str) -> None:
    """What is no Nornir configuration is an error that names the file."""
    config = tmp_path / "config.yaml"
    config.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.yaml"):
        init_nornir(config, tmp_path / "known")
