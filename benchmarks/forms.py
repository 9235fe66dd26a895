"""Reading order forms: five hundred in one run, one alone, hostile ones, and the same cells through pandas.

Prints one JSON object. ``cpu`` and ``wall`` are the peer's cost over ours for the same files, so above 1 ours
is better; the peer takes values only: no order, no issue, no bounds. Each side runs in a process of its own
and says what it read, so that both are known to have done the work. Seconds are CPU seconds unless named
otherwise, megabytes the peak of that process.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FORMS = 500
SAMPLES = sorted((Path(__file__).parents[1] / "tests/forms/samples").glob("*.xlsx"))
ZONES = {
    "行业云": "行业云", "互联网": "互联网", "证联网测试网": "证联网-测试", "证联网-测试": "证联网-测试",
    "证联网-生产": "证联网-生产", "交易网": "交易网", "会员自有专线": "会员自有专线",
}  # fmt: skip

MEASURE = """
import json, re, sys, time
from pathlib import Path

def peak():
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0

def measured(read, paths):
    read(paths[0])  # imports and caches
    cpu, wall = time.process_time(), time.perf_counter()
    found = [read(path) for path in paths]
    took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "megabytes": peak()}
    print(json.dumps({**took, "found": sum(found)}))

paths = [Path(line) for line in sys.stdin.read().splitlines()]
"""
OURS = f"""{MEASURE}
from nornir_itsm.forms import read_form

zones = {ZONES!r}

def read(path):
    order = read_form(path, zones=zones).order
    assert order.demands
    return len(order.requests)

measured(read, paths)
"""
ANNOTATE = f"""{MEASURE}
from nornir_itsm.forms import read_form
from nornir_itsm.forms.copies import copies_of

zones = {ZONES!r}
measured(lambda path: len(copies_of(read_form(path, zones=zones))), paths)
"""
REFUSED = f"""{MEASURE}
from nornir_itsm.errors import FormError
from nornir_itsm.forms import read_order

began = time.process_time()
try:
    read_order(paths[0], zones={{}})
except FormError:
    print(json.dumps({{"cpu": time.process_time() - began, "megabytes": peak(), "found": 1}}))
"""
PEER = f"""{MEASURE}
import warnings
import pandas

warnings.simplefilter("ignore")

def read(path):
    sheets = pandas.read_excel(path, sheet_name=None, header=None, dtype=object)
    return sum(int(frame.notna().to_numpy().sum()) for frame in sheets.values())

measured(read, paths)
"""


def run(program: str, paths: list[Path]) -> dict[str, Any]:
    """Run one side over the paths in a process of its own.

    Raises:
        SystemExit: it failed: then there is nothing to compare.
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    if done.returncode:
        sys.exit(done.stderr[-800:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refusals(folder: Path) -> list[dict[str, Any]]:
    """Run every hostile file of the tests; each must be refused."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.forms.hostile import FILES

    found = []
    for number, (make, _) in enumerate(FILES.values()):
        path = folder / f"hostile{number}.xlsx"
        path.write_bytes(make())
        found.append(run(REFUSED, [path]))
        path.unlink()
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number:03}.xlsx") for number in range(FORMS)]
        for number, path in enumerate(paths):
            shutil.copy(SAMPLES[number % len(SAMPLES)], path)
        ours, peer, annotated = run(OURS, paths), run(PEER, paths), run(ANNOTATE, paths[: len(SAMPLES)])
        refused = refusals(Path(folder))
        single = [run(OURS, [path]) for path in paths[: len(SAMPLES)]]
    if not ours["found"] or not peer["found"] or annotated["found"] != 2 * len(SAMPLES):
        sys.exit("somebody read nothing")
    figures = {
        "forms_cpu_seconds": ours["cpu"], "forms_wall_seconds": ours["wall"],
        "forms_megabytes": ours["megabytes"], "rows_read": ours["found"],
        "one_form_cpu_seconds": max(one["cpu"] for one in single),
        "one_form_megabytes": max(one["megabytes"] for one in single),
        "one_form_with_two_copies_cpu_seconds": annotated["cpu"] / len(SAMPLES),
        "refusal_cpu_seconds": max(one["cpu"] for one in refused),
        "refusal_megabytes": max(one["megabytes"] for one in refused), "refused": len(refused),
        "peer_cpu_seconds": peer["cpu"], "peer_wall_seconds": peer["wall"],
        "peer_megabytes": peer["megabytes"], "peer_cells_read": peer["found"],
    }  # fmt: skip
    result = {
        "name": "forms",
        "ratios": {name: round(peer[name] / ours[name], 3) for name in ("cpu", "wall")},
        "figures": {name: round(value, 3) for name, value in figures.items()},
        "peer": "pandas.read_excel, all sheets, values only",
        "n": FORMS,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
