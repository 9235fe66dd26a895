"""From the example exports alone: what the domain's description says of this site is proposed, or asked."""

from .example import asked, lines, sample, section


def test_every_line_has_its_evidence_and_a_confidence() -> None:
    """Nothing is proposed for no reason; the reasons name objects, addresses or descriptions."""
    for key, line in lines(sample()).items():
        assert line.confidence in ("high", "medium", "low"), key
        assert line.evidence, key
        assert all(text.strip() for text in line.evidence), key


def test_pools_go_by_the_clouds_own_word() -> None:
    """Prefixes with EIPs are certain, those kept with them likely; what nobody registered is asked."""
    pools = section(sample(), "pools")
    assert set(pools) == {"BGP", "private_eip", "ZLW_CS", "ZLW_SC"}
    assert set(pools["BGP"]) == {"10.70.8.0/22", "10.70.12.0/22", "10.70.16.0/22"}
    assert set(pools["ZLW_CS"]) == {"172.22.29.0/24", "172.22.30.0/24", "172.22.31.0/24"}
    assert pools["private_eip"] == ["10.70.40.0/23"]
    found = lines(sample())
    assert found["pools.BGP[10.70.16.0/22]"].confidence == "high"
    assert found["pools.BGP[10.70.8.0/22]"].confidence == "medium"
    assert found["pools.ZLW_SC[172.22.40.0/24]"].confidence == "low"
    assert "pools.ZLW_SC" in asked(sample())


def test_lines_to_the_internet_come_with_prefix_link_and_code() -> None:
    """The IPAM says whose prefix it is, translations on which link it leaves; strange links are asked."""
    assert section(sample(), "isps") == {
        "电信": {"code": "CT", "link": "vlan3101-CT-V4(公用)", "prefixes": ["203.0.113.0/24"]},
        "移动": {"code": "CM", "link": "vlan3102-CM-V4(公用)", "prefixes": ["198.51.100.0/25"]},
        "联通": {"code": "CU", "link": "vlan3103-CU-V4(公用)", "prefixes": ["192.0.2.64/27"]},
    }
    assert {"isps.CU-V4-自有", "isps.CM-V4-自有"} <= asked(sample())


def test_the_role_of_each_pool_is_a_path_or_a_question() -> None:
    """BGP leaves by the ADC outside the edge firewall, the test network by its vsys; others are asked."""
    found = lines(sample())
    out = found["paths[行业云→互联网]"].value
    assert out == {
        "source": "行业云",
        "destination": "互联网",
        "pool": "BGP",
        "hops": [
            {"point": "DC1-ISP-FW01", "source_zone": "trust", "destination_zone": "untrust"},
            {"point": "DC1-ISP-LB01"},
        ],
    }
    back = found["paths[互联网→行业云]"].value
    assert isinstance(back, dict)
    assert back["hops"] == [
        {"point": "DC1-ISP-LB01"},
        {"point": "DC1-ISP-FW01", "source_zone": "untrust", "destination_zone": "trust"},
    ]
    test = found["paths[行业云→证联网测试网]"].value
    assert isinstance(test, dict)
    assert (test["pool"], test["hops"]) == (
        "ZLW_CS",
        [{"point": "DC1-CDL-FW01-TESTNET", "source_zone": "Any", "destination_zone": "Any"}],
    )
    assert {"paths.private_eip", "paths.行业云→证联网生产"} <= asked(sample())


def test_the_law_of_vpcs_and_vlans() -> None:
    """VLAN 2600+k has the k-th /29, the second /24 first; what only the switch knows is asked."""
    law = section(sample(), "allocation")
    assert (law["base_vlan"], law["length"]) == (2600, 29)
    assert law["pools"] == ["10.70.63.0/24", "10.70.62.0/24"]
    assert (law["firewall"], law["tenants"]) == ("10.70.254.33", "10.60.0.0/16")
    said = " ".join(lines(sample())["allocation.base_vlan"].evidence)
    assert "2648 ↔ 10.70.62.128/29" in said
    assert "10.70.63.240/29" in said
    keys = ("interface", "next_hops", "instance", "shared_instance")
    assert {f"allocation.{key}" for key in keys} <= asked(sample())


def test_naming_patterns_are_those_of_the_names_in_use() -> None:
    """The commonest pattern of each kind; what else is in use stands beside it; no pattern is a question."""
    naming = section(sample(), "naming")
    assert naming["snat"] == "{customer}-源转换-{isp}IPV4"
    assert naming["route"] == "{customer}路由"
    assert naming["dnat"] == "{customer}-{system}"
    assert naming["inbound_rule"] == "{customer}-{system}"
    assert naming["outbound_rule"] == "{customer}上网"
    assert naming["whitelist_rule"] == "{customer}-{system}（白名单）"
    assert naming["public_group"] == "{ips}-{customer}"
    assert naming["service"] == "{protocol}-{ports}"
    assert naming["vpc_rule"] == "VPC互访{number:03}"
    assert naming["iqos_book"] == "IQOS{customer}-EIP|IQOS-{customer}-EIP"
    groups = lines(sample())["naming.eip_group"]
    assert {groups.value, *groups.alternatives} >= {"EIP-{customer}", "EIP-{customer}-({ends})"}
    assert "naming.destination_book" in asked(sample())


def test_customers_with_the_names_that_cloud_ipam_and_devices_use() -> None:
    """Numbered names through translations, short ones through VPCs; free addresses make no customer."""
    customers = section(sample(), "customers")
    assert customers["示例期货公司A"] == ["示例A", "示例期货公司A1", "示例期货公司A2", "示例期货公司A3"]
    assert customers["示例期货公司B"] == ["示例B"]
    assert customers["示例期货公司C"] == ["示例C"]
    assert customers["示例期货公司D"] == ["示例D", "示例期货公司D1"]
    assert customers["示例期货公司E"] == ["示例E"]
    assert {"示例交易所甲", "示例平台-公共服务专区"} <= set(customers)
    assert "空闲" not in str(customers)
    assert "public_services[示例平台-公共服务专区]" in lines(sample())


def test_points_with_anchors_and_habits() -> None:
    """Names from the device list, the deny that ends each list, what permits carry, inside links."""
    found = lines(sample())
    for point in ("DC1-ISP-FW01", "DC1-CDL-FW01-TESTNET", "DC1-CORE-FW01"):
        assert found[f"points.{point}.above"].value == "Default-Deny"
        assert f"points.{point}.implicit" in asked(sample())
    edge = "points.DC1-ISP-FW01"
    assert "示例期货公司C上网" in " ".join(found[f"{edge}.above"].evidence)
    assert found[f"{edge}.profiles"].value == {"av": "predef_high", "ips": "predef_default"}
    assert found[f"{edge}.protected[示例封禁]"].value == "示例封禁"
    assert f"{edge}.protected" in asked(sample())
    assert found["points.DC1-CORE-FW01.plain_addresses"].value is True
    assert f"{edge}.plain_addresses" not in found
    assert found["points.DC1-ISP-LB01.inside_links[inside-net1]"].value == "inside-net1"
    assert "points.DC1-CORE-SW01" in asked(sample())


def test_schedules_by_their_hours() -> None:
    """An object is named by what a form would say; without forms that is a guess, and asked."""
    schedules = section(sample(), "schedules")
    assert schedules["工作日-早8晚6"] == "工作日0800-1800"
    assert "开放至某日" not in schedules.values()
    assert "schedules" in asked(sample())


def test_what_no_export_says_is_a_question() -> None:
    """Kinds of change, menus, assumptions, ages: a person has to say these."""
    assert {"paths.行业云→互联网.kind", "points.DC1-ISP-LB01.menus", "assumed", "sources"} <= asked(sample())
