"""``policy`` of site.yaml: who may approve what, when work is done, who may begin in an emergency."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from nornir_itsm.model.order import DAYS
from nornir_itsm.model.policy import (
    ALL,
    ANYONE,
    ApprovalRule,
    Emergency,
    Freeze,
    Hours,
    HoursRule,
    Policy,
    When,
)
from nornir_itsm.settings.lengths import seconds
from nornir_itsm.settings.yaml_file import Fault, Loc

Words = tuple[str, ...]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00", re.ASCII)


@dataclass(frozen=True, slots=True)
class NeedShape:
    """Whose approval is asked for where: group -> how many of it, or ``all``."""

    need: dict[str, int | Literal["all"]]
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class SpanShape:
    """Weekly hours as written; ``until`` not after ``from`` is on the next day."""

    days: tuple[Day, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class HoursShape:
    """When changes are worked on, by the week, as written."""

    open: tuple[SpanShape, ...]
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True)
class FreezeShape:
    """Days on which nothing is changed, as written: ISO dates in quotes, the last one too."""

    first: str
    last: str
    reason: str
    exempt: Words = ()


@dataclass(frozen=True, slots=True)
class EmergencyShape:
    """Who may begin without approval, and how soon it must follow, as written."""

    by: Words
    within: str = "24h"


@dataclass(frozen=True, slots=True)
class PolicyShape:
    """The section ``policy`` as written; see ``model.policy.Policy``."""

    time_zone: str = ""
    groups: dict[str, Words] = field(default_factory=dict)
    approvals: tuple[NeedShape, ...] = ()
    valid_for: str = ""
    hours: tuple[HoursShape, ...] = ()
    freezes: tuple[FreezeShape, ...] = ()
    past_end: Literal["back", "finish"] = "back"
    spare: str = ""
    soak: str = ""
    emergency: EmergencyShape | None = None


def policy_of(shape: PolicyShape) -> Policy:
    """Return what a section that was checked says."""
    return Policy(
        groups=shape.groups,
        approvals=tuple(
            ApprovalRule(rule.when, {group: ALL if n == "all" else n for group, n in rule.need.items()})
            for rule in shape.approvals
        ),
        valid_for=seconds(shape.valid_for) or 0,
        time_zone=shape.time_zone,
        hours=tuple(
            HoursRule(rule.when, tuple(Hours(one.days, one.start, one.end) for one in rule.open))
            for rule in shape.hours
        ),
        freezes=tuple(Freeze(one.first, one.last, one.reason, one.exempt) for one in shape.freezes),
        past_end=shape.past_end,
        spare=seconds(shape.spare) or 0,
        soak=seconds(shape.soak) or 0,
        emergency=Emergency(shape.emergency.by, seconds(shape.emergency.within) or 0)
        if shape.emergency
        else None,
    )


def policy_faults(policy: PolicyShape, zones: frozenset[str], kinds: frozenset[str]) -> Iterator[Fault]:
    """Yield what is wrong with the section; *zones* and *kinds* are those of the site."""
    yield from _zone(policy)
    yield from _groups(policy)
    for key in ("valid_for", "spare", "soak"):
        yield from _length(("policy", key), getattr(policy, key))
    for index, rule in enumerate(policy.approvals):
        at: Loc = ("policy", "approvals", index)
        yield from _when((*at, "when"), rule.when, zones, kinds)
        yield from _need((*at, "need"), rule, policy)
    for index, hours in enumerate(policy.hours):
        at = ("policy", "hours", index)
        yield from _when((*at, "when"), hours.when, zones, kinds)
        yield from _open((*at, "open"), hours.open)
    for index, freeze in enumerate(policy.freezes):
        yield from _freeze(("policy", "freezes", index), freeze, kinds)
    if policy.emergency is not None:
        yield from _length(("policy", "emergency", "within"), policy.emergency.within)
        if not policy.emergency.by:
            yield Fault(("policy", "emergency", "by"), "is empty", "name groups, or leave the section out")
        for index, group in enumerate(policy.emergency.by):
            if group not in policy.groups:
                yield _no_group(("policy", "emergency", "by", index), group, policy)


def _zone(policy: PolicyShape) -> Iterator[Fault]:
    from zoneinfo import ZoneInfo

    if not policy.time_zone:
        if policy.hours or policy.freezes:
            yield Fault(("policy", "time_zone"), "is missing", "say whose clock it is, e.g. Asia/Shanghai")
        return
    try:
        ZoneInfo(policy.time_zone)
    except (KeyError, ValueError, OSError):  # unknown, no name of a zone, a folder
        yield Fault(("policy", "time_zone"), f"{policy.time_zone!r} is no time zone", "e.g. Asia/Shanghai")


def _groups(policy: PolicyShape) -> Iterator[Fault]:
    for name, members in policy.groups.items():
        at: Loc = ("policy", "groups", name)
        if name == ANYONE:
            yield Fault(at, "is every user with that role", "give the group another name")
        if not members:
            yield Fault(at, "is empty", "name its users, as in config.yaml")
        for index, user in enumerate(members):
            if not user.strip() or user in members[:index]:
                yield Fault((*at, index), f"{user!r} is empty or twice there", "each user once")


def _need(at: Loc, rule: NeedShape, policy: PolicyShape) -> Iterator[Fault]:
    if not rule.need:
        yield Fault(at, "is empty", f"e.g. {{{ANYONE}: 1}}, or a group of policy.groups")
    for group, count in rule.need.items():
        members = policy.groups.get(group)
        if group != ANYONE and members is None:
            yield _no_group((*at, group), group, policy)
        elif count == "all":
            if members is None:
                yield Fault((*at, group), "has no list to be all of", "name a group of policy.groups")
        elif count < 1 or (members is not None and count > len(members)):
            yield Fault((*at, group), f"{count} cannot be asked of it", "1 to its number of users, or all")


def _no_group(at: Loc, group: str, policy: PolicyShape) -> Fault:
    return Fault(at, f"no group is called {group!r}", f"one of {', '.join(policy.groups) or 'none yet'}")


def _when(at: Loc, when: When, zones: frozenset[str], kinds: frozenset[str]) -> Iterator[Fault]:
    for key in ("source", "destination"):
        if (zone := getattr(when, key)) and zone not in zones:
            yield Fault((*at, key), f"no zone is called {zone!r}", f"one of {', '.join(sorted(zones))}")
    if when.kind and when.kind not in kinds:
        yield Fault((*at, "kind"), f"no path is of kind {when.kind!r}", f"one of {', '.join(sorted(kinds))}")


def _open(at: Loc, spans: tuple[SpanShape, ...]) -> Iterator[Fault]:
    if not spans:
        yield Fault(at, "is empty", "e.g. {days: [sat], start: '22:00', end: '06:00'}")
    for index, span in enumerate(spans):
        if not span.days or set(span.days) - set(DAYS):
            yield Fault((*at, index, "days"), "is empty", f"some of {', '.join(DAYS)}")
        for key in ("start", "end"):
            hour = getattr(span, key)
            if not _HOUR.fullmatch(hour) or (key == "start" and hour == "24:00"):
                yield Fault((*at, index, key), f"{hour!r} is no time of day", 'write "22:00", in quotes')


def _freeze(at: Loc, freeze: FreezeShape, kinds: frozenset[str]) -> Iterator[Fault]:
    days = []
    for key in ("first", "last"):
        try:
            days.append(date.fromisoformat(getattr(freeze, key)))
        except ValueError:
            problem = f"{getattr(freeze, key)!r} is no day"
            yield Fault((*at, key), problem, 'write "2026-10-01", in quotes')
    if len(days) == 2 and days[1] < days[0]:
        yield Fault((*at, "last"), "is before the first", "the last day is frozen too")
    if not freeze.reason.strip():
        yield Fault((*at, "reason"), "is empty", "say why; it is shown to who is refused")
    for index, kind in enumerate(freeze.exempt):
        if kind not in kinds:
            problem = f"no path is of kind {kind!r}"
            yield Fault((*at, "exempt", index), problem, f"one of {', '.join(sorted(kinds))}")


def _length(at: Loc, text: str) -> Iterator[Fault]:
    if text and seconds(text) is None:
        yield Fault(at, f"{text!r} is no length of time", "write e.g. 30m, 24h or 7d")
