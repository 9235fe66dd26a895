"""A folder of exports of which nobody has said what is in it: which device each subfolder is of."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nornir_itsm.errors import SourceError
from nornir_itsm.sources.exports import Kind, configuration_file, document_file, json_document, read_text

OTHERS = ("cloud", "ipam", "inventory")
_WORDS = re.compile(r"[A-Za-z]+")
_KIND = Kind({})
_SECPATH = re.compile(r"^(?:security-policy ip(?:v6)?$|object-group (?:ip address|service) )", re.MULTILINE)
_COMWARE = re.compile(
    rf"^(?: ?version 7\.|vlan \d|interface Vlan-interface)|{_SECPATH.pattern}", re.MULTILINE
)
_USG = re.compile(r"^(?:security-policy$|ip address-set |firewall zone )", re.MULTILINE)
_STONEOS = re.compile(r"^(?:rule id \d|  rule id \d|Version 5\.|ip vrouter )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Folder:
    """A subfolder with a device's exports. ``name`` is the folder's own where the device list has none."""

    folder: str
    platform: str
    name: str

    @property
    def unnamed(self) -> bool:
        """Tell whether the device list has no name for it."""
        return self.name == self.folder


def discover(directory: Path) -> tuple[Folder, ...]:
    """Return the devices of a snapshot directory, by what their exports look like. Raises SourceError.

    Names come from ``devices.json`` (``name``, ``kind``, ``vsys``) where one has the words of a folder:
    ``edge_firewall`` is ``firewall_edge``, a vsys ``TESTNET-vFW`` is ``firewall_testnet``.
    """
    if not directory.is_dir():
        raise SourceError(str(directory), "there is no such snapshot directory", "name a folder of exports")
    names = _names(directory / "devices.json")
    found = []
    for path in sorted(p for p in directory.iterdir() if p.is_dir() and p.name not in OTHERS):
        if platform := _platform(path):
            found.append(Folder(path.name, platform, _named(path.name, names)))
    return tuple(found)


def unseen(directory: Path, found: Sequence[Folder]) -> tuple[str, ...]:
    """Return the devices and virtual systems of the device list that no subfolder is of."""
    file = directory / "devices.json"
    named = {one.name for one in found}
    listed = (name for item in _listed(file) for _, name in _words_of(item) if name)
    # A host of virtual systems is there with any of them.
    return tuple(n for n in dict.fromkeys(listed) if not any(f"{m}-".startswith(f"{n}-") for m in named))


def site_name(directory: Path) -> str:
    """Return what the manifest calls the site, empty where it says nothing."""
    file = directory / "manifest.json"
    document = json_document(read_text(file), file) if file.exists() else {}
    return str(document.get("site") or "") if isinstance(document, dict) else ""


def _platform(path: Path) -> str:
    if document_file(path, "policy", _KIND):
        return "hillstone_stoneos"
    adc = Kind({}, {"dnat": "net_dnat_export"})
    if document_file(path, "dnat", adc):
        return "sangfor_ad"
    file = configuration_file(path)
    text = read_text(file) if file else ""
    if _STONEOS.search(text):
        return "hillstone_stoneos"
    if _USG.search(text):
        return "huawei_vrp"
    if _COMWARE.search(text):
        return "hp_comware.firewall" if _SECPATH.search(text) else "hp_comware"
    return ""


def _names(file: Path) -> Mapping[frozenset[str], str]:
    """Return the words of a kind or vsys -> the device's name; words that two devices share are left out."""
    found: dict[frozenset[str], list[str]] = {}
    for words, name in (pair for item in _listed(file) for pair in _words_of(item)):
        found.setdefault(words, []).append(name)
    return {words: names[0] for words, names in found.items() if words and len(names) == 1}


def _listed(file: Path) -> list[dict[str, object]]:
    document = json_document(read_text(file), file) if file.exists() else []
    return [item for item in document if isinstance(item, dict)] if isinstance(document, list) else []


def _words_of(item: dict[str, object]) -> Iterator[tuple[frozenset[str], str]]:
    name = str(item.get("name") or "")
    yield _words(str(item.get("kind") or "")), name
    vsys = item.get("vsys")
    for one in vsys if isinstance(vsys, list) else ():
        word = str(one).partition("-")[0]
        yield _words(f"firewall {word}"), f"{name}-{word}"


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(text))


def _named(folder: str, names: Mapping[frozenset[str], str]) -> str:
    return names.get(_words(folder), folder)
