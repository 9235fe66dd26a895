"""NetBox by its REST API, in the shape of the IPAM documents.

Source: NetBox documentation (REST API, paging by ``limit`` and ``offset``, tokens). Which of its fields
stand for what other IPAMs have is assumed: tenant (else DNS name) -> host name, comments -> note.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nornir_itsm.sources.rest import AnsweredNo, NoAnswer, RestClient, one_line

NAME = "NetBox"
PAGE = 500
_HINT = "check url and token, and that the token may read ipam"
_Item = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NetBox:
    """One NetBox. *url* ends in ``/api``; *token* is a v1 token or, as ``nbt_KEY.SECRET``, a v2 one."""

    url: str
    ca: Path
    token: str

    def fetch(self) -> Mapping[str, object]:
        """Return ``subnets`` and ``addresses`` as plain lists, complete by ``count``. Raises SourceError."""
        client = RestClient(NAME, self.url, ca=self.ca, ca_key="key ca")
        kind = "Bearer" if self.token.startswith("nbt_") else "Token"
        client.session.headers["Authorization"] = f"{kind} {self.token}"
        try:
            return {
                "subnets": _all(client, "/ipam/prefixes/", _subnet),
                "addresses": _all(client, "/ipam/ip-addresses/", _address),
            }
        finally:
            client.close()


def _all(client: RestClient, path: str, read: Callable[[_Item], _Item]) -> list[_Item]:
    """Return every record, page by page; a list that changes while it is read is refused."""
    found: dict[object, _Item] = {}
    while True:
        count, page = _page(client, path, len(found))
        before = len(found)
        found |= {item.get("id"): read(item) for item in page}
        if len(found) == count:
            return list(found.values())
        if len(found) != before + len(page) or not page or len(found) > count:
            problem = f"the list changed while it was read ({len(found)} of {count} records)"
            raise NoAnswer(f"{NAME} GET {path}", problem, "ask again")


def _page(client: RestClient, path: str, offset: int) -> tuple[int, list[_Item]]:
    query = {"limit": str(PAGE), "offset": str(offset), "ordering": "id"}
    answer = client.call("GET", path, query=query)
    document = answer.document
    if answer.status != 200 or not isinstance(document, dict):
        said = one_line(document.get("detail")) if isinstance(document, dict) else ""
        problem = f"HTTP {answer.status} {said}".strip()
        raise AnsweredNo(f"{NAME} GET {path}", problem, _HINT, status=answer.status)
    count, page = document.get("count"), document.get("results")
    if not isinstance(count, int) or not isinstance(page, list):
        raise NoAnswer(f"{NAME} GET {path}", "no page of records", _HINT)
    return count, [item for item in page if isinstance(item, dict)]


def _subnet(item: _Item) -> _Item:
    """Return a prefix; its VLAN is said in the description, where people without such a field write it."""
    words, vlan = str(item.get("description") or ""), _inner(item, "vlan", "vid")
    if vlan and not re.search(rf"(?i)vlan\s*{vlan}(?!\d)", words):
        words = f"{words}[Vlan{vlan}]"
    return {
        "subnet": item.get("prefix"),
        "description": words,
        "sectionId": _inner(item, "role", "id") or "0",
    }


def _address(item: _Item) -> _Item:
    return {
        "ip": str(item.get("address") or "").partition("/")[0],
        "hostname": _inner(item, "tenant", "name") or item.get("dns_name"),
        "description": item.get("description"),
        "note": item.get("comments"),
    }


def _inner(item: _Item, key: str, part: str) -> str:
    held = item.get(key)
    return str(held.get(part) or "") if isinstance(held, dict) else ""
