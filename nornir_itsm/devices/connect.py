"""Sessions through Nornir's connections: opened strictly, closed after use, failures in plain words."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.devices.bastion import bastion_of, way_of
from nornir_itsm.devices.cli_session import CliSession, Patience
from nornir_itsm.devices.credentials import account, resolve, resolve_username
from nornir_itsm.devices.failures import Way, explained
from nornir_itsm.devices.rest import CONNECTION as REST
from nornir_itsm.devices.wire import Wire
from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.platforms import PLATFORMS, CliPlatform, Platform

if TYPE_CHECKING:
    from netmiko import BaseConnection
    from nornir.core.inventory import Host
    from nornir.core.task import Task

    from nornir_itsm.sources.sangfor_ad import SangforAd

CLI = "netmiko"


@dataclass(frozen=True, slots=True)
class Reach:
    """How devices are reached: the host keys that are trusted, and how long to wait.

    ``systems``: host -> the virtual system of it that sessions work in.
    """

    known_hosts: Path
    patience: Patience = field(default_factory=Patience)
    systems: Mapping[str, str] = field(default_factory=dict)

    def extras(self) -> dict[str, Any]:
        """Return netmiko's options that make it refuse every host key but the known ones."""
        return {
            "ssh_strict": True,
            "system_host_keys": False,
            "alt_host_keys": True,
            "alt_key_file": str(self.known_hosts),
            "use_keys": False,
            "allow_agent": False,
        }


def platform_of(host: "Host") -> Platform:
    """Return the platform of a host. Raises ConfigError for one that nobody knows."""
    known = PLATFORMS.get(host.platform or "")
    if known is None:
        raise ConfigError(host.name, f"unknown platform {host.platform!r}", f"one of {', '.join(PLATFORMS)}")
    return known


@contextmanager
def cli_session(
    task: "Task", reach: Reach, platform: CliPlatform, *, write: bool = False
) -> Iterator[CliSession]:
    """Open a session of its own on the task's host, logged in; to *write*, with the account for that.

    Raises SourceError or ConfigError.
    """
    host = task.host
    quiet_libraries()
    if not reach.known_hosts.is_file():
        hint = "put the host keys of the devices there, checked by another way"
        raise ConfigError(host.name, f"there is no file of known host keys {reach.known_hosts}", hint)
    discard(host, CLI)
    options = host.get_connection_parameters(CLI)
    user, secret = account(host, CLI, write=write)
    times = dict.fromkeys(("conn_timeout", "auth_timeout", "banner_timeout"), reach.patience.connect)
    username, password = resolve_username(user, host.name), resolve(secret, host.name)
    bastion = bastion_of(host)
    way = way_of(bastion, host, options.port or 22, username, password) if bastion else None
    host.open_connection(
        CLI,
        configuration=task.nornir.config,
        hostname=bastion.hostname if bastion else options.hostname,
        port=bastion.port if bastion else options.port,
        username=way.username if way else username,
        password=way.password if way else password,
        platform=platform.device_type,
        extras={**(options.extras or {}), **times, **reach.extras(), "auto_connect": False},
    )
    connection: BaseConnection = host.connections[CLI].connection
    try:
        _establish(host.name, connection, reach.known_hosts)
        if way:
            way.walk(Wire(connection, platform.encoding), reach.patience.line)
        session = CliSession(host.name, platform, connection, reach.patience)
        if system := reach.systems.get(host.name):
            session.descend(system)
        yield session
    finally:
        # First, so that netmiko's own farewell reaches nobody: it begins with an empty line, which would
        # answer a pending question with the device's default.
        if connection.remote_conn is not None:
            connection.paramiko_cleanup()
        discard(host, CLI)


@contextmanager
def rest_session(task: "Task", reach: Reach, *, write: bool = False) -> Iterator["SangforAd"]:
    """Open a client of its own for the task's host. Raises ConfigError; the first call finds the rest."""
    host = task.host
    discard(host, REST)
    options = host.get_connection_parameters(REST)
    extras = {"device": host.name, "timeout": reach.patience.line, **(options.extras or {})}
    username, password = account(host, REST, write=write)
    host.open_connection(
        REST, configuration=task.nornir.config, username=username, password=password, extras=extras
    )
    try:
        yield host.connections[REST].connection
    finally:
        discard(host, REST)


def discard(host: "Host", name: str) -> None:
    """Close the host's connection of that name, where it has one."""
    if name in host.connections:
        host.close_connection(name)


def _establish(device: str, connection: "BaseConnection", known_hosts: Path) -> None:
    from netmiko.exceptions import NetmikoBaseException
    from paramiko.ssh_exception import SSHException  # type: ignore[import-untyped]

    try:
        connection.establish_connection()
    except (NetmikoBaseException, SSHException, OSError, EOFError) as error:
        place = f"{connection.host}:{connection.port}"
        raise explained(Way(device, place, connection.username, known_hosts), error)[1] from None
    except ValueError:  # paramiko, while it reads the file: a key that is none
        problem = f"{known_hosts} holds a line that is no host key"
        raise SourceError(device, problem, "restore the file, or take the key in again") from None


def quiet_libraries() -> None:
    """Keep libraries from printing tracebacks of what is reported here in words."""
    for name in ("paramiko", "netmiko", "nornir"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
