"""Nornir inventory plugin ``itsm-combined``: several inventories as one; nothing overwrites anything."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.document import Document, document_of, inventory_of
from nornir_itsm.inventory.report import Report

if TYPE_CHECKING:
    from nornir.core.inventory import Inventory

_MOST_TOLD = 20


class CombinedInventory:
    """``inventories``: a list of ``{plugin: NAME, options: {…}}``, any inventory plugin of Nornir.

    A device that two of them have is an error, and so are a group and defaults that they see differently.
    """

    def __init__(self, inventories: Sequence[Mapping[str, Any]]) -> None:
        """Take the list; the inventories are read by load(). Raises ConfigError."""
        given = inventories if isinstance(inventories, list | tuple) else ()
        if not given or not all(isinstance(one, Mapping) and one.get("plugin") for one in given):
            hint = "write inventories: [{plugin: itsm-excel, options: {path: …}}, …]"
            raise ConfigError("inventory itsm-combined", "no inventories", hint)
        self._inventories = [(str(one["plugin"]), dict(one.get("options") or {})) for one in given]
        self.reports: tuple[Report, ...] = ()

    def load(self) -> "Inventory":
        """Read them all. Raises ConfigError."""
        parts = []
        self.reports = ()
        for plugin, options in self._inventories:
            inventory, reports = read(plugin, options)
            parts.append((plugin, document_of(inventory)))
            self.reports = (*self.reports, *reports)
        return inventory_of(_joined(parts), "inventory itsm-combined")


def read(plugin: str, options: Mapping[str, Any]) -> "tuple[Inventory, tuple[Report, ...]]":
    """Read an inventory through any plugin of Nornir; ours say how it went. Raises ConfigError."""
    from nornir.core.exceptions import PluginNotRegistered
    from nornir.core.plugins.inventory import InventoryPluginRegister

    InventoryPluginRegister.auto_register()
    try:
        made = InventoryPluginRegister.get_plugin(plugin)(**options)
    except PluginNotRegistered:
        raise ConfigError(
            f"inventory plugin {plugin}", "is not installed", "see nornir-itsm doctor"
        ) from None
    except TypeError as error:
        raise ConfigError(f"inventory plugin {plugin}", str(error), "check the keys of its options") from None
    try:
        inventory = made.load()
    except OSError as error:  # plugins of others let it through
        where = f"inventory plugin {plugin}"
        raise ConfigError(where, f"{error.filename}: {error.strerror}", "see its options") from None
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return inventory, getattr(made, "reports", None) or (Report(plugin, now, len(inventory.hosts)),)


def configured(nornir: Mapping[str, Any]) -> "tuple[Inventory, tuple[Report, ...]]":
    """Read the inventory that a Nornir configuration names. Raises ConfigError."""
    given = nornir["inventory"]
    return read(given["plugin"], given.get("options") or {})


def _joined(parts: Iterable[tuple[str, Document]]) -> Document:
    whole = Document({}, {}, {})
    problems = []
    names: dict[str, str] = {}
    for plugin, part in parts:
        if part.withheld:
            problems.append(f"{plugin} holds passwords in clear: {', '.join(part.withheld[:3])}")
        for name, host in part.hosts.items():
            if name.casefold() in names:
                problems.append(f"{name} comes from {names[name.casefold()]} and from {plugin}")
            names.setdefault(name.casefold(), plugin)
            whole.hosts[name] = host
        for name, group in part.groups.items():
            if whole.groups.setdefault(name, group) != group:
                problems.append(f"group {name} is another in {plugin}")
        for key, value in part.defaults.items():
            if whole.defaults.setdefault(key, value) != value:
                problems.append(f"defaults.{key} is another in {plugin}")
    if problems:
        told = "; ".join(problems[:_MOST_TOLD])
        raise ConfigError("inventory itsm-combined", told, "nothing was loaded: rename, or give groups once")
    return whole
