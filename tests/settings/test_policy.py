"""``policy`` of site.yaml: what it says arrives, and everything that is wrong is named with its key."""

import re
from pathlib import Path

import pytest

from nornir_itsm.errors import ConfigError
from nornir_itsm.model.policy import ALL, Emergency, Freeze, Hours, When
from nornir_itsm.settings import load_site
from tests.settings.test_site import EXAMPLE, GOOD, site

POLICY = """\
policy:
  time_zone: Asia/Shanghai
  groups: {网络组: [乙, 丙], 值班组: [甲]}
  approvals:
    - {need: {approver: 1, 网络组: all}, when: {source: 行业云, risk: medium}}
  valid_for: 7d
  hours:
    - {when: {kind: 互联网接入}, open: [{days: [sat], start: "22:00", end: "06:00"}]}
  freezes:
    - {first: "2026-10-01", last: "2026-10-08", reason: 国庆, exempt: [互联网接入]}
  past_end: finish
  spare: 10m
  emergency: {by: [值班组], within: 24h}
"""


def test_what_is_written_arrives(tmp_path: Path) -> None:
    """Every part of the section, in the words of the model."""
    policy = load_site(site(tmp_path, GOOD + POLICY)).policy
    assert policy.approvals[0].need == {"approver": 1, "网络组": ALL}
    assert policy.approvals[0].when == When(source="行业云", risk="medium")
    assert policy.hours[0].open == (Hours(("sat",), "22:00", "06:00"),)
    assert policy.freezes == (Freeze("2026-10-01", "2026-10-08", "国庆", ("互联网接入",)),)
    assert (policy.valid_for, policy.spare, policy.past_end) == (7 * 86400, 600, "finish")
    assert policy.emergency == Emergency(("值班组",), 86400)


def test_the_example_asks_for_one_approver_at_any_time() -> None:
    """So that the demonstration runs on every day."""
    policy = load_site(EXAMPLE).policy
    assert (policy.hours, policy.freezes, policy.approvals[0].need) == ((), (), {"approver": 1})


def test_what_the_page_shows_is_sound(tmp_path: Path) -> None:
    """The sections of docs/how-to/approvals.md, put together, fit the example site."""
    page = (EXAMPLE.parents[1] / "docs" / "how-to" / "approvals.md").read_text("utf-8")
    shown = [block.removeprefix("policy:\n") for block in re.findall(r"```yaml\n(.*?)```", page, re.S)]
    rest = EXAMPLE.read_text("utf-8").partition("\npolicy:")[0]
    policy = load_site(site(tmp_path, f"{rest}\npolicy:\n{''.join(shown)}")).policy
    assert (len(shown), len(policy.approvals), policy.freezes[0].reason) == (3, 4, "国庆封网")


BROKEN = {
    "no zone": ("  time_zone: Asia/Shanghai\n", "", "policy.time_zone"),
    "a zone that is none": ("Asia/Shanghai", "Asia/Nowhere", "is no time zone"),
    "a zone that is a path": ("Asia/Shanghai", "../etc/passwd", "is no time zone"),
    "a group of nobody": ("值班组: [甲]", "值班组: []", "policy.groups.值班组"),
    "a group that is everybody": ("值班组: [甲]", "值班组: [甲], approver: [乙]", "policy.groups.approver"),
    "an unknown group": ("网络组: all", "安全组: 1", "no group is called '安全组'"),
    "more than there are": ("网络组: all", "网络组: 3", "3 cannot be asked of it"),
    "none at all": ("approver: 1", "approver: 0", "0 cannot be asked of it"),
    "all of everybody": ("approver: 1", "approver: all", "has no list"),
    "an unknown zone of a rule": ("source: 行业云", "source: 交易网", "no zone is called '交易网'"),
    "an unknown kind": ("{kind: 互联网接入}", "{kind: 别的}", "no path is of kind '别的'"),
    "an unknown risk": ("risk: medium", "risk: huge", "low"),
    "an hour that is none": ('"22:00"', '"25:00"', "is no time of day"),
    "a day that is none": ("[sat]", "[caturday]", "days"),
    "a date that is none": ('"2026-10-08"', '"2026-13-08"', "is no day"),
    "a freeze backwards": ('"2026-10-08"', '"2026-09-08"', "is before the first"),
    "a freeze without reason": ("reason: 国庆", 'reason: ""', "reason"),
    "a length that is none": ("10m", "10 minutes", "is no length of time"),
    "an emergency of nobody": ("by: [值班组]", "by: [夜班]", "no group is called '夜班'"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_wrong_is_named(tmp_path: Path, case: str) -> None:
    """With the line and the key; nothing is guessed."""
    right, wrong, said = BROKEN[case]
    assert POLICY.count(right) == 1
    with pytest.raises(ConfigError) as caught:
        load_site(site(tmp_path, GOOD + POLICY.replace(right, wrong)))
    assert said in str(caught.value)
    assert "site.yaml:" in str(caught.value)
