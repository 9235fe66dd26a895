"""What a Huawei switch says while it is worked on: refusals, two stages, somebody else's lines, saving."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.lab.vrp.switch import CHOOSE, UNCOMMITTED, Switch, TwoStageShell, TwoStageSwitch
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.intent import Intent, Interface, StaticRoute, VpnInstance
from nornir_itsm.model.switch import SwitchInstance, SwitchInterface, SwitchRoute
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.stages.parse.vrp_switch import switch_facts
from nornir_itsm.stages.render.vrp import lines
from nornir_itsm.stages.verify import back_to, differences

from .case_folders import POINT, Case, site, templates
from .conftest import Bench

TWO, ONE = "huawei_vrpv8", "huawei_vrp.switch"
WHOLE = Case(TWO, "vpc-connected")
HELD = switch_facts(WHOLE.before)
CLI = PLATFORMS[TWO].cli
assert CLI is not None
OVERLAP = ("interface Vlanif2618", "ip address 10.99.1.7 255.255.255.0", "quit")
"""Refused as it is typed where a line takes effect at once, and at the commit where it does not."""


@pytest.fixture(params=[ONE, TWO])
def switch(request: pytest.FixtureRequest, benches: Callable[[str], list[Bench]]) -> Bench:
    """A switch of either kind as before.cfg says."""
    one = benches(request.param)[0]
    one.renew()
    return one


@pytest.fixture
def two(benches: Callable[[str], list[Bench]]) -> tuple[Bench, TwoStageSwitch]:
    """A switch with two stages, and the bench that it is on."""
    one = benches(TWO)[0]
    one.renew()
    assert isinstance(one.device, TwoStageSwitch)
    return one, one.device


def typed(one: Bench) -> list[str]:
    """Return the lines that arrived and put nothing aside: neither the way out nor the candidate's."""
    around = ("return", "clear configuration candidate")
    return [line.text for line in one.device.lines if line.text not in around]


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (["foo bar"], "syntax", "'^'"),
        (["ip address 10.0.0.1 255.255.255.0"], "syntax", "'^'"),
        (["interface Vlanif7"], "missing", "The VLAN does not exist"),
        (["vlan 7", "quit", "undo vlan 8"], "missing", "does not exist"),
        (["undo vlan 2617"], "in use", "has a L3 interface"),
        (["interface Vlanif2618", "ip binding vpn-instance VPC-9"], "missing", "does not exist"),
        (["ip route-static vpn-instance VPC-9 10.0.0.0 8 10.0.0.1"], "missing", "does not exist"),
        (["undo ip route-static 10.9.0.0 255.255.0.0 10.99.1.254"], "missing", "does not exist"),
        (["ip vpn-instance n", "ipv4-family", "route-distinguisher 65000:1"], "exists", "conflicts"),
        (["interface Vlanif2618", "ip address 10.1.1.300 24"], "syntax", "Wrong parameter"),
        (["vlan 4095"], "syntax", "Wrong parameter"),
    ],
)
def test_the_push_stops_at_the_refused_line_and_nothing_of_it_is_left(
    switch: Bench, said: list[str], kind: str, words: str
) -> None:
    """Unknown command, wrong view, missing, in use, duplicate, bad value: in the vendor's words."""
    baseline = switch.device.state()
    pushed = switch.push(*said)
    assert [one.accepted for one in pushed.sent] == [*(True for _ in said[1:]), False]
    assert kind in pushed.problem
    assert words in str(pushed.sent[-1].answer) + pushed.problem
    assert typed(switch) == said
    cleared = any(line.text == "clear configuration candidate" for line in switch.device.lines)
    assert cleared == (switch.platform == TWO)
    if switch.platform == TWO:
        assert switch.device.state() == baseline
    assert switch.device.startup_state() == baseline


def test_a_denied_command_and_a_full_device(switch: Bench) -> None:
    """What the account may not type is refused as such; without a seat nothing is typed at all."""
    switch.device.denied = ("ip vpn-instance",)
    assert "rights" in switch.push(*WHOLE.change(HELD).commands).problem
    switch.renew()
    switch.device.seats = 0
    assert "VTY users" in switch.push("vlan 7").problem
    assert switch.device.lines == ()


def test_a_commit_puts_all_of_it_in_force(two: tuple[Bench, TwoStageSwitch]) -> None:
    """Nothing takes effect before it, all does with it; it is journalled like a line, and nothing is left."""
    one, device = two
    change, baseline, seen = WHOLE.change(HELD), device.state(), list[tuple[str, bool]]()
    pushed = one.fleet.push(change, lambda line: seen.append((line, device.state() == baseline)))
    assert pushed.problem == ""
    assert seen == [*((line.strip(), True) for line in change.commands), ("commit", True)]
    assert [line.text for line in device.lines][-2:] == ["commit", "return"]
    assert one.fleet.preflight([POINT])[POINT].startswith("somebody's work is not saved yet")
    assert one.fleet.save(POINT).problem == ""
    assert one.fleet.preflight([POINT]) == {}


@pytest.mark.parametrize(
    ("reason", "words"),
    [("locked", "locked by another"), ("elsewhere", "changed by somebody else"), ("overlap", "conflicts")],
)
def test_a_failed_commit_leaves_nothing(two: tuple[Bench, TwoStageSwitch], reason: str, words: str) -> None:
    """Somebody holds the configuration, or committed meanwhile, or it does not fit: it is cleared."""
    one, device = two

    def meanwhile(line: str) -> None:
        if line == "commit" and reason == "locked":
            device.locked = True
        if line == "commit" and reason == "elsewhere":
            device.commit_elsewhere("vlan 77")

    lines_ = OVERLAP if reason == "overlap" else ("vlan 7",)
    before = device.state()
    pushed = one.fleet.push(Change(POINT, TWO, (), commands=lines_), meanwhile)
    assert pushed.problem.startswith("commit: ")
    assert words in pushed.problem
    assert [line.text for line in device.lines][-2:] == ["clear configuration candidate", "return"]
    theirs = {**before["vlans"], 77: ""} if reason == "elsewhere" else before["vlans"]  # type: ignore[dict-item]
    assert device.state() == {**before, "vlans": theirs}


@pytest.mark.parametrize("executed", [False, True])
def test_a_connection_lost_at_the_commit(two: tuple[Bench, TwoStageSwitch], executed: bool) -> None:
    """What became of it is read from the device, and led back from there."""
    one, device = two
    change, baseline = WHOLE.change(HELD), device.state()
    device.faults.drop(len(change.commands) + 1, executed=executed)
    pushed = one.push(*change.commands)
    assert "commit: " in pushed.problem
    assert pushed.sent[-1].answer is None
    assert (device.state() != baseline) == executed
    (back,) = back_to(change.back, Facts({POINT: one.read()}), {}, site(TWO), templates())
    assert not back.commands or one.push(*back.commands).problem == ""
    assert device.state() == baseline


def test_somebodys_uncommitted_lines_are_told_and_never_touched(two: tuple[Bench, TwoStageSwitch]) -> None:
    """Preflight and push name them; neither commits, clears nor leaves in a way that would ask about them."""
    one, device = two
    device.leave_uncommitted("vlan 7", "description 同事正在改")
    left = device.left
    (reason,) = one.fleet.preflight([POINT]).values()
    pushed = one.push("vlan 8")
    for told in (reason, pushed.problem):
        assert "not committed yet" in told
        assert "+ description 同事正在改" in told
    assert pushed.sent == ()
    assert {line.text for line in device.lines} == {"display configuration candidate changes"}
    assert device.left is left


def test_a_colleagues_unsaved_line_is_found(switch: Bench) -> None:
    """Nothing is pushed, saved or reverted, and the message names the line."""
    assert isinstance(switch.device, Switch)
    switch.device.config.vlans[2618] = "同事正在改"
    (reason,) = switch.fleet.preflight([POINT]).values()
    assert "+ vlan 2618 / description 同事正在改" in reason
    assert {line.text for line in switch.device.lines} <= {"return"}


def test_a_device_without_a_candidate_is_not_typed_into(two: tuple[Bench, TwoStageSwitch]) -> None:
    """Where a line would take effect at once although the device list says two stages, none is typed."""
    one, device = two
    device.immediate = True
    assert "take effect at once" in one.fleet.preflight([POINT])[POINT]
    pushed = one.push("vlan 7")
    assert "take effect at once" in pushed.problem
    assert (pushed.sent, device.lines) == ((), ())


def test_what_is_not_saved_is_gone_after_a_restart(switch: Bench) -> None:
    """A commit alone does not survive; only ``save`` and its answer bring running and saved together."""
    assert switch.push(*WHOLE.change(HELD).commands).problem == ""
    switch.device.reboot()
    assert differences(HELD, switch.read()) == ()


def test_leaving_asks_what_is_to_become_of_the_lines() -> None:
    """The lab's dialogue: cancel stays, no drops them, yes commits; anything else is asked again."""
    device = TwoStageSwitch.from_text("SW-A", WHOLE.before)
    for leaving in ("return", "quit"):
        for answer, ends, kept in (("c", False, False), ("n", True, False), ("y", True, True)):
            device.reset(WHOLE.before)
            shell = TwoStageShell(device)
            for line in ("system-view", "vlan 7", "quit", leaving):
                assert shell.answer(line).accepted
            assert (shell.asking, shell.prompt) == (True, UNCOMMITTED)
            assert shell.answer("return").text == CHOOSE
            shell.answer(answer)
            assert (shell.prompt == "<SW-A>") == ends
            assert (7 in device.config.vlans) == kept


@pytest.mark.parametrize(
    ("line", "base", "pending"),
    [
        ("<SW-A>", "SW-A", None),
        ("[~SW-A]", "SW-A", False),
        ("[*SW-A]", "SW-A", True),
        ("[*SW-A-Vlanif10]", "SW-A", True),
        ("[~SW-A-vpn-instance-VPC-1-af-ipv4]", "SW-A", False),
        ("[Y/N]", "", None),
        ("[Y(yes)/N(no)/C(cancel)]", "", None),
        (UNCOMMITTED, "", None),
    ],
)
def test_prompts(line: str, base: str, pending: bool | None) -> None:
    """The mark of a candidate is no part of the name; what is a question is no prompt."""
    assert CLI is not None
    found = CLI.read_prompt(line)
    assert (found is not None and CLI.same(found, base)) == bool(base)
    assert (found.pending if found else None) == pending
    assert bool(base) != bool(CLI.question.fullmatch(line))


NAMES = st.text(st.characters(), max_size=40)


@given(NAMES, NAMES)
def test_no_name_becomes_a_line(name: str, other: str) -> None:
    """Names that reach a switch are one word of their line, or refused; the lines keep their shape."""
    intents: list[Intent] = [
        VpnInstance(POINT, SwitchInstance(name, other)),
        Interface(POINT, SwitchInterface(10, name, "10.0.0.1/29")),
        StaticRoute(POINT, SwitchRoute(name, "10.0.0.0/24", other, "10.0.0.2")),
        VpnInstance(POINT, SwitchInstance(name), "absent"),
    ]
    try:
        made = lines(intents, templates()["huawei_vrp"])
    except ChangeError:
        return
    words = r"[A-Za-z0-9][A-Za-z0-9_.:-]*"
    shape = rf" *(?:undo )?(?:ip|ipv4-family|quit|interface|route-distinguisher)(?: {words})*"
    assert all(re.fullmatch(shape, line, re.ASCII) for line in made)
