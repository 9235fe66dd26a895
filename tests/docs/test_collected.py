"""The page on collected output is true: its commands and its Python run in order, as printed."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs/how-to/collected.md"
NEEDED = ("config.yaml", "inventory", "runbooks", "templates", "ttp_templates")


def test_the_page_runs_in_order(tmp_path: Path) -> None:
    """Every command ends with the code that the page says (0 where it says none), every Python block runs."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    blocks = re.findall(r"```(console|python)\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    assert {kind for kind, _ in blocks} == {"console", "python"}
    for kind, block in blocks:
        lines = [line[2:] for line in block.splitlines()] if kind == "console" else [block]
        for line in lines:
            call = ["bash", "-c", line] if kind == "console" else [sys.executable, "-c", line]
            done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
            said = re.search(r"# exit (\d+)$", line)
            assert done.returncode == (int(said[1]) if said else 0), f"{line}\n{done.stdout}\n{done.stderr}"
