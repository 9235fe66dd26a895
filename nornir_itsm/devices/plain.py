"""A task, its host and its result as plain data, so that another process can do the work.

Nothing is pickled: a task is named, a host goes with references in the place of secrets, a result is JSON.
"""

import json
import logging
from collections.abc import Callable, Mapping
from functools import reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.references import is_reference

if TYPE_CHECKING:
    from nornir.core.inventory import Host
    from nornir.core.task import MultiResult, Result, Task

Plain = dict[str, Any]

_SECRETS = ("password", "passphrase", "secret", "token")
"""Words in the names of options that hold a secret."""


class RemoteError(Exception):
    """An exception of another process, in words; it keeps the name of its kind."""

    def __init__(self, kind: str, said: str) -> None:
        """Take the name of the exception's class and what it said."""
        super().__init__(f"{kind}: {said}" if said else kind)
        self.kind = kind


def task_plain(task: "Task") -> Plain:
    """Return a task by name. Raises ConfigError where its function or parameters cannot be named."""
    function, where = task.task, f"task {task.name}"
    name = f"{getattr(function, '__module__', '?')}:{getattr(function, '__qualname__', '?')}"
    try:
        found = named(name)
    except (ImportError, AttributeError, ValueError):
        found = None
    if found is not function:
        hint = "define it at the top level of a module that the workers have too"
        raise ConfigError(where, f"{name} cannot be found by its name", hint)
    told = {
        "function": name,
        "name": task.name,
        "params": task.params,
        "dry_run": task.global_dry_run,
        "severity": task.severity_level,
    }
    return _json(told, where, "give it parameters of JSON: texts, numbers, lists, mappings")


def named(name: str) -> Callable[..., Any]:
    """Return the function that ``module:qualname`` names. Raises ImportError, AttributeError, ValueError."""
    module, _, path = name.partition(":")
    start: Any = import_module(module)
    found: Callable[..., Any] = reduce(getattr, path.split("."), start)
    return found


def host_plain(host: "Host") -> Plain:
    """Return a host with what its groups and the defaults give it. Raises ConfigError for a secret in it."""
    groups = host.extended_groups()
    connections = {*host.connection_options, *(name for g in groups for name in g.connection_options)}
    options = {name: host.get_connection_parameters(name).dict() for name in sorted(connections)}
    told = {
        "name": host.name,
        "hostname": host.hostname,
        "port": host.port,
        "username": host.username,
        "password": host.password,
        "platform": host.platform,
        "groups": [group.name for group in groups],
        "data": dict(host.items()),
        "connections": options,
    }
    if secret := _secret(told):
        hint = "write a reference there (env:NAME, file:/path); it is resolved where the work is done"
        raise ConfigError(host.name, f"{secret} is a secret itself and is not handed to a queue", hint)
    return _json(told, host.name, "host data must be JSON: texts, numbers, lists, mappings")


def _secret(value: Any, key: str = "") -> str:
    """Return the name of an option that holds a secret and no reference to it."""
    match value:
        case Mapping():
            return next((found for k, v in value.items() if (found := _secret(v, str(k)))), "")
        case list() | tuple():
            return next((found for one in value if (found := _secret(one, key))), "")
        case str() if value and any(word in key.casefold() for word in _SECRETS):
            return "" if is_reference(value) else key
    return ""


def host_of(told: Mapping[str, Any]) -> "Host":
    """Return the host; its groups are there by name only, what they gave it is its own."""
    from nornir.core.inventory import ConnectionOptions, Group, Host, ParentGroups

    return Host(
        name=told["name"],
        hostname=told["hostname"],
        port=told["port"],
        username=told["username"],
        password=told["password"],
        platform=told["platform"],
        groups=ParentGroups([Group(name) for name in told["groups"]]),
        data=dict(told["data"]),
        connection_options={
            name: ConnectionOptions(**options) for name, options in told["connections"].items()
        },
    )


def results_plain(results: "MultiResult") -> list[Plain]:
    """Return the results of a task and its subtasks. One that is no JSON has failed, and says so."""
    return [_result_plain(one) for one in results]


def _result_plain(one: "Result") -> Plain:
    error = one.exception
    told = {
        "name": one.name,
        "result": one.result if error is None else None,  # else it is a traceback, which may hold anything
        "changed": one.changed,
        "diff": one.diff,
        "failed": one.failed,
        "severity": one.severity_level,
        "error": None if error is None else [type(error).__name__, str(error)],
    }
    try:
        return _json(told, str(one.name), "")
    except ConfigError as wrong:
        said = [ConfigError.__name__, f"its result cannot be handed back: {wrong.problem}"]
        return {**told, "result": None, "failed": True, "severity": logging.ERROR, "error": said}


def failure_plain(name: str, kind: str, said: str) -> list[Plain]:
    """Return the results of a task that could not be run at all: one that failed, with why."""
    whole = {"name": name, "result": None, "changed": False, "diff": "", "failed": True}
    return [{**whole, "severity": logging.ERROR, "error": [kind, said]}]


def results_of(told: list[Plain], task: "Task", host: "Host") -> "MultiResult":
    """Return results as the task would have given them here."""
    from nornir.core.task import MultiResult, Result

    made = MultiResult(task.name)
    for one in told:
        error = RemoteError(*one["error"]) if one["error"] else None
        result = Result(
            host,
            result=one["result"] if error is None else str(error),
            changed=one["changed"],
            diff=one["diff"],
            failed=one["failed"],
            exception=error,
            severity_level=one["severity"],
        )
        result.name = one["name"]
        made.append(result)
    return made


def _json(told: Plain, where: str, hint: str) -> Plain:
    """Return data as it is after a way through JSON; what would be another thing there is refused."""
    try:
        made = json.loads(json.dumps(told, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ConfigError(where, str(error), hint) from None
    return dict(made)
