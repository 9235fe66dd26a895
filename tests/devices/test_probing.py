"""What a probing host is asked, and how its answers read: with bash itself, on loopback."""

import re
import socket
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.devices.probing import commands, echoes
from nornir_itsm.model.probe import Echo, Target


def typed(targets: list[Target]) -> str:
    """Let a shell do what a probing host is asked; return what it says."""
    lines = "\n".join(commands(targets))
    return subprocess.run(["bash"], input=lines, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_port_that_listens_is_told_from_one_that_does_not(family: int, address: str) -> None:
    """Both of one line, whichever answers first, in either family."""
    with socket.socket(family) as listening, socket.socket(family) as closed:
        for one in (listening, closed):
            one.bind((address, 0))
        listening.listen()
        targets = [Target(address, one.getsockname()[1]) for one in (listening, closed)]
        assert echoes([typed(targets)], targets) == {targets[0]: "open", targets[1]: "refused"}


@pytest.mark.parametrize(
    ("line", "echo"),
    [
        ("192.0.2.1/443 124 ", "silent"),
        ("192.0.2.1/443 1 No route to host", "unreachable"),
        ("192.0.2.1/443 1 Network is unreachable", "unreachable"),
        ("192.0.2.1/443 127 command not found", "untried"),
        ("192.0.2.2/443 0 ", "untried"),
        ("", "untried"),
    ],
)
def test_what_is_not_understood_proves_nothing(line: str, echo: Echo) -> None:
    """Neither does what is said of another target."""
    target = Target("192.0.2.1", 443)
    assert echoes([line], [target]) == {target: echo}


@given(
    st.lists(st.builds(Target, st.ip_addresses().map(str), st.integers(1, 65535)), max_size=20, unique=True)
)
def test_every_target_is_in_one_line(targets: list[Target]) -> None:
    """And nothing else is typed than addresses and numbers in a fixed frame."""
    first, *lines = commands(targets)
    listed = [re.fullmatch(r"\(for t in ([0-9a-f:./ ]+); do .*", line) for line in lines]
    assert [word for match in listed if match for word in match[1].split()] == [
        f"{target.address}/{target.port}" for target in targets
    ]
    assert all(listed)
    assert first == "set +o emacs +o vi"
