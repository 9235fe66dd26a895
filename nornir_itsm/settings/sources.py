"""``sources`` of config.yaml: where facts of the cloud and the IPAM come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
class Source:
    """Where the answers of a system are kept that is not asked live."""

    snapshot: Path


@dataclass(frozen=True, slots=True)
class IpamSource:
    """An IPAM: one of these."""

    snapshot: Path | None = None
    phpipam: PhpIpamShape | None = None
    netbox: NetBoxShape | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """Systems that are not devices."""

    cloud: Source | None = None
    ipam: IpamSource | None = None


SHAPES = (Sources, Source, IpamSource, PhpIpamShape, NetBoxShape)
"""What may hold paths."""


def source_faults(sources: Sources, at: Loc) -> Iterator[Fault]:
    """Yield what is wrong with where the IPAM is asked. No value is repeated: it may be a secret."""
    ipam = sources.ipam
    if ipam is None:
        return
    here = (*at, "ipam")
    if [ipam.snapshot, ipam.phpipam, ipam.netbox].count(None) != 2:
        yield Fault(here, "names no source or several", "give one of snapshot, phpipam, netbox")
    api = ipam.phpipam or ipam.netbox
    if api is None:
        return
    key = "phpipam" if ipam.phpipam else "netbox"
    if not api.url.startswith("https://"):
        yield Fault((*here, key, "url"), "is no https address", "write https://HOST/api")
    for secret in ("password", "token"):
        value = getattr(api, secret, "")
        if value and not value.startswith(_REFERENCES):
            yield Fault((*here, key, secret), "is no reference to a secret", _HINT)
    if ipam.phpipam and bool(ipam.phpipam.token) == bool(ipam.phpipam.username and ipam.phpipam.password):
        yield Fault((*here, key), "needs username and password, or token", "give one of the two")
