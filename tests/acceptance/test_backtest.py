"""Closed orders replayed over dated snapshots, by the public command."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import Run

WALL = "DC1-CDL-FW01-TESTNET"
DATES = ("2026-03-01", "2026-03-08", "2026-03-15")


def permit(number: str, name: str, services: list[str]) -> dict[str, Any]:
    """Return a rule of the vsys as its console exports it."""
    return {
        "id": number,
        "name": {"name": name},
        "src_subnet": [{"ip": "172.22.30.171", "netmask": "32"}],
        "dst_subnet": [{"ip": "172.22.24.0", "netmask": "24"}],
        "service": [{"member": service, "type": "0"} for service in services],
        "action": "2",
        "enable": "3",
        "family": "2",
        "seqno": "3",
    }


def snapshots(target: Path, source: Path, second: list[dict[str, Any]]) -> Path:
    """Write three snapshots; from the second on the vsys has more rules above its last one."""
    for date in DATES:
        shutil.copytree(source, target / date)
    for date in DATES[1:]:
        file = target / date / "firewall_testnet" / "policy.json"
        document = json.loads(file.read_text("utf-8"))
        rules = [*document["result"][:-1], *second, document["result"][-1]]
        for place, rule in enumerate(rules):
            rule["seqno"] = str(place)
        document["result"], document["total"] = rules, str(len(rules))
        file.write_text(json.dumps(document), "utf-8")
    return target


def orders(target: Path, made: Path) -> Path:
    """Write two closed orders: TCP 80, which was carried out, and TCP 81, which was not."""
    target.mkdir()
    order = json.loads((made / "AE-07.json").read_text("utf-8"))
    (row,) = order["requests"]
    row["destination"]["addresses"] = ["172.22.24.0/24"]
    for port in ("80", "81"):
        row["destination"]["ports"] = [port]
        (target / f"{port}.json").write_text(json.dumps(order), "utf-8")
    return target


def test_what_was_done_and_what_was_done_besides(
    run: Run, made: Path, snapshot: Path, tmp_path: Path
) -> None:
    """The interval is found; HTTPS, which nobody asked for, is named; an order without effect is too."""
    taken = snapshots(tmp_path / "taken", snapshot, [permit("6", "新规则", ["HTTP", "HTTPS"])])
    code, out = run("backtest", orders(tmp_path / "closed", made), "--snapshots", taken)
    assert code == 0
    done, missed = out["orders"]
    assert (done["outcome"], done["before"], done["after"]) == ("done", DATES[0], DATES[1])
    assert set(done["planned"]) == {WALL}
    assert missed["outcome"] == "not done"
    assert any("TCP 81" in text for text in missed["missing"])
    first, second = out["intervals"]
    assert first["orders"] == ["80.json"]
    assert first["beyond"] == ["10.60.134.171 → 172.22.24.0/24 TCP 443"]
    assert first["changed"][WALL][0] == "多出策略 新规则"
    assert (second["orders"], second["changed"], second["beyond"]) == ([], {}, [])


def test_what_was_done_exactly(run: Run, made: Path, snapshot: Path, tmp_path: Path) -> None:
    """Nothing besides: nothing is said."""
    taken = snapshots(tmp_path / "taken", snapshot, [permit("6", "新规则", ["HTTP"])])
    _, out = run("backtest", orders(tmp_path / "closed", made), "--snapshots", taken)
    assert out["intervals"][0]["beyond"] == []


def test_one_snapshot_is_not_enough(run: Run, orders: Path, snapshot: Path, tmp_path: Path) -> None:
    """It takes a before and an after."""
    (tmp_path / "taken" / "only").mkdir(parents=True)
    assert run("backtest", orders, "--snapshots", tmp_path / "taken")[0] == 1
