"""An account of the cloud in a configuration: regions, keys by reference, endpoints of a private cloud."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nornir_itsm.errors import ConfigError
from nornir_itsm.references import HINT, is_reference, resolve
from nornir_itsm.sources.aliyun_keys import Keys, chained
from nornir_itsm.sources.aliyun_wire import Place

PRODUCTS = ("ecs", "vpc", "slb")
_TEXTS = (
    "name",
    "access_key_id",
    "access_key_secret",
    "security_token",
    "profile",
    "endpoint",
    "ca",
    "proxy",
)
_KNOWN = frozenset({*_TEXTS, "regions", "endpoints", "headers"})
_NAME = re.compile(r"\w[\w.-]{0,40}")
_REGION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}")


@dataclass(frozen=True, slots=True)
class Account:
    """``option`` is what the configuration says: it holds references, and no secret."""

    name: str
    regions: tuple[str, ...]
    option: Mapping[str, Any]

    @classmethod
    def of(cls, option: object, where: str) -> "Account":
        """Check what a configuration says of an account. Raises ConfigError."""
        if not isinstance(option, Mapping):
            raise ConfigError(where, "an account must be a map", "write {name: …, regions: […]}")
        if unknown := set(option) - _KNOWN:
            known = ", ".join(sorted(_KNOWN))
            raise ConfigError(where, f"unknown key {min(map(str, unknown))!r}", f"known keys: {known}")
        for problem, hint in _problems(option):
            raise ConfigError(where, problem, hint)
        return cls(option.get("name", "aliyun"), tuple(option["regions"]), dict(option))

    def places(self) -> Iterator[Place]:
        """Yield where each region is asked."""
        one = self.option.get("endpoint")
        endpoints = dict.fromkeys(PRODUCTS, one) if one else dict(self.option.get("endpoints") or {})
        ca = self.option.get("ca")
        for region in self.regions:
            yield Place(
                self.name,
                region,
                endpoints,
                dict(self.option.get("headers") or {}),
                Path(ca).expanduser() if ca else None,
                self.option.get("proxy", ""),
            )

    def keys(self) -> Keys:
        """Resolve the references, or walk the vendor's chain where there are none. Raises ConfigError."""
        where = f"cloud account {self.name}"
        id, secret, token = (
            self.option.get(key) for key in ("access_key_id", "access_key_secret", "security_token")
        )
        if not secret:
            return chained(where, profile=self.option.get("profile", ""))
        known = resolve(id, where) if is_reference(id or "") else id or ""
        return Keys(known, resolve(secret, where), resolve(token, where) if token else "")


def _problems(option: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in _TEXTS:
        if not isinstance(option.get(key, ""), str):
            yield f"{key} must be text", ""
    if not _NAME.fullmatch(str(option.get("name", "aliyun"))):
        yield f"name {option.get('name')!r:.60} cannot be", "letters, digits, . _ -"
    regions = option.get("regions")
    if not isinstance(regions, list | tuple) or not regions:
        yield "regions is missing", "write regions: [cn-example-1]"
    elif not all(isinstance(one, str) and _REGION.fullmatch(one) for one in regions):
        yield "regions holds something that is none", "write their ids: [cn-example-1]"
    for key in ("access_key_secret", "security_token"):
        if option.get(key) and not is_reference(str(option[key])):
            yield f"{key} is written out", f"{HINT}, and have the key replaced"
    if bool(option.get("access_key_id")) != bool(option.get("access_key_secret")):
        yield "access_key_id and access_key_secret belong together", "give both or none"
    if option.get("ca") and not Path(option["ca"]).expanduser().is_file():
        yield f"there is no CA file {option['ca']:.200}", "put the authority of the private cloud there"
    yield from _map_problems(option)


def _map_problems(option: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("endpoints", "headers"):
        given = option.get(key) or {}
        if not isinstance(given, Mapping) or not all(isinstance(v, str) for v in given.values()):
            yield f"{key} must be a map of texts", ""
            return
    urls = {**(option.get("endpoints") or {}), **({"": option["endpoint"]} if option.get("endpoint") else {})}
    for product, url in urls.items():
        if product and product not in PRODUCTS:
            yield f"endpoints: unknown product {product!r:.40}", f"one of {', '.join(PRODUCTS)}"
        if problem := _endpoint_problem(url):
            yield f"endpoint {url!r:.80} {problem}", "write http://ecs.cloud.example.internal"


def _endpoint_problem(url: str) -> str:
    """Return why *url* cannot be an endpoint, or nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return "must begin with http:// or https:// and name a host"
    return "must end after host and port" if parts.path not in ("", "/") or parts.query else ""
