"""Files that are broken or meant to harm: a clear refusal, quickly, and never a traceback."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from nornir_itsm.errors import FormError
from nornir_itsm.forms import read_order

Zones = Mapping[str, str]
SAMPLE = sorted((Path(__file__).parent / "samples").glob("*.xlsx"))[0]
SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _with_sheet(xml: bytes) -> bytes:
    """Return the sample workbook with its first sheet's XML replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(SAMPLE) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, xml if name == SHEET else source.read(name))
    return out.getvalue()


def _sheet(data: str, after: str = "", head: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    text = f'{head}<worksheet xmlns="{space}"><sheetData>{data}</sheetData>{after}</worksheet>'
    return _with_sheet(text.encode())


def _zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        block = b"0" * (1 << 20)
        with archive.open("xl/workbook.xml", "w", force_zip64=True) as stream:
            for _ in range(210):
                stream.write(block)
    return out.getvalue()


LAUGHS = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
FILES = {
    "empty": (b"", "不是 Excel 工作簿"),
    "text": ("源归属,源IP\n".encode(), "不是 Excel 工作簿"),
    "truncated": (SAMPLE.read_bytes()[:4000], "不是可读的 Excel 工作簿"),
    "zip of nothing": (b"PK\x05\x06" + b"\0" * 18, "不是可读的 Excel 工作簿"),
    "protected": (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
    "old": (OLE + b"\0" * 600, "旧版"),
    "bomb": (_zip_bomb(), "解压后过大"),
    "damaged sheet": (_with_sheet(b"<worksheet><sheetData><row>"), "不是可读的 Excel 工作簿"),
    "entities": (_sheet("", head=LAUGHS), "文档类型声明"),
    "far cell": (_sheet('<row r="1"><c r="XFD19999"><v>1</v></c></row>'), "范围过大"),
    "far row": (_sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'), "超过 20000 行"),
    "many rows": (_sheet("<row/>" * 20_001), "超过 20000 行"),
    "vast merge": (_sheet("", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "范围过大"),
    "no table": (_sheet('<row r="1"><c r="A1"><v>1</v></c></row>'), "没有找到需求表"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_workbook_is_refused(name: str, tmp_path: Path, zones: Zones) -> None:
    """FormError with the file's name, the problem and a remedy; exit code 3."""
    data, problem = FILES[name]
    path = tmp_path / "order.xlsx"
    path.write_bytes(data)
    with pytest.raises(FormError, match=problem) as caught:
        read_order(path, zones=zones)
    assert "order.xlsx" in caught.value.where
    assert caught.value.hint
    assert caught.value.exit_code == 3


def test_an_oversized_file_is_refused(tmp_path: Path, zones: Zones) -> None:
    """Over 20 MB is not even opened as a workbook."""
    path = tmp_path / "order.xlsx"
    with path.open("wb") as stream:
        stream.truncate(20 * 1024 * 1024 + 1)
    with pytest.raises(FormError, match="20 MB"):
        read_order(path, zones=zones)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, zones: Zones) -> None:
    """A wrong path is said with the path."""
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(FormError, match="不能打开"):
            read_order(path, zones=zones)


@pytest.mark.parametrize("cut", range(0, 11_000, 700))
def test_a_form_cut_anywhere_is_refused(cut: int, tmp_path: Path, zones: Zones) -> None:
    """Every prefix of a workbook is refused cleanly."""
    path = tmp_path / "order.xlsx"
    path.write_bytes(SAMPLE.read_bytes()[:cut])
    with pytest.raises(FormError):
        read_order(path, zones=zones)


JSON = {
    "not json": b"{",
    "not text": b'{"requests": "\xff"}',
    "deep": b"[" * 100_000,
    "list": b"[]",
    "no requests": b"{}",
    "two orders": b'{"orders": [{}, {}]}',
    "requests are no list": b'{"requests": {}}',
    "request is no object": b'{"requests": [1]}',
    "row is no number": b'{"requests": [{"row": "x"}]}',
    "bad id": b'{"requests": [{"id": "../R1"}]}',
    "same id": b'{"requests": [%b, %b]}' % ((b'{"id": "R1", "action": "add", "schedule": "7*24"}',) * 2),
    "zone is an object": b'{"requests": [{"source": {"zone": {}}}]}',
    "source is a list": b'{"requests": [{"source": []}]}',
    "period without days": b'{"requests": [{"schedule": {"periods": [{"from": "08:00", "to": "09:00"}]}}]}',
    "issue without level": b'{"requests": [], "issues": [{}]}',
    "huge number": b'{"requests": [], "x": ' + b"1" * 5000 + b"}",
}  # fmt: skip


@pytest.mark.parametrize("name", JSON)
def test_hostile_json_is_refused(name: str, tmp_path: Path, zones: Zones) -> None:
    """JSON of another shape is refused with the place."""
    path = tmp_path / "order.json"
    path.write_bytes(JSON[name])
    with pytest.raises(FormError) as caught:
        read_order(path, zones=zones)
    assert "order.json" in caught.value.where


def test_a_lying_demand_is_refused(tmp_path: Path, zones: Zones) -> None:
    """Demands that ask for more than the rows do are not taken."""
    row = {
        "action": "add",
        "source": {"zone": "行业云", "addresses": ["10.60.134.61/32"], "ports": ["any"]},
        "destination": {"zone": "互联网", "addresses": ["192.0.2.131/32"], "ports": ["443"]},
        "public": {"addresses": ["203.0.113.213/32"], "ports": []},
        "protocol": "tcp",
        "schedule": "全天24小时",
    }
    path = tmp_path / "order.json"
    order = {"organization": "示例", "system": "示例", "requests": [row]}
    path.write_text(json.dumps(order), encoding="utf-8")
    assert read_order(path, zones=zones).issues == ()
    path.write_text(json.dumps({**order, "demands": [{"id": "D1", "rows": ["R1"]}]}), encoding="utf-8")
    with pytest.raises(FormError, match="与 requests 不一致"):
        read_order(path, zones=zones)
