"""The vendor's SDK core as it is let onto the wire, and its error codes in words."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.sources.aliyun_keys import Keys
from nornir_itsm.sources.rest import AnsweredNo, NoAnswer

if TYPE_CHECKING:
    from aliyunsdkcore.client import AcsClient

LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Where one account's region is asked. ``endpoints``: product -> URL; without, the public cloud's.

    ``headers`` are what a private cloud wants besides, ``ca`` its own authority, ``proxy`` a URL.
    """

    account: str
    region: str
    endpoints: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: Path | None = None
    proxy: str = ""

    def __str__(self) -> str:
        """Name it in messages."""
        return f"{self.account}/{self.region}"


def client_of(place: Place, keys: Keys, port: int, timeout: float) -> "AcsClient":
    """Make the vendor's client of one endpoint; it retries nothing and takes nothing from the environment."""
    from aliyunsdkcore.auth.credentials import EcsRamRoleCredential
    from aliyunsdkcore.client import AcsClient

    _quiet()
    own = {"ak": keys.id, "secret": keys.secret}
    if keys.role:
        if "ALIYUN_ACCESS_KEY_ID" in os.environ:
            problem = "ALIYUN_ACCESS_KEY_ID is set, and the SDK would take that key in the place of the role"
            raise ConfigError(f"cloud {place}", problem, "unset it")
        own = {"credential": EcsRamRoleCredential(keys.role)}
    client = AcsClient(
        **own,
        region_id=place.region,
        auto_retry=False,
        port=port,
        timeout=timeout,
        connect_timeout=min(timeout, 10),
        verify=str(place.ca) if place.ca else True,
        # Never empty: the SDK would take the proxies of the environment, whatever NO_PROXY says.
        proxy=dict.fromkeys(("http", "https"), place.proxy or None),
    )
    client.session.trust_env = False
    client.session.hooks["response"].append(_bounded)
    return client


def _bounded(response: Any, *_: Any, **__: Any) -> None:
    """Read an answer whole and within bounds, before the SDK does; one that ends early is an error."""
    content = bytearray()
    while piece := response.raw.read(1 << 16, decode_content=True):
        content += piece
        if len(content) > LARGEST_ANSWER:
            raise OSError("the answer does not end")
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and "Content-Encoding" not in response.headers and len(content) < int(length):
        raise OSError(f"the answer ended after {len(content)} of {length} bytes")
    response._content, response._content_consumed = bytes(content), True


def _quiet() -> None:
    """Keep the SDK from logging answers and parameters: a refusal of a signature repeats what was signed."""
    logging.getLogger("aliyunsdkcore").propagate = False
    logging.getLogger("aliyunsdkcore").addHandler(logging.NullHandler())
    logging.getLogger("aliyunsdkcore.http.http_response").handlers.clear()


UNDECIDED = frozenset({"", "ServiceUnavailable", "InternalError", "UnknownError"})
"""Codes after which nobody knows whether a write took effect; so it is with those of the SDK itself."""


def explained(where: str, code: str, message: str, tries: int) -> SourceError:
    """Say what an error code means and what helps; a NoAnswer where nobody knows whether a write was done."""
    said = _explained(where, code, message, tries)
    if code in UNDECIDED or code.startswith("SDK."):
        return NoAnswer(said.where, said.problem, said.hint)
    return AnsweredNo(said.where, said.problem, said.hint, code=code)


def _explained(where: str, code: str, message: str, tries: int) -> SourceError:
    """Say it in words. Signatures are not repeated: they hold tokens."""
    match code:
        case "SignatureDoesNotMatch" | "IncompleteSignature" | "InvalidAccessKeySecret":
            problem = f"the access key secret is not that of the access key ({code})"
            return SourceError(where, problem, "check the reference to the secret")
        case "InvalidTimeStamp.Expired":
            problem = f"this machine's clock and the cloud's are more than 15 minutes apart ({code})"
            return SourceError(where, problem, "set the clock (NTP), then run again")
        case _ if code.startswith(("InvalidAccessKeyId", "InvalidSecurityToken")):
            return SourceError(
                where, f"the access key is not accepted ({code})", "check the key, or its token's age"
            )
        case _ if code.startswith(("Forbidden", "NoPermission")):
            return SourceError(where, f"the account may not do this ({code})", "add the action to its policy")
        case "AuthorizationLimitExceed":
            hint = "remove rules that nobody needs, or have the quota raised"
            return SourceError(where, f"the security group may not have more rules ({code})", hint)
        case _ if code.startswith("Throttling"):
            return SourceError(where, f"throttled {tries} times in a row ({code})", "run again later")
        case "SDK.HttpError":
            return SourceError(
                where, f"no whole answer in {tries} tries: {message}", "check endpoint and routing"
            )
    problem = f"{code} {message}".strip()[:LONGEST_MESSAGE] or "no answer"
    return SourceError(where, problem, "is this the endpoint of that product?" if not code else "")
