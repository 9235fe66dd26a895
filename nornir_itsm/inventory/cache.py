"""What was read is kept for a while, and says how old it is."""

import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.document import Document, document_of, inventory_of
from nornir_itsm.inventory.report import Report, report_from

if TYPE_CHECKING:
    from nornir.core.inventory import Inventory

_AGE = re.compile(r"([0-9]{1,9})\s*(s|m|h|d)?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, None: 1}
_FORMAT = "nornir_itsm inventory 1"

Loaded = tuple["Inventory", tuple[Report, ...]]


@dataclass(frozen=True, slots=True)
class Cache:
    """A file that may be used as long as it is not older than ``age`` seconds."""

    path: Path
    age: int

    @classmethod
    def of(cls, option: Mapping[str, Any] | None, where: str) -> "Cache | None":
        """Read ``{path: FILE, age: 30m}``; a bare number is seconds. Raises ConfigError."""
        if option is None:
            return None
        age = _AGE.fullmatch(str(option.get("age", ""))) if isinstance(option, Mapping) else None
        if age is None or set(option) != {"path", "age"} or not isinstance(option["path"], str):
            raise ConfigError(f"{where} cache", "is no cache", "write {path: var/inventory.json, age: 1h}")
        return cls(Path(option["path"]).expanduser(), int(age[1]) * _SECONDS[age[2]])


def cached(cache: Cache | None, key: Mapping[str, Any], load: Callable[[], Loaded]) -> Loaded:
    """Return what is kept for these options and files, where it is young enough; else load and keep it.

    A file that cannot be understood is as good as none. A secret in clear is never kept.
    """
    if cache is None:
        return load()
    digest = hashlib.sha256(json.dumps([_FORMAT, key], sort_keys=True, default=str).encode()).hexdigest()
    found = _kept(cache, digest)
    if found is not None:
        return found
    inventory, reports = load()
    _keep(cache, digest, inventory, reports)
    return inventory, reports


def _kept(cache: Cache, digest: str) -> Loaded | None:
    try:
        document = json.loads(cache.path.read_text("utf-8"))
        if document["key"] != digest or not 0 <= time.time() - document["written"] <= cache.age:
            return None
        found = Document(document["hosts"], document["groups"], document["defaults"])
        reports = tuple(report_from({**one, "cached": True}) for one in document["reports"])
        return inventory_of(found, str(cache.path)), reports
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigError, RecursionError):
        return None


def _keep(cache: Cache, digest: str, inventory: "Inventory", reports: tuple[Report, ...]) -> None:
    found = document_of(inventory)
    if found.withheld:
        return  # loading again would not give the same
    whole = {
        "key": digest,
        "written": time.time(),
        "reports": [report.as_json() for report in reports],
        **{"hosts": found.hosts, "groups": found.groups, "defaults": found.defaults},
    }
    write_whole(cache.path, json.dumps(whole, ensure_ascii=False))


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, for its owner only. Raises ConfigError."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        raise ConfigError(str(path), f"cannot be written: {error.strerror}", "choose another place") from None
    finally:
        temporary.unlink(missing_ok=True)
