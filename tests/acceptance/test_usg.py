"""The example site with a USG at its edge, read from an export: the same orders, said to a USG."""

import shutil
from pathlib import Path

import pytest

from .conftest import PROJECT, Run, lines, verdicts

WALL = "DC1-ISP-FW01"
BOTH_WAYS = "04-双表-正表加Sheet1.xlsx"
EXPORT = """!Software Version V500R005C20SPC500
#
sysname DC1-ISP-FW01
#
ip address-set 封禁地址 type object
 address 0 192.0.2.66 mask 32
#
ip service-set TCP-443 type object
 service 0 protocol tcp destination-port 443
#
security-policy
 rule name 示例封禁
  source-address address-set 封禁地址
  action deny
 rule name 已有访问
  source-zone trust
  destination-zone untrust
  source-address 10.70.18.48 mask 255.255.255.255
  destination-address 192.0.2.7 mask 255.255.255.255
  service TCP-443
  action permit
 rule name Default-Deny
  action deny
#
return
"""


@pytest.fixture
def usg_site(config: Path, tmp_path: Path, snapshot: Path) -> Path:
    """The example configuration with another edge firewall; returns the exports, its own as text."""
    site = (PROJECT / "inventory" / "site.yaml").read_text("utf-8")
    head, rest = site.split(f"  {WALL}:", maxsplit=1)
    rest = rest.replace("hillstone_stoneos", "huawei_vrp", 1).replace("[deny, start, end]", "[deny, end]", 1)
    (tmp_path / "site.yaml").write_text(f"{head}  {WALL}:{rest}", "utf-8")
    text = config.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.strip().startswith("site: "))
    config.write_text(text.replace(old, f"    site: {tmp_path}/site.yaml"), "utf-8")
    exports = Path(shutil.copytree(snapshot, tmp_path / "exports"))
    shutil.rmtree(exports / "firewall_edge")
    (exports / "firewall_edge").mkdir()
    (exports / "firewall_edge" / "usg.cfg").write_text(EXPORT, "utf-8")
    return exports


def test_orders_are_planned_for_a_usg(run: Run, usg_site: Path, orders: Path) -> None:
    """Both ways: exact, in the lines of a USG, new rules above the one that site.yaml names."""
    code, plan = run("plan", orders / BOTH_WAYS, "--snapshot", usg_site)
    assert (code, verdicts(plan)) == (10, ["change", "change"])
    assert [proof["exact"] for proof in plan["proof"]] == [True, True]
    sent = lines(plan, WALL)
    assert "service protocol tcp destination-port 37792 to 37794" in sent
    assert "source-address 10.70.18.48 mask 32" in sent
    assert "rule move 示例期货公司A-示例本地行情上网 before Default-Deny" in sent
    assert all(proof["protected"] or proof["shortfall"] == [] for proof in plan["proof"])
    assert "firewall_edge/usg.cfg" in plan["snapshot"]["taken"]


def test_the_document_has_the_words_of_a_usg(run: Run, usg_site: Path, orders: Path, tmp_path: Path) -> None:
    """What a person pastes begins and ends as this device wants it."""
    run("plan", orders / BOTH_WAYS, "--snapshot", usg_site, "--out", tmp_path / "out")
    (file,) = (tmp_path / "out").rglob("document.md")
    text = file.read_text("utf-8")
    assert "system-view\nip service-set" in text
    assert "return\nsave\n" in text


def test_nothing_to_delete_is_said(run: Run, usg_site: Path, orders: Path) -> None:
    """An order to delete what the export does not have is done already."""
    code, plan = run("plan", orders / "05-删除.xlsx", "--snapshot", usg_site)
    assert (code, verdicts(plan)) == (0, ["covered"])


def test_why_names_the_rules_of_a_usg(run: Run, usg_site: Path) -> None:
    """The rule that lets it pass at the firewall, and the one that stops it."""
    for to, rule in (("192.0.2.7", "已有访问"), ("192.0.2.9", "Default-Deny")):
        _, said = run("why", "10.60.134.61", to, "tcp/443", "--snapshot", usg_site)
        hops = [hop["rule"] for part in said["parts"] for hop in part["hops"] if hop["point"] == WALL]
        assert {*hops} == {rule}


def test_a_line_that_nobody_understands_blocks_what_it_may_touch(run: Run, usg_site: Path) -> None:
    """An application in a rule: whether the rule matches is undecidable, and said with the line."""
    file = usg_site / "firewall_edge" / "usg.cfg"
    text = file.read_text("utf-8").replace(
        "  service TCP-443\n", "  service TCP-443\n  application app WeChat\n"
    )
    file.write_text(text, "utf-8")
    _, said = run("why", "10.60.134.61", "192.0.2.7", "tcp/443", "--snapshot", usg_site)
    doubts = [doubt for part in said["parts"] for doubt in part["because"]]
    assert "规则 已有访问：application app WeChat" in doubts


def test_hygiene_reviews_a_usg(run: Run, usg_site: Path) -> None:
    """Objects of the export are held against its rules like any others."""
    file = usg_site / "firewall_edge" / "usg.cfg"
    unused = "#\nip address-set 无人引用 type object\n address 0 10.70.18.99 0\n#\nsecurity-policy"
    file.write_text(file.read_text("utf-8").replace("#\nsecurity-policy", unused, 1), "utf-8")
    code, said = run("run", "hygiene", "--snapshot", usg_site)
    assert code == 0
    assert "无人引用" in {finding["object"] for finding in said["findings"] if finding["point"] == WALL}


def test_a_virtual_system_is_not_asked_as_if_it_were_the_root(run: Run, usg_site: Path, config: Path) -> None:
    """A session would show the root's rules: live, its point is refused; its export has its own part."""
    site = config.parent / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("huawei_vrp", "huawei_vrp\n    vsys: tenant", 1), "utf-8")
    question = ("why", "10.60.134.61", "192.0.2.7", "tcp/443")
    assert run(*question)[0] == 1
    assert run(*question, "--snapshot", usg_site)[0] == 1
    file = usg_site / "firewall_edge" / "usg.cfg"
    file.write_text(f"{EXPORT}#\nswitch vsys tenant\n{EXPORT}", "utf-8")
    assert run(*question, "--snapshot", usg_site)[1]["parts"]
