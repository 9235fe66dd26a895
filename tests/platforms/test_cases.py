"""What every platform sends for every kind of intent, line by line, against its case folders."""

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.platforms import PLATFORMS
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.verify import differences

from .case_folders import CASES, PARSERS, Case, cases

EVERY = [case for platform in PARSERS for case in cases(platform)]


@pytest.mark.parametrize("case", EVERY, ids=lambda case: f"{case.platform}-{case.name}")
def test_lines_and_their_undo(case: Case, pytestconfig: pytest.Config) -> None:
    """The same lines as in the folder, both ways; and back is where it began, by prediction."""
    held = case.read(case.before)
    change = case.change(held)
    for name, text in case.written(change):
        file = case.folder / name
        if pytestconfig.getoption("--accept"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text("utf-8")
    there = after(case.intents, Facts({case.point: held}))
    assert differences(held, there.points[case.point]) != ()
    assert differences(held, after(change.back, there).points[case.point]) == ()


def test_every_folder_is_of_a_platform_and_walked() -> None:
    """A case that nobody runs would prove nothing; ``--accept`` is never left on."""
    folders = {path.name for path in CASES.iterdir()}
    assert folders == set(PARSERS)
    assert {folder.partition(".")[0] for folder in folders} <= PLATFORMS.keys()
    assert len(EVERY) > 10
