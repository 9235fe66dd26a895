"""The page on Huawei devices is true: its parts of site.yaml are read, and every kind has its parser."""

import re
from pathlib import Path

import pytest

from nornir_itsm.settings import load_site
from nornir_itsm.stages.parse.live import parsers

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/how-to/huawei.md").read_text("utf-8")
ROWS = re.findall(r"^\| .*\| `(huawei_\w+)` \| `(\w+)` \|", PAGE, re.M)


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", PAGE, re.S))
def test_a_point_as_printed_is_read(block: str, tmp_path: Path) -> None:
    """In the example site, in the place of the point of its name or beside the others."""
    name = block.split(":", maxsplit=1)[0].strip()
    site = (PROJECT / "inventory/site.yaml").read_text("utf-8")
    others = re.sub(rf"^  {name}:.*?(?=^  \S|^$)", "", site, flags=re.S | re.M)
    (tmp_path / "site.yaml").write_text(others.replace("points:\n", f"points:\n{block}", 1), "utf-8")
    point = load_site(tmp_path / "site.yaml").points[name]
    assert (point.platform, point.role) in ROWS
    assert point.reads_as in parsers("")
    assert not point.by_hand


def test_every_kind_of_the_table_is_read() -> None:
    """A role of a platform without a parser of its own is read as the platform mostly is."""
    assert ROWS == [("huawei_vrp", "firewall"), ("huawei_vrp", "switch"), ("huawei_vrpv8", "switch")]
