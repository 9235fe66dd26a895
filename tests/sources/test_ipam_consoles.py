"""phpIPAM and NetBox asked over HTTPS: the facts of the export, or one clear error."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.lab.ipam.server import APP, USER, Ipam
from nornir_itsm.lab.tls import Authority
from nornir_itsm.sources import netbox
from nornir_itsm.sources.netbox import NetBox
from nornir_itsm.sources.phpipam import PhpIpam
from nornir_itsm.sources.snapshot import read_ipam
from nornir_itsm.stages.parse.ipam_json import ipam_facts

from .same_state import SAMPLE

SECRET = "example-" + "reader"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home, made = tmp_path_factory.mktemp("tls"), Authority()
    certificate, key = made.server()
    for name, content in (("ca", made.certificate()), ("pem", certificate), ("key", key)):
        (home / name).write_bytes(content)
    return home


@pytest.fixture
def ipam(authority: Path) -> Iterator[Ipam]:
    server = Ipam.from_snapshot(SAMPLE / "ipam")
    server.start(SECRET, authority / "pem", authority / "key")
    yield server
    server.stop()


@pytest.fixture
def php(ipam: Ipam, authority: Path) -> PhpIpam:
    return PhpIpam(f"https://127.0.0.1:{ipam.port.number}/api", APP, authority / "ca", USER, SECRET)


@pytest.fixture
def box(ipam: Ipam, authority: Path) -> NetBox:
    return NetBox(f"https://127.0.0.1:{ipam.port.number}/netbox/api", authority / "ca", SECRET)


def test_both_say_what_the_export_says(php: PhpIpam, box: NetBox) -> None:
    """Subnets with their sections, addresses with their notes: equal facts, nobody named."""
    export = read_ipam(SAMPLE).facts
    assert ipam_facts(php.fetch()) == export
    assert ipam_facts(box.fetch()) == export
    assert "viewer01" in str(php.fetch())
    assert "viewer" not in str(ipam_facts(php.fetch()))


def test_a_session_is_given_back(php: PhpIpam, ipam: Ipam) -> None:
    """No token stays behind on the server."""
    php.fetch()
    assert ipam.sessions == set()


def test_netbox_is_read_page_by_page(box: NetBox, ipam: Ipam) -> None:
    """More records than one page has are all there, each once."""
    extra = [{"id": 100_000 + n, "ip": f"10.9.{n // 250}.{n % 250}"} for n in range(2 * netbox.PAGE)]
    ipam.records["addresses"] += extra
    assert len(ipam_facts(box.fetch()).records) == 76 + 2 * netbox.PAGE


def test_an_empty_list_of_phpipam_is_no_error(php: PhpIpam, ipam: Ipam) -> None:
    """phpIPAM answers 404 where there is nothing."""
    ipam.records["addresses"] = []
    assert ipam_facts(php.fetch()).records == {}


def test_a_vlan_of_its_own_is_said_in_the_words_of_the_others() -> None:
    """NetBox has a field for what other people write into the description, once."""
    subnets = [
        {"id": 1, "prefix": "10.0.0.0/24", "description": "甲", "vlan": {"vid": 2617}},
        {"id": 2, "prefix": "10.0.1.0/24", "description": "乙【并网vlan2617】", "vlan": {"vid": 2617}},
    ]
    said = [s["description"] for s in map(netbox._subnet, subnets)]
    assert said == ["甲[Vlan2617]", "乙【并网vlan2617】"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"password": "wrong"}, "HTTP 401 Invalid username or password"),
        ({"app": "other"}, "HTTP 400 Invalid application id"),
        ({"token": "static-and-wrong"}, "HTTP 403 Invalid token"),
        ({"url": "https://127.0.0.1:9/api"}, "no connection to"),
    ],
)
def test_what_is_wrong_is_one_clear_error(php: PhpIpam, change: dict[str, str], problem: str) -> None:
    """Place, problem and remedy; the secret is in none of them."""
    with pytest.raises(SourceError, match=problem) as caught:
        replace(php, **change).fetch()
    assert caught.value.hint
    assert SECRET not in str(caught.value)
    assert "wrong" not in str(caught.value)


def test_a_half_answer_is_no_answer(php: PhpIpam, box: NetBox, ipam: Ipam) -> None:
    """An answer that ends early is refused, by either."""
    ipam.port.cut_after = 20
    for console in (php, box):
        with pytest.raises(SourceError):
            console.fetch()


def test_a_list_that_changes_while_it_is_read_is_refused(box: NetBox, ipam: Ipam) -> None:
    """A record twice means that another one was not seen."""
    ipam.records["addresses"] += [ipam.records["addresses"][0]]
    with pytest.raises(SourceError, match="changed while it was read"):
        box.fetch()


def test_a_certificate_of_nobody_is_refused(php: PhpIpam, authority: Path, tmp_path: Path) -> None:
    """Another authority's certificate ends in the words of the CA file."""
    (tmp_path / "ca").write_bytes(Authority().certificate())
    with pytest.raises(SourceError, match="certificate is not accepted"):
        replace(php, ca=tmp_path / "ca").fetch()
