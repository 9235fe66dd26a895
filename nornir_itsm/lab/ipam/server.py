"""The IPAM's HTTPS port: phpIPAM below ``/api/<app>/``, NetBox below ``/netbox/api/``, over the same records.

phpIPAM (its API controllers): Basic login for a token, ``token`` on every call, an envelope with ``code``,
``success`` and ``data``, every number a string, 404 for an empty list. NetBox (its documentation): a static
token, pages of 50 unless asked for more, ``count`` and ``results``.
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.https import Answered, Call, JsonPort

USER, APP = "reader", "itsm"
LONGEST_PAGE = 1000
Record = dict[str, Any]


class Ipam:
    """The records of a snapshot, and the port that answers with them."""

    def __init__(self, subnets: Sequence[Record], addresses: Sequence[Record]) -> None:
        """Take the records as phpIPAM exports them."""
        self.records: dict[str, list[Record]] = {"subnets": list(subnets), "addresses": list(addresses)}
        self.sessions: set[str] = set()
        """Tokens that were given out and not given back."""
        self.password = ""
        self.port: JsonPort | None = None

    @classmethod
    def from_snapshot(cls, folder: Path) -> "Ipam":
        """Return an IPAM that holds what *folder* says. Raises ConfigError."""
        try:
            read = [json.loads((folder / f"{n}.json").read_text("utf-8")) for n in ("subnets", "addresses")]
        except (OSError, ValueError) as error:
            raise ConfigError(str(folder), f"no records of an IPAM: {error}", "name a snapshot") from None
        return cls(*read)

    def start(self, password: str, certificate: Path, key: Path) -> int:
        """Listen on a free loopback port for user ``reader``; *password* is the NetBox token too."""
        self.password = password
        self.port = JsonPort(self._answer, certificate, key)
        return self.port.number

    def stop(self) -> None:
        """Close the port."""
        if self.port is not None:
            self.port.close()
            self.port = None

    def _answer(self, call: Call) -> Answered:
        parts = urlsplit(call.path)
        if parts.path.startswith("/netbox/api/"):
            return self.netbox(call.method, parts.path.removeprefix("/netbox/api"), parts.query, call.headers)
        if parts.path.startswith("/api/"):
            return self.phpipam(call.method, parts.path.removeprefix("/api"), call.headers)
        return 404, {"detail": "Not found."}

    def phpipam(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, Record]:
        """Answer a call of phpIPAM."""
        app, _, rest = path.strip("/").partition("/")
        if app != APP:
            return _said(400, "Invalid application id")
        if rest == "user" and method == "POST":
            return self._log_in(headers.get("Authorization", ""))
        token = headers.get("token") or headers.get("phpipam-token") or ""
        if token not in self.sessions:
            return _said(403, "Please provide token" if not token else "Invalid token")
        if rest == "user" and method == "DELETE":
            self.sessions.discard(token)
            return _said(200, "Token removed")
        controller, _, id = rest.partition("/")
        if method != "GET" or controller not in self.records or id not in ("", "all"):
            return _said(400, "Invalid controller or request")
        listed = [_worded(record) for record in self.records[controller]]
        return _said(200, data=listed) if listed else _said(404, f"No {controller} found")

    def _log_in(self, authorization: str) -> tuple[int, Record]:
        scheme, _, coded = authorization.partition(" ")
        try:
            given = base64.b64decode(coded, validate=True) if scheme.lower() == "basic" else b""
        except (binascii.Error, ValueError):
            given = b""
        if not hmac.compare_digest(given, f"{USER}:{self.password}".encode()):
            return _said(401, "Invalid username or password")
        token = secrets.token_hex(12)
        self.sessions.add(token)
        return _said(200, data={"token": token, "expires": "2099-12-31 23:59:59"})

    def netbox(self, method: str, path: str, query: str, headers: Mapping[str, str]) -> tuple[int, Record]:
        """Answer a call of NetBox."""
        if not hmac.compare_digest(headers.get("Authorization", ""), f"Token {self.password}"):
            return 403, {"detail": "Invalid token"}
        listed = {
            "ipam/prefixes": lambda: [_prefix(r) for r in self.records["subnets"]],
            "ipam/ip-addresses": lambda: [_ip(r) for r in self.records["addresses"]],
        }.get(path.strip("/"))
        if method != "GET" or listed is None:
            return 404, {"detail": "Not found."}
        asked = {key: values[-1] for key, values in parse_qs(query).items()}
        limit, offset = min(int(asked.get("limit", 50)), LONGEST_PAGE), int(asked.get("offset", 0))
        found = listed()
        return 200, {"count": len(found), "results": found[offset : offset + limit]}


def _said(code: int, message: str = "", data: object = None) -> tuple[int, Record]:
    body: Record = {"code": code, "success": code == 200, "time": 0.01}
    return code, body | ({"message": message} if message else {}) | ({} if data is None else {"data": data})


def _worded(value: Any) -> Any:
    """Say every number as a string, as phpIPAM does."""
    if isinstance(value, dict):
        return {key: _worded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_worded(item) for item in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _prefix(record: Record) -> Record:
    role = {"id": record["sectionId"]} if record.get("sectionId") else None
    described = {"description": record.get("description") or "", "role": role, "vlan": None}
    return {"id": record["id"], "prefix": f"{record['subnet']}/{record['mask']}", **described}


def _ip(record: Record) -> Record:
    return {
        "id": record["id"],
        "address": f"{record['ip']}/32",
        "dns_name": record.get("hostname") or "",
        "tenant": None,
        "description": record.get("description") or "",
        "comments": record.get("note") or "",
    }
