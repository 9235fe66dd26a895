"""Text in and out: terminal, redaction, comparison, prompts, answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.devices.comparison import shown_difference
from nornir_itsm.devices.redaction import redact
from nornir_itsm.devices.terminal import after_echo, as_seen
from nornir_itsm.platforms import PLATFORMS, CliPlatform

_CLI = PLATFORMS["hillstone_stoneos"].cli
assert _CLI is not None
STONEOS: CliPlatform = _CLI

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("line", "base", "mode"),
    [
        ("FW-A# ", "FW-A", "exec"),
        ("SG-6000(M)# ", "SG-6000(M)", "exec"),
        ("SG-6000(M)(config)# ", "SG-6000(M)", "config"),
        ("FW-A(vsys-a)# ", "FW-A(vsys-a)", "exec"),
        ("FW-A(vsys-a)(config-policy-rule)# ", "FW-A(vsys-a)", "config"),
        ("FW-A[TRN](config)# ", "FW-A[TRN]", "config"),
        ("防火墙1(config-if-eth0/0)# ", "防火墙1", "config"),
    ],
)
def test_prompt_tells_the_mode(line: str, base: str, mode: str) -> None:
    """``)#`` says nothing: HA and vsys marks belong to the name, only a config mark is a mode."""
    prompt = STONEOS.read_prompt(line)
    assert prompt is not None
    assert (prompt.base, prompt.mode) == (base, mode)


@pytest.mark.parametrize("line", ["", "# ", "  name x# ", "FW-A> ", "Rule id 5 is created.", "FW A# "])
def test_other_lines_are_no_prompt(line: str) -> None:
    """Output is not taken for a prompt."""
    assert STONEOS.read_prompt(line) is None


def test_standby_and_trial_must_not_write() -> None:
    """The mark of a standby member or of a running trial is a reason to wait, the master's is none."""
    reasons = [
        STONEOS.reason_not_now(prompt)
        for line in ("FW(M)# ", "FW# ", "FW(B)# ", "FW[TRN]# ")
        if (prompt := STONEOS.read_prompt(line))
    ]
    assert [bool(reason) for reason in reasons] == [False, False, True, True]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("      ^-----unrecognized keyword x", "syntax"),
        ("Error: This entity is already added", "exists already"),
        ("错误：该项已经添加", "exists already"),
        ("Error: Rule 9 is not found in this context", "missing"),
        ('Error: This address entry is used by policy "5" and cannot be deleted', "in use"),
        ("错误：此名称已经被其他的策略规则使用", "name taken"),
        ("% Authorization failed", "rights"),
        ("Error: something nobody has seen", "error"),
    ],
)
def test_refusals_are_named(answer: str, kind: str) -> None:
    """A known refusal is called by its kind."""
    assert STONEOS.objection(answer).startswith(f"refused ({kind}): ")


def test_silence_and_rule_ids_are_acceptance() -> None:
    """Nothing at all, and the id of a new rule, are what an accepted line gives."""
    assert STONEOS.objection("") == ""
    assert STONEOS.objection("\nRule id 107 is created.\n", '  rule before name "x"') == ""


def test_a_rule_that_was_to_be_there_must_not_be_made() -> None:
    """Entering a rule by its id is for one that exists: that it is created means that it is gone."""
    assert STONEOS.objection("Rule id 24 is created.", "rule id 24")
    assert STONEOS.objection("", "rule id 24") == ""


@given(WORDS)
def test_anything_else_is_an_objection(said: str) -> None:
    """Output that nobody expected is never taken for acceptance."""
    assert STONEOS.objection(f"Rule id 5 is created.\n{said}\n", "rule top")


@pytest.mark.parametrize("language", [0, 1, 2, 3])
def test_save_questions_are_answered_yes_then_no(language: int) -> None:
    """The first question of each pair is answered y, the backup question n."""
    asked = [
        (
            "Save configuration, are you sure? [y]/n: ",
            "Backup start configuration file, are you sure? y/[n]: ",
        ),
        (
            "Save configuration for all VSYS, are you sure? [y]/n: ",
            "Backup all start configuration files, are you sure? y/[n]: ",
        ),
        ("保存配置，请确认 [y]/n: ", "备份启动配置文件，请确认 y/[n]: "),
        ("保存所有VSYS的配置，请确认 [y]/n: ", "备份所有启动配置文件，请确认 y/[n]: "),
    ][language]
    replies = [
        next(reply for pattern, reply in STONEOS.save_dialogue if pattern.fullmatch(question.strip()))
        for question in asked
    ]
    assert replies == ["y", "n"]
    assert all(STONEOS.question.fullmatch(question) for question in asked)


@given(st.lists(WORDS), WORDS)
def test_a_wiped_pager_leaves_no_trace(before: list[str], after: str) -> None:
    """What a pager printed and wiped is gone, the indentation of the next line is not."""
    wipe = "\b" * 10 + " " * 10 + "\b" * 10
    page = "".join(f"{line}\r\n" for line in before)
    shown = as_seen(f"{page} --More-- {wipe}  {after}\r\n")
    assert [line.rstrip() for line in shown.split("\n")] == [*before, f"  {after}", ""]


def test_terminal_obeys_returns_and_drops_escapes() -> None:
    """A carriage return overwrites, a colour is invisible, a bell is silent."""
    assert as_seen("abc\rX\x1b[31md\x1b[0m\x07\r\n") == "Xdc\n"


@given(WORDS, WORDS, st.integers(1, 30))
def test_echo_is_found_however_it_is_wrapped(typed: str, rest: str, width: int) -> None:
    """The echo is recognised across line breaks of the terminal; what follows is the answer."""
    line = f"{typed} {rest}"
    wrapped = "\r\n".join(line[at : at + width] for at in range(0, len(line), width))
    assert after_echo(as_seen(f"{wrapped}\r\nanswer\n"), line) == "answer\n"


def test_another_echo_is_noticed() -> None:
    """A character that the device swallowed means that it has read another line."""
    assert after_echo("rule id 1\n", "rule id 11") is None
    assert after_echo("", "end") is None


@pytest.mark.parametrize(
    "text",
    [
        'password "hidden-1"',
        "snmp-server community hidden-1 ro",
        "pre-shared-key cipher hidden-1",
        "local-user admin password irreversible-cipher hidden-1",
        '{"name": "x", "password": "hidden-1"}',
        "Authorization: Basic hidden-1",
        "something hidden-1 that the session logged in with",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    """What looks like a secret, and the session's own password, do not stay in what is kept."""
    assert "hidden-1" not in redact(text, "hidden-1" if "logged in" in text else "")


@given(WORDS)
def test_redaction_is_done_after_once(word: str) -> None:
    """Masking twice changes nothing more."""
    once = redact(f"secret {word} password {word}")
    assert redact(once) == once


def test_difference_names_the_block() -> None:
    """A colleague's unsaved line is shown with the rule it belongs to, headers are not compared."""
    saved = "Building configuration..\nStartup configuration:\n!\nrule id 5\n  action permit\nexit\nEnd\n"
    running = "Running configuration:\nrule id 5\n  disable\n  action permit\nexit\nEnd"
    assert shown_difference(STONEOS, running, saved) == ("+ rule id 5 / disable",)
    assert shown_difference(STONEOS, saved, saved) == ()
