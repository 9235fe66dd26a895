"""The simulated cloud: what it holds, its keys, its faults, and what it answers to one call."""

import copy
import json
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nornir_itsm.errors import ConfigError
from nornir_itsm.lab.aliyun.actions import ACTIONS, ECS, Action, Record
from nornir_itsm.lab.aliyun.errors import ApiError, Lost, invalid, missing, throttled
from nornir_itsm.lab.aliyun.rules import WRITES, Rules
from nornir_itsm.lab.aliyun.signature import Gate, Key
from nornir_itsm.lab.faults import Faults, Log, Received, Verdict

if TYPE_CHECKING:
    from nornir_itsm.lab.aliyun.server import Port

_COMMON = frozenset(
    {
        "Action",
        "Version",
        "Format",
        "RegionId",
        "AccessKeyId",
        "Signature",
        "SignatureMethod",
        "SignatureNonce",
    }
    | {"SignatureVersion", "SignatureType", "Timestamp", "SecurityToken", "NextToken", "PageNumber"}
)


class Cloud:
    """One account's view of a cloud. Every public method may be called from any thread."""

    def __init__(self, records: Mapping[str, list[Record]]) -> None:
        """Hold *records* by the name of their file."""
        self.records = dict(records)
        self.records.setdefault("security_groups", _groups(records.get("instances", ())))
        rules = self.records.setdefault("security_group_rules", [])
        self._groups = {g["SecurityGroupId"]: g for g in self.records["security_groups"]}
        self._rules = Rules(rules, frozenset(self._groups))
        self._first = copy.deepcopy(rules)
        self.faults = Faults()
        """Those of writes."""
        self.log = Log()
        self.behind = 0.0
        """Seconds for which lists of rules do not show the last write yet."""
        self._late: tuple[float, list[Record]] = (0.0, [])
        self.gate = Gate()
        self.calls: Counter[str] = Counter()
        """Answered calls by action, and ``throttled``."""
        self.cut_after: int | None = None
        """So many bytes of each answer are sent; then the connection is closed."""
        self.lost = 0
        """So many records are missing from each page, though they are counted."""
        self.legacy = False
        """Be an older private cloud: no tokens, every page has a number, ``MaxResults`` is not known."""
        self._headers: dict[str, str] = {}
        self._rate, self._chance = 0.0, random.Random()
        self._tokens: dict[str, tuple[str, int]] = {}
        self._lock = threading.Lock()
        self._port: Port | None = None

    @classmethod
    def from_snapshot(cls, folder: Path) -> "Cloud":
        """Return a cloud that holds what the JSON files of *folder* say. Raises ConfigError."""
        records: dict[str, list[Record]] = {}
        for action in ACTIONS.values():
            file = folder / f"{action.file}.json"
            if file.exists():
                try:
                    outer, inner = action.wrapper
                    records[action.file] = json.loads(file.read_text("utf-8"))[outer][inner]
                except (OSError, ValueError, KeyError, TypeError) as error:
                    raise ConfigError(str(file), f"is no answer of the cloud: {error}", "export it") from None
        return cls(records)

    def key(self, *, temporary: bool = False) -> Key:
        """Make and return a new access key."""
        token = secrets.token_urlsafe(32) if temporary else ""
        made = Key(f"LTAI{secrets.token_hex(8)}", secrets.token_urlsafe(24), token)
        self.gate.keys[made.id] = made
        return made

    def wants(self, headers: Mapping[str, str]) -> None:
        """Show nothing to a call without these headers, as a private cloud does (inferred)."""
        self._headers = {key.lower(): value for key, value in headers.items()}

    def throttle(self, rate: float, seed: int = 0) -> None:
        """Refuse this part of all calls from now on, chosen by chance."""
        with self._lock:
            self._rate, self._chance = rate, random.Random(seed)

    def answer(
        self, method: str, parameters: Mapping[str, str], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return the answer to one call. Raises ApiError."""
        self.gate.admit(method, parameters)
        name = parameters.get("Action", "")
        action = ACTIONS.get(name)
        product = action.product if action else ECS if name in WRITES else None
        if product is None:
            raise ApiError(404, "InvalidAction.NotFound", "Specified api is not found.")
        if parameters.get("Version") != product[1]:
            raise ApiError(404, "InvalidVersion", "Specified parameter Version is not valid.")
        if not parameters.get("RegionId"):
            raise missing("RegionId")
        with self._lock:
            if self._chance.random() < self._rate:
                self.calls["throttled"] += 1
                raise throttled()
            self.calls[name] += 1
            if action is None:
                self._write(name, parameters)
                return {}
            return self._page(name, action, parameters, self._visible(action, headers))

    @property
    def lines(self) -> tuple[Received, ...]:
        """Every write call received, as ``ACTION group``, in order."""
        return self.log.entries()

    def state(self) -> list[Record]:
        """Return the rules of all groups as comparable values: without the ids that the cloud gives."""
        with self._lock:
            rules = [{k: v for k, v in r.items() if k != "SecurityGroupRuleId"} for r in self._rules.listed()]
        return sorted(rules, key=lambda rule: json.dumps(rule, sort_keys=True))

    def reset(self) -> None:
        """Hold the rules of the beginning again: no faults, no log."""
        with self._lock:
            self._rules.listed()[:] = copy.deepcopy(self._first)
            self.faults.clear()
            self.log.clear()

    def _write(self, name: str, parameters: Mapping[str, str]) -> None:
        """Carry out a write, or do with it what is armed. Raises ApiError, Lost."""
        verdict = self.faults.verdict()
        text = f"{name} {parameters.get('SecurityGroupId', '')}"
        try:
            if verdict is Verdict.REFUSE:
                raise ApiError(403, "Forbidden.RAM", "User not authorized to operate on the resource.")
            if verdict is Verdict.DROP_BEFORE:
                raise Lost
            if self.behind:
                self._late = time.monotonic() + self.behind, copy.deepcopy(self._rules.listed())
            self._rules.write(name, parameters)
        except (ApiError, Lost):
            self.log.add(text, accepted=False)
            raise
        self.log.add(text, accepted=True)
        if verdict is Verdict.DROP_AFTER:
            raise Lost

    def start(self, certificate: Path | None = None, key: Path | None = None) -> int:
        """Listen on a free loopback port, with TLS where a certificate is given; return the port."""
        from nornir_itsm.lab.aliyun.server import Port

        self._port = Port(self, certificate, key)
        return self._port.open()

    def stop(self) -> None:
        """Close the port."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def _visible(self, action: Action, headers: Mapping[str, str]) -> Iterable[Record]:
        given = {key.lower(): value for key, value in headers.items()}
        if any(given.get(key) != value for key, value in self._headers.items()):
            return ()
        found = self.records.get(action.file, ())
        if action.file == "security_group_rules" and time.monotonic() < self._late[0]:
            return self._late[1]
        if action.file == "security_groups":  # the list does not tell it, the group itself does
            return [{k: v for k, v in one.items() if k != "InnerAccessPolicy"} for one in found]
        return found

    def _page(
        self, name: str, action: Action, parameters: Mapping[str, str], records: Iterable[Record]
    ) -> dict[str, Any]:
        strange = set(parameters) - _COMMON - set(action.filters) - {action.size}
        strange -= {"PageSize"} if self.legacy else set()
        if strange:
            raise invalid(min(strange), "is not known to this action")
        region = parameters["RegionId"]
        found = [one for one in records if one.get("RegionId", region) == region]
        for parameter, fits in action.filters.items():
            if parameter in parameters:
                found = [one for one in found if fits(one, parameters[parameter])]
        numbered = self.legacy or action.paging == "page"
        named = "PageSize" if numbered else action.size
        size = _number(parameters, named, action.usual, action.least, action.largest)
        outer, inner = action.wrapper
        if numbered:
            number = _number(parameters, "PageNumber", 1, 1, 1 << 20)
            begin = (number - 1) * size
            extra: dict[str, Any] = {"PageNumber": number, "PageSize": size}
        else:
            begin = self._begin(name, parameters.get("NextToken", ""))
            extra = {"NextToken": self._token(name, begin + size) if begin + size < len(found) else ""}
        if name == "DescribeSecurityGroupAttribute":
            extra |= self._of_group(parameters.get("SecurityGroupId", ""))
        page = found[begin : begin + size]
        kept = page[: len(page) - self.lost] if self.lost else page
        return {**extra, "TotalCount": len(found), outer: {inner: kept}}

    def _of_group(self, id: str) -> dict[str, Any]:
        """Return what is said of a group beside its rules. Raises ApiError."""
        group = self._groups.get(id)
        if group is None:
            raise ApiError(404, "InvalidSecurityGroupId.NotFound", "The specified group does not exist.")
        usual = "Drop" if group.get("SecurityGroupType") == "enterprise" else "Accept"
        return {"SecurityGroupId": id, "InnerAccessPolicy": group.get("InnerAccessPolicy", usual)}

    def _token(self, name: str, begin: int) -> str:
        token = secrets.token_urlsafe(24)
        self._tokens[token] = name, begin
        return token

    def _begin(self, name: str, token: str) -> int:
        if not token:
            return 0
        action, begin = self._tokens.get(token, ("", 0))
        if action != name:
            raise invalid("NextToken")
        return begin


def _groups(instances: Iterable[Record]) -> list[Record]:
    """Return the security groups that instances are in, where no export says more of them."""
    ids = {id for one in instances for id in one.get("SecurityGroupIds", {}).get("SecurityGroupId", ())}
    return [{"SecurityGroupId": id, "SecurityGroupName": id} for id in sorted(ids)]


def _number(parameters: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = parameters.get(name, str(usual))
    if not text.isdecimal() or not least <= int(text) <= most:
        raise invalid(name, f"must be between {least} and {most}")
    return int(text)
