"""The text foretold for every case of tests/platforms: it says what was wanted, and its undo leads back."""

import re

import pytest

from nornir_itsm.model.facts import Facts
from nornir_itsm.stages.foretell import GRAMMARS, Foretold, foretell, told_apart
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.verify import differences
from tests.platforms.case_folders import CASES, PARSERS, POINT, Case, cases

MADE = (
    *("server-new", "server-before", "server-moved", "server-narrowed"),
    *("source-nat-new", "source-nat-exempt", "source-nat-moved", "source-nat-other-address"),
)
UNSETTLED = {"hp_comware-vlan-gone", *(f"hillstone_stoneos-{name}" for name in MADE)}
"""Cases in which it is not settled what is printed: neighbours without a name in one line; how a StoneOS
prints the parts of a translation that is made."""
ONE_WAY = {f"hillstone_stoneos-{name}-gone" for name in ("server", "server-and-service", "source-nat")}
"""Cases whose undo makes such a translation again."""
RENUMBERED = {"frr-prefix-list-left"}
"""Cases whose undo gives a member back under another number: the text is another one, the facts are not."""
EVERY = [case for platform in GRAMMARS if (CASES / platform).is_dir() for case in cases(platform)]


def foretold(case: Case, text: str, file: str) -> str:
    lines = (case.folder / file).read_text("utf-8").splitlines()
    told = foretell(case.platform, text, lines)
    assert told.refusal == ""
    return told.text


@pytest.mark.parametrize("case", EVERY, ids=lambda case: f"{case.platform}-{case.name}")
def test_there_and_back(case: Case) -> None:
    """The text says what facts were predicted to say; after the undo it is the text before."""
    name = f"{case.platform}-{case.name}"
    if name in UNSETTLED:
        lines = (case.folder / "commands.txt").read_text("utf-8").splitlines()
        assert foretell(case.platform, case.before, lines).refusal
        return
    there = foretold(case, case.before, "commands.txt")
    assert there != case.before
    wanted = after(case.intents, Facts({POINT: PARSERS[case.platform](case.before)})).points[POINT]
    shown = re.sub(r"^rule id [?]+$", "rule id 99", there, flags=re.MULTILINE)
    assert differences(wanted, PARSERS[case.platform](shown)) == ()
    if name in ONE_WAY:
        lines = (case.folder / "undo.txt").read_text("utf-8").splitlines()
        assert foretell(case.platform, there, lines).refusal
        return
    back = told_apart(case.platform, foretold(case, there, "undo.txt"), case.before)
    assert name in RENUMBERED or [str(one) for one in back if one.matters] == []


def test_a_platform_without_rules_says_so() -> None:
    """Nothing is predicted, and it is said, where nothing is known of a platform."""
    told = foretell("linux_nftables", "", ["add rule inet filter forward"])
    assert told == Foretold(why="平台 linux_nftables 没有配置文本的预测规则")


def test_texts_are_told_apart_line_by_line() -> None:
    """A colleague's line, a lost one and another order are named with what they stand in."""
    before = (CASES / "huawei_vrp" / "before.cfg").read_text("utf-8")
    lines = [
        "security-policy",
        "rule move Default-Deny top",
        "undo rule name 示例访问",
        "quit",
        "undo ip service-set 未用",
    ]
    held = foretell("huawei_vrp", before, lines).text
    said = [str(one) for one in told_apart("huawei_vrp", before, held)]
    assert "- ip service-set 未用 type object" in said
    assert "- security-policy / rule name 示例访问 / action permit" in said
    assert "≠ security-policy / rule name 示例封禁" in said
    assert str(told_apart("huawei_vrp", held, before)[0]).startswith("+ ")
