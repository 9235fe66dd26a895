"""What is sent: the lines of the templates and nothing else, whatever the names are; and back again."""

import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nornir_itsm.errors import ChangeError
from nornir_itsm.model.adc import DnatRule
from nornir_itsm.model.firewall import SecurityPolicy, Selector, ServiceEntry
from nornir_itsm.model.intent import (
    AddressSet,
    Anchor,
    DestinationNat,
    Intent,
    Schedule,
    SecurityRule,
    ServiceSet,
)
from nornir_itsm.model.order import Period
from nornir_itsm.stages.naming import name
from nornir_itsm.stages.plan import make_plan
from nornir_itsm.stages.predict import after
from nornir_itsm.stages.render import render
from nornir_itsm.stages.render.sangfor_ad import calls
from nornir_itsm.stages.render.stoneos import lines, member, members_apart, quoted
from tests.stages.example_site import ADC, BOTH_WAYS, WALL, carried_out, known, order

TEXTS = st.text(st.characters(), max_size=60)
TEMPLATES = known().templates["hillstone_stoneos"]
NAME = r'"[^"\x00-\x1f\x7f-\x9f\u2028\u2029]+"'
GRAMMAR = re.compile(
    rf"""policy-global|exit|disable|enable|action\ (permit|deny)
    |rule(\ top|\ (before|after)\ name\ {NAME})?|no\ rule\ name\ {NAME}|name\ {NAME}|description\ {NAME}
    |(no\ )?address\ {NAME}|(no\ )?service\ {NAME}|(no\ )?schedule\ {NAME}
    |(src|dst)-zone\ {NAME}|(src|dst)-addr\ {NAME}|(src|dst)-(ip\ [0-9a-f.:/]+|range\ \S+\ \S+|host\ {NAME})
    |(no\ )?(ip\ [0-9a-f.:/]+|range\ \S+\ \S+|host\ {NAME})|(tcp|udp)\ dst-port\ [0-9 ]+(src-port\ [0-9 ]+)?
    |(av|ips)\ {NAME}|log\ (session-start|session-end|policy-deny)|periodic\ [a-z ]+\ [0-9:]+\ to\ [0-9:]+""",
    re.VERBOSE,
)


def intents(customer: str, system: str) -> list[Intent]:
    """Return one intent of each kind with names that the site makes of these texts."""
    site, fields = known().site, {"customer": customer, "system": system}
    book = name(site, "whitelist_book", (), **fields)
    called = name(site, "whitelist_rule", (), **fields)
    rule = SecurityPolicy(
        called, "permit", Selector((book,)), Selector((), ("10.0.0.1/32",)),
        ("TCP-443",), ("untrust",), ("trust",), ("hours",), True, ("deny", "end"), (("av", "high"),), "text",
    )  # fmt: skip
    return [
        AddressSet(WALL, book, ("10.0.0.1/32", "10.0.0.1-10.0.0.9", "*.example.com"), whole=True),
        ServiceSet(
            WALL, name(site, "service", (), protocol="TCP", ports="443"), (ServiceEntry(6, 443, 443),)
        ),
        Schedule(WALL, "hours", (Period(("mon", "tue"), "08:00", "24:00"),)),
        SecurityRule(WALL, rule, Anchor("before", "Default-Deny")),
    ]


def shape(made: tuple[str, ...]) -> list[str]:
    """Return lines without what is in quotes."""
    return [re.sub(NAME, '""', line) for line in made]


@given(TEXTS, TEXTS)
def test_no_text_of_an_order_becomes_a_line(customer: str, system: str) -> None:
    """The same lines with the same first words for every applicant and system; only quoted names differ."""
    made = lines(intents(customer, system), TEMPLATES)
    assert shape(made) == shape(lines(intents("a", "b"), TEMPLATES))
    assert all(GRAMMAR.fullmatch(line.strip()) for line in made)
    assert not any(sign in line for line in made for sign in "\n\r\x1b")


HOSTILE = (
    'x"\nno rule name "Default-Deny',
    "{{ 7*7 }}",
    "{% for x in y %}",
    "a\u2028exit",
    "?",
    "$(reboot)",
    "\u202ex",
    "\x9b2J",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_plan_for_a_hostile_order_has_the_same_lines(text: str) -> None:
    """End to end: a hostile system changes quoted names, never number or kind of lines and calls."""
    plain, hostile = (
        make_plan(replace(order(BOTH_WAYS), system=s), known()) for s in ("系统", f"系统{text}")
    )
    assert [shape(c.commands) for c in hostile.changes] == [shape(c.commands) for c in plain.changes]
    assert [shape(c.undo) for c in hostile.changes] == [shape(c.undo) for c in plain.changes]
    assert [(c.method, len(c.path.split("/"))) for change in hostile.changes for c in change.calls] == [
        (c.method, len(c.path.split("/"))) for change in plain.changes for c in change.calls
    ]


@given(TEXTS)
def test_a_name_is_quoted_whole_or_refused(text: str) -> None:
    """What a quoted name cannot hold is an error that says so, never a line that ends early."""
    try:
        made = quoted(text)
    except ChangeError:
        assert re.search(r'["\\?]|[^ -~]', text) or not text
    else:
        assert made == f'"{text}"'
        assert len(made.splitlines()) == 1
        assert made.count('"') == 2
        assert made.encode()


@given(TEXTS)
def test_a_member_is_one_word_of_its_kind(text: str) -> None:
    """An address, a range or a quoted name; anything else is refused before it is written."""
    try:
        made = member(text)
    except (ValueError, ChangeError):
        return
    assert GRAMMAR.fullmatch(made)


@given(TEXTS)
def test_a_name_in_a_path_stays_one_segment(text: str) -> None:
    """Each name is percent-encoded whole, so no name leads to another object."""
    assume(text not in ("", ".", ".."))
    assume(not any("\ud800" <= sign <= "\udfff" for sign in text))
    facts = known().facts
    nat = DnatRule(text)
    there = after([DestinationNat(ADC, nat, Anchor("last"))], facts)
    (call,) = calls([DestinationNat(ADC, nat, Anchor(), state="absent")], there)
    base, _, last = call.path.rpartition("/")
    assert (call.method, base, unquote(last)) == ("DELETE", "/net/dnat", text)
    assert re.fullmatch(r"[A-Za-z0-9_.~%-]+", last)


def test_what_is_done_is_not_said_again() -> None:
    """Rendering the intents of a plan that was carried out gives empty changes."""
    made = make_plan(order(BOTH_WAYS), known())
    wanted = [intent for change in made.changes for intent in change.intents]
    done = carried_out(made, known().facts)
    assert [change.empty for change in render(wanted, done, known().site, known().templates)] == [True, True]
    assert all(change.empty is False for change in made.changes)


def test_a_rule_is_closed_until_it_is_complete() -> None:
    """A new rule begins disabled and is enabled by its last line, so no half of it ever passes anything."""
    made = [line.strip() for line in lines(intents("a", "b"), TEMPLATES)]
    rule = made[made.index('rule before name "Default-Deny"') :]
    assert rule[1] == "disable"
    assert rule[rule.index("enable") :] == ["enable", "exit", "exit"]
    assert "action permit" in rule[: rule.index("enable")]


MEMBERS = st.sampled_from(("10.0.0.1/32", "10.0.0.2/32", "10.0.1.0/24", "10.0.2.1-10.0.2.9", "a.example.com"))
SIDES = st.builds(
    Selector,
    st.lists(st.sampled_from(("书1", "书2")), max_size=2, unique=True).map(tuple),
    st.lists(MEMBERS, min_size=1, max_size=3, unique=True).map(tuple),
)
NARROWED = st.builds(
    SecurityPolicy,
    st.just("规则"),
    st.just("permit"),
    SIDES,
    SIDES,
    st.lists(st.sampled_from(("TCP-1", "TCP-2", "TCP-3")), min_size=1, max_size=3, unique=True).map(tuple),
    id=st.just("7"),
)


@given(NARROWED, NARROWED)
def test_a_rule_that_changes_where_it_stands_never_has_an_empty_side(
    old: SecurityPolicy, new: SecurityPolicy
) -> None:
    """Typed line by line, every side names something all the time, and at the end what it shall name."""
    intent = SecurityRule("p", new, Anchor(), was=old)
    held = {side: set(lines_of(old, side)) for side in ("src", "dst", "service")}
    for line in members_apart(intent):
        removed, text = line.startswith("no "), line.removeprefix("no ")
        side = text.split(maxsplit=1)[0].partition("-")[0]
        assert (text in held[side]) == removed
        held[side] ^= {text}
        assert all(held.values())
    assert held == {side: set(lines_of(new, side)) for side in held}


def lines_of(rule: SecurityPolicy, side: str) -> list[str]:
    """Return the lines that a new rule has for one of its sides."""
    made = lines([SecurityRule(WALL, rule, Anchor())], TEMPLATES)
    return [line.strip() for line in made if re.match(rf"{side}(-(addr|ip|range|host))? ", line.strip())]
