"""The tests' own clients: netmiko on the firewall's command line, requests on the controller's API."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from nornir_itsm.lab import Lab
from nornir_itsm.lab.rig import FIREWALL

PROJECT = Path(__file__).parents[2]
SNAPSHOT = PROJECT / "inventory" / "snapshot"
PROMPT = r"DC1-ISP-FW01(?:\(config[a-z-]*\))?# $"


@dataclass
class Cli:
    """A netmiko session, typed into line by line."""

    connection: Any

    def type(self, line: str, expect: str = PROMPT) -> str:
        """Type *line* and return what the device printed after it, up to what was expected."""
        self.connection.write_channel(f"{line}\n")
        seen = str(self.connection.read_until_pattern(expect, read_timeout=10)).replace("\r", "")
        echo, _, answer = seen.partition("\n")
        assert echo == line
        return answer

    def types(self, *lines: str) -> list[str]:
        """Type several lines and return the answers without the prompt that follows."""
        return [self.type(line).rpartition("\n")[0] for line in lines]

    def is_cut(self) -> bool:
        """Say whether the device has cut the connection, or does so within seconds."""
        self.connection.remote_conn.transport.join(5)
        return not self.connection.remote_conn.transport.is_alive()

    def hang_up(self) -> None:
        """Go away without a goodbye."""
        self.connection.remote_conn.transport.close()

    def configure(self, *lines: str) -> None:
        """Type lines in configuration mode and leave it; every one must be taken."""
        for line in ("configure", *lines, "end"):
            answer = self.type(line)
            assert "^-----" not in answer, answer
            assert "Error" not in answer, answer


@dataclass
class Api:
    """The controller's API through requests."""

    base: str
    session: requests.Session

    def call(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        """Send one call."""
        return self.session.request(method, self.base + path, json=body, params=query, timeout=10)


def open_cli(lab: Lab, password: str | None = None, user: str = "admin") -> Cli:
    """Log in with netmiko, host key checked."""
    from netmiko import ConnectHandler

    secret = (lab.directory / "firewall.password").read_text() if password is None else password
    connection = ConnectHandler(
        device_type="hillstone_stoneos",
        host="127.0.0.1",
        port=lab.ports[FIREWALL],
        username=user,
        password=secret,
        ssh_strict=True,
        alt_host_keys=True,
        alt_key_file=str(lab.directory / "known_hosts"),
    )
    connection.clear_buffer()
    return Cli(connection)
