"""A folder of orders in, a folder for each out, and a summary that is right; one bad order stops nothing."""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nornir_itsm.cli.boundary import guarded
from tests.papers.desk import FORMS, PROJECT

NEEDED = ("config.yaml", "inventory", "runbooks", "templates", "ttp_templates")
FILES = {
    "change.json", "document.md", "document.html", "document.docx", "document.xlsx", "itsm.json",
    "form.engineer.xlsx", "form.customer.xlsx",
}  # fmt: skip
BAD = {"坏.xlsx": b"no workbook", "空.json": b"{}", "坏.csv": b"\xff\xfe"}
MANY = int(os.environ.get("NORNIR_ITSM_BATCH", "6"))
"""Orders in the long folder; the promise is about 100."""

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command in a site folder of its own; return its exit code and its JSON."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(PROJECT / name)

    def command(*words: object) -> tuple[int, Any]:
        capfd.readouterr()
        snapshot = ("--snapshot", str(PROJECT / "inventory/snapshot"))
        code = guarded(["--config", str(tmp_path / "config.yaml"), "--json", *map(str, words), *snapshot])
        out = capfd.readouterr().out
        return code, json.loads(out) if out else None

    return command


def folder(at: Path, orders: int, bad: bool = True) -> Path:
    at.mkdir()
    for number in range(orders):
        form = FORMS[number % len(FORMS)]
        shutil.copy(form, at / f"{number:03}-{form.name}")
    for name, data in BAD.items() if bad else ():
        (at / name).write_bytes(data)
    return at


def summary(path: Path) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_plan_out_writes_what_the_contract_says(run: Run, tmp_path: Path) -> None:
    """These eight files, no more; a second run makes a numbered folder and touches nothing."""
    out = tmp_path / "out"
    assert run("plan", FORMS[4], "--out", out)[0] == 10
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(before) == FILES
    assert run("plan", FORMS[4], "--out", out, "--lang", "en")[0] == 10
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert "Reason for the change" in (tmp_path / "out-2/document.md").read_text("utf-8")


def test_one_bad_order_stops_nothing(run: Run, tmp_path: Path) -> None:
    """Every readable order has its papers, every other one its reason; the worst decides the exit code."""
    inbox = folder(tmp_path / "in", len(FORMS))
    code, said = run("plan", inbox, "--out", tmp_path / "out")
    assert code == 3
    lines = summary(tmp_path / "out/summary.xlsx")
    assert len(lines) == len(said["orders"]) == len(FORMS) + len(BAD)
    results = Counter(line["结果"] for line in lines)
    assert results == {"需变更": 5, "待回答": 3, "读不出": len(BAD)}
    for line, one in zip(lines, said["orders"], strict=True):
        assert (line["申请单"], line["变更编号"]) == (one["file"], one["change"])
        if line["结果"] == "读不出":
            assert line["说明"]
            assert not line["文件夹"]
            continue
        held = tmp_path / "out" / line["文件夹"]
        assert {path.name for path in held.iterdir()} == FILES
        made = json.loads((held / "change.json").read_text("utf-8"))
        verdicts = Counter(demand["verdict"] for demand in made["demands"])
        assert made["change"] == line["变更编号"]
        assert (line["需变更"], line["受阻"]) == (
            verdicts["change"] + verdicts["partial"],
            verdicts["blocked"],
        )
        assert line["问题"] == len(made["questions"])
        assert line["是否中断"] == ("是" if made["service_affecting"] else "否")


def test_a_rejected_form_goes_back_annotated(run: Run, tmp_path: Path) -> None:
    """A form with errors has no plan, but its two copies say where it is wrong."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    book = openpyxl.load_workbook(FORMS[4])
    book.worksheets[0]["L10"] = "70000"
    book.save(inbox / "错.xlsx")
    code, said = run("plan", inbox, "--out", tmp_path / "out")
    assert (code, said["orders"][0]["exit"]) == (3, 3)
    assert {p.name for p in (tmp_path / "out/错").iterdir()} == {"form.engineer.xlsx", "form.customer.xlsx"}
    assert "L10 70000" in summary(tmp_path / "out/summary.xlsx")[0]["说明"]


def test_nothing_of_an_earlier_batch_is_overwritten(run: Run, tmp_path: Path) -> None:
    """The second batch has a folder of its own; two forms of one name have two folders."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    shutil.copy(FORMS[2], inbox / "单.xlsx")
    (inbox / "单.csv").write_text("申请组织,示例期货公司A\n", "utf-8")
    shutil.copy(FORMS[2], inbox / "单 .xlsx")
    assert run("plan", inbox, "--out", tmp_path / "out")[0] == 3
    assert run("plan", inbox, "--out", tmp_path / "out")[0] == 3
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"summary.xlsx", "单", "单-2"}
    assert {path.name for path in (tmp_path / "out-2").iterdir()} == names


def test_answers_belong_to_one_order(run: Run, tmp_path: Path) -> None:
    """A key names a cell of one form: given for a folder it is a wrong call, and nothing is written."""
    inbox = folder(tmp_path / "in", 1)
    assert run("plan", inbox, "--answer", "D1.eip=10.70.16.240", "--out", tmp_path / "out") == (2, None)
    assert not (tmp_path / "out").exists()


def test_many_orders_take_little_time_and_no_more_memory(run: Run, tmp_path: Path) -> None:
    """Under 0.6 s of CPU an order (100: under 60 s), and memory that does not grow with their number."""
    run("plan", folder(tmp_path / "warm", 3, bad=False), "--out", tmp_path / "warm-out")
    before, began = _held(), time.process_time()
    code, said = run("plan", folder(tmp_path / "in", MANY, bad=False), "--out", tmp_path / "out")
    spent, grown = time.process_time() - began, _held() - before
    print(f"{MANY} orders: {spent:.1f} s CPU, {grown / 1e6:+.1f} MB")
    assert code == 4
    assert len(said["orders"]) == len(summary(tmp_path / "out/summary.xlsx")) == MANY
    assert spent < 0.6 * MANY
    assert grown < 25e6


def _held() -> int:
    """Return how many bytes of memory this process holds now."""
    pages = Path("/proc/self/statm")
    if not pages.exists():
        pytest.skip("this system does not say how much memory a process holds")
    return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
