"""行业云 → 互联网: hosts, public addresses, coverage, services; by the public command."""

from pathlib import Path

from tests.acceptance.conftest import Run, device, intents, lines, to_send, verdicts

ADC, WALL = "DC1-ISP-LB01", "DC1-ISP-FW01"
F06, F07 = "06-18列安全组版.xlsx", "07-17列无公网端口.xlsx"


def test_a_host_behind_the_nat_gateway_is_asked_about(run: Run, samples: Path, snapshot: Path) -> None:
    """AE-15: no EIP of its own: asked; through the gateway policy 51 covers it, for everybody behind it."""
    code, plan = run("plan", samples / F06, "--snapshot", snapshot)
    assert code == 4
    (question,) = [q for q in plan["questions"] if q["key"] == "D1.eip"]
    assert "NAT 网关" in question["text"]
    assert (question["proposal"], question["choices"]) == ("10.70.16.240", ["10.70.16.240"])

    _, plan = run(
        "plan", samples / F06, "--snapshot", snapshot, "--answer", "D1.eip=10.70.16.240", "--demand", "D1"
    )
    assert verdicts(plan)[0] == "covered"
    assert to_send(plan) == []
    assert ("SecurityRule", "示例期货公司D上网", True) in intents(plan, WALL)
    assert any("共享地址" in text for text in plan["proof"][0]["scope"]["unknown"])


def test_missing_public_addresses_are_proposed(run: Run, samples: Path, snapshot: Path) -> None:
    """AE-16: what the ADC translates to now, and the address that is in use there but free in the IPAM."""
    key = "网络策略服务申请单!H12.public.addresses"
    _, plan = run("plan", samples / F06, "--snapshot", snapshot)
    (question,) = [q for q in plan["questions"] if q["key"] == key]
    assert question["proposal"] == "203.0.113.223"
    assert "198.51.100.64" in question["text"]
    assert "空闲" in question["text"]

    _, one = run(
        "plan", samples / F06, "--snapshot", snapshot, "--answer", f"{key}=203.0.113.223", "--demand", "D2"
    )
    assert (verdicts(one), to_send(one)) == (["covered"], [])
    both = f"{key}=203.0.113.223,198.51.100.64"
    _, two = run("plan", samples / F06, "--snapshot", snapshot, "--answer", both, "--demand", "D2")
    assert to_send(two) == [ADC]
    snat, route = device(two, ADC)["calls"]
    assert (snat["method"], snat["body"]["name"]) == ("POST", "示例期货公司D-源转换-移动IPV4")
    assert snat["body"]["snat_process"]["translated_address"]["address"] == "198.51.100.64"
    assert (route["method"], route["body"]["name"]) == ("PUT", "示例期货公司D路由")


def test_two_hosts_of_one_row(run: Run, samples: Path, snapshot: Path) -> None:
    """AE-19: a rule to any for both EIPs, the service by content, the site's schedule object."""
    code, plan = run("plan", samples / F07, "--snapshot", snapshot, "--demand", "D1")
    assert code == 10
    sent = lines(plan, WALL)
    assert {"src-ip 10.70.16.41/32", "src-ip 10.70.16.42/32", 'dst-addr "Any"', 'service "TCP-443"'} <= {
        *sent
    }
    assert 'schedule "工作日0800-1800"' in sent
    assert ("SourceNat", "示例期货公司A1-源转换-电信IPV4", True) in intents(plan, ADC)


def test_a_domain_that_is_covered_for_one_of_three(run: Run, samples: Path, snapshot: Path) -> None:
    """AE-20: policy 21 covers .43 by its wildcard; the others get a rule for that very name."""
    code, plan = run("plan", samples / F07, "--snapshot", snapshot, "--demand", "D2")
    assert (code, verdicts(plan)) == (10, ["partial"])
    sent = lines(plan, WALL)
    assert {"src-ip 10.70.17.44/32", "src-ip 10.70.17.45/32", 'dst-host "update.example.com"'} <= {*sent}
    assert "src-ip 10.70.17.43/32" not in sent
    assert plan["proof"][0]["already"] == [
        "10.60.134.43 → update.example.com TCP 80 周一二三四五 08:00-18:00"
    ]


def test_a_third_line_is_added(run: Run, made: Path, snapshot: Path) -> None:
    """AE-25: source translation and route for one more line, and who else leaves over it."""
    code, plan = run("plan", made / "AE-25.json", "--snapshot", snapshot)
    assert code == 10
    snat, route = device(plan, ADC)["calls"]
    assert snat["body"]["name"] == "示例期货公司A3-源转换-联通IPV4"
    assert snat["body"]["snat_process"]["translated_address"]["address"] == "192.0.2.73"
    assert route["body"]["schedule_links"][-1] == "vlan3103-CU-V4(公用)"
    assert {"ip 10.70.17.57/32", "src-ip 10.70.17.57/32", "dst-ip 192.0.2.140/32"} <= {*lines(plan, WALL)}
    said = " ".join(f"{f['object']} {f['problem']}" for f in plan["findings"])
    assert "10.70.17.147" in said
    assert "源转换-示例临时" in said


def test_a_service_is_chosen_by_content(run: Run, made: Path, snapshot: Path) -> None:
    """AE-29: TCP-25 holds all ports: not used, and named; SMTP is."""
    _, plan = run("plan", made / "AE-29.json", "--snapshot", snapshot)
    assert 'service "SMTP"' in lines(plan, WALL)
    assert "TCP-25" in [finding["object"] for finding in plan["findings"]]


def test_ping_is_covered_one_way_and_asked_about_the_other(run: Run, made: Path, snapshot: Path) -> None:
    """AE-30: Allow-Ping-All covers it, no port is shown; inbound it cannot be published by ports."""
    code, plan = run("plan", made / "AE-30.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (4, ["covered", "blocked"])
    assert {node["service"] for node in plan["demands"][0]["path"]} == {"ICMP"}
    assert [question["key"] for question in plan["questions"]] == ["requests!A2.protocol"]


def test_a_dead_rule_does_not_cover(run: Run, made: Path, snapshot: Path) -> None:
    """AE-31: the policy below the default deny is named, and what was asked gets a rule above it."""
    code, plan = run("plan", made / "AE-31.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (10, ["change"])
    (finding,) = plan["findings"]
    assert finding["object"] == "示例期货公司C上网"
    assert "Default-Deny" in finding["problem"]
    assert 'rule before name "Default-Deny"' in lines(plan, WALL)


def test_an_eip_of_another_pool_does_not_do(run: Run, made: Path, snapshot: Path) -> None:
    """AE-32: the host's only EIP is for leased lines."""
    code, plan = run("plan", made / "AE-32.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (4, ["blocked"])
    assert "10.70.40.20" in plan["questions"][0]["text"]


def test_one_demand_for_another_team_holds_up_nobody(run: Run, made: Path, snapshot: Path) -> None:
    """AE-33: the trading network is by hand, the rest of the order is planned."""
    code, plan = run("plan", made / "AE-33.json", "--snapshot", snapshot)
    assert (code, verdicts(plan)) == (10, ["manual", "change"])
    assert to_send(plan) == [ADC, WALL]


def test_a_host_of_another_tenant_is_asked_about(run: Run, made: Path, snapshot: Path) -> None:
    """R22: who applies is not who owns; a person's yes is part of the plan."""
    order = made / "other-tenant.json"
    code, plan = run("plan", order, "--snapshot", snapshot)
    assert (code, [q["key"] for q in plan["questions"]]) == (4, ["D1.owner"])
    assert "示例期货公司A" in plan["questions"][0]["text"]


def test_shifted_values_become_the_order_that_was_meant(
    run: Run, samples: Path, orders: Path, snapshot: Path
) -> None:
    """AE-04: once every proposal is confirmed, the plan does what AE-01 does."""
    (form,) = samples.glob("03-*.xlsx")
    _, plan = run("plan", form, "--snapshot", snapshot)
    answers = [part for q in plan["questions"] for part in ("--answer", f"{q['key']}={q['proposal']}")]
    code, confirmed = run("plan", form, "--snapshot", snapshot, *answers)
    assert code == 10
    _, ae01 = run("plan", orders / "04-双表-正表加Sheet1.xlsx", "--snapshot", snapshot, "--demand", "D1")

    def effect(plan: dict[str, list[dict[str, list[str]]]]) -> list[list[str]]:
        return [[line for line in d["commands"] if "name " not in line] for d in plan["devices"]]

    assert effect(confirmed) == effect(ae01)
