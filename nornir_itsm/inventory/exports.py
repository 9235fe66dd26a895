"""An inventory in the files of others, and back: full and simple JSON, Ansible's INI, Nornir's YAML.

What a format has no word for travels in variables of our own, ``itsm``, so that nothing is lost; the simple
JSON alone says name, address, platform and port, and no more. Secrets never travel: only references do.
"""

import io
import json
import re
import shlex
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.document import Document, document_of, inventory_of

if TYPE_CHECKING:
    from nornir.core.inventory import Inventory

_WORDS = {
    "ansible_host": "hostname",
    "ansible_port": "port",
    "ansible_user": "username",
    "device_type": "platform",
}
_SECTION = re.compile(r"\w[\w.-]*")
_TAKEN = frozenset({"all", "ungrouped", "local"})
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.:/@-]*|[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_LITERALS = frozenset({"true", "false", "null", "none", "nan", "infinity", "inf"})

Files = dict[str, str]
"""Name of a file -> its text."""


def exported(inventory: "Inventory", form: str) -> tuple[Files, tuple[str, ...]]:
    """Return the files of an export, and the places of secrets that are not in them. Raises ConfigError."""
    if form not in FORMATS:
        raise ConfigError(form, "is no format", f"one of {', '.join(FORMATS)}")
    found = document_of(inventory)
    return FORMATS[form](found), found.withheld


def imported(path: Path) -> "Inventory":
    """Read an export: a JSON or INI file, or the folder of the YAML files. Raises ConfigError."""
    try:
        if path.is_dir():
            return inventory_of(_from_yaml(path), str(path))
        text = path.read_text("utf-8")
        found = _from_json(text, path) if text.lstrip().startswith("{") else _from_ini(text, path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(
            str(path), f"cannot be read: {reason}", "name an export, or the folder of one"
        ) from None
    return inventory_of(found, str(path))


def _json(found: Document) -> Files:
    hosts = {name: _variables(host) for name, host in found.hosts.items()}
    children: dict[str, Any] = {
        name: {"hosts": {member: {} for member in members}} for name, members in _sections(found).items()
    }
    whole = {"all": {"vars": _whole(found), "hosts": hosts, "children": children}}
    return {"inventory.json": f"{json.dumps(whole, ensure_ascii=False, indent=1)}\n"}


def _simple(found: Document) -> Files:
    keys = {"host": "hostname", "device_type": "platform", "port": "port"}
    whole = {
        name: {new: value for new, old in keys.items() if (value := host.get(old)) is not None}
        for name, host in found.hosts.items()
    }
    return {"inventory.simple.json": f"{json.dumps(whole, ensure_ascii=False, indent=1)}\n"}


def _variables(host: Mapping[str, Any]) -> dict[str, Any]:
    """Return a host as variables; what Ansible has no variable for stands under ``itsm``."""
    said = {new: host[old] for new, old in _WORDS.items() if old in host}
    rest = {key: value for key, value in host.items() if key not in (*_WORDS.values(), "groups")}
    groups = {"host_groups": host["groups"]} if "groups" in host else {}
    return {**said, **groups, **({"itsm": rest} if rest else {})}


def _host(variables: object, name: str, path: Path) -> dict[str, Any]:
    if not isinstance(variables, Mapping) or not isinstance(variables.get("itsm", {}), Mapping):
        raise ConfigError(str(path), f"{name} is no host of an export", "export it again")
    found = {old: variables[new] for new, old in _WORDS.items() if new in variables}
    groups = {"groups": variables["host_groups"]} if "host_groups" in variables else {}
    return {**found, **groups, **variables.get("itsm", {})}


def _whole(found: Document) -> dict[str, Any]:
    parts = {"itsm_groups": found.groups, "itsm_defaults": found.defaults}
    return {key: value for key, value in parts.items() if value}


def _sections(found: Document) -> dict[str, list[str]]:
    """Return the groups that Ansible may see: platforms, and groups whose name can head a section."""
    sections: dict[str, list[str]] = {}
    for name, host in found.hosts.items():
        for group in dict.fromkeys((host.get("platform"), *host.get("groups", ()))):
            if group and _SECTION.fullmatch(group) and group not in _TAKEN:
                sections.setdefault(group, []).append(name)
    return dict(sorted(sections.items()))


def _from_json(text: str, path: Path) -> Document:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(str(path), "is not JSON", "export it again") from None
    top = whole.get("all") if set(whole) == {"all"} else None
    if isinstance(top, Mapping) and isinstance(top.get("hosts"), Mapping):
        given = top.get("vars", {})
        hosts = {name: _host(host, name, path) for name, host in top["hosts"].items()}
        return Document(hosts, given.get("itsm_groups", {}), given.get("itsm_defaults", {}))
    keys = {"host": "hostname", "device_type": "platform", "port": "port"}
    for name, host in whole.items():
        if not isinstance(host, Mapping) or set(host) - set(keys):
            raise ConfigError(str(path), f"{name:.80} is no host of an export", "export it again")
    return Document({n: {keys[k]: v for k, v in host.items()} for n, host in whole.items()}, {}, {})


def _ini(found: Document) -> Files:
    """Return lines that Ansible splits as a shell does: names and values are quoted, one host on each."""
    lines = ["[all]"]
    for name, host in found.hosts.items():
        values = (f"{key}={_word(value)}" for key, value in _variables(host).items())
        lines.append(" ".join((_quoted(name), *values)))
    if whole := _whole(found):
        lines += ["", "[all:vars]", *(f"{key}={json.dumps(value)}" for key, value in whole.items())]
    for name, members in _sections(found).items():
        lines += ["", f"[{name}]", *map(_quoted, members)]
    return {"inventory.ini": "\n".join([*lines, ""])}


def _word(value: Any) -> str:
    """Return a plain text as it is, anything else as JSON: ASCII, so that no line can break."""
    if isinstance(value, str) and _is_plain(value):
        return value
    return shlex.quote(json.dumps(value))


def _is_plain(text: str) -> bool:
    """Say whether nobody takes this for a number, a truth value or something quoted."""
    return bool(_PLAIN.fullmatch(text)) and text.casefold() not in _LITERALS


def _quoted(name: str) -> str:
    if any(unicodedata.category(sign)[0] == "C" for sign in name):
        raise ConfigError(
            f"host {name!r:.80}", "its name cannot stand in an INI file", "export as JSON or YAML"
        )
    return shlex.quote(name)


def _read_word(text: str) -> Any:
    return text if _is_plain(text) else json.loads(text)


def _from_ini(text: str, path: Path) -> Document:
    hosts: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    section = ""
    if "[all]" not in text.split("\n"):
        raise ConfigError(
            str(path), "has no section [all]", "name an export: JSON, INI, or the folder of YAML"
        )
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith(("#", ";")):
            continue
        try:
            if line.startswith("["):
                section = line.strip().strip("[]")
            elif section == "all:vars":
                key, _, value = line.partition("=")
                whole[key.strip()] = json.loads(value)
            elif section == "all":
                name, *pairs = shlex.split(line, comments=True)
                values = {key: _read_word(value) for key, _, value in (pair.partition("=") for pair in pairs)}
                hosts[name] = _host(values, name, path)
        except (ValueError, RecursionError):
            raise ConfigError(f"{path} line {number}", "is no line of an export", "export it again") from None
    return Document(hosts, whole.get("itsm_groups", {}), whole.get("itsm_defaults", {}))


_YAML = ("hosts", "groups", "defaults")


def _yaml(found: Document) -> Files:
    from ruamel.yaml import YAML
    from ruamel.yaml.representer import SafeRepresenter

    class Texts(SafeRepresenter):
        """Quotes what holds line breaks of any kind, of which some would come back as blanks."""

    def text(representer: SafeRepresenter, value: str) -> Any:
        style = None if value.isprintable() else '"'
        return representer.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Texts.add_representer(str, text)
    files = {}
    for name in _YAML:
        stream = io.StringIO()
        writer = YAML(typ="safe", pure=True)
        writer.Representer = Texts
        writer.default_flow_style = False
        writer.allow_unicode = True
        writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
        writer.dump(getattr(found, name), stream)
        files[f"{name}.yaml"] = stream.getvalue()
    return files


def _from_yaml(folder: Path) -> Document:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    parts = []
    for name in _YAML:
        file = folder / f"{name}.yaml"
        try:
            parts.append(YAML(typ="safe", pure=True).load(file.read_text("utf-8")) if file.exists() else {})
        except (YAMLError, ValueError, RecursionError):
            raise ConfigError(str(file), "is not YAML", "export it again") from None
    hosts, groups, defaults = (part or {} for part in parts)
    if not all(isinstance(part, dict) for part in (hosts, groups, defaults)):
        raise ConfigError(str(folder), "holds a file that is no map", "export it again")
    return Document(hosts, groups, defaults)


FORMATS: Mapping[str, Callable[[Document], Files]] = {
    "json": _json,
    "json-simple": _simple,
    "ini": _ini,
    "yaml": _yaml,
}
