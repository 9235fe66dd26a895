"""config.yaml: a Nornir configuration whose ``user_defined.itsm`` holds what is ours."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from nornir_itsm.references import is_reference
from nornir_itsm.settings.shape import CLOSED, shaped
from nornir_itsm.settings.sources import SHAPES, AliyunShape, Sources, source_faults
from nornir_itsm.settings.yaml_file import Fault, Loc, YamlFile, read_yaml

Role = Literal["author", "approver"]

_ITSM: Loc = ("user_defined", "itsm")
_TOKEN = re.compile(r"sha256:[0-9a-f]{64}")
_NORNIR_PATHS = ("path", "host_file", "group_file", "defaults_file", "ca")
"""Inventory options that are files: of our plugins, and of Nornir's SimpleInventory."""
_NORNIR_NESTED = ("inventories", "options", "cache", "accounts")
"""Inventory options that hold such options in turn. Others (groups, data) may mean anything by a path."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may write or approve changes.

    ``account``: name of the operating system account. ``token``: ``sha256:`` and the hex digest of a
    secret that only this user has. ``acts_for``: names that ``--as`` may be given by this user.
    """

    name: str
    roles: tuple[Role, ...]
    account: str = ""
    token: str = ""
    acts_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The ticket system."""

    kind: Literal["folder"] = "folder"
    path: Path = Path("var/tickets")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What every ticket says: 变更类型 -> 影响服务, fields that never change, and when a day's work ends."""

    services: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    until: str = ""
    __pydantic_config__: ClassVar[Mapping[str, str]] = CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Itsm:
    """``user_defined.itsm`` as it stands in the file; what is left out has the value given here."""

    site: Path = Path("inventory/site.yaml")
    state: str = "var/state.sqlite"
    """The one store: a file (SQLite), or a ``postgresql://`` URL, with a password only by reference
    (``env:NAME``, ``file:/path``, ``keyring:SERVICE/USER``) to all of it."""
    output: Path = Path("var/changes")
    templates: Path = Path("templates")
    own_templates: Path | None = None
    """A folder whose files take the place of those of ``templates``, one by one."""
    ttp_templates: Path = Path("ttp_templates")
    runbooks: Path = Path("runbooks")
    known_hosts: Path = Path("inventory/known_hosts")
    collect: Path = Path("inventory/collect.yaml")
    sources: Sources = field(default_factory=Sources)
    desk: Desk = Desk()
    ticket: Ticket = Ticket()
    users: tuple[User, ...] = ()
    __pydantic_config__: ClassVar[Mapping[str, str]] = CLOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Itsm):
    """config.yaml, checked; every path is absolute.

    ``config``: the file itself. ``nornir``: what InitNornir takes as keywords (inventory, runner,
    logging ... without ``user_defined``), the inventory's files absolute too.
    """

    config: Path
    nornir: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state_file(self) -> Path | None:
        """The file of the store; None where it is on a server."""
        return None if _elsewhere(self.state) else Path(self.state)

    def user(self, name: str) -> User | None:
        """Return the user of that name."""
        return next((user for user in self.users if user.name == name), None)


@dataclass(frozen=True, slots=True)
class _Inventory:
    plugin: str
    options: dict[str, Any] = field(default_factory=dict)
    transform_function: str | None = None
    transform_function_options: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Runner:
    plugin: str = "threaded"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _UserDefined:
    itsm: Itsm
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "ignore"}  # others may keep theirs here


@dataclass(frozen=True, slots=True)
class _File:
    """The whole file: the keys of a Nornir 3.6 configuration."""

    inventory: _Inventory
    user_defined: _UserDefined
    runner: _Runner = _Runner()
    core: dict[str, Any] | None = None
    ssh: dict[str, Any] | None = None
    logging: dict[str, Any] | None = None
    __pydantic_config__: ClassVar[Mapping[str, str]] = CLOSED


def load_settings(config: Path) -> Settings:
    """Read config.yaml; relative paths count from its folder.

    Raises ConfigError that names file, line and key of everything that is wrong.
    """
    config = Path(os.path.abspath(config))
    file = read_yaml(config, "say where it is with --config, or start from the example config.yaml")
    itsm = shaped(file, _File).user_defined.itsm
    people = (*_user_faults(itsm.users), *_ticket_faults(itsm.ticket))
    file.refuse(
        [
            *_path_faults(file),
            *_state_faults(itsm.state),
            *people,
            *source_faults(itsm.sources, (*_ITSM, "sources")),
        ]
    )
    ours = {part.name: _absolute(getattr(itsm, part.name), config.parent) for part in fields(Itsm)}
    if not _elsewhere(itsm.state):
        ours["state"] = str(_absolute(Path(itsm.state), config.parent))
    return Settings(config=config, nornir=_nornir(file, config.parent), **ours)


def _absolute(value: Any, root: Path) -> Any:
    """Make every path in *value* absolute, without following links."""
    match value:
        case Path():
            return Path(os.path.abspath(root / value.expanduser()))
        case dict():
            return {key: _absolute(one, root) for key, one in value.items()}
        case AliyunShape():
            return replace(value, accounts=tuple(_located(one, root) for one in value.accounts))
        case _ if isinstance(value, (Desk, *SHAPES)):
            parts = {part.name: _absolute(getattr(value, part.name), root) for part in fields(value)}
            return type(value)(**parts)
    return value


def _nornir(file: YamlFile, root: Path) -> Mapping[str, Any]:
    nornir = {key: value for key, value in file.plain.items() if key != "user_defined" and value is not None}
    options = _located(nornir["inventory"].get("options") or {}, root)
    return {**nornir, "inventory": {**nornir["inventory"], "options": options}}


def _located(options: Any, root: Path) -> Any:
    """Make the files in an inventory's options absolute, those of the inventories it is made of too."""
    match options:
        case list():
            return [_located(one, root) for one in options]
        case dict():
            nested = {key: _located(options[key], root) for key in _NORNIR_NESTED if key in options}
            files = {key: _file(options[key], root) for key in _NORNIR_PATHS if key in options}
            return {**options, **nested, **files}
    return options


def _file(named: Any, root: Path) -> Any:
    match named:
        case str():
            return str(_absolute(Path(named), root))
        case list():
            return [_file(one, root) for one in named]
    return named


def _path_faults(file: YamlFile) -> Iterator[Fault]:
    """An empty path would mean the folder itself."""
    itsm = file.plain["user_defined"]["itsm"]
    places: list[Loc] = [(part.name,) for part in fields(Itsm)]
    places += [("desk", "path"), ("sources", "cloud", "snapshot"), ("sources", "ipam", "snapshot")]
    for at in places:
        value: Any = itsm
        for part in at:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, str) and not value.strip():
            yield Fault((*_ITSM, *at), "is empty", "write a path, or leave the key out for the usual one")


def _elsewhere(state: str) -> bool:
    return "://" in state or is_reference(state)


def _state_faults(state: str) -> Iterator[Fault]:
    """A URL may stand in the file as long as it holds no password."""
    if "://" in state and not is_reference(state) and urlsplit(state).password:
        yield Fault((*_ITSM, "state"), "holds a password", "write env:NAME, and the URL in that variable")


def _ticket_faults(ticket: Ticket) -> Iterator[Fault]:
    if ticket.until and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", ticket.until):
        yield Fault((*_ITSM, "ticket", "until"), "is no time of day", 'write "17:00", in quotes')


def _user_faults(users: tuple[User, ...]) -> Iterator[Fault]:
    names = {user.name for user in users}
    seen: dict[tuple[str, str], int] = {}
    for index, user in enumerate(users):
        at: Loc = (*_ITSM, "users", index)
        if not user.name.strip():
            yield Fault((*at, "name"), "is empty", "write the name that approvals will carry")
        if not user.roles:
            yield Fault((*at, "roles"), "is empty", "write author, approver or both")
        if user.token and not _TOKEN.fullmatch(user.token):  # its value is never repeated: it may be a secret
            yield Fault(
                (*at, "token"), "is no sha256 digest", "write sha256: and 64 hex digits of the digest"
            )
        for position, other in enumerate(user.acts_for):
            if other not in names:
                yield Fault((*at, "acts_for", position), f"no user is called {other!r}", "see users")
        for key in ("name", "account", "token"):
            value = getattr(user, key)
            if value and seen.setdefault((key, value), index) != index:
                yield Fault((*at, key), f"is that of user {users[seen[key, value]].name!r} too", "one each")
