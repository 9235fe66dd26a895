"""Names become the numbers that a Comware device gave, or that new things get."""

import pytest

from nornir_itsm.errors import ChangeError
from nornir_itsm.platforms.comware_numbers import numbered

from .case_folders import Case

LISTING = Case("hp_comware.firewall", "whole-order").before
POLICY = "security-policy ip"


def rules(*lines: str) -> tuple[str, ...]:
    return numbered([POLICY, *lines], LISTING)[1:]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rule name 示例访问", ("rule 1 name 示例访问",)),
        ('undo rule name "old rule"', ("undo rule 7",)),
        ("undo rule name default-DENY", ("undo rule 2",)),
        ("rule name x", ("rule 8 name x",)),
        ("source-zone Trust", ("source-zone Trust",)),
    ],
)
def test_rules_by_their_number(line: str, said: tuple[str, ...]) -> None:
    """In whatever case their name is typed; a new one gets the number after the highest."""
    assert rules(line) == said


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("top", ("move rule 8 before 4",)),
        ("before name Default-Deny", ("move rule 8 before 2",)),
        ("after name 示例封禁", ("move rule 8 before 1",)),
        ("after name Default-Deny", ()),
    ],
)
def test_every_move_is_one_before_another_rule(place: str, said: tuple[str, ...]) -> None:
    """The form that is documented; behind the last rule a new one stands by itself."""
    assert rules("rule name x", f"move rule name x {place}") == ("rule 8 name x", *said)


def test_what_the_same_change_did_before_counts() -> None:
    """A rule that went and comes back gets a new number, and stands where its neighbours are now."""
    said = rules(
        "undo rule name 示例访问", "rule name 示例访问", "move rule name 示例访问 after name 示例封禁"
    )
    assert said == ("undo rule 1", "rule 8 name 示例访问", "move rule 8 before 7")


def test_members_by_their_number() -> None:
    """One that goes by the number it has; a new one by the next step of ten; in each group its own."""
    said = numbered(
        [
            "object-group ip address 示例客户A",
            "undo network range 10.60.135.10 10.60.135.20",
            "network host address 10.0.0.1",
            "quit",
            'object-group ip address "OLD servers"',
            "network host address 10.0.0.1",
            "quit",
            "object-group service new",
            "service tcp",
            "quit",
        ],
        LISTING,
    )
    assert said == (
        "object-group ip address 示例客户A",
        "undo 10",
        "10 network host address 10.0.0.1",
        "quit",
        'object-group ip address "OLD servers"',
        "10 network host address 10.0.0.1",
        "quit",
        "object-group service new",
        "0 service tcp",
        "quit",
    )


@pytest.mark.parametrize(
    "lines",
    [
        [POLICY, "undo rule name nobody"],
        [POLICY, "move rule name nobody top"],
        [POLICY, "rule name x", "move rule name x before name nobody"],
        ["object-group ip address 示例客户A", "undo network host address 10.9.9.9"],
    ],
)
def test_what_is_not_there_stops_before_the_first_line(lines: list[str]) -> None:
    """Somebody took it away since the plan was made."""
    with pytest.raises(ChangeError):
        numbered(lines, LISTING)


def test_lines_of_a_switch_stay_as_they_are() -> None:
    """Numbers of VLANs are names."""
    lines = ("vlan 10", "quit", "undo ip route-static 10.0.0.0 8 10.1.1.1", "rule name x")
    assert numbered(lines, LISTING) == lines
