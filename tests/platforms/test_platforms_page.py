"""docs/how-to/platforms.md is true: every platform is in its table, and everything it names is there."""

import re
from itertools import product
from pathlib import Path

import pytest

from nornir_itsm.model.intent import kind_of
from nornir_itsm.platforms import PLATFORMS

from .case_folders import CASES, PROJECT, cases

PAGE = (PROJECT / "docs" / "how-to" / "platforms.md").read_text("utf-8")
CALLS = {
    "sangfor_ad": {"AddressSet", "DestinationNat", "SourceNat", "PolicyRoute"},
    "aliyun": {"CloudRule"},
}
"""What is said by calls, which have no templates."""
ROWS = {row[0]: row[1:] for row in re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.M)}


def parts(name: str) -> list[Path]:
    """Return the files and folders that the table names for a platform."""
    return [PROJECT / path for path in re.findall(r"`([\w./]+/[\w./]+)`", "".join(ROWS[name]))]


def test_the_table_has_every_platform_and_every_part_is_there() -> None:
    """One file, one template folder (or calls), one case folder, one grammar in the lab: none made up."""
    assert ROWS.keys() == PLATFORMS.keys()
    for name in PLATFORMS:
        listed = parts(name)
        assert all(path.exists() for path in listed), listed
        assert PROJECT / "nornir_itsm" / "platforms" / f"{name}.py" in listed
        assert (CASES / name in listed) == (CASES / name).exists()


def shown(folder: Path) -> set[tuple[str, str]]:
    """Return which kinds of intent the cases of a folder have, and their states."""
    return {(kind_of(one), one.state) for case in cases(folder.name) for one in case.intents}


def kinds(folder: Path) -> set[str]:
    """Return the kinds that a folder of templates, or one of cases, has."""
    if CASES in folder.parents:
        return {kind for kind, _ in shown(folder)}
    return {path.stem.title().replace("_", "") for path in folder.iterdir()}


@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_every_kind_of_intent_has_cases_both_ways(folder: Path) -> None:
    """Whoever adds a case that makes an object adds one that takes it away."""
    assert shown(folder) == set(product(kinds(folder), ("ensure", "absent")))


@pytest.mark.parametrize("name", sorted(name for name in ROWS if (CASES / name).exists()))
def test_every_template_has_cases(name: str) -> None:
    """Whoever adds a template adds a case; a platform of several roles has a folder of cases for each."""
    if name in CALLS:
        assert kinds(CASES / name) == CALLS[name]
        return
    (templates,) = (path for path in parts(name) if path.parent.name == "templates")
    speakers = [other for other in ROWS if templates in parts(other)]
    folders = [path for path in CASES.iterdir() if path.name.partition(".")[0] in speakers]
    assert set().union(*map(kinds, folders)) == kinds(templates)
