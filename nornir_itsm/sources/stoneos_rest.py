"""A StoneOS firewall read by its REST API, in the shape of its exports: where nobody may log in by SSH.

Source: public clients of the documented family ``/rest/api``. Reading only; an interface for a second
opinion, since it cuts long members off and has codes that nobody explains: what it leaves undecidable, the
printed configuration says.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from nornir_itsm.model.change import Json
from nornir_itsm.sources.rest import Answer, AnsweredNo, NoAnswer, RestClient, one_line
from nornir_itsm.stages.parse.stoneos_json import DOCUMENTS

PAGE = 100
_HINT = "check address and account; it is not tried again: after a wrong password a captcha is asked for"
Record = dict[str, Json]


@dataclass(frozen=True, slots=True)
class StoneosRest:
    """One firewall or vsys of it. *url* is ``https://HOST``, *vsys* its id (``0`` is the root's)."""

    device: str
    url: str
    ca: Path
    username: str
    password: str
    vsys: str = "0"

    def fetch(self) -> Mapping[str, object]:
        """Return every document of the rule base by name, each whole by its total. Raises SourceError."""
        client = RestClient(self.device, f"{self.url.rstrip('/')}/rest/api", ca=self.ca, ca_key="key ca")
        try:
            client.session.headers["Cookie"] = self._log_in(client)
            try:
                return {name: {"result": self._all(client, name)} for name in DOCUMENTS}
            finally:
                client.call("DELETE", "/login")  # sessions are few
        finally:
            client.close()

    def _log_in(self, client: RestClient) -> str:
        """Return the cookie of a session: the API lets its clients put it together themselves."""
        names = (("userName", self.username), ("password", self.password))
        coded: Record = {key: base64.b64encode(value.encode()).decode() for key, value in names}
        answer = client.call("POST", "/login", body={**coded, "lang": "zh_CN"})
        session = next(iter(self._result(answer, "POST /login")), {})
        token = session.get("token")
        if not isinstance(token, str) or not token:
            raise NoAnswer(f"{self.device} POST /login", "the answer has no token", _HINT)
        more = {"role": session.get("role", "admin"), "fromrootvsys": session.get("fromrootvsys", "true")}
        parts = {"token": token, "username": self.username, "vsysId": self.vsys, **more}
        return "; ".join(f"{key}={value}" for key, value in parts.items())

    def _all(self, client: RestClient, name: str) -> list[Record]:
        """Return a list page by page: the query is one parameter that holds JSON."""
        found: list[Record] = []
        while True:
            asked = {"fields": [], "conditions": [], "start": len(found), "limit": PAGE}
            answer = client.call("GET", f"/{name}", query={"query": json.dumps(asked)})
            page = self._result(answer, f"GET /{name}")
            total = _total(answer)
            found += page
            names = {str(record.get("id") or record.get("name")) for record in found}
            if len(names) != len(found) or (total is not None and len(found) > total):
                problem = f"the list changed while it was read ({len(found)} of {total} records)"
                raise NoAnswer(f"{self.device} GET /{name}", problem, "read it again")
            if len(found) == total or (total is None and len(page) < PAGE):
                return found
            if not page:
                problem = f"only {len(found)} of {total} records came"
                raise NoAnswer(f"{self.device} GET /{name}", problem, "read it again")

    def _result(self, answer: Answer, where: str) -> list[Record]:
        """Return the records of an answer that says success; one record may stand there without a list."""
        document = answer.document
        if answer.status != 200 or not isinstance(document, dict):
            raise NoAnswer(f"{self.device} {where}", f"HTTP {answer.status} without a JSON object", _HINT)
        if document.get("success") is not True:
            said = document.get("exception")
            words = one_line(said.get("message")) if isinstance(said, dict) else ""
            raise AnsweredNo(f"{self.device} {where}", f"refused: {words}", _HINT, status=answer.status)
        result = document.get("result") or []
        listed = [result] if isinstance(result, dict) else result
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise NoAnswer(f"{self.device} {where}", "no list of records", _HINT)
        return cast(list[Record], listed)


def _total(answer: Answer) -> int | None:
    text = str(answer.document.get("total", "")) if isinstance(answer.document, dict) else ""
    return int(text) if text.isascii() and text.isdigit() else None
