"""The page on translating firewalls is true: its path can be put into the example site as it stands."""

import re
from pathlib import Path

import pytest

from nornir_itsm.settings import load_site
from nornir_itsm.settings.site_checks import TRANSLATING

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs/how-to/nat.md").read_text("utf-8")


@pytest.mark.parametrize("platform", TRANSLATING)
def test_the_path_of_the_page_is_one_of_a_site(tmp_path: Path, platform: str) -> None:
    """In the place of the example's own path it makes the firewall the point that translates."""
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.S)
    site = (PROJECT / "inventory" / "site.yaml").read_text("utf-8")
    head, rest = site.split("  - source: 互联网\n", maxsplit=1)
    end = rest.index("  - source: ")
    point, wall = "  DC1-ISP-FW01: ", "platform: hillstone_stoneos"
    before, after = f"{head}{block}{rest[end:]}".split(point, maxsplit=1)
    text = f"{before}{point}{after.replace(wall, f'platform: {platform}', 1)}"
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    made = load_site(tmp_path / "site.yaml")
    path = made.path("互联网", "行业云")
    assert path is not None
    hop = made.translating(path)
    assert hop is not None
    assert (hop.point, hop.translates) == ("DC1-ISP-FW01", True)


def test_the_runbooks_of_the_page_are_there() -> None:
    """Those that it names are files of the project."""
    for name in ("internet_to_cloud", "cloud_to_internet"):
        assert f"`{name}`" in PAGE
        assert (PROJECT / "runbooks" / f"{name}.py").is_file()
