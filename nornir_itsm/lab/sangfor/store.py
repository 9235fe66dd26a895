"""What the controller holds, and the writes to it. No HTTP here."""

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.sangfor.fields import BodyError, check_object
from nornir_itsm.lab.sangfor.resources import GROUPS, RESOURCES, Resource

Item = dict[str, Any]


class MissingError(Exception):
    """No object of that name: HTTP 404."""


class Store:
    """The collections. Items are kept whole, defaults included; ordered ones in order of position."""

    def __init__(self, items: Mapping[str, list[Item]], capacity: Mapping[str, int]) -> None:
        """Take the items and the capacity of each resource, by path."""
        self._items = {path: list(items.get(path, ())) for path in RESOURCES}
        self.capacity = {path: capacity.get(path, 1024) for path in RESOURCES}
        self._names = set(_names_used(self._items))
        self._renumber()

    @classmethod
    def from_snapshot(cls, folder: Path) -> "Store":
        """Read ``dnat.json`` and its sisters as the console gave them. Raises ConfigError."""
        items: dict[str, list[Item]] = {}
        capacity: dict[str, int] = {}
        for path, resource in RESOURCES.items():
            file = folder / f"{resource.snapshot}.json"
            if not file.exists():
                continue
            try:
                record = json.loads(file.read_text(encoding="utf-8"))
                filled = [resource.filled(item) for item in record["items"]]
                items[path] = sorted(filled, key=lambda item: int(item.get("position", 0)))
                capacity[path] = int(record.get("maximum_items", 1024))
            except (ValueError, KeyError, TypeError, OSError) as error:
                problem = f"cannot be read as a snapshot: {error!r}"
                raise ConfigError(str(file), problem, "export it again") from error
        return cls(items, capacity)

    def items(self, resource: Resource) -> list[Item]:
        """Return the items in order."""
        return copy.deepcopy(self._items[resource.path])

    def one(self, resource: Resource, name: str) -> Item:
        """Return the item of that name. Raises MissingError."""
        return copy.deepcopy(self._find(resource, name))

    def create(self, resource: Resource, body: Item) -> Item:
        """Add an item; its ``position`` says where, without one it goes to the end."""
        self._check(resource, body)
        items = self._items[resource.path]
        if any(item["name"] == body["name"] for item in items):
            raise BodyError(f"{body['name']}: already exists", "ERR_ALREADY_EXISTS")
        if len(items) >= self.capacity[resource.path]:
            raise BodyError(f"{resource.path}: is full", "ERR_CAPACITY")
        return self._place(resource, resource.filled(body))

    def replace(self, resource: Resource, name: str, body: Item) -> Item:
        """Put *body* in the item's place; without a ``position`` it stays where it is (assumed)."""
        old = self._find(resource, name)
        self._check(resource, body, name)
        return self._swap(resource, old, resource.filled(body))

    def modify(self, resource: Resource, name: str, body: Item) -> Item:
        """Set the properties in *body*; a list is replaced as a whole (assumed: not verified on a device)."""
        old = self._find(resource, name)
        new = {key: value for key, value in old.items() if key != "position"} | body
        self._check(resource, {k: v for k, v in new.items() if k in resource.fields or k in body}, name)
        return self._swap(resource, old, new)

    def delete(self, resource: Resource, name: str) -> Item:
        """Take the item away. Raises BodyError where something refers to it."""
        item = self._find(resource, name)
        if resource is GROUPS and (user := next(self._users(name), None)):
            raise BodyError(f"{name}: is referenced by {user}", "ERR_REFERENCED")
        self._items[resource.path].remove(item)
        self._renumber()
        return item

    def state(self) -> dict[str, object]:
        """Return everything as plain comparable values: order, not positions; groups by name."""
        ordered: dict[str, object] = {
            path: [_plain(item) for item in self._items[path]]
            for path in RESOURCES
            if RESOURCES[path].ordered
        }
        groups = {item["name"]: _plain(item) for item in self._items[GROUPS.path]}
        return copy.deepcopy({**ordered, GROUPS.path: groups})

    def _find(self, resource: Resource, name: str) -> Item:
        for item in self._items[resource.path]:
            if item["name"] == name:
                return item
        raise MissingError(name)

    def _check(self, resource: Resource, body: Item, name: str | None = None) -> None:
        check_object(resource.fields, body, self._known)
        if name is not None and body["name"] != name:
            raise BodyError("name: cannot be changed")  # assumed: renaming is not simulated
        resource.demand(resource.filled(body))

    def _known(self, kind: str, name: str) -> bool:
        if kind == "group":
            return any(item["name"] == name for item in self._items[GROUPS.path])
        return (kind, name) in self._names

    def _swap(self, resource: Resource, old: Item, new: Item) -> Item:
        items = self._items[resource.path]
        if resource.ordered:
            new.setdefault("position", old["position"])
        items.remove(old)
        return self._place(resource, new)

    def _place(self, resource: Resource, item: Item) -> Item:
        """Insert at ``position``, counted from 1; 0, none or too high means the end (0: assumed)."""
        items = self._items[resource.path]
        position = item.get("position", 0)
        index = position - 1 if 1 <= position <= len(items) else len(items)
        items.insert(index, copy.deepcopy(item))
        self._renumber()
        return copy.deepcopy(items[index])

    def _renumber(self) -> None:
        for path, resource in RESOURCES.items():
            if resource.ordered:
                for position, item in enumerate(self._items[path], 1):
                    item["position"] = position

    def _users(self, group: str) -> Iterator[str]:
        for path, items in self._items.items():
            for item in items:
                if any(key == "group" and name == group for key, name in _references(item)):
                    yield f"{path} {item['name']}"


def _plain(item: Item) -> Item:
    """No position; ``0`` and ``ALL`` are both any source port; group members have no order."""
    plain = {key: value for key, value in item.items() if key != "position"}
    if plain.get("source_port") == "0":
        plain["source_port"] = "ALL"
    if "addresses" in plain:
        plain["addresses"] = sorted(plain["addresses"])
    return plain


_KEYS = {"ref_custom_address_group": "group", "ref_isp_address_group": "isp", "ref_domain_group": "domain"}
_KINDS_OF_LINK = ("ALL", "WAN-KIND", "LAN-KIND")
_LINKS = ("inbound_links", "outbound_links", "inbound_link", "schedule_links")


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of everything an item refers to."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key in _KEYS:
                yield _KEYS[key], each
            elif key in _LINKS:
                yield from (("link", name) for name in each if name not in _KINDS_OF_LINK)
            elif key == "time_plan":
                yield "time plan", each
            else:
                yield from _references(each)


def _names_used(items: Mapping[str, list[Item]]) -> Iterator[tuple[str, str]]:
    """The links, operator groups and time plans that the device is taken to have: those its items name."""
    for collection in items.values():
        for item in collection:
            yield from _references(item)
