"""Exports of an inventory, and back."""

import csv
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nornir import InitNornir
from nornir.core.inventory import ConnectionOptions, Inventory
from nornir.plugins.inventory import SimpleInventory

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.document import Document, document_of, inventory_of
from nornir_itsm.inventory.excel import ExcelInventory
from nornir_itsm.inventory.exports import FORMATS, exported, imported

WHOLE = [name for name in FORMATS if name != "json-simple"]

NAMES = st.from_regex(r"[\w][\w. -]{0,12}", fullmatch=True).filter(
    lambda s: s == s.strip()
) | st.sampled_from(
    ["all", "true", "null", "1", "10.0.0.1", "核心", "a b", "-", "it's", 'a"b', "[x]", "#x", "x=y", "a;b"]
)
TEXTS = st.text(max_size=12) | st.sampled_from(
    ["yes", "0x1", "1e3", "~", "''", "a: b", "#", "2026-01-01", "=1+1"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
SECRETS = st.sampled_from(["env:A_B", "file:/etc/示例 secret", "keyring:netops/fw"])


def kept(**more: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Dictionaries of which any key may be missing."""
    return st.fixed_dictionaries({}, optional=more)


NAMED = {
    "hostname": TEXTS, "port": st.integers(1, 65535),
    "username": TEXTS, "password": SECRETS, "platform": TEXTS,
}  # fmt: skip
DATA = st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3)
EXTRAS = st.dictionaries(st.sampled_from(["ssh_strict", "port", "x"]), VALUES, max_size=2)
OPTIONS = st.dictionaries(NAMES, kept(**NAMED, extras=EXTRAS), min_size=1, max_size=2)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Any inventory: groups of groups, hosts, defaults, data and options with any texts."""
    groups: dict[str, Any] = {}
    for name in draw(st.lists(NAMES, unique=True, max_size=3)):
        above = draw(st.lists(st.sampled_from(sorted(groups)), unique=True, min_size=1)) if groups else []
        groups[name] = draw(kept(**NAMED, data=DATA, connection_options=OPTIONS)) | (
            {"groups": above} if above else {}
        )
    hosts = {}
    for name in draw(st.lists(NAMES, unique=True, max_size=3)):
        above = draw(st.lists(st.sampled_from(sorted(groups)), unique=True, max_size=2)) if groups else []
        hosts[name] = draw(kept(**NAMED, data=DATA, connection_options=OPTIONS)) | (
            {"groups": above} if above else {}
        )
    return Document(hosts, groups, draw(kept(**NAMED, data=DATA, connection_options=OPTIONS)))


def back(inventory: Inventory, form: str) -> Inventory:
    """Export, write, read again."""
    files, withheld = exported(inventory, form)
    assert withheld == ()
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, "utf-8", newline="")
        return imported(Path(folder) if form == "yaml" else Path(folder, *files))


@given(found=documents())
def test_any_inventory_comes_back_unchanged(found: Document) -> None:
    """import(export(x)) = x: hosts, groups, defaults, data, options of connections, whatever their texts.

    The simple JSON says name, address, platform and port; that much of it comes back.
    """
    inventory = inventory_of(found, "test")
    for form in WHOLE:
        again = back(inventory, form)
        assert document_of(again) == document_of(inventory)
        assert list(again.hosts) == list(inventory.hosts)
    said = {n: {k: h[k] for k in ("hostname", "platform", "port") if k in h} for n, h in found.hosts.items()}
    assert document_of(back(inventory, "json-simple")) == Document(said, {}, {})


ROWS = st.lists(
    st.tuples(
        st.from_regex(r"[A-Za-z一-龥][\w.-]{0,9}", fullmatch=True),
        st.ip_addresses(v=4).map(str),
        st.sampled_from(["", "22", "8022"]),
        st.sampled_from(["huawei_vrp", "sangfor_ad", "linux", "hillstone_stoneos", "server_bmc"]),
        st.sampled_from(["env:A", "file:/x y", "keyring:a/b"]),
        st.sampled_from(["", "dc1", "dc1,边界", "all"]),
        st.text(max_size=8),
        st.text(max_size=8),
    ),
    min_size=1,
    max_size=5,
)


@given(rows=ROWS)
def test_any_list_that_loads_comes_back_unchanged(rows: list[tuple[str, ...]]) -> None:
    """The same from a device list on: what the plugin makes of a file goes through every whole format."""
    header = ("名称", "IP", "SSH端口", "平台", "密码", "组", "机房", "用户名")
    with TemporaryDirectory() as folder:
        path = Path(folder, "list.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        try:
            inventory = ExcelInventory(str(path)).load()
        except ConfigError:
            return
    for form in WHOLE:
        assert document_of(back(inventory, form)) == document_of(inventory)


EXAMPLE = Path(__file__).parents[2] / "inventory" / "devices.xlsx"


def test_nornir_itself_reads_the_yaml(tmp_path: Path) -> None:
    """SimpleInventory makes the same inventory of the three files as the plugin of the device list."""
    inventory = ExcelInventory(str(EXAMPLE)).load()
    for name, text in exported(inventory, "yaml")[0].items():
        (tmp_path / name).write_text(text, "utf-8")
    names = {f"{kind}_file": str(tmp_path / f"{kind}s.yaml") for kind in ("host", "group")}
    simple = SimpleInventory(**names, defaults_file=str(tmp_path / "defaults.yaml")).load()
    assert simple.dict() == inventory.dict()


@pytest.mark.parametrize("form", FORMATS)
def test_an_export_is_an_inventory_of_a_plain_nornir(form: str, tmp_path: Path) -> None:
    """The plugin ``itsm-export`` reads what was written."""
    files, _ = exported(ExcelInventory(str(EXAMPLE)).load(), form)
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    path = tmp_path if form == "yaml" else tmp_path / next(iter(files))
    inventory = {"plugin": "itsm-export", "options": {"path": str(path)}}
    hosts = InitNornir(inventory=inventory, logging={"enabled": False}).inventory.hosts
    assert (hosts["DC1-ISP-LB01"].hostname, hosts["DC1-ISP-LB01"].port) == ("10.99.10.11", 443)


def test_the_shapes_that_others_read() -> None:
    """Hosts under all, their platforms as children; INI lines that a shell splits into name and variables."""
    inventory = ExcelInventory(str(EXAMPLE)).load()
    inventory.hosts["a b"] = inventory.hosts.pop("DC1-ISP-FW01")
    whole = json.loads(exported(inventory, "json")[0]["inventory.json"])["all"]
    assert whole["hosts"]["a b"]["ansible_host"] == "10.99.10.12"
    assert "a b" in whole["children"]["hillstone_stoneos"]["hosts"]
    lines = exported(inventory, "ini")[0]["inventory.ini"].splitlines()
    assert lines[0] == "[all]"
    wanted = (
        "'a b' ansible_host=10.99.10.12 ansible_port=22 ansible_user=netops device_type=hillstone_stoneos "
    )
    assert any(line.startswith(wanted) for line in lines)
    assert "[hillstone_stoneos]" in lines


def test_a_secret_in_clear_is_never_exported() -> None:
    """Whoever put it there: hosts, groups, defaults, options, data at any depth; the places are told."""
    inventory = ExcelInventory(str(EXAMPLE)).load()
    host = inventory.hosts["DC1-ISP-FW01"]
    host.password = inventory.defaults.password = inventory.groups["dc1"].password = "hidden-1"
    extras = {"secret": "hidden-1", "fast_cli": True}
    host.connection_options["netmiko"] = ConnectionOptions(password="hidden-1", extras=extras)
    host.data["api"] = [{"api_key": "hidden-1"}]
    for form in FORMATS:
        files, withheld = exported(inventory, form)
        assert "hidden-1" not in "".join(files.values())
        assert len(withheld) == 6


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        '{"all": 3}',
        '{"all": {"hosts": {"a": 3}}}',
        '{"a": {"x": 1}}',
        "[all]\na b='\n",
        "[all]\na port=\n",
    ],
)
def test_what_is_no_export_is_said(tmp_path: Path, text: str) -> None:
    """A file that is none of ours is an error in words."""
    (tmp_path / "x").write_text(text, "utf-8")
    with pytest.raises(ConfigError):
        imported(tmp_path / "x")


def test_a_password_in_an_export_is_refused(tmp_path: Path) -> None:
    """Exports carry references only: one that was edited is not taken, and the value not repeated."""
    (tmp_path / "hosts.yaml").write_text("a: {hostname: 10.0.0.1, password: hidden-1}", "utf-8")
    with pytest.raises(ConfigError, match="written out") as caught:
        imported(tmp_path)
    assert "hidden-1" not in str(caught.value)
