"""Nornir tasks for devices with a REST interface. Each opens a client of its own and closes it."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

from nornir_itsm.devices.anchors import NoSuchAnchor, misplaced, position
from nornir_itsm.devices.cli_tasks import recorded
from nornir_itsm.devices.connect import Reach, rest_session
from nornir_itsm.devices.redaction import redact
from nornir_itsm.errors import ChangeError
from nornir_itsm.model.change import Call, Json
from nornir_itsm.ports import PushResult, Sent

if TYPE_CHECKING:
    from nornir.core.task import Task

    from nornir_itsm.sources.sangfor_ad import SangforAd

_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9%._~()!*'-]+){2,}/?")
_UNORDERED = ("addresses", "addresses_ipv6", "inbound_links", "outbound_links")
"""Lists whose order says nothing; ``destination_ports`` pair with ``translated_ports`` by index."""


class _Stop(Exception):  # noqa: N818
    """The push ends here; the text says why."""


def read_documents(task: "Task", reach: Reach) -> dict[str, list[dict[str, Json]]]:
    """Return the device's rule collections by name. Raises SourceError."""
    with rest_session(task, reach) as device:
        return device.fetch()


def reason_to_wait(task: "Task", reach: Reach) -> str:
    """Return why the device must not be written to now, or an empty string. Raises SourceError.

    It must answer on every resource that a change may touch. Whether the account may write is not
    documented to be askable: a missing right is a refusal of the first call.
    """
    with rest_session(task, reach) as device:
        device.fetch()
    return ""


def push_calls(
    task: "Task", reach: Reach, calls: Iterable[Call], before: Callable[[str], None]
) -> PushResult:
    """Send *calls* in order, read each back, stop at the first thing that was not expected."""
    sent: list[Sent] = []
    problem = ""
    try:
        with rest_session(task, reach, write=True) as device:
            for call in calls:
                _send(device, call, before, sent)
    except _Stop as stop:
        problem = str(stop)
    except ChangeError as error:
        problem = redact(f"{error.problem} ({error.hint})" if error.hint else error.problem)
    return PushResult(task.host.name, tuple(sent), problem)


def _send(device: "SangforAd", call: Call, before: Callable[[str], None], sent: list[Sent]) -> None:
    """Send one call and read it back. Raises _Stop, and SourceError where nothing was sent yet."""
    name = _checked_name(call)
    body = dict(call.body)
    try:
        body = {**_place(device, call, name), **body}
    except NoSuchAnchor as missing:
        raise _Stop(f"{call.method} {name}: {missing}: not sent") from None
    what = f"{call.method} {call.path}"
    if body:
        what += f" {json.dumps(body, ensure_ascii=False, sort_keys=True)}"
    what = redact(what)
    if problem := recorded(before, what):
        raise _Stop(problem)
    _written(device, call, body, what, sent)
    if problem := _read_back(device, call, name, body):
        raise _Stop(f"{call.method} {name}: accepted, but read back it is different: {problem}")


def _written(device: "SangforAd", call: Call, body: Mapping[str, Json], what: str, sent: list[Sent]) -> None:
    from nornir_itsm.sources.rest import AnsweredNo, NoAnswer

    try:
        match call.method:
            case "POST":
                answer = device.create(call.path, body)
            case "PUT":
                answer = device.replace(call.path, body)
            case _:
                answer = device.delete(call.path)
    except AnsweredNo as no:
        sent.append(Sent(what, redact(no.problem), False))
        raise _Stop(f"{what[:200]}: refused: {redact(no.problem)}") from None
    except NoAnswer as silence:
        sent.append(Sent(what, None, False))
        raise _Stop(f"{what[:200]}: {silence.problem}; whether it took effect is unknown") from None
    said = json.dumps(answer, ensure_ascii=False, sort_keys=True)
    sent.append(Sent(what, redact(said[:4000]), True))


def _checked_name(call: Call) -> str:
    """Return the name of the object that *call* is about. Raises _Stop for a call that is not ours."""
    if call.method not in ("POST", "PUT", "DELETE") or not _PATH.fullmatch(call.path):
        raise _Stop(f"{call.method} {call.path[:200]!r} is no call to send: nothing was sent")
    name = (
        str(call.body.get("name") or "") if call.method == "POST" else unquote(call.path.rpartition("/")[2])
    )
    if not name:
        raise _Stop(f"{call.method} {call.path} names no object: nothing was sent")
    return name


def _place(device: "SangforAd", call: Call, name: str) -> dict[str, Json]:
    """Return what the device itself adds to a call: its position now, or what a PUT leaves as it is.

    Raises NoSuchAnchor, _Stop.
    """
    if call.method == "DELETE":
        return {}
    if call.method == "PUT" and call.anchor is None:
        # PUT replaces the whole object: what the change does not speak of, its position too, stays.
        present = device.get(call.path)
        if present is None:
            raise _Stop(f"PUT {name}: there is no such object: not sent")
        return dict(present)
    listing = device.list(call.collection or call.path)
    if call.method == "POST":
        if listing.capacity is not None and len(listing.items) >= listing.capacity:
            raise _Stop(f"POST {name}: the device is full ({listing.capacity} items): not sent")
        if listing.named(name) is not None:
            raise _Stop(f"POST {name}: an object of that name exists already: not sent")
    return {} if call.anchor is None else {"position": position(call.anchor, listing.items, name)}


def _read_back(device: "SangforAd", call: Call, name: str, body: Mapping[str, Json]) -> str:
    """Return in which respect the device differs from what was sent, or an empty string."""
    from nornir_itsm.sources.sangfor_ad import item_path

    path = item_path(call.path, name) if call.method == "POST" else call.path
    try:
        present = device.get(path)
        if call.method == "DELETE":
            return "it is still there" if present is not None else ""
        if present is None:
            return "it is not there"
        relative = call.anchor is not None
        sent = {key: value for key, value in body.items() if not (relative and key == "position")}
        if problem := _difference(sent, present):
            return problem
        if call.anchor is None:
            return ""
        return misplaced(call.anchor, device.list(call.collection or call.path).items, name)
    except ChangeError as error:
        return f"it could not be read: {redact(error.problem)}"


def _difference(sent: Json, present: Json, key: str = "") -> str:
    """Return the first field that was sent and is not what the device has, in words."""
    if isinstance(sent, Mapping) and isinstance(present, Mapping):
        problems = (_difference(value, present.get(k), f"{key}.{k}".lstrip(".")) for k, value in sent.items())
        return next((problem for problem in problems if problem), "")
    last = key.rpartition(".")[2]
    if last in _UNORDERED and isinstance(sent, list) and isinstance(present, list):
        same = sorted(map(str, sent)) == sorted(map(str, present))
    else:
        same = sent == present
    if same:
        return ""
    return redact(f"{key} was sent as {sent!r:.200}, the device has {present!r:.200}")
