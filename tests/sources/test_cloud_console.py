"""The cloud asked live: the documents of its exports, complete, or one clear error."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.lab.aliyun.cloud import Cloud
from nornir_itsm.lab.overlay import cloud_account
from nornir_itsm.sources.aliyun_account import Account
from nornir_itsm.sources.cloud_console import fetch
from nornir_itsm.sources.snapshot import read_cloud
from nornir_itsm.stages.parse.cloud_json import cloud_facts

from .same_state import SAMPLE

TABLES = {"SnatTableIds": {"SnatTableId": ["stb-1"]}, "ForwardTableIds": {"ForwardTableId": ["ftb-1"]}}
FORWARD = {"ForwardEntryId": "fwd-1", "ForwardTableId": "ftb-1", "ExternalIp": "10.70.16.240"}
RULE = {"SecurityGroupRuleId": "sgr-1", "SecurityGroupId": "sg-demoA-APP", "Direction": "ingress"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    made = Cloud.from_snapshot(SAMPLE / "cloud")
    yield made
    made.stop()


@pytest.fixture
def account(cloud: Cloud, tmp_path: Path) -> Account:
    key = cloud.key()
    (tmp_path / "secret").write_text(key.secret)
    return Account.of(cloud_account(cloud.start(), key.id, tmp_path / "secret"), "test")


def test_live_and_exported_facts_are_equal(account: Account) -> None:
    """Hosts, EIPs, bindings and VPCs as the exports say them; what the cloud does itself is collected too."""
    found = cloud_facts(fetch([account]))
    assert found == read_cloud(SAMPLE).facts
    assert {"vswitches", "snat_entries", "forward_entries", "route_entries"} <= set(found.network.collected)


def test_entries_and_rules_come_by_table_and_group(cloud: Cloud, account: Account) -> None:
    """NAT entries of each table, routes of each table, rules of each group, where they are asked for."""
    cloud.records["nat_gateways"] = [{"NatGatewayId": "ngw-demo03", "VpcId": "vpc-demod1", **TABLES}]
    snat = {"SnatEntryId": "snat-1", "SnatTableId": "stb-1", "SourceCIDR": "10.60.136.192/26"}
    cloud.records["snat_entries"] = [snat | {"SnatIp": "10.70.16.240"}, snat | {"SnatTableId": "stb-2"}]
    cloud.records["forward_entries"] = [FORWARD | {"InternalIp": "10.60.136.204"}]
    cloud.records["route_tables"] = [{"RouteTableId": "vtb-1", "VpcId": "vpc-demod1"}]
    route = {"RouteEntryId": "rte-1", "RouteTableId": "vtb-1", "DestinationCidrBlock": "0.0.0.0/0"}
    cloud.records["route_entries"] = [route | {"NextHopType": "NatGateway", "InstanceId": "ngw-demo03"}]
    cloud.records["security_group_rules"].append(RULE | {"SourceCidrIp": "10.0.0.0/8"})
    network = cloud_facts(fetch([account], security_groups=True)).network
    assert [entry.eips for entry in network.snat] == [("10.70.16.240",)]
    assert [entry.private for entry in network.forward] == ["10.60.136.204"]
    assert [(r.vpc, r.kind, r.next_hop) for r in network.routes] == [
        ("vpc-demod1", "NatGateway", "ngw-demo03")
    ]
    assert [rule.peer for rule in network.groups["sg-demoA-APP"].rules] == ["10.0.0.0/8"]


def test_a_half_list_or_a_wrong_secret_is_one_clear_error(
    cloud: Cloud, account: Account, tmp_path: Path
) -> None:
    """Nothing of it is used."""
    cloud.lost = 1
    with pytest.raises(SourceError, match="the list is not whole"):
        fetch([account])
    cloud.lost = 0
    (tmp_path / "secret").write_text("another")
    with pytest.raises(SourceError, match="secret is not that of the access key"):
        fetch([account])
