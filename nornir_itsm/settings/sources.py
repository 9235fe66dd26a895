"""``sources`` of config.yaml: where facts of the cloud and the IPAM come from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nornir_itsm.settings.yaml_file import Fault, Loc

_REFERENCES = ("env:", "file:", "keyring:")
_HINT = "write env:NAME, file:/path or keyring:SERVICE/NAME, never the secret itself"


@dataclass(frozen=True, slots=True)
class PhpIpamShape:
    """A phpIPAM: *url* ends in ``/api``; a user with a password, or the static token of the app."""

    url: str
    app: str
    ca: Path
    username: str = ""
    password: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class NetBoxShape:
    """A NetBox: *url* ends in ``/api``."""

    url: str
    ca: Path
    token: str


@dataclass(frozen=True, slots=True)
class AliyunShape:
    """Accounts of the cloud, as the inventory ``itsm-aliyun`` takes them; rules of security groups too?"""

    accounts: tuple[dict[str, Any], ...]
    security_groups: bool = False


@dataclass(frozen=True, slots=True)
class CloudSource:
    """A cloud: one of these."""

    snapshot: Path | None = None
    aliyun: AliyunShape | None = None


@dataclass(frozen=True, slots=True)
class IpamSource:
    """An IPAM: one of these."""

    snapshot: Path | None = None
    phpipam: PhpIpamShape | None = None
    netbox: NetBoxShape | None = None


@dataclass(frozen=True, slots=True)
class StoneosRestShape:
    """A StoneOS firewall that is read by REST: *url* is ``https://HOST``, *vsys* the id of a vsys."""

    url: str
    ca: Path
    username: str
    password: str
    vsys: str = "0"


@dataclass(frozen=True, slots=True)
class Sources:
    """Systems that are not devices, and firewalls (by their point) that are read by REST, not by SSH."""

    cloud: CloudSource | None = None
    ipam: IpamSource | None = None
    firewalls: dict[str, StoneosRestShape] = field(default_factory=dict)


SHAPES = (Sources, CloudSource, IpamSource, PhpIpamShape, NetBoxShape, StoneosRestShape)
"""What may hold paths."""


def source_faults(sources: Sources, at: Loc) -> Iterator[Fault]:
    """Yield what is wrong with how systems are asked. No value is repeated: it may be a secret."""
    for name, wall in sources.firewalls.items():
        yield from _api_faults((*at, "firewalls", name), wall)
    cloud, ipam = sources.cloud, sources.ipam
    if cloud is not None and (cloud.snapshot is None) == (cloud.aliyun is None):
        yield Fault((*at, "cloud"), "names no source or several", "give one of snapshot, aliyun")
    if ipam is None:
        return
    here = (*at, "ipam")
    if [ipam.snapshot, ipam.phpipam, ipam.netbox].count(None) != 2:
        yield Fault(here, "names no source or several", "give one of snapshot, phpipam, netbox")
    api = ipam.phpipam or ipam.netbox
    if api is None:
        return
    key = "phpipam" if ipam.phpipam else "netbox"
    yield from _api_faults((*here, key), api)
    if ipam.phpipam and bool(ipam.phpipam.token) == bool(ipam.phpipam.username and ipam.phpipam.password):
        yield Fault((*here, key), "needs username and password, or token", "give one of the two")


def _api_faults(at: Loc, api: PhpIpamShape | NetBoxShape | StoneosRestShape) -> Iterator[Fault]:
    if not api.url.startswith("https://"):
        yield Fault((*at, "url"), "is no https address", "write https://HOST/...")
    for secret in ("password", "token"):
        value = getattr(api, secret, "")
        if value and not value.startswith(_REFERENCES):
            yield Fault((*at, secret), "is no reference to a secret", _HINT)
