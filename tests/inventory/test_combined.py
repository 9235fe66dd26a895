"""Several inventories as one, and what is kept of them for a while."""

import json
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from nornir import InitNornir

from nornir_itsm.errors import ConfigError
from nornir_itsm.inventory.excel import ExcelInventory

HEADER = ("名称", "IP", "平台", "用户名", "密码", "组")


def book(path: Path, *names: str, group: str = "dc1") -> str:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0].append(HEADER)
    for at, name in enumerate(names, start=1):
        workbook.worksheets[0].append((name, f"10.0.0.{at}", "huawei_vrp", "netops", "env:P", group))
    workbook.save(path)
    return str(path)


def combined(*parts: dict[str, Any]) -> Any:
    inventory = {"plugin": "itsm-combined", "options": {"inventories": list(parts)}}
    return InitNornir(inventory=inventory, logging={"enabled": False}).inventory


def excel(path: str, **options: Any) -> dict[str, Any]:
    return {"plugin": "itsm-excel", "options": {"path": path, **options}}


def test_two_lists_and_nornirs_own_yaml_are_one_inventory(tmp_path: Path) -> None:
    """Any plugin may be a part; a group that both have is one."""
    (tmp_path / "hosts.yaml").write_text("C: {hostname: 10.0.2.1, groups: [dc1]}", "utf-8")
    (tmp_path / "groups.yaml").write_text("dc1: {}", "utf-8")
    files = {key: str(tmp_path / f"{key[:-5]}s.yaml") for key in ("host_file", "group_file")}
    simple = {"plugin": "SimpleInventory", "options": {**files, "defaults_file": str(tmp_path / "none")}}
    found = combined(excel(book(tmp_path / "a.xlsx", "A")), excel(book(tmp_path / "b.xlsx", "B")), simple)
    assert list(found.hosts) == ["A", "B", "C"]
    assert all(host.groups[0] is found.groups["dc1"] for host in found.hosts.values())


def test_a_device_of_two_inventories_is_refused(tmp_path: Path) -> None:
    """Nothing overwrites anything; which plugins disagree is said."""
    parts = [excel(book(tmp_path / f"{name}.xlsx", "A")) for name in "ab"]
    with pytest.raises(ConfigError, match="A comes from itsm-excel and from itsm-excel"):
        combined(*parts)
    groups = [{"groups": {"dc1": {"data": {"x": n}}}} for n in range(2)]
    parts = [excel(book(tmp_path / f"{n}.xlsx", f"N{n}"), **groups[n]) for n in range(2)]
    with pytest.raises(ConfigError, match="group dc1 is another"):
        combined(*parts)


MISSING = {"plugin": "SimpleInventory", "options": {"host_file": "/nonexistent/hosts.yaml"}}


@pytest.mark.parametrize(
    "parts", [[], ["itsm-excel"], [{"plugin": "nobody"}], [{"plugin": "itsm-excel"}], [MISSING]]
)
def test_a_list_that_is_none_is_refused(parts: list[Any]) -> None:
    """What is wrong with the options is said in words."""
    with pytest.raises(ConfigError):
        combined(*parts)


def test_what_is_kept_says_how_old_it_is_and_is_used_while_it_is_young(tmp_path: Path) -> None:
    """The second load reads the kept file, until that is too old or list or options are others."""
    path, kept = book(tmp_path / "a.xlsx", "A"), tmp_path / "var" / "kept.json"
    cache = {"path": str(kept), "age": "1h"}
    first = ExcelInventory(path, cache=cache)
    inventory = first.load()
    again = ExcelInventory(path, cache=cache)
    assert again.load().dict() == inventory.dict()
    assert [r.cached for r in (*first.reports, *again.reports)] == [False, True]
    assert again.reports[0].taken == first.reports[0].taken
    assert kept.stat().st_mode & 0o077 == 0
    old = json.loads(kept.read_text("utf-8"))
    kept.write_text(json.dumps({**old, "written": old["written"] - 3601}), "utf-8")
    for other in (ExcelInventory(path, cache=cache), ExcelInventory(path, cache=cache, data=[])):
        other.load()
        assert not other.reports[0].cached
    book(tmp_path / "a.xlsx", "A", "B")
    os.utime(path, (1, 1))
    changed = ExcelInventory(path, cache=cache)
    assert list(changed.load().hosts) == ["A", "B"]


def test_a_broken_cache_is_as_good_as_none(tmp_path: Path) -> None:
    """It is written anew."""
    (tmp_path / "kept.json").write_text('{"key": 1', "utf-8")
    plugin = ExcelInventory(
        book(tmp_path / "a.xlsx", "A"), cache={"path": str(tmp_path / "kept.json"), "age": 60}
    )
    assert list(plugin.load().hosts) == ["A"]
    assert "netops" in (tmp_path / "kept.json").read_text("utf-8")
