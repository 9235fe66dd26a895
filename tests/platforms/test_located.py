"""Names become handles: what is sent puts rules where the plan says, whatever else the chain holds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.platforms.linux_nftables import CHAIN, located

Rules = list[tuple[str, int]]
"""(comment, handle) from the top; rules without a comment are there too."""


def listing(rules: Rules) -> str:
    """Print a chain as ``nft -a list chain`` does."""
    body = "\n".join(
        f"\t\tcounter packets 1 bytes 2 drop{f' comment "{name}"' if name else ''} # handle {handle}"
        for name, handle in rules
    )
    head = "\t\ttype filter hook forward priority filter; policy drop;"
    return f"table inet filter {{ # handle 1\n\tchain forward {{ # handle 1\n{head}\n{body}\n\t}}\n}}\n"


def executed(lines: tuple[str, ...], rules: Rules) -> list[str]:
    """Do what nft does with lines that name handles; the names from the top."""
    held = list(rules)
    for number, line in enumerate(lines, start=1000):
        said = re.fullmatch(rf"(add|insert|delete) rule {CHAIN}(?: handle (\d+))?(.*)", line)
        assert said is not None, line
        at = [h for _, h in held].index(int(said[2])) if said[2] else None
        if said[1] == "delete":
            assert at is not None
            del held[at]
            continue
        name = re.search(r'comment "([^"]*)"', said[3])
        top, bottom = (0, len(held)) if at is None else (at, at + 1)
        held.insert(top if said[1] == "insert" else bottom, (name[1] if name else "", number))
    return [name for name, _ in held]


def wanted(steps: list[tuple[str, ...]], names: list[str]) -> list[str]:
    """Do the same with names alone."""
    for word, *rest in steps:
        if word == "delete":
            names = [name for name in names if name != rest[0]]
        else:
            new, anchor = rest
            at = {"first": 0, "last": len(names)}.get(word)
            if at is None:
                at = names.index(anchor) + (word == "after")
            names = [*names[:at], new, *names[at:]]
    return names


def typed(step: tuple[str, ...]) -> str:
    if step[0] == "delete":
        return f'delete rule {CHAIN} named "{step[1]}"'
    place = {"first": " first", "last": ""}.get(step[0], f' {step[0]} "{step[2]}"')
    return f'add rule {CHAIN}{place} :: drop comment "{step[1]}"'


@st.composite
def stories(draw: st.DrawFn) -> tuple[Rules, list[tuple[str, ...]]]:
    """Draw a chain and what is done to it, each step by a rule that is there then."""
    names = draw(st.lists(st.sampled_from(["", "a", "b b", "示例", "c # handle 9"]), unique=True, min_size=1))
    names += draw(st.lists(st.just(""), max_size=2))
    rules = [(name, 10 + n) for n, name in enumerate(draw(st.permutations(names)))]
    steps: list[tuple[str, ...]] = []
    for number in range(draw(st.integers(0, 5))):
        now = [n for n in wanted(steps, [name for name, _ in rules]) if n]
        old = [n for n in now if not n.startswith("new")]
        word = draw(st.sampled_from(["first", "last", "before", "after", "delete"]))
        if word == "delete" and old:
            steps.append((word, draw(st.sampled_from(old))))
        elif word in ("before", "after") and now:
            steps.append((word, f"new{number}", draw(st.sampled_from(now))))
        elif word in ("first", "last"):
            steps.append((word, f"new{number}", ""))
    return rules, steps


@given(stories())
def test_rules_stand_where_the_plan_says(story: tuple[Rules, list[tuple[str, ...]]]) -> None:
    """Lines with handles do what lines with names say; or it is said that one transaction cannot."""
    rules, steps = story
    meant = wanted(steps, [name for name, _ in rules])
    try:
        lines = located([typed(step) for step in steps], listing(rules))
    except ChangeError:
        assert sum(name.startswith("new") for name in meant) >= 3
    else:
        assert executed(lines, rules) == meant


@pytest.mark.parametrize("line", [typed(("delete", "gone")), typed(("before", "x", "gone"))])
def test_a_name_that_is_not_there_is_refused(line: str) -> None:
    """Never a guess at another place."""
    with pytest.raises(ChangeError, match="there is no rule 'gone'"):
        located([line], listing([("a", 7)]))


def test_a_rule_of_several_lines_is_one() -> None:
    """All of them go, and what stands beside it stands beside all of them."""
    rules: Rules = [("a", 2), ("web", 3), ("web", 4), ("z", 5)]
    steps = [("after", "below", "web"), ("before", "above", "web"), ("delete", "web")]
    lines = located([typed(step) for step in steps], listing(rules))
    assert executed(lines, rules) == ["a", "above", "below", "z"]
