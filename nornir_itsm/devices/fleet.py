"""The devices as the core sees them: ports.Fleet on a Nornir object."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.devices import cli_tasks, cloud_tasks, rest_tasks
from nornir_itsm.devices.cli_session import Patience
from nornir_itsm.devices.connect import CLI, Reach, platform_of
from nornir_itsm.devices.progress import Progress, Tell
from nornir_itsm.errors import ChangeError, ConfigError, SourceError
from nornir_itsm.model.change import Change
from nornir_itsm.model.facts import PointFacts
from nornir_itsm.model.probe import Echo, Target
from nornir_itsm.model.topology import Point
from nornir_itsm.ports import PushResult

if TYPE_CHECKING:
    from nornir.core import Nornir
    from nornir.core.task import AggregatedResult, MultiResult, Result, Task

Parser = Callable[[Any], PointFacts]
"""Configuration text (CLI) or documents by name (REST) -> facts; called in the device's thread."""

_NORNIR_KEYS = ("inventory", "runner", "logging", "core", "ssh", "user_defined")


def init_nornir(config: Path, known_hosts: Path, settings: Mapping[str, Any] | None = None) -> "Nornir":
    """Return a Nornir made from *config*, whose relative paths count from that file's folder.

    *settings* is what InitNornir takes, where the file was read and checked already. Every host is made
    strict about SSH host keys, for plain Nornir tasks too. Raises ConfigError.
    """
    from nornir import InitNornir
    from nornir.core.exceptions import PluginNotRegistered

    if settings is None:
        settings = _settings(config)
        options = settings.get("inventory", {}).get("options", {})
        if "path" in options:
            options["path"] = str(config.resolve().parent / options["path"])
    try:
        # Nornir's default is a log file in the current folder: tracebacks, with devices' words in them.
        nornir = InitNornir(**{"logging": {"enabled": False}, **settings})
    except (TypeError, PluginNotRegistered) as error:
        raise ConfigError(str(config), f"not a Nornir configuration: {error}", "check its keys") from None
    for host in nornir.inventory.hosts.values():
        if CLI in host.connection_options:
            extras = host.connection_options[CLI].extras or {}
            host.connection_options[CLI].extras = {**extras, **Reach(known_hosts).extras()}
    return nornir


def _settings(config: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe").load(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ConfigError(str(config), f"cannot be read: {error}", "check the file") from None
    if not isinstance(document, dict):
        raise ConfigError(str(config), "is no mapping", "begin with inventory: and runner:")
    return {key: document[key] for key in _NORNIR_KEYS if isinstance(document.get(key), dict)}


class NornirFleet:
    """Asks and writes in Nornir's threads; every session is fresh and closed after use.

    One push or save runs in the caller's thread, so *before* is called there too.
    """

    def __init__(
        self,
        nornir: "Nornir",
        known_hosts: Path,
        parsers: Mapping[str, Parser],
        *,
        points: Mapping[str, Point] | None = None,
        tell: Tell | None = None,
        patience: Patience | None = None,
    ) -> None:
        """*parsers* by device where it has one of its own, else by what a point is read as.

        *tell* hears how far each device is. *points*: what the site says of them: what they are read as (else
        by their platform), and in which virtual system their sessions work.
        """
        watchers = [*nornir.processors, Progress(tell)] if tell else list(nornir.processors)
        self._nornir = nornir.with_processors(watchers)
        said = points or {}
        systems = {name: point.vsys for name, point in said.items() if point.vsys}
        self._reach = Reach(known_hosts, patience or Patience(), systems)
        self._parsers = parsers
        self._reads_as = {name: point.reads_as for name, point in said.items()}
        self._texts: dict[str, str] = {}

    def read(self, points: Iterable[str]) -> Mapping[str, PointFacts]:
        """Collect and parse these points in parallel; see ports.Fleet."""
        self._nornir.data.reset_failed_hosts()
        known = {"parsers": self._parsers, "reads_as": self._reads_as}
        results = self._run(list(points), _collect, name="collect", reach=self._reach, **known)
        for point, result in results.items():
            self._texts[point] = getattr(result[0], "text", "")
        failures = {point: error for point, result in results.items() if (error := _error(result))}
        if failures:
            raise _joined(failures)
        return {point: result[0].result for point, result in results.items()}

    def texts(self, points: Iterable[str]) -> Mapping[str, str]:
        """Return the configuration text of the last read of each point; see ports.Fleet."""
        return {point: text for point in points if (text := self._texts.get(point))}

    def preflight(self, points: Iterable[str]) -> Mapping[str, str]:
        """Return which points must not be written to now, and why; see ports.Fleet."""
        self._nornir.data.reset_failed_hosts()
        reasons: dict[str, str] = {}
        for point, result in self._run(list(points), _preflight, name="preflight", reach=self._reach).items():
            error = _error(result)
            reason = f"{error.problem} ({error.hint})" if error and error.hint else error and error.problem
            reasons[point] = reason or result[0].result
        return {point: reason for point, reason in reasons.items() if reason}

    def push(self, change: Change, before: Callable[[str], None]) -> PushResult:
        """Send *change* in order and stop at the first thing that was not expected; see ports.Fleet.

        Lines are sent, recorded and reported without their indentation; calls as ``METHOD path body``.
        A call that was accepted and then read back differently is ``accepted``, with a problem.
        """
        return self._write(change.device, _push, name="push", reach=self._reach, change=change, before=before)

    def save(self, point: str) -> PushResult:
        """Make the running configuration survive a restart; nothing to do for a REST device."""
        return self._write(point, _save, name="save", reach=self._reach)

    def probe(self, host: str, targets: Sequence[Target]) -> Mapping[Target, Echo]:
        """Let a probing host try connections; see ports.Fleet."""
        from nornir_itsm.devices.probing import probe

        return probe(self._nornir, self._reach.known_hosts, host, targets)

    def _write(self, point: str, task: Callable[..., "Result"], **parameters: Any) -> PushResult:
        from nornir.plugins.runners import SerialRunner

        results = self._run([point], task, SerialRunner(), **parameters)
        result = results[point]
        if isinstance(result[0].result, PushResult):
            return result[0].result
        error = _error(result)
        return PushResult(point, (), error.problem if error else "the task gave no result")

    def _run(
        self, points: list[str], task: Callable[..., "Result"], runner: Any = None, **parameters: Any
    ) -> "AggregatedResult":
        """Run on these points, those that failed before included, and let nobody's failure be forgotten."""
        from nornir.plugins.runners import ThreadedRunner

        strangers = [point for point in points if point not in self._nornir.inventory.hosts]
        if strangers:
            hint = "add it to the device list, or correct its name in site.yaml"
            raise ConfigError(", ".join(strangers), "no such device in the inventory", hint)
        chosen = self._nornir.filter(filter_func=lambda host: host.name in points)
        if runner is None and getattr(chosen.runner, "elsewhere", False):
            runner = ThreadedRunner()  # sessions of a change belong to the process that was approved to write
        if runner is not None:
            chosen = chosen.with_runner(runner)
        return chosen.run(task=task, on_good=True, on_failed=True, raise_on_error=False, **parameters)


def _collect(
    task: "Task", reach: Reach, parsers: Mapping[str, Parser], reads_as: Mapping[str, str]
) -> "Result":
    """Nornir task: facts of one device, parsed in its own thread."""
    from nornir.core.task import Result

    try:
        platform = platform_of(task.host)
        what = reads_as.get(task.host.name, "")
        what = what if what.startswith(f"{platform.name}.") else platform.name
        parse = parsers.get(task.host.name) or parsers.get(what)
        if parse is None:
            raise ConfigError(task.host.name, f"nothing can parse {platform.name}", "add a parser")
        if platform.cli:
            text = cli_tasks.read_configuration(task, reach, platform.cli)
            return Result(task.host, parse(text), text=text)
        if platform.cloud:
            return Result(task.host, parse(cloud_tasks.read_documents(task, platform.cloud)))
        return Result(task.host, parse(rest_tasks.read_documents(task, reach)))
    except ChangeError as error:
        return Result(task.host, error, failed=True)


def _preflight(task: "Task", reach: Reach) -> "Result":
    """Nornir task: why one device must not be written to now."""
    from nornir.core.task import Result

    try:
        platform = platform_of(task.host)
        if platform.cli:
            return Result(task.host, cli_tasks.reason_to_wait(task, reach, platform.cli))
        if platform.cloud:
            return Result(task.host, cloud_tasks.reason_to_wait(task))
        return Result(task.host, rest_tasks.reason_to_wait(task, reach))
    except ChangeError as error:
        return Result(task.host, error, failed=True)


def _push(task: "Task", reach: Reach, change: Change, before: Callable[[str], None]) -> "Result":
    """Nornir task: one change on one device."""
    platform = platform_of(task.host)
    if platform.name != change.platform:
        problem = f"the change is for {change.platform}, the device is {platform.name}: nothing was sent"
        return _transcript(task, PushResult(task.host.name, (), problem))
    if platform.cli:
        return _transcript(task, cli_tasks.push_lines(task, reach, platform.cli, change.commands, before))
    if platform.cloud:
        return _transcript(task, cloud_tasks.push_calls(task, change.calls, before))
    return _transcript(task, rest_tasks.push_calls(task, reach, change.calls, before))


def _save(task: "Task", reach: Reach) -> "Result":
    """Nornir task: save one device. A write persists by itself in a cloud, and (assumed) by REST."""
    platform = platform_of(task.host)
    if platform.cli is None:
        return _transcript(task, PushResult(task.host.name, ()))
    return _transcript(task, cli_tasks.save_running(task, reach, platform.cli))


def _transcript(task: "Task", pushed: PushResult) -> "Result":
    from nornir.core.task import Result

    changed = any(sent.accepted or sent.answer is None for sent in pushed.sent)
    return Result(task.host, pushed, changed=changed, failed=bool(pushed.problem))


def _error(result: "MultiResult") -> ChangeError | None:
    """Return the error of a task in words; a bug is raised again, with its traceback."""
    first = result[0]
    if first.exception is not None and not isinstance(first.exception, ChangeError):
        raise first.exception
    found = first.exception or first.result
    return found if isinstance(found, ChangeError) else None


def _joined(failures: Mapping[str, ChangeError]) -> SourceError:
    problems = "; ".join(f"{point}: {error.problem}" for point, error in failures.items())
    hints = dict.fromkeys(error.hint for error in failures.values() if error.hint)
    if len(failures) == 1:
        problems = next(iter(failures.values())).problem
    return SourceError(", ".join(failures), problems, "; ".join(hints))
