"""The controller's API over HTTPS: what it gives, what it takes, what it refuses."""

from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_itsm.lab import Lab
from nornir_itsm.lab.sangfor.adc import Adc
from nornir_itsm.lab.sangfor.resources import DNAT, RESOURCES
from nornir_itsm.lab.sangfor.store import Store

from .clients import SNAPSHOT, Api

GROUPS = "/rc/custom-address-group"
RULES = "/net/dnat"
TARGET = {"type": "IP-ADDRESS", "address": "10.1.1.10"}


def rule(name: str = "新规则", **given: Any) -> dict[str, Any]:
    return {"name": name, "dnat_process": {"translated_address": TARGET}, **given}


def item(path: str, name: str) -> str:
    return f"{path}/{quote(name, safe='')}"


@pytest.mark.parametrize("auth", [None, ("admin", "wrong"), ("root", "x"), ("admin", "")])
def test_nothing_without_the_right_password(api: Api, adc: Adc, auth: tuple[str, str] | None) -> None:
    """Every call needs HTTP Basic; a refused one changes and counts nothing."""
    api.session.auth = auth
    for method in ("GET", "POST", "DELETE"):
        answer = api.call(method, GROUPS, {"name": "x", "addresses": ["10.1.1.1"]})
        assert (answer.status_code, answer.json()["err_code"]) == (401, "ERR_UNAUTHORIZED")
    assert adc.lines == ()


def test_only_the_labs_own_authority_is_good(api: Api, lab: Lab) -> None:
    """The certificate is signed by ca.pem, for 127.0.0.1 and localhost, and by nobody else."""
    assert api.call("GET", "/version").status_code == 200
    by_name = api.base.replace("127.0.0.1", "localhost")
    assert api.session.get(f"{by_name}/version", timeout=5).status_code == 200
    with requests.Session() as stranger:
        stranger.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            stranger.get(f"{api.base}/version", timeout=5)


def test_lists_come_in_pages(api: Api) -> None:
    """``$skip`` and ``$top`` cut the list; the envelope says where a page stands."""
    whole = api.call("GET", RULES).json()
    assert whole["total_items"] == whole["items_length"] == len(whole["items"]) == 24
    assert whole["maximum_items"] == 4096
    pages: list[Any] = []
    while len(pages) < whole["total_items"]:
        page = api.call("GET", RULES, **{"$skip": str(len(pages)), "$top": "7"}).json()
        assert page["items_offset"] == len(pages)
        assert (page["page_size"], page["total_pages"]) == (7, 4)
        pages += page["items"]
    assert pages == whole["items"]


@pytest.mark.parametrize("query", [{"$top": "0"}, {"$top": "x"}, {"$skip": "-1"}, {"$top": "65536"}])
def test_a_page_must_be_a_number(api: Api, query: dict[str, str]) -> None:
    """Counts that are none are refused."""
    assert api.call("GET", RULES, **query).status_code == 400


def test_defaults_are_left_out_unless_asked_for(api: Api) -> None:
    """``all_properties`` is false by default."""
    api.call("POST", RULES, rule())
    short = api.call("GET", item(RULES, "新规则")).json()
    full = api.call("GET", item(RULES, "新规则"), all_properties="true").json()
    assert set(short) == {"name", "position", "dnat_process"}
    assert full["state"] == "ENABLE"
    assert full["source_address"] == {"type": "ALL"}
    assert short.items() <= full.items()


def test_names_are_percent_encoded_and_exact(api: Api) -> None:
    """Chinese, blanks and slashes travel in the path; ``$search`` finds parts, the path does not."""
    for name in ("中文 名/字", "100%?#"):
        body = {"name": name, "addresses": ["10.1.1.1"]}
        assert api.call("POST", GROUPS, body).status_code == 200
        assert api.call("GET", item(GROUPS, name)).json()["name"] == name
        assert api.call("DELETE", item(GROUPS, name)).status_code == 200
    assert api.call("GET", item(GROUPS, "电信")).status_code == 404
    found = api.call("GET", GROUPS, **{"$search": "电信"}).json()["items"]
    assert [each["name"] for each in found] == ["电信IPV4-公用"]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        (GROUPS, {"name": "电信IPV4-公用", "addresses": ["10.1.1.1"]}, "already exists"),
        (GROUPS, {"name": "g"}, "must not both be empty"),
        (GROUPS, {"name": "g", "addresses": [], "addresses_ipv6": []}, "must not both be empty"),
        (GROUPS, {"name": "g", "addresses": [f"10.1.1.{i}" for i in range(101)]}, "0 to 100"),
        (GROUPS, {"name": "g", "addresses": ["10.1.1.300"]}, "no address"),
        (GROUPS, {"name": "g", "addresses": ["10.1.1.9-10.1.1.1"]}, "no address"),
        (GROUPS, {"name": "g", "addresses": ["10.1.1.1", "10.1.1.1"]}, "twice"),
        (GROUPS, {"name": "g", "addresses": "10.1.1.1"}, "not a list"),
        (GROUPS, {"name": "g", "addresses_ipv6": ["10.1.1.1"]}, "no address"),
        (GROUPS, {"addresses": ["10.1.1.1"]}, "name: is required"),
        (GROUPS, {"name": "", "addresses": ["10.1.1.1"]}, "must not be empty"),
        (GROUPS, {"name": "g", "addresses": ["10.1.1.1"], "members": 1}, "members: unknown property"),
        (GROUPS, ["g"], "not a JSON object"),
        (RULES, {"name": "r"}, "dnat_process: is required"),
        (RULES, {"name": "r", "dnat_process": {}}, "translated_address: is required"),
        (RULES, rule(protocol="GRE"), "'GRE' is not one of"),
        (RULES, rule(state="ON"), "'ON' is not one of"),
        (RULES, rule(position="1"), "position"),
        (RULES, rule(position=70000), "position"),
        (RULES, rule(inbound_links=["nowhere"]), "'nowhere' does not exist"),
        (RULES, rule(inbound_links=[]), "inbound_links"),
        (RULES, rule(protocol="TCP", destination_ports=["0-70000"]), "no port"),
        (RULES, rule(protocol="TCP", destination_ports=[443]), "no port"),
        (RULES, rule(destination_ports=["443"]), "do not go with protocol ALL"),
        (RULES, rule(source_address={"type": "SOME"}), "is not one of"),
        (RULES, rule(source_address={"type": "IP-ADDRESS"}), "address: is required"),
        (RULES, rule(source_address={"type": "ALL", "address": "10.1.1.1"}), "does not belong"),
        (
            RULES,
            rule(destination_address={"type": "CUSTOM-ADDRESS-GROUP", "ref_custom_address_group": "no"}),
            "'no' does not exist",
        ),
        (
            "/net/snat",
            {"name": "s", "snat_process": {"translated_address": TARGET}, "protocol": "TCP_UDP"},
            "TCP",
        ),
        (
            "/net/snat",
            {"name": "s", "snat_process": {"translated_address": TARGET}, "destination_ports": ["1"]},
            "destination_ports: unknown property",
        ),
        ("/lc/policy-route", {"name": "p", "time_plan": "工作时间"}, "'工作时间' does not exist"),
        ("/lc/policy-route", {"name": "p", "inbound_links": ["ALL"]}, "inbound_links: unknown property"),
        ("/lc/policy-route", {"name": "p", "schedule_links": ["ALL"]}, "'ALL' does not exist"),
    ],
)
def test_a_wrong_body_is_refused_and_changes_nothing(
    api: Api, adc: Adc, path: str, body: Any, says: str
) -> None:
    """HTTP 400 with ``err_code`` and a ``msg`` that says what; the state is as before."""
    before = adc.state()
    answer = api.call("POST", path, body)
    assert answer.status_code == 400
    assert answer.json()["err_code"].startswith("ERR_")
    assert says in answer.json()["msg"]
    assert adc.state() == before
    assert not adc.lines[-1].accepted


def test_port_lists_pair_by_index(api: Api) -> None:
    """As many targets as ports, or one ``0`` that keeps the port."""
    ports = {"protocol": "TCP", "destination_ports": ["80", "443"]}
    for targets, status in ((["8080"], 400), (["0"], 200), (["8080", "8080"], 200)):
        body = rule(f"r{targets}", **ports)
        body["dnat_process"] = {"translated_address": TARGET, "translated_ports": targets}
        assert api.call("POST", RULES, body).status_code == status


def test_put_replaces_and_patch_modifies(api: Api) -> None:
    """PUT puts defaults where nothing is given, PATCH leaves it; a list is replaced whole; rules stay put."""
    name = item(RULES, "示例期货公司A-移动App")
    old = api.call("GET", name, all_properties="true").json()
    assert api.call("PATCH", name, {"state": "DISABLE"}).json() == old | {"state": "DISABLE"}
    new = api.call("PUT", name, rule("示例期货公司A-移动App")).json()
    assert (new["protocol"], new["position"]) == ("ALL", old["position"])
    assert api.call("PUT", name, old).json() == old


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_name_cannot_be_changed(api: Api, method: str) -> None:
    """The name in the body is the one in the path."""
    body = {"name": "other", "addresses": ["10.1.1.1"]}
    assert api.call(method, item(GROUPS, "电信IPV4-公用"), body).status_code == 400


def test_a_group_in_use_cannot_be_deleted(api: Api) -> None:
    """The answer names a rule that refers to it."""
    answer = api.call("DELETE", item(GROUPS, "电信IPV4-公用"))
    assert (answer.status_code, answer.json()["err_code"]) == (400, "ERR_REFERENCED")
    assert "日志平台-管理口" in answer.json()["msg"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", item(RULES, "nothing"), 404),
        ("PUT", item(RULES, "nothing"), 404),
        ("PATCH", item(RULES, "nothing"), 404),
        ("DELETE", item(RULES, "nothing"), 404),
        ("GET", "/net/other", 404),
        ("PUT", RULES, 405),
        ("PATCH", RULES, 405),
        ("DELETE", RULES, 405),
        ("POST", item(RULES, "nothing"), 405),
        ("OPTIONS", RULES, 405),
        ("POST", "/version", 405),
    ],
)
def test_only_what_there_is_can_be_called(api: Api, method: str, path: str, status: int) -> None:
    """404 for what is not there, 405 for what cannot be done with it."""
    answer = api.call(method, path, rule("nothing"))
    assert (answer.status_code, set(answer.json())) == (status, {"err_code", "msg", "debug"})


def test_a_full_device_takes_no_more(api: Api, adc: Adc) -> None:
    """``maximum_items`` is a limit."""
    adc.store.capacity[RULES] = 24
    answer = api.call("POST", RULES, rule())
    assert (answer.status_code, answer.json()["err_code"]) == (400, "ERR_CAPACITY")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["add", "move", "delete"]), st.integers(0, 9), st.integers(0, 9))))
def test_positions_are_always_one_to_n(steps: list[tuple[str, int, int]]) -> None:
    """Whatever is inserted, moved or deleted: numbered from 1 without a gap, in the wanted order."""
    store = Store({}, {})
    wanted: list[str] = []
    for number, (verb, position, pick) in enumerate(steps):
        name = f"r{number}" if verb == "add" or not wanted else wanted[pick % len(wanted)]
        if verb == "add" or name not in wanted:
            store.create(DNAT, rule(name, position=position))
        elif verb == "move":
            store.modify(DNAT, name, {"position": position})
            wanted.remove(name)
        else:
            store.delete(DNAT, name)
            wanted.remove(name)
            continue
        wanted.insert(position - 1 if 1 <= position <= len(wanted) else len(wanted), name)
    assert [(each["name"], each["position"]) for each in store.items(DNAT)] == [
        (name, index) for index, name in enumerate(wanted, 1)
    ]


def test_everything_it_gives_it_takes_back(adc: Adc) -> None:
    """Every object of the snapshot can be put back as it was read: the state does not change."""
    before = adc.state()
    for resource in RESOURCES.values():
        for each in adc.store.items(resource):
            adc.store.replace(resource, each["name"], each)
    assert adc.state() == before == Adc("other", Store.from_snapshot(SNAPSHOT / "adc")).state()
