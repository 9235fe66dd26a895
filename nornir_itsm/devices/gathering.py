"""Nornir task: ask one host everything that is declared for it, and bring home what it gave."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nornir_itsm.devices import rest_tasks
from nornir_itsm.devices.admission import Admission, names_of
from nornir_itsm.devices.aliyun_api import CONNECTION as ALIYUN
from nornir_itsm.devices.bastion import bastion_of, way_of
from nornir_itsm.devices.cli_session import Patience
from nornir_itsm.devices.connect import CLI, Reach, discard
from nornir_itsm.devices.credentials import resolve, resolve_username
from nornir_itsm.devices.failures import WORTH_ANOTHER_TRY, Cause, Way, explained
from nornir_itsm.devices.itsm_netmiko import CONNECTION
from nornir_itsm.devices.redaction import redact
from nornir_itsm.devices.until import Cancelled, Expired, Until
from nornir_itsm.devices.wire import Wire
from nornir_itsm.errors import ChangeError, ConfigError, SourceError
from nornir_itsm.model.collected import Anomaly, Collected, Output, Parsed
from nornir_itsm.model.questions import CLOUD, Gathered, Pace
from nornir_itsm.platforms import PLATFORMS

if TYPE_CHECKING:
    from nornir.core.inventory import ConnectionOptions, Host
    from nornir.core.task import Result, Task

Parse = Callable[[str, str, str], Parsed | None]
"""Platform, command and answer -> its table, None where nothing can read it; called in the host's thread."""

_REFUSED = re.compile(
    r"^\s*\^(?:-|\s*$)|^ ?%? ?(?:Error ?:|错误 ?[:：]|Unrecognized|Invalid|Incomplete|Ambiguous|Wrong)"
    r"|Too many parameters|Permission denied|authorization failed",
    re.IGNORECASE | re.MULTILINE,
)
"""Refusals of all vendors; looked for in short answers only, as a configuration may hold any word."""
_LONGEST_REFUSAL = 4


@dataclass(frozen=True, slots=True)
class Errand:
    """One collection: who is asked what, in which time, with which way of reading answers."""

    asked: Mapping[str, tuple[str, ...]]
    """Host -> commands, or documents of a REST device."""
    known_hosts: Path
    pace: Pace
    until: Until
    admission: Admission
    parse: Parse | None = None


@dataclass(slots=True)
class _Yield:
    """What a host has given so far; a command that was answered is not asked again."""

    outputs: dict[str, Output] = field(default_factory=dict)

    def open(self, asked: Sequence[str]) -> list[str]:
        return [command for command in asked if command not in self.outputs]


def gather(task: "Task", errand: Errand) -> "Result":
    """Nornir task: the result is a Gathered, failed where something of what was asked is missing."""
    from nornir.core.task import Result

    host, begun = task.host, time.monotonic()
    asked, given = errand.asked[host.name], _Yield()
    until = errand.until.within(errand.pace.host) if errand.pace.host else errand.until
    cause: Cause | Literal[""] = ""
    problem: ChangeError = SourceError(host.name, "")
    attempt = 0
    while True:
        attempt += 1
        try:
            with errand.admission.session(host.name, names_of(host), until):
                _visit(task, errand, until, given, given.open(asked))
            cause = ""
        except Exception as error:
            cause, problem = _reason(host, errand, error)
        if cause not in WORTH_ANOTHER_TRY or attempt >= errand.pace.attempts:
            break
        try:
            until.sleep(errand.pace.wait * 2 ** (attempt - 1))
        except (Expired, Cancelled):
            break
    outputs = tuple(given.outputs[c] for c in asked if c in given.outputs)
    refused = [f"{o.command}: {line}" for o in outputs if (line := _refusal(o.text))]
    if not cause and refused:
        cause, problem = (
            "refused",
            SourceError(host.name, "; ".join(refused), "not on this release, or no right"),
        )
    collected = Collected(host.name, host.platform or "", outputs, problem.problem if cause else "")
    gathered = Gathered(collected, cause, problem.hint if cause else "", attempt, time.monotonic() - begun)
    return Result(host, gathered, failed=bool(cause))


def _visit(task: "Task", errand: Errand, until: Until, given: _Yield, commands: Sequence[str]) -> None:
    """Ask for what is still open, in a session of its own."""
    platform = PLATFORMS.get(task.host.platform or "")
    if task.host.platform == CLOUD:
        _list(task, errand, given, commands)
        return
    if platform is not None and platform.rest is not None:
        _fetch(task, errand, given, commands)
        return
    _ask(task, errand, until, given, commands)


def _ask(task: "Task", errand: Errand, until: Until, given: _Yield, commands: Sequence[str]) -> None:
    host = task.host
    known = PLATFORMS.get(host.platform or "")
    cli = known.cli if known else None
    options = _options(host)
    discard(host, CONNECTION)
    extras = {**(options.extras or {}), **Reach(errand.known_hosts).extras(), "until": until}
    extras |= dict.fromkeys(("conn_timeout", "auth_timeout", "banner_timeout"), errand.pace.connect)
    extras |= {"encoding": cli.encoding, "prompt": cli.prompt} if cli else {}
    username, password = resolve_username(options.username, host.name), resolve(options.password, host.name)
    bastion = bastion_of(host)
    way = way_of(bastion, host, options.port or 22, username, password) if bastion else None
    if way:
        encoding, patience = extras.get("encoding", "utf-8"), errand.pace.connect
        extras["opened"] = lambda opened: way.walk(Wire(opened, encoding), patience)
    host.open_connection(
        CONNECTION,
        configuration=task.nornir.config,
        hostname=bastion.hostname if bastion else options.hostname,
        port=bastion.port if bastion else options.port,
        username=way.username if way else username,
        password=way.password if way else password,
        platform=cli.device_type if cli else options.platform,
        extras=extras,
        default_to_host_attributes=False,  # they are in the options already
    )
    try:
        connection: Any = host.connections[CONNECTION].connection
        first = cli.terminal if cli else ()  # a refusal does no harm: pages are turned anyway
        for heard in islice(connection.ask_all((*first, *commands), errand.pace.command), len(first), None):
            times = (_when(heard.started), _when(heard.finished))
            given.outputs[heard.command] = _output(host, errand, heard.command, heard.text, times)
    finally:
        discard(host, CONNECTION)


def _fetch(task: "Task", errand: Errand, given: _Yield, names: Sequence[str]) -> None:
    """Fetch the documents of a REST device; their text is JSON."""
    started = time.time()
    reach = Reach(errand.known_hosts, Patience(errand.pace.connect, errand.pace.command, errand.pace.command))
    documents = rest_tasks.read_documents(task, reach)
    times = (_when(started), _when(time.time()))
    missing = [name for name in names if name not in documents]
    for name in names:
        if name in documents:
            text = json.dumps(documents[name], ensure_ascii=False, indent=1)
            given.outputs[name] = _output(task.host, errand, name, text, times)
    if missing:
        hint = f"correct collect.yaml; it has {', '.join(documents)}"
        raise ConfigError(task.host.name, f"has no document {', '.join(missing)}", hint)


def _list(task: "Task", errand: Errand, given: _Yield, names: Sequence[str]) -> None:
    """List what a region of the cloud has, each list whole; one that fails leaves those before it."""
    from nornir_itsm.sources.cloud_console import documents

    host = task.host
    discard(host, ALIYUN)
    api = host.get_connection(ALIYUN, task.nornir.config)
    try:
        for name in names:
            started = time.time()
            text = json.dumps(documents(api, (name,))[name], ensure_ascii=False, indent=1)
            times = (_when(started), _when(time.time()))
            given.outputs[name] = _output(host, errand, name, text, times)
    finally:
        discard(host, ALIYUN)


def _output(host: "Host", errand: Errand, command: str, text: str, times: tuple[str, str]) -> Output:
    try:
        parsed = errand.parse(host.platform or "", command, text) if errand.parse else None
    except ChangeError as error:  # a template that cannot be used is no reason to ask the device again
        parsed = Parsed("", anomalies=(Anomaly(f"{error.problem} ({error.hint})"),))
    return Output(command, text, *times, parsed=parsed)


def _options(host: "Host") -> "ConnectionOptions":
    """Return how to connect: as our own connection is told to, else as netmiko's is."""
    own = CONNECTION in host.connection_options or any(
        CONNECTION in group.connection_options for group in host.extended_groups()
    )
    return host.get_connection_parameters(CONNECTION if own else CLI)


def _reason(host: "Host", errand: Errand, error: Exception) -> tuple[Cause, ChangeError]:
    """Return the cause of a failure, in words without secrets; a bug is raised again."""
    from netmiko.exceptions import NetmikoBaseException
    from paramiko.ssh_exception import SSHException  # type: ignore[import-untyped]

    if isinstance(error, ConfigError):
        return "setup", error
    if isinstance(error, ChangeError):  # a bastion that refuses is a login that is refused
        return ("login" if bastion_of(host) else "unreachable"), error
    if not isinstance(
        error, NetmikoBaseException | SSHException | OSError | EOFError | Expired | Cancelled | ValueError
    ):
        raise error
    options = _options(host)
    way = Way(host.name, f"{options.hostname}:{options.port}", str(options.username), errand.known_hosts)
    cause, said = explained(way, error)
    return cause, SourceError(said.where, redact(said.problem), said.hint)


def _refusal(text: str) -> str:
    """Return the line by which a short answer says that the command was refused; else nothing."""
    if len(text) > 1000:
        return ""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > _LONGEST_REFUSAL or not _REFUSED.search(text):
        return ""
    return redact(max(lines, key=lambda line: len(line.strip())).strip())[:200]


def _when(seconds: float) -> str:
    whole = _second(int(seconds))
    return f"{whole[:19]}.{int(seconds % 1 * 1000):03}{whole[19:]}"


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    """Return local time with its offset; asking for it costs more than the rest of what is noted."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat()
