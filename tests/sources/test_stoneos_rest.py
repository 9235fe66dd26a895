"""A StoneOS firewall read by REST: the facts of its export, whole, or one clear error."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.lab.stoneos.rest import RestFace
from nornir_itsm.lab.tls import Authority
from nornir_itsm.sources import stoneos_rest
from nornir_itsm.sources.stoneos_rest import StoneosRest
from nornir_itsm.stages.parse.stoneos_json import firewall_facts

from .same_state import SAMPLE
from .test_same_facts import POINTS, read

SECRET = "example-" + "reader"


@pytest.fixture
def face(tmp_path: Path) -> Iterator[RestFace]:
    authority = Authority()
    certificate, key = authority.server()
    for name, content in (("ca", authority.certificate()), ("pem", certificate), ("key", key)):
        (tmp_path / name).write_bytes(content)
    made = RestFace({"0": SAMPLE / "firewall_edge", "2": SAMPLE / "firewall_testnet"})
    made.start(SECRET, tmp_path / "pem", tmp_path / "key")
    yield made
    made.stop()


@pytest.fixture
def wall(face: RestFace, tmp_path: Path) -> StoneosRest:
    assert face.port is not None
    return StoneosRest("FW", f"https://127.0.0.1:{face.port.number}", tmp_path / "ca", "reader", SECRET)


def test_root_and_vsys_say_what_their_exports_say(wall: StoneosRest, face: RestFace) -> None:
    """Rules, books, services, groups and schedules; the session is ended afterwards."""
    export = read(SAMPLE)
    assert set(POINTS) == set(export.points)
    assert firewall_facts(wall.fetch()) == export.firewall("DC1-ISP-FW01")
    assert firewall_facts(replace(wall, vsys="2").fetch()) == export.firewall("DC1-CDL-FW01-TESTNET")
    assert face.tokens == set()


def test_more_than_one_page_is_read_to_the_end(wall: StoneosRest, face: RestFace) -> None:
    """One record more than the pages hold comes alone, without a list around it."""
    rules = face.systems["0"]["policy"]
    extra = 2 * stoneos_rest.PAGE + 1 - len(rules)
    first = rules[0]
    rules += [
        first | {"id": str(9000 + n), "name": {"name": f"r{n}"}, "seqno": str(900 + n)} for n in range(extra)
    ]
    assert len(firewall_facts(wall.fetch()).rules) == 2 * stoneos_rest.PAGE + 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"password": "wrong"}, "refused: user name or password is wrong"),
        ({"vsys": "7"}, "refused: no such resource"),
        ({"url": "https://127.0.0.1:9"}, "no connection to"),
    ],
)
def test_what_is_wrong_is_one_clear_error(wall: StoneosRest, change: dict[str, str], problem: str) -> None:
    """Place, problem and remedy, no secret; a wrong password is not tried again."""
    with pytest.raises(SourceError, match=problem) as caught:
        replace(wall, **change).fetch()
    assert caught.value.hint
    assert "wrong'" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_half_a_list_is_no_list(wall: StoneosRest, face: RestFace) -> None:
    """Records that are counted and do not come; an answer that ends early."""
    face.lost = 1
    with pytest.raises(SourceError, match=r"records"):
        wall.fetch()
    face.lost = 0
    assert face.port is not None
    face.port.cut_after = 40
    with pytest.raises(SourceError):
        wall.fetch()
