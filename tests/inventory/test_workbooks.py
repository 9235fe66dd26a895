"""Device lists as engineers keep them."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.excel import ExcelInventory
from nornir_itsm.references import resolve

DEFAULTS = {"username": "netops", "password": "env:P"}

Row = tuple[Any, ...]
Book = Callable[..., str]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    def write(**sheets: list[Row]) -> str:
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.worksheets[0])
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
        workbook.save(tmp_path / "list.xlsx")
        return str(tmp_path / "list.xlsx")

    return write


def loaded(path: str, **options: Any) -> ExcelInventory:
    plugin = ExcelInventory(path, **{"defaults": DEFAULTS, **options})
    plugin.inventory = plugin.load()  # type: ignore[attr-defined]
    return plugin


def hosts(path: str, **options: Any) -> Any:
    return loaded(path, **options).inventory.hosts  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "header",
    [
        ("名称", "IP"),
        ("主机名", "ip地址"),
        ("Device Name", "主机IP"),
        ("* 设备名", "管理地址"),
        ("Hostname", "IP Address"),
        ("name", "hostname"),
        ("显示名称", "服务器地址"),
        ("DEVICE", "Ｉ Ｐ"),
    ],
)
def test_labels_by_their_synonyms(book: Book, header: Row) -> None:
    """Labels are matched whole, whatever their case, width, blanks and stars."""
    found = hosts(book(设备=[("网络设备",), (*header, "平台"), ("FW-1", "10.0.0.1", "huawei_vrp")]))
    assert (found["FW-1"].hostname, found["FW-1"].port) == ("10.0.0.1", 22)


def test_parts_of_labels_mean_nothing(book: Book) -> None:
    """Description holds no address, 系统名称 no name, and no port is for SSH that does not say so."""
    header = ("系统名称", "Description", "IP", "名称", "端口", "平台", "接口1端口")
    plugin = loaded(book(a=[header, ("系统", "10.9.9.9", "10.0.0.1", "FW-1", 161, "huawei_vrp", 10050)]))
    host = plugin.inventory.hosts["FW-1"]  # type: ignore[attr-defined]
    assert (host.hostname, host.port, host["系统名称"]) == ("10.0.0.1", 22, "系统")
    assert "10.9.9.9" not in str(host.data)
    assert any("端口 is not taken" in note for note in plugin.reports[0].notes)


def test_several_sheets_and_groups_with_defaults(book: Book) -> None:
    """Every sheet with a header is read; a sheet of groups gives accounts, ports, platforms and data."""
    path = book(
        核心=[("名称", "IP", "组"), ("CORE-1", "10.0.0.1", "核心")],
        说明=[("怎样填写",)],
        接入=[("IP", "设备名称", "平台"), ("10.0.1.1", "ACC-1", "hp_comware")],
        组=[
            ("组名", "平台", "SSH端口", "用户名", "密码", "写用户名", "写密码", "上级组", "机房"),
            ("核心", "huawei_vrp", 2222, "core", "env:CORE", "core-w", "env:CORE_W", "一期", None),
            ("一期", None, None, None, None, None, None, None, "DC1"),
            ("默认", None, None, "netops", "env:P", None, None, None, None),
        ],
    )
    plugin = loaded(path, defaults={})
    found = plugin.inventory.hosts  # type: ignore[attr-defined]
    core, access = found["CORE-1"], found["ACC-1"]
    assert (core.platform, core.username, core.password, core["机房"]) == (
        "huawei_vrp",
        "core",
        "env:CORE",
        "DC1",
    )
    write = core.get_connection_parameters("itsm-write")
    assert (write.username, write.password) == ("core-w", "env:CORE_W")
    assert (access.username, access.password, access.platform) == ("netops", "env:P", "hp_comware")
    assert plugin.reports[0].notes == ["sheet 说明 has no header row and is not read"]


def test_hidden_sheets_and_wide_ones(tmp_path: Path) -> None:
    """What is hidden is not read; a sheet with more columns than letters is."""
    workbook = openpyxl.Workbook()
    first, second = workbook.worksheets[0], workbook.create_sheet("旧")
    first.append(("名称", "IP", "平台", *(f"列{n}" for n in range(40)), "机房"))
    first.append(("A", "10.0.0.1", "huawei_vrp", *([None] * 40), "DC1"))
    second.append(("名称", "IP", "平台"))
    second.append(("B", "10.0.0.2", "huawei_vrp"))
    second.sheet_state = "hidden"
    workbook.save(tmp_path / "a.xlsx")
    assert {name: dict(host.data) for name, host in hosts(str(tmp_path / "a.xlsx")).items()} == {
        "A": {"机房": "DC1"}
    }


def test_what_tells_the_platform_in_which_order(book: Book) -> None:
    """The row's own column, then its group, then its name, then the defaults."""
    rows = [
        ("H3C-1", "10.0.0.1", "linux", "g"),
        ("H3C-2", "10.0.0.2", "", "g"),
        ("H3C-3", "10.0.0.3", "", ""),
        ("X", "10.0.0.4", "", ""),
    ]
    path = book(a=[("名称", "IP", "平台", "组"), *rows])
    given = {"groups": {"g": {"platform": "huawei_vrp"}}, "defaults": {**DEFAULTS, "platform": "cisco_ios"}}
    plugin = loaded(path, **given)
    found = plugin.inventory.hosts.values()  # type: ignore[attr-defined]
    assert [host.platform for host in found] == ["linux", "huawei_vrp", "hp_comware", "cisco_ios"]
    assert [told.by for told in plugin.reports[0].recognised] == ["column", "group", "name", "defaults"]


def test_only_enabled_rows_with_an_address(book: Book) -> None:
    """The status must be one of the words that mean so, after blanks are gone; the rest is said."""
    rows = [
        ("A", "10.0.0.1", " 启用 "),
        ("B", "10.0.0.2", "停用"),
        ("C", "10.0.0.3", None),
        ("D", "10.0.0.4", "YES"),
    ]
    plugin = loaded(book(a=[("名称", "IP", "状态", "平台"), *((*row, "huawei_vrp") for row in rows)]))
    assert list(plugin.inventory.hosts) == ["A", "D"]  # type: ignore[attr-defined]
    assert [skip.reason for skip in plugin.reports[0].skipped] == [
        "status is '停用', not enabled",
        "status is blank",
    ]


def test_options_of_connections_and_networks(book: Book) -> None:
    """A column names a connection and its option; the longest prefix of an address gives a group."""
    header = ("名称", "IP", "平台", "netmiko.conn_timeout", "itsm-aliyun-api.region", "netmiko.port")
    path = book(a=[header, ("A", "10.99.10.5", "huawei_vrp", 30, "cn-1", 2200)])
    host = hosts(path, networks={"10.99.0.0/16": "all-mgmt", "10.99.10.0/28": "mgmt"})["A"]
    ssh = host.get_connection_parameters("netmiko")
    assert (ssh.extras["conn_timeout"], ssh.extras["ssh_strict"], ssh.port, host.port) == (30, True, 2200, 22)
    assert host.get_connection_parameters("itsm-aliyun-api").extras == {"region": "cn-1"}
    assert [group.name for group in host.groups] == ["mgmt"]


def test_nothing_is_overwritten_in_silence(book: Book, tmp_path: Path) -> None:
    """A name that comes twice, in another sheet too, stops a list and is left out of an export, both said."""
    rows = [("名称", "IP", "平台"), ("A", "10.0.0.1", "huawei_vrp")]
    path = book(a=rows, b=[rows[0], ("a", "10.0.0.2", "huawei_vrp")])
    with pytest.raises(ConfigError, match="a stands in sheet a row 2 already"):
        hosts(path)
    plugin = loaded(path, bad_rows="skip")
    assert [h.hostname for h in plugin.inventory.hosts.values()] == ["10.0.0.1"]  # type: ignore[attr-defined]
    assert plugin.reports[0].skipped[0].reason == "a stands in sheet a row 2 already"


@pytest.mark.parametrize("name", ["../x", "a\nb", "-rf", "x" * 65, "a/b", "'a'"])
def test_impossible_names_are_left_out_of_an_export_and_said(book: Book, name: str) -> None:
    """A name becomes the name of files and of lines: what could mean something there is none."""
    path = book(a=[("名称", "IP"), (name, "10.0.0.1"), ("ok 1", "10.0.0.2")])
    plugin = loaded(path, bad_rows="skip")
    assert list(plugin.inventory.hosts) == ["ok 1"]  # type: ignore[attr-defined]
    assert "cannot be a device name" in plugin.reports[0].skipped[0].reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_as_spreadsheets_save_it(tmp_path: Path, encoding: str, separator: str) -> None:
    """UTF-8 or GB 18030, by comma, semicolon or tab, with quotes and line breaks in cells."""
    rows = [
        "名称,IP,平台,备注".replace(",", separator),
        'A,10.0.0.1,huawei_vrp,"一\n二"'.replace(",", separator),
    ]
    (tmp_path / "list.csv").write_bytes("\r\n".join(rows).encode(encoding))
    host = hosts(str(tmp_path / "list.csv"))["A"]
    assert (host.hostname, host["备注"]) == ("10.0.0.1", "一\n二")


def test_an_own_recognition_table(book: Book) -> None:
    """The table of the configuration stands in the place of the usual one."""
    path = book(a=[("名称", "IP"), ("DC1-OLT-1", "10.0.0.1")])
    table = [{"platform": "huawei_olt", "name": ["olt"]}]
    assert hosts(path, recognition=table)["DC1-OLT-1"].platform == "huawei_olt"
    for wrong in (
        [{"platform": 1}],
        [{"platform": "x", "names": []}],
        ["x"],
        [{"platform": "x", "name": "olt"}],
    ):
        with pytest.raises(ConfigError, match="recognition, line 1"):
            hosts(path, recognition=wrong)


def test_a_password_written_out_works_only_where_it_is_allowed(book: Book) -> None:
    """It stays in its cell: what was loaded has a reference to it, read when a connection is opened."""
    path = book(
        设备=[("名称", "IP", "平台", "用户名", "密码"), ("A", "10.0.0.1", "huawei_vrp", "u", "hidden-1")]
    )
    with pytest.raises(ConfigError) as caught:
        hosts(path)
    assert "hidden-1" not in str(caught.value)
    host = hosts(path, plain_passwords=True)["A"]
    assert host.password == f"cell:{path}#设备!E2"
    assert resolve(host.password, "A") == "hidden-1"
    with pytest.raises(ConfigError, match="another device"):
        resolve(host.password, "B")


def test_a_list_where_nobody_may_log_in_is_refused(book: Book) -> None:
    """Without a column, a group or a default that gives them, user name and password are missing."""
    with pytest.raises(ConfigError, match="row 2: username is blank"):
        hosts(book(a=[("名称", "IP", "平台"), ("A", "10.0.0.1", "huawei_vrp")]), defaults={})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"bad_rows": "ignore"}, "bad_rows"),
        ({"groups": {"a": {"groups": ["b"]}, "b": {"groups": ["a"]}}}, "circle"),
        ({"groups": {"a": {"paswort": "x"}}}, "unknown key"),
        ({"groups": {"一期": {"port": 1}}}, "group 一期 is defined twice"),
        ({"defaults": {"password": "hidden-1"}}, "written out"),
        ({"networks": {"10.0.0.1/8": "x"}}, "host bits"),
        ({"sheets": ["没有"]}, "there is no sheet"),
        ({"cache": {"path": "x"}}, "is no cache"),
    ],
)
def test_an_option_that_cannot_be_is_refused(book: Book, options: dict[str, Any], said: str) -> None:
    """Every option is checked, and no value that may be a secret is repeated."""
    path = book(
        a=[("名称", "IP", "平台"), ("A", "10.0.0.1", "huawei_vrp")], 组=[("组", "端口"), ("一期", "22")]
    )
    with pytest.raises(ConfigError, match=said) as caught:
        hosts(path, **options)
    assert "hidden-1" not in str(caught.value)


def test_a_cell_far_away_does_not_fill_the_memory(tmp_path: Path) -> None:
    """One value in the last cell of a sheet would be 17 thousand million empty ones before it."""
    workbook = openpyxl.Workbook()
    workbook.worksheets[0]["XFD1048576"] = "x"
    workbook.save(tmp_path / "far.xlsx")
    with pytest.raises(ConfigError, match="row 1048576"):
        hosts(str(tmp_path / "far.xlsx"))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """What says that it holds more than a device list can is not looked into."""
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<x/>")
        archive.infolist()[0].file_size = 1 << 30
    with pytest.raises(ConfigError, match="holds more than"):
        hosts(str(tmp_path / "bomb.xlsx"))
