"""The house is built as it is drawn: who imports whom, what is light, what is short, what has its room."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "nornir_itsm"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = {
    "asyncssh", "deepdiff", "netmiko", "nornir", "nornir_netmiko", "openpyxl", "pandas", "paramiko",
    "pydantic", "requests", "ttp",
}  # fmt: skip
ROOMLESS = {"util", "utils", "common", "helper", "helpers", "core", "manager", "managers", "base", "misc"}
FOLDERS = (
    "docs", "inventory", "linux_packages", "nornir_itsm", "orders", "runbooks", "templates", "tests",
    "ttp_templates", "win_packages",
)  # fmt: skip
LONGEST = 400  # lines of a module


def test_imports_follow_the_layers() -> None:
    """No module imports from a layer above or beside its own."""
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert command, "lint-imports is not installed beside this Python"
    done = subprocess.run([command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["nornir_itsm", "nornir_itsm.cli"])
def test_an_import_is_light(module: str, tmp_path: Path) -> None:
    """Importing the package, or starting the command, loads no device, table or form library."""
    code = f"import json, sys, {module} as it; print(json.dumps([it.__file__, *sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    file, *loaded = json.loads(done.stdout)
    assert file, f"{module} has no __init__.py"
    assert PACKAGE in Path(file).resolve().parents, "another installation was imported"
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_short_and_has_a_room(module: Path) -> None:
    """A module can be read in one sitting, and its name says what lives there."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert not {module.stem, *module.relative_to(PACKAGE).parent.parts} & ROOMLESS


def test_every_package_has_an_init_file() -> None:
    """A folder with modules is a package: without its __init__.py it would be left out in silence."""
    bare = {module.parent for module in MODULES} - {
        path.parent for path in MODULES if path.stem == "__init__"
    }
    assert not bare


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_of_the_house_is_there(folder: str) -> None:
    """Each top-level folder exists and holds something (git keeps no empty folder)."""
    assert any(path.is_file() for path in (ROOT / folder).rglob("*"))
