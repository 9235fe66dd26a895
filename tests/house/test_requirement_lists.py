"""The requirement lists: names, versions and hashes, complete, and of one mind."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTS = sorted(ROOT.glob("*_packages/*.txt"))
ENTRY = re.compile(
    r"(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)==(?P<version>[0-9][\w.!+]*)(?: ; [\w .'\"=<>!()]+)?"
    r"(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
)
INSTALLERS = {"hatchling", "editables"}  # they install the project itself without a network


def versions(listing: Path) -> dict[str, str]:
    """Name -> version of every entry."""
    return {entry["name"]: entry["version"] for entry in ENTRY.finditer(listing.read_text("utf-8"))}


def named(extra: str | None = None) -> set[str]:
    """Normalised names that pyproject.toml asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] + (project["optional-dependencies"][extra] if extra else [])
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", name)[0]).lower() for name in asked}


def test_the_linux_lists_are_shipped() -> None:
    """Both levels of Linux are pinned."""
    assert {"runtime.txt", "development.txt"} <= {path.name for path in LISTS if path.parent.name[0] == "l"}


@pytest.mark.parametrize("listing", LISTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_list_holds_names_versions_and_hashes_only(listing: Path) -> None:
    """No address, no index, no option, no path: every character belongs to a pinned, hashed entry."""
    text = listing.read_text(encoding="utf-8")
    assert ENTRY.sub("", text) == ""
    names = [entry["name"] for entry in ENTRY.finditer(text)]
    assert names == sorted(set(names))


@pytest.mark.parametrize("listing", LISTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_list_covers_what_the_project_asks_for(listing: Path) -> None:
    """Nothing that pyproject.toml names, and nothing that installs it, is left unpinned."""
    asked = named("dev" if listing.stem == "development" else None) | INSTALLERS
    assert asked - versions(listing).keys() == set()


@pytest.mark.parametrize("folder", sorted({path.parent for path in LISTS}), ids=lambda path: path.name)
def test_the_development_list_holds_the_runtime_list(folder: Path) -> None:
    """What is tested is what runs, version by version."""
    runtime, development = versions(folder / "runtime.txt"), versions(folder / "development.txt")
    assert runtime.items() <= development.items()
