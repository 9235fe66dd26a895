"""Files that are broken or meant to harm: a clear refusal, quickly, and never a traceback."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from nornir_itsm.errors import FormError
from nornir_itsm.forms import read_order
from tests.forms.hostile import FILES, SAMPLE

Zones = Mapping[str, str]

MEASURED = """
import json, re, sys, time
from pathlib import Path
from nornir_itsm.errors import FormError
from nornir_itsm.forms import read_order

try:
    read_order(Path(sys.argv[1]), zones={})
    said = ""
except FormError as error:
    said = error.problem
status = Path("/proc/self/status")  # the peak of this program alone, not of the one that started it
peak = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
megabytes = int(peak[1]) / 1024 if peak else 0
print(json.dumps({"said": said, "seconds": time.process_time(), "megabytes": megabytes}))
"""


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_workbook_is_refused(name: str, tmp_path: Path, zones: Zones) -> None:
    """FormError with the file's name, the problem and a remedy; exit code 3."""
    make, problem = FILES[name]
    path = tmp_path / "order.xlsx"
    path.write_bytes(make())
    with pytest.raises(FormError, match=problem) as caught:
        read_order(path, zones=zones)
    assert "order.xlsx" in caught.value.where
    assert caught.value.hint
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("name", FILES)
def test_a_refusal_costs_little(name: str, tmp_path: Path) -> None:
    """Each is refused at once, within 200 MB; how quickly is measured by benchmarks/forms.py."""
    make, problem = FILES[name]
    path = tmp_path / "order.xlsx"
    path.write_bytes(make())
    call = [sys.executable, "-c", MEASURED, str(path)]
    done = subprocess.run(call, capture_output=True, text=True, check=True, timeout=60)
    measured = json.loads(done.stdout)
    assert problem in measured["said"]
    assert measured["seconds"] < 20  # nothing is unpacked or read to the end
    assert measured["megabytes"] < 200


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
    "issue without level": b'{"requests": [], "issues": [{"rows": []}]}',
    "issue without rows": b'{"requests": [], "issues": [{"level": "info"}]}',
    "issue with odd rows": b'{"requests": [], "issues": [{"level": "info", "rows": [1]}]}',
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
