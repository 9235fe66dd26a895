"""The inventory ``itsm-aliyun`` against the lab's cloud."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nornir import InitNornir

from nornir_itsm.errors import ConfigError, SourceError
from nornir_itsm.inventory.aliyun import AliyunInventory
from nornir_itsm.inventory.cloud_hosts import Device, devices, named
from nornir_itsm.inventory.document import document_of
from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.aliyun.signature import Key
from nornir_itsm.sources.aliyun import VPCS

from .conftest import REGION

Options = Callable[..., dict[str, Any]]


@pytest.fixture
def account(cloud: Cloud, key: Key, tmp_path: Path) -> dict[str, Any]:
    """An account of the lab's cloud as a configuration has it: a reference, and its own domain by http."""
    (tmp_path / "secret").write_text(key.secret)
    endpoint = f"http://127.0.0.1:{cloud.port}"
    keys = {"access_key_id": key.id, "access_key_secret": f"file:{tmp_path / 'secret'}"}
    return {"name": "示例", "regions": [REGION], "endpoint": endpoint, **keys}


def test_everything_that_has_an_address(account: dict[str, Any]) -> None:
    """Instances with their elastic addresses; interfaces, balancers and addresses that are none of theirs."""
    hosts = AliyunInventory([account]).load().hosts
    kinds = [host["cloud"]["kind"] for host in hosts.values()]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "ecs": 32,
        "eni": 2,
        "slb": 6,
        "havip": 4,
        "eip": 8,
    }
    quote = hosts["SA-Quote_GW1"]
    assert (quote.hostname, quote.platform, quote["cloud"]["eips"]) == (
        "10.60.134.61",
        "linux",
        ["10.70.18.48"],
    )
    assert hosts["havip-demo01"]["cloud"]["eips"] == ["10.70.17.200"]
    assert hosts["SD-nat-1"].hostname == "10.70.16.240"
    assert "DepartmentName" not in str(quote.data)


def test_it_works_in_a_plain_nornir_and_its_hosts_open_the_cloud(account: dict[str, Any], key: Key) -> None:
    """A host's connection asks the cloud of its own account and region; no secret is in the inventory."""
    inventory = {"plugin": "itsm-aliyun", "options": {"accounts": [account]}}
    nornir = InitNornir(inventory=inventory, logging={"enabled": False})
    host = nornir.inventory.hosts["SA-Quote_GW1"]
    api = host.get_connection("itsm-aliyun-api", nornir.config)
    assert len(api.records(VPCS)) == 11
    host.close_connections()
    found = document_of(nornir.inventory)
    assert (found.withheld, key.secret in str(found)) == ((), False)


def test_filters(account: dict[str, Any]) -> None:
    """By network, state, name and kind."""

    def names(**options: Any) -> set[str]:
        return set(AliyunInventory([account], **options).load().hosts)

    assert names(filters={"status": ["Stopped"]}) == {"SP-Old1"}
    assert names(filters={"vpc": "vpc-demoe1", "name": "SE-App*"}) == {"SE-App1", "SE-App2"}
    assert names(kinds=["havip"]) == {f"havip-demo0{n}" for n in range(1, 5)}
    quote = AliyunInventory([account], address="eip", filters={"name": "SA-Quote*"}).load().hosts
    assert quote["SA-Quote_GW1"].hostname == "10.70.18.48"


def test_several_regions_and_accounts(cloud: Cloud, account: dict[str, Any], tmp_path: Path) -> None:
    """Each is asked with its own keys; hosts know theirs; what two of them have is told, not overwritten."""
    other = cloud.key(temporary=True)
    for name, text in {"s2": other.secret, "t2": other.token}.items():
        (tmp_path / name).write_text(text)
    cloud.records["instances"].append(
        {**cloud.records["instances"][0], "RegionId": "cn-2", "InstanceId": "i-2"}
    )
    second = {
        **account, "name": "第二", "regions": ["cn-2", REGION], "access_key_id": other.id,
        "access_key_secret": f"file:{tmp_path / 's2'}", "security_token": f"file:{tmp_path / 't2'}",
    }  # fmt: skip
    plugin = AliyunInventory([account, second])
    hosts = plugin.load().hosts
    assert [report.source for report in plugin.reports] == [
        "cloud 示例/demo-region-1",
        "cloud 第二/cn-2",
        "cloud 第二/demo-region-1",
    ]
    assert hosts["i-2"]["cloud_account"] == "第二"
    assert hosts["i-demo001"]["cloud_region"] == REGION  # two instances of one name keep their ids
    assert {skip.reason for skip in plugin.reports[2].skipped} == {"another account or region has it already"}
    assert plugin.reports[2].loaded == 0


def test_throttling_is_met_with_patience(cloud: Cloud, account: dict[str, Any]) -> None:
    """A third of all calls refused: the same inventory."""
    cloud.throttle(0.3, seed=2)
    plugin = AliyunInventory([account], first_pause=0.001, tries=20)
    assert len(plugin.load().hosts) == 52
    assert plugin.retries == cloud.calls["throttled"] > 0


def test_what_is_not_whole_is_no_inventory(cloud: Cloud, account: dict[str, Any]) -> None:
    """One list that lacks records: nothing is loaded."""
    cloud.lost = 1
    with pytest.raises(SourceError, match="the list is not whole"):
        AliyunInventory([account]).load()


def test_what_is_kept_is_used_without_asking(cloud: Cloud, account: dict[str, Any], tmp_path: Path) -> None:
    """The cache holds references only, and a load that finds it young asks nothing."""
    cache = {"path": str(tmp_path / "kept.json"), "age": "10m"}
    first = AliyunInventory([account], cache=cache).load()
    asked = cloud.calls.total()
    again = AliyunInventory([account], cache=cache)
    assert again.load().dict() == first.dict()
    assert (again.reports[0].cached, cloud.calls.total()) == (True, asked)
    assert (tmp_path / "secret").read_text() not in (tmp_path / "kept.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"access_key_secret": "hidden-1"}, "written out"),
        ({"access_key_secret": "env:NORNIR_ITSM_NOT_SET"}, "is not set"),
        ({"regions": []}, "regions is missing"),
        ({"regoins": ["x"]}, "unknown key"),
        ({"endpoint": "ecs.example.internal"}, "must begin with http"),
        ({"endpoints": {"rds": "http://x"}}, "unknown product"),
        ({"access_key_id": None}, "belong together"),
        ({"ca": "/nonexistent/ca.pem"}, "there is no CA file"),
        ({"name": "a/b"}, "cannot be"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    account: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    """Every key is checked before anything is asked; a secret written out is not repeated."""
    with pytest.raises(ConfigError, match=said) as caught:
        AliyunInventory([{key: v for key, v in {**account, **change}.items() if v is not None}]).load()
    assert "hidden-1" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"accounts": []}, {"kinds": ["rds"]}, {"filters": {"x": 1}}, {"address": "x"}]
)
def test_an_option_that_cannot_be_is_refused(account: dict[str, Any], options: dict[str, Any]) -> None:
    """So is every other option."""
    with pytest.raises(ConfigError):
        AliyunInventory(**{"accounts": [account], **options})


def test_names_of_tenants_are_free_text() -> None:
    """A name that cannot be a file's, or that is another's name or id, gives way to the id."""
    texts = ["ok", "../x", "a b", "twice", "Twice", "i-0", ""]
    found = [Device(f"i-{at}", "ecs", text, ("10.0.0.1",), ()) for at, text in enumerate(texts)]
    assert named(found) == {"i-0": "ok", **{f"i-{n}": f"i-{n}" for n in range(1, 7)}}


@pytest.mark.parametrize(
    "junk", [{}, {"InstanceId": 5, "VpcAttributes": [], "EipAddress": "x", "Tags": {"Tag": [1]}}]
)
def test_records_of_any_shape_break_nothing(junk: dict[str, Any]) -> None:
    """What lacks an id or an address is left out by the plugin; here it is only read."""
    for kind in ("ecs", "eni", "slb", "havip", "eip"):
        assert all(isinstance(device, Device) for device in devices({kind: [junk]}))
