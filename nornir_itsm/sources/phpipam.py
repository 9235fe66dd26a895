"""phpIPAM by its REST API: every subnet and every address, as its own exports have them.

Source: phpIPAM's API controllers (``subnets/all``, ``addresses/all``: 1.3 and newer) and API documentation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from nornir_itsm.model.change import Json
from nornir_itsm.sources.rest import Answer, AnsweredNo, NoAnswer, RestClient, one_line

NAME = "phpIPAM"
_HINT = "check url and app, and that the account may use the API of this app"


@dataclass(frozen=True, slots=True)
class PhpIpam:
    """One phpIPAM. *url* ends in ``/api``; *app* is the application id.

    Either *username* and *password* (a session token is asked for and given back), or *token*: the static
    code of an app in the mode "SSL with App code token".
    """

    url: str
    app: str
    ca: Path
    username: str = ""
    password: str = ""
    token: str = ""

    def fetch(self) -> Mapping[str, object]:
        """Return ``subnets`` and ``addresses`` as plain lists. Raises SourceError.

        The API tells no total: an answer that is cut off is no JSON document, which is its end mark. What
        the account may not see is not in the answer (phpIPAM filters silently).
        """
        client = RestClient(NAME, f"{self.url.rstrip('/')}/{self.app}", ca=self.ca, ca_key="key ca")
        try:
            client.session.headers["token"] = self.token or self._log_in(client)
            try:
                return {name: self._all(client, name) for name in ("subnets", "addresses")}
            finally:
                if not self.token:
                    client.call("DELETE", "/user/")
        finally:
            client.close()

    def _log_in(self, client: RestClient) -> str:
        answer = client.call("POST", "/user/", auth=(self.username, self.password))
        data = _data(answer, "POST /user/")
        token = data.get("token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token:
            raise NoAnswer(f"{NAME} POST /user/", "the answer has no token", _HINT)
        return token

    def _all(self, client: RestClient, controller: str) -> list[Json]:
        where = f"GET /{controller}/all/"
        answer = client.call("GET", f"/{controller}/all/")
        if answer.status == 404 and isinstance(answer.document, dict):
            return []  # phpIPAM says of an empty list that it was not found
        data = _data(answer, where)
        if not isinstance(data, list):
            raise NoAnswer(f"{NAME} {where}", "no list of records", "phpIPAM 1.3 or newer is needed")
        return cast(list[Json], data)


def _data(answer: Answer, where: str) -> object:
    """Return the data of an envelope that says success. Raises SourceError."""
    document = answer.document
    if not isinstance(document, dict):
        raise NoAnswer(f"{NAME} {where}", f"HTTP {answer.status} without a JSON object", _HINT)
    if answer.status != 200 or str(document.get("success")).lower() not in ("true", "1"):
        problem = f"HTTP {answer.status} {one_line(document.get('message'))}".strip()
        raise AnsweredNo(f"{NAME} {where}", problem, _HINT, status=answer.status)
    return document.get("data")
