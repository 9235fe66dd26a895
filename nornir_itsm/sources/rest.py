"""One HTTPS API that answers JSON: strict about certificates, bounded in size and time."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.model.change import Json

if TYPE_CHECKING:
    import requests

LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_MESSAGE = 300


@dataclass(eq=False)
class AnsweredNo(SourceError):  # noqa: N818 - reads as what it is
    """The device answered, and refused: what was asked for did not happen."""

    status: int = 0
    code: str = ""


class NoAnswer(SourceError):  # noqa: N818
    """No answer came, or none of the device's own: whether a write took effect is unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: HTTP status and the JSON document, None where the body is none."""

    status: int
    document: object


class RestClient:
    """A session with one API. The certificate is always verified against the CA file."""

    def __init__(self, device: str, base_url: str, *, ca: Path, ca_key: str, timeout: float = 30.0) -> None:
        """Take what a session needs; nothing is asked yet. *ca_key*: how the user says the CA file.

        Raises ConfigError without a CA file, or for another scheme than https.
        """
        import requests

        if not base_url.startswith("https://"):
            raise ConfigError(device, f"{base_url[:80]!r} is no https address", "write https://HOST/...")
        if not ca.is_file():
            raise ConfigError(device, f"there is no CA file {ca}", f"put its path into {ca_key}")
        self.device = device
        self._base = base_url.rstrip("/")
        self._ca_key = ca_key
        self._timeout = timeout
        self.session = requests.Session()
        # Proxies, netrc and REQUESTS_CA_BUNDLE of the environment must not decide whom we talk to.
        self.session.trust_env = False
        self.session.verify = str(ca)
        self.session.headers["Accept"] = "application/json"

    def close(self) -> None:
        """Close the connections that are kept open."""
        self.session.close()

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Json] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """Ask once, without redirects; *auth* is user and password for HTTP Basic. Raises NoAnswer."""
        import requests

        basic = requests.auth.HTTPBasicAuth(auth[0].encode(), auth[1].encode()) if auth else None
        try:
            with self.session.request(
                method,
                self._base + path,
                params=query,
                json=body,
                auth=basic,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(response.status_code, _document(self._content(response)))
        except requests.RequestException as error:
            raise self._unanswered(method, path, error) from None

    def _content(self, response: "requests.Response") -> bytes:
        """Read the body, bounded in size and in time: a device is not to hold or fill this machine."""
        deadline = time.monotonic() + 10 * self._timeout
        content = bytearray()
        for piece in response.iter_content(65536):
            content += piece
            if len(content) > LARGEST_ANSWER or time.monotonic() > deadline:
                raise NoAnswer(self.device, "the answer does not end", "look at the device by hand")
        return bytes(content)

    def _unanswered(self, method: str, path: str, error: Exception) -> NoAnswer:
        import requests

        where = f"{self.device} {method} {path}"
        match error:
            case requests.exceptions.SSLError():
                problem = f"the certificate is not accepted: {_root(error)}"
                hint = f"check the CA file ({self._ca_key}) and the name in the certificate"
                return NoAnswer(where, problem, hint)
            case requests.exceptions.ConnectTimeout():
                return NoAnswer(where, f"unreachable at {self._base}", "check address, port and routing")
            case requests.exceptions.ReadTimeout():
                return NoAnswer(where, f"no answer within {self._timeout:g} s", "read the device again")
            case _:
                problem = f"no connection to {self._base}, or it was lost: {_root(error)}"
                return NoAnswer(where, problem, "check address and port, then read the device again")


def one_line(value: object, longest: int = LONGEST_MESSAGE) -> str:
    """Return what an API says in words, bounded and on one line."""
    return " ".join(str(value or "").split())[:longest]


def _document(content: bytes) -> object:
    try:
        return json.loads(content) if content.strip() else {}
    except (ValueError, RecursionError):
        return None


def _root(error: BaseException) -> str:
    """Return the innermost reason of a connection error, on one line and bounded."""
    while True:
        reason = getattr(error, "reason", None)
        inner = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__
        if not isinstance(inner, BaseException) or inner is error:
            break
        error = inner
    return one_line(error) or type(error).__name__
