"""The REST face of a firewall, read only, over the documents of a snapshot.

As public clients know it: user and password in base64, a cookie that the client puts together, ``query`` as
one parameter of JSON (another is silently ignored: page one comes), 50 records unless asked for more, one
record without a list around it, a failure with HTTP 200.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.https import Answered, Call, JsonPort

DOCUMENTS = ("policy", "addrbook", "servicebook", "servicegroup", "schedule")
USUAL = 50


class RestFace:
    """Documents by vsys id, and the port that shows them to who is logged in."""

    def __init__(self, systems: Mapping[str, Path]) -> None:
        """Take the folder of each vsys. Raises ConfigError."""
        self.systems = {id: _read(folder) for id, folder in systems.items()}
        self.tokens: set[str] = set()
        """Sessions that nobody has ended."""
        self.lost = 0
        """So many records are missing from each page, though they are counted."""
        self.user, self.password = "reader", ""
        self.port: JsonPort | None = None

    def start(self, password: str, certificate: Path, key: Path) -> int:
        """Listen; return the port."""
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
        name = parts.path.removeprefix("/rest/api/")
        if name == "login" and call.method == "POST":
            return self._log_in(call.body)
        said = dict(part.split("=", 1) for part in call.headers.get("Cookie", "").split("; ") if "=" in part)
        if said.get("token") not in self.tokens:
            return 200, _failed("not logged in")
        if name == "login":
            self.tokens.discard(said["token"])
            return 200, {"success": True, "result": []}
        system = self.systems.get(said.get("vsysId", "0"))
        if system is None or name not in DOCUMENTS:
            return 200, _failed("no such resource")
        return 200, self._page(system.get(name, []), parts.query)

    def _log_in(self, body: bytes) -> Answered:
        try:
            given = json.loads(body)
            name, password = (base64.b64decode(given[key]).decode() for key in ("userName", "password"))
        except (ValueError, KeyError, TypeError):
            return 200, _failed("bad request")
        if (name, password) != (self.user, self.password):
            return 200, _failed("user name or password is wrong")
        token = secrets.token_hex(16)
        self.tokens.add(token)
        return 200, {"success": True, "result": [{"token": token, "role": "admin", "fromrootvsys": "true"}]}

    def _page(self, records: list[Any], query: str) -> dict[str, Any]:
        try:
            asked = json.loads(parse_qs(query)["query"][-1])
        except (KeyError, ValueError):
            asked = {}
        start, limit = int(asked.get("start", 0)), int(asked.get("limit", USUAL))
        page = records[start : start + limit]
        page = page[: len(page) - self.lost]
        result = page[0] if len(page) == 1 else page
        return {"success": True, "total": str(len(records)), "result": result}


def _failed(message: str) -> dict[str, Any]:
    return {"success": False, "result": [], "exception": {"message": message}}


def _read(folder: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for name in DOCUMENTS:
        file = folder / f"{name}.json"
        try:
            found[name] = json.loads(file.read_text("utf-8"))["result"] if file.exists() else []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(str(file), f"is no export of a firewall: {error}", "export it again") from None
    return found
