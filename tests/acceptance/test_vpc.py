"""行业云 → 行业云: VPCs over the firewall between them and the interconnect switch, by the public command."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Run, device, intents, lines, to_send, verdicts

WALL, SWITCH = "DC1-CORE-FW01", "DC1-CORE-SW01"
TRUST = "ip route-static vpn-instance VPC-trust"


@pytest.fixture
def form(samples: Path) -> Path:
    (found,) = samples.glob("01-*.xlsx")
    return found


def connected(vlan: int, address: str) -> list[str]:
    """Return the lines that make a VLAN, its instance and its interface, in their order."""
    return [
        f"vlan {vlan}",
        f"ip vpn-instance VPC-{vlan}",
        f"route-distinguisher 65000:{vlan}",
        f"interface Vlan-interface{vlan}",
        f"ip binding vpn-instance VPC-{vlan}",
        f"ip address {address} 255.255.255.248",
    ]


def routed(prefix: str, vlan: int, *hops: str) -> set[str]:
    """Return the lines that lead to a prefix of a VPC, and back from it."""
    back = f"ip route-static vpn-instance VPC-{vlan} 10.60.0.0 16 vpn-instance VPC-trust 10.70.254.33"
    return {back, *(f"{TRUST} {prefix} vpn-instance VPC-{vlan} {hop}" for hop in hops)}


Written = Callable[[dict[str, Any]], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write an order of a test into its own folder."""

    def write(order: dict[str, Any]) -> Path:
        path = tmp_path / "order.json"
        path.write_text(json.dumps(order), "utf-8")
        return path

    return write


def test_vpc_to_vpc(run: Run, form: Path, snapshot: Path) -> None:
    """AE-08: host bits are read as the network; both VPCs on the switch, a rule with private networks."""
    code, plan = run("plan", form, "--snapshot", snapshot, "--demand", "D1")
    assert (code, verdicts(plan), to_send(plan)) == (10, ["change"], [SWITCH, WALL])
    path = [(n["point"], n["source"], n["destination"]) for n in plan["demands"][0]["path"]]
    assert path == [(point, "10.60.128.192/26", "10.60.130.64/26") for point in (WALL, SWITCH)]
    services = {("ServiceSet", f"TCP-{port}", False) for port in (3306, 5336, 6001, 9130)}
    assert intents(plan, WALL) == {*services, ("SecurityRule", "VPC互访005", False)}
    sent = lines(plan, WALL)
    assert {'rule before name "Default-Deny"', "src-ip 10.60.128.192/26", "dst-ip 10.60.130.64/26"} <= {*sent}
    assert not any("zone" in line or "snat" in line for line in sent)
    on_switch = lines(plan, SWITCH)
    for vlan, address in ((2617, "10.70.63.139"), (2624, "10.70.63.195")):
        assert [line for line in on_switch if line in connected(vlan, address)] == connected(vlan, address)
    first = routed("10.60.128.192 26", 2617, "10.70.63.140", "10.70.63.141")
    second = routed("10.60.130.64 26", 2624, "10.70.63.196", "10.70.63.197")
    assert {line for line in on_switch if line.startswith("ip route-static")} == first | second
    assert len([line for line in on_switch if line.startswith(TRUST)]) == 4


def test_a_switch_that_nobody_collected(run: Run, form: Path, snapshot: Path, tmp_path: Path) -> None:
    """AE-08: nothing is claimed to be there; a person looks first and skips; the proof says what it lacks."""
    out = tmp_path / "out"
    _, plan = run("plan", form, "--snapshot", snapshot, "--demand", "D1", "--out", out)
    switch = device(plan, SWITCH)
    assert not any(intent["reuse"] for intent in switch["intents"])
    looked_up = "\n".join(switch["by_hand"])
    assert "先检查是否已存在" in looked_up
    assert "display ip vpn-instance instance-name VPC-2617：VPN 实例 VPC-2617" in looked_up
    assert "不得撤销" in looked_up
    assert f"{SWITCH} 未采集：其 VLAN、VPN 实例和路由的现状未知" in plan["proof"][0]["scope"]["unknown"]
    assert any("firewall_core/servicebook.json" in one for one in plan["proof"][0]["scope"]["unknown"])
    assert plan["proof"][0]["exact"]
    text = (out / "document.md").read_text("utf-8")
    switch_part = text[text.index(f"1. {SWITCH}") : text.index(f"2. {WALL}")]
    steps, undo = switch_part.split("#### 回退")
    assert steps.split("#### 实施步骤")[1].strip().startswith("没有采集该设备：逐项先检查是否已存在")
    assert undo.strip().startswith("回退只撤销本次新建的内容")
    assert "system-view\nvlan 2617" in text
    assert "\nsave force\n" in text


def test_a_secondary_prefix(run: Run, made: Path, snapshot: Path) -> None:
    """AE-09: the VLAN from 【并网Vlan2617】, routes of the secondary prefix, UDP 53 by its content."""
    code, plan = run("plan", made / "AE-09.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (10, ["change"])
    evidence = "\n".join(plan["demands"][0]["evidence"])
    assert "10.60.134.0/23），VLAN 2617" in evidence
    assert "VLAN 2606" in evidence
    routes = {line for line in lines(plan, SWITCH) if line.startswith("ip route-static")}
    assert routes == routed("10.60.134.0 23", 2617, "10.70.63.140", "10.70.63.141") | routed(
        "10.60.2.0 24", 2606, "10.70.63.52", "10.70.63.53"
    )
    assert intents(plan, WALL) == {("ServiceSet", "UDP-53", False), ("SecurityRule", "VPC互访005", False)}
    assert {"udp dst-port 53", 'service "UDP-53"'} <= {*lines(plan, WALL)}
    assert ("DNS", WALL) in {(f["object"], f["point"]) for f in plan["findings"]}


def test_the_form_keeps_its_demands_apart(run: Run, form: Path, snapshot: Path) -> None:
    """AE-08 and AE-09 do not merge: two rules, shared things of the switch once, numbers that follow."""
    code, plan = run("plan", form, "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (4, ["change", "change", "blocked"])
    rules = {line for line in lines(plan, WALL) if line.startswith("name")}
    assert rules == {'name "VPC互访005"', 'name "VPC互访006"'}
    sent = lines(plan, SWITCH)
    assert sent.count("vlan 2617") == sent.count("interface Vlan-interface2617") == 1
    assert sent.index("ip vpn-instance VPC-2617") < min(sent.index(one) for one in sent if TRUST in one)
    assert [proof["opened"] for proof in plan["proof"]] == [
        ["10.60.128.192/26 → 10.60.130.64/26 TCP 3306、5336、6001、9130"],
        ["10.60.134.171 → 10.60.2.10、10.60.2.11 UDP 53"],
    ]


def test_a_number_is_allocated_only_when_it_is_confirmed(run: Run, form: Path, snapshot: Path) -> None:
    """AE-10: 2648 is proposed with its network, the hole 2613 offered; nothing is sent before an answer."""
    code, plan = run("plan", form, "--snapshot", snapshot, "--demand", "D3")
    (question,) = plan["questions"]
    assert (code, verdicts(plan), to_send(plan)) == (4, ["blocked"], [])
    assert (question["key"], question["proposal"]) == ("D3.vlan", "2648")
    assert question["choices"][0] == "2648"
    assert "2613" in question["choices"]
    assert not {"2600", "2617", "2630", "2635"} & {*question["choices"]}
    for said in ("10.70.62.128/29", "10.70.62.131", "10.70.62.132、10.70.62.133", "2613（10.70.63.104/29）"):
        assert said in question["text"]


@pytest.mark.parametrize(
    ("vlan", "network", "ends"),
    [
        (2648, "10.70.62.128/29", ("10.70.62.131", "10.70.62.132", "10.70.62.133")),
        (2613, "10.70.63.104/29", ("10.70.63.107", "10.70.63.108", "10.70.63.109")),
    ],
)
def test_the_first_connection_of_a_vpc(
    run: Run, form: Path, snapshot: Path, vlan: int, network: str, ends: tuple[str, str, str]
) -> None:
    """AE-10: what was confirmed is on the switch, and the IPAM's two entries are somebody's task."""
    answer = ("--demand", "D3", "--answer", f"D3.vlan={vlan}")
    code, plan = run("plan", form, "--snapshot", snapshot, *answer)
    assert (code, verdicts(plan), plan["questions"]) == (10, ["change"], [])
    sent, (switch, *hops) = lines(plan, SWITCH), ends
    assert {*connected(vlan, switch), *routed("10.60.142.0 26", vlan, *hops)} <= {*sent}
    tasks = {f["object"]: f["problem"] for f in plan["findings"] if f["point"] == "IPAM"}
    assert {*tasks} == {"10.60.142.0/26", network}
    assert all("待登记" in task and f"lan{vlan}" in task for task in tasks.values())


@pytest.mark.parametrize("answer", ["2617", "2630", "2635", "9999", "0", "abc", "²"])
def test_a_number_that_is_not_free_is_asked_for_again(
    run: Run, form: Path, snapshot: Path, answer: str
) -> None:
    """Registered, held by a duplicate, decommissioned, out of range or no number at all: still blocked."""
    code, plan = run("plan", form, "--snapshot", snapshot, "--demand", "D3", "--answer", f"D3.vlan={answer}")
    assert (code, [q["key"] for q in plan["questions"]], to_send(plan)) == (4, ["D3.vlan"], [])
    assert "不可用" in plan["questions"][0]["text"]


def test_a_number_in_an_open_change_is_taken(
    run: Run, form: Path, snapshot: Path, made: Path, written: Written
) -> None:
    """Another VPC is offered the next number and cannot have this one; the same VPC is offered its own."""
    run("plan", form, "--snapshot", snapshot, "--demand", "D3", "--answer", "D3.vlan=2648")
    order = json.loads((made / "AE-09.json").read_text("utf-8"))
    order["organization"] = "示例期货公司B"
    order["requests"][0]["source"]["addresses"] = ["10.60.129.5/32"]
    other = written(order)
    _, plan = run("plan", other, "--snapshot", snapshot)
    assert [q["proposal"] for q in plan["questions"]] == ["2649"]
    code, _ = run("plan", other, "--snapshot", snapshot, "--answer", "D1.vlan=2648")
    assert code == 4
    _, again = run("plan", form, "--snapshot", snapshot, "--demand", "D3")
    assert [q["proposal"] for q in again["questions"]] == ["2648"]


def test_one_vpc_needs_no_device(run: Run, made: Path, snapshot: Path) -> None:
    """AE-11: both ends in one VPC: the security group only, nothing is sent anywhere."""
    code, plan = run("plan", made / "AE-11.json", "--snapshot", snapshot)
    assert (code, verdicts(plan), plan["devices"], plan["proof"]) == (1, ["manual"], [], [])
    assert "安全组" in plan["demands"][0]["reason"]
    assert "10.60.134.61/32 属于 vpc01-示例A-数据平台（10.60.134.0/23）" in plan["demands"][0]["evidence"]


def test_two_owners_block(run: Run, made: Path, snapshot: Path) -> None:
    """AE-12: two VPCs with one prefix: nobody guesses which."""
    code, plan = run("plan", made / "AE-12.json", "--snapshot", snapshot)
    (question,) = plan["questions"]
    assert (code, verdicts(plan), to_send(plan)) == (4, ["blocked"], [])
    assert (question["key"], {*question["choices"]}) == ("D1.vpc", {"vpc-demot1", "vpc-demot2"})


def test_the_longest_prefix_owns_an_address(run: Run, made: Path, snapshot: Path) -> None:
    """AE-13: /26 of the exchange, not the other tenant's 10.0.0.0/8; rule 003 covers, nothing changes."""
    code, plan = run("plan", made / "AE-13.json", "--snapshot", snapshot)
    assert (code, verdicts(plan), to_send(plan)) == (0, ["covered"], [])
    evidence = "\n".join(plan["demands"][0]["evidence"])
    assert "10.60.36.10/32 属于 VPC-示例交易所甲-协作平台（10.60.36.0/26），VLAN 2631" in evidence
    assert f"{WALL} 已有 SecurityRule VPC互访003" in evidence
    assert "示例E" not in evidence


@pytest.mark.parametrize(
    ("ends", "key"),
    [
        (("192.168.61.5/32", "10.60.2.10/32"), "D1.prefix"),
        (("10.61.0.0/16", "10.60.2.10/32"), "D1.prefix"),
        (("10.60.133.40/32", "10.60.134.61/32"), "D1.owner"),
        (("10.60.134.61/32", "10.60.133.40/32"), "D1.owner"),
        (("192.0.2.1/32", "10.60.2.10/32"), "D1.vpc"),
    ],
)
def test_what_cannot_be_connected_is_asked(
    run: Run, written: Written, made: Path, snapshot: Path, ends: tuple[str, str], key: str
) -> None:
    """No way back, somebody else's VPC, no VPC at all: a question, and nothing is sent."""
    order = json.loads((made / "AE-09.json").read_text("utf-8"))
    for side, address in zip(("source", "destination"), ends, strict=True):
        order["requests"][0][side]["addresses"] = [address]
    code, plan = run("plan", written(order), "--snapshot", snapshot)
    assert (code, to_send(plan)) == (4, [])
    assert key in {question["key"] for question in plan["questions"]}


def test_a_switch_that_was_collected(run: Run, form: Path, snapshot: Path, tmp_path: Path) -> None:
    """With its configuration in the snapshot, what is there is reused and only the rest is sent."""
    known = collected(snapshot, tmp_path, CONFIGURATION)
    code, plan = run("plan", form, "--snapshot", known, "--demand", "D1")
    assert (code, verdicts(plan)) == (10, ["change"])
    assert ("VpnInstance", "VPC-2617", True) in intents(plan, SWITCH)
    sent = lines(plan, SWITCH)
    assert "vlan 2617" not in sent
    assert f"{TRUST} 10.60.128.192 26 vpn-instance VPC-2617 10.70.63.140" not in sent
    assert f"{TRUST} 10.60.128.192 26 vpn-instance VPC-2617 10.70.63.141" in sent
    assert [line for line in sent if line in connected(2624, "10.70.63.195")] == connected(
        2624, "10.70.63.195"
    )
    assert not any(SWITCH in text for text in plan["proof"][0]["scope"]["unknown"])
    assert not any("先检查" in text for text in device(plan, SWITCH)["by_hand"])


def test_a_permit_alone_connects_nobody(run: Run, made: Path, snapshot: Path, tmp_path: Path) -> None:
    """AE-13 on a switch that shows neither VPC: the rule is there, the routes are not, and are planned."""
    known = collected(snapshot, tmp_path, CONFIGURATION)
    code, plan = run("plan", made / "AE-13.json", "--snapshot", known)
    assert (code, verdicts(plan), to_send(plan)) == (10, ["partial"], [SWITCH])
    assert routed("10.60.36.0 26", 2631, "10.70.63.252", "10.70.63.253") <= {*lines(plan, SWITCH)}


def test_an_interface_in_use_is_never_taken_down(
    run: Run, form: Path, snapshot: Path, tmp_path: Path
) -> None:
    """A switch that shows another address than the IPAM's blocks with a question."""
    other = collected(snapshot, tmp_path, CONFIGURATION.replace("10.70.63.139", "10.70.63.138"))
    code, plan = run("plan", form, "--snapshot", other, "--demand", "D1")
    assert (code, to_send(plan), [q["key"] for q in plan["questions"]]) == (4, [], ["D1.interface"])


CONFIGURATION = """\
#
 version 7.1.070, Release 0000
#
vlan 2617
#
ip vpn-instance VPC-trust
 route-distinguisher 65000:1
#
ip vpn-instance VPC-2617
 route-distinguisher 65000:2617
#
interface Vlan-interface2617
 ip binding vpn-instance VPC-2617
 ip address 10.70.63.139 255.255.255.248
#
 ip route-static vpn-instance VPC-trust 10.60.128.192 26 vpn-instance VPC-2617 10.70.63.140
 ip route-static vpn-instance VPC-2617 10.60.0.0 16 vpn-instance VPC-trust 10.70.254.33
#
return
"""


def collected(snapshot: Path, tmp_path: Path, configuration: str) -> Path:
    """Return a copy of the exports with a configuration of the switch."""
    copy = Path(shutil.copytree(snapshot, tmp_path / "exports"))
    (copy / "switch_core").mkdir()
    (copy / "switch_core" / "running.cfg").write_text(configuration, "utf-8")
    return copy


def test_a_permit_goes_and_the_interconnect_stays(
    run: Run, made: Path, snapshot: Path, written: Written
) -> None:
    """Deleting closes the rule; VLANs and routes serve others and are left, said so."""
    order = json.loads((made / "AE-13.json").read_text("utf-8"))
    request = order["requests"][0]
    request |= {"action": "delete", "protocol": "tcp+udp"}
    request["source"]["addresses"], request["destination"]["addresses"] = ["10.60.36.0/26"], ["10.60.2.0/24"]
    code, plan = run("plan", written(order), "--snapshot", snapshot)
    assert (code, verdicts(plan), to_send(plan)) == (10, ["change"], [WALL])
    assert 'no rule name "VPC互访003"' in lines(plan, WALL)
    assert {f["object"] for f in plan["findings"] if f["point"] == SWITCH} == {"VLAN 2606", "VLAN 2631"}


def test_a_number_is_free_again_once_its_change_is_withdrawn(
    run: Run, form: Path, snapshot: Path, made: Path, written: Written
) -> None:
    """What an abandoned order had taken is proposed to the next one."""
    _, first = run("plan", form, "--snapshot", snapshot, "--demand", "D3", "--answer", "D3.vlan=2648")
    order = json.loads((made / "AE-09.json").read_text("utf-8"))
    order["organization"] = "示例期货公司B"
    order["requests"][0]["source"]["addresses"] = ["10.60.129.5/32"]
    other = written(order)
    assert run("withdraw", first["change"], "--note", "客户取消")[0] == 0
    _, plan = run("plan", other, "--snapshot", snapshot)
    assert [q["proposal"] for q in plan["questions"]] == ["2648"]
