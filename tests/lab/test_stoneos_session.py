"""Sessions of the firewall: login, echo, paging, the save dialogue, what is shown."""

import pytest
from netmiko.exceptions import ConfigInvalidException, NetmikoAuthenticationException
from paramiko.ssh_exception import SSHException  # type: ignore[import-untyped]

from nornir_itsm.lab import Lab
from nornir_itsm.lab.stoneos.firewall import Firewall

from .clients import Cli, open_cli

BACKUP = r"y/\[n\]: $"


@pytest.mark.parametrize(("user", "password"), [("admin", "wrong"), ("admin", ""), ("root", None)])
def test_a_wrong_login_is_refused(lab: Lab, user: str, password: str | None) -> None:
    """Only the user and the password of this start are let in."""
    with pytest.raises(NetmikoAuthenticationException):
        open_cli(lab, password, user)


def test_commands_outside_a_shell_are_refused(lab: Lab) -> None:
    """The box gives an interactive shell and nothing else."""
    import paramiko  # type: ignore[import-untyped]

    with paramiko.SSHClient() as client:
        client.load_host_keys(str(lab.directory / "known_hosts"))
        secret = (lab.directory / "firewall.password").read_text()
        port = lab.ports["DC1-ISP-FW01"]
        client.connect("127.0.0.1", port, "admin", secret, look_for_keys=False, allow_agent=False)
        _, out, _ = client.exec_command("show configuration", timeout=5)
        assert out.read() == b""
        assert out.channel.recv_exit_status() == 1
        with pytest.raises(SSHException):
            client.open_sftp()


def test_typed_characters_are_echoed_and_can_be_taken_back(cli: Cli) -> None:
    """The line comes back as typed; backspace removes a character before Enter."""
    cli.connection.write_channel("show versionn\b\n")
    seen = cli.connection.read_until_pattern(r"# $")
    assert seen.startswith("show versionn\b \b")
    assert "Hillstone Networks StoneOS software, Version 5.5" in seen


def _raw(cli: Cli, keys: str, until: str) -> str:
    cli.connection.write_channel(keys)
    return str(cli.connection.read_until_pattern(until, read_timeout=10))


def test_long_output_waits_at_every_page(cli: Cli, firewall: Firewall) -> None:
    """25 lines, then the pager: space gives a page, Enter a line, q the prompt; 0 switches it off."""
    cli.type("terminal length 25")
    try:
        first = _raw(cli, "show configuration\n", " --More-- ")
        assert first.count("\n") == 26  # the echoed line and a page
        assert _raw(cli, " ", " --More-- ").count("\n") == 25
        assert _raw(cli, "\n", " --More-- ").count("\n") == 1
        assert "--More--" not in _raw(cli, "q", r"# $")
    finally:
        cli.type("terminal length 0")
    assert cli.type("show configuration").count("\n") == len(firewall.running_text().splitlines())


def test_paging_through_gives_the_whole_configuration(cli: Cli, firewall: Firewall) -> None:
    """Nothing is lost between pages."""
    cli.type("terminal length 100")
    try:
        text = _raw(cli, "show configuration\n", r" --More-- |# $")
        while text.endswith(" --More-- "):
            text += _raw(cli, " ", r" --More-- |# $")
    finally:
        cli.type("terminal length 0")
    shown = [line.rpartition("\b")[2].strip() for line in text.replace("\r", "").split("\n")]
    wanted = [line.strip() for line in firewall.running_text().splitlines()]
    assert shown[1:-1] == wanted


def test_lines_wrap_at_the_width_of_the_terminal(cli: Cli, firewall: Firewall) -> None:
    """A line longer than the terminal is cut in two."""
    cli.configure("policy-global", "rule", "name wide", f"description {'d' * 100}")
    cli.type("terminal width 64")
    try:
        assert (
            max(len(line) for line in cli.types("show configuration policy name wide")[0].splitlines()) == 64
        )
    finally:
        cli.type("terminal width 512")


@pytest.mark.parametrize("line", ["terminal length 257", "terminal width 63", "terminal width 513"])
def test_the_terminal_has_limits(cli: Cli, line: str) -> None:
    """Length 0 to 256, width 64 to 512."""
    assert "^-----" in cli.types(line)[0]


@pytest.mark.parametrize(("command", "every"), [("save", ""), ("save all", "for all VSYS"), ("sa", "")])
def test_save_asks_twice(cli: Cli, firewall: Firewall, command: str, every: str) -> None:
    """Nothing is saved before the second answer, whatever that answer is."""
    cli.configure("address a1", "ip 10.1.1.1/32")
    first = cli.type(command, r"\[y\]/n: $")
    assert "Save configuration" in first
    assert every in first
    assert "Backup" in cli.type("y", BACKUP)
    assert firewall.startup_state() != firewall.state()
    assert "Saving configuration is finished" in cli.type("n")
    assert firewall.startup_state() == firewall.state()


def test_save_can_be_called_off(cli: Cli, firewall: Firewall) -> None:
    """``n`` to the first question saves nothing; ``maybe`` is asked again."""
    cli.configure("address a1", "ip 10.1.1.1/32")
    cli.type("save", r"\[y\]/n: $")
    assert "Save configuration" in cli.type("maybe", r"\[y\]/n: $")
    cli.type("n")
    assert firewall.startup_state() != firewall.state()


def test_an_open_question_takes_the_next_line_for_its_answer(lab: Lab, firewall: Firewall) -> None:
    """Who answers once only has not saved: the next command is an answer, and hanging up saves nothing."""
    cli = open_cli(lab)
    cli.configure("address a1", "ip 10.1.1.1/32")
    cli.type("save all", r"\[y\]/n: $")
    cli.type("y", BACKUP)
    assert "Hillstone" not in cli.type("show version", BACKUP)
    cli.hang_up()
    assert firewall.startup_state() != firewall.state()


def test_startup_and_running_are_kept_apart(cli: Cli, firewall: Firewall) -> None:
    """A change shows in the running configuration only, until it is saved; a reboot loses it."""
    before = firewall.state()
    cli.configure("address a1", "ip 10.1.1.1/32")
    assert 'address "a1"' in cli.type("show configuration running")
    assert 'address "a1"' not in cli.type("show configuration startup")
    assert firewall.startup_state() == before


def test_a_reboot_comes_up_with_what_was_saved(own: Lab) -> None:
    """Unsaved lines are gone after a reboot, and so are the sessions."""
    before = own.firewall.state()
    cli = open_cli(own)
    cli.configure("address a1", "ip 10.1.1.1/32")
    own.firewall.reboot()
    assert own.firewall.state() == before
    assert cli.is_cut()


def test_a_half_filled_rule_stays(lab: Lab, firewall: Firewall) -> None:
    """A session that ends in the middle of a rule leaves the rule as it is: no transaction."""
    cli = open_cli(lab)
    cli.types("configure", "policy-global", "rule", "name half", "src-addr Any")
    cli.hang_up()
    rule = firewall.config.rule_named("half")
    assert (rule.sides["src"], rule.services, rule.action) == ([("addr", "Any")], [], "deny")


def test_two_sessions_see_one_configuration(lab: Lab, cli: Cli) -> None:
    """What one session changes the other sees at once; a rule that is gone cannot be edited further."""
    other = open_cli(lab)
    cli.types("configure", "policy-global", "rule", "name shared")
    other.configure("policy-global", "no rule name shared")
    assert cli.types("action permit")[0].endswith("is not found in this context")
    other.hang_up()


def test_a_tool_sends_a_set_of_lines(lab: Lab, firewall: Firewall) -> None:
    """netmiko's own way: every echo is found, the mode is entered and left, an error stops the set."""
    cli = open_cli(lab)
    lines = ["address a1", "ip 10.1.1.1/32", "exit", "policy-global", "rule top", "name 新", "exit", "exit"]
    said = cli.connection.send_config_set(lines, error_pattern=r"^Error|\^-----")
    assert "Rule id 83 is created." in said
    assert not cli.connection.check_config_mode()
    assert firewall.config.rules[0].name == "新"
    with pytest.raises(ConfigInvalidException):
        cli.connection.send_config_set(["address a2", "ip x", "exit"], error_pattern=r"^Error|\^-----")
    assert [line.accepted for line in firewall.lines[-2:]] == [True, False]
    cli.hang_up()


def test_exit_in_exec_mode_ends_the_session(lab: Lab, firewall: Firewall) -> None:
    """``exit`` logs out."""
    cli = open_cli(lab)
    cli.connection.write_channel("exit\n")
    assert cli.connection.remote_conn.recv_exit_status() == 0
