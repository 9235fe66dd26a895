"""collect.yaml: what to ask of whom, and how gently; every key and every command checked."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from nornir_itsm.model.questions import CLOUD, Limit, Pace, Questions
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.settings.shape import CLOSED, shaped
from nornir_itsm.settings.yaml_file import Fault, Loc, read_yaml

_READS = re.compile(
    r"(?:display|show|nft list|ip (?:-[46] )?(?:addr|route|link|neigh) show|uname)\b[^\x00-\x1f\x7f?;&><`$]*"
)
"""What only looks. No other command is typed by a collection, whatever the file says."""
_ACTS = re.compile(r"[\x00-\x1f\x7f?;&><`$]")
"""What a device or a shell would act on before the line ends, or beyond it."""
_FILTERS = ("begin", "count", "exclude", "include", "no-more", "section")
"""What may stand behind a pipe: others write to files or elsewhere."""


@dataclass(frozen=True, slots=True)
class _Times:
    connect: float = 15.0
    command: float = 120.0
    host: float = 600.0
    run: float = 0.0


@dataclass(frozen=True, slots=True)
class _Attempts:
    count: int = 3
    wait: float = 2.0


@dataclass(frozen=True, slots=True)
class _Limits:
    everything: Limit = field(default_factory=Limit)
    device: Limit = field(default_factory=lambda: Limit(at_once=1))
    groups: dict[str, Limit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _File:
    """The whole file."""

    commands: dict[str, dict[str, tuple[str, ...]]]
    processes: int = 1
    threads: int = 50
    attempts: _Attempts = _Attempts()
    seconds: _Times = _Times()
    limits: _Limits = _Limits()
    never_together: tuple[tuple[str, ...], ...] = ()
    __pydantic_config__: ClassVar[dict[str, str]] = CLOSED


def load_questions(path: Path) -> Questions:
    """Read collect.yaml. Raises ConfigError that names line and key of everything that is wrong."""
    file = read_yaml(path, "see inventory/collect.yaml of the example, and user_defined.itsm.collect")
    found: Any = shaped(file, _File)
    file.refuse([*_command_faults(found), *_number_faults(found)])
    pace = Pace(
        processes=found.processes,
        threads=found.threads,
        attempts=found.attempts.count,
        wait=found.attempts.wait,
        connect=found.seconds.connect,
        command=found.seconds.command,
        host=found.seconds.host,
        run=found.seconds.run,
        everything=found.limits.everything,
        device=found.limits.device,
        groups=found.limits.groups,
        never_together=found.never_together,
    )
    return Questions(found.commands, pace)


def _command_faults(found: _File) -> Iterator[Fault]:
    for platform, roles in found.commands.items():
        known = PLATFORMS.get(platform)
        documents: Collection[str] | None = known.rest.documents if known and known.rest else None
        if platform == CLOUD:
            from nornir_itsm.sources.cloud_console import DOCUMENTS

            documents = DOCUMENTS
        for role, commands in roles.items():
            for index, command in enumerate(commands):
                at: Loc = ("commands", platform, role, index)
                if documents is not None and command not in documents:
                    yield Fault(
                        at, f"{platform} has no document {command!r}", f"one of {', '.join(documents)}"
                    )
                elif documents is None and not _only_reads(command):
                    hint = f"display ... or show ..., behind a pipe only {', '.join(_FILTERS)}"
                    yield Fault(at, "is no command that only looks", hint)


def _only_reads(command: str) -> bool:
    head, *filters = (part.strip() for part in command.split("|"))
    named = all(part.split()[:1] and part.split()[0] in _FILTERS for part in filters)
    return bool(_READS.fullmatch(head)) and named and not _ACTS.search(command)


def _number_faults(found: _File) -> Iterator[Fault]:
    """Numbers that would mean nothing, or never."""
    if not 0 <= found.processes <= 64:
        yield Fault(("processes",), "must be 0 (one for each core) to 64")
    if not 1 <= found.threads <= 1000:
        yield Fault(("threads",), "must be 1 to 1000", "more than 50 are slower, not faster")
    if found.attempts.count < 1 or found.attempts.wait < 0:
        yield Fault(("attempts",), "count must be 1 or more, wait 0 or more")
    for name in ("connect", "command"):
        if getattr(found.seconds, name) <= 0:
            yield Fault(("seconds", name), "must be more than 0")
    limits = {"everything": found.limits.everything, "device": found.limits.device, **found.limits.groups}
    for name, limit in limits.items():
        if limit.at_once < 0 or limit.logins_per_minute < 0:
            yield Fault(("limits", name), "must not be negative", "0 is no limit")
