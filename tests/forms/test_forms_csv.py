"""Orders as a file of comma-separated rows: the same grammar, the same issues, the same answers."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from nornir_itsm.errors import FormError
from nornir_itsm.forms import read_order
from tests.forms.rows import INBOUND, LABELS, OUTBOUND

Zones = Mapping[str, str]
MakeForm = Callable[..., Path]
TOP = "申请组织,示例期货公司A\n系统名称,示例系统\n"


def _csv(rows: Sequence[Mapping[str, object]], separator: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(LABELS)
    writer.writerows([row.get(label.strip("*"), "") for label in LABELS] for row in rows)
    return out.getvalue()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "order.csv"
        path.write_bytes(data)
        return path

    return write


ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rows_read_as_in_a_workbook(
    encoding: str, write: Callable[[bytes], Path], make_form: MakeForm, zones: Zones
) -> None:
    """In every usual encoding the requests are those that a workbook with the same rows gives."""
    rows = [{**OUTBOUND, "源IP": "10.60.134.61\n10.60.134.62"}, INBOUND]
    order = read_order(write((TOP + _csv(rows)).encode(encoding)), zones=zones)
    book = read_order(make_form({"表": rows}), zones=zones)
    assert order.demands == book.demands
    assert (order.organization, order.system) == ("示例期货公司A", "示例系统")
    assert order.issues == ()


@pytest.mark.parametrize("separator", [";", "\t"])
def test_another_separator(separator: str, write: Callable[[bytes], Path], zones: Zones) -> None:
    """Semicolons and tabs part cells too; semicolons inside a quoted cell part ports."""
    row = {**OUTBOUND, "目的端口": "80;443"}
    order = read_order(write(_csv([row], separator).encode()), zones=zones)
    assert order.requests[0].destination.ports == ("80", "443")


def test_what_is_missing_is_asked_by_cell(write: Callable[[bytes], Path], zones: Zones) -> None:
    """Keys name the row and column; answers to them are taken."""
    path = write(_csv([{**OUTBOUND, "协议": ""}]).encode())
    asked = read_order(path, zones=zones)
    assert [i.key for i in asked.issues_of("question")] == [
        "CSV!A1.organization", "CSV!A1.system", "CSV!K2.protocol",
    ]  # fmt: skip
    told = read_order(path, zones=zones, answers={i.key: "TCP" for i in asked.issues})
    assert told.requests[0].protocol == "tcp"


REFUSED = {
    "empty": (b"", "没有找到需求表的列名"),
    "no labels": ("甲,乙\n1,2\n".encode(), "没有找到需求表的列名"),
    "no text": (b"\xff\xfe\x00", "不是 UTF-8"),
    "binary": (bytes(range(256)) * 10, "不是 UTF-8"),
    "zeros": (b"\0" * 100, "不是 UTF-8"),
    "open quote": (_csv([]).encode() + b'"' + b"x," * 100, "不是可读的 CSV"),
    "a vast cell": (_csv([]).encode() + b'"' + b"x" * 200_000 + b'"', "不是可读的 CSV"),
    "many rows": (_csv([]).encode() + b"\n" * 5_001, "超过 5000 行"),
    "many columns": (b"," * 400_000, "范围过大"),
    "one wide row": (_csv([]).encode() + b"\n" * 4_000 + b"," * 100, "范围过大"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused(name: str, write: Callable[[bytes], Path], zones: Zones) -> None:
    """FormError with the file, the problem and a remedy."""
    data, problem = REFUSED[name]
    with pytest.raises(FormError, match=problem) as caught:
        read_order(write(data), zones=zones)
    assert "order.csv" in caught.value.where
    assert caught.value.hint
