"""docs/how-to/platforms.md is true: every platform is in its table, and everything it names is there."""

import re
from pathlib import Path

from nornir_itsm.platforms import PLATFORMS

from .cases import CASES, PROJECT

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


def test_a_platform_is_one_file_one_template_folder_one_case_folder_and_one_grammar() -> None:
    """What the page asks of whoever adds one, shown by the last that was added: nothing else has its name."""
    named = {path.relative_to(PROJECT).parts[:2] for path in parts("huawei_vrp")}
    assert named == {
        ("nornir_itsm", "platforms"),
        ("templates", "huawei_vrp"),
        ("tests", "platforms"),
        ("nornir_itsm", "lab"),
    }
    said = [p for p in (PROJECT / "nornir_itsm").rglob("*.py") if "huawei_vrp" in p.read_text("utf-8")]
    places = {str(path.relative_to(PROJECT / "nornir_itsm")) for path in said}
    assert places == {
        *("platforms/huawei_vrp.py", "platforms/__init__.py"),
        *(
            "stages/render/vrp.py",
            "stages/render/__init__.py",
            "stages/document.py",
            "sources/snapshot.py",
            "app.py",
        ),
    }
