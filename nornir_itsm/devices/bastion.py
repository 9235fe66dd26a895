"""Devices behind a bastion (堡垒机): its address instead of theirs, and a dialog before their prompt.

Declared as host data ``bastion``, for a group or a single device, as a mapping:

* ``hostname``, ``port``: where the bastion listens (22).
* ``username``: may be composed, ``{operator}@{username}@{hostname}``; usual: that of the device.
* ``password``: a reference; usual: that of the device.
* ``values``: name -> reference (``env:``, ``file:``, or ``command:`` and a program that prints it, such as a
  one-time password), to be used as ``{name}``.
* ``steps``: what is asked after login, in order: ``expect`` (a pattern for the end of what is shown) and
  ``send``. ``{username}``, ``{password}``, ``{hostname}``, ``{port}`` and ``{name}`` are the device's.
* ``refused``: a pattern that means no, wherever it is shown.

No step waits for the device's own prompt: what follows the last one is the device's.
"""

import re
import shlex
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nornir_itsm.devices.credentials import resolve
from nornir_itsm.devices.redaction import redact
from nornir_itsm.devices.terminal import as_seen
from nornir_itsm.devices.wire import SessionLost, Wire
from nornir_itsm.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from nornir.core.inventory import Host

KEY = "bastion"
_KEYS = {"hostname", "port", "username", "password", "values", "steps", "refused"}
_COMMAND = "command:"
_COMMAND_SECONDS = 30
_FIELD = re.compile(r"\{([a-z_]+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_QUIET = 0.2
"""Seconds of silence after which what is shown is taken for a question."""


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the dialog and its answer, whose fields are still to be filled."""

    expect: re.Pattern[str]
    send: str


@dataclass(frozen=True, slots=True)
class Bastion:
    """One declared bastion, checked."""

    hostname: str
    port: int = 22
    username: str = "{username}"
    password: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    refused: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A bastion with everything filled in for one device; made for one login and not kept."""

    bastion: Bastion
    fields: Mapping[str, str] = field(repr=False)
    device: str

    @property
    def username(self) -> str:
        """The user name at the bastion."""
        return self._filled(self.bastion.username)

    @property
    def password(self) -> str:
        """The password at the bastion."""
        if not self.bastion.password:
            return self.fields["password"]
        return _value(self.bastion.password, self.device)

    @property
    def _secrets(self) -> tuple[str, ...]:
        told = {"username", "hostname", "port", "name"}
        return tuple(value for name, value in self.fields.items() if name not in told)

    def walk(self, wire: Wire, seconds: float) -> None:
        """Answer the dialog, question by question. Raises SourceError, also for what nobody declared."""
        for number, step in enumerate(self.bastion.steps, start=1):
            self._await(wire, step, number, seconds)
            wire.write(self._filled(step.send) + "\n", seconds)

    def _await(self, wire: Wire, step: Step, number: int, seconds: float) -> None:
        shown, end = "", time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                piece = wire.read(_QUIET)
            except SessionLost as lost:
                raise self._trouble(number, f"{lost.reason}, after {self._short(shown)!r}") from None
            shown += piece
            seen = as_seen(shown)
            if self.bastion.refused and (no := self.bastion.refused.search(seen)):
                raise self._trouble(number, f"the bastion refused: {self._short(seen[no.start() :])}")
            if not piece and step.expect.search(seen):
                return
        hint = f"{step.expect.pattern!r} was expected; correct the steps, or the account's rights there"
        raise self._trouble(number, f"asked for something else: {self._short(as_seen(shown))!r}", hint)

    def _trouble(self, number: int, problem: str, hint: str = "look at the bastion by hand") -> SourceError:
        return SourceError(self.device, f"bastion {self.bastion.hostname}, step {number}: {problem}", hint)

    def _short(self, text: str) -> str:
        return " ".join(redact(text, *self._secrets).split())[-300:]

    def _filled(self, template: str) -> str:
        text = _FIELD.sub(lambda name: self.fields[name[1]], template)
        if _CONTROL.search(text):
            raise ConfigError(self.device, "an answer to its bastion is more than one line", "correct values")
        return text


def bastion_of(host: "Host") -> Bastion | None:
    """Return the bastion of a host, None where it is reached directly. Raises ConfigError."""
    told = host.get(KEY)
    if not told:
        return None
    if not isinstance(told, Mapping) or not told.get("hostname") or told.keys() - _KEYS:
        stranger = ", ".join(sorted(map(str, told.keys() - _KEYS))) if isinstance(told, Mapping) else ""
        problem = f"host data {KEY}: {f'unknown key {stranger}' if stranger else 'hostname is missing'}"
        raise ConfigError(host.name, problem, f"a mapping of {', '.join(sorted(_KEYS))}")
    try:
        return Bastion(
            hostname=str(told["hostname"]),
            port=int(told.get("port", 22)),
            username=str(told.get("username", "{username}")),
            password=str(told.get("password", "")),
            values={str(name): str(reference) for name, reference in dict(told.get("values") or {}).items()},
            steps=tuple(_step(one) for one in told.get("steps") or ()),
            refused=re.compile(str(told["refused"])) if told.get("refused") else None,
        )
    except (KeyError, TypeError, ValueError, re.error) as error:
        hint = "steps are mappings of expect and send; expect and refused are patterns"
        raise ConfigError(host.name, f"host data {KEY}: {error}", hint) from None


def _step(told: Any) -> Step:
    return Step(re.compile(f"(?:{told['expect']})\\s*\\Z"), str(told["send"]))


def way_of(bastion: Bastion, host: "Host", port: int, username: str, password: str) -> Way:
    """Fill a bastion in for a device. Raises ConfigError for a field that nobody gives."""
    fields = {
        "name": host.name,
        "hostname": host.hostname or "",
        "port": str(port),
        "username": username,
        "password": password,
    }
    wanted = {
        name for text in (bastion.username, *(s.send for s in bastion.steps)) for name in _FIELD.findall(text)
    }
    if unknown := wanted - fields.keys() - bastion.values.keys():
        hint = f"known: {', '.join(sorted({*fields, *bastion.values}))}"
        raise ConfigError(host.name, f"host data {KEY}: nothing gives {', '.join(sorted(unknown))}", hint)
    own = {name: _value(bastion.values[name], host.name) for name in sorted(wanted & bastion.values.keys())}
    return Way(bastion, {**fields, **own}, host.name)


def _value(reference: str, device: str) -> str:
    if not reference.startswith(_COMMAND):
        return resolve(reference, device)
    command = shlex.split(reference.removeprefix(_COMMAND))
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=True)
        said = done.stdout.strip().splitlines()
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        problem = (
            f"{command[0] if command else _COMMAND}: {type(error).__name__}"  # it may have printed a secret
        )
        raise ConfigError(device, problem, "run it by hand: it must print one line and end well") from None
    if len(said) != 1:
        raise ConfigError(device, f"{command[0]} printed {len(said)} lines", "it must print one line")
    return said[0]
