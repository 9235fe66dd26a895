"""Where facts come from: live devices and consoles, or a snapshot directory."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.errors import ConfigError
from nornir_itsm.model.cloud import CloudFacts
from nornir_itsm.model.facts import Facts, PointFacts
from nornir_itsm.model.firewall import FirewallFacts
from nornir_itsm.model.ipam import IpamFacts
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.model.topology import Site
from nornir_itsm.ports import Clock, Console, Fleet, Reading
from nornir_itsm.settings import AliyunShape, NetBoxShape, PhpIpamShape, Settings, StoneosRestShape

if TYPE_CHECKING:
    from nornir_itsm.sources.netbox import NetBox
    from nornir_itsm.sources.phpipam import PhpIpam


class SystemClock:
    """The time of this machine, in its zone."""

    def now(self) -> str:
        """Return the time as ISO 8601 with zone, to the second."""
        return datetime.now().astimezone().isoformat(timespec="seconds")

    def sleep(self, seconds: float) -> None:
        """Let this much time pass."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class FromSnapshot:
    """Knowledge from a directory of exports."""

    directory: Path
    folders: Mapping[str, tuple[str, str]]
    stoneos_template: str
    systems: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Point -> the access list that it is, and the one that its answers meet."""

    def facts(self, points: Iterable[str]) -> Facts:
        """Read the exports of these points, of the cloud and of the IPAM."""
        from nornir_itsm.sources.snapshot import read_snapshot

        wanted = {point: self.folders[point] for point in points}
        return read_snapshot(self.directory, wanted, self.stoneos_template, self.systems, self.lists)


@dataclass(frozen=True, slots=True)
class Live:
    """Knowledge from devices, cloud and IPAM; each of the latter is asked, or has its latest exports read."""

    fleet: Fleet
    cloud: Console[CloudFacts]
    ipam: Console[IpamFacts]
    clock: Clock
    switches: frozenset[str] = frozenset()
    """Switches that a person works on: the fleet has no way into them."""
    walls: Mapping[str, Callable[[], FirewallFacts]] = field(default_factory=dict)
    """Firewalls that are read by REST."""

    def facts(self, points: Iterable[str]) -> Facts:
        """Ask these points in parallel, the cloud and the IPAM."""
        wanted = tuple(points)
        asked = tuple(point for point in wanted if point not in self.switches)
        listed = tuple(point for point in asked if point not in self.walls)
        cloud, ipam = self.cloud(), self.ipam()
        now = self.clock.now()
        read = self.fleet.read(listed) if listed else {}
        held: dict[str, PointFacts] = dict(read)
        held |= {point: self.walls[point]() for point in asked if point in self.walls}
        held |= {point: SwitchFacts(known=False) for point in wanted if point in self.switches}
        taken = {**cloud.taken, **ipam.taken, **dict.fromkeys(asked, now)}
        gaps, short = (*cloud.gaps, *ipam.gaps), (*cloud.partial, *ipam.partial)
        return Facts(held, cloud.facts, ipam.facts, taken, gaps, partial=short)


def cloud_console(settings: Settings, clock: Clock) -> Console[CloudFacts]:
    """Return how the cloud is asked. Raises ConfigError where nobody says."""
    from nornir_itsm.sources.snapshot import read_cloud

    source = settings.sources.cloud
    if source is None:
        raise _no_source(settings, "cloud", "snapshot: DIR, or aliyun: ...")
    if source.aliyun:
        return partial(_ask_cloud, source.aliyun, str(settings.config), clock)
    assert source.snapshot is not None
    return partial(read_cloud, source.snapshot)


def _ask_cloud(api: AliyunShape, config: str, clock: Clock) -> Reading[CloudFacts]:
    from nornir_itsm.sources.aliyun_account import Account
    from nornir_itsm.sources.cloud_console import fetch
    from nornir_itsm.stages.parse.cloud_json import cloud_facts

    where = f"{config} user_defined.itsm.sources.cloud.aliyun"
    accounts = [Account.of(one, f"{where} accounts[{at}]") for at, one in enumerate(api.accounts)]
    taken = clock.now()
    documents = fetch(accounts, security_groups=api.security_groups)
    return Reading(cloud_facts(documents), {"cloud": taken})


def ipam_console(settings: Settings, clock: Clock) -> Console[IpamFacts]:
    """Return how the IPAM is asked. Raises ConfigError where nobody says."""
    from nornir_itsm.sources.snapshot import read_ipam

    source = settings.sources.ipam
    if source is None:
        raise _no_source(settings, "ipam", "snapshot: DIR, phpipam: ..., or netbox: ...")
    if api := source.phpipam or source.netbox:
        return partial(_ask_ipam, api, clock)
    assert source.snapshot is not None
    return partial(read_ipam, source.snapshot)


def _ask_ipam(api: PhpIpamShape | NetBoxShape, clock: Clock) -> Reading[IpamFacts]:
    from nornir_itsm.stages.parse.ipam_json import ipam_facts

    taken = clock.now()
    return Reading(ipam_facts(_client(api).fetch()), {"ipam": taken})


def _client(api: PhpIpamShape | NetBoxShape) -> "PhpIpam | NetBox":
    """Return a client; only now are the secrets looked up."""
    from nornir_itsm.devices.credentials import resolve, resolve_username
    from nornir_itsm.sources.netbox import NetBox
    from nornir_itsm.sources.phpipam import PhpIpam

    if isinstance(api, NetBoxShape):
        return NetBox(api.url, api.ca, resolve(api.token, "ipam"))
    if api.token:
        return PhpIpam(api.url, api.app, api.ca, token=resolve(api.token, "ipam"))
    user, password = resolve_username(api.username, "ipam"), resolve(api.password, "ipam")
    return PhpIpam(api.url, api.app, api.ca, user, password)


def firewall_consoles(settings: Settings, site: Site) -> Mapping[str, Callable[[], FirewallFacts]]:
    """Return how the firewalls are asked that are read by REST, by their points. Raises ConfigError."""
    for name in settings.sources.firewalls:
        if name not in site.points or site.points[name].platform != "hillstone_stoneos":
            where = f"{settings.config} user_defined.itsm.sources.firewalls"
            raise ConfigError(where, f"{name} is no StoneOS point of site.yaml", "correct its name")
    return {name: partial(_ask_wall, name, api) for name, api in settings.sources.firewalls.items()}


def _ask_wall(name: str, api: StoneosRestShape) -> FirewallFacts:
    from nornir_itsm.devices.credentials import resolve, resolve_username
    from nornir_itsm.sources.stoneos_rest import StoneosRest
    from nornir_itsm.stages.parse.stoneos_json import firewall_facts

    user, password = resolve_username(api.username, name), resolve(api.password, name)
    return firewall_facts(StoneosRest(name, api.url, api.ca, user, password, api.vsys).fetch())


def _no_source(settings: Settings, name: str, choices: str) -> ConfigError:
    where = f"{settings.config} user_defined.itsm.sources"
    return ConfigError(where, f"{name} is needed", f"give it {{{choices}}}")
