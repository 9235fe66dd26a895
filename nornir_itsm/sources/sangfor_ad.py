"""REST client of a Sangfor AD (应用交付), API v3. Source: Sangfor AD 7.0 swagger, unless said."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import quote

from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.model.change import Json
from nornir_itsm.platforms.sangfor_ad import PLATFORM

if TYPE_CHECKING:
    import requests

assert PLATFORM.rest is not None
API = PLATFORM.rest
PAGE = 500
"""Items asked for at once; the device's own default is everything."""
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
class Listing:
    """A whole collection. ``capacity`` is how many items the device can hold, None where it does not say."""

    items: tuple[dict[str, Json], ...]
    capacity: int | None

    def named(self, name: str) -> dict[str, Json] | None:
        """Return the item of exactly that name (the device's own search matches substrings)."""
        return next((item for item in self.items if item.get("name") == name), None)


def item_path(collection: str, name: str) -> str:
    """Return the path of one item, its name percent-encoded.

    Raises SourceError for a name that a URL cannot carry.
    """
    if name in ("", ".", ".."):
        raise SourceError(collection, f"{name!r} cannot be the name of an object", "choose another name")
    return f"{collection.rstrip('/')}/{quote(name, safe='')}"


class SangforAd:
    """One device. Every failure is a SourceError; AnsweredNo and NoAnswer tell the two kinds apart.

    Authentication is HTTP Basic on every call; a write persists by itself (assumed: no save call is
    documented). The certificate is always verified against the CA file.
    """

    def __init__(
        self, device: str, base_url: str, *, username: str, password: str, ca: Path, timeout: float = 30.0
    ) -> None:
        """Take what a session needs; nothing is asked yet. Raises ConfigError without a CA file."""
        import requests

        if not ca.is_file():
            raise ConfigError(device, f"there is no CA file {ca}", "put its path into the column ca")
        self.device = device
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        # Proxies, netrc and REQUESTS_CA_BUNDLE of the environment must not decide whom we talk to.
        self._session.trust_env = False
        self._session.auth = requests.auth.HTTPBasicAuth(username.encode(), password.encode())
        self._session.verify = str(ca)
        self._session.headers["Accept"] = "application/json"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._session.close()

    def fetch(self) -> dict[str, list[dict[str, Json]]]:
        """Return the rule collections by the names that the snapshot uses, every item with all its keys."""
        return {name: list(self.list(resource).items) for name, resource in API.documents.items()}

    def list(self, collection: str) -> Listing:
        """Return all items of a collection, page by page to the end."""
        items: list[dict[str, Json]] = []
        while True:
            query = {"all_properties": "true", "$skip": str(len(items)), "$top": str(PAGE)}
            page = self._call("GET", collection, query=query)
            found = page.get("items")
            total = page.get("total_items")
            if not isinstance(found, list) or not isinstance(total, int):
                raise self._nonsense("GET", collection, "no list of items")
            items += [item for item in found if isinstance(item, dict)]
            if not found or len(items) >= total:
                break
        names = [str(item.get("name")) for item in items]
        if len(items) != total or len(set(names)) != len(names):
            problem = f"the list changed while it was read ({len(items)} of {total} items)"
            raise self._nonsense("GET", collection, problem)
        capacity = page.get("maximum_items")
        return Listing(tuple(items), capacity if isinstance(capacity, int) else None)

    def get(self, item: str) -> dict[str, Json] | None:
        """Return the item at this path (see item_path) with all its keys, None where there is none."""
        try:
            return self._call("GET", item, query={"all_properties": "true"})
        except AnsweredNo as no:
            if no.status == 404:
                return None
            raise

    def create(self, collection: str, body: Mapping[str, Json]) -> dict[str, Json]:
        """Make an item and return it as the device has it."""
        return self._call("POST", collection, body=body)

    def replace(self, item: str, body: Mapping[str, Json]) -> dict[str, Json]:
        """Replace the item at this path: keys that *body* lacks go back to their defaults."""
        return self._call("PUT", item, body=body)

    def delete(self, item: str) -> dict[str, Json]:
        """Delete the item at this path."""
        return self._call("DELETE", item)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Json] | None = None,
    ) -> dict[str, Json]:
        import requests

        try:
            with self._session.request(
                method,
                self._base + path,
                params=query,
                json=body,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._read(method, path, response.status_code, self._content(response))
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

    def _read(self, method: str, path: str, status: int, content: bytes) -> dict[str, Json]:
        try:
            document = json.loads(content) if content.strip() else {}
        except ValueError:
            document = None
        if status == 200 and isinstance(document, dict):
            return cast(dict[str, Json], document)
        if status < 300:
            raise self._nonsense(method, path, f"HTTP {status} without a JSON object")
        code, message = _words_of(document)
        where = f"{self.device} {method} {path}"
        if status >= 500 and not code:
            # A gateway in between, or a crash half-way: nobody knows what became of a write.
            raise NoAnswer(where, f"HTTP {status} without the device's own error", "read the device again")
        problem = f"HTTP {status} {code} {message}".strip()
        raise AnsweredNo(where, problem, _HINTS.get(status, ""), status=status, code=code)

    def _nonsense(self, method: str, path: str, problem: str) -> NoAnswer:
        return NoAnswer(f"{self.device} {method} {path}", problem, "is this the API of a Sangfor AD 7.0?")

    def _unanswered(self, method: str, path: str, error: Exception) -> NoAnswer:
        import requests

        where = f"{self.device} {method} {path}"
        match error:
            case requests.exceptions.SSLError():
                problem = f"the certificate is not accepted: {_root(error)}"
                return NoAnswer(
                    where, problem, "check the CA file (column ca) and the name in the certificate"
                )
            case requests.exceptions.ConnectTimeout():
                return NoAnswer(where, f"unreachable at {self._base}", "check address, port and routing")
            case requests.exceptions.ReadTimeout():
                return NoAnswer(where, f"no answer within {self._timeout:g} s", "read the device again")
            case _:
                problem = f"no connection to {self._base}, or it was lost: {_root(error)}"
                return NoAnswer(where, problem, "check address and port, then read the device again")


_HINTS = {
    401: "wrong user or password, or the account may not use the API",
    403: "the account has no right to do this",
    404: "no such object, or not the API of a Sangfor AD 7.0",
}


def _words_of(document: object) -> tuple[str, str]:
    """Return err_code and msg of an error document, bounded and on one line."""
    if not isinstance(document, dict):
        return "", ""
    code, message = (" ".join(str(document.get(key) or "").split()) for key in ("err_code", "msg"))
    return code[:60], message[:LONGEST_MESSAGE]


def _root(error: BaseException) -> str:
    """Return the innermost reason of a connection error, on one line and bounded."""
    while True:
        reason = getattr(error, "reason", None)
        inner = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__
        if not isinstance(inner, BaseException) or inner is error:
            break
        error = inner
    return " ".join(str(error).split())[:LONGEST_MESSAGE] or type(error).__name__
