"""What a USG says while it is worked on: refusals in its own words, questions, its pair, saving."""

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError, SourceError
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.firewall import ServiceEntry
from nornir_itsm.model.intent import AddressSet, Anchor, Intent, Schedule, SecurityRule, ServiceSet
from nornir_itsm.model.order import Period
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.stages.parse.vrp_text import firewall_facts
from nornir_itsm.stages.render.cli import text
from nornir_itsm.stages.render.vrp import lines, named
from nornir_itsm.stages.verify import back_to, differences

from .case_folders import POINT, Case, site, templates
from .conftest import Bench

WHOLE = Case("huawei_vrp", "whole-order")
HELD = firewall_facts(WHOLE.before)
CLI = PLATFORMS["huawei_vrp"].cli
assert CLI is not None


WEB = "zone untrust protocol tcp"


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (["foo bar"], "syntax", "'^'"),
        (["rule name x"], "syntax", "'^'"),
        (
            ["ip address-set a type object", "address 0 10.1.1.1 0", "address 10.1.1.1 mask 32"],
            "exists",
            "conflicts",
        ),
        (["ip address-set a"], "missing", "Please specify type"),
        (["security-policy", "rule name x", "source-address address-set a"], "missing", "not created"),
        (["security-policy", "rule move x top"], "missing", "does not exist yet"),
        (["undo ip address-set 示例客户A"], "in use", "being used by rule"),
        (["undo time-range 工作日"], "in use", "being used"),
        (["undo ip service-set TCP-8443"], "in use", "being used"),
        (["ip address-set 示例客户A", "undo address 10.9.9.9 mask 32"], "missing", "does not exist"),
        (
            ["ip address-set a type object", "address range 10.1.1.9 10.1.1.1"],
            "bad value",
            "Illegal address range",
        ),
        (["security-policy", "rule name x", f"description {'x' * 128}"], "bad value", "127"),
        (["time-range t", "period-range 18:00:00 to 08:00:00 daily"], "error", "later than"),
        (["time-range " + "t" * 33], "syntax", "Wrong parameter"),
        (["ip address-set a type object", "address 10.1.1.300 mask 32"], "syntax", "Wrong parameter"),
        (["nat foo"], "syntax", "'^'"),
        (["nat-policy", "rule name x", "action permit"], "syntax", "'^'"),
        ([f"nat server 示例-WEB {WEB} global 203.0.113.9 80 inside 10.1.1.1 80"], "exists", "name"),
        ([f"nat server x {WEB} global 203.0.113.10 443 inside 10.1.1.1 80"], "exists", "示例-WEB"),
        ([f"nat server x {WEB} global 203.0.113.9 80 85 inside 10.1.1.1 80"], "error", "must be the same"),
        ([f"nat server x {WEB} global 203.0.113.9 80 inside 10.1.1.999 80"], "syntax", "Wrong parameter"),
        (["nat server x zone z protocol tcp global 203.0.113.9 80 inside 10.1.1.1 80"], "missing", "zone"),
        (["undo nat server name x"], "missing", "does not exist"),
        (["undo nat address-group 示例池"], "in use", "rule 单独出口"),
        (["nat-policy", "rule name x", "action source-nat address-group y"], "missing", "address group"),
        (["nat address-group x", "section 203.0.113.9 203.0.113.1"], "bad value", "Illegal"),
    ],
)
def test_the_push_stops_at_the_refused_line_and_leads_back(
    usg: Bench, said: list[str], kind: str, words: str
) -> None:
    """Unknown command, wrong view, repeated, missing, in use, bad value: in the vendor's words."""
    pushed = usg.push(*said)
    assert [one.accepted for one in pushed.sent] == [*(True for _ in said[1:]), False]
    assert kind in pushed.problem
    assert words in str(pushed.sent[-1].answer) + pushed.problem
    assert [one.text for one in usg.device.lines if one.text != "return"] == said


def test_a_denied_command_stops_the_push(usg: Bench) -> None:
    """What the account may not type is refused as such; what arrived before is taken back."""
    baseline, change = usg.device.state(), WHOLE.change(HELD)
    usg.device.denied = ("time-range",)
    pushed = usg.push(*change.commands)
    assert "rights" in pushed.problem
    usg.device.denied = ()
    there = Facts({POINT: usg.read()})
    (back,) = back_to(change.back, there, {POINT: frozenset()}, site("huawei_vrp"), templates())
    assert usg.push(*back.commands).problem == ""
    assert usg.device.state() == baseline


def test_no_seat_is_said(usg: Bench) -> None:
    """The limit of sessions is in the message, and nothing was sent."""
    usg.device.seats = 0
    with pytest.raises(SourceError, match="max number of VTY users"):
        usg.read()
    assert "VTY users" in usg.push("security-policy").problem
    assert usg.device.lines == ()


def test_the_active_member_of_a_pair_takes_changes(usg: Bench) -> None:
    """Its marks in the prompt and after mirrored lines are no trouble; both its questions are answered."""
    usg.device.role = "M"
    change = WHOLE.change(HELD)
    assert usg.fleet.preflight([POINT]) == {}
    assert usg.push(*change.commands).problem == ""
    saved = usg.fleet.save(POINT)
    assert saved.problem == ""
    assert "peer device" in str(saved.sent[0].answer)
    assert usg.device.startup_state() == usg.device.state()


def test_the_standby_member_is_left_alone(usg: Bench) -> None:
    """Preflight says so, and so does a push: before any line is typed."""
    usg.device.role = "S"
    (reason,) = usg.fleet.preflight([POINT]).values()
    assert "standby" in reason
    for wrong in (usg.push("security-policy"), usg.fleet.save(POINT)):
        assert "standby" in wrong.problem
        assert wrong.sent == ()
    assert usg.device.lines == ()


def test_a_colleagues_unsaved_line_is_found(usg: Bench) -> None:
    """Nothing is pushed, saved or reverted, and the message names the line."""
    usg.device.config.rule("示例访问").description = "同事正在改"
    (reason,) = usg.fleet.preflight([POINT]).values()
    assert "not saved yet" in reason
    assert "+ security-policy / rule name 示例访问 / description 同事正在改" in reason
    assert usg.device.lines == ()


def test_a_locked_configuration_is_found(usg: Bench) -> None:
    """By preflight, and by the first line where it happens later."""
    usg.device.locked = True
    (reason,) = usg.fleet.preflight([POINT]).values()
    assert "locked" in reason
    assert "locked" in usg.push("security-policy").problem


def test_what_is_not_saved_is_gone_after_a_restart(usg: Bench) -> None:
    """The lab keeps running and saved apart; only ``save`` and its answer bring one to the other."""
    change = WHOLE.change(HELD)
    assert usg.push(*change.commands).problem == ""
    usg.device.reboot()
    assert differences(HELD, usg.read()) == ()
    usg.device.faults.refuse(1)
    assert "busy" in usg.fleet.save(POINT).problem


def test_pages_are_read_to_their_end(usg: Bench) -> None:
    """A device that does not switch its pager off gives the same text, indentation and all."""
    usg.device.denied = ("screen-length",)
    assert differences(HELD, usg.read()) == ()


@pytest.mark.parametrize(
    ("line", "base", "mode"),
    [
        ("<FW-A>", "FW-A", "exec"),
        ("HRP_M<FW-A>", "HRP_M FW-A", "exec"),
        ("HRP_S[FW-A]", "HRP_S FW-A", "config"),
        ("[FW-A-policy-security-rule-web in]", "FW-A", "config"),
        ("[FW-A-policy-security-rule-a[1]]", "FW-A", "config"),
        ("[Y/N]", None, ""),
        ("[y/n]:", None, ""),
        ("[~SW-A]", None, ""),
        ("Continue? [Y/N]:", None, ""),
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
    assert found is None or not CLI.same(found, "FW-AB")


@pytest.mark.parametrize(
    "question",
    [
        "Are you sure to continue?[Y/N]",
        "Warning: The current configuration will be written to the device. Continue? [Y/N]:",
        "Are you sure to save the configuration to flash:/vrpcfg.zip? [Y/N]",
        "Do you want to synchronously save the configuration to the startup saved-configuration file on peer "
        "device?[Y/N]",
    ],
)
def test_questions_of_a_save(question: str) -> None:
    """Each release asks in its own words; what asks for anything else is left unanswered and reported."""
    assert CLI is not None
    answers = [answer for asked, answer in CLI.save_dialogue if asked.fullmatch(question)]
    assert answers == ["y"]
    assert CLI.question.fullmatch(question)
    for other in (
        "The file exists, overwrite?[Y/N]",
        "System will reboot! Continue?[Y/N]",
        "Change now? [Y/N]:",
    ):
        assert not any(asked.fullmatch(other) for asked, _ in CLI.save_dialogue)
        assert CLI.question.fullmatch(other)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Error: Unrecognized command found at '^' position.", "syntax"),
        ("Error:Ambiguous command found at '^' position.", "syntax"),
        ("Error: Incomplete command found at '^' position.", "syntax"),
        ("                ^", "syntax"),
        (" Error: Illegal address range!", "bad value"),
        (" Error: The specified virtual system does not exist.", "missing"),
        ("Error: Address item conflicts!", "exists already"),
        ("Error: Cannot add! Service item conflicts or illegal reference!", "exists already"),
        ("Error: The delete configuration does not exist.", "missing"),
        ("Error: The specified rule does not exist yet.", "missing"),
        ("Error: The description length can not exceed 127.", "bad value"),
        ("Error: Command authorization failed.", "rights"),
        ("Error: Something new.", "error"),
    ],
)
def test_refusals_are_known_by_kind(said: str, kind: str) -> None:
    """Messages of public drivers and their tests, with and without a blank; each is an objection."""
    assert CLI is not None
    assert CLI.refusal(said.strip()) == kind
    assert CLI.objection(said)
    assert CLI.objection("Info: the weather is fine")
    assert not CLI.objection(" (+B)", "rule name x")


TEXTS = st.text(st.characters(), max_size=70)
PERIODS = (Period(("mon",), "20:00", "24:00"),)


def intents(name: str, said: str) -> list[Intent]:
    """Return one intent of each kind in which every text is one of an order's."""
    (*_, whole) = WHOLE.intents
    assert isinstance(whole, SecurityRule)
    rule = replace(whole.rule, name=name, description=said, schedules=(name[:20],), services=(name,))
    rule = replace(rule, source=replace(rule.source, books=(name,)), source_zones=(name,))
    return [
        AddressSet(POINT, name, ("10.0.0.1/32",), whole=True),
        ServiceSet(POINT, name, (ServiceEntry(6, 1, 9),)),
        Schedule(POINT, name[:20], PERIODS),
        SecurityRule(POINT, rule, Anchor("before", name)),
        SecurityRule(POINT, rule, Anchor(), state="absent"),
        AddressSet(POINT, name, (), whole=True, state="absent"),
    ]


WORD = r"(?:undo )?(?:ip (?:address|service)-set|rule (?:name|move)|[a-z-]+)"
"""What a template writes at the beginning of a line."""


def shape(made: tuple[str, ...]) -> list[str]:
    """Return the first words of each line."""
    found = (re.match(rf" *{WORD}", line) for line in made)
    return [one[0] if one else line for one, line in zip(found, made, strict=True)]


PLAIN = shape(lines(intents("x", "x"), templates()["huawei_vrp"]))


@given(TEXTS, TEXTS)
def test_no_text_of_an_order_becomes_a_line(name: str, said: str) -> None:
    """The same lines with the same first words whatever the texts are, one line each; or a refusal."""
    assume(said)
    try:
        made = lines(intents(name, said), templates()["huawei_vrp"])
    except ChangeError:
        return
    assert shape(made) == PLAIN
    assert all(len(line.splitlines()) == 1 and not re.search(r"[\x00-\x1f\x7f?\\]", line) for line in made)


@given(TEXTS)
def test_a_name_is_one_word_of_its_line_or_refused(name: str) -> None:
    """Read back as the device does, it is the same name."""
    try:
        made = named(name)
    except ChangeError:
        return
    assert re.fullmatch(r'"[^"]*"|[^\s"]+', made)
    assert made.strip('"') == name
    assert 0 < len(name) <= 63


@pytest.mark.parametrize(
    "bad", ["a\nquit", 'x" y', "a?", "any", "Protocol", " x", "x" * 64, "", "a\u2028b", "\u202ex"]
)
def test_hostile_names_and_texts_are_refused(bad: str) -> None:
    """Ends of lines, quotes, help, keywords, marks of direction, and what is too long."""
    with pytest.raises(ChangeError):
        named(bad)
    if not bad.isascii() or "\n" in bad or '"' in bad or "?" in bad:
        with pytest.raises(ChangeError):
            text(bad)
