"""Approvals held against the rules of a site, also against every way in which seats can be filled."""

from dataclasses import dataclass
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from nornir_itsm.model.policy import ALL, ANYONE, ApprovalRule, Policy, Subject, When
from nornir_itsm.stages.approval import fits, quorum, rejected_since, seats, standing

AUTHOR, PLAN, NOW = "甲", "sha256:a", "2026-11-22T10:00:00+08:00"
USERS = ("甲", "乙", "丙", "丁", "戊")
GROUPS = ("网络", "安全", "值班")


@dataclass(frozen=True)
class Link:
    user: str
    decision: str = "approve"
    fingerprint: str = PLAN
    at: str = NOW
    note: str = ""


def approvals(*users: str) -> dict[str, Link]:
    return {user: Link(user) for user in users}


@given(
    st.dictionaries(st.sampled_from(GROUPS), st.lists(st.sampled_from(USERS), unique=True), min_size=1),
    st.dictionaries(st.sampled_from((*GROUPS, ANYONE)), st.integers(1, 2), min_size=1, max_size=2),
    st.lists(st.sampled_from(USERS[1:]), unique=True),
)
def test_a_person_fills_one_seat_and_no_seat_is_left_that_could_be_filled(
    groups: dict[str, list[str]], needed: dict[str, int], users: list[str]
) -> None:
    """As many seats are filled as the best of all ways to seat these people fills; the rest is missing."""
    policy = Policy(groups={name: tuple(members) for name, members in groups.items()})
    wanted = [group for group, count in needed.items() for _ in range(count)]

    def fitting(order: tuple[str, ...]) -> int:
        pairs = zip(order, wanted, strict=False)
        return sum(bool(user) and (group == ANYONE or user in groups.get(group, ())) for user, group in pairs)

    padded = [*users, *[""] * len(wanted)]  # a seat may stay empty
    best = max(fitting(order) for order in permutations(padded, len(wanted)))
    found = quorum(policy, needed, approvals(*users), AUTHOR)
    assert sum(one.count for one in found.missing) == len(wanted) - best
    assert all(set(one.who).isdisjoint({AUTHOR, *users}) for one in found.missing)


def test_every_rule_that_fits_is_asked_for() -> None:
    """The most that any fitting rule wants of a group; ``all`` is everybody but the author."""
    policy = Policy(
        groups={"网络": ("甲", "乙", "丙"), "安全": ("丁",)},
        approvals=(
            ApprovalRule(When(), {"网络": 1}),
            ApprovalRule(When(source="云", destination="外"), {"安全": 1}),
            ApprovalRule(When(risk="high"), {"网络": ALL}),
        ),
    )
    pairs = frozenset({("云", "外")})
    assert seats(policy, Subject(), AUTHOR) == {"网络": 1}
    assert seats(policy, Subject(pairs), AUTHOR) == {"网络": 1, "安全": 1}
    assert seats(policy, Subject(pairs, risk="high"), AUTHOR) == {"网络": 2, "安全": 1}
    assert seats(policy, Subject(risk="high"), "戊") == {"网络": 3}
    assert seats(Policy(), Subject(pairs), AUTHOR) == {ANYONE: 1}
    assert seats(policy, Subject(pairs), "丁")["安全"] == 1, "nobody is left who could: it stays asked for"


def test_a_rule_is_about_what_it_names() -> None:
    """A zone pair of one demand, a kind among several, a risk from a level on, excess where there is some."""
    subject = Subject(frozenset({("云", "外"), ("办公", "云")}), frozenset({"接入", "专线"}), "medium", False)
    assert all(fits(w, subject) for w in (When(), When("云", "外"), When(kind="专线"), When(risk="medium")))
    wrong = (When("办公", "外"), When("外"), When(kind="其他"), When(risk="high"), When(excess=True))
    assert not any(fits(when, subject) for when in wrong)


def test_what_counts_is_of_this_plan_by_somebody_else_and_not_taken_back() -> None:
    """Neither the author, nor another plan, nor what stood before a rejection."""
    chain = (
        *(Link("乙"), Link("乙", "reject"), Link(AUTHOR), Link("丙", fingerprint="sha256:b")),
        *(Link("丁"), Link("丁"), Link("戊", "hold")),
    )
    assert list(standing(chain, PLAN, AUTHOR)) == ["丁"]


def test_an_approval_grows_too_old() -> None:
    """After the site's time it is named as expired and its seat is missing again; to the second."""
    policy = Policy(valid_for=3600)
    given_ = {
        "乙": Link("乙", at="2026-11-22T09:00:00+08:00"),
        "丙": Link("丙", at="2026-11-22T01:59:59+00:00"),
    }
    found = quorum(policy, {ANYONE: 2}, given_, AUTHOR, NOW)
    assert (found.given, found.expired, found.missing) == (("乙", "丙"), (), ())
    late = quorum(policy, {ANYONE: 2}, given_, AUTHOR, "2026-11-22T10:00:01+08:00")
    assert (late.expired, late.missing[0].count) == (("乙",), 1)


def test_the_last_word_on_an_emergency_counts() -> None:
    """A rejection afterwards stands until somebody approves after it."""
    begun = Link("甲", "emergency")
    assert rejected_since((Link("乙", "reject"), begun), begun) is None
    assert rejected_since((begun, Link("乙", "reject")), begun) == Link("乙", "reject")
    assert rejected_since((begun, Link("乙", "reject"), Link("丙")), begun) is None
