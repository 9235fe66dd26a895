"""Does a device answer on its port? Nothing is sent that could change it, and nobody logs in."""

import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from nornir_itsm.platforms import PLATFORMS

if TYPE_CHECKING:
    from nornir.core import Nornir
    from nornir.core.inventory import Host
    from nornir.core.task import Result, Task

_SSH = 22
_BANNER = 256


def sample(hosts: Mapping[str, "Host"], most: int) -> list[str]:
    """Return so many names, of as many platforms as can be."""
    platforms: dict[str, list[str]] = {}
    for name, host in hosts.items():
        platforms.setdefault(host.platform or "", []).append(name)
    chosen: list[str] = []
    queues = [list(reversed(names)) for names in platforms.values()]
    while queues and len(chosen) < most:
        queues = [queue for queue in queues if queue]
        chosen += (queue.pop() for queue in queues)
    return chosen[:most]


def probe(nornir: "Nornir", names: Iterable[str], timeout: float = 3.0) -> dict[str, str]:
    """Return what is wrong with each of these devices, empty where it answers. They are asked in parallel."""
    wanted = set(names)
    chosen = nornir.filter(filter_func=lambda host: host.name in wanted)
    results = chosen.run(task=_probe, name="probe", timeout=timeout, on_failed=True)
    return {name: str(result[0].result) for name, result in results.items()}


def _probe(task: "Task", timeout: float) -> "Result":
    from nornir.core.task import Result

    try:
        return Result(task.host, _answers(task.host, timeout))
    except TimeoutError:
        return Result(task.host, f"no answer within {timeout:g} s")
    except ssl.SSLError as error:
        return Result(task.host, f"its certificate is not accepted: {error.reason or error}")
    except OSError as error:
        return Result(task.host, error.strerror or str(error))


def _answers(host: "Host", timeout: float) -> str:
    platform = PLATFORMS.get(host.platform or "")
    port = host.port or (platform.port if platform else _SSH)
    with closing(socket.create_connection((host.hostname or "", port), timeout=timeout)) as plain:
        if platform and platform.rest:
            return _tls(host, plain)
        if "netmiko" in host.connection_options:
            said = plain.recv(_BANNER)
            return "" if said.startswith(b"SSH-") else f"port {port} does not speak SSH"
    return ""


def _tls(host: "Host", plain: socket.socket) -> str:
    extras: dict[str, Any] = host.get_connection_parameters("itsm-rest").extras or {}
    if not extras.get("ca"):
        return "no CA file (column ca)"
    try:
        context = ssl.create_default_context(cafile=str(extras["ca"]))
    except OSError:
        return f"CA file {extras['ca']} cannot be read"
    with context.wrap_socket(plain, server_hostname=host.hostname):
        return ""
