"""What a person pastes: the lines of a plan with what stands around them on each kind of Huawei device."""

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.document.device import section
from nornir_itsm.stages.document.language import Language
from nornir_itsm.stages.render import one_point

from .case_folders import PARSERS, POINT, PROJECT, Case, point, site, templates

WORDS = (PROJECT / "templates" / "documents" / "words.zh.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("case", "vsys", "before", "after", "named"),
    [
        (Case("huawei_vrpv8", "vpc-connected"), "", [], ["commit", "return", "save"], "华为 CE 系列"),
        (Case("huawei_vrp.switch", "vpc-connected"), "", [], ["return", "save"], "华为 S 系列"),
        (Case("huawei_vrp", "whole-order"), "", [], ["return", "save"], "Huawei USG"),
        (
            Case("huawei_vrp", "whole-order"),
            "tenant-a",
            ["system-view", "switch vsys tenant-a"],
            ["return", "save"],
            "Huawei USG",
        ),
    ],
    ids=str,
)
def test_the_way_in_the_commit_and_the_save(
    case: Case, vsys: str, before: list[str], after: list[str], named: str
) -> None:
    """The virtual system is entered first, a candidate is committed before it is left, and saved then."""
    held = PARSERS[case.platform](case.before)
    own = site(case.platform, vsys)
    assert own.points[POINT] == point(case.platform, vsys)
    change = one_point(POINT, case.intents, Facts({POINT: held}), own, templates())
    made = section(1, change, own, "", Language.of(WORDS, "words.zh.toml"))
    assert made.platform == named
    for lines, pasted in ((change.commands, made.lines), (change.undo, made.undo_lines)):
        assert list(pasted) == [*before, "system-view", *lines, *after]
