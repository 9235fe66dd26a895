"""Records of the cloud become devices: pure functions from what the API lists to what has an address.

Names, tags and descriptions are a tenant's free text: a name that cannot be a device's is replaced by the id.
"""

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.labels import is_secret

KINDS = ("ecs", "eni", "slb", "havip", "eip")
_NAME = re.compile(r"\w[\w.-]{0,63}")
_PLATFORMS = {"linux": "linux", "windows": "windows"}

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Device:
    """Something with an address. ``data`` is what the host will say of itself under ``cloud``."""

    id: str
    kind: str
    display: str
    addresses: tuple[str, ...]
    eips: tuple[str, ...]
    platform: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which devices are wanted; an empty part wants all. ``name`` is a pattern with ``*`` and ``?``."""

    vpc: frozenset[str] = frozenset()
    vswitch: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    name: str = "*"
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, option: Mapping[str, Any], where: str) -> "Filters":
        """Read the option. Raises ConfigError for a filter that is none."""
        known = ("vpc", "vswitch", "status", "name", "tags")
        for key in option:
            if key not in known:
                raise ConfigError(where, f"unknown filter {key!r:.40}", f"some of {', '.join(known)}")
        sets = {}
        for key in known[:3]:
            value = option.get(key, ())
            sets[key] = frozenset([value] if isinstance(value, str) else value)
        return cls(**sets, name=str(option.get("name", "*")), tags=dict(option.get("tags") or {}))

    def want(self, device: Device) -> bool:
        """Say whether a device is wanted."""
        data = device.data
        for key, wanted in (("vpc", self.vpc), ("vswitch", self.vswitch), ("status", self.status)):
            if wanted and data.get(key) not in wanted:
                return False
        tags = data.get("tags", {})
        fits = all(tags.get(key) == value for key, value in self.tags.items())
        return fits and fnmatchcase(device.display, self.name)


def devices(records: Mapping[str, Iterable[Record]]) -> Iterator[Device]:
    """Yield the devices of one region from its lists by kind.

    The primary interface of an instance and the elastic addresses bound to something are part of that;
    every other interface and elastic address (of a NAT gateway, or free) is a device of its own.
    """
    instances = list(records.get("ecs", ()))
    interfaces = list(records.get("eni", ()))
    bound: defaultdict[str, list[str]] = defaultdict(list)
    for eip in records.get("eip", ()):
        bound[_text(eip, "InstanceId")].append(_text(eip, "IpAddress"))
    ours = {_text(one, "InstanceId") for one in instances}
    primary = {_text(one, "InstanceId"): one for one in interfaces if one.get("Type") == "Primary"}
    found = [_instance(one, primary.get(_text(one, "InstanceId"), {}), bound) for one in instances]
    for one in interfaces:
        if one.get("Type") != "Primary" or _text(one, "InstanceId") not in ours:
            found.append(_interface(one, bound))
    found += (
        _other("slb", one, ("LoadBalancerId", "LoadBalancerName", "Address"), bound)
        for one in records.get("slb", ())
    )
    found += (
        _other("havip", one, ("HaVipId", "Name", "IpAddress"), bound) for one in records.get("havip", ())
    )
    yield from found
    attached = {device.id for device in found} | {_text(one, "NetworkInterfaceId") for one in interfaces}
    for one in records.get("eip", ()):
        if _text(one, "InstanceId") not in attached:
            yield _other("eip", one, ("AllocationId", "Name", "IpAddress"), {})


def named(found: Iterable[Device]) -> dict[str, str]:
    """Return id -> name of the host: what the tenant calls it where that can be a name and is its alone."""
    listed = list(found)
    counts: defaultdict[str, int] = defaultdict(int)
    for device in listed:
        counts[device.display.casefold()] += 1
        counts[device.id.casefold()] += 1
    good = {
        device.id: device.display
        for device in listed
        if counts[device.display.casefold()] == 1 and _NAME.fullmatch(device.display)
    }
    return {device.id: good.get(device.id, device.id) for device in listed}


def problem(device: Device, address: str | None) -> str:
    """Return why this can be no host, or nothing."""
    if not _NAME.fullmatch(device.id):
        return "its id cannot be a name"
    if not address:
        return "it has no address of that kind"
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return f"{address!r:.60} is no address"
    return ""


def _instance(one: Record, interface: Record, bound: Mapping[str, list[str]]) -> Device:
    said = one.get("VpcAttributes")
    vpc: Record = said if isinstance(said, Mapping) else {}
    id = _text(one, "InstanceId")
    addresses = [*_list(vpc, "PrivateIpAddress", "IpAddress"), *_list(one, "InnerIpAddress", "IpAddress")]
    own = one.get("EipAddress")
    eips = [*_list(one, "PublicIpAddress", "IpAddress"), *bound.get(id, ())]
    eips += bound.get(_text(interface, "NetworkInterfaceId"), ())
    if isinstance(own, Mapping) and own.get("IpAddress"):
        eips.append(str(own["IpAddress"]))
    data = {**_data(one), "vpc": _text(vpc, "VpcId"), "vswitch": _text(vpc, "VSwitchId")}
    return _device(("ecs", id, _text(one, "InstanceName")), addresses, eips, data, _text(one, "OSType"))


def _interface(one: Record, bound: Mapping[str, list[str]]) -> Device:
    id = _text(one, "NetworkInterfaceId")
    sets = one.get("PrivateIpSets")
    inner = sets.get("PrivateIpSet") if isinstance(sets, Mapping) else None
    parts = [part for part in inner or () if isinstance(part, Mapping)]
    first = sorted(parts, key=lambda part: part.get("Primary") is not True)
    addresses = [_text(part, "PrivateIpAddress") for part in first] or [_text(one, "PrivateIpAddress")]
    associated = (part.get("AssociatedPublicIp") for part in [one, *parts])
    eips = [_text(part, "PublicIpAddress") for part in associated if isinstance(part, Mapping)]
    data = {**_data(one), "instance": _text(one, "InstanceId")}
    name = _text(one, "NetworkInterfaceName")
    return _device(("eni", id, name), addresses, [*eips, *bound.get(id, ())], data)


def _other(kind: str, one: Record, keys: tuple[str, str, str], bound: Mapping[str, list[str]]) -> Device:
    id, name, address = (_text(one, key) for key in keys)
    data = {**_data(one), "instance": _text(one, "InstanceId")}
    eips = [address] if kind == "eip" else bound.get(id, [])
    return _device((kind, id, name), [] if kind == "eip" else [address], eips, data)


def _device(
    who: tuple[str, str, str],
    addresses: list[str],
    eips: Sequence[str],
    data: Mapping[str, Any],
    os: str = "",
) -> Device:
    """*who* is (kind, id, name)."""
    kind, id, name = who
    private, public = (tuple(dict.fromkeys(filter(None, some))) for some in (addresses, eips))
    said = {"id": id, "kind": kind, "name": name, "addresses": list(private), "eips": list(public), **data}
    kept = {key: value for key, value in said.items() if value}
    return Device(id, kind, name, private, public, _PLATFORMS.get(os.casefold()), kept)


def _data(one: Record) -> dict[str, Any]:
    """Return what every kind says; owners, descriptions and other free text stay behind."""
    status = _text(one, "Status") or _text(one, "LoadBalancerStatus")
    tags = {
        str(tag.get("TagKey") or tag.get("Key")): str(tag.get("TagValue") or tag.get("Value") or "")
        for tag in _list(one, "Tags", "Tag")
        if isinstance(tag, Mapping)
    }
    tags = {key: value for key, value in tags.items() if not is_secret(key)}
    return {
        "region": _text(one, "RegionId"),
        "zone": _text(one, "ZoneId"),
        "vpc": _text(one, "VpcId"),
        "vswitch": _text(one, "VSwitchId"),
        "status": status,
        "security_groups": [str(group) for group in _list(one, "SecurityGroupIds", "SecurityGroupId")],
        "tags": tags,
    }


def _text(one: Record, key: str) -> str:
    value = one.get(key)
    return str(value).strip() if isinstance(value, str | int) else ""


def _list(one: Record, outer: str, inner: str) -> list[Any]:
    wrapper = one.get(outer)
    found = wrapper.get(inner) if isinstance(wrapper, Mapping) else None
    return found if isinstance(found, list) else []
