"""Faults on demand: refuse, drop before, drop after, be slow; on both devices; each once."""

import time

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab import Faults, Lab
from nornir_itsm.lab.faults import Verdict
from nornir_itsm.lab.sangfor.adc import Adc
from nornir_itsm.lab.stoneos.firewall import Firewall

from .clients import Api, Cli, open_cli

LINES = ("address a1", "ip 10.1.1.1/32", "exit", "address a2", "end")
GROUP = {"name": "新组", "addresses": ["10.1.1.1"]}


@settings(deadline=None)
@given(st.integers(1, 30), st.integers(1, 40))
def test_a_fault_fires_at_its_line_and_only_there(k: int, lines: int) -> None:
    """Of any number of lines only the k-th is hit."""
    faults = Faults()
    faults.refuse(k)
    verdicts = [faults.verdict() for _ in range(lines)]
    hit = [i for i, verdict in enumerate(verdicts, 1) if verdict is not Verdict.EXECUTE]
    assert hit == ([k] if k <= lines else [])


def test_faults_count_from_the_moment_they_are_armed() -> None:
    """Several can be armed; what is cleared does not fire."""
    faults = Faults()
    faults.drop(2)
    faults.verdict()
    faults.drop(2, executed=True)
    faults.refuse(3)
    assert [faults.verdict() for _ in range(2)] == [Verdict.DROP_BEFORE, Verdict.DROP_AFTER]
    faults.clear()
    assert faults.verdict() is Verdict.EXECUTE


@pytest.mark.parametrize("k", [0, -1])
def test_there_is_no_line_zero(k: int) -> None:
    """Lines are counted from 1."""
    with pytest.raises(ConfigError):
        Faults().refuse(k)


def test_a_refused_line_is_answered_with_an_error_and_not_executed(cli: Cli, firewall: Firewall) -> None:
    """The second line is refused once; typed again it is taken."""
    firewall.faults.refuse(2)
    cli.types("configure", "address a1")
    assert cli.types("ip 10.1.1.1/32")[0].startswith("Error: ")
    assert firewall.config.addresses["a1"].members == []
    assert cli.types("ip 10.1.1.1/32") == [""]


@pytest.mark.parametrize("executed", [False, True])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_a_dropped_line_ends_the_session(lab: Lab, firewall: Firewall, k: int, executed: bool) -> None:
    """The connection goes at line k, ``exit`` and ``end`` included; the effect is as promised."""
    cli = open_cli(lab)
    cli.types("configure")
    firewall.faults.drop(k, executed)
    cli.types(*LINES[: k - 1])
    cli.connection.write_channel(f"{LINES[k - 1]}\n")
    assert cli.is_cut()
    received = firewall.lines
    assert [line.text for line in received] == list(LINES[:k])
    assert [line.accepted for line in received] == [True] * (k - 1) + [executed]
    done = LINES[: k if executed else k - 1]
    assert ("a1" in firewall.config.addresses) == ("address a1" in done)
    assert ("a2" in firewall.config.addresses) == ("address a2" in done)


@pytest.mark.parametrize("executed", [False, True])
def test_the_save_command_counts(lab: Lab, firewall: Firewall, executed: bool) -> None:
    """Dropped at ``save``: not saved, or saved after both answers but never confirmed."""
    cli = open_cli(lab)
    cli.configure("address a1", "ip 10.1.1.1/32")
    firewall.faults.drop(1, executed)
    cli.connection.write_channel("save\n")
    if executed:
        cli.connection.read_until_pattern(r"\[y\]/n: $")
        cli.type("y", r"y/\[n\]: $")
        cli.connection.write_channel("n\n")
    assert cli.is_cut()
    assert (firewall.startup_state() == firewall.state()) is executed


def test_blank_lines_and_exec_mode_do_not_count(cli: Cli, firewall: Firewall) -> None:
    """Only what is typed in configuration mode is counted and logged."""
    firewall.faults.refuse(1)
    cli.types("show version", "", "configure", "", "")
    assert cli.types("address a1")[0].startswith("Error")
    assert [line.text for line in firewall.lines] == ["address a1"]


def test_a_slow_device_is_slow_until_it_is_cleared(cli: Cli, firewall: Firewall) -> None:
    """Each counted line waits that long; other sessions are not held up."""
    cli.type("configure")
    firewall.faults.slow(0.3)
    began = time.monotonic()
    cli.type("address a1")
    assert time.monotonic() - began >= 0.3
    firewall.faults.clear()
    began = time.monotonic()
    cli.type("exit")
    assert time.monotonic() - began < 0.3


def test_the_controller_refuses_the_call_that_was_chosen(api: Api, adc: Adc) -> None:
    """Reads do not count; the second write is refused and not executed."""
    adc.faults.refuse(2)
    before = adc.state()
    assert api.call("POST", "/rc/custom-address-group", GROUP).status_code == 200
    assert api.call("GET", "/rc/custom-address-group").status_code == 200
    refused = api.call("DELETE", "/rc/custom-address-group/新组")
    assert (refused.status_code, set(refused.json())) == (400, {"err_code", "msg", "debug"})
    assert api.call("DELETE", "/rc/custom-address-group/新组").status_code == 200
    assert adc.state() == before


@pytest.mark.parametrize("executed", [False, True])
def test_the_controller_drops_a_call(api: Api, adc: Adc, executed: bool) -> None:
    """No answer comes; the object is there only if the call was executed first. The next call is answered."""
    adc.faults.drop(1, executed)
    with pytest.raises(requests.ConnectionError):
        api.call("POST", "/rc/custom-address-group", GROUP)
    assert adc.lines[-1].accepted is executed
    assert api.call("GET", "/rc/custom-address-group/新组").status_code == (200 if executed else 404)


def test_the_controller_can_be_slow(api: Api, adc: Adc) -> None:
    """Writes wait, reads do not."""
    adc.faults.slow(0.3)
    began = time.monotonic()
    api.call("POST", "/rc/custom-address-group", GROUP)
    assert time.monotonic() - began >= 0.3
