"""The device list."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from nornir.core.inventory import Inventory

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.excel import ExcelInventory

HEADER = ("name", "hostname", "port", "platform", "username", "password", "ca", "groups", "site")
FIREWALL = ("FW-1", "10.99.10.12", 2222, "hillstone_stoneos", "netops", "env:P", None, "edge, dc1", "DC1")
ADC = ("LB-1", "10.99.10.11", None, "sangfor_ad", "netops", "file:/etc/p", "ca.pem", None, "DC1")

Row = tuple[str | int | None, ...]
Book = Callable[..., str]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    def write(*rows: Row) -> str:
        workbook = openpyxl.Workbook()
        for row in rows:
            workbook.worksheets[0].append(row)
        workbook.worksheets[0].title = "设备"
        workbook.save(tmp_path / "devices.xlsx")
        return str(tmp_path / "devices.xlsx")

    return write


def _load(path: str) -> Inventory:
    return ExcelInventory(path).load()


def test_devices_become_nornir_hosts(book: Book, tmp_path: Path) -> None:
    """Columns become host attributes, groups, connection options and data."""
    hosts = _load(book(HEADER, FIREWALL, (), ADC)).hosts
    firewall, adc = hosts["FW-1"], hosts["LB-1"]
    assert (firewall.hostname, firewall.port, firewall.platform) == ("10.99.10.12", 2222, "hillstone_stoneos")
    assert (firewall.username, firewall.password, firewall["site"]) == ("netops", "env:P", "DC1")
    assert [group.name for group in firewall.groups] == ["edge", "dc1"]
    ssh = firewall.get_connection_parameters("netmiko")
    assert (ssh.platform, ssh.port, (ssh.extras or {})["ssh_strict"]) == ("hillstone_stoneos", 2222, True)
    rest = adc.get_connection_parameters("itsm-rest")
    assert (rest.port, rest.extras) == (443, {"device": "LB-1", "ca": str(tmp_path / "ca.pem")})


def test_chinese_labels_below_a_title(book: Book) -> None:
    """Labels are matched whole, in either language, wherever the header row is among the first rows."""
    header = ("设备名", "管理地址", "SSH端口", "平台", "用户名", "密码", "组")
    hosts = _load(book(("网络设备清单",), header, FIREWALL[:6])).hosts
    assert hosts["FW-1"].port == 2222


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("name", None, "name is blank"),
        ("name", "../FW", "cannot be a device name"),
        ("name", "FW 1", "cannot be a device name"),
        ("hostname", "10.99.10.300", "is no address"),
        ("hostname", "http://10.99.10.12/", "is no address"),
        ("port", 70000, "is no port"),
        ("port", "²", "is no port"),
        ("platform", "hillston", "unknown platform"),
        ("username", "  ", "username is blank"),
        ("password", "hidden-1", "the password is written out"),
        ("password", "env:hidden-1", "the password is written out"),
    ],
)
def test_a_wrong_cell_names_sheet_and_row(
    book: Book, column: str, value: str | int | None, said: str
) -> None:
    """What is wrong in a row is said with sheet and row, and a password is never repeated."""
    row: list[str | int | None] = list(FIREWALL)
    row[HEADER.index(column)] = value
    with pytest.raises(ConfigError) as caught:
        _load(book(HEADER, ADC, tuple(row)))
    assert "sheet 设备" in caught.value.where
    assert "row 3: " in caught.value.problem
    assert said in caught.value.problem
    assert "hidden-1" not in str(caught.value)


def test_all_rows_are_told_at_once(book: Book) -> None:
    """Every wrong row is named, duplicates whatever their case included."""
    with pytest.raises(ConfigError) as caught:
        _load(book(HEADER, FIREWALL, ("fw-1", *FIREWALL[1:]), ("LB-1", None, *ADC[2:])))
    assert caught.value.problem == "row 4: hostname is blank; row 3: fw-1 stands in row 2 already"


@pytest.mark.parametrize(
    "header",
    [
        ("name", "address"),
        ("name", "hostname", "名称", *HEADER[3:]),
        ("name", "hostname"),
        ("设备名称 (旧)",),
    ],
)
def test_a_header_that_does_not_fit_is_refused(book: Book, header: tuple[str, ...]) -> None:
    """Missing and doubled columns are an error, and a label is never matched by a part of it."""
    with pytest.raises(ConfigError):
        _load(book(header, FIREWALL))


@pytest.mark.parametrize("content", [b"", b"name,hostname\n", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_an_error(tmp_path: Path, content: bytes) -> None:
    """A file that is no workbook, and no file at all, are told in words."""
    (tmp_path / "devices.xlsx").write_bytes(content)
    for name in ("devices.xlsx", "nothing.xlsx"):
        with pytest.raises(ConfigError):
            _load(str(tmp_path / name))


def test_the_example_can_be_loaded() -> None:
    """The example device list holds the devices of the example site, with references for passwords."""
    hosts = _load(str(Path(__file__).parents[2] / "inventory" / "devices.xlsx")).hosts
    assert {name: (host.hostname, host.platform) for name, host in hosts.items()} == {
        "DC1-ISP-FW01": ("10.99.10.12", "hillstone_stoneos"),
        "DC1-ISP-LB01": ("10.99.10.11", "sangfor_ad"),
        "DC1-CDL-FW01-TESTNET": ("10.99.10.13", "hillstone_stoneos"),
        "DC1-CORE-FW01": ("10.99.10.14", "hillstone_stoneos"),
    }
    assert {host.password for host in hosts.values()} == {"env:NETOPS_PASSWORD", "env:TESTNET_PASSWORD"}
