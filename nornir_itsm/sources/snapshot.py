"""A snapshot directory: saved answers of devices, cloud and IPAM -> facts, with the time of each file.

``DIR/<folder of a point>/`` holds the documents of its console, each as JSON or, where there is none, as a
CSV or Excel table (nftables: ``ruleset.json``, by ``nft -j list ruleset``), or the text of its configuration;
``DIR/cloud/`` and ``DIR/ipam/`` their exports; ``DIR/manifest.json`` the times of all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from nornir_itsm.errors import SourceError
from nornir_itsm.model.adc import AdcFacts
from nornir_itsm.model.cloud import CloudFacts
from nornir_itsm.model.cloud_network import GroupFacts
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.ipam import IpamFacts
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.ports import Reading
from nornir_itsm.sources.exports import (
    Kind,
    configuration_file,
    document_file,
    json_document,
    partial,
    read_document,
    read_text,
)
from nornir_itsm.stages.parse import (
    cloud_groups,
    cloud_json,
    cloud_network,
    comware_firewall,
    comware_text,
    frr_text,
    ios_text,
    ipam_json,
    nft_json,
    sangfor_json,
    stoneos_json,
    stoneos_text,
    vrp_switch,
    vrp_text,
)

_VRP_SWITCHES = ("huawei_vrp.switch", "huawei_vrpv8")
_STONEOS = Kind(dict.fromkeys(stoneos_json.DOCUMENTS, ("result",)))
_ADC = Kind(
    dict.fromkeys(sangfor_json.DOCUMENTS, ("items",)), sangfor_json.EXPORTS, members=sangfor_json.MEMBERS
)
_IPAM = Kind(dict.fromkeys(ipam_json.DOCUMENTS, ("data",)), labels=ipam_json.LABELS)
_CLOUD = Kind({**cloud_json.CONTAINERS, **cloud_network.CONTAINERS})
_GROUPS = Kind(cloud_groups.CONTAINERS)
_NEEDED = {
    *("policy", "dnat", "snat", "custom_addresses"),
    *("instances", "network_interfaces", "eips", "vpcs"),
    *ipam_json.DOCUMENTS,
}
"""Without these nothing can be decided; what else is missing is said as a gap, but for what the cloud does
itself: every proof says whether that was collected."""


def read_snapshot(
    directory: Path,
    points: Mapping[str, tuple[str, str]],
    stoneos_template: str,
    systems: Mapping[str, str] | None = None,
    lists: Mapping[str, tuple[str, str]] | None = None,
) -> Facts:
    """Return everything that is known of these points, of the cloud and of the IPAM.

    *points*: name -> (what it is read as, folder); see ``Point.reads_as``. *stoneos_template*: text of
    show_configuration.ttp. *systems*: point -> the virtual system that it is, where its device exports
    several at once. *lists*: point -> the access list that it is, and the one that its answers meet.
    ``taken`` has the keys ``<folder>/<file>``. Raises SourceError that names the file, and what to do.
    """
    source = _Snapshot(directory, _times(directory), systems or {}, lists or {})
    found = {
        name: source.point(name, platform, folder, stoneos_template)
        for name, (platform, folder) in points.items()
    }
    cloud, ipam = source.cloud(), source.ipam()
    short = tuple(source.partial)
    return Facts(found, cloud, ipam, dict(source.taken), tuple(source.gaps), partial=short)


def read_cloud(directory: Path) -> Reading[CloudFacts]:
    """Return what ``DIR/cloud/`` says. Raises SourceError."""
    source = _Snapshot(directory, _times(directory))
    return Reading(source.cloud(), source.taken, tuple(source.gaps), tuple(source.partial))


def read_ipam(directory: Path) -> Reading[IpamFacts]:
    """Return what ``DIR/ipam/`` says. Raises SourceError."""
    source = _Snapshot(directory, _times(directory))
    return Reading(source.ipam(), source.taken, tuple(source.gaps), tuple(source.partial))


@dataclass(slots=True)
class _Snapshot:
    """A directory that is being read; remembers what was read and what was not there."""

    directory: Path
    times: Mapping[str, str]
    systems: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)

    def point(self, name: str, platform: str, folder: str, stoneos_template: str) -> PointFacts:
        vsys = self.systems.get(name, "")
        readers: dict[str, Callable[[], PointFacts]] = {
            "hillstone_stoneos": lambda: self._firewall(folder, stoneos_template),
            "sangfor_ad": lambda: self._adc(folder),
            "huawei_vrp": lambda: self._printed(folder, lambda text: vrp_text.firewall_facts(text, vsys)),
            **dict.fromkeys(_VRP_SWITCHES, lambda: self._switch(folder, vrp_switch.switch_facts)),
            "hp_comware": lambda: self._switch(folder, comware_text.switch_facts),
            "hp_comware.firewall": lambda: self._printed(folder, comware_firewall.firewall_facts),
            "linux_nftables": lambda: self._ruleset(folder),
            "frr": lambda: self._printed(folder, frr_text.router_facts),
            "cisco_ios": lambda: self._ios(folder, *self.lists.get(name, ("", ""))),
            "aliyun": lambda: self._groups(folder),
        }
        if platform not in readers:
            problem = f"snapshots of platform {platform!r} cannot be read"
            raise SourceError(name, problem, "leave the point out")
        return readers[platform]()

    def cloud(self) -> CloudFacts:
        return self._parsed("cloud", _CLOUD, cloud_json.cloud_facts)

    def ipam(self) -> IpamFacts:
        return self._parsed("ipam", _IPAM, ipam_json.ipam_facts)

    def _adc(self, folder: str) -> AdcFacts:
        return self._parsed(folder, _ADC, sangfor_json.adc_facts)

    def _firewall(self, folder: str, template: str) -> FirewallFacts:
        path = self._folder(folder)
        file = configuration_file(path)
        if file is None or document_file(path, "policy", _STONEOS):
            return self._parsed(folder, _STONEOS, stoneos_json.firewall_facts)
        text = self._text(file, folder)
        return _placed(file, lambda: stoneos_text.firewall_facts(text, template))

    def _ruleset(self, folder: str) -> FirewallFacts:
        file = self._folder(folder) / "ruleset.json"
        text = self._text(file, folder)
        return _placed(file, lambda: nft_json.firewall_facts(text))

    def _printed[T](self, folder: str, parse: Callable[[str], T]) -> T:
        """Return what the text of the running configuration says."""
        path = self._folder(folder)
        file = configuration_file(path)
        if file is None:
            hint = "put the text of the running configuration there, as a .txt or .cfg file"
            raise SourceError(str(path), "there is no configuration in it", hint)
        text = self._text(file, folder)
        return _placed(file, lambda: parse(text))

    def _switch(self, folder: str, parse: Callable[[str], SwitchFacts]) -> SwitchFacts:
        """Return what a switch's configuration says; without one nothing of it is known."""
        path = self.directory / folder
        file = configuration_file(path) if path.is_dir() else None
        if file is None:
            return SwitchFacts(known=False)
        text = self._text(file, folder)
        return _placed(file, lambda: parse(text))

    def _groups(self, folder: str) -> GroupFacts:
        """Return what the region's security groups are; without an export of their rules nothing is known."""
        known = document_file(self._folder(folder), "security_group_rules", _GROUPS)
        return self._parsed(folder, _GROUPS, cloud_groups.group_facts) if known else GroupFacts(known=False)

    def _ios(self, folder: str, acl: str, answers: str) -> PointFacts:
        """Return one access list of a router, or its routes where the point names none."""
        if acl:
            return self._printed(folder, lambda text: ios_text.firewall_facts(text, acl, answers))
        return self._printed(folder, ios_text.router_facts)

    def _parsed[T](self, folder: str, kind: Kind, parse: Callable[[Mapping[str, object]], T]) -> T:
        path = self._folder(folder)
        documents: dict[str, object] = {}
        for name, keys in kind.containers.items():
            file = document_file(path, name, kind)
            if file is not None:
                self._take(file, folder)
                documents[name] = read_document(file, kind)
                short = partial(documents[name], keys, f"{folder}/{file.name}")
                self.gaps, self.partial = [*self.gaps, *short], [*self.partial, *short]
            elif name in _NEEDED:
                missing = str(path / f"{name}.json")
                raise SourceError(missing, "this export is missing", "take it and put it there")
            elif name not in cloud_network.CONTAINERS:
                self.gaps.append(f"{folder}/{name}.json is missing: what it would define is not known")
        return _placed(path, lambda: parse(documents))

    def _folder(self, folder: str) -> Path:
        path = self.directory / folder
        if not path.is_dir():
            raise SourceError(
                str(path), "there is no such folder", "check the snapshot directory and site.yaml"
            )
        return path

    def _text(self, file: Path, folder: str) -> str:
        self._take(file, folder)
        return read_text(file)

    def _take(self, file: Path, folder: str) -> None:
        """Note when a file was taken."""
        key = f"{folder}/{file.name}"
        self.taken[key] = self.times.get(key) or _modified(file)


def _placed[T](path: Path, parse: Callable[[], T]) -> T:
    """Run a parser; its errors name the record, and the file is added."""
    try:
        return parse()
    except SourceError as error:
        raise replace(error, where=f"{path}: {error.where}") from error


def _times(directory: Path) -> Mapping[str, str]:
    """Return file -> time from the manifest; nothing where there is none."""
    if not directory.is_dir():
        raise SourceError(str(directory), "there is no such snapshot directory", "check --snapshot")
    file = directory / "manifest.json"
    if not file.exists():
        return {}
    document = json_document(read_text(file), file)
    taken = document.get("taken", {}) if isinstance(document, dict) else None
    if not isinstance(taken, dict) or not all(map(_is_time, taken.values())):
        raise SourceError(
            str(file), "taken is no list of files and ISO times", "write 2026-03-02T02:15:00+08:00"
        )
    return taken


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _modified(file: Path) -> str:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
