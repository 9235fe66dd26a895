"""Nornir tasks for a region of a cloud: its security groups are read, and written rule by rule.

Source: API pages of AuthorizeSecurityGroup and RevokeSecurityGroup: adding a rule that is there and revoking
one that is not both succeed and do nothing. So the group is read before each call and after it, and a rule
is revoked by its identifier. There is no dry run.
"""

import json
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nornir_itsm.devices.aliyun_api import CONNECTION
from nornir_itsm.devices.cli_tasks import recorded
from nornir_itsm.devices.connect import discard
from nornir_itsm.devices.redaction import redact
from nornir_itsm.errors import ChangeError
from nornir_itsm.model.change import Call, Json
from nornir_itsm.model.cloud_network import GroupRule, SecurityGroup
from nornir_itsm.ports import PushResult, Sent
from nornir_itsm.stages.parse.cloud_groups import groups, rule_of
from nornir_itsm.stages.parse.document import Record

if TYPE_CHECKING:
    from nornir.core.task import Task

    from nornir_itsm.platforms import CloudPlatform
    from nornir_itsm.sources.aliyun import AliyunApi

_ACTION = re.compile(r"/((?:Authorize|Revoke)SecurityGroup(?:Egress)?)")
_ECS = ("ecs", "2014-05-26")
_LAG = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds before each look at what was written: what is read may be a little behind (inferred)."""


class _Stop(Exception):  # noqa: N818
    """The push ends here; the text says why."""


def read_documents(task: "Task", platform: "CloudPlatform") -> Mapping[str, object]:
    """Return the lists that facts are made of. Raises SourceError, ConfigError."""
    from nornir_itsm.sources.cloud_console import documents

    with _region(task) as api:
        return documents(api, platform.documents)


def reason_to_wait(task: "Task") -> str:
    """Return why the region must not be written to now, or an empty string. Raises SourceError.

    Nobody can hold its configuration and nothing waits to be saved; it must answer, that is all.
    """
    from nornir_itsm.sources.cloud_console import documents

    with _region(task) as api:
        documents(api, ("security_groups",))
    return ""


def push_calls(task: "Task", calls: Iterable[Call], before: Callable[[str], None]) -> PushResult:
    """Send *calls* in order, read each back, stop at the first thing that was not expected."""
    sent: list[Sent] = []
    problem = ""
    try:
        with _region(task) as api:
            for call in calls:
                _send(api, call, before, sent)
    except _Stop as stop:
        problem = str(stop)
    except ChangeError as error:
        problem = redact(f"{error.problem} ({error.hint})" if error.hint else error.problem)
    return PushResult(task.host.name, tuple(sent), problem)


@contextmanager
def _region(task: "Task") -> Iterator["AliyunApi"]:
    """Open a client of its own. Raises ConfigError; the first call finds the rest."""
    discard(task.host, CONNECTION)
    try:
        api: AliyunApi = task.host.get_connection(CONNECTION, task.nornir.config)
        yield api
    finally:
        discard(task.host, CONNECTION)


def _send(api: "AliyunApi", call: Call, before: Callable[[str], None], sent: list[Sent]) -> None:
    """Send one call and read it back. Raises _Stop, and SourceError where nothing was sent yet."""
    action, group, permission = _checked(call)
    direction = "egress" if action.endswith("Egress") else "ingress"
    rule = rule_of(Record({**permission, "Direction": direction}, call.path))
    adding = action.startswith("Authorize")
    there = _held(api, group).rule(rule.name)
    if adding == (there is not None):
        state = "there already" if adding else "not there"
        raise _Stop(f"{action} {group}: the rule {rule.name} is {state}: not sent")
    what = redact(f"POST /{action} {json.dumps(dict(call.body), ensure_ascii=False, sort_keys=True)}")
    if problem := recorded(before, what):
        raise _Stop(problem)
    one = {f"Permissions.1.{key}": value for key, value in permission.items()}
    # By what a rule says, revoking one that is gone would succeed too; an old private cloud gives no ids.
    named = {"SecurityGroupRuleId.1": there.id} if there and there.id else one
    _written(api, action, {"SecurityGroupId": group, **(one if adding else named)}, (what, sent))
    if problem := _read_back(api, group, rule, adding=adding):
        raise _Stop(f"{action} {group}: accepted, but read back it is different: {problem}")


def _checked(call: Call) -> tuple[str, str, dict[str, str]]:
    """Return action, group and rule of a call. Raises _Stop for one that is not ours."""
    match = _ACTION.fullmatch(call.path)
    group, listed = call.body.get("SecurityGroupId"), call.body.get("Permissions")
    one: Json = listed[0] if isinstance(listed, list) and len(listed) == 1 else None
    if match is None or not isinstance(group, str) or not isinstance(one, dict):
        raise _Stop(f"{call.method} {call.path[:200]!r} is no call to send: nothing was sent")
    return match[1], group, {key: str(value) for key, value in one.items()}


def _written(
    api: "AliyunApi", action: str, parameters: Mapping[str, str], log: tuple[str, list[Sent]]
) -> None:
    from nornir_itsm.sources.rest import AnsweredNo, NoAnswer

    what, sent = log
    try:
        answer = api.call(*_ECS, action, {**parameters, "ClientToken": uuid.uuid4().hex})
    except AnsweredNo as no:
        sent.append(Sent(what, redact(no.problem), False))
        raise _Stop(f"{what[:200]}: refused: {redact(no.problem)}") from None
    except NoAnswer as silence:
        sent.append(Sent(what, None, False))
        time.sleep(_LAG[-1])  # whoever takes it back now must see it, if it arrived
        raise _Stop(f"{what[:200]}: {silence.problem}; whether it took effect is unknown") from None
    sent.append(Sent(what, redact(json.dumps(answer, ensure_ascii=False, sort_keys=True)[:4000]), True))


def _held(api: "AliyunApi", id: str) -> SecurityGroup:
    """Return a group with its rules as they are now. Raises SourceError."""
    from nornir_itsm.sources.cloud_console import group_rules

    return groups((), (Record(group_rules(api, id), id),), texts=True)[id]


def _read_back(api: "AliyunApi", group: str, rule: GroupRule, *, adding: bool) -> str:
    """Return in which respect the group differs from what was sent, or an empty string."""
    problem = ""
    for pause in _LAG:
        time.sleep(pause)
        try:
            there = _held(api, group).rule(rule.name)
        except ChangeError as error:
            return f"it could not be read: {redact(error.problem)}"
        if adding and there is not None and there.description != rule.description:
            return f"the description is {redact(there.description)!r:.200}"
        if adding == (there is not None):
            return ""
        problem = "the rule is not there" if adding else "the rule is still there"
    return problem
