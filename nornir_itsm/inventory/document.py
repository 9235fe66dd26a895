"""A Nornir inventory as plain data, in the shape of Nornir's YAML files, and back: only secrets are lost."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.labels import is_secret
from nornir_itsm.references import HINT, may_be_kept

if TYPE_CHECKING:
    from nornir.core.inventory import ConnectionOptions, Inventory

_TEXTS = ("hostname", "username", "password", "platform")
_ATTRIBUTES = ("hostname", "port", "username", "password", "platform")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Document:
    """An inventory as plain data. ``withheld``: places of secrets that stand in it in clear, and not here."""

    hosts: dict[str, dict[str, Any]]
    groups: dict[str, dict[str, Any]]
    defaults: dict[str, Any]
    withheld: tuple[str, ...] = ()


def document_of(inventory: "Inventory") -> Document:
    """Return an inventory as plain data. Raises ConfigError for data that no file format can hold."""
    withheld: list[str] = []
    hosts = {name: _plain(host, f"hosts.{name}", withheld) for name, host in inventory.hosts.items()}
    groups = {name: _plain(group, f"groups.{name}", withheld) for name, group in inventory.groups.items()}
    defaults = _plain(inventory.defaults, "defaults", withheld)
    return Document(hosts, groups, defaults, tuple(withheld))


def inventory_of(found: Document, where: str) -> "Inventory":
    """Return the inventory of plain data. Raises ConfigError that names the first thing that is wrong."""
    from nornir.core.inventory import Defaults, Group, Groups, Host, Hosts, Inventory, ParentGroups

    defaults = Defaults(**_attributes(found.defaults, "defaults", where, groups=False))
    groups = Groups()
    for name, given in found.groups.items():
        groups[name] = Group(name, defaults=defaults, **_attributes(given, f"groups.{name}", where))
    for name, group in groups.items():
        group.groups = ParentGroups(_parents(found.groups[name], groups, f"groups.{name}", where))
    _refuse_circles(groups, where)
    hosts = Hosts()
    for name, given in found.hosts.items():
        place = f"hosts.{name}"
        host = Host(name, defaults=defaults, **_attributes(given, place, where))
        host.groups = ParentGroups(_parents(given, groups, place, where))
        hosts[name] = host
    return Inventory(hosts, groups, defaults)


def _plain(element: Any, place: str, withheld: list[str]) -> dict[str, Any]:
    """Return what an element says itself, without what it inherits."""
    found = _named(element, place, withheld)
    if groups := [group.name for group in getattr(element, "groups", ())]:
        found["groups"] = groups
    if element.data:
        found["data"] = _checked(element.data, f"{place}.data", withheld)
    if element.connection_options:
        found["connection_options"] = {
            name: _options(options, f"{place}.connection_options.{name}", withheld)
            for name, options in element.connection_options.items()
        }
    return found


def _named(element: Any, place: str, withheld: list[str]) -> dict[str, Any]:
    values = {key: object.__getattribute__(element, key) for key in _ATTRIBUTES}
    found = {key: value for key, value in values.items() if value is not None}
    if "password" in found and not may_be_kept(str(found["password"])):
        del found["password"]
        withheld.append(f"{place}.password")
    return found


def _options(options: "ConnectionOptions", place: str, withheld: list[str]) -> dict[str, Any]:
    found = _named(options, place, withheld)
    if options.extras is None:
        return found
    return {**found, "extras": _checked(options.extras, f"{place}.extras", withheld)}


def _checked(value: Any, place: str, withheld: list[str], depth: int = 0) -> Any:
    """Return data that every format holds: texts, numbers, truth values, lists, maps with texts as keys.

    What stands under a name like ``token`` must be a reference, else it is withheld.
    """
    match value:
        case _ if depth > _DEEPEST:
            raise ConfigError(place, "is nested too deeply", "make it flatter")
        case str() | bool() | int() | None:
            return value
        case float() if math.isfinite(value):
            return value
        case list():
            return [_checked(item, f"{place}[{at}]", withheld, depth + 1) for at, item in enumerate(value)]
        case dict() if all(isinstance(key, str) for key in value):
            open_ones = [key for key, item in value.items() if _is_open(key, item)]
            withheld += (f"{place}.{key}" for key in open_ones)
            return {
                key: _checked(item, f"{place}.{key}", withheld, depth + 1)
                for key, item in value.items()
                if key not in open_ones
            }
    kind = type(value).__name__
    raise ConfigError(place, f"a {kind} cannot be exported", "make it text, number, list or map")


def _is_open(key: str, value: object) -> bool:
    """Say whether this may be a secret in clear."""
    return isinstance(value, str) and bool(value) and is_secret(key) and not may_be_kept(value)


def _attributes(given: object, place: str, where: str, *, groups: bool = True) -> dict[str, Any]:
    """Return what an element is made with. Passwords must be references."""
    if not isinstance(given, Mapping):
        raise ConfigError(where, f"{place} must be a map", "write key: value")
    known = {*_ATTRIBUTES, "data", "connection_options"} | ({"groups"} if groups else set())
    for key in given:
        if key not in known:
            raise ConfigError(where, f"{place}.{key}: unknown key", f"known keys: {', '.join(sorted(known))}")
    found = _simple(given, place, where)
    data = given.get("data") or {}
    options = given.get("connection_options") or {}
    if not isinstance(data, dict) or not isinstance(options, dict):
        raise ConfigError(where, f"{place}: data and connection_options must be maps", "write key: value")
    made = {name: _made_options(one, f"{place}.{name}", where) for name, one in options.items()}
    return {**found, "data": dict(data), "connection_options": made}


def _simple(given: Mapping[str, Any], place: str, where: str) -> dict[str, Any]:
    found = {key: given[key] for key in _ATTRIBUTES if given.get(key) is not None}
    for key, value in found.items():
        if not isinstance(value, str if key in _TEXTS else int) or isinstance(value, bool):
            raise ConfigError(where, f"{place}.{key} must be {'text' if key in _TEXTS else 'a number'}", "")
    if "password" in found and not may_be_kept(found["password"]):
        raise ConfigError(where, f"{place}.password is written out", f"{HINT}, and change that password")
    return found


def _made_options(given: object, place: str, where: str) -> "ConnectionOptions":
    from nornir.core.inventory import ConnectionOptions

    if not isinstance(given, Mapping) or set(given) - {*_ATTRIBUTES, "extras"}:
        raise ConfigError(
            where, f"{place}: not connection options", f"known keys: {', '.join(_ATTRIBUTES)}, extras"
        )
    extras = given.get("extras")
    if extras is not None and not isinstance(extras, dict):
        raise ConfigError(where, f"{place}.extras must be a map", "write key: value")
    for key, value in (extras or {}).items():
        if _is_open(str(key), value):
            raise ConfigError(where, f"{place}.extras.{key} is written out", HINT)
    return ConnectionOptions(**_simple(given, place, where), extras=extras)


def _parents(given: Mapping[str, Any], groups: Mapping[str, Any], place: str, where: str) -> Iterator[Any]:
    for name in given.get("groups") or ():
        if name not in groups:
            raise ConfigError(where, f"{place}: there is no group {name!r}", "define it under groups")
        yield groups[name]


def _refuse_circles(groups: Mapping[str, Any], where: str) -> None:
    """A group that is its own ancestor would send Nornir round for ever."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ConfigError(where, f"groups {' → '.join((*above, name))} go in a circle", "break it")
        if name not in done:
            for parent in groups[name].groups:
                visit(parent.name, (*above, name))
            done.add(name)

    for name in groups:
        visit(name, ())
