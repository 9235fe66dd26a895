"""行业云 ↔ 互联网 by the public commands, on the example forms and exports."""

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import Run, device, intents

F04 = "04-双表-正表加Sheet1.xlsx"
F05 = "05-白名单-公司全称-协议下拉.xlsx"
CT, CM, CU = "vlan3101-CT-V4(公用)", "vlan3102-CM-V4(公用)", "vlan3103-CU-V4(公用)"


def test_two_sheets_are_one_order_with_a_reminder(run: Run, orders: Path) -> None:
    """AE-03: five distinct rows, the demands of AE-01 and AE-02, a warning about the longer sheet."""
    code, out = run("check", orders / F04)
    order = out["orders"][0]
    assert code == 0
    assert [r["row"] for r in order["requests"]] == [10, 11, 11, 12, 13]
    assert [(d["id"], len(d["rows"])) for d in order["demands"]] == [("D1", 2), ("D2", 3)]
    (warning,) = [i for i in order["issues"] if i["level"] == "warning"]
    assert warning["sheet"] == "Sheet1"
    assert "3" in warning["problem"]


def test_demands_are_read_as_the_contract_says(run: Run, orders: Path) -> None:
    """Trailing blanks, integers in port cells and a missing source address leave no trace."""
    _, out = run("check", orders / F04)
    first, second = out["orders"][0]["demands"]
    assert first["sources"] == ["10.60.134.61/32"]
    assert first["destinations"] == ["192.0.2.131/32", "192.0.2.165/32"]
    assert first["public"] == ["198.51.100.53/32", "203.0.113.213/32"]
    assert first["port_pairs"] == [["any", "37791"]]
    assert second["sources"] == ["any"]
    assert second["port_pairs"] == [["37792-37794", "37792-37794"]]


def test_outbound_over_two_lines(run: Run, orders: Path, snapshot: Path) -> None:
    """AE-01: joins the group that translates to exactly this public set, reuses book and service."""
    code, plan = run("plan", orders / F04, "--snapshot", snapshot, "--demand", "D1")
    assert code == 10
    assert plan["demands"][0]["verdict"] == "change"
    adc, firewall = device(plan, "DC1-ISP-LB01"), device(plan, "DC1-ISP-FW01")
    (call,) = adc["calls"]
    assert call["method"] == "PUT"
    assert call["body"]["addresses"] == ["10.70.17.57", "10.70.17.147", "10.70.18.48"]
    assert call["undo"]["body"]["addresses"] == ["10.70.17.57", "10.70.17.147"]
    kept = {("SourceNat", f"示例期货公司A3-源转换-{isp}IPV4", True) for isp in ("电信", "移动")}
    assert kept | {("PolicyRoute", "示例期货公司A3路由", True)} <= intents(plan, "DC1-ISP-LB01")
    assert {
        ("AddressSet", "示例A-行情源", True),
        ("ServiceSet", "TCP-37791", True),
        ("AddressSet", "IQOS示例期货公司A-EIP", False),
        ("SecurityRule", "示例期货公司A-示例本地行情上网", False),
    } == intents(plan, "DC1-ISP-FW01")
    lines = [line.strip() for line in firewall["commands"]]
    wanted = {'rule before name "Default-Deny"', "src-ip 10.70.18.48/32", 'dst-addr "示例A-行情源"'}
    assert wanted <= set(lines)


def test_outbound_proof(run: Run, orders: Path, snapshot: Path) -> None:
    """AE-01: opens the quote servers on 37791 and nothing else; the group's width is residue, not excess."""
    _, plan = run("plan", orders / F04, "--snapshot", snapshot, "--demand", "D1")
    (proof,) = plan["proof"]
    assert proof["exact"]
    assert proof["opened"] == ["10.60.134.61 → 192.0.2.131、192.0.2.165 TCP 37791"]
    assert not proof["excess"]
    assert any("10.70.18.48" in text for text in proof["residue"])
    assert any("ICMP" in text for text in proof["treatment"])
    assert proof["scope"]["unknown"]


def test_inbound_port_block(run: Run, orders: Path, snapshot: Path) -> None:
    """AE-02: one translation at the end, a new range object, a policy to the EIP."""
    code, plan = run("plan", orders / F04, "--snapshot", snapshot, "--demand", "D2")
    assert code == 10
    (call,) = device(plan, "DC1-ISP-LB01")["calls"]
    body = call["body"]
    assert body["name"] == "示例期货公司A-示例本地行情"
    assert body["inbound_links"] == [CT, CM]
    group = body["destination_address"]["ref_custom_address_group"]
    assert group == "203.0.113.213和198.51.100.53-示例期货公司A3"
    assert (body["protocol"], body["destination_ports"]) == ("TCP", ["37792-37794"])
    assert body["dnat_process"]["translated_address"]["address"] == "10.70.18.48"
    assert call["anchor"] == {"place": "last", "name": ""}
    assert ("ServiceSet", "TCP-37792-37794", False) in intents(plan, "DC1-ISP-FW01")
    lines = {line.strip() for line in device(plan, "DC1-ISP-FW01")["commands"]}
    assert {'src-addr "Any"', "dst-ip 10.70.18.48/32", 'src-zone "untrust"', 'dst-zone "trust"'} <= lines


def test_inbound_remainders_are_named(run: Run, orders: Path, snapshot: Path) -> None:
    """AE-02: the earlier translation at position 2 and the block list keep their part, by name."""
    _, plan = run("plan", orders / F04, "--snapshot", snapshot, "--demand", "D2")
    (proof,) = plan["proof"]
    said = "\n".join(proof["shortfall"])
    assert "203.0.113.150" in said
    assert "示例封禁" in said
    assert "192.0.2.201、192.0.2.202、198.51.100.231 → 203.0.113.213" in said
    assert "日志平台-管理口" in said
    assert not proof["excess"]


def test_white_list_for_an_eip(run: Run, orders: Path, snapshot: Path) -> None:
    """AE-14: the company's long name, an EIP as destination, five sources in a book, never any."""
    code, plan = run("plan", orders / F05, "--snapshot", snapshot)
    assert code == 10
    (call,) = device(plan, "DC1-ISP-LB01")["calls"]
    assert call["body"]["name"] == "示例期货公司C-示例C官网"
    assert set(call["body"]["inbound_links"]) == {CU, CM}
    assert call["body"]["dnat_process"]["translated_address"]["address"] == "10.70.18.77"
    firewall = device(plan, "DC1-ISP-FW01")
    lines = [line.strip() for line in firewall["commands"]]
    assert lines[:6] == ['address "示例C官网-白名单"', *(f"ip {ip}/32" for ip in WHITE)]
    assert 'src-addr "示例C官网-白名单"' in lines
    assert 'src-addr "Any"' not in lines
    assert ("ServiceSet", "TCP-8080", True) in intents(plan, "DC1-ISP-FW01")
    assert plan["demands"][0]["path"][-1]["destination"] == "10.70.18.77 ⇒ 10.60.137.70"
    (proof,) = plan["proof"]
    assert proof["exact"]
    assert proof["opened"] == [f"{'、'.join(WHITE)} → 192.0.2.70、198.51.100.63 TCP 8080"]
    assert any("任意" in text for text in proof["residue"])


WHITE = ["192.0.2.171", "192.0.2.172", "198.51.100.171", "198.51.100.172", "198.51.100.173"]


def test_the_same_order_has_the_same_fingerprint(run: Run, orders: Path, snapshot: Path) -> None:
    """Planned twice, numbered twice, the same effect."""
    _, first = run("plan", orders / F04, "--snapshot", snapshot)
    _, second = run("plan", orders / F04, "--snapshot", snapshot)
    assert first["fingerprint"] == second["fingerprint"]
    assert first["change"] != second["change"]


@pytest.mark.parametrize(
    ("source", "destination", "verdict"),
    [
        ("行业云", "ISP专线", "manual"),
        ("行业云", "交易网", "manual"),
        ("交易网", "行业云", "unsupported"),
        ("互联网", "互联网", "unsupported"),
    ],
)
def test_other_zone_pairs_are_never_guessed(
    run: Run, tmp_path: Path, snapshot: Path, source: str, destination: str, verdict: str
) -> None:
    """AE-33: the demand is kept, said to be manual or unsupported, and nothing is to be sent."""
    row = {
        "action": "add",
        "source": {"zone": source, "addresses": ["10.60.134.61/32"], "ports": ["any"]},
        "destination": {"zone": destination, "addresses": ["10.60.2.10/32"], "ports": ["443"]},
        "protocol": "tcp",
        "schedule": {"text": "全天24小时", "periods": []},
    }
    order = {"organization": "示例期货公司A", "system": "示例系统", "requests": [row]}
    form = tmp_path / "order.json"
    form.write_text(json.dumps(order), "utf-8")
    code, plan = run("plan", form, "--snapshot", snapshot)
    assert code == 1
    assert [d["verdict"] for d in plan["demands"]] == [verdict]
    assert plan["demands"][0]["reason"]
    assert plan["devices"] == []


def test_the_document_is_one_to_execute(run: Run, orders: Path, snapshot: Path, tmp_path: Path) -> None:
    """Per device: checks, steps to paste or to click, verification, undo; written once, never over."""
    out = tmp_path / "C1"
    run("plan", orders / F04, "--snapshot", snapshot, "--out", out)
    text = (out / "document.md").read_text("utf-8")
    for heading in ("变更原因", "影响范围", "变更方案", "前置检查", "实施步骤", "验证", "回退"):
        assert heading in text
    assert "configure\n" in text
    assert "/rc/" not in text
    run("plan", orders / F04, "--snapshot", snapshot, "--out", out)
    assert (tmp_path / "C1-2" / "document.md").is_file()
