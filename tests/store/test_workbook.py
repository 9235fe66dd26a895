"""A workbook to hand on: a sheet per command, readable at once, and inert."""

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.collected import Collected, Output
from nornir_itsm.snapshots import SnapshotStore
from nornir_itsm.snapshots.workbook import sheets_of, write_workbook
from nornir_itsm.store import open_store

from .examples import LATER, NOW, collected, doubtful

HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://192.0.2.1")',
    "\x07bell",
    "\ud800",
    "\t=1",
]


def test_a_snapshot_as_sheets(tmp_path: Path) -> None:
    """Hosts with their problems, one sheet per command with header, filter and widths, what was not read."""
    store = SnapshotStore(open_store(tmp_path / "store.sqlite"))
    number = store.begin("collect", NOW)
    entry = ("10.1.1.1", "00:00:00:00:00:01")
    store.keep(number, [collected("示例-SW-A", entry, problem="timed out"), doubtful("SW-B")])
    store.finish(number, LATER)
    write_workbook(tmp_path / "out" / "all.xlsx", sheets_of(store, number))
    book = load_workbook(tmp_path / "out" / "all.xlsx")
    assert book.sheetnames == ["hosts", "display arp", "display clock", "unread"]
    arp = book["display arp"]
    assert [cell.value for cell in arp[1]] == [
        "host",
        "address",
        "mac",
        "interface",
        "age",
    ]  # none that is empty
    assert [cell.value for cell in arp[2]] == ["示例-SW-A", *entry, "Vlan10", 60]
    assert (arp.freeze_panes, arp.auto_filter.ref) == ("A2", "A1:E2")
    assert arp.column_dimensions["C"].width == len(entry[1]) + 2
    assert [[cell.value for cell in row] for row in book["unread"].iter_rows(min_row=2)] == [
        ["SW-B", "display arp", 4, "new", "unread"],
        ["SW-B", "display arp", 3, "10.1.1.1 x", "mac: 'x' is no MAC address"],
    ]
    assert not list((tmp_path / "out").glob(".*"))


def test_what_a_device_says_is_never_a_formula(tmp_path: Path) -> None:
    """Text that begins like a formula is text, in the file itself; what Excel cannot hold is replaced."""
    path = tmp_path / "hostile.xlsx"
    write_workbook(path, [("a", [{"x": text, "n": 10**18} for text in HOSTILE])])
    with zipfile.ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    cells = [cell for (cell, _) in load_workbook(path)["a"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells][:5] == HOSTILE[:5]
    assert all(cell.quotePrefix for cell in cells[:5])
    assert load_workbook(path)["a"]["B2"].value == str(10**18)


def test_titles_are_what_excel_takes(tmp_path: Path) -> None:
    """Short enough, without forbidden signs, each once."""
    path = tmp_path / "titles.xlsx"
    long = "display ip routing-table vpn-instance VPN-A"
    write_workbook(path, [(long, [{"a": 1}]), (long + "2", [{"a": 1}]), ("a/b:[c]*?", []), ("A B  C", [])])
    titles = load_workbook(path).sheetnames
    assert len({title.lower() for title in titles}) == 4
    assert all(len(title) <= 31 for title in titles)


def test_a_workbook_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Where it cannot be written the old one stays, nothing is left behind, and the place is named."""
    folder = tmp_path / "book.xlsx"
    folder.mkdir()
    (folder / "inside").touch()
    with pytest.raises(ChangeError, match=r"book\.xlsx"):
        write_workbook(folder, [("a", [{"a": 1}])])
    assert [path.name for path in tmp_path.iterdir()] == ["book.xlsx"]


def test_secrets_stay_at_home(tmp_path: Path) -> None:
    """An answer without a template is handed on word for word, but for what looks like a secret."""
    store = SnapshotStore(open_store(tmp_path / "store.sqlite"))
    number = store.begin("collect", NOW)
    said = "local-user admin password cipher geheim-1\nhostname FW-A\n"
    store.keep(
        number,
        [Collected("FW-A", "huawei_vrp", (Output("display current-configuration", said, NOW, LATER),))],
    )
    write_workbook(tmp_path / "all.xlsx", sheets_of(store, number))
    with zipfile.ZipFile(tmp_path / "all.xlsx") as parts:
        text = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    assert "geheim-1" not in text
    assert "hostname FW-A" in text
