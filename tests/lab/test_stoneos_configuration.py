"""The printed configuration: its layout, what the snapshot gives, and that it can be read back."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.stoneos.configuration import Configuration, state_of
from nornir_itsm.lab.stoneos.firewall import Firewall
from nornir_itsm.lab.stoneos.modes import load
from nornir_itsm.lab.stoneos.printing import running
from nornir_itsm.lab.stoneos.shell import Shell
from nornir_itsm.lab.stoneos.snapshot import read
from nornir_itsm.lab.stoneos.words import LineError

from .clients import SNAPSHOT, Cli

EDGE = SNAPSHOT / "firewall_edge"


def test_what_is_shown_can_be_loaded_into_a_fresh_device(cli: Cli) -> None:
    """The shown text, read by another firewall with the same predefined objects, gives the same state."""
    cli.configure("policy-global", "rule top", "name n1", "src-addr Any", "service HTTP", "disable")
    shown = cli.types("show configuration")[0]
    fresh = Firewall("other", read(EDGE))
    changed = fresh.state()
    fresh.load(shown)
    assert fresh.state() != changed
    assert fresh.running_text() == shown


_NAME = st.sampled_from(["a", "b", "中文 名", "c/d"])
_BYTE = st.integers(0, 255)
_PORT = st.integers(0, 65535)
_TIME = st.sampled_from(["00:00", "08:30", "23:59"])
_DAY = st.sampled_from(["monday", "wednesday", "sunday", "daily", "weekdays"])
_OBJECTS = st.one_of(
    st.builds(
        'address "{0}"|ip 10.0.{1}.0/24|range 10.1.0.{1} 10.1.1.0|host x{1}.example.com'.format, _NAME, _BYTE
    ),
    st.builds('address "{}"|member "{}"'.format, _NAME, _NAME),
    st.builds('service "{0}"|tcp dst-port {1} {2}|udp dst-port {2} src-port {1}'.format, _NAME, _PORT, _PORT),
    st.builds('service "{0}"|icmp type {1} code 0 {1}|protocol {1}|description {0}x'.format, _NAME, _BYTE),
    st.builds('servgroup "g{}"|service "{}"|service HTTP'.format, _NAME, _NAME),
    st.builds('schedule "{}"|periodic {} {} to {}'.format, _NAME, _DAY, _TIME, _TIME),
)
_RULES = st.builds(
    'policy-global|rule {}|name "{}"|action {}|src-addr "{}"|dst-ip 10.2.0.{}/32|service "{}"|{}'.format,
    st.sampled_from(["", "top", "before 2", "after 7", "id 500"]),
    _NAME,
    st.sampled_from(["permit", "deny"]),
    _NAME,
    _BYTE,
    _NAME,
    st.sampled_from(["disable", 'schedule "a"', "log session-end", "av predef_low", "no name", "no action"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_OBJECTS | _RULES, max_size=12))
def test_any_configuration_reads_back_as_itself(blocks: list[str]) -> None:
    """Whatever was typed, refused lines included: printing and reading give the same state and text."""
    box = Firewall("box", read(EDGE))
    shell = Shell(box)
    for block in blocks:
        for line in ("configure", *block.split("|"), "end"):
            shell.answer(line)
    again = load(running(box.config), box.config)
    assert state_of(again) == box.state()
    assert running(again) == box.running_text()


def test_objects_are_declared_before_they_are_filled() -> None:
    """Each object stands twice, first empty; predefined ones do not stand there at all."""
    lines = Firewall("box", read(EDGE)).running_text().splitlines()
    heads = [i for i, line in enumerate(lines) if line == 'address "rfc1918-all"']
    assert lines[heads[0] + 1] == "exit"
    assert lines[heads[1] + 1] == "  ip 10.0.0.0/8"
    assert lines[:4] == ["Building configuration..", "Running configuration:", "!", "Version 5.5R10"]
    assert lines[-1] == "End"
    for absent in ('address "Any"', 'service "HTTP"', 'servgroup "SRV_WEB"'):
        assert absent not in lines


def test_rules_print_in_the_order_of_matching() -> None:
    """The order of the text is the order of ``seqno``; ids are not sorted."""
    lines = Firewall("box", read(EDGE)).running_text().splitlines()
    ids = [int(line.split()[-1]) for line in lines if line.startswith("rule id ")]
    assert ids[:3] == [3, 7, 11]
    assert ids[-3:] == [2, 81, 82]


def test_what_an_export_cut_off_is_left_out(firewall: Firewall) -> None:
    """Members that end in ``~`` or ``...`` are not members."""
    assert firewall.config.addresses["*.example.net"].members == [("host", "mirrors.example.net")]


def test_a_rule_out_of_service_prints_disable(firewall: Firewall) -> None:
    """Every code of ``enable`` but 3 is a rule that does not work."""
    disabled = [rule.id for rule in firewall.config.rules if not rule.enabled]
    assert disabled == [63]


def test_state_knows_no_ids() -> None:
    """Two firewalls that do the same compare equal, whatever their rules' ids."""
    one, two = read(EDGE), read(EDGE)
    for rule in two.rules:
        rule.id += 100
    assert state_of(one) == state_of(two)
    two.rules.reverse()
    assert state_of(one) != state_of(two)


def test_loading_stops_at_the_first_wrong_line() -> None:
    """A text that is no configuration is refused and nothing is taken over."""
    box = Firewall("box", Configuration())
    before = box.state()
    with pytest.raises(LineError):
        box.load('address "a"\n  ip 10.0.0.1/32\nexit\nbogus')
    assert box.state() == before


def test_a_snapshot_that_is_none_is_named(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "policy.json").write_text('{"result": [{"id": "x"}]}')
    with pytest.raises(ConfigError, match=r"policy\.json"):
        read(tmp_path)
