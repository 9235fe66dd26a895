"""README and how-to are true: their commands run as printed, in a folder that looks like a fresh clone."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NEEDED = ("config.yaml", "inventory", "orders", "runbooks", "templates", "ttp_templates")
EXIT_CODES = {"plan": 10}
"""Commands that end with another code than 0 when all is well; a page may say ``# exit N`` behind one."""
PAGES = {
    "README.md": 8,
    "docs/how-to/why.md": 4,
    "docs/how-to/hygiene.md": 2,
    "docs/how-to/documents.md": 4,
    "docs/how-to/hands.md": 7,
    "docs/how-to/approvals.md": 5,
    "docs/how-to/collect.md": 4,
    "docs/how-to/inventory.md": 8,
    "docs/how-to/site.md": 3,
    "docs/how-to/foretell.md": 7,
}
"""Pages, and how many commands at least they show. (That of the forms has a test of its own.)"""


def commands(text: str) -> list[str]:
    """Return the lines behind ``$`` of all console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.S)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A folder with the project's files and this environment as its .venv; its lab is stopped at the end."""
    for name in NEEDED:
        (tmp_path / name).symlink_to(PROJECT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    yield tmp_path
    if (tmp_path / "var/lab/lab.json").exists():
        subprocess.run([".venv/bin/nornir-itsm", "lab", "stop"], cwd=tmp_path, check=False)


def numbered(command: str, clone: Path) -> str:
    """Put the number that the lab's own plan got in the place of the README's."""
    if "var/lab" not in command or "C-2" not in command:
        return command
    call = [".venv/bin/nornir-itsm", "--config", "var/lab/config.yaml", "--json", "list"]
    listed = subprocess.run(call, cwd=clone, capture_output=True, check=True, text=True)
    return re.sub(r"C-\d{8}-\d{4}", json.loads(listed.stdout)["changes"][-1]["id"], command)


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_run_as_printed(page: str, clone: Path) -> None:
    """Every command of a page but the two that the whole suite is started by."""
    listed = [c for c in commands((PROJECT / page).read_text("utf-8")) if "bootstrap.py" not in c]
    assert len(listed) >= PAGES[page]
    for command in listed:
        done = subprocess.run(
            ["bash", "-c", numbered(command, clone)], cwd=clone, capture_output=True, text=True, check=False
        )
        usual = next((code for word, code in EXIT_CODES.items() if f" {word} " in command), 0)
        said = re.search(r"# exit (\d+)$", command)
        wanted = int(said[1]) if said else usual
        assert done.returncode == wanted, f"{command}\n{done.stdout}\n{done.stderr}"


def test_links_lead_somewhere() -> None:
    """Every relative link of README and docs names a file or folder that is there."""
    for page in (PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize(
    "name",
    [
        *("check", "plan", "why", "run", "parse", "list", "show", "approve", "apply", "verify", "rollback"),
        *(
            "hand-over",
            "attest",
            "reject",
            "hold",
            "release",
            "split",
            "amend",
            "expire",
            "withdraw",
            "window",
        ),
    ],
)
def test_every_command_has_help_with_an_example(name: str) -> None:
    """``--help`` of a command shows how it is called."""
    call = [sys.executable, "-c", "from nornir_itsm.cli import main; main()", name, "--help"]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert f"nornir-itsm {name}" in " ".join(done.stdout.split())
