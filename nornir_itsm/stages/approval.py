"""Who still has to approve: the rules of a site held against what people decided.

Every approval fills one seat: a person who is in two groups counts once, for the one where he is needed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nornir_itsm.model.order import Order
from nornir_itsm.model.plan import Plan
from nornir_itsm.model.policy import ALL, ANYONE, RISKS, Policy, Subject, When, Window
from nornir_itsm.stages.document.risk import level


class Link(Protocol):
    """What somebody decided, as far as it is looked at here."""

    @property
    def user(self) -> str: ...  # noqa: D102
    @property
    def decision(self) -> str: ...  # noqa: D102
    @property
    def fingerprint(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> str: ...  # noqa: D102
    @property
    def note(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Missing:
    """Approvals that are not there yet: so many of a group, and who could give them (empty: any approver)."""

    group: str
    count: int
    who: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.group == ANYONE:
            return f"任一审批人 {self.count} 位"
        if len(self.who) < self.count:
            return f"{self.group} {self.count} 位，组里没有足够的人"
        return f"{self.group} {self.count} 位（{'、'.join(self.who)}）"


@dataclass(frozen=True, slots=True)
class Quorum:
    """How far a plan is approved: by whom, what is missing, whose approval is too old."""

    given: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    expired: tuple[str, ...] = ()

    def __str__(self) -> str:
        old = f"；已过期：{'、'.join(self.expired)}" if self.expired else ""
        return "还缺 " + "，".join(map(str, self.missing)) + old if self.missing else "批准齐全"


def subject_of(order: Order, plan: Plan) -> Subject:
    """Return what the rules of a site look at in a change."""
    return Subject(
        frozenset((demand.source_zone, demand.destination_zone) for demand in order.demands),
        frozenset(plan.kind.split("、")),
        level(plan),
        any(proof.excess for proof in plan.proofs),
    )


def fits(when: When, subject: Subject) -> bool:
    """Tell whether a rule is about this change."""
    zones = any(
        when.source in ("", source) and when.destination in ("", destination)
        for source, destination in subject.pairs or {("", "")}
    )
    kind = not when.kind or when.kind in subject.kinds
    risk = not when.risk or RISKS.index(subject.risk) >= RISKS.index(when.risk)
    return zones and kind and risk and (subject.excess or not when.excess)


def seats(policy: Policy, subject: Subject, author: str) -> Mapping[str, int]:
    """Return how many of which group must approve: of each the most that any fitting rule asks for."""
    needed: dict[str, int] = {}
    for rule in (rule for rule in policy.approvals if fits(rule.when, subject)):
        for group, count in rule.need.items():
            whole = len(set(policy.groups.get(group, ())) - {author})
            # A group that has nobody but the author cannot be asked, and so cannot be satisfied either.
            needed[group] = max(needed.get(group, 0), max(whole, 1) if count == ALL else count)
    return needed or {ANYONE: 1}


def standing(chain: Iterable[Link], fingerprint: str, author: str) -> Mapping[str, Link]:
    """Return the last approval of each person that nobody's rejection took back; the author never counts."""
    found: dict[str, Link] = {}
    for link in chain:
        if link.fingerprint != fingerprint:
            continue
        if link.decision == "reject":
            found.clear()
        elif link.decision == "approve" and link.user != author:
            found[link.user] = link
    return found


def is_stale(link: Link, policy: Policy, now: str) -> bool:
    """Tell whether an approval is older than the site lets one be."""
    age = datetime.fromisoformat(now) - datetime.fromisoformat(link.at)
    return bool(policy.valid_for) and age > timedelta(seconds=policy.valid_for)


def quorum(
    policy: Policy, needed: Mapping[str, int], given: Mapping[str, Link], author: str, now: str = ""
) -> Quorum:
    """Hold approvals against the seats; without *now* none of them is too old."""
    old = {user for user, link in given.items() if now and is_stale(link, policy, now)}
    there = [user for user in given if user not in old]
    filled = _seated(policy, needed, there)
    missing = tuple(
        Missing(group, count - len(filled[group]), _others(policy, group, {author, *there}))
        for group, count in needed.items()
        if len(filled[group]) < count
    )
    return Quorum(tuple(there), missing, tuple(sorted(old)))


def is_asked(policy: Policy, needed: Mapping[str, int], user: str) -> bool:
    """Tell whether a person is in a group that must approve."""
    return any(_is_in(policy, group, user) for group in needed)


def emergency(chain: Sequence[Link], fingerprint: str) -> Link | None:
    """Return by whom and why a plan was begun without approval the last time, or None."""
    return next(
        (one for one in reversed(chain) if (one.decision, one.fingerprint) == ("emergency", fingerprint)),
        None,
    )


def rejected_since(chain: Sequence[Link], begun: Link) -> Link | None:
    """Return the rejection of what was begun in an emergency, where it is the last word on it."""
    later = [one for one in chain[list(chain).index(begun) :] if one.decision in ("approve", "reject")]
    return later[-1] if later and later[-1].decision == "reject" else None


def own_window(chain: Iterable[Link]) -> Window:
    """Return the window that a change was given last."""
    notes = [link.note for link in chain if link.decision == "window"]
    return Window.read(notes[-1]) if notes else Window()


def _is_in(policy: Policy, group: str, user: str) -> bool:
    return group == ANYONE or user in policy.groups.get(group, ())


def _others(policy: Policy, group: str, without: set[str]) -> tuple[str, ...]:
    return tuple(user for user in policy.groups.get(group, ()) if user not in without)


def _seated(policy: Policy, needed: Mapping[str, int], users: Sequence[str]) -> dict[str, list[str]]:
    """Seat as many as can be: bipartite matching by augmenting paths, one seat for each person."""
    filled: dict[str, list[str]] = {group: [] for group in needed}

    def place(user: str, tried: set[str]) -> bool:
        for group, count in needed.items():
            if group in tried or not _is_in(policy, group, user):
                continue
            tried.add(group)
            if len(filled[group]) < count:
                filled[group].append(user)
                return True
            for sitting in filled[group]:
                if place(sitting, tried):
                    filled[group][filled[group].index(sitting)] = user
                    return True
        return False

    for user in users:
        place(user, set())
    return filled
