"""What a Comware device says while it is worked on: refusals, questions, its pair, others, logs, saving."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError, SourceError
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import AddressBook, FirewallFacts, ServiceEntry
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    Intent,
    Schedule,
    SecurityRule,
    ServiceSet,
    VpnInstance,
)
from nornir_itsm.model.order import Period
from nornir_itsm.model.switch import SwitchFacts, SwitchInstance
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.platforms.comware_numbers import others_at_work
from nornir_itsm.stages.parse.comware_firewall import firewall_facts
from nornir_itsm.stages.render.cli import text
from nornir_itsm.stages.render.comware import demand_own_names, lines
from nornir_itsm.stages.render.comware_firewall import member, named, service_line, time_name
from nornir_itsm.stages.verify import back_to, differences

from .case_folders import PARSERS, POINT, Case, site, templates
from .conftest import Bench

SWITCH, WALL = "hp_comware", "hp_comware.firewall"
WHOLE, ORDER = Case(WALL, "whole-order"), Case(SWITCH, "whole-order")
HELD = firewall_facts(WHOLE.before)
CLI = PLATFORMS["hp_comware"].cli
assert CLI is not None


@pytest.fixture
def wall(benches: Callable[[str], list[Bench]]) -> Bench:
    """A firewall as before.cfg says."""
    one = benches(WALL)[0]
    one.renew()
    return one


@pytest.fixture
def switch(benches: Callable[[str], list[Bench]]) -> Bench:
    """A switch as before.cfg says."""
    one = benches(SWITCH)[0]
    one.renew()
    return one


VRF = "ip route-static vpn-instance"
REFUSED = [
    (["foo bar"], "syntax", "Unrecognized"),
    (["source-zone Trust"], "syntax", "Unrecognized"),
    (["vlan 5000"], "syntax", "Wrong parameter"),
    (["vlan"], "syntax", "Incomplete"),
    (["interface Vlan-interface77"], "missing", "VLAN does not exist"),
    (["undo interface Vlan-interface77"], "missing", "does not exist"),
    (["undo vlan 10"], "in use", "Vlan-interface10"),
    (["undo ip vpn-instance VPC-2606"], "in use", "Vlan-interface2606"),
    (
        ["vlan 20", "quit", "interface Vlan-interface20", "ip binding vpn-instance X"],
        "missing",
        "VPN instance",
    ),
    (["vlan 20", "quit", "interface Vlan-interface20", "ip address 10.99.10.9 24"], "exists", "overlaps"),
    (["ip vpn-instance VPC-2700", "route-distinguisher 65000:9"], "exists", "already"),
    (["ip vpn-instance X", "route-distinguisher 65000:1"], "exists", "already used"),
    ([f"{VRF} X 10.0.0.0 8 10.1.1.1"], "missing", "VPN instance"),
    (["undo ip route-static 10.0.0.0 8 10.1.1.1"], "missing", "route"),
]
REFUSED_BY_WALL = [
    (["object-group service 示例客户A"], "exists", "different type"),
    (["object-group ip address a", "network host address 10.1.1.300"], "syntax", "Wrong parameter"),
    (["object-group ip address a", "network range 10.1.1.9 10.1.1.1"], "bad value", "illegal"),
    (["object-group ip address 示例客户A", "10 network host address 10.1.1.1"], "exists", "already"),
    (["object-group ip address 示例客户A", "undo 99"], "missing", "does not exist"),
    (["undo object-group ip address 示例客户A"], "in use", "being used by"),
    (["undo object-group service TCP-8443"], "in use", "being used by"),
    (["security-policy ip", "rule name x", "source-ip a"], "missing", "object group"),
    (["security-policy ip", "rule name x", "source-zone Nowhere"], "missing", "zone"),
    (["security-policy ip", "move rule 99 before 1"], "missing", "does not exist"),
    (["security-policy ip", "move rule 1 before 1"], "bad value", "cannot be moved"),
    (["time-range 工作日 08:00 to 18:00 daily"], "syntax", "Wrong parameter"),
    (["time-range t 18:00 to 08:00 daily"], "bad value", "later than"),
    (["security-policy ip", "rule name x", f"description {'x' * 128}"], "bad value", "exceeds"),
]


def stopped(one: Bench, said: list[str], kind: str, words: str) -> None:
    pushed = one.push(*said)
    assert [sent.accepted for sent in pushed.sent] == [*(True for _ in said[1:]), False]
    assert kind in pushed.problem
    assert words in str(pushed.sent[-1].answer) + pushed.problem
    assert len([sent.text for sent in one.device.lines if sent.text != "return"]) == len(said)


@pytest.mark.parametrize(("said", "kind", "words"), REFUSED)
def test_a_switch_stops_the_push_at_the_refused_line(
    switch: Bench, said: list[str], kind: str, words: str
) -> None:
    """Unknown command, wrong view, missing, in use, there already, bad value: in its own words."""
    stopped(switch, said, kind, words)


@pytest.mark.parametrize(("said", "kind", "words"), REFUSED_BY_WALL)
def test_a_firewall_stops_the_push_at_the_refused_line(
    wall: Bench, said: list[str], kind: str, words: str
) -> None:
    """The same of object groups, time ranges and rules."""
    stopped(wall, said, kind, words)


@pytest.mark.parametrize(("case", "denied"), [(ORDER, "interface"), (WHOLE, "time-range")])
def test_a_denied_command_leads_to_the_baseline(
    case: Case, denied: str, benches: Callable[[str], list[Bench]]
) -> None:
    """What the account may not type is refused as such; what arrived before is taken back."""
    one = benches(case.platform)[0]
    one.renew()
    baseline, change = one.device.state(), case.change(one.running())
    one.device.denied = (denied,)
    assert "rights" in one.push(*change.commands).problem
    one.device.denied = ()
    there = Facts({POINT: one.read()})
    (back,) = back_to(change.back, there, {POINT: frozenset()}, site(case.platform), templates())
    assert one.push(*back.commands).problem == ""
    assert one.device.state() == baseline


def test_no_seat_is_said(switch: Bench) -> None:
    """The limit of sessions is in the message, and nothing was sent."""
    switch.device.seats = 0
    with pytest.raises(SourceError, match="All user interfaces are used"):
        switch.read()
    assert "user interfaces" in switch.push("vlan 20").problem
    assert switch.device.lines == ()


def test_the_members_of_a_pair(wall: Bench) -> None:
    """The active one takes changes with its mark in the prompt; the standby one gets no line, and says so."""
    wall.device.role = "P"
    assert wall.fleet.preflight([POINT]) == {}
    assert wall.push(*WHOLE.change(HELD).commands).problem == ""
    assert wall.fleet.save(POINT).problem == ""
    typed = wall.device.lines
    wall.device.role = "S"
    (reason,) = wall.fleet.preflight([POINT]).values()
    assert "standby" in reason
    for wrong in (wall.push("vlan 9"), wall.fleet.save(POINT)):
        assert "standby" in wrong.problem
        assert wrong.sent == ()
    assert wall.device.lines == typed


def test_a_colleagues_unsaved_line_is_found(switch: Bench) -> None:
    """Nothing is pushed, saved or reverted, and the message names the line."""
    switch.device.config.vlans[2606].lines["description"] = "同事正在改"
    (reason,) = switch.fleet.preflight([POINT]).values()
    assert "not saved yet" in reason
    assert "+ vlan 2606 / description 同事正在改" in reason
    assert switch.device.lines == ()


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"wang": "00:00:41"}, "wang (VTY 1, idle 00:00:41)"),
        ({"wang": "00:47:00"}, ""),
        ({"admin": "00:00:01"}, ""),
    ],
)
def test_somebody_else_at_work_is_found(switch: Bench, others: dict[str, str], said: str) -> None:
    """Another account that typed something lately; not one that is idle, nor a session of our own."""
    switch.device.others = others
    reason = switch.fleet.preflight([POINT]).get(POINT, "")
    assert ("somebody else is at work" in reason) == bool(said)
    assert said in reason
    assert others_at_work("% Unrecognized command found at '^' position.") == ""


def test_what_is_not_saved_is_gone_after_a_restart(switch: Bench) -> None:
    """Running and saved are apart; only a save that was confirmed brings one to the other."""
    held = switch.running()
    assert switch.push(*ORDER.change(held).commands).problem == ""
    switch.device.reboot()
    assert differences(held, switch.read()) == ()
    switch.device.faults.refuse(1)
    assert "busy" in switch.fleet.save(POINT).problem


def test_a_save_that_asks_all_the_same_is_answered(wall: Bench) -> None:
    """Firewalls were seen to ask once more; what is saved is there after a restart."""
    wall.device.asks = True
    change = WHOLE.change(HELD)
    assert wall.push(*change.commands).problem == ""
    saved = wall.fleet.save(POINT)
    assert saved.problem == ""
    assert "continue the save operation" in str(saved.sent[0].answer)
    state = wall.device.state()
    wall.device.reboot()
    assert wall.device.state() == state


@pytest.mark.parametrize("where", ["among", "after", "synchronous"])
def test_log_messages_between_two_lines_disturb_nobody(switch: Bench, where: str) -> None:
    """Read, written, saved, read again: as if no terminal monitor were on."""
    held = switch.running()
    change = ORDER.change(held)
    switch.device.chatty = where
    assert differences(held, switch.read()) == ()
    assert switch.fleet.preflight([POINT]) == {}
    assert switch.push(*change.commands).problem == ""
    assert switch.fleet.save(POINT).problem == ""
    assert switch.push(*change.undo).problem == ""
    assert differences(held, switch.read()) == ()


def test_pages_are_read_to_their_end(wall: Bench) -> None:
    """A device that does not switch its pager off gives the same text, indentation and all."""
    wall.device.denied = ("screen-length",)
    assert differences(HELD, wall.read()) == ()


@pytest.mark.parametrize(
    ("line", "base", "mode"),
    [
        ("<SW-A>", "SW-A", "exec"),
        ("[SW-A]", "SW-A", "config"),
        ("[SW-A-Vlan-interface10]", "SW-A", "config"),
        ("RBM_P<FW-A>", "RBM_P FW-A", "exec"),
        ("RBM_S[FW-A-security-policy-ip-3-a b]", "RBM_S FW-A", "config"),
        ("[Y/N]", None, ""),
        ("Are you sure? [Y/N]:", None, ""),
        ("(To leave the existing filename unchanged, press the enter key):", None, ""),
    ],
)
def test_prompts(line: str, base: str | None, mode: str) -> None:
    """Views, the marks of a pair, and what only looks like a prompt."""
    assert CLI is not None
    found = CLI.read_prompt(line)
    assert (found is not None and CLI.same(found, str(base)), found.mode if found else "") == (
        base is not None,
        mode,
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("The current configuration will be written to the device. Are you sure? [Y/N]:", ["y"]),
        ("(To leave the existing filename unchanged, press the enter key):", [""]),
        ("flash:/startup.cfg exists, overwrite? [Y/N]:", ["y"]),
        ("Are you sure you want to continue the save operation? [Y/N]:", ["y"]),
        ("Your password will expire in 3 days. Do you want to change it? [Y/N]:", []),
        ("This command will reboot the device. Continue? [Y/N]:", []),
    ],
)
def test_questions_of_a_save(question: str, answer: list[str]) -> None:
    """Each release asks in its own words; what asks for anything else is left unanswered and reported."""
    assert CLI is not None
    assert [reply for asked, reply in CLI.save_dialogue if asked.fullmatch(question)] == answer
    assert CLI.question.fullmatch(question)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (" % Unrecognized command found at '^' position.", "syntax"),
        (" % Incomplete command found at '^' position.", "syntax"),
        (" % Too many parameters found at '^' position.", "syntax"),
        ("              ^", "syntax"),
        ("Permission denied.", "rights"),
        ("% All user interfaces are used, please try later!", "session limit"),
        ("Object group with given name exists with different type.", "exists already"),
        ("The VPN instance does not exist.", "missing"),
        ("% Something new.", "error"),
    ],
)
def test_refusals_are_known_by_kind(said: str, kind: str) -> None:
    """Messages of public drivers and manuals; each is an objection, and so is what nobody knows."""
    assert CLI is not None
    assert CLI.refusal(said.strip()) == kind
    assert CLI.objection(said)
    assert CLI.objection("the weather is fine")
    assert not CLI.objection("Some configurations on the interface are removed.", "ip binding vpn-instance A")


@pytest.mark.parametrize(
    ("intent", "held"),
    [
        (
            AddressSet(POINT, "Web", ("10.0.0.1/32",), whole=True),
            FirewallFacts(addresses={"web": AddressBook("web")}),
        ),
        (
            VpnInstance(POINT, SwitchInstance("vpc-1")),
            SwitchFacts(instances={"VPC-1": SwitchInstance("VPC-1")}),
        ),
    ],
)
def test_names_that_differ_in_case_only_are_refused(
    intent: Intent, held: FirewallFacts | SwitchFacts
) -> None:
    """The device would add to what is there; the same name is no trouble."""
    with pytest.raises(ChangeError, match="one name"):
        demand_own_names([intent], held)
    demand_own_names([intent], type(held)())


TEXTS = st.text(st.characters(), max_size=70)
PERIODS = (Period(("mon",), "20:00", "24:00"),)


def intents(name: str, said: str) -> list[Intent]:
    """Return one intent of each kind in which every text is one of an order's."""
    (*_, whole) = WHOLE.intents
    assert isinstance(whole, SecurityRule)
    rule = replace(whole.rule, name=name, description=said, schedules=("t",), services=(name,))
    rule = replace(rule, source=replace(rule.source, books=(name,)), source_zones=(name,))
    return [
        AddressSet(POINT, name, ("10.0.0.1/32",), whole=True),
        ServiceSet(POINT, name, (ServiceEntry(6, 1, 9),)),
        Schedule(POINT, "t", PERIODS),
        SecurityRule(POINT, rule, Anchor("before", name)),
        SecurityRule(POINT, rule, Anchor(), state="absent"),
        AddressSet(POINT, name, (), whole=True, state="absent"),
    ]


WORD = r"(?:undo )?(?:object-group (?:ip address|service)|rule name|move rule name|network host|[a-z-]+)"
"""What a template writes at the beginning of a line."""


def shape(made: tuple[str, ...]) -> list[str]:
    """Return the first words of each line."""
    found = (re.match(rf" *{WORD}", line) for line in made)
    return [one[0] if one else line for one, line in zip(found, made, strict=True)]


PLAIN = shape(lines(intents("x", "x"), templates()["hp_comware"]))


@given(TEXTS, TEXTS)
def test_no_text_of_an_order_becomes_a_line(name: str, said: str) -> None:
    """The same lines with the same first words whatever the texts are, one line each; or a refusal."""
    assume(said)
    try:
        made = lines(intents(name, said), templates()["hp_comware"])
    except ChangeError:
        return
    assert shape(made) == PLAIN
    assert all(len(line.splitlines()) == 1 and not re.search(r"[\x00-\x1f\x7f?\\]", line) for line in made)


@pytest.mark.parametrize(
    "bad", ["a\nquit", 'x" y', "a?", "any", "All", " x", "x" * 64, "", "a\u2028b", "\u202ex"]
)
def test_hostile_names_and_texts_are_refused(bad: str) -> None:
    """Ends of lines, quotes, help, keywords, marks of direction, and what is too long."""
    with pytest.raises(ChangeError):
        named(bad)
    if bad != "any":
        with pytest.raises(ChangeError):
            time_name(bad)
    if not bad.isascii() or "\n" in bad or '"' in bad or "?" in bad:
        with pytest.raises(ChangeError):
            text(bad)


@pytest.mark.parametrize("bad", ["2001:db8::/64", "www.example.com", "any", "0.0.0.0/0"])
def test_what_an_address_group_cannot_hold_is_refused(bad: str) -> None:
    """IPv6 has groups and rules of its own; a name is resolved by nobody here; any is no member."""
    with pytest.raises(ChangeError):
        member(bad)


@pytest.mark.parametrize("bad", [ServiceEntry(None), ServiceEntry(58, 2048, 2048), ServiceEntry(47, 1, 2)])
def test_what_a_service_group_cannot_say_is_refused(bad: ServiceEntry) -> None:
    """Every protocol, ICMPv6, a part of a protocol without ports."""
    with pytest.raises(ChangeError):
        service_line(bad)


def test_both_roles_have_a_reader() -> None:
    """One platform, two things that its configuration is read as."""
    assert isinstance(PARSERS[SWITCH](ORDER.before), SwitchFacts)
    assert isinstance(PARSERS[WALL](WHOLE.before), FirewallFacts)
