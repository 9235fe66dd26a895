"""What one field of a Sangfor AD object may hold (Sangfor AD 7.0 swagger)."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

MAX_ITEMS = 100
"""Most members of a list of addresses or ports."""
_PORT = re.compile(r"([0-9]{1,5})(-([0-9]{1,5}))?")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


class BodyError(Exception):
    """A value that the device does not take: HTTP 400. The codes are assumed, the shape is not."""

    def __init__(self, msg: str, code: str = "ERR_INVALID_PARAM") -> None:
        """Keep the text for ``msg`` and for ``err_code``."""
        super().__init__(msg)
        self.msg = msg
        self.code = code


Known = Callable[[str, str], bool]
"""(kind, name) -> whether the device has a group, link or time plan of that name."""

Check = Callable[[str, Any, Known], None]
"""(field, value, known): raises BodyError."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property: how it is checked, and its default, which ``all_properties=false`` leaves out."""

    check: Check
    default: Any = None
    required: bool = False


def text(longest: int = 255, *, empty: bool = True) -> Check:
    """Take a printable string."""

    def check(name: str, value: Any, _: Known) -> None:
        if not isinstance(value, str) or len(value) > longest or _UNPRINTABLE.search(value):
            raise BodyError(f"{name}: not a string of up to {longest} printable characters")
        if not (empty or value.strip()):
            raise BodyError(f"{name}: must not be empty")

    return check


def whole(low: int, high: int) -> Check:
    """Take an integer."""

    def check(name: str, value: Any, _: Known) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise BodyError(f"{name}: {value!r} is not within {low}..{high}")

    return check


def one_of(*words: str) -> Check:
    """Take one word of an enumeration."""

    def check(name: str, value: Any, _: Known) -> None:
        if not isinstance(value, str) or value not in words:
            raise BodyError(f"{name}: {value!r} is not one of {', '.join(words)}")

    return check


def listed(item: Check, *, most: int = MAX_ITEMS, least: int = 0, unique: bool = True) -> Check:
    """Take a list of checked strings."""

    def check(name: str, value: Any, known: Known) -> None:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise BodyError(f"{name}: not a list of {least} to {most} items")
        for each in value:
            item(name, each, known)
        if unique and len(set(value)) != len(value):
            raise BodyError(f"{name}: an item stands twice")

    return check


def port(any_word: Collection[str] = ("0",)) -> Check:
    """Take ``8080``, ``8080-8090`` or one of the words that mean any port."""

    def check(name: str, value: Any, _: Known) -> None:
        if isinstance(value, str) and value in any_word:
            return
        found = _PORT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            raise BodyError(f"{name}: {value!r} is no port")
        low, high = int(found[1]), int(found[3] or found[1])
        if not 1 <= low <= high <= 65535:
            raise BodyError(f"{name}: {value!r} is no port range")

    return check


def address(family: int = 4) -> Check:
    """Take an address, ``a-b`` or a subnet."""
    single: type[IPv4Address] | type[IPv6Address] = IPv4Address if family == 4 else IPv6Address
    network: type[IPv4Network] | type[IPv6Network] = IPv4Network if family == 4 else IPv6Network

    def check(name: str, value: Any, _: Known) -> None:
        try:
            if not isinstance(value, str):
                raise ValueError
            low, dash, high = value.partition("-")
            if dash and int(single(low)) > int(single(high)):
                raise ValueError
            if not dash:
                network(value, strict=False)
        except ValueError:
            raise BodyError(f"{name}: {value!r} is no address") from None

    return check


def reference(kind: str, *words: str) -> Check:
    """Take the name of something the device has, or one of *words*."""

    def check(name: str, value: Any, known: Known) -> None:
        if not isinstance(value, str) or not (value in words or known(kind, value)):
            raise BodyError(f"{name}: {value!r} does not exist", "ERR_REFERENCE_NOT_FOUND")

    return check


def nested(fields: Mapping[str, Field]) -> Check:
    """Take an object of these fields."""

    def check(name: str, value: Any, known: Known) -> None:
        if not isinstance(value, dict):
            raise BodyError(f"{name}: not an object")
        check_object(fields, value, known, f"{name}.")

    return check


_REFERENCES = {
    "CUSTOM-ADDRESS-GROUP": ("ref_custom_address_group", "group"),
    "ISP-ADDRESS-GROUP": ("ref_isp_address_group", "isp"),
    "DOMAIN-GROUP": ("ref_domain_group", "domain"),
}


def match(*kinds: str) -> Check:
    """Take an address field: ``{"type": ...}`` with ``address`` or the reference that the type needs."""

    def check(name: str, value: Any, known: Known) -> None:
        if not isinstance(value, dict):
            raise BodyError(f"{name}: not an object")
        kind = value.get("type")
        one_of(*kinds)(f"{name}.type", kind, known)
        wanted: dict[str, Check] = {}
        if kind == "IP-ADDRESS":
            wanted = {"address": address(6 if ":" in str(value.get("address")) else 4)}
        elif kind in _REFERENCES:
            key, target = _REFERENCES[kind]
            wanted = {key: reference(target)}
        if extra := value.keys() - wanted.keys() - {"type"}:
            raise BodyError(f"{name}: {sorted(extra)[0]} does not belong to type {kind}")
        for key, check_value in wanted.items():
            if key not in value:
                raise BodyError(f"{name}.{key}: is required", "ERR_MISSING_PARAM")
            check_value(f"{name}.{key}", value[key], known)

    return check


def check_object(
    fields: Mapping[str, Field], value: Mapping[str, Any], known: Known, prefix: str = ""
) -> None:
    """Check every property of *value*: none unknown, none missing that is required."""
    for key in value:
        if key not in fields:
            raise BodyError(f"{prefix}{key}: unknown property")
    for key, each in fields.items():
        if key in value:
            each.check(prefix + key, value[key], known)
        elif each.required:
            raise BodyError(f"{prefix}{key}: is required", "ERR_MISSING_PARAM")
