"""A kind of access that the site only had to register: leased lines and office networks, without new code."""

import json
import shutil
from pathlib import Path

import pytest

from tests.acceptance.conftest import PROJECT, Run, lines, verdicts

MANUAL = {
    "会员自有专线": "    manual: 路径已知（DC1-CDL-FW01 的 ISPLINE-vFW），本版本尚不配置该设备\n",
    "交易所办公网": "    manual: 路径已知（DC1-CDL-FW01 的 EXOA-vFW），本版本尚不配置该设备\n",
}
"""What the example site says of them until their devices are registered."""
REGISTERED = """\
    runbook: cloud_to_exchange
    hops:
      - {point: DC1-CDL-FW01-NEW, source_zone: Any, destination_zone: Any}
"""
POINT = """\
  DC1-CDL-FW01-NEW:
    platform: hillstone_stoneos
    role: firewall
    snapshot: firewall_new
    above: Default-Deny
    implicit: deny
"""


@pytest.mark.parametrize("zone", MANUAL)
def test_a_path_is_added_by_configuration_alone(run: Run, config: Path, tmp_path: Path, zone: str) -> None:
    """A point, its snapshot and a path in site.yaml: what was by hand is planned and proved exact."""
    site = (PROJECT / "inventory" / "site.yaml").read_text("utf-8")
    assert MANUAL[zone] in site
    registered = site.replace(MANUAL[zone], REGISTERED).replace("\npoints:\n", f"\npoints:\n{POINT}")
    (tmp_path / "site.yaml").write_text(registered, "utf-8")
    snapshot = tmp_path / "snapshot"
    shutil.copytree(PROJECT / "inventory" / "snapshot", snapshot)
    shutil.copytree(snapshot / "firewall_testnet", snapshot / "firewall_new")
    row = {
        "action": "add",
        "source": {"zone": "行业云", "addresses": ["10.60.133.70/32"], "ports": ["any"]},
        "destination": {"zone": zone, "addresses": ["172.22.200.10/32"], "ports": ["8443"]},
        "protocol": "tcp",
        "schedule": {"text": "全天24小时", "periods": []},
    }
    form = tmp_path / "order.json"
    order = {"organization": "示例期货公司E", "system": "示例专线业务", "requests": [row]}
    form.write_text(json.dumps(order), "utf-8")
    assert run("plan", form, "--snapshot", snapshot)[0] == 1

    text = config.read_text("utf-8")
    config.write_text(
        text.replace(f"site: {PROJECT}/inventory/site.yaml", f"site: {tmp_path}/site.yaml"), "utf-8"
    )
    code, plan = run("plan", form, "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (10, ["change"])
    assert {"src-ip 10.70.40.20/32", "dst-ip 172.22.200.10/32"} <= {*lines(plan, "DC1-CDL-FW01-NEW")}
    assert plan["proof"][0]["exact"]
