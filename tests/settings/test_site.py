"""site.yaml: what it says arrives, and everything that is wrong is named with its line."""

from pathlib import Path

import pytest

from nornir_itsm.errors import ConfigError
from nornir_itsm.settings import load_site

EXAMPLE = Path(__file__).parents[2] / "inventory" / "site.yaml"

GOOD = """\
site: 示例站点
zones:
  行业云: []
  互联网: [外网]
points:
  FW01:
    platform: hillstone_stoneos
    role: firewall
    snapshot: firewall_edge
    profiles: {av: predef_high}
  LB01:
    platform: sangfor_ad
    role: adc
    snapshot: adc
    inside_links: [inside-net1]
paths:
  - source: 行业云
    destination: 互联网
    scenario: out
    runbook: cloud_to_internet
    kind: 互联网接入
    pool: BGP
    hops:
      - {point: FW01, source_zone: trust, destination_zone: untrust}
      - {point: LB01}
isps:
  电信: {code: CT, link: ct-link, prefixes: [203.0.113.0/24]}
  移动: {code: CM, link: cm-link, prefixes: [198.51.100.0/25]}
pools:
  BGP: [10.70.8.0/22]
customers:
  示例期货公司A: [示例A]
naming:
  outbound_rule: "{customer}-{system}上网"
  inbound_rule: "{customer}-{system}"
  whitelist_rule: "{customer}-{system}（白名单）"
  whitelist_book: "{system}-白名单"
  destination_book: "{system}-目的"
  service: "{protocol}-{ports}"
  dnat: "{customer}-{system}"
  public_group: "{ips}-{customer}"
  eip_group: "EIP-{customer}-({ends})"
  snat: "{customer}-源转换-{isp}IPV4"
  route: "{customer}路由"
  exchange_rule: "{customer}-{system}"
  network_book: "{ips}"
  vpc_rule: "VPC互访{number:03}"
  iqos_book: "IQOS{customer}-EIP|IQOS{customer}EIP"
cloud: 行业云
"""

BROKEN = {
    "an unknown key of a point": (
        "    platform: sangfor_ad",
        "    platfrom: sangfor_ad",
        12,
        "platfrom",
        "platform",
    ),
    "an unknown key at the top": ("zones:", "zonen: {}\nzones:", 2, "zonen", "zones"),
    "an unknown key of a hop": ("{point: LB01}", "{point: LB01, vsys: x}", 25, "vsys", "known keys: point"),
    "a missing key of a point": ("    role: adc\n", "", 11, "points.LB01.role", "add 'role'"),
    "a missing naming pattern": ('  dnat: "{customer}-{system}"\n', "", 33, "naming.dnat", "add 'dnat'"),
    "a word that is no role": ("role: adc", "role: proxy", 13, "points.LB01.role", "firewall"),
    "a list where text belongs": ("platform: sangfor_ad", "platform: [a]", 12, "must be text", "quotes"),
    "a number where text belongs": ("code: CT", "code: 1", 27, "isps.电信.code", "quotes"),
    "text where a list belongs": ("[10.70.8.0/22]", "10.70.8.0/22", 30, "must be a list", "[a, b]"),
    "an unknown point": ("{point: LB01}", "{point: LB02}", 25, "no point is called 'LB02'", "LB01"),
    "a firewall without zones": (
        ", destination_zone: untrust",
        "",
        24,
        "needs its zones",
        "destination_zone",
    ),
    "a firewall twice on a path": (
        "      - {point: LB01}\n",
        "      - {point: FW01, source_zone: dmz, destination_zone: untrust}\n",
        25,
        "'FW01' is there already",
        "one hop per firewall",
    ),
    "an ADC that translates by saying so": (
        "{point: LB01}",
        "{point: LB01, translates: true}",
        25,
        "no firewall",
        "ADC",
    ),
    "an unknown zone": ("source: 行业云", "source: 交易网", 17, "no zone is called '交易网'", "互联网"),
    "an alias for a zone": (
        "destination: 互联网",
        "destination: 外网",
        18,
        "no zone is called",
        "write '互联网'",
    ),
    "an alias of two zones": ("行业云: []", "行业云: [外网]", 4, "'外网' is there already", "once"),
    "an alias of two customers": ("[示例A]", "[示例A, 示例A]", 32, "'示例A' is there already", "once"),
    "an unknown pool": ("pool: BGP", "pool: BPG", 22, "no pool is called 'BPG'", "BGP"),
    "a runbook that is no name": ("cloud_to_internet", "../evil", 20, "is no identifier", "without .py"),
    "a path to nowhere": ("    runbook: cloud_to_internet\n", "", 17, "runbook", "without .py"),
    "a link twice": ("link: cm-link", "link: ct-link", 28, "isps.移动.link", "once"),
    "an inside link outside": ("link: cm-link", "link: inside-net1", 28, "inside link", "outside"),
    "overlapping lines": ("198.51.100.0/25", "203.0.113.128/25", 28, "overlaps 203.0.113.0/24", "purpose"),
    "a pool inside a line": ("10.70.8.0/22", "203.0.113.0/28", 30, "overlaps 203.0.113.0/24", "purpose"),
    "host bits": ("10.70.8.0/22", "10.70.8.1/22", 30, "has host bits set", "host bits"),
    "no prefix at all": ("10.70.8.0/22", "10.70.8.300/22", 30, "is no prefix", "203.0.113.0/24"),
    "a field that no name has": ("{protocol}-{ports}", "{proto}-{ports}", 39, "{proto}", "{protocol}"),
    "a way into an object": ("{protocol}-{ports}", "{ports.__class__}", 39, "ports.__class__", "{protocol}"),
    "an open brace": ("{protocol}-{ports}", "{protocol", 39, "is no pattern", "{protocol}"),
    "one name for all": ("{protocol}-{ports}", "service", 39, "names every object alike", "{protocol}"),
    "a profile of no kind": ("av: predef_high", "dpi: high", 10, "points.FW01.profiles.dpi", "av"),
    "a folder elsewhere": ("snapshot: adc", "snapshot: ../adc", 14, "is no folder name", "letters"),
    "a key twice": ("    role: adc", "    role: adc\n    role: adc", 14, "duplicate key", "indentation"),
    "no YAML": ("  行业云: []", "  行业云: [", 5, "is not YAML", "quotes"),
}


def site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_sound() -> None:
    """The site.yaml that comes with the project loads, and its aliases lead to canonical names."""
    example = load_site(EXAMPLE)
    assert example.zones["证联网测试网"] == "证联网-测试"
    outbound = example.path("行业云", "互联网")
    assert outbound is not None
    assert [hop.point for hop in outbound.hops] == ["DC1-ISP-FW01", "DC1-ISP-LB01"]
    assert example.points["DC1-ISP-FW01"].profiles == (("av", "predef_high"), ("ips", "predef_default"))
    customer = example.customer("示例期货公司C有限公司")
    assert customer is not None
    assert customer.name == "示例期货公司C"


def test_known_but_manual_paths_give_their_reason() -> None:
    """A path without a runbook is only accepted with a reason; pairs that are not listed are unknown."""
    example = load_site(EXAMPLE)
    manual = example.path("行业云", "交易网")
    assert manual is not None
    assert "尚不配置" in manual.manual
    assert example.path("交易网", "行业云") is None


def test_the_table_starts_from_a_sound_site(tmp_path: Path) -> None:
    """The text that the broken ones are made from has no fault of its own."""
    assert load_site(site(tmp_path, GOOD)).pools[0].prefixes == ("10.70.8.0/22",)


def test_a_firewall_that_is_not_told_translations(tmp_path: Path) -> None:
    """A hop cannot say of a firewall that it translates where nobody writes that platform's translations."""
    told = GOOD.replace("destination_zone: untrust}", "destination_zone: untrust, translates: true}")
    broken = told.replace("      - {point: LB01}\n", "").replace("hillstone_stoneos", "hp_comware")
    with pytest.raises(ConfigError, match="hp_comware is not told translations") as caught:
        load_site(site(tmp_path, broken))
    assert "huawei_vrp" in str(caught.value)


@pytest.mark.parametrize("case", BROKEN)
def test_an_error_names_line_key_and_remedy(case: str, tmp_path: Path) -> None:
    """Whatever is wrong: the file, the line, what it is about and what to do are said."""
    before, after, line, words, remedy = BROKEN[case]
    assert GOOD.count(before) >= 1
    path = site(tmp_path, GOOD.replace(before, after, 1))
    with pytest.raises(ConfigError) as caught:
        load_site(path)
    message = str(caught.value)
    assert f"{path}:{line}: " in message or f"line {line}: " in message
    assert words in message
    assert remedy in message


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    """Two mistakes at different places are one message, in the order of the file."""
    text = GOOD.replace("pool: BGP", "pool: X").replace("link: cm-link", "link: ct-link")
    with pytest.raises(ConfigError) as caught:
        load_site(site(tmp_path, text))
    message = str(caught.value)
    assert "2 errors" in message
    assert message.index("line 22") < message.index("line 28")


@pytest.mark.parametrize(
    "content", [b"", b"- a\n", b"\xff\xfe\x00", b"a: &x [*x]\n", b"[" * 3000, b"x: !!python/name:os.system\n"]
)
def test_what_is_no_site_is_an_error_of_the_file(content: bytes, tmp_path: Path) -> None:
    """An empty, foreign, binary, endless or hostile file is refused by name, never with a traceback."""
    path = tmp_path / "site.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"site\.yaml"):
        load_site(path)


def test_a_missing_site_says_where_it_is_expected(tmp_path: Path) -> None:
    """No file: the message says which setting points there."""
    with pytest.raises(ConfigError, match=r"user_defined\.itsm\.site"):
        load_site(tmp_path / "site.yaml")
