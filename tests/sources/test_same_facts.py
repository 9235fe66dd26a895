"""The same state of a site is the same facts, whichever way it came; a table that was cut off is noticed."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from nornir_itsm.errors import SourceError
from nornir_itsm.model.facts import Facts
from nornir_itsm.sources import exports
from nornir_itsm.sources.snapshot import read_snapshot

from .same_state import ROOT, as_text_and_tables, sayable

TEMPLATE = (ROOT / "ttp_templates/hillstone_stoneos/show_configuration.ttp").read_text("utf-8")
POINTS = {
    "DC1-ISP-FW01": ("hillstone_stoneos", "firewall_edge"),
    "DC1-CDL-FW01-TESTNET": ("hillstone_stoneos", "firewall_testnet"),
    "DC1-CORE-FW01": ("hillstone_stoneos", "firewall_core"),
    "DC1-ISP-LB01": ("sangfor_ad", "adc"),
}


def read(folder: Path) -> Facts:
    return read_snapshot(folder, POINTS, TEMPLATE)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return as_text_and_tables(sayable(tmp_path / "json"), tmp_path / "tables")


def test_json_dumps_and_text_with_tables_are_the_same_facts(tables: Path) -> None:
    """StoneOS text, the ADC's CSV, CSV of the cloud and workbooks of the IPAM say what the JSON says."""
    documents, other = read(tables.parent / "json"), read(tables)
    assert other == documents
    assert len(other.firewall("DC1-ISP-FW01").rules) == 22
    assert len(other.adc("DC1-ISP-LB01").dnat) == 24
    assert "adc/net_dnat_export.csv" in other.taken
    assert "ipam/subnets.xlsx" in other.taken
    assert other.gaps == ()


def test_a_list_kept_by_hand_has_its_own_labels(tables: Path) -> None:
    """Columns of an address list in Chinese, a prefix in one cell."""
    for name in ("subnets", "addresses"):
        (tables / "ipam" / f"{name}.xlsx").unlink()
    (tables / "ipam" / "subnets.csv").write_text(
        "网段,说明\n10.60.2.0/24,公共服务【并网vlan2606】\n", "utf-8"
    )
    (tables / "ipam" / "addresses.csv").write_text("IP地址,主机名\n203.0.113.211,示例期货公司A1\n", "utf-8")
    ipam = read(tables).ipam
    assert [(s.prefix, s.description) for s in ipam.subnets] == [("10.60.2.0/24", "公共服务【并网vlan2606】")]
    assert ipam.records["203.0.113.211"].hostname == "示例期货公司A1"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("name,addresses\nA,10.0.0.1\nB\n", "row 3: it has 1 cells and the header 2"),
        ('name,addresses\nA,"10.0.0.1', "no CSV table"),
        ("name,addresses\nA,['10.0.0.1'\n", "row 2: 'addresses' begins like a list"),
        ("name,name\nA,B\n", "two columns are called 'name'"),
        ("name,a,a.b\nA,1,2\n", "row 2: 'a.b' is below a value"),
        ("", "the table is empty"),
        ("\n\n", "first row is blank"),
        (f"name,addresses\nA,{'[' * 90_000}'a'\n", "no address"),
        (f"name,addresses\nA,\"['a',{'[' * 90_000}\"\n", "begins like a list"),
    ],
)
def test_a_table_that_was_cut_off_is_refused(tables: Path, content: str, problem: str) -> None:
    """The error names the file and the row; nothing is half read."""
    file = tables / "adc" / "rc_custom-address-group_export.csv"
    file.write_text(content, "utf-8")
    with pytest.raises(SourceError, match=problem):
        read(tables)


def test_a_missing_last_part_of_a_rule_list_is_not_seen_but_a_missing_rule_is(tables: Path) -> None:
    """A table does not tell its length; positions that leave one out do."""
    file = tables / "adc" / "net_snat_export.csv"
    lines = file.read_text("utf-8-sig").splitlines(keepends=True)
    file.write_text("".join([*lines[:3], *lines[4:]]), "utf-8")
    assert read(tables).gaps == ("adc/net_snat_export.csv holds 15 of 16 records",)


def test_several_tables_of_one_list_are_a_question(tables: Path) -> None:
    """Nobody guesses which of two tables counts; a JSON document counts before any."""
    (tables / "ipam" / "subnets.csv").write_text("subnet,mask\n10.0.0.0,8\n", "utf-8")
    with pytest.raises(SourceError, match=r"several tables: subnets\.csv, subnets\.xlsx"):
        read(tables)


def test_what_is_no_workbook_is_named(tables: Path) -> None:
    """A file that only has the name of one."""
    (tables / "ipam" / "subnets.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(SourceError, match=r"subnets\.xlsx: it is no workbook"):
        read(tables)


def test_a_workbook_that_unpacks_without_end_is_not_opened(tables: Path) -> None:
    """What it says of its size is looked at before anything is unpacked."""
    file = tables / "ipam" / "subnets.xlsx"
    with ZipFile(file, "a") as parts:
        parts.writestr("xl/media/x", b"")
        parts.getinfo("xl/media/x").file_size = exports.LARGEST
    with pytest.raises(SourceError, match="unpacked it is larger"):
        read(tables)


def test_nobody_and_no_secret_gets_in(tables: Path) -> None:
    """Unknown columns are not read; in free text a password or a person's name is masked."""
    for name in ("subnets", "addresses"):
        (tables / "ipam" / f"{name}.xlsx").unlink()
    canary = "Tr0ub4dor"
    (tables / "ipam" / "subnets.csv").write_text(
        f"subnet,mask,description,permissions\n10.0.0.0,24,密码：{canary} 联系人:张示例,{canary}\n", "utf-8"
    )
    (tables / "ipam" / "addresses.csv").write_text(
        f"ip,note,owner,hostname\n10.0.0.1,EIP: 10.70.0.1 root/{canary},{canary},web1 password={canary}\n",
        "utf-8",
    )
    ipam = read(tables).ipam
    assert canary not in str(ipam)
    assert "张示例" not in str(ipam)
    assert ipam.records["10.0.0.1"].note == "EIP: 10.70.0.1"


def test_a_line_that_nobody_understands_keeps_its_secret_to_itself(tables: Path) -> None:
    """It is named in every proof; what looks like a secret in it is masked before."""
    file = tables / "firewall_edge" / "show configuration.txt"
    strange = 'flying-carpet "x"\n  password cipher Tr0ub4dor\nexit\n'
    file.write_text(file.read_text("utf-8").replace("End", f"{strange}End"), "utf-8")
    wall = read(tables).firewall("DC1-ISP-FW01")
    assert 'flying-carpet "x"' in wall.unread
    assert "Tr0ub4dor" not in str(wall)
