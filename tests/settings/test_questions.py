"""collect.yaml: every command only looks, every number means something, unknown keys are errors."""

from pathlib import Path

import pytest

from nornir_itsm.errors import ConfigError
from nornir_itsm.settings import load_questions

EXAMPLE = Path(__file__).parents[2] / "inventory" / "collect.yaml"


def loaded(folder: Path, text: str) -> object:
    file = folder / "collect.yaml"
    file.write_text(text, encoding="utf-8")
    return load_questions(file)


def test_the_example_declares_for_every_role() -> None:
    """All get what is for all, a firewall more; --commands chooses among what is declared."""
    questions = load_questions(EXAMPLE)
    everybody, firewall = (questions.of("huawei_vrp", roles) for roles in ((), ("firewall",)))
    assert set(everybody) < set(firewall)
    assert questions.of("huawei_vrp", ("firewall",), ["display arp", "reboot"]) == ("display arp",)
    assert questions.of("no_such_os", ()) == ()


@pytest.mark.parametrize(
    "command",
    [
        "reload",
        "display version; reboot",
        "show run | redirect tftp://192.0.2.1/x",
        "show run > flash:x",
        "show ?",
        "showdown",
        "display version\\nreboot",
        "show run | include x | tee y",
        "",
    ],
)
def test_a_command_that_does_more_than_look_is_refused(tmp_path: Path, command: str) -> None:
    """Whatever the file says, a collection cannot change a device; the place is named."""
    with pytest.raises(ConfigError, match="only looks"):
        loaded(tmp_path, f'commands: {{cisco_ios: {{all: ["{command}"]}}}}\n')


@pytest.mark.parametrize(
    "command", ["show run | include hostname", "display arp", "nft list ruleset", "ip -6 route show"]
)
def test_a_command_that_looks_is_taken(tmp_path: Path, command: str) -> None:
    """Filters that only choose lines are fine."""
    loaded(tmp_path, f'commands: {{linux: {{all: ["{command}"]}}}}\n')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("commands: {sangfor_ad: {all: [nothing]}}", "no document"),
        ("commands: {}\nthread: 5", "did you mean 'threads'"),
        ("commands: {}\nthreads: 0", "1 to 1000"),
        ("commands: {}\nattempts: {count: 0}", "1 or more"),
        ("commands: {}\nlimits: {groups: {core: {at_once: -1}}}", "not be negative"),
        ("commands: {}\nseconds: {command: 0}", "more than 0"),
    ],
)
def test_what_would_mean_nothing_is_told_by_line(tmp_path: Path, text: str, said: str) -> None:
    """Unknown keys and documents, and numbers nobody can mean."""
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert said in str(caught.value)
