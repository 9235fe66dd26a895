"""REST client of a Sangfor AD (应用交付), API v3. Source: Sangfor AD 7.0 swagger, unless said."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, cast
from urllib.parse import quote

from nornir_itsm.errors import SourceError
from nornir_itsm.model.change import Json
from nornir_itsm.platforms.sangfor_ad import PLATFORM
from nornir_itsm.sources.rest import Answer, AnsweredNo, NoAnswer, RestClient, one_line

assert PLATFORM.rest is not None
API = PLATFORM.rest
PAGE = 500
"""Items asked for at once; the device's own default is everything."""


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
        self.device = device
        self._client = RestClient(device, base_url, ca=ca, ca_key="column ca", timeout=timeout)
        self._auth = (username, password)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._client.close()

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
        answer = self._client.call(method, path, query=query, body=body, auth=self._auth)
        return self._read(method, path, answer)

    def _read(self, method: str, path: str, answer: Answer) -> dict[str, Json]:
        status, document = answer.status, answer.document
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


_HINTS = {
    401: "wrong user or password, or the account may not use the API",
    403: "the account has no right to do this",
    404: "no such object, or not the API of a Sangfor AD 7.0",
}


def _words_of(document: object) -> tuple[str, str]:
    """Return err_code and msg of an error document, bounded and on one line."""
    if not isinstance(document, dict):
        return "", ""
    return one_line(document.get("err_code"), 60), one_line(document.get("msg"))
