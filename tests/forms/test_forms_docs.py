"""The how-to about forms is true: its commands run as printed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs/how-to/forms.md"
NEEDED = ("config.yaml", "inventory", "orders", "runbooks", "templates", "ttp_templates")
PLANNED = 10


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the project's files and this environment as its .venv."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def test_the_commands_run_as_printed(clone: Path) -> None:
    """Every command ends well; what they are said to write is there."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    commands = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    assert len(commands) >= 6
    for command in commands:
        done = subprocess.run(["bash", "-c", command], cwd=clone, capture_output=True, text=True, check=False)
        wanted = PLANNED if " plan " in command else 0
        assert done.returncode == wanted, f"{command}\n{done.stdout}\n{done.stderr}"
    assert len(list((clone / "var/annotated").glob("*.customer.xlsx"))) == len(
        list((clone / "orders").glob("*.xlsx"))
    )
    assert (clone / "var/forms-example/form.customer.xlsx").is_file()


def test_every_named_place_is_there() -> None:
    """Files that the page names exist, and so do the names in them."""
    text = PAGE.read_text("utf-8")
    for name in re.findall(r"`((?:inventory|nornir_itsm|tests)/[\w/.]+)`", text):
        assert (PROJECT / name).exists(), name
    assert "_SYNONYMS" in (PROJECT / "nornir_itsm/forms/table.py").read_text("utf-8")
