"""Runbooks stay testable without a device: they see the core and nothing else."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ALLOWED = ("model", "space", "stages", "runbook")
RUNBOOKS = sorted((PROJECT / "runbooks").glob("*.py"))


def imported(file: Path) -> set[str]:
    """Return the names of all modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("file", RUNBOOKS, ids=lambda file: file.stem)
def test_a_runbook_sees_the_core_only(file: Path) -> None:
    """model, space, stages and runbook of ours; no file, network or process module of Python's."""
    ours = {name for name in imported(file) if name.startswith("nornir_itsm")}
    assert ours
    assert all(name.split(".")[1] in ALLOWED for name in ours)
    assert not imported(file) & {"os", "io", "socket", "subprocess", "pathlib", "requests", "time", "random"}


def test_the_package_never_imports_runbooks() -> None:
    """The app loads the folder by its path; nothing imports it by name."""
    for file in (PROJECT / "nornir_itsm").rglob("*.py"):
        assert not any(name.split(".")[0] == "runbooks" for name in imported(file)), file
