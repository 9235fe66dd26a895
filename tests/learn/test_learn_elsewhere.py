"""Learning is no memory: another site with other words and numbers is learned alike; the result is a site."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.forms.schedules import schedule_of
from nornir_itsm.model.facts import Facts
from nornir_itsm.model.switch import SwitchFacts
from nornir_itsm.settings import load_site
from nornir_itsm.stages.learn import Exports, Proposal, Words, learn
from nornir_itsm.stages.learn.write import site_yaml
from nornir_itsm.stages.parse.comware_text import switch_facts
from nornir_itsm.stages.plan import make_plan
from tests.sources.same_state import as_text_and_tables, sayable
from tests.stages.example_site import known, order

from .example import ROOT, SAMPLE, asked, exports, lines, parsed, sample, section

ELSEWHERE = {
    "示例期货公司": "样例证券",
    "示例期": "样例券",
    "行业云": "金融云",
    "vlan3101-CT-V4(公用)": "wan-a-CT",
    "inside-net1": "lan0",
    "Default-Deny": "last",
    "BGP": "PUBLIC",
    "源转换": "出向",
    "VPC互访": "互通-",
    "10.70.": "10.81.",
    "Vlan26": "Vlan31",
    "vlan26": "vlan31",
    "工作日0800-1800": "周中白天",
}
"""Other words for the same things; prefixes keep their shape."""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("elsewhere") / "snapshot"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("*.csv"))
    for file in folder.rglob("*.json"):
        text = file.read_text("utf-8")
        for old, new in ELSEWHERE.items():
            text = text.replace(old, new)
        file.write_text(text, "utf-8")
    return folder


def test_another_site_is_learned_in_its_own_words(elsewhere: Path) -> None:
    """Pools, lines, law, names and customers follow the exports."""
    found = learn(exports(elsewhere))
    pools, isps, law = (section(found, name) for name in ("pools", "isps", "allocation"))
    assert set(pools["PUBLIC"]) == {"10.81.8.0/22", "10.81.12.0/22", "10.81.16.0/22"}
    assert isps["电信"] == {"code": "CT", "link": "wan-a-CT", "prefixes": ["203.0.113.0/24"]}
    assert (law["base_vlan"], law["pools"]) == (3100, ["10.81.63.0/24", "10.81.62.0/24"])
    naming = section(found, "naming")
    assert naming["snat"] == "{customer}-出向-{isp}IPV4"
    assert naming["vpc_rule"] == "互通-{number:03}"
    customers = section(found, "customers")
    assert customers["样例证券A"] == ["样例证券A1", "样例证券A2", "样例证券A3"]
    assert lines(found)["points.DC1-ISP-FW01.above"].value == "last"
    assert lines(found)["points.DC1-ISP-LB01.inside_links[lan0]"].value == "lan0"
    assert "paths[金融云→互联网]" in lines(found)
    assert "行业云" not in str(found)
    assert "vlan3101" not in str(found)


def test_the_notation_of_the_exports_does_not_matter(tmp_path: Path) -> None:
    """Configurations, CSV and workbooks tell what the JSON tells, line by line with its evidence."""
    documents = sayable(tmp_path / "json")
    tables = as_text_and_tables(documents, tmp_path / "tables")
    (tables / "devices.json").write_bytes((documents / "devices.json").read_bytes())
    assert learn(exports(tables)) == learn(exports(documents))


def test_a_law_that_nothing_fits_is_no_law() -> None:
    """Numbers without an order are asked about, not explained."""
    base = exports(SAMPLE)
    subnets = tuple(
        replace(s, description=s.description.replace("lan26", f"lan{7 + 31 * n % 89}"))
        for n, s in enumerate(base.facts.ipam.subnets)
    )
    facts = replace(base.facts, ipam=replace(base.facts.ipam, subnets=subnets))
    assert "allocation" in asked(learn(replace(base, facts=facts)))


SWITCH = """\
#
ip vpn-instance VPC-2617
#
ip vpn-instance VPC-2624
#
ip vpn-instance VPC-trust
#
interface Vlan-interface2617
 ip binding vpn-instance VPC-2617
 ip address 10.70.63.139 255.255.255.248
#
interface Vlan-interface2624
 ip binding vpn-instance VPC-2624
 ip address 10.70.63.195 255.255.255.248
#
 ip route-static vpn-instance VPC-trust 10.60.128.192 26 vpn-instance VPC-2617 10.70.63.140
 ip route-static vpn-instance VPC-trust 10.60.128.192 26 vpn-instance VPC-2617 10.70.63.141
 ip route-static vpn-instance VPC-trust 10.60.130.64 26 vpn-instance VPC-2624 10.70.63.196
 ip route-static vpn-instance VPC-trust 10.60.130.64 26 vpn-instance VPC-2624 10.70.63.197
 ip route-static vpn-instance VPC-2617 10.60.0.0 16 vpn-instance VPC-trust 10.70.254.33
 ip route-static vpn-instance VPC-2624 10.60.0.0 16 vpn-instance VPC-trust 10.70.254.33
#
return
"""


def test_the_switch_tells_what_the_ipam_cannot() -> None:
    """Its own place in the network, the next hops, the instances and the way to the firewall."""
    base = exports(SAMPLE)
    switch: SwitchFacts = switch_facts(SWITCH)
    facts = replace(base.facts, points={**base.facts.points, "SW": switch})
    whole = replace(
        base,
        facts=facts,
        platforms={**base.platforms, "SW": "hp_comware"},
        folders={**base.folders, "SW": "switch_core"},
    )
    found = learn(whole)
    law = section(found, "allocation")
    assert (law["interface"], law["next_hops"]) == (3, [4, 5])
    assert (law["instance"], law["shared_instance"]) == ("VPC-{vlan}", "VPC-trust")
    assert law["firewall"] == "10.70.254.33"
    assert not {"allocation.interface", "allocation.instance"} & asked(found)


def test_forms_add_zones_schedules_and_full_names() -> None:
    """Two spellings of a zone are one; a time that no object has is asked; a full name is an alias."""
    times = {text: schedule_of(text).periods for text in ("工作日-早8晚6", "工作日-早8次3")}  # type: ignore[union-attr]
    words = Words(("证联网-测试", "行业云", "证联网测试网", "交易网"), times, ("示例期货公司C有限公司",))
    found = learn(exports(SAMPLE, words))
    assert section(found, "zones")["证联网-测试"] == ["证联网测试网"]
    assert "paths.交易网" in asked(found)
    assert lines(found)["schedules.工作日-早8晚6"].confidence == "high"
    assert "schedules.工作日-早8次3" in asked(found)
    assert "示例期货公司C有限公司" in section(found, "customers")["示例期货公司C"]  # type: ignore[operator]


def test_nothing_holds_before_it_is_confirmed() -> None:
    """Without a confirmation the file is empty; one line makes that line; all make all."""
    assert parsed(site_yaml(sample(), ())) is None
    one = parsed(site_yaml(sample(), {"isps.电信"}))
    assert one == {"isps": {"电信": lines(sample())["isps.电信"].value}}
    two = parsed(site_yaml(sample(), {"pools.BGP[10.70.16.0/22]", "site"}))
    assert two == {"site": "示例数据中心", "pools": {"BGP": ["10.70.16.0/22"]}}
    text = site_yaml(sample(), ())
    by_hand = "\n".join(line.removeprefix("#? ") for line in text.splitlines())
    assert parsed(by_hand) == parsed(site_yaml(sample(), set(lines(sample()))))


def test_confirmed_and_completed_it_is_a_site_that_decides_alike(tmp_path: Path) -> None:
    """The questions answered from the example site, an order gets the same verdicts and the same proof."""
    from ruamel.yaml import YAML

    example = parsed((ROOT / "inventory/site.yaml").read_text("utf-8"))
    made = dict(parsed(site_yaml(sample(), set(lines(sample())))))
    switch = "DC1-CORE-SW01"
    made["points"] = {**made["points"], switch: example["points"][switch]}
    made["zones"] |= {z: a for z, a in example["zones"].items() if not z.startswith("证联网")}
    made["naming"] = {**example["naming"], **made["naming"]}
    made["allocation"] = {**example["allocation"], **made["allocation"]}
    made["assumed"] = example["assumed"]
    asked_of = {(p["source"], p["destination"]): p for p in example["paths"]}
    for path in made["paths"]:
        zone = path["destination"].replace("证联网测试网", "证联网-测试")
        like = asked_of[path["source"], zone]
        path |= {key: like[key] for key in ("scenario", "runbook", "kind")}
    made["paths"][-1]["hops"].append({"point": switch})
    file = tmp_path / "site.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML().dump(made, out)
    learned = load_site(file)
    base = known()
    for form in ("05-白名单-公司全称-协议下拉.xlsx", "04-双表-正表加Sheet1.xlsx"):
        asked_order = replace(order(form), organization=order(form).organization.removesuffix("有限公司"))
        theirs = make_plan(asked_order, base)
        ours = make_plan(asked_order, replace(base, site=learned))
        assert [v.verdict for v in ours.demands] == [v.verdict for v in theirs.demands]
        assert [p.opened for p in ours.proofs] == [p.opened for p in theirs.proofs]
        assert [p.exact for p in ours.proofs] == [p.exact for p in theirs.proofs]


@given(st.text(max_size=40) | st.lists(st.text(max_size=12), max_size=3) | st.booleans() | st.integers())
def test_whatever_exports_say_stays_what_it_is(value: object) -> None:
    """A value is read back as it was; evidence cannot leave its comment."""
    text = value if isinstance(value, str) else "x"
    evidence = (f"依据 {text}", f"{text}\nzones: {{}}")
    line = Proposal(("customers", text or "x"), value, "low", evidence)  # type: ignore[arg-type]
    assert parsed(site_yaml([line], {line.key})) == {"customers": {text or "x": value}}


def test_an_empty_folder_is_all_questions() -> None:
    """No exports: nothing is proposed."""
    found = learn(Exports(Facts(), {}, {}))
    assert lines(found) == {}
    assert {"site", "cloud", "zones", "allocation", "schedules"} <= asked(found)
