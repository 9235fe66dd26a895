"""A hundred thousand rows of ten columns to a ready Nornir, and the same through pandas with openpyxl.

Prints one JSON object. ``cpu`` and ``wall`` are the peer's cost over ours for the same file: above 1 ours is
better; ``to_floor`` is our CPU over that of python-calamine reading the cells and doing nothing with them.
The peer makes the same hosts and checks nothing. Each side runs in a process of its own, imports included,
and says a digest of what it made, so that both are known to have done the work. Seconds are CPU seconds
unless named otherwise, megabytes the peak of that process.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROWS = 100_000
HEADER = ("名称", "管理IP", "SSH端口", "平台", "用户名", "密码", "组", "机房", "机柜", "负责组")
PLATFORMS = ("hillstone_stoneos", "huawei_vrp", "cisco_ios", "hp_comware")

MEASURE = """
import hashlib, json, re, sys, time
from pathlib import Path

def peak():
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\\s+(\\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0

def measured(load, digest):
    cpu, wall = time.process_time(), time.perf_counter()
    found = load(sys.argv[1])
    took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "megabytes": peak()}
    print(json.dumps({**took, **digest(found)}))

def hosts(nornir):
    made = hashlib.sha256()
    for host in nornir.inventory.hosts.values():
        said = (host.name, host.hostname, host.port, host.platform, host.username, host.password)
        made.update(repr((*said, [g.name for g in host.groups], sorted(host.data.items()))).encode())
    return {"found": len(nornir.inventory.hosts), "digest": made.hexdigest()}
"""
OURS = f"""{MEASURE}
def load(path):
    from nornir import InitNornir

    inventory = {{"plugin": "itsm-excel", "options": {{"path": path}}}}
    return InitNornir(inventory=inventory, logging={{"enabled": False}})

measured(load, hosts)
"""
PEER = f"""{MEASURE}
def load(path):
    import pandas
    from nornir import InitNornir
    from nornir.core.inventory import (
        ConnectionOptions, Defaults, Group, Groups, Host, Hosts, Inventory, ParentGroups,
    )
    from nornir.core.plugins.inventory import InventoryPluginRegister

    class Peer:
        def load(self):
            frame = pandas.read_excel(path, engine="openpyxl", dtype=str)
            groups, hosts, defaults = Groups(), Hosts(), Defaults()
            for row in frame.itertuples(index=False, name=None):
                name, address, port, platform, user, password, listed, *rest = row
                parents = [groups.setdefault(g, Group(g, defaults=defaults)) for g in listed.split(",")]
                extras = {{"ssh_strict": True, "system_host_keys": True}}
                hosts[name] = Host(
                    name, address, int(port), user, password, platform, ParentGroups(parents),
                    dict(zip(frame.columns[7:], rest)),
                    {{"netmiko": ConnectionOptions(platform=platform, extras=extras)}}, defaults,
                )
            return Inventory(hosts, groups, defaults)

    InventoryPluginRegister.register("peer", Peer)
    return InitNornir(inventory={{"plugin": "peer"}}, logging={{"enabled": False}})

measured(load, hosts)
"""
FLOOR = f"""{MEASURE}
def load(path):
    from python_calamine import CalamineWorkbook

    return sum(1 for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())

measured(load, lambda rows: {{"found": rows - 1}})
"""


def book(path: Path, rows: int) -> None:
    """Write the device list."""
    from openpyxl import Workbook

    made = Workbook(write_only=True)
    sheet = made.create_sheet("设备")
    sheet.append(HEADER)
    for at in range(rows):
        place = (f"机房{at % 5}", f"A{at % 400:03}", f"网络{at % 20}组")
        groups = f"dc{at % 5},{'edge' if at % 3 else 'core'}"
        address = f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}"
        account = ("netops", "env:NETOPS_PASSWORD")
        sheet.append((f"DEV-{at:06}", address, 22, PLATFORMS[at % 4], *account, groups, *place))
    made.save(path)


def run(program: str, path: Path) -> dict[str, Any]:
    """Run one side in a process of its own.

    Raises:
        SystemExit: it failed: then there is nothing to compare.
    """
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    if done.returncode:
        sys.exit(done.stderr[-800:])
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "devices.xlsx")
        book(path, rows)
        ours, peer, floor = run(OURS, path), run(PEER, path), run(FLOOR, path)
    if not ours["found"] == peer["found"] == floor["found"] == rows or ours["digest"] != peer["digest"]:
        sys.exit("the sides did not make the same")
    sides = {"ours": ours, "peer": peer, "floor": floor}
    figures = {
        f"{side}_{'cpu_seconds' if key == 'cpu' else 'wall_seconds' if key == 'wall' else key}": found[key]
        for side, found in sides.items()
        for key in ("cpu", "wall", "megabytes")
    }
    ratios = {key: round(peer[key] / ours[key], 3) for key in ("cpu", "wall")}
    result = {
        "name": "inventory",
        "ratios": {**ratios, "to_floor": round(ours["cpu"] / floor["cpu"], 3)},
        "figures": {name: round(value, 3) for name, value in figures.items()},
        "peer": "pandas.read_excel with openpyxl, the same hosts, nothing checked",
        "n": rows,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
