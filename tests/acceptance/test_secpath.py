"""The example site with a SecPath at its edge, read from an export: the same orders, said to a SecPath."""

import shutil
from pathlib import Path

import pytest

from .conftest import PROJECT, Run, lines, verdicts

WALL = "DC1-ISP-FW01"
BOTH_WAYS = "04-双表-正表加Sheet1.xlsx"
EXPORT = """#
 version 7.1.064, Release 9660P31
#
 sysname DC1-ISP-FW01
#
object-group ip address 封禁地址
 0 network host address 192.0.2.66
#
object-group service TCP-443
 0 service tcp destination eq 443
#
security-policy ip
 rule 0 name 示例封禁
  action drop
  source-ip 封禁地址
 rule 1 name 已有访问
  action pass
  source-zone Trust
  destination-zone Untrust
  source-ip-host 10.70.18.48
  destination-ip-host 192.0.2.7
  service TCP-443
 rule 2 name Default-Deny
#
return
"""


@pytest.fixture
def secpath_site(config: Path, tmp_path: Path, snapshot: Path) -> Path:
    """The example configuration with another edge firewall; returns the exports, its own as text."""
    site = (PROJECT / "inventory" / "site.yaml").read_text("utf-8")
    head, rest = site.split(f"  {WALL}:", maxsplit=1)
    profiles = "profiles:                               # 新放行策略的安全配置 / what new permits carry\n"
    for old, new in {
        "hillstone_stoneos": "hp_comware",
        "[deny, start, end]": "[deny]",
        f"{profiles}      av: predef_high\n      ips: predef_default": "profiles: {counting: enable}",
    }.items():
        assert old in rest
        rest = rest.replace(old, new, 1)
    for zone in ("trust", "untrust"):
        rest = rest.replace(f"_zone: {zone}", f"_zone: {zone.capitalize()}")
    (tmp_path / "site.yaml").write_text(f"{head}  {WALL}:{rest}", "utf-8")
    text = config.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.strip().startswith("site: "))
    config.write_text(text.replace(old, f"    site: {tmp_path}/site.yaml"), "utf-8")
    exports = Path(shutil.copytree(snapshot, tmp_path / "exports"))
    shutil.rmtree(exports / "firewall_edge")
    (exports / "firewall_edge").mkdir()
    (exports / "firewall_edge" / "fw.cfg").write_text(EXPORT, "utf-8")
    return exports


def test_orders_are_planned_for_a_secpath(run: Run, secpath_site: Path, orders: Path, tmp_path: Path) -> None:
    """Both ways: exact, in its own lines, new rules above the one that site.yaml names, pasted whole."""
    code, plan = run("plan", orders / BOTH_WAYS, "--snapshot", secpath_site, "--out", tmp_path / "out")
    assert (code, verdicts(plan)) == (10, ["change", "change"])
    assert [proof["exact"] for proof in plan["proof"]] == [True, True]
    sent = lines(plan, WALL)
    assert "service tcp destination range 37792 37794" in sent
    assert "source-ip-host 10.70.18.48" in sent
    assert "move rule name 示例期货公司A-示例本地行情上网 before name Default-Deny" in sent
    assert not any(line.startswith(("rule 3", "undo 10")) for line in sent)
    (file,) = (tmp_path / "out").rglob("document.md")
    text = file.read_text("utf-8")
    assert "system-view\nobject-group service" in text
    assert "return\nsave force\n" in text


def test_why_names_the_rules_of_a_secpath(run: Run, secpath_site: Path) -> None:
    """The rule that lets it pass at the firewall, and the one that stops it."""
    for to, rule in (("192.0.2.7", "已有访问"), ("192.0.2.9", "Default-Deny")):
        _, said = run("why", "10.60.134.61", to, "tcp/443", "--snapshot", secpath_site)
        hops = [hop["rule"] for part in said["parts"] for hop in part["hops"] if hop["point"] == WALL]
        assert {*hops} == {rule}


def test_a_word_that_nobody_understands_blocks_what_it_may_touch(run: Run, secpath_site: Path) -> None:
    """A VRF in a rule: whether the rule matches is undecidable, and said with the line."""
    file = secpath_site / "firewall_edge" / "fw.cfg"
    text = file.read_text("utf-8").replace("  service TCP-443\n", "  service TCP-443\n  vrf inner\n")
    file.write_text(text, "utf-8")
    _, said = run("why", "10.60.134.61", "192.0.2.7", "tcp/443", "--snapshot", secpath_site)
    doubts = [doubt for part in said["parts"] for doubt in part["because"]]
    assert "规则 已有访问：vrf inner" in doubts
