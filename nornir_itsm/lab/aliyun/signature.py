"""Who called, and whether the call is new: signature version 1.0 (HMAC-SHA1) over all parameters.

Source: API reference, "request signatures" (RPC): parameters sorted by name in byte order, encoded as
RFC 3986 says, joined, encoded again behind method and path; the key is the secret and ``&``.
"""

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nornir_itsm.lab.aliyun.errors import ApiError, missing

LIFE = timedelta(minutes=15)
"""A call older than this, or so far in the future, is refused; so long its nonce is remembered."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


@dataclass(frozen=True, slots=True)
class Key:
    """An access key; a temporary one has a token too."""

    id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Key({self.id!r})"


class Gate:
    """Lets a call in once, and only from a holder of a key."""

    def __init__(self) -> None:
        """Know nobody."""
        self.keys: dict[str, Key] = {}
        self.skew = timedelta()
        """How far this cloud's clock is ahead of the machine's."""
        self._nonces: dict[tuple[str, str], datetime] = {}
        self._lock = threading.Lock()

    def admit(self, method: str, parameters: Mapping[str, str]) -> None:
        """Raise ApiError unless these parameters were signed by a known key, recently, for the first time."""
        for name in ("AccessKeyId", "Signature", "SignatureNonce", "Timestamp", "SignatureMethod"):
            if not parameters.get(name):
                raise missing(name)
        if (parameters["SignatureMethod"], parameters.get("SignatureVersion")) != ("HMAC-SHA1", "1.0"):
            raise ApiError(400, "InvalidParameter.SignatureMethod", "The signature method is not supported.")
        key = self.keys.get(parameters["AccessKeyId"])
        if key is None:
            raise ApiError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        now = datetime.now(UTC) + self.skew
        if abs(now - _time(parameters["Timestamp"])) > LIFE:
            text = "Specified time stamp or date value is expired."
            raise ApiError(400, "InvalidTimeStamp.Expired", text)
        text = string_to_sign(method, parameters)
        made = base64.b64encode(hmac.digest(f"{key.secret}&".encode(), text.encode(), hashlib.sha1)).decode()
        if not hmac.compare_digest(made, parameters["Signature"]):
            said = "Specified signature is not matched with our calculation. server string to sign is:"
            raise ApiError(400, "SignatureDoesNotMatch", said + text)
        if not hmac.compare_digest(key.token, parameters.get("SecurityToken", "")):
            raise ApiError(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
        self._once(key.id, parameters["SignatureNonce"], now)

    def _once(self, key: str, nonce: str, now: datetime) -> None:
        with self._lock:
            for old in [one for one, when in self._nonces.items() if now - when > LIFE]:
                del self._nonces[old]
            if (key, nonce) in self._nonces:
                raise ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
            self._nonces[key, nonce] = now


def string_to_sign(method: str, parameters: Mapping[str, str]) -> str:
    """Return what is signed: method, path and every parameter but the signature."""
    signed = sorted((k.encode(), v.encode()) for k, v in parameters.items() if k != "Signature")
    query = "&".join(f"{_encoded(k)}={_encoded(v)}" for k, v in signed)
    return f"{method}&{_encoded(b'/')}&{_encoded(query.encode())}"


def _encoded(text: bytes) -> str:
    return "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in text)


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ApiError(
            400, "InvalidTimeStamp.Format", "Specified time stamp is not well formatted."
        ) from None
