"""Names become numbers: what is sent puts entries where the plan says, whatever numbers a list has."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.platforms.cisco_places import HIGHEST, located

WIDE = 1_000_000
"""Numbers so far apart always leave room for what is put between them here."""
Entries = list[tuple[int, str]]
"""(number, name) from the top; an entry without a remark has no name."""
HEAD = "ip access-list extended L"


def printed(entries: Entries) -> str:
    """Print a list as IOS XE 17 does."""
    said = [HEAD]
    for number, name in entries:
        said += [f" {number} remark {name}"] if name else []
        said += [f" {number} permit tcp any host 10.0.0.1 eq {number % 65536}"]
    return "\n".join(["ip access-list extended OTHER", " 5 permit ip any any", *said, "!", "end"])


def executed(lines: tuple[str, ...], entries: Entries) -> Entries:
    """Do what IOS does with numbered lines."""
    held, remarks = {number: True for number, _ in entries}, dict(entries)
    for line in (line for line in lines if line not in (HEAD, "exit")):
        gone, number, rest = re.fullmatch(r"(no )?(\d+)(.*)", line).groups()  # type: ignore[union-attr]
        if gone:
            assert held.pop(int(number))
            remarks.pop(int(number), None)
        elif rest.startswith(" remark "):
            remarks[int(number)] = rest.removeprefix(" remark ")
        else:
            assert int(number) not in held, "Duplicate sequence number"
            assert remarks.get(int(number)), "an entry of ours has its remark before it"
            held[int(number)] = True
    assert all(0 < number <= HIGHEST for number in held)
    return [(number, remarks.get(number, "")) for number in sorted(held)]


Step = tuple[str, str, str, int]
"""What, name, anchor, how many entries."""


def wanted(steps: list[Step], names: list[str]) -> list[str]:
    """Do the same with names alone."""
    for word, name, anchor, count in steps:
        if word == "no":
            names = [one for one in names if one != name]
            continue
        at = {"first": 0, "last": len(names)}.get(word)
        if at is None:
            places = [i for i, one in enumerate(names) if one == anchor]
            at = places[0] if word == "before" else places[-1] + 1
        names = [*names[:at], *[name] * count, *names[at:]]
    return names


def typed(step: Step) -> list[str]:
    word, name, anchor, count = step
    if word == "no":
        return [f'no <"{name}">']
    place = f"<{word}>" if word in ("first", "last") else f'<{word} "{anchor}">'
    return [f'{place} "{name}" permit udp any any eq {n}' for n in range(count)]


@st.composite
def stories(draw: st.DrawFn) -> tuple[Entries, list[Step]]:
    """Draw a list and what is done to it, each step by a rule that is there then."""
    runs = draw(st.lists(st.sampled_from(("a", "b b", "示例", "permit ip any any")), unique=True, max_size=4))
    names: list[str] = []
    for name in runs:
        names += [name] * draw(st.integers(1, 2)) + [""] * draw(st.integers(0, 1))
    wide = draw(st.sampled_from((1, WIDE)))
    drawn = sorted(draw(st.sets(st.integers(1, 60), min_size=len(names), max_size=len(names))))
    numbers = [wide * number for number in drawn]
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 4))):
        there = [one for one in wanted(steps, names) if one]
        word = draw(st.sampled_from(("first", "last", "before", "after", "no")))
        if word in ("first", "last"):
            steps.append((word, f"new {number}", "", draw(st.integers(1, 3))))
        elif there and word == "no":
            steps.append((word, draw(st.sampled_from(there)), "", 0))
        elif there:
            steps.append((word, f"new {number}", draw(st.sampled_from(there)), draw(st.integers(1, 3))))
    return list(zip(numbers, names, strict=True)), steps


@given(stories())
def test_entries_stand_where_the_plan_says(story: tuple[Entries, list[Step]]) -> None:
    """Lines with numbers do what lines with names say; only where numbers are close there may be no room."""
    entries, steps = story
    try:
        lines = located([line for step in steps for line in (HEAD, *typed(step), "exit")], printed(entries))
    except ChangeError:
        assert not entries or entries[0][0] < WIDE
        return
    made = executed(lines, entries)
    assert [name for _, name in made] == wanted(steps, [name for _, name in entries])
    assert set(made) >= {one for one in entries if one[1] not in {step[1] for step in steps}}


def test_there_is_room_wherever_there_is_a_number() -> None:
    """Between 10 and 13 two entries have room and three have not."""
    text = printed([(10, "a"), (13, "b")])
    lines = located([HEAD, *typed(("before", "x", "b", 2))], text)
    assert [line.split()[0] for line in lines[1::2]] == ["11", "12"]
    with pytest.raises(ChangeError, match="cannot place 3 entries between the numbers 10 and 13"):
        located([HEAD, *typed(("before", "x", "b", 3))], text)
    steps = [line for n in range(9) for line in typed(("before", f"x{n}", "b", 1))]
    many = located([HEAD, *steps], printed([(10, "a"), (20, "b")]))
    assert [line.split()[0] for line in many[1::2]] == [str(number) for number in range(11, 20)]
    with pytest.raises(ChangeError, match="no room"):
        located([HEAD, *typed(("last", "x", "", 1))], printed([(HIGHEST, "a")]))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (printed([(10, "b")]), "there is no rule 'a'"),
        (printed([(10, "a"), (20, ""), (30, "a")]), "several places"),
        (f"{HEAD}\n remark a\n permit ip any any\nend", "does not print the numbers"),
        ("end", "there is no rule 'a'"),
    ],
)
def test_never_a_guess_at_another_place(text: str, problem: str) -> None:
    """A name that is not there or not one rule, and a release that does not say its numbers."""
    with pytest.raises(ChangeError, match=problem):
        located([HEAD, *typed(("no", "a", "", 0))], text)


def test_a_remark_without_its_entry_goes_alone() -> None:
    """What a lost session left is taken away by the command that there is for it."""
    text = f"{HEAD}\n 10 remark a\n 10 permit ip any any\n 20 remark a\nend"
    assert located([HEAD, 'no <"a">'], text) == (HEAD, "no 10", "no 20 remark")


def test_a_banner_is_no_list() -> None:
    """What a banner says about a list gives no number away."""
    banner = f"banner motd ^C\n{HEAD}\n 11 remark a\n 11 permit ip any any\n^C\n"
    assert located([HEAD, 'no <"a">'], banner + printed([(10, "a")])) == (HEAD, "no 10")


def test_what_was_taken_away_finds_its_room_again() -> None:
    """Two rules that left no number beside them are put back one above the other, as an undo does it."""
    held = [(10, "z"), (11, "a"), (12, "b"), (13, "d")]
    gone = located([HEAD, *typed(("no", "a", "", 0)), *typed(("no", "b", "", 0))], printed(held))
    assert gone == (HEAD, "no 11", "no 12")
    steps = [*typed(("before", "b", "d", 1)), *typed(("before", "a", "b", 1))]
    left = [held[0], held[3]]
    assert executed(located([HEAD, *steps], printed(left)), left) == held


def test_a_rule_changes_in_the_room_of_its_own() -> None:
    """Entries of one rule may stand in any order: a number that is free among them will do."""
    text = printed([(9, "z"), (10, "a"), (12, "a"), (13, "d")])
    assert located([HEAD, '<in "a"> "a" permit gre any any'], text)[1:] == (
        "11 remark a",
        "11 permit gre any any",
    )
