"""The page on security groups is true: what it says of a site is taken by the tool as it stands there."""

import re
from pathlib import Path

from nornir_itsm.settings import load_site

PROJECT = Path(__file__).parents[2]


def test_the_site_of_the_page_can_be_loaded(tmp_path: Path) -> None:
    """Its point and its path take the place of those of the example site, every key known."""
    page = (PROJECT / "docs/how-to/security-groups.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\npoints:\n(.*?)paths:\n(.*?)```", page, re.S)
    point, path = block
    hops = path[path.index("    hops:\n") :]
    site = (
        (PROJECT / "inventory/site.yaml").read_text("utf-8").replace("\npoints:\n", f"\npoints:\n{point}", 1)
    )
    inbound = site.index("scenario: internet-to-cloud")
    begin = site.index("    hops:\n", inbound)
    end = site.index("  - source:", begin)
    (tmp_path / "site.yaml").write_text(site[:begin] + hops + site[end:], "utf-8")
    loaded = load_site(tmp_path / "site.yaml")
    assert loaded.points["DC1-CLOUD"].role == "security_group"
    found = loaded.path("互联网", "行业云")
    assert found is not None
    assert [hop.point for hop in found.hops][-1] == "DC1-CLOUD"
