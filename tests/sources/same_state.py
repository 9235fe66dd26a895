"""One state of a site in every notation that it may come in, written without a look at the readers."""

import csv
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from nornir_itsm.lab.stoneos.firewall import Firewall

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "inventory" / "snapshot"
FIREWALLS = ("firewall_edge", "firewall_testnet", "firewall_core")
EXPORTS = {
    "dnat": "net_dnat_export",
    "snat": "net_snat_export",
    "policy_routes": "lc_policy-route_export",
    "custom_addresses": "rc_custom-address-group_export",
}
Record = Mapping[str, Any]


def sayable(folder: Path) -> Path:
    """Copy the sample, without what only one notation can say: a code of REST, a member that was cut off."""
    copy = Path(shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("*.csv")))
    _change(copy / "firewall_edge" / "policy.json", "id", "63", lambda r: r | {"enable": "3"})
    whole = {"member": ["mirrors.example.net", "longname.oss-demo.example.net"]}
    _change(copy / "firewall_edge" / "addrbook.json", "name", "*.example.net", lambda r: r | whole)
    testnet = copy / "firewall_testnet" / "policy.json"
    _change(testnet, "name", {"name": "示例期货公司A-证联网测试网"}, lambda r: r | {"enable": "3"})
    return copy


def _change(file: Path, key: str, value: object, change: Any) -> None:
    document = json.loads(file.read_text("utf-8"))
    hits = [change(r) if r[key] == value else r for r in document["result"]]
    assert hits != document["result"], file
    file.write_text(json.dumps(document | {"result": hits}), "utf-8")


def as_text_and_tables(source: Path, folder: Path) -> Path:
    """Write a snapshot as people keep it: configurations as printed, the ADC's CSV, the rest as tables."""
    folder.mkdir()
    shutil.copy(source / "manifest.json", folder)
    for name in FIREWALLS:
        (folder / name).mkdir()
        text = Firewall.from_snapshot(name, source / name).running_text()
        (folder / name / "show configuration.txt").write_text(text, "utf-8")
    for part in ("adc", "cloud", "ipam"):
        (folder / part).mkdir()
        for file in (source / part).glob("*.json"):
            rows = table(_records(json.loads(file.read_text("utf-8"))))
            if part == "ipam":
                _workbook(folder / part / f"{file.stem}.xlsx", rows)
            else:
                _csv(folder / part / f"{EXPORTS.get(file.stem, file.stem)}.csv", rows)
    return folder


def _records(document: Any) -> list[Record]:
    """Find the list of records in an answer, however deep it lies."""
    while isinstance(document, dict):
        document = next(v for v in document.values() if isinstance(v, dict | list))
    return list(document)


def table(records: Iterable[Record]) -> list[list[str]]:
    """Flatten as the ADC's console does: dots in the header, lists as Python writes them, groups by lines."""
    flat = [dict(_flat(record)) for record in records]
    keys = list(dict.fromkeys(key for record in flat for key in record))
    return [keys, *([record.get(key, "") for key in keys] for record in flat)]


def _flat(record: Record, before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in record.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{key}.")
        elif key in ("addresses", "addresses_ipv6"):
            yield f"{before}{key}", ",\n".join(value)
        elif value not in (None, "", [], {}):
            yield f"{before}{key}", str(value)


def _csv(file: Path, rows: Iterable[list[str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(rows)


def _workbook(file: Path, rows: Iterable[list[str]]) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append([int(c) if c.isdigit() else c or None for c in row])
    book.save(file)
