"""What an IOS router says while it is worked on: refusals in its own words, its question, saving."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError, SourceError
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    Intent,
    Schedule,
    SecurityRule,
    ServiceSet,
    StaticRoute,
)
from nornir_itsm.model.order import Period
from nornir_itsm.model.switch import SwitchRoute
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.stages.render.ios import lines
from nornir_itsm.stages.verify import back_to, differences

from .case_folders import POINT, Case, site, templates
from .conftest import Bench

WHOLE = Case("cisco_ios", "whole-order")
HELD = WHOLE.read(WHOLE.before)
CLI = PLATFORMS["cisco_ios"].cli
assert CLI is not None
LIST = "ip access-list extended EDGE-IN"


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (["foo bar"], "syntax", "% Invalid input detected at '^' marker."),
        (["permit ip any any"], "syntax", "% Invalid input detected"),
        ([LIST, "15 permit tcp any"], "syntax", "% Incomplete command."),
        ([LIST, "10 permit tcp any any eq 22"], "exists", "% Duplicate sequence number"),
        ([LIST, "15 permit icmp any any echo"], "exists", "% Duplicate entry exists at sequence 50"),
        ([LIST, "15 permit ip object-group NONE any"], "missing", "does not exist"),
        ([LIST, "no 15"], "missing", "does not exist"),
        (["no object-group network PARTNERS"], "in use", "being used by EDGE-IN"),
        (["object-group network X", "10.0.0.1 255.255.255.0"], "bad value", "%Inconsistent address and mask"),
        (["ip route 10.0.0.1 255.255.255.0 10.60.0.1"], "bad value", "%Inconsistent address and mask"),
        (["no ip route 10.0.0.0 255.0.0.0 10.60.0.1"], "missing", "%No matching route to delete"),
        ([LIST, "15 permit tcp any any eq 70000"], "syntax", "% Invalid input detected"),
    ],
)
def test_the_push_stops_at_the_refused_line(router: Bench, said: list[str], kind: str, words: str) -> None:
    """Unknown command, wrong mode, repeated, missing, in use, bad value: in the vendor's words."""
    pushed = router.push(*said)
    assert [one.accepted for one in pushed.sent] == [*(True for _ in said[1:]), False]
    assert kind in pushed.problem
    assert words in str(pushed.sent[-1].answer) + pushed.problem
    assert [one.text for one in router.device.lines if one.text != "end"] == said


def test_a_denied_command_stops_the_push_and_leads_back(router: Bench) -> None:
    """What the account may not type is refused as such; what arrived before is taken back."""
    baseline, change = router.device.state(), WHOLE.change(HELD)
    router.device.denied = ("time-range",)
    assert "rights" in router.push(*change.commands).problem
    router.device.denied = ()
    there = Facts({POINT: router.read()})
    (back,) = back_to(change.back, there, {POINT: frozenset()}, site("cisco_ios"), templates())
    assert router.push(*back.commands).problem == ""
    assert router.device.state() == baseline


def test_no_line_and_no_lock_is_said(router: Bench) -> None:
    """The limit of sessions, and a configuration that somebody holds: named, and nothing was sent."""
    router.device.locked = True
    (reason,) = router.fleet.preflight([POINT]).values()
    assert "locked" in reason
    assert "locked" in router.push(LIST).problem
    router.device.seats = 0
    with pytest.raises(SourceError, match="limit of VTY lines"):
        router.read()
    assert router.device.lines == ()


def test_a_colleagues_unsaved_line_is_found(router: Bench) -> None:
    """Nothing is pushed, saved or reverted, and the message names the line."""
    router.device.config.lists["EDGE-IN"].entries[70] = "permit gre any any"  # type: ignore[union-attr]
    (reason,) = router.fleet.preflight([POINT]).values()
    assert "not saved yet" in reason
    assert "+ ip access-list extended EDGE-IN / 70 permit gre any any" in reason
    assert router.device.lines == ()


def test_a_save_that_asks_is_answered(router: Bench) -> None:
    """What another release wrote is overwritten after its confirmation, and is there after a restart."""
    change = WHOLE.change(HELD)
    assert router.push(*change.commands).problem == ""
    router.device.foreign = True  # type: ignore[union-attr]
    saved = router.fleet.save(POINT)
    assert saved.problem == ""
    assert "[confirm]" in str(saved.sent[0].answer)
    router.device.reboot()
    assert router.device.state() == router.device.startup_state()
    assert differences(HELD, router.read()) != ()


def test_what_is_not_saved_is_gone_after_a_restart(router: Bench) -> None:
    """The lab keeps running and startup apart; a refused save is a problem."""
    assert router.push(*WHOLE.change(HELD).commands).problem == ""
    router.device.reboot()
    assert differences(HELD, router.read()) == ()
    router.device.faults.refuse(1)
    assert "temporarily unavailable" in router.fleet.save(POINT).problem


def test_pages_and_long_names_are_no_trouble(router: Bench) -> None:
    """A pager that stays on, and a name that IOS cuts short in configuration mode."""
    router.device.denied = ("terminal length",)
    router.device.hostname = "DC1-EDGE-ROUTER-NUMBER-01"
    assert differences(HELD, router.read()) == ()
    assert router.push(LIST, "15 remark X", "no 15 remark", "exit").problem == ""


def test_no_room_is_said_before_anything_is_sent(router: Bench) -> None:
    """Two neighbours without a number between them: a proposal, and never a list that is renumbered."""
    before = WHOLE.before.replace("100 remark Default", "61 remark Default").replace("100 deny", "61 deny")
    router.device.reset(before)  # type: ignore[arg-type]
    pushed = router.push(*WHOLE.change(WHOLE.read(before)).commands)
    assert "cannot place 2 entries between the numbers 60 and 61" in pushed.problem
    assert "ip access-list resequence EDGE-IN 10 10" in pushed.problem
    assert pushed.sent == ()
    assert router.device.lines == ()


@pytest.mark.parametrize(
    ("line", "base", "mode"),
    [
        ("R1#", "R1", "exec"),
        ("R1(config)#", "R1", "config"),
        ("R1(config-ext-nacl)#", "R1", "config"),
        ("R1>", None, ""),
        ("Password:", None, ""),
    ],
)
def test_prompts(line: str, base: str | None, mode: str) -> None:
    """Modes; and a session without privilege is none to work in."""
    assert CLI is not None
    found = CLI.read_prompt(line)
    assert (found.base, found.mode) == (base, mode) if found else base is None


TEXTS = st.text(st.characters(), max_size=60)


def intents(name: str, word: str) -> list[Intent]:
    """One intent of each kind, with texts of an order in every place that takes one."""
    rule = SecurityPolicy(name, "permit", Selector((word,)), Selector((), ("10.0.0.1/32",)), (word,))
    schedule = SecurityPolicy(name, "permit", Selector((), ("10.0.0.0/24",)), schedules=(word,))
    return [
        AddressSet("P", word, ("10.0.0.0/24", "10.0.1.1-10.0.1.9"), whole=True),
        ServiceSet("P", word, (ServiceEntry(6, 443, 443),)),
        Schedule("P", word, (Period(("mon",), "08:00", "18:00"),)),
        SecurityRule("P", rule, Anchor("before", name)),
        SecurityRule("P", schedule, Anchor("last")),
        SecurityRule("P", rule, Anchor(), state="absent"),
        AddressSet("P", word, (), whole=True, state="absent"),
        StaticRoute("P", SwitchRoute(word, "10.0.0.0/24", "", "10.0.0.1")),
    ]


WORD, NAME = r"[A-Za-z][!-~]*", r'"[^"\x00-\x1f\x7f-\x9f?]+"'
GRAMMAR = re.compile(
    rf"(no )?object-group (network|service) {WORD}|time-range {WORD}|ip access-list extended ACL|exit"
    r"|10\.0\.0\.0 255\.255\.255\.0|range 10\.0\.1\.1 10\.0\.1\.9|tcp eq 443|periodic Monday 08:00 to 18:00"
    rf"|<(before {NAME}|last)> {NAME} permit (object-group {WORD} object-group {WORD} host 10\.0\.0\.1"
    rf"|ip 10\.0\.0\.0 0\.0\.0\.255 any time-range {WORD})"
    rf"|no <{NAME}>|ip route vrf {WORD} 10\.0\.0\.0 255\.255\.255\.0 10\.0\.0\.1"
)


@given(name=TEXTS, word=TEXTS)
@example(name="示例公司-系统（白名单）", word="CUST-A")
@example(name='x" permit ip any any', word="A")
@example(name="x\nno ip access-list extended ACL", word="A")
@example(name="x", word="A any")
def test_no_text_becomes_a_line(name: str, word: str) -> None:
    """Either every line is one of the grammar, as many as for plain names, or it is refused."""
    assert CLI is not None
    plain = lines(intents("A", "B"), templates()["cisco_ios"], "ACL")
    assert all(GRAMMAR.fullmatch(line.strip()) for line in plain), plain
    try:
        made = lines(intents(name, word), templates()["cisco_ios"], "ACL")
    except ChangeError:
        return
    assert len(made) == len(plain)
    assert all(GRAMMAR.fullmatch(line.strip()) for line in made), made
    assert not any(CLI.unsendable.search(line.strip()) for line in made)


@pytest.mark.parametrize("hostile", ["x\nreload", "any any", "a?", "1 2", "", "示例", "x" * 65, "<first>"])
def test_hostile_places(hostile: str) -> None:
    """Names of objects, addresses, next hops and zones are read as what they are, or refused."""
    for intent in (
        AddressSet("P", hostile, ("10.0.0.1/32",), whole=True),
        AddressSet("P", "A", (hostile,), whole=True),
        StaticRoute("P", SwitchRoute("", hostile, "", "10.0.0.1")),
        StaticRoute("P", SwitchRoute(hostile or "1", "10.0.0.0/24", "", "10.0.0.1")),
        StaticRoute("P", SwitchRoute("", "10.0.0.0/24", "", hostile)),
        SecurityRule("P", SecurityPolicy("A", "permit", source_zones=(hostile,)), Anchor()),
        SecurityRule("P", SecurityPolicy("A", "permit", Selector((), (hostile,))), Anchor()),
        SecurityRule("P", SecurityPolicy("A", "permit", services=(hostile,)), Anchor()),
    ):
        with pytest.raises(ChangeError):
            lines([intent], templates()["cisco_ios"], "ACL")
