"""The page on paths: a USG and a vsys on one path, by the public command, from form to answer."""

import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from .conftest import PROJECT, Run, device, lines, to_send, verdicts

INNER, OUTER = "DC1-TEN-FW01", "DC1-CDL-FW01-TESTNET"
PAGE = (PROJECT / "docs" / "how-to" / "paths.md").read_text("utf-8").partition("## Several filters")[2]
EXPORT = """!Software Version V500R005C20SPC500
#
security-policy
 rule name Default-Deny
  action deny
#
return
"""


@pytest.fixture
def exports(config: Path, tmp_path: Path, snapshot: Path) -> Path:
    """The example site with the point and the path of the page, and exports of both firewalls."""
    point, path = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    site = (PROJECT / "inventory" / "site.yaml").read_text("utf-8").replace("\npoints:\n", f"\n{point}", 1)
    begin = site.index("  - source: 行业云\n    destination: 证联网-测试\n")
    end = site.index("  - source: ", begin + 1)
    (tmp_path / "site.yaml").write_text(site[:begin] + path + site[end:], "utf-8")
    text = config.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.strip().startswith("site: "))
    config.write_text(text.replace(old, f"    site: {tmp_path}/site.yaml"), "utf-8")
    made = Path(shutil.copytree(snapshot, tmp_path / "exports"))
    (made / "firewall_tenants").mkdir()
    (made / "firewall_tenants" / "running.cfg").write_text(EXPORT, "utf-8")
    return made


@pytest.fixture
def order(made: Path, tmp_path: Path) -> Path:
    """An order of one row to the test network."""
    form = json.loads((made / "AE-07.json").read_text("utf-8"))
    form["requests"][0]["destination"]["addresses"] = ["172.22.24.0/24"]
    path = tmp_path / "order.json"
    path.write_text(json.dumps(form), "utf-8")
    return path


def test_each_device_has_its_part_in_plan_document_and_form(
    run: Run, exports: Path, samples: Path, tmp_path: Path
) -> None:
    """One plan, exact, the words of each vendor; the engineer's form says what each of them sees."""
    out, (form,) = tmp_path / "out", samples.glob("02-*.xlsx")
    code, plan = run("plan", form, "--snapshot", exports, "--out", out)
    assert (code, verdicts(plan), to_send(plan)) == (10, ["change"] * 5, [INNER, OUTER])
    assert all(proof["exact"] for proof in plan["proof"])
    assert [node["point"] for node in plan["demands"][0]["path"]][1:] == [INNER, OUTER]
    assert "rule name 示例期货公司A-示例仿真系统" in lines(plan, INNER)
    assert {'rule before name "Default-Deny"', "src-ip 172.22.30.171/32"} <= {*lines(plan, OUTER)}
    text = (out / "document.md").read_text("utf-8")
    for name in (INNER, OUTER):
        assert device(plan, name)["undo"]
        assert all(line.strip() in text for line in device(plan, name)["commands"])
    answers = [
        openpyxl.load_workbook(out / f"form.{who}.xlsx").worksheets[0] for who in ("engineer", "customer")
    ]
    engineer, customer = ("".join(str(cell.value) for row in sheet for cell in row) for sheet in answers)
    assert f"{INNER}：172.22.30.171 → " in engineer
    assert f"{OUTER}：172.22.30.171 → " in engineer
    assert INNER not in customer


def test_why_and_a_second_order_name_both(run: Run, exports: Path, order: Path) -> None:
    """Before the order the first stops it; where it passes the first, the second one is named."""
    question = (
        "why",
        "10.60.134.171",
        "172.22.24.7",
        "tcp/443",
        "--to",
        "证联网-测试",
        "--snapshot",
        exports,
    )
    _, said = run(*question)
    (part,) = said["parts"]
    assert (part["hops"][-1]["point"], part["hops"][-1]["rule"]) == (INNER, "Default-Deny")
    opened = EXPORT.replace("policy\n", "policy\n rule name 全部\n  action permit\n")
    (exports / "firewall_tenants" / "running.cfg").write_text(opened, "utf-8")
    _, said = run(*question)
    assert {tuple(hop["point"] for hop in part["hops"][1:]) for part in said["parts"]} == {(INNER, OUTER)}
    _, plan = run("plan", order, "--snapshot", exports)
    assert to_send(plan) == [OUTER]
    assert any(f"{INNER} 已有 SecurityRule 全部" in text for text in plan["demands"][0]["evidence"])
