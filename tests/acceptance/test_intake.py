"""Intake by the public command: the eight sample forms, and the acceptance examples about reading."""

import json
from pathlib import Path

import openpyxl
import pytest

from tests.acceptance.conftest import PROJECT, Run

FORMS = PROJECT / "tests" / "forms"
SAMPLES = sorted((FORMS / "samples").glob("*.xlsx"))
MAIN = "网络策略服务申请单"


def _sample(number: str) -> Path:
    (path,) = (FORMS / "samples").glob(f"{number}-*.xlsx")
    return path


def _changed(number: str, tmp_path: Path, cells: dict[str, object]) -> Path:
    """Return a copy of a sample with other values in some cells of its order sheet."""
    book = openpyxl.load_workbook(_sample(number))
    for ref, value in cells.items():
        book[MAIN][ref] = value
    path = tmp_path / _sample(number).name
    book.save(path)
    return path


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:2])
def test_a_sample_form_is_read_as_reviewed(path: Path, run: Run) -> None:
    """``check --json`` is the expectation file, and the exit code that of its worst issue."""
    code, found = run("check", path)
    expected = json.loads((FORMS / "expected" / f"{path.stem}.json").read_text("utf-8"))
    assert found == {"orders": [expected]}
    levels = {issue["level"] for issue in expected["issues"]}
    assert code == (3 if "error" in levels else 4 if "question" in levels else 0)


def test_many_forms_have_the_code_of_the_worst(run: Run) -> None:
    """Each sample is an order of its own; one with questions does not change the others."""
    code, found = run("check", *SAMPLES)
    assert (code, len(found["orders"])) == (4, 8)


def test_the_name_of_a_zone_makes_no_difference(run: Run, tmp_path: Path) -> None:
    """AE-06: the list's 证联网-测试 in the place of 证联网测试网 is the same order."""
    alias = _changed("02", tmp_path, {f"I{row}": "证联网-测试" for row in range(10, 16)})
    book = openpyxl.load_workbook(_sample("02"))
    assert {book[MAIN][f"I{row}"].value for row in range(10, 16)} == {"证联网测试网"}
    assert run("check", alias) == run("check", _sample("02"))


def test_any_destination_in_the_exchange_network_waits(run: Run, tmp_path: Path) -> None:
    """AE-07: a question at the cell, the public port ignored with a note, nothing open to any meanwhile."""
    form = _changed("02", tmp_path, {"K10": "any", "H10": "123;65"})
    code, found = run("check", form)
    (order,) = found["orders"]
    at = {(i["level"], i["cell"]) for i in order["issues"] if i["rows"] == ["R1"]}
    assert (code, at) == (4, {("question", "K10"), ("info", "H10")})
    assert order["demands"][0]["destinations"] == []


def test_shifted_values_wait_and_then_are_form_04(run: Run) -> None:
    """AE-04: three questions a row; the proposals give the demand of AE-01."""
    code, asked = run("check", _sample("03"))
    issues = asked["orders"][0]["issues"]
    assert (code, [i["proposal"] for i in issues[:3]]) == (4, ["192.0.2.131", "37791", "TCP"])
    answers = [part for i in issues for part in ("--answer", f"{i['key']}={i['proposal']}")]
    code, told = run("check", _sample("03"), *answers)
    _, first = run("check", _sample("04"))
    left, right = told["orders"][0]["demands"][0], first["orders"][0]["demands"][0]
    flow = ("sources", "destinations", "public", "protocol", "port_pairs", "schedule", "action")
    assert (code, [left[name] for name in flow]) == (0, [right[name] for name in flow])


def test_publishing_port_zero_waits(run: Run, tmp_path: Path) -> None:
    """AE-28: port 0 published is a question, and never a port 0."""
    form = _changed("05", tmp_path, {"H10": 0, "L10": 0})
    code, found = run("check", form)
    (order,) = found["orders"]
    assert (code, [i["cell"] for i in order["issues"] if i["level"] == "question"]) == (4, ["H10"])
    assert order["demands"][0]["port_pairs"] == []
    key = order["issues"][0]["key"]
    _, told = run("check", form, "--answer", f"{key}=0")
    assert told["orders"][0]["demands"][0]["port_pairs"] == [["any", "any"]]
