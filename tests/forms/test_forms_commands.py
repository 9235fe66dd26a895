"""``check`` over many forms and folders, the copies that it and ``plan`` write, and who may read what."""

import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from nornir_itsm.cli.boundary import guarded

PROJECT = Path(__file__).parents[2]
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.xlsx"))


def _run(site: Path, *arguments: object) -> int:
    return guarded(["--config", str(site / "config.yaml"), "--quiet", *map(str, arguments)])


def _check(capsys: pytest.CaptureFixture[str], site: Path, *arguments: object) -> tuple[int, list[dict]]:
    code = _run(site, "check", "--json", *arguments)
    return code, json.loads(capsys.readouterr().out)["orders"]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """A folder of forms: two good ones, one with questions, one broken, and files that are none."""
    folder = tmp_path / "收件箱"
    folder.mkdir()
    for number in ("02", "04", "03"):
        (form,) = (path for path in SAMPLES if path.name.startswith(number))
        shutil.copy(form, folder / f"{number}.xlsx")
    (folder / "05.xlsx").write_bytes(SAMPLES[0].read_bytes()[:3000])
    (folder / "06.csv").write_text("甲,乙\n", encoding="utf-8")
    (folder / "~$02.xlsx").write_bytes(b"lock")
    (folder / ".hidden.xlsx").write_bytes(b"")
    (folder / "说明.txt").write_text("x", encoding="utf-8")
    (folder / "old").mkdir()
    return folder


def test_each_form_of_a_folder_on_its_own(
    inbox: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Forms in the order of their names; one that cannot be read is said so and stops none."""
    code, orders = _check(capsys, site, inbox)
    assert code == 3
    assert [order["file"] for order in orders] == ["02.xlsx", "03.xlsx", "04.xlsx", "05.xlsx", "06.csv"]
    assert ["error" in order for order in orders] == [False, False, False, True, True]
    assert set(orders[3]["error"]) == {"where", "problem", "hint"}
    assert "05.xlsx" in orders[3]["error"]["where"]


def test_the_worst_form_gives_the_exit_code(
    inbox: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good alone 0, with a question 4, with an unreadable one 3, whatever the order of the arguments."""
    good, asked, broken = inbox / "04.xlsx", inbox / "03.xlsx", inbox / "05.xlsx"
    assert [_check(capsys, site, *forms)[0] for forms in ([good], [asked, good], [broken, asked, good])] == [
        0,
        4,
        3,
    ]
    assert _check(capsys, site, inbox / "none.xlsx", good)[0] == 3


def test_a_folder_without_forms_is_said(inbox: Path, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder is an error of its own, and the next argument is still read."""
    code, orders = _check(capsys, site, inbox / "old", inbox / "04.xlsx")
    assert code == 3
    assert [order.get("error", {}).get("problem") for order in orders] == ["文件夹里没有申请单", None]


def test_people_see_a_line_for_each_form(inbox: Path, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json every form has a line at the end, the unreadable ones too."""
    _run(site, "check", inbox)
    said = capsys.readouterr().err
    overview = said[said.index("汇总") :]
    assert len(overview.splitlines()) == 6
    assert re.search(r"待回答\s+03\.xlsx", overview)
    assert re.search(r"读不出\s+05\.xlsx", overview)


def test_copies_are_written_beside_those_that_are_there(
    inbox: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two copies of each readable workbook; a second run leaves the first one's; nothing is half written."""
    out = site / "out"
    for _ in range(2):
        _, orders = _check(capsys, site, inbox, "--annotate", out)
        assert all(Path(path).is_file() for order in orders for path in order.get("annotated", {}).values())
    names = [f"{n}{again}.{who}.xlsx" for n in ("02", "03", "04") for again in ("", "-2")
             for who in ("customer", "engineer")]  # fmt: skip
    assert sorted(path.name for path in out.iterdir()) == sorted(names)
    first = _check(capsys, site, out / "03.customer.xlsx")[1][0]
    again = _check(capsys, site, inbox / "03.xlsx")[1][0]
    assert {**first, "file": ""} == {**again, "file": ""}


def test_a_folder_that_cannot_be_written_to_is_said(
    inbox: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a file stands in the way of the folder, that is an error to put right, with its place."""
    assert _run(site, "check", inbox / "04.xlsx", "--annotate", inbox / "06.csv") == 1
    assert "06.csv" in capsys.readouterr().err


def strings(path: Path) -> set[str]:
    """Return every text of a workbook, comments too."""
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    comments = {cell.comment.text for cell in cells if cell.comment}
    return {str(cell.value) for cell in cells if cell.value is not None} | comments


def _secrets() -> set[str]:
    """Names that no customer may read: devices, rules, groups, objects, other customers."""
    found: set[str] = set()
    for path in (PROJECT / "inventory/snapshot").glob("[af]*/*.json"):
        found |= set(re.findall(r'"name":\s*(?:\{"name":\s*)?"([^"]{4,})"', path.read_text("utf-8")))
    found |= {"DC1-ISP-FW01", "DC1-ISP-LB01", "10.99.10", "Default-Deny", "policy", "SecurityRule"}
    return found | {f"示例期货公司{letter}" for letter in "ABCE"}


@pytest.fixture
def planned(site: Path) -> Path:
    """The folder that ``plan --out`` writes for form 06 of D, one of its rows from a host of A."""
    (form,) = (path for path in SAMPLES if path.name.startswith("06"))
    book = openpyxl.load_workbook(form)
    sheet = book["网络策略服务申请单"]
    sheet["F12"], sheet["H12"] = "10.60.134.61", "203.0.113.223"
    book.save(site / "foreign.xlsx")
    snapshot = PROJECT / "inventory/snapshot"
    _run(site, "plan", site / "foreign.xlsx", "--snapshot", snapshot, "--out", site / "out")
    return site / "out"


def test_a_plan_writes_its_verdicts_into_both_copies(
    planned: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The customer's copy has his verdicts; the engineer's path, proof and the question about owners."""
    assert {"change.json", "form.customer.xlsx", "form.engineer.xlsx"} <= {p.name for p in planned.iterdir()}
    customer, engineer = (strings(planned / f"form.{who}.xlsx") for who in ("customer", "engineer"))
    verdicts = {text.partition("\n")[0] for text in customer}
    assert {"待回答", "转工程师处理", "将变更"} <= verdicts
    assert any("属于 示例期货公司A" in text for text in engineer)
    assert any("DC1-ISP-FW01" in text and "证明：" in text for text in engineer)


def test_the_customer_reads_nothing_of_others(planned: Path, site: Path) -> None:
    """What the customer's copy adds names no device, rule, object or other tenant; the engineer's does."""
    own = strings(site / "foreign.xlsx")
    secrets = _secrets()
    assert len(secrets) > 100
    for who, expected in (("customer", False), ("engineer", True)):
        added = strings(planned / f"form.{who}.xlsx") - own
        assert added
        assert any(secret in text for secret in secrets for text in added) is expected


def test_a_planned_copy_reads_as_the_form(
    planned: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the plan's verdicts in it too, the form asks for the same."""
    orders = [
        _check(capsys, site, path)[1][0]
        for path in (site / "foreign.xlsx", planned / "form.customer.xlsx", planned / "form.engineer.xlsx")
    ]
    assert len({json.dumps({**order, "file": ""}) for order in orders}) == 1


def test_json_orders_have_no_copies(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no workbook, nothing is annotated and nothing fails."""
    _, (order,) = _check(capsys, site, SAMPLES[4])
    (site / "order.json").write_text(json.dumps(order, ensure_ascii=False), encoding="utf-8")
    code, (again,) = _check(capsys, site, site / "order.json", "--annotate", site / "out")
    assert code == 0
    assert "annotated" not in again
    assert not (site / "out").exists()
