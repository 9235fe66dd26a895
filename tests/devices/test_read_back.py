"""What a controller says that it did is read back, and compared with what was sent."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.model.change import Call, Change, Json
from nornir_itsm.model.intent import Anchor
from nornir_itsm.ports import PushResult

from .scripted_adc import Answer, Script, ScriptedAdc

GROUP: dict[str, Json] = {"name": "g", "addresses": ["10.1.1.5", "10.1.1.6"]}
GONE = (404, b'{"err_code": "ERR_NOT_FOUND"}')


def _listing(*names: str, capacity: int = 9) -> Answer:
    items = [{"name": name, "position": at} for at, name in enumerate(names, 1)]
    document = {"total_items": len(items), "items": items, "maximum_items": capacity}
    return 200, json.dumps(document).encode()


def _item(**fields: Json) -> Answer:
    return 200, json.dumps({"name": "g", **fields}).encode()


def _push(tmp_path: Path, call: Call, *reads: Answer) -> PushResult:
    """Push *call* to a device that accepts every write and answers reads with *reads*, in order."""
    answers: Iterator[Answer] = iter(reads)
    accepted = (200, b"{}")
    script: Script = {
        "GET": lambda path: next(answers),
        "POST": accepted,
        "PUT": accepted,
        "DELETE": accepted,
    }
    with ScriptedAdc(script, tmp_path) as server:
        change = Change("LB-1", "sangfor_ad", (), calls=(call, call))
        result = server.fleet(tmp_path).push(change, lambda what: None)
    assert next(answers, None) is None
    return result


POST = Call("POST", "/rc/custom-address-group", GROUP)
PUT = Call("PUT", "/net/dnat/g", {"name": "g", "state": "ENABLE"})
ANCHORED = Call("POST", "/net/dnat", {"name": "g"}, Anchor("before", "b"), "/net/dnat")


@pytest.mark.parametrize(
    ("call", "reads", "said"),
    [
        (POST, [_listing(), GONE], "it is not there"),
        (POST, [_listing(), _item(addresses=["10.1.1.5"])], "addresses was sent as"),
        (POST, [_listing(), (502, b"")], "it could not be read"),
        (Call("DELETE", "/net/dnat/g"), [_item()], "it is still there"),
        (
            PUT,
            [_item(position=3), _item(state="ENABLE", position=4)],
            "sent as 3, the device has 4",
        ),
        (ANCHORED, [_listing("a", "b"), _item(position=2), _listing("a", "b", "g")], "should stand before b"),
    ],
)
def test_an_accepted_call_that_is_read_back_differently_stops_the_push(
    tmp_path: Path, call: Call, reads: list[Answer], said: str
) -> None:
    """The call counts as accepted, so that it is undone; the next one is not sent."""
    result = _push(tmp_path, call, *reads)
    assert [sent.accepted for sent in result.sent] == [True]
    assert "accepted, but read back it is different" in result.problem
    assert said in result.problem


def test_the_order_of_members_says_nothing(tmp_path: Path) -> None:
    """A group whose members come back in another order is what was sent."""
    swapped = _item(addresses=["10.1.1.6", "10.1.1.5"], description="")
    result = _push(tmp_path, POST, _listing(), swapped, _listing("g"))
    assert [sent.accepted for sent in result.sent] == [True]
    assert "exists already" in result.problem


def test_a_full_device_gets_nothing(tmp_path: Path) -> None:
    """Where the capacity is used up, nothing is created."""
    result = _push(tmp_path, POST, _listing("a", "b", capacity=2))
    assert (result.sent, "full (2 items)" in result.problem) == ((), True)
