"""Nornir inventory plugin ``itsm-aliyun``: whatever has an address in the cloud, by accounts and regions."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.cache import Cache, cached
from nornir_itsm.inventory.cloud_hosts import KINDS, Device, Filters, devices, named, problem
from nornir_itsm.inventory.document import Document, inventory_of
from nornir_itsm.inventory.recognise import Recognition
from nornir_itsm.inventory.report import Report, Skip
from nornir_itsm.sources.aliyun import EIPS, HAVIPS, INSTANCES, INTERFACES, SLBS, AliyunApi, Patience
from nornir_itsm.sources.aliyun_account import Account
from nornir_itsm.sources.aliyun_keys import Keys
from nornir_itsm.sources.aliyun_wire import Place

if TYPE_CHECKING:
    from nornir.core.inventory import Inventory

API = "itsm-aliyun-api"
AT_ONCE = 8
"""Regions that are asked at the same time."""


class AliyunInventory:
    """Instances, and interfaces, load balancers, virtual and elastic addresses that are none of theirs.

    ``reports`` says after load() what was left out. Options:

    ``accounts``: a list of ``{name, regions, access_key_id, access_key_secret, profile, endpoint, endpoints,
    headers, ca, proxy}``; keys are references, and without any the vendor's credential chain is walked.
    ``kinds``: some of ecs, eni, slb, havip, eip. ``filters``: ``{vpc: [...], status: [...], name: "web-*",
    tags: {role: web}}``. ``address``: ``private`` or ``eip``, what becomes the host's address. ``groups``,
    ``defaults``: as in Nornir's YAML files. ``tries``, ``first_pause``: how a throttled call is repeated.
    ``cache``: ``{path: FILE, age: 1h}``.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the options of the plugin
        self,
        accounts: Sequence[Mapping[str, Any]],
        kinds: Sequence[str] = KINDS,
        filters: Mapping[str, Any] | None = None,
        address: str = "private",
        groups: Mapping[str, Any] | None = None,
        defaults: Mapping[str, Any] | None = None,
        tries: int = 8,
        first_pause: float = 0.25,
        cache: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the options; the cloud is asked by load(). Raises ConfigError."""
        self._options = {key: value for key, value in locals().items() if key not in ("self", "cache")}
        where = "inventory itsm-aliyun"
        if not isinstance(accounts, list | tuple) or not accounts:
            raise ConfigError(where, "no accounts", "write accounts: [{name: …, regions: […]}]")
        self._accounts = [Account.of(one, f"{where} accounts[{at}]") for at, one in enumerate(accounts)]
        if unknown := set(kinds) - set(KINDS):
            raise ConfigError(where, f"unknown kind {min(unknown)!r}", f"some of {', '.join(KINDS)}")
        if address not in ("private", "eip"):
            raise ConfigError(where, f"address is {address!r}", "write private or eip")
        self._kinds = frozenset(kinds)
        self._filters = Filters.of(filters or {}, where)
        self._address = address
        self._given = (dict(groups or {}), dict(defaults or {}))
        self._patience = Patience(tries=tries, first=first_pause)
        self._cache = Cache.of(cache, where)
        self.reports: tuple[Report, ...] = ()
        self.retries = 0

    def load(self) -> "Inventory":
        """Ask all accounts and regions. Raises ConfigError, or SourceError where any list is not whole."""
        inventory, self.reports = cached(self._cache, self._options, self._read)
        for report in self.reports:
            report.log()
        return inventory

    def _read(self) -> "tuple[Inventory, tuple[Report, ...]]":
        asked = [(place, account, account.keys()) for account in self._accounts for place in account.places()]
        with ThreadPoolExecutor(min(AT_ONCE, len(asked)), "cloud") as pool:
            found = list(pool.map(lambda one: self._region(one[0], one[2]), asked))
        names = named(device for region in found for device in region)
        hosts: dict[str, Any] = {}
        groups, defaults = (dict(part) for part in self._given)
        reports = []
        for (place, account, _), region in zip(asked, found, strict=True):
            report = Report(f"cloud {place}", datetime.now().astimezone().isoformat(timespec="seconds"))
            group = f"aliyun_{place.account}_{place.region}"
            groups.setdefault(group, _group(account, place))
            for device in region:
                self._add(device, names[device.id], group, hosts, report)
            reports.append(report)
        for kind in sorted(self._kinds):
            groups.setdefault(f"aliyun_{kind}", {})
        return inventory_of(Document(hosts, groups, defaults), "inventory itsm-aliyun"), tuple(reports)

    def _region(self, place: Place, keys: Keys) -> list[Device]:
        """Ask one region; every list is whole, or this raises."""
        api = AliyunApi(place, keys, self._patience)
        try:
            records = {kind: api.records(listing) for kind, listing in _LISTS.items() if self._asks(kind)}
        finally:
            self.retries += api.retries
            api.close()
        listed = (device for device in devices(records) if device.kind in self._kinds)
        return [device for device in listed if self._filters.want(device)]

    def _asks(self, kind: str) -> bool:
        """Elastic addresses and interfaces are part of other devices too."""
        return kind in self._kinds or (kind in ("eni", "eip") and bool(self._kinds - {"eip"}))

    def _add(self, device: Device, name: str, group: str, hosts: dict[str, Any], report: Report) -> None:
        chosen = device.addresses if self._address == "private" and device.kind != "eip" else device.eips
        address = next(iter(chosen), None)
        reason = problem(device, address)
        if not reason and name in hosts:
            reason = "another account or region has it already"
        if reason:
            report.skipped.append(Skip(f"{device.kind} {device.id:.64}", device.display[:80], reason))
            return
        if device.display and name != device.display:
            report.notes.append(
                f"{device.kind} {device.id} keeps its id: {device.display!r:.80} is no name for it alone"
            )
        hosts[name] = {
            "hostname": address,
            "platform": device.platform,
            "groups": [f"aliyun_{device.kind}", group],
            "data": {"cloud": dict(device.data)},
            "connection_options": _SSH if device.platform == "linux" else {},
        }
        report.loaded += 1
        report.recognised[Recognition(device.platform or "", "cloud" if device.platform else "")] += 1


_LISTS = {"ecs": INSTANCES, "eni": INTERFACES, "slb": SLBS, "havip": HAVIPS, "eip": EIPS}
_SSH = {"netmiko": {"platform": "linux", "extras": {"ssh_strict": True, "system_host_keys": True}}}


def _group(account: Account, place: Place) -> dict[str, Any]:
    """Return the group of a region: its hosts know where their cloud is asked."""
    extras = {**account.option, "name": account.name, "regions": [place.region]}
    return {
        "data": {"cloud_account": place.account, "cloud_region": place.region},
        "connection_options": {API: {"extras": extras}},
    }
