"""The client of the controller, against servers that do what nobody expected. Real HTTPS."""

import json
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.sources.rest import AnsweredNo, NoAnswer
from nornir_itsm.sources.sangfor_ad import SangforAd, item_path

from .scripted_adc import Answer, ScriptedAdc


def _page(path: str, *, size: int = 2, total: int = 5) -> Answer:
    """Answer like a device that never gives more than *size* items."""
    skip = int(parse_qs(urlsplit(path).query)["$skip"][0])
    items = [{"name": f"r{number}"} for number in range(skip, min(skip + size, total))]
    document = {"total_items": total, "items_offset": skip, "items_length": len(items), "items": items}
    return 200, json.dumps(document | {"maximum_items": 9}).encode()


def test_a_collection_is_read_to_its_end(tmp_path: Path) -> None:
    """Small pages are followed to the last one, with every property asked for; the capacity is known."""
    with ScriptedAdc({"GET": _page}, tmp_path) as server, server.client() as device:
        listing = device.list("/net/dnat")
    assert [item["name"] for item in listing.items] == ["r0", "r1", "r2", "r3", "r4"]
    assert listing.capacity == 9
    assert listing.named("r3") == {"name": "r3"}
    assert listing.named("r") is None
    assert len(server.heard) == 3
    assert all("all_properties=true" in heard for heard in server.heard)


@pytest.mark.parametrize(
    "items",
    [[{"name": "a"}, {"name": "a"}], [{"name": "a"}], [], "many", [{"name": "a"}, 7]],
)
def test_a_list_that_does_not_add_up_is_an_error(tmp_path: Path, items: object) -> None:
    """Doubled, missing or strange items mean that the list is not what the device holds."""

    def answer(path: str) -> Answer:
        first = "skip=0" in path
        return 200, json.dumps({"total_items": 2, "items": items if first else []}).encode()

    with ScriptedAdc({"GET": answer}, tmp_path) as server, pytest.raises(SourceError):
        server.client().list("/net/dnat")


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ((400, b'{"err_code": "ERR_X", "msg": "no\\nway"}'), AnsweredNo, "HTTP 400 ERR_X no way"),
        ((403, b""), AnsweredNo, "HTTP 403"),
        ((500, b'{"err_code": "ERR_INTERNAL", "msg": "m"}'), AnsweredNo, "ERR_INTERNAL"),
        ((400, b'{"err_code": "E", "msg": "%s"}' % (b"x" * 9999)), AnsweredNo, "x" * 300),
        ((302, b""), AnsweredNo, "HTTP 302"),
        ((502, b"<html>bad gateway</html>"), NoAnswer, "HTTP 502"),
        ((200, b"<html>login</html>"), NoAnswer, "HTTP 200 without a JSON object"),
        ((200, b"[1]"), NoAnswer, "HTTP 200 without a JSON object"),
    ],
)
def test_refusals_and_unknown_effects_are_told_apart(
    tmp_path: Path, answer: Answer, kind: type[SourceError], said: str
) -> None:
    """The device's own error is a refusal; anything that is not its own word leaves the effect unknown."""
    with ScriptedAdc({"POST": answer}, tmp_path) as server, pytest.raises(SourceError) as caught:
        server.client().create("/net/dnat", {"name": "x"})
    assert type(caught.value) is kind
    assert said in caught.value.problem
    assert len(caught.value.problem) < 400
    assert "LB-1 POST /net/dnat" in caught.value.where
    assert server.heard == ["POST /api/ad/v3/net/dnat"]


def test_silence_is_an_unknown_effect(tmp_path: Path) -> None:
    """A device that does not answer in time has perhaps done it; nothing is sent twice."""
    import threading

    done = threading.Event()

    def silent(path: str) -> Answer:
        done.wait(5)
        return 200, b"{}"

    with ScriptedAdc({"DELETE": silent}, tmp_path) as server:
        with pytest.raises(NoAnswer, match="no answer within"):
            server.client(timeout=0.3).delete("/net/dnat/x")
        done.set()
    assert len(server.heard) == 1


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    """A certificate of the right CA that names another device is not accepted."""
    script = {"GET": (200, b"{}")}
    with (
        ScriptedAdc(script, tmp_path, "127.0.0.2") as server,
        pytest.raises(NoAnswer, match="certificate is not accepted"),
    ):
        server.client().get("/net/dnat/x")
    assert server.heard == []


def test_without_a_ca_file_there_is_no_client(tmp_path: Path) -> None:
    """Verification cannot be left out."""
    with pytest.raises(ConfigError, match="no CA file"):
        SangforAd("LB-1", "https://127.0.0.1/", username="u", password="p", ca=tmp_path / "none.pem")


def test_a_missing_item_is_none(tmp_path: Path) -> None:
    """Asking for an item that is not there is no error; asking wrongly is."""
    answers = iter([(404, b'{"err_code": "ERR_NOT_FOUND"}'), (401, b"{}")])
    with ScriptedAdc({"GET": lambda path: next(answers)}, tmp_path) as server:
        assert server.client().get("/net/dnat/x") is None
        with pytest.raises(AnsweredNo, match="wrong user or password"):
            server.client().get("/net/dnat/x")


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name not in (".", "..")))
def test_any_name_is_one_part_of_a_path(name: str) -> None:
    """Whatever a name holds, it is one segment below its collection, and it comes back from there."""
    path = item_path("/net/dnat", name)
    assert path.count("/") == 3
    assert path.isascii()
    assert not {"?", "#", " "} & set(path)
    assert unquote(path.rpartition("/")[2]) == name


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_names_that_a_url_cannot_carry_are_refused(name: str) -> None:
    """Such a name would climb out of its collection."""
    with pytest.raises(SourceError):
        item_path("/net/dnat", name)
