"""docs/how-to/platforms.md is true: every platform is in its table, and everything it names is there."""

import re
from itertools import product
from pathlib import Path

import pytest

from nornir_itsm.model.intent import kind_of
from nornir_itsm.platforms import PLATFORMS

from .case_folders import CASES, PROJECT, cases

PAGE = (PROJECT / "docs" / "how-to" / "platforms.md").read_text("utf-8")
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


@pytest.mark.parametrize("name", sorted({path.name.partition(".")[0] for path in CASES.iterdir()}))
def test_every_kind_of_intent_has_cases_both_ways(name: str) -> None:
    """Whoever adds a template adds a case that makes its object and one that takes it away."""
    folders = [path.name for path in CASES.iterdir() if path.name.partition(".")[0] == name]
    intents = [intent for folder in folders for case in cases(folder) for intent in case.intents]
    shown = {(kind_of(intent), intent.state) for intent in intents}
    kinds = {path.stem.title().replace("_", "") for path in (PROJECT / "templates" / name).iterdir()}
    assert shown == set(product(kinds, ("ensure", "absent")))
