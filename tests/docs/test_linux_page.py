"""The page on Linux firewalls and routers shows what ``nox -s real`` runs: its blocks are parts of it."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
REAL = PROJECT / "tests" / "real"


def test_the_blocks_are_what_is_run() -> None:
    """Site and runbook of the page are those of the real site; the tests that it names are there."""
    page = (PROJECT / "docs/how-to/linux.md").read_text("utf-8")
    blocks = re.findall(r"```(yaml|python)\n(.*?)```", page, re.S)
    assert [kind for kind, _ in blocks] == ["yaml", "yaml", "python"]
    runs = {
        "yaml": (REAL / "site/site.yaml").read_text("utf-8"),
        "python": (REAL / "site/runbooks/route_and_announce.py").read_text("utf-8"),
    }
    assert all(text in runs[kind] for kind, text in blocks)
    named = re.findall(r"`(test_\w+\.py)`", page)
    assert named
    assert all((REAL / name).is_file() for name in named)
