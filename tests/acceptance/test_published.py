"""互联网 → 行业云: publishing, moving, taking back. By the public command on the example exports."""

from pathlib import Path

from tests.acceptance.conftest import Run, device, intents, lines, to_send, verdicts

ADC, WALL = "DC1-ISP-LB01", "DC1-ISP-FW01"
F06 = "06-18列安全组版.xlsx"
F08 = "08-WAF改发布-先删后增-合并单元格.xlsx"


def test_a_port_is_translated(run: Run, made: Path, snapshot: Path) -> None:
    """AE-17: 9100 outside, 9090 at the host and in the firewall's service."""
    code, plan = run("plan", made / "AE-17.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (10, ["change"])
    (call,) = device(plan, ADC)["calls"]
    assert call["body"]["destination_ports"] == ["9100"]
    assert call["body"]["dnat_process"]["translated_ports"] == ["9090"]
    assert 'service "TCP-9090"' in lines(plan, WALL)
    assert not any("9100" in line for line in lines(plan, WALL))
    held = plan["proof"][0]["protected"]
    assert any("203.0.113.150" in text for text in held)
    assert any("日志平台-管理口" in text for text in held)


def test_a_white_list_over_midnight(run: Run, samples: Path, snapshot: Path) -> None:
    """AE-18: a schedule of two periods; the list stays a list beside the open demand of AE-17."""
    _, plan = run("plan", samples / F06, "--snapshot", snapshot, "--demand", "D3", "--demand", "D4")
    sent = lines(plan, WALL)
    at = sent.index('schedule "工作日0800-次日0300"')
    assert sent[at + 1 : at + 3] == [
        "periodic monday tuesday wednesday thursday friday 08:00 to 23:59",
        "periodic tuesday wednesday thursday friday saturday 00:00 to 03:00",
    ]
    assert 'src-addr "示例网站系统-白名单"' in sent
    assert [proof["exact"] for proof in plan["proof"]] == [True, True]


def test_a_service_is_taken_back(run: Run, samples: Path, snapshot: Path, tmp_path: Path) -> None:
    """AE-22: both translations and the policy go; groups that other rules use stay."""
    code, plan = run("plan", samples / F08, "--snapshot", snapshot, "--demand", "D1")
    assert code == 10
    assert to_send(plan) == [WALL, ADC]
    calls = device(plan, ADC)["calls"]
    assert [call["method"] for call in calls] == ["DELETE", "DELETE"]
    assert 'no rule name "示例期货公司A-门户系统对外映射"' in lines(plan, WALL)
    (proof,) = plan["proof"]
    assert (proof["exact"], proof["shortfall"], proof["wrongly_closed"]) == (True, [], [])


def test_a_service_is_moved(run: Run, samples: Path, snapshot: Path) -> None:
    """AE-23: new permit, both translations in place, old permit; it affects the service."""
    code, plan = run("plan", samples / F08, "--snapshot", snapshot)
    assert (code, plan["service_affecting"]) == (10, True)
    assert to_send(plan) == [WALL, ADC, WALL]
    first, adc, last = (d for d in plan["devices"] if d["commands"] or d["calls"])
    assert [call["method"] for call in adc["calls"]] == ["PUT", "PUT"]
    for call in adc["calls"]:
        assert call["body"]["dnat_process"]["translated_address"]["address"] == "10.70.17.200"
        assert call["undo"]["body"]["dnat_process"]["translated_address"]["address"] == "10.70.17.57"
    assert {"dst-ip 10.70.17.200/32", 'service "TCP-7430-7439"', 'schedule "工作日0800-1800"'} <= {
        line.strip() for line in first["commands"]
    }
    assert [line.strip() for line in last["commands"]][1] == 'no rule name "示例期货公司A-门户系统对外映射"'
    assert [proof["exact"] for proof in plan["proof"]] == [True, True]


def test_one_port_of_many_is_taken_back(run: Run, made: Path, snapshot: Path) -> None:
    """AE-24: the translation keeps the others; policy 24 stays as residue, and that is said."""
    code, plan = run("plan", made / "AE-24.json", "--snapshot", snapshot)
    assert (code, to_send(plan)) == (10, [ADC])
    (call,) = device(plan, ADC)["calls"]
    assert (call["method"], call["body"]["destination_ports"]) == ("PUT", ["7432-7439"])
    (proof,) = plan["proof"]
    assert proof["exact"]
    assert any("TCP 7430" in text for text in proof["residue"])


def test_what_is_published_already_needs_nothing(run: Run, made: Path, snapshot: Path) -> None:
    """AE-26: a load balancer's EIP; translation and policy are there: evidence, and exit 0."""
    code, plan = run("plan", made / "AE-26.json", "--snapshot", snapshot)
    assert (code, verdicts(plan), to_send(plan)) == (0, ["covered"], [])
    assert ("DestinationNat", "示例期货公司E-业务映射", True) in intents(plan, ADC)
    assert any("slb" in text and "10.70.17.140" in text for text in plan["demands"][0]["evidence"])


def test_a_port_that_is_taken(run: Run, made: Path, snapshot: Path) -> None:
    """AE-27: the rule that has it is named with its position and target."""
    code, plan = run("plan", made / "AE-27.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (4, ["blocked"])
    (question,) = plan["questions"]
    assert question["key"] == "D1.dnat"
    assert all(word in question["text"] for word in ("示例期货公司B-管理系统", "位置 10", "10.70.16.131"))


def test_all_ports_are_not_published(run: Run, made: Path, snapshot: Path) -> None:
    """AE-28: any port is asked about and never becomes port 0."""
    code, plan = run("plan", made / "AE-28.json", "--snapshot", snapshot)
    assert (code, verdicts(plan), plan["devices"]) == (4, ["blocked"], [])


def test_ipv6_is_published(run: Run, made: Path, snapshot: Path) -> None:
    """Both families have their own: translation, group members, books, any; and the proof is as exact."""
    code, plan = run("plan", made / "ipv6.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (10, ["change", "change"])
    group, first, _ = device(plan, ADC)["calls"]
    assert group["body"]["addresses_ipv6"] == ["2001:db8:3101::10"]
    assert (first["body"]["type"], first["body"]["destination_ports"]) == ("IPV6", ["8443"])
    assert {'address "2001:db8:aa::_48" ipv6', 'src-addr "IPv6-any"'} <= {*lines(plan, WALL)}
    assert [proof["exact"] for proof in plan["proof"]] == [True, True]


def test_families_do_not_mix(run: Run, made: Path, snapshot: Path) -> None:
    """An IPv4 host does not reach an IPv6 address: an error of the cell."""
    code, _ = run("plan", made / "both-families.json", "--snapshot", snapshot)
    assert code == 3
